"""Spans of OpenTelemetry: each way of searching and writing makes one, and without it nothing is in the way."""

from __future__ import annotations

import asyncio
import sys

import pytest
import vectlite
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from vectlite import _core, telemetry

METHODS = {
    (cls, name): getattr(cls, name)
    for cls, names in [
        (_core.Database, (*telemetry._SEARCHES, *telemetry._WRITES)),
        (_core.ReadView, telemetry._SEARCHES),
        (_core.Transaction, ("commit", "__exit__")),
    ]
    for name in names
}


class Spans:
    def __init__(self):
        self.kept = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.kept))

    def begin(self, **options):
        vectlite.configure_opentelemetry({"tracer_provider": self.provider, **options})

    def take(self):
        """The spans since the last time, in the order in which they ended."""
        spans = self.kept.get_finished_spans()
        self.kept.clear()
        return spans


@pytest.fixture
def spans():
    yield Spans()
    vectlite.configure_opentelemetry({"enabled": False})


@pytest.fixture
def db(tmp_path):
    with vectlite.open(tmp_path / "shop.vdb", 2, sync="on_flush") as db:
        db.upsert_many({"id": str(n), "vector": [n, 1], "text": "oat milk"} for n in range(5))
        yield db


def test_a_search_has_a_span_that_says_how_it_was_run(db, spans):
    before = db.search([1, 1], 3, namespace="", text="milk")
    spans.begin()
    assert db.search([1, 1], 3, namespace="", text="milk") == before
    (span,) = spans.take()
    assert span.name == "search shop"
    attributes = dict(span.attributes)
    for timing in ("dense_us", "sparse_us", "fusion_us"):
        assert attributes.pop(f"vectlite.{timing}") >= 0
    assert attributes == {
        "db.system.name": "vectlite",
        "db.operation.name": "search",
        "db.collection.name": "shop",
        "db.namespace": "",
        "db.response.returned_rows": 3,
        "vectlite.k": 3,
        "vectlite.plan": "exact+text",
        "vectlite.exact": True,
        "vectlite.used_ann": False,
        "vectlite.fusion": "linear",
        "vectlite.selectivity": 1.0,
        "vectlite.considered_count": 10,
        "vectlite.fetch_k": 64,
    }


def test_every_way_of_searching_has_one(db, spans, tmp_path):
    spans.begin()
    db.search_with_stats([1, 1])
    assert [len(hits) for hits in db.search_batch([[1, 1], [2, 1]], k=2)] == [2, 2]
    with db.read_view() as view:
        view.search([1, 1]), view.search_with_stats([1, 1]), view.search_batch([[1, 1]])
    assert [span.name for span in spans.take()] == [
        "search_with_stats shop",
        "search_batch shop",
        "search",
        "search_with_stats",
        "search_batch",
    ]
    with vectlite.open_store(tmp_path / "store") as store, store.create_collection("notes", 2) as notes:
        notes.search([1, 1])
        vectlite.search_text(notes, "milk", lambda text: [1, 1])
    assert [span.name for span in spans.take()] == ["search notes", "search notes"]


def test_a_batch_counts_its_queries_and_hits(db, spans):
    spans.begin()
    db.search_batch([[1, 1], [2, 1], [3, 1]], k=2)
    attributes = spans.take()[0].attributes
    assert attributes["db.operation.batch.size"] == 3
    assert attributes["db.response.returned_rows"] == 6


def test_coroutines_have_spans_below_that_of_their_caller(db, spans):
    spans.begin()
    tracer = spans.provider.get_tracer("test")

    # Made before: it must not hold on to the methods of then.
    vectlite.configure_opentelemetry({"enabled": False})
    wrapped = vectlite.AsyncDatabase(db)
    spans.begin()

    async def main():
        with tracer.start_as_current_span("request"):
            await wrapped.search([1, 1])

    asyncio.run(main())
    inner, outer = spans.take()
    assert (inner.name, outer.name) == ("search shop", "request")
    assert inner.parent.span_id == outer.context.span_id


def test_writes_have_spans_unless_they_are_not_wanted(db, spans):
    def write():
        db.upsert("a", [1, 2], namespace="n")
        db.delete_many(["a", "b"])
        with db.transaction() as tx:
            tx.upsert("c", [1, 1])
            tx.delete("0")
        db.flush()

    spans.begin()
    write()
    taken = spans.take()
    assert [span.name for span in taken] == ["upsert shop", "delete_many shop", "commit", "flush shop"]
    assert taken[0].attributes["db.namespace"] == "n"
    assert [span.attributes.get("db.operation.batch.size") for span in taken] == [None, 2, 2, None]
    with db.transaction() as tx:
        tx.upsert("d", [1, 1])
        tx.commit()
    with pytest.raises(RuntimeError), db.transaction() as tx:
        tx.upsert("e", [1, 1])
        raise RuntimeError
    with pytest.raises(vectlite.AlreadyExistsError), db.transaction() as tx:
        tx.insert("d", [1, 1])
    taken = spans.take()
    assert [(span.name, span.attributes.get("error.type")) for span in taken] == [
        ("commit", None),
        ("commit", "already_exists"),
    ]
    assert db.get("e") is None
    spans.begin(writes=False)
    write()
    assert spans.take() == ()


def test_an_error_is_noted_and_stays_what_it_is(db, spans):
    spans.begin()
    with pytest.raises(vectlite.DimensionMismatchError):
        db.search([1, 2, 3])
    with pytest.raises(TypeError):
        db.search([1, 2], nonsense=1)
    with pytest.raises(TypeError):
        db.search([1, 2], rerank=5)
    spans_taken = spans.take()
    assert [span.attributes["error.type"] for span in spans_taken] == [
        "dimension_mismatch",
        "builtins.TypeError",
        "builtins.TypeError",
    ]
    assert {span.status.status_code.name for span in spans_taken} == {"ERROR"}
    db.close()
    with pytest.raises(vectlite.ClosedError):
        db.search([1, 2])
    assert spans.take()[0].attributes["error.type"] == "closed"


def test_texts_are_in_spans_only_when_that_is_asked_for(db, spans):
    spans.begin()
    db.search(text="my secret")
    assert "my secret" not in str(spans.take()[0].attributes)
    spans.begin(record_query_text=True)
    db.search(text="my secret")
    assert spans.take()[0].attributes["db.query.text"] == "my secret"


def test_without_it_every_method_is_what_it_was(db, spans):
    def now():
        return {key: getattr(*key) for key in METHODS}

    assert now() == METHODS
    spans.begin()
    assert all(now()[key] is not METHODS[key] for key in METHODS)
    assert db.search.__doc__ and "hits" in db.search.__doc__
    spans.begin()
    db.search([1, 1])
    assert len(spans.take()) == 1, "configured twice"
    vectlite.configure_opentelemetry({"enabled": False})
    assert now() == METHODS
    db.search([1, 1])
    assert spans.take() == ()


def test_what_cannot_be_configured_is_told(monkeypatch):
    for options, error in [
        (5, TypeError),
        ({"sample": True}, vectlite.InvalidArgumentError),
        ({"writes": "yes"}, TypeError),
    ]:
        with pytest.raises(error, match="options"):
            vectlite.configure_opentelemetry(options)
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install vectlite\[opentelemetry\]"):
        vectlite.configure_opentelemetry()

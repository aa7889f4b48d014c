"""Schemas: what each key says, and that no way of writing goes past them."""

from __future__ import annotations

import asyncio
import doctest
import importlib
import json
import pkgutil
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest

import vectlite
from vectlite import schema
from vectlite.schema import Schema, SchemaError, load, validated

UTC = timezone.utc

# A field, what fits it, what does not.
FIELDS = [
    ("string", ["", "a", "日本"], [1, None, True, ["a"], b"a"]),
    ("integer", [0, -5, 2**63 - 1, np.int32(4)], [1.0, "1", True, None]),
    ("float", [0.5, 3, -1e300, np.float32(2.5)], ["1", True, None, float("nan"), float("inf")]),
    ("bool", [True, False, np.bool_(True)], [1, 0, "true", None]),
    ("list", [[], [1, "a"], (1, 2)], ["a", {"a": 1}, None]),
    ("object", [{}, {"a": [1]}], [[], "a", None]),
    ("datetime", ["2024-02-29", "2024-01-01T10:00:00Z", date(2024, 1, 1), datetime.now(UTC)], ["soon", 5, None, "2023-02-29"]),
    ("any", [None, 1, "a", []], []),
    (str, ["a"], [1]),
    (int, [1], [1.5]),
    (float, [1.5, 1], ["a"]),
    (bool, [True], [1]),
    (list, [[1]], [{}]),
    (dict, [{}], [[]]),
    (datetime, ["2024-01-01"], ["x"]),
    (date, ["2024-01-01"], ["x"]),
    ({"type": "string", "nullable": True}, [None, "a"], [1]),
    ({"type": "string", "min_length": 2, "max_length": 3}, ["ab", "abc"], ["a", "abcd"]),
    ({"type": "string", "pattern": r"[a-z]+-\d"}, ["ab-1"], ["ab-12", " ab-1", "AB-1"]),
    ({"type": "string", "choices": ["new", "old"]}, ["new"], ["newer", ""]),
    ({"type": "integer", "min": 0, "max": 10}, [0, 10], [-1, 11]),
    ({"type": "integer", "choices": [0, 1]}, [1, 0], [2, True]),
    ({"type": "float", "min": 0.5}, [0.5, 1e9], [0.4]),
    ({"type": "any", "choices": [1, "a", None]}, [1, 1.0, "a", None], [True, "b"]),
    ({"type": "datetime", "min": "2024-01-01", "max": "2024-12-31"}, ["2024-06-01T00:00:00+02:00"], ["2023-12-31T23:59:59Z"]),
    ({"type": "list", "min_length": 1, "max_length": 2}, [[1], [1, 2]], [[], [1, 2, 3]]),
    ({"type": "list", "items": "integer"}, [[], [1, 2]], [[1, "a"], [None]]),
    ({"type": "list", "items": {"type": "list", "items": "string"}}, [[["a"]]], [[["a"], [1]]]),
    ({"type": "object", "fields": {"a": "integer"}}, [{"a": 1, "b": 2}, {}], [{"a": "x"}]),
    ({"type": "object", "fields": {"a": "integer"}, "strict": True}, [{"a": 1}], [{"a": 1, "b": 2}]),
    ({"type": "object", "fields": {"a": {"type": "integer", "required": True}}}, [{"a": 1}], [{}]),
]


def cases(which):
    for field, fits, refused in FIELDS:
        for value in (fits, refused)[which]:
            yield pytest.param(field, value, id=f"{field} {value!r}")


@pytest.mark.parametrize("field, value", list(cases(0)))
def test_what_fits_is_taken(path, field, value):
    with validated(vectlite.open(path, 1), Schema({"f": field})) as db:
        db.upsert("a", [1], {"f": value})
        assert db.count() == 1


@pytest.mark.parametrize("field, value", list(cases(1)))
def test_what_does_not_fit_is_refused_and_named(path, field, value):
    with validated(vectlite.open(path, 1), Schema({"f": field})) as db:
        with pytest.raises(SchemaError, match="record 'a': f") as caught:
            db.upsert("a", [1], {"f": value})
        assert caught.value.code == "schema" and isinstance(caught.value, (vectlite.VectLiteError, ValueError))
        assert db.count() == 0


def test_paths_lead_to_what_is_wrong():
    deep = Schema({"a": {"type": "object", "fields": {"b": {"type": "list", "items": {"type": "object", "fields": {"c": int}}}}}})
    with pytest.raises(SchemaError, match=r"^a\.b\[1\]\.c: expected an integer, got str 'x'$"):
        deep.checked({"a": {"b": [{"c": 1}, {"c": "x"}]}})


def test_a_message_is_short(path):
    with pytest.raises(SchemaError) as caught:
        Schema({"f": int}).checked({"f": "x" * 10_000})
    assert len(str(caught.value)) < 200


def test_defaults_are_put_in_and_shared_by_nobody(path):
    described = Schema(
        {
            "tags": {"type": "list", "default": []},
            "stars": {"type": "integer", "default": 3, "required": True},
            "of": {"type": "object", "fields": {"lang": {"type": "string", "default": "en"}}},
        }
    )
    first, second = described.checked({"of": {}}), described.checked(None)
    assert first == {"tags": [], "stars": 3, "of": {"lang": "en"}}
    assert second == {"tags": [], "stars": 3}
    first["tags"].append("x")
    assert described.checked(None)["tags"] == []
    given = {"of": {}}
    described.checked(given)
    assert given == {"of": {}}, "what was given is left alone"
    with validated(vectlite.open(path, 1), described) as db:
        db.upsert("a", [1])
        db.bulk_ingest_array(["b", "c"], [[1], [2]])
        assert [record["metadata"]["stars"] for record in db.list()] == [3, 3, 3]


def test_a_change_has_to_fit_and_may_leave_out(path):
    described = Schema({"title": {"type": "string", "required": True}, "stars": int}, strict=True)
    with validated(vectlite.open(path, 1), described) as db:
        db.upsert("a", [1], {"title": "milk"})
        assert db.update_metadata("a", {"stars": 4})
        for wrong in ({"stars": "x"}, {"title": None}, {"more": 1}):
            with pytest.raises(SchemaError, match="record 'a'"):
                db.update_metadata("a", wrong)
        assert db.get("a")["metadata"] == {"stars": 4, "title": "milk"}


GOOD = {"id": "good", "vector": [1], "metadata": {"n": 1}}
BAD = {"id": "bad", "vector": [1], "metadata": {"n": "x"}}

WRITES = {
    "insert": lambda db: db.insert("bad", [1], {"n": "x"}),
    "upsert": lambda db: db.upsert("bad", metadata={"n": "x"}),
    "insert_many": lambda db: db.insert_many([GOOD, BAD]),
    "upsert_many": lambda db: db.upsert_many(iter([GOOD, BAD])),
    "bulk_ingest": lambda db: db.bulk_ingest(record for record in (GOOD, BAD)),
    "bulk_ingest_array": lambda db: db.bulk_ingest_array(["good", "bad"], [[1], [1]], [{"n": 1}, {"n": "x"}]),
}


@pytest.mark.parametrize("write", WRITES)
def test_no_write_goes_past_it(path, write):
    with validated(vectlite.open(path, 1), Schema({"n": int})) as db:
        with pytest.raises(SchemaError, match="expected an integer, got str 'x'") as caught:
            WRITES[write](db)
        assert "bad" in str(caught.value) or "metadata[1]" in str(caught.value)
        assert db.count() == 0


def test_every_method_that_writes_records_is_checked():
    """Those that take metadata: a new one of the engine's must not slip through."""
    import inspect

    for cls, checked in [
        (vectlite.Database, schema.ValidatedDatabase),
        (vectlite.Transaction, schema.ValidatedTransaction),
    ]:
        for name, method in inspect.getmembers(cls):
            if not name.startswith("_") and callable(method):
                takes = {"metadata", "records"} & inspect.signature(method).parameters.keys()
                assert bool(takes) == hasattr(checked, name) or name == "transaction", name


def test_a_transaction_is_checked(path):
    with validated(vectlite.open(path, 1), Schema({"n": int})) as db:
        with db.transaction() as tx:
            tx.upsert("a", [1], {"n": 1})
            for wrong in (
                lambda: tx.upsert("b", [1], {"n": "x"}),
                lambda: tx.insert("b", [1], {"n": "x"}),
                lambda: tx.upsert_many([GOOD, BAD]),
                lambda: tx.insert_many([GOOD, BAD]),
                lambda: tx.update_metadata("a", {"n": "x"}),
            ):
                with pytest.raises(SchemaError):
                    wrong()
            assert len(tx) == 1
        assert [record["id"] for record in db.list()] == ["a"]
        with pytest.raises(SchemaError), db.transaction() as tx:
            tx.upsert("c", [1], {"n": 1})
            tx.upsert("d", [1], {"n": "x"})
        assert db.count() == 1


def test_a_bulk_load_keeps_whole_batches_and_takes_no_more(path):
    taken = []

    def records():
        for n in range(1_000):
            taken.append(n)
            yield {"id": f"{n:04}", "vector": [n], "metadata": {"n": n if n != 25 else "x"}}

    with validated(vectlite.open(path, 1), Schema({"n": int})) as db:
        with pytest.raises(SchemaError, match=r"records\[25\], '0025': n"):
            db.bulk_ingest(records(), batch_size=10)
        assert db.count() == 20
        assert taken[-1] == 25


def test_everything_else_is_the_databases(path):
    db = validated(vectlite.open(path, 1), Schema({}))
    with db:
        db.upsert("a", [1], {"anything": 1})
        assert "a" in db and len(db) == 1 and list(db) == [("", "a")] and db.dimension == 1
        assert db.search([1])[0]["id"] == "a"
        assert "validated" in repr(db) and db
        with pytest.raises(TypeError):
            db.upsert()
        with pytest.raises(AttributeError):
            db.nothing
        with pytest.raises(TypeError):
            db.upsert_many(5)
        with pytest.raises(TypeError):
            db.upsert_many([5])
        with pytest.raises(TypeError, match="metadata"):
            db.upsert("b", [1], "text")
    with pytest.raises(vectlite.ClosedError):
        db.count()


def test_coroutines_are_checked(path):
    async def records():
        yield GOOD
        yield BAD

    async def main():
        opened = await validated(vectlite.open_async(path, 1), Schema({}))
        assert await opened.count() == 0
        await opened.close()
        async with validated(vectlite.open_async(path, 1), Schema({"n": int})) as db:
            await db.upsert("a", [1], {"n": 1})
            for wrong in (
                lambda: db.upsert("b", [1], {"n": "x"}),
                lambda: db.upsert_many([GOOD, BAD]),
                lambda: db.upsert_many(records()),
                lambda: db.bulk_ingest(records()),
            ):
                with pytest.raises(SchemaError):
                    await wrong()
            async with db.transaction() as tx:
                with pytest.raises(SchemaError):
                    await tx.upsert("b", [1], {"n": "x"})
            assert await db.count() == 1

    asyncio.run(main())


NO_SCHEMAS = [
    5,
    {1: "string"},
    {"f": "text"},
    {"f": 5},
    {"f": complex},
    {"f": {"type": "string", "minimum": 1}},
    {"f": {"type": "string", "min": 1}},
    {"f": {"type": "integer", "min": "a"}},
    {"f": {"type": "integer", "max": float("nan")}},
    {"f": {"type": "string", "max_length": -1}},
    {"f": {"type": "string", "pattern": "("}},
    {"f": {"type": "string", "pattern": 5}},
    {"f": {"type": "string", "required": "yes"}},
    {"f": {"type": "string", "choices": "ab"}},
    {"f": {"type": "string", "choices": []}},
    {"f": {"type": "string", "choices": [1]}},
    {"f": {"type": "string", "default": 5}},
    {"f": {"type": "list", "items": "texts"}},
    {"f": {"type": "object", "fields": 5}},
    {"f": {"type": "datetime", "min": "soon"}},
]


@pytest.mark.parametrize("fields", NO_SCHEMAS, ids=repr)
def test_what_is_no_schema_is_told(fields):
    with pytest.raises(SchemaError, match="field"):
        Schema(fields)


def test_schemas_are_loaded(tmp_path):
    written = {"fields": {"n": {"type": "integer", "max": 5}}, "strict": True}
    file = tmp_path / "notes.json"
    file.write_text(json.dumps(written))
    for source in (written, file, str(file)):
        loaded = load(source)
        assert loaded.checked({"n": 5}) == {"n": 5}
        for wrong in ({"n": 6}, {"m": 1}):
            with pytest.raises(SchemaError):
                loaded.checked(wrong)
    for wrong in ({}, {"fields": {}, "more": 1}, {"fields": {}, "strict": 1}, {"fields": []}):
        with pytest.raises(SchemaError):
            load(wrong)
    file.write_text("{")
    with pytest.raises(SchemaError, match="notes.json: expected JSON"):
        load(file)
    with pytest.raises(OSError):
        load(tmp_path / "none.json")
    with pytest.raises(TypeError, match="Schema"):
        validated(None, {})


def test_times_compare_whatever_their_zone():
    field = Schema({"t": {"type": "datetime", "min": "2024-01-01T00:00:00Z"}})
    late = datetime(2024, 1, 1, 1, tzinfo=timezone(timedelta(hours=2)))
    with pytest.raises(SchemaError):
        field.checked({"t": late})
    assert field.checked({"t": date(2024, 1, 1)})


def examples():
    for found in pkgutil.iter_modules(schema.__path__, "vectlite.schema."):
        module = importlib.import_module(found.name)
        for test in doctest.DocTestFinder(exclude_empty=True).find(module):
            if test.examples:
                yield pytest.param(test, id=test.name)


@pytest.mark.parametrize("test", list(examples()))
def test_examples_run(db, test):
    test.globs.update(db=db, Schema=Schema)
    written = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)

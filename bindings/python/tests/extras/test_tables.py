"""Tables in and out, by what other libraries make of them and give; the oracle is the records."""

from __future__ import annotations

import datetime
import decimal
import doctest
import json
import subprocess
import sys
import uuid

import arro3.core
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vectlite
from vectlite import tables
from vectlite.tables import columns, export, parts
from vectlite.tables import records as rows_in

DIMENSION = 3


@pytest.fixture
def db(tmp_path):
    with vectlite.open(tmp_path / "db.vdb", DIMENSION, sync="on_flush") as db:
        yield db


# Characters that every library can hold.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
numbers = st.floats(-1e6, 1e6, width=32)
leaves = st.sampled_from([
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
    # Ints and floats in one column, as long as every int is a float.
    st.integers(-(2**53), 2**53) | st.floats(-1e300, 1e300),
])  # fmt: skip
# A strategy for the values of a field, all of which are of one type.
kinds = st.recursive(
    leaves,
    lambda kind: kind.map(lambda inner: st.lists(st.none() | inner, max_size=3))
    | st.dictionaries(texts, kind, min_size=1, max_size=3).map(st.fixed_dictionaries),
    max_leaves=4,
)
fields = st.text("abcdefgh.", min_size=1, max_size=3)


@st.composite
def records(draw):
    """Records whose metadata has fields of one type each, some of which are missing."""
    layout = draw(st.dictionaries(fields, kinds, max_size=4))
    record = {
        "id": texts.filter(bool),
        "namespace": st.sampled_from(["", "n", "ü"]),
        "vector": st.none() | st.lists(numbers, min_size=DIMENSION, max_size=DIMENSION),
        "vectors": st.fixed_dictionaries({}, optional={"title": st.lists(numbers, min_size=2, max_size=2)}),
        "sparse": st.none() | st.dictionaries(st.text("xyz", min_size=1, max_size=2), st.floats(0.5, 9, width=32), min_size=1),
        "text": st.none() | texts,
        "expires_at": st.none() | st.floats(2e9, 3e9).map(lambda moment: round(moment, 3)),
        "metadata": st.fixed_dictionaries({}, optional=layout),
    }
    return draw(st.lists(st.fixed_dictionaries(record), max_size=8, unique_by=lambda record: (record["namespace"], record["id"])))


def copied(batches):
    """Batches that are no slices of a larger one: of some nested ones Rust's arrow takes no slices."""
    return (batch.take(list(range(batch.num_rows))) for batch in batches)


FORMS = {
    "stream": lambda db, **how: tables.to_arrow(db, **how),
    "pyarrow": lambda db, **how: pa.table(tables.to_arrow(db, **how)),
    "batches": lambda db, **how: copied(pa.table(tables.to_arrow(db, **how)).to_batches(3)),
    "columns of pyarrow": lambda db, **how: dict(zip((table := pa.table(tables.to_arrow(db, **how))).column_names, table.columns)),
    "lists": lambda db, **how: pa.table(tables.to_arrow(db, **how)).to_pydict(),
    "polars": lambda db, **how: tables.to_polars(db, **how),
    "lazy polars": lambda db, **how: tables.to_polars(db, **how).lazy(),
    "pandas": lambda db, **how: tables.to_pandas(db, **how),
    "arro3": lambda db, **how: arro3.core.Table.from_arrow(tables.to_arrow(db, **how)),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=25, deadline=None, print_blob=True)
@given(records=records(), rows=st.sampled_from([1, 2, 1000]))
def test_what_goes_out_comes_in_the_same(tmp_path_factory, form, records, rows):
    directory = tmp_path_factory.mktemp("tables")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export, "ROWS", rows)
        patch.setattr(rows_in, "ROWS", rows)
        with vectlite.open(directory / "a.vdb", DIMENSION, sync="on_flush") as source:
            source.upsert_many(records)
            expected = source.list()
            for how, back in ({}, {}), ({"metadata": "json"}, {"metadata": "metadata"}):
                with vectlite.open(directory / f"{len(how)}.vdb", DIMENSION, sync="on_flush") as copy:
                    assert tables.ingest(copy, FORMS[form](source, **how), **back) == len(records)
                    assert copy.list() == expected


def table_of(db):
    """What a database with one record of each kind gives."""
    db.upsert("a", [1, 2, 3], {"year": 2020, "tags": ["x"]}, text="hello")
    db.upsert("b", None, {"year": 2021}, "n", sparse={"x": 0.5}, vectors={"title": [1, 2]})
    return pa.table(tables.to_arrow(db))


def test_columns_and_their_types(db):
    table = table_of(db)
    assert {field.name: str(field.type) for field in table.schema} == {
        "namespace": "string",
        "id": "string",
        "vector": "fixed_size_list<item: float>[3]",
        "text": "string",
        "vectors": "struct<title: fixed_size_list<item: float>[2]>",
        "sparse": "list<item: struct<term: string, weight: float>>",
        "tags": "list<item: string>",
        "year": "int64",
    }
    assert table["vector"].to_pylist() == [[1, 2, 3], None]
    assert pa.table(tables.to_arrow(db, "n", vectors=False)).column_names == ["namespace", "id", "sparse", "year"]
    assert pa.table(tables.to_arrow(db, filter={"year": 2020}))["id"].to_pylist() == ["a"]
    assert pa.table(tables.to_arrow(db, "none")).shape == (0, 3)
    with db.read_view() as view:
        db.delete("a")
        assert pa.table(tables.to_arrow(view))["id"].to_pylist() == ["a", "b"]
        assert pa.table(tables.to_arrow(view, "none")).column_names == ["namespace", "id"]
        assert view.count() == 2


def test_a_stream_shows_one_state_and_comes_page_by_page(db, monkeypatch):
    monkeypatch.setattr(export, "ROWS", 10)
    db.bulk_ingest({"id": f"{n:03}", "vector": [n, 1, 2]} for n in range(100))
    pages = []
    original = export._pages
    monkeypatch.setattr(export, "_pages", lambda *of: (pages.append(page) or page for page in original(*of)))
    stream = pa.RecordBatchReader.from_stream(tables.to_arrow(db))
    assert len(pages) == 10, "one pass for the types"
    db.delete_by_filter({"$nor": [{"nothing": 1}]})
    assert [batch.num_rows for batch, _ in zip(stream, range(3))] == [10, 10, 10]
    assert len(pages) <= 14
    assert sum(batch.num_rows for batch in stream) in (60, 70)
    assert len(db) == 0


def test_hits_are_a_table(db):
    table_of(db)
    asked = {"k": 5, "text": "hello", "include": ["metadata", "vector", "text"], "explain": True}
    hits = db.search([1, 2, 3], **asked, rerank=lambda text, hits: [{**hit, "rerank_score": 0.5} for hit in hits])
    for frame in tables.to_polars(hits).to_dicts(), tables.to_pandas(hits).to_dict("records"):
        assert [row["id"] for row in frame] == [hit["id"] for hit in hits] == ["a"]
        row, hit = frame[0], hits[0]
        for column in ("score", "dense_score", "sparse_score", "dense_rank", "sparse_rank", "rerank_score", "text"):
            assert row[column] == hit[column]
        assert list(row["vector"]) == hit["vector"] and list(row["matched_terms"]) == hit["matched_terms"]
        assert json.loads(row["explain"]) == hit["explain"] and row["year"] == 2020
    assert tables.to_polars([]).shape == (0, 9) and tables.to_pandas([]).shape == (0, 9)
    assert tables.to_pandas(hits, metadata="json")["metadata"][0] == '{"tags": ["x"], "year": 2020}'


def test_pandas_has_types_that_keep_numbers(db):
    big = 2**53 + 1
    tables.ingest(db, {"id": ["a", "b"], "vector": np.eye(2, 3), "n": [big, None], "yes": [True, None], "mixed": [1, "x"]})
    frame = tables.to_pandas(db)
    assert frame["n"].dtype == "Int64" and frame["n"][0] == big and frame["yes"].dtype == "boolean"
    assert frame["mixed"].tolist() == [1, "x"]
    assert frame["vector"][0].dtype == np.float32 and frame["vector"][0].tolist() == [1, 0, 0]


VECTORS = [[1.5, 2.5, -3.0], [0.25, 0.0, 8.0]]


@pytest.mark.parametrize("column", [
    pa.array(VECTORS, pa.list_(pa.float32(), 3)),
    pa.array(VECTORS, pa.list_(pa.float64(), 3)),
    pa.array(VECTORS, pa.list_(pa.float32())),
    pa.array(VECTORS, pa.large_list(pa.float64())),
    pa.array(VECTORS, pa.list_view(pa.float32())),
    pa.FixedSizeListArray.from_arrays(pa.array(np.array(VECTORS, np.float16).reshape(-1)), 3),
    pa.chunked_array([pa.array(VECTORS[:1], pa.list_(pa.float32())), pa.array(VECTORS[1:], pa.list_(pa.float32()))]),
    pa.array([[9.0, 9, 9], *VECTORS], pa.list_(pa.float32(), 3)).slice(1),
    pa.array([[9.0, 9, 9], *VECTORS], pa.list_(pa.float32())).slice(1),
    pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.float32(), [3]), pa.array(VECTORS, pa.list_(pa.float32(), 3))),
    pl.Series(VECTORS, dtype=pl.Array(pl.Float32, 3)),
    pl.Series(VECTORS, dtype=pl.List(pl.Float64)),
    pd.Series([np.array(vector, np.float32) for vector in VECTORS]),
    pd.Series(VECTORS),
    pd.Series(VECTORS, dtype=pd.ArrowDtype(pa.list_(pa.float32()))),
    np.array(VECTORS),
    np.array(VECTORS, np.float32, order="F"),
    np.array(VECTORS, np.float16),
    [np.array(vector) for vector in VECTORS],
    VECTORS,
], ids=lambda column: f"{type(column).__name__} {getattr(column, 'type', getattr(column, 'dtype', ''))}")  # fmt: skip
def test_columns_of_vectors(db, column):
    tables.ingest(db, {"id": ["a", "b"], "vector": column})
    assert [record["vector"] for record in db.list()] == VECTORS


@pytest.mark.parametrize("kind", [pa.list_(pa.float32(), 3), pa.list_(pa.float32()), pa.list_(pa.float64())], ids=str)
def test_a_null_is_no_vector(db, kind):
    column = pa.array([VECTORS[0], None, VECTORS[1], None], kind)
    tables.ingest(db, pa.table({"id": list("abcd"), "vector": column}))
    assert [record["vector"] for record in db.list()] == [VECTORS[0], None, VECTORS[1], None]
    tables.ingest(db, pl.DataFrame({"id": list("abcd"), "vector": pl.Series([None] * 3 + [VECTORS[1]], dtype=pl.Array(pl.Float32, 3))}))
    assert [record["vector"] for record in db.list()] == [None, None, None, VECTORS[1]]


UTC = datetime.timezone.utc


@pytest.mark.parametrize("column, expected", [
    (pa.array([datetime.datetime(2020, 1, 2, 3, 4, 5, 6)]), "2020-01-02T03:04:05.000006"),
    (pa.array([datetime.datetime(2020, 1, 2, tzinfo=UTC)]), "2020-01-02T00:00:00+00:00"),
    (pa.array([0], pa.timestamp("s", "Europe/Paris")), "1970-01-01T01:00:00+01:00"),
    (pa.array([1234567890123456789], pa.timestamp("ns")), "2009-02-13T23:31:30.123456789"),
    (pa.array([-1], pa.timestamp("ns", "Europe/Paris")), "1970-01-01T00:59:59.999999999+01:00"),
    (pa.array([1234567890123456000], pa.timestamp("ns")), "2009-02-13T23:31:30.123456"),
    (np.array([1234567890123456789], "M8[ns]"), "2009-02-13T23:31:30.123456789"),
    (np.array(["2020-01-02"], "M8[D]"), "2020-01-02"),
    (pd.Series([pd.Timestamp(1234567890123456789, unit="ns", tz="UTC")]), "2009-02-13T23:31:30.123456789+00:00"),
    (pl.Series([datetime.date(2020, 1, 2)]), "2020-01-02"),
    (pa.array([datetime.time(1, 2, 3)]), "01:02:03"),
    (pl.Series(["x"], dtype=pl.Categorical), "x"),
    (pl.Series(["x"], dtype=pl.Enum(["y", "x"])), "x"),
    (pd.Series(["x"], dtype="category"), "x"),
    (pa.array(["x"]).dictionary_encode(), "x"),
    (pa.array(["x"], pa.string_view()), "x"),
    (pa.array(["x"], pa.large_string()), "x"),
    (pa.array([1.5], pa.float16()), 1.5),
    (pa.array([7], pa.uint64()), 7),
    (pa.array([{"a": [1, None], "b": None, "c": {"d": None}}]), {"a": [1, None], "c": {}}),
    (pa.array([[("k", 1), ("l", None)]], pa.map_(pa.string(), pa.int64())), {"k": 1}),
    (pa.array([[1, 2]], pa.list_view(pa.int64())), [1, 2]),
    (pd.Series([np.array([1, 2])]), [1, 2]),
    (pd.Series([[{"a": np.array([0.5])}]]), [{"a": [0.5]}]),
    (pd.Series([3], dtype="Int64"), 3),
    (pd.Series([True]), True),
    (pa.nulls(1), None),
    (pd.Series([np.nan]), None),
    (pd.Series([pd.NaT]), None),
    (np.array(["NaT"], "M8[ns]"), None),
    ([None], None),
    ([uuid.UUID(int=5)], str(uuid.UUID(int=5))),
], ids=lambda value: f"{type(value).__name__} {getattr(value, 'type', getattr(value, 'dtype', ''))}")  # fmt: skip
def test_values_of_metadata(db, column, expected):
    tables.ingest(db, {"id": ["a"], "field": column}, vector=None)
    assert db.get("a")["metadata"] == ({} if expected is None else {"field": expected})


@pytest.mark.parametrize("column, error, says", [
    (pa.array([decimal.Decimal("1.5")]), TypeError, "'field'.*Decimal.*cast the column to float64 or text"),
    (pa.array([[decimal.Decimal("1.5")]]), TypeError, "'field'"),
    (pa.array([[("k", decimal.Decimal("1.5"))]], pa.map_(pa.string(), pa.decimal128(3, 1))), TypeError, "Decimal"),
    (pa.array([datetime.timedelta(1)]), TypeError, "'field'.*cast the column"),
    (pa.array([b"bytes"]), TypeError, "'field'.*Binary"),
    (pa.RunEndEncodedArray.from_arrays([1], pa.array(["x"])), TypeError, "'field'"),
    (pa.array([pa.MonthDayNano((1, 2, 3))]), TypeError, "'field'"),
    (pa.array([[[1]]], pa.list_(pa.list_view(pa.int64()))), TypeError, "'field'"),
    (pa.array([2**62], pa.timestamp("s")), vectlite.InvalidArgumentError, "'field'.*years 1 to 9999"),
    (pa.array([2**30], pa.date32()), vectlite.InvalidArgumentError, "'field'.*years 1 to 9999"),
    (pa.array([2**62], pa.timestamp("us")), vectlite.InvalidArgumentError, "'field'.*out of range"),
    (pa.array([0], pa.timestamp("s", "No/Where")), vectlite.InvalidArgumentError, "'field'.*timezone"),
    (pa.array([2**63], pa.uint64()), vectlite.InvalidArgumentError, "one beyond"),
    (pa.array([float("nan")]), vectlite.InvalidArgumentError, "finite"),
    (np.array([5], "m8[ns]"), TypeError, "'field'.*durations"),
    (pd.Series([pd.Timedelta(1)]), TypeError, "timedelta|Timedelta"),
    (pd.Series([decimal.Decimal(1)]), TypeError, "Decimal"),
    ("text", TypeError, "'field'.*sequence"),
    (5, TypeError, "'field'.*sequence"),
    (np.array(5), vectlite.InvalidArgumentError, "'field'.*rows"),
    ([1, 2], vectlite.InvalidArgumentError, "one length"),
], ids=lambda value: f"{type(value).__name__} {getattr(value, 'type', getattr(value, 'dtype', ''))}")  # fmt: skip
def test_values_that_metadata_has_not(db, column, error, says):
    with pytest.raises(error, match=says):
        tables.ingest(db, {"id": ["a"], "field": column}, vector=None)
    assert len(db) == 0


GOOD = {"id": ["a", "b"], "vector": VECTORS}


@pytest.mark.parametrize("table, options, error, says", [
    ([{"id": "a"}], {}, TypeError, "bulk_ingest"),
    (5, {}, TypeError, "expected a table"),
    (None, {}, TypeError, "expected a table"),
    ({"key": ["a"]}, {}, vectlite.InvalidArgumentError, "id: .*'key'.*got 'id'"),
    ({"id": ["a"]}, {}, vectlite.InvalidArgumentError, "vector: .*pass vector=None"),
    (GOOD, {"text": "text"}, vectlite.InvalidArgumentError, "text: "),
    (GOOD, {"metadata": ["year"]}, vectlite.InvalidArgumentError, "metadata: "),
    (GOOD, {"metadata": "year"}, vectlite.InvalidArgumentError, "metadata: "),
    (GOOD, {"text": "id"}, vectlite.InvalidArgumentError, "a column for each part"),
    (GOOD, {"id": 5}, TypeError, "type str"),
    ({"id": ["a", None], "vector": VECTORS}, {}, vectlite.InvalidArgumentError, "row 1, column 'id'"),
    ({"id": ["a", 1.5], "vector": VECTORS}, {}, TypeError, "id"),
    ({"id": ["a", True], "vector": VECTORS}, {}, TypeError, "id"),
    ({5: ["a"]}, {}, TypeError, "names of columns"),
    ({**GOOD, "sparse": [[1], None]}, {}, vectlite.InvalidArgumentError, "row 0, column 'sparse'"),
    ({**GOOD, "m": ["[", None]}, {"metadata": "m"}, vectlite.InvalidArgumentError, "row 0, column 'm'"),
    ({**GOOD, "m": ["[" * 100_000, None]}, {"metadata": "m"}, vectlite.InvalidArgumentError, "row 0, column 'm'"),
    ({**GOOD, "m": ["[1]", None]}, {"metadata": "m"}, TypeError, "a dict"),
    ({"id": ["a"], "vector": [[1, 2]]}, {}, vectlite.DimensionMismatchError, "expected 3, found 2"),
    (pa.table({"id": ["a"], "vector": ["[1, 2]"]}), {}, TypeError, "'vector'.*Utf8"),
    (pa.table({"id": ["a"], "vector": [["x"]]}), {}, TypeError, "'vector'.*floats or ints"),
    (pa.table({"id": ["a"], "vector": [[1.0, None, 2.0]]}), {}, vectlite.InvalidArgumentError, "'vector'.*nulls"),
    (pa.table([["a"], ["b"]], names=["id", "id"]), {}, vectlite.InvalidArgumentError, "different names"),
    (pd.DataFrame([["a", "b"]], columns=["id", "id"]), {}, vectlite.InvalidArgumentError, "different names"),
    (pd.DataFrame({0: ["a"]}), {}, TypeError, "names of columns"),
    (pd.DataFrame({"id": ["a"]}, index=pd.Index([1], name="id")), {}, vectlite.InvalidArgumentError, "index"),
    (pa.array([1, 2]), {}, vectlite.InvalidArgumentError, "table"),
    (GOOD, {"batch_size": 0}, vectlite.InvalidArgumentError, "batch_size"),
    (GOOD, {"surprise": 1}, TypeError, "surprise"),
])  # fmt: skip
def test_tables_that_are_none(db, table, options, error, says):
    with pytest.raises(error, match=says):
        tables.ingest(db, table, **options)
    assert len(db) == 0


@pytest.mark.parametrize("call, error, says", [
    (lambda db: tables.to_arrow(5), TypeError, "source: .*int"),
    (lambda db: tables.to_arrow([1]), TypeError, "source: .*hits"),
    (lambda db: db.upsert("a") or tables.to_arrow(db.list()), TypeError, "source: .*hits"),
    (lambda db: tables.to_arrow([], "n"), vectlite.InvalidArgumentError, "their search"),
    (lambda db: tables.to_arrow(db, metadata="both"), vectlite.InvalidArgumentError, "metadata: "),
    (lambda db: tables.to_arrow(db, filter={"$x": 1}), vectlite.FilterError, "x"),
    (lambda db: db.upsert("a", metadata={"f": {"g": [1, "x"]}}) or tables.to_arrow(db), vectlite.InvalidArgumentError, "'f.g'.*json"),
    (lambda db: db.upsert("a", metadata={"f": {}}) or tables.to_arrow(db), vectlite.InvalidArgumentError, "'f'.*json"),
    (lambda db: db.upsert("a", metadata={"f": [2**60, 0.5]}) or tables.to_arrow(db), vectlite.InvalidArgumentError, "'f'"),
    (lambda db: db.upsert("a", metadata={"id": 1}) or tables.to_pandas(db), vectlite.InvalidArgumentError, "'id'.*json"),
    (lambda db: db.close() or tables.to_arrow(db), vectlite.ClosedError, "closed"),
])  # fmt: skip
def test_what_cannot_go_out(db, call, error, says):
    with pytest.raises(error, match=says):
        call(db)


def test_indexes_of_pandas_that_have_a_name_are_columns(db):
    frame = pd.DataFrame({"id": [7], "vector": [VECTORS[0]], "year": [2020]}, index=[5])
    assert tables.ingest(db, frame) == tables.ingest(db, frame.set_index("id")) == 1
    assert db.list() == [db.get("7")] and db.get("7")["metadata"] == {"year": 2020}


def test_columns_have_the_roles_that_are_given(db):
    table = {"key": [uuid.UUID(int=1)], "e": [VECTORS[0]], "body": ["hello"], "text": ["t"], "namespace": ["n"], "id": [5]}
    tables.ingest(db, table, id="key", vector="e", text="body", namespace="all", namespace_column=None)
    found = db.get(str(uuid.UUID(int=1)), "all")
    assert found["text"] == "hello" and found["metadata"] == {"text": "t", "namespace": "n", "id": 5}
    tables.ingest(db, table, vector="e", text=None, metadata=["body"])
    assert db.get("5", "n")["metadata"] == {"body": "hello"} and "text" not in db.get("5", "n")
    tables.ingest(db, {"id": ["x", "y"], "namespace": ["n", None], "m": [{"a": 1}, '{"a": 2}']}, vector=None, namespace="all", metadata="m")
    assert db.get("x", "n")["metadata"] == {"a": 1} and db.get("y", "all")["metadata"] == {"a": 2}


def test_progress_and_batches(db):
    told = []
    matrix = np.arange(75, dtype=np.float32).reshape(25, 3)
    table = pa.table({"id": [str(n) for n in range(25)], "vector": pa.FixedSizeListArray.from_arrays(matrix.reshape(-1), 3)})
    tables.ingest(db, table, batch_size=10, progress=lambda *done: told.append(done))
    assert told == [(10, 25), (20, 25), (25, 25)]
    told.clear()
    tables.ingest(db, table.to_reader(), batch_size=10, progress=lambda *done: told.append(done), m=24)
    assert told == [(10, None), (20, None), (25, None)] and db.index_config()["m"] == 24
    bad = pa.concat_tables([table, pa.table({"id": ["x"], "vector": pa.array([[float("nan")] * 3], pa.list_(pa.float32(), 3))})])
    with pytest.raises(vectlite.InvalidArgumentError) as caught:
        tables.ingest(db, bad, batch_size=10)
    assert caught.value.committed == 20
    with pytest.raises(vectlite.InvalidArgumentError, match="row 25, column 'id'"):
        tables.ingest(db, iter([table, {"id": [None], "vector": [[1, 2, 3]]}]))


def test_a_table_is_read_as_it_comes(db):
    """What was committed is seen before the last part is asked for: nothing waits for the whole."""
    seen = []

    def frames():
        for start in range(0, 2_000, 100):
            seen.append(len(db))
            yield pl.DataFrame({"id": [str(n) for n in range(start, start + 100)], "vector": [[1.0, 2, 3]] * 100})

    assert tables.ingest(db, frames(), batch_size=100) == 2_000
    # A thousand records wait before they are pushed, at most.
    assert seen[-1] >= 800


def test_vectors_of_float32_are_rows_of_an_array():
    matrix = np.arange(6, dtype=np.float32).reshape(2, 3)
    table = pa.table({"vector": pa.FixedSizeListArray.from_arrays(pa.array(matrix.reshape(-1)), 3)})
    (part,) = parts.parts(table)
    rows = part["vector"].vectors(0, 2)
    assert rows.dtype == np.float32 and rows.tolist() == matrix.tolist()
    assert np.shares_memory(columns.ArrayColumn("v", matrix).vectors(0, 2), matrix)


def test_a_missing_package_is_named(db, monkeypatch):
    for module, call, extra in [
        ("arro3.core", lambda: tables.to_arrow(db), "arrow"),
        ("arro3.core", lambda: tables.ingest(db, pa.table({"id": ["a"]})), "arrow"),
        ("polars", lambda: tables.to_polars(db), "polars"),
        ("pandas", lambda: tables.to_pandas(db), "pandas"),
    ]:
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            with pytest.raises(ImportError, match=rf"pip install vectlite\[{extra}\]"):
                call()


def test_the_module_needs_nothing_until_it_is_used():
    program = (
        "import sys, tempfile, vectlite; from vectlite import tables\n"
        "db = vectlite.open(tempfile.mkdtemp() + '/a.vdb', 2)\n"
        "assert tables.ingest(db, {'id': ['a'], 'vector': [[1, 2]]}) == 1\n"
        "found = {'numpy', 'pandas', 'polars', 'pyarrow', 'arro3', 'chromadb', 'lancedb', 'faiss'} & set(sys.modules)\n"
        "assert not found, found"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize("name", tables.__all__)
def test_examples_of_the_documentation_run(db, name):
    if name != "ingest":
        db.upsert("a", [1, 0, 0], {"year": 2020})
    names = {"db": db, "tables": tables, "pyarrow": pa}
    test = doctest.DocTestParser().get_doctest(getattr(tables, name).__doc__, names, name, None, None)
    assert test.examples
    written = []
    assert doctest.DocTestRunner().run(test, out=written.append).failed == 0, "".join(written)

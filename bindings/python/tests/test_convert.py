"""What goes in and comes out: vectors, metadata, records."""

from __future__ import annotations

import array
import collections
import ctypes
import datetime
import decimal
import enum
import fractions
import math
import subprocess
import sys
import uuid

import numpy as np
import pytest

import vectlite
from vectlite import types


class Sequence:
    """The least that makes a sequence."""

    def __init__(self, *items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __getitem__(self, position):
        return self.items[position]


class Arrayish:
    def __array__(self, dtype=None, copy=None):
        return np.array([1, 2, 3], dtype=np.float64)


matrix = np.arange(12, dtype=np.float32).reshape(4, 3)

VECTORS = {
    "list of floats": [1.0, 2.0, 3.0],
    "list of ints": [1, 2, 3],
    "tuple": (1, 2.0, 3),
    "range": range(1, 4),
    "deque": collections.deque([1, 2, 3]),
    "sequence": Sequence(1, 2, 3),
    "numbers of other kinds": [decimal.Decimal(1), fractions.Fraction(2), np.float32(3)],
    "array f": array.array("f", [1, 2, 3]),
    "array d": array.array("d", [1, 2, 3]),
    "array h": array.array("h", [1, 2, 3]),
    "memoryview": memoryview(array.array("f", [1, 2, 3])),
    "strided memoryview": memoryview(array.array("f", [1, 0, 2, 0, 3]))[::2],
    "bytes cast": memoryview(array.array("f", [1, 2, 3]).tobytes()).cast("f"),
    "ctypes": (ctypes.c_float * 3)(1, 2, 3),
    "object with __array__": Arrayish(),
    "strided array": np.array([1, 0, 2, 0, 3, 0], dtype=np.float32)[::2],
    "reversed array": np.array([3, 2, 1], dtype=np.float32)[::-1],
    "column": np.array([[1, 9], [2, 9], [3, 9]], dtype=np.float32)[:, 0],
    "other byte order": np.array([1, 2, 3], dtype=">f4"),
    "unaligned": np.frombuffer(b"\0" + np.array([1, 2, 3], dtype=np.float32).tobytes(), dtype=np.uint8)[1:].view("f4"),
    "read-only array": np.frombuffer(np.array([1, 2, 3], dtype=np.float32).tobytes(), dtype=np.float32),
    "array of objects": np.array([1, 2.0, 3], dtype=object),
    **{f"numpy {kind}": np.array([1, 2, 3], dtype=kind) for kind in ["f2", "f4", "f8", "i1", "i8", "u2", "u8", "longdouble"]},
}  # fmt: skip


@pytest.mark.parametrize("given", VECTORS.values(), ids=VECTORS.keys())
def test_vectors(db, given):
    db.upsert("a", given, vectors={"named": given})
    record = db.get("a")
    assert record["vector"] == [1.0, 2.0, 3.0] and record["vectors"] == {"named": [1.0, 2.0, 3.0]}
    assert all(type(number) is float for number in record["vector"])
    assert [hit["id"] for hit in db.search(given)] == ["a"]
    assert db.bulk_ingest_array(["b"], [given]) == 1
    assert db.get("b")["vector"] == [1.0, 2.0, 3.0]


def test_a_vector_keeps_its_bits(db):
    given = np.array([0.1, -0.0, 3.4e38], dtype=np.float32)
    db.upsert("a", given)
    assert np.array(db.get("a")["vector"], dtype=np.float32).tobytes() == given.tobytes()


MATRICES = {
    "float32": matrix,
    "float64": matrix.astype(np.float64),
    "float16": matrix.astype(np.float16),
    "int64": matrix.astype(np.int64),
    "column order": np.asfortranarray(matrix),
    "strided": np.repeat(matrix, 2, axis=0)[::2],
    "list of arrays": list(matrix),
    "list of lists": matrix.tolist(),
    "buffer": memoryview(matrix),
    "other byte order": matrix.astype(">f4"),
    "sequence": Sequence(*matrix.tolist()),
}


@pytest.mark.parametrize("given", MATRICES.values(), ids=MATRICES.keys())
def test_matrices(db, given):
    ids = np.array(["a", "b", "c", "d"])
    assert db.bulk_ingest_array(ids, given, [{"n": 1}, None, {}, {"n": 4}]) == 4
    assert [record["vector"] for record in db.list()] == matrix.tolist()
    assert [record["metadata"] for record in db.list()] == [{"n": 1}, {}, {}, {"n": 4}]


class Color(enum.IntEnum):
    RED = 1


class Name(str):
    pass


IDENTITY = uuid.UUID(int=7)
VALUES = [
    (None, None),
    (True, True),
    (0, 0),
    (-(2**63), -(2**63)),
    (2**63 - 1, 2**63 - 1),
    (2.0, 2.0),
    (-0.0, -0.0),
    ("", ""),
    ("é\0\U0001f600", "é\0\U0001f600"),
    ([], []),
    ({}, {}),
    ((1, (2,)), [1, [2]]),
    ({"b": [1, {"c": None}], "a": 1.5}, {"a": 1.5, "b": [1, {"c": None}]}),
    (Color.RED, 1),
    (Name("x"), "x"),
    (collections.OrderedDict(a=1), {"a": 1}),
    (np.float32(0.5), 0.5),
    (np.float64(0.1), 0.1),
    (np.float16(0.5), 0.5),
    (np.int8(-3), -3),
    (np.uint64(2**63 - 1), 2**63 - 1),
    (np.bool_(True), True),
    (np.str_("x"), "x"),
    (np.datetime64("2024-05-06"), "2024-05-06"),
    (datetime.date(2024, 5, 6), "2024-05-06"),
    (datetime.datetime(2024, 5, 6, 7, 8, 9), "2024-05-06T07:08:09"),
    (datetime.datetime(2024, 5, 6, tzinfo=datetime.timezone.utc), "2024-05-06T00:00:00+00:00"),
    (IDENTITY, str(IDENTITY)),
]


@pytest.mark.parametrize("given, stored", VALUES, ids=repr)
def test_metadata(db, given, stored):
    db.upsert("a", None, {"value": given})
    found = db.get("a")["metadata"]["value"]
    assert found == stored and type(found) is type(stored)
    if isinstance(stored, float):
        assert math.copysign(1, found) == math.copysign(1, stored)
    if given is not None and given != {}:
        assert db.count(filter={"value": {"$eq": given}}) == 1


def test_keys_come_back_sorted(db):
    db.upsert("a", None, {"z": 1, "b": {"y": 1, "x": 2}, "é": 3, "Z": 4})
    metadata = db.get("a")["metadata"]
    assert list(metadata) == ["Z", "b", "z", "é"] and list(metadata["b"]) == ["x", "y"]


def test_what_contains_itself_comes_to_an_end(db):
    line = []
    line.append(line)
    tree = []
    tree.extend([tree] * 3)
    loop = {}
    loop["loop"] = loop
    for given in [line, tree, loop]:
        with pytest.raises(vectlite.InvalidArgumentError, match="64 levels"):
            db.upsert("a", None, {"value": given})
        with pytest.raises(vectlite.FilterError, match="64 levels|values"):
            db.count(filter={"value": given})
    assert len(db) == 0


def test_nesting_ends_at_the_limit_of_the_engine(db):
    def nested(levels):
        return [nested(levels - 1)] if levels > 1 else [1]

    db.upsert("a", None, {"value": nested(63)})
    assert db.get("a")["metadata"]["value"] == nested(63)
    with pytest.raises(vectlite.InvalidArgumentError, match="64 levels"):
        db.upsert("b", None, {"value": nested(64)})


def test_metadata_ends_at_the_limit_of_the_engine(db):
    for given in [["x" * 1000] * 2000, list(range(2**21)), {str(number): None for number in range(300_000)}]:
        with pytest.raises(vectlite.InvalidArgumentError, match="bytes when encoded"):
            db.upsert("a", None, {"value": given})
    assert db.count(filter={"value": {"$in": list(range(200_000))}}) == 0
    with pytest.raises(vectlite.FilterError, match="at most 262144 values"):
        db.count(filter={"value": {"$in": list(range(300_000))}})


def test_records_go_in_and_come_out(db):
    given = {
        "namespace": "n", "id": "a", "vector": [1.0, 2.0, 3.0], "vectors": {"title": [0.5]}, "sparse": {"x": 2.0},
        "metadata": {"k": "v"}, "text": "some words",
    }  # fmt: skip
    assert db.upsert_many([given]) == 1
    stored = {**given, "expires_at": None}
    assert db.get("a", "n") == stored
    assert db.list("n") == [stored] and db.get_many(["b", "a"], "n") == [None, stored]
    assert set(stored) == set(types.Record.__annotations__)
    # What was read can be written.
    assert db.upsert_many(db.list()) == 1
    assert db.get("a", "n") == stored


def test_expiry_survives_reading_and_writing(db):
    db.upsert("a", None, ttl=1_000)
    expires_at = db.get("a")["expires_at"]
    assert expires_at > 1e9
    db.upsert_many(db.list())
    assert db.get("a")["expires_at"] == expires_at
    assert db.clear_ttl("a") and db.get("a")["expires_at"] is None
    assert db.set_ttl("a", 0) and db.get("a") is None


def test_none_is_what_is_left_out(db):
    keys = ["vector", "metadata", "sparse", "vectors", "namespace", "ttl", "text", "expires_at"]
    db.upsert_many([{"id": "a"}, {"id": "b", **dict.fromkeys(keys)}])
    bare = {"namespace": "", "vector": None, "vectors": {}, "sparse": None, "metadata": {}, "expires_at": None}
    assert db.get_many(["a", "b"]) == [{"id": "a", **bare}, {"id": "b", **bare}]
    db.upsert("c", None, None, None, None, None, None, text=None)
    assert db.get("c", None) == {"id": "c", **bare}


def test_a_namespace_is_for_records_that_do_not_say_theirs(db):
    db.upsert_many(iter([{"id": "a"}, {"id": "b", "namespace": "own"}, {"id": "c", "namespace": ""}]), "given")
    assert list(db) == [("", "c"), ("given", "a"), ("own", "b")]
    assert db.bulk_ingest([{"id": "d"}], namespace="given") == 1
    assert db.bulk_ingest_array(["e"], [[1, 2, 3]], namespace="given") == 1
    assert db.count("given") == 3


def test_values_are_those_at_the_call(db):
    given = np.array([1, 2, 3], dtype=np.float32)
    metadata = {"list": [1]}
    db.upsert("a", given, metadata)
    given[:] = 0
    metadata["list"].append(2)
    assert db.get("a")["vector"] == [1, 2, 3] and db.get("a")["metadata"] == {"list": [1]}


def test_vectors_come_back_as_arrays_where_that_is_asked_for(path):
    with vectlite.open(path, 3, vectors_as="numpy", sync="on_flush") as db:
        db.upsert("a", [1, 2, 3], vectors={"title": [1, 0.1]})
        db.upsert("b", text="no vector")
        record = db.get("a")
        read = [record["vector"], db.get_many(["a"])[0]["vector"], db.list(limit=1)[0]["vector"], db.list_cursor()[0][0]["vector"]]
        read.append(db.search([1, 1, 1], include=["vector"])[0]["vector"])
        read.append(db.search_with_stats([1, 1, 1], include=["vector"])["results"][0]["vector"])
        read.append(db.search_batch([[1, 1, 1]], include=["vector"])[0][0]["vector"])
        with db.read_view() as view, db.transaction() as transaction:
            read += [view.get("a")["vector"], transaction.get("a")["vector"]]
        for vector in read:
            assert type(vector) is np.ndarray and vector.dtype == np.float32 and vector.tolist() == [1, 2, 3]
            assert vector.flags.owndata and vector.flags.writeable
        assert record["vectors"]["title"].tolist() == [1, np.float32(0.1)]
        assert db.get("b")["vector"] is None
        db.upsert_many([record])
        assert db.get("a")["vector"].tolist() == [1, 2, 3]
    with vectlite.open(path, vectors_as="list") as db:
        assert db.get("a")["vector"] == [1.0, 2.0, 3.0]
    with pytest.raises(vectlite.InvalidArgumentError, match='vectors_as: expected "list" or "numpy", got "torch"'):
        vectlite.open(path, vectors_as="torch")
    with pytest.raises(TypeError, match="vectors_as: expected a str"):
        vectlite.open(path, vectors_as=np.ndarray)


def test_arrays_without_numpy_are_refused(path):
    code = "import sys, vectlite\nsys.modules['numpy'] = None\nvectlite.open(sys.argv[1], 3, vectors_as='numpy')"
    run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=False)
    assert "InvalidArgumentError: vectors_as: \"numpy\" needs numpy" in run.stderr and "vectlite[numpy]" in run.stderr
    assert not path.exists()

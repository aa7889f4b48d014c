"""Random calls beside a dict: after each of them every handle holds what the dict does.

`VECTLITE_MODEL_STEPS` is how many calls are made, `VECTLITE_MODEL_SEED` repeats a run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections import Counter
from copy import deepcopy
from pathlib import Path

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule, run_state_machine_as_test

import vectlite

STEPS = int(os.environ.get("VECTLITE_MODEL_STEPS", 900))
# Calls on one database.
STEPS_PER_DATABASE = 30
SEED = int(os.environ.get("VECTLITE_MODEL_SEED", time.time_ns() // 1_000_000 % 1_000_000_000))
# Long enough that nothing expires meanwhile: Python has the system's clock only.
LONG = 1_000_000.0

numbers = st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text(max_size=6)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3), max_leaves=6)
metadatas = st.dictionaries(st.sampled_from(["n", "tag", "other"]), values, max_size=3)
vectors = st.lists(st.integers(-4, 4).map(float), min_size=3, max_size=3)
texts = st.lists(st.sampled_from(["red", "green", "blue"]), max_size=4).map(" ".join)
namespaces = st.sampled_from(["", "a", "é/x"])
ids = st.text(st.characters(codec="utf-8"), min_size=1, max_size=4)
contents = st.fixed_dictionaries(
    {},
    optional={
        "vector": vectors,
        "metadata": metadatas,
        "text": texts,
        "sparse": st.dictionaries(st.sampled_from(["red", "rare"]), st.sampled_from([0.5, 2.0]), min_size=1),
        "vectors": st.fixed_dictionaries({"image": st.lists(st.just(0.25), min_size=2, max_size=2)}),
        "ttl": st.sampled_from([0, LONG]),
    },
)
# Each is no record of a database of three dimensions, and says so with this error.
faults = st.sampled_from(
    [
        ({"vector": [1.0, 2.0]}, vectlite.DimensionMismatchError),
        ({"vector": [float("nan")] * 3}, vectlite.InvalidArgumentError),
        ({"sparse": {"red": -1.0}}, vectlite.InvalidArgumentError),
        ({"ttl": -1}, vectlite.InvalidArgumentError),
    ]
)

done = Counter()


def typed(value):
    """A value that is equal only to one of the same types, as 1 is to 1.0 and True in Python."""
    if isinstance(value, dict):
        return {key: typed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [typed(inner) for inner in value]
    return type(value), repr(value)


class Model:
    """What must be held, by namespace and id, as `get` shows it but for the moment when it expires."""

    def __init__(self, records=()):
        self.records = dict(records)

    def put(self, key, given):
        given = deepcopy(given)
        ttl = given.pop("ttl", None)
        shown = {"namespace": key[0], "id": key[1], "vector": None, "vectors": {}, "sparse": None, "metadata": {}, **given}
        self.records.pop(key, None)
        if ttl != 0:
            self.records[key] = {**shown, "expires": ttl is not None}

    def in_order(self):
        return [self.records[key] for key in sorted(self.records)]


def shown(record):
    record = dict(record)
    record["expires"] = record.pop("expires_at") is not None
    return typed(record)


def check(handle, model):
    """Everything that a handle can be asked."""
    expected = [typed(record) for record in model.in_order()]
    assert [shown(record) for record in handle.list()] == expected
    assert len(handle) == handle.count() == len(expected)
    assert handle.namespaces() == sorted({namespace for namespace, _ in model.records})
    for (namespace, id), record in model.records.items():
        assert shown(handle.get(id, namespace)) == typed(record)
        assert (namespace, id) in handle
    found = handle.search([1.0, 0.0, 0.5], k=1_000, all_namespaces=True, exact=True)
    assert {(hit["namespace"], hit["id"]) for hit in found} == {key for key, record in model.records.items() if record["vector"]}
    found = handle.search(text="red", k=1_000, all_namespaces=True)
    with_red = {key for key, record in model.records.items() if "red" in (record.get("text") or "").split() or "red" in (record["sparse"] or {})}
    assert {(hit["namespace"], hit["id"]) for hit in found} == with_red
    numbers = [record for record in model.in_order() if type(record["metadata"].get("n")) in (int, float) and record["metadata"]["n"] >= 0]
    assert [shown(record) for record in handle.list(filter={"n": {"$gte": 0}})] == [typed(record) for record in numbers]


class Calls(RuleBasedStateMachine):
    keys = Bundle("keys")

    def __init__(self):
        super().__init__()
        self.directory = Path(tempfile.mkdtemp())
        self.model = Model()
        self.db = self.reader = self.view = None

    @property
    def path(self):
        return self.directory / "model.vdb"

    @initialize(
        target=keys,
        sync=st.sampled_from(["per_op", "on_flush", ("every_n", 3)]),
        some=st.sets(st.tuples(namespaces, ids), min_size=2, max_size=5),
    )
    def create(self, sync, some):
        self.sync = sync
        self.db = vectlite.open(self.path, 3, sync=sync)
        self.reader = vectlite.open(self.path, read_only=True)
        return multiple(*sorted(some))

    def teardown(self):
        for handle in (self.view, self.reader, self.db):
            if handle is not None:
                handle.close()
        shutil.rmtree(self.directory)

    @rule(target=keys, namespace=namespaces, id=ids)
    def meet(self, namespace, id):
        return namespace, id

    @rule(key=keys, given=contents)
    def upsert(self, key, given):
        self.db.upsert(key[1], namespace=key[0], **given)
        self.model.put(key, given)
        done["upsert"] += 1

    @rule(key=keys, given=contents)
    def insert(self, key, given):
        if key in self.model.records:
            with pytest.raises(vectlite.AlreadyExistsError):
                self.db.insert(key[1], namespace=key[0], **given)
            done["insert, refused"] += 1
        else:
            self.db.insert(key[1], namespace=key[0], **given)
            self.model.put(key, given)
            done["insert"] += 1

    @rule(many=st.lists(st.tuples(keys, contents), max_size=4), method=st.sampled_from(["upsert_many", "bulk_ingest"]))
    def upsert_many(self, many, method):
        records = [{"namespace": key[0], "id": key[1], **given} for key, given in many]
        assert getattr(self.db, method)(records) == len(records)
        for key, given in many:
            self.model.put(key, given)
        done[method] += 1

    @rule(many=st.lists(st.tuples(keys, contents), max_size=3), key=keys, fault=faults)
    def refuse_many(self, many, key, fault):
        wrong, error = fault
        records = [{"namespace": namespace, "id": id, **given} for (namespace, id), given in [*many, (key, wrong)]]
        with pytest.raises(error):
            self.db.upsert_many(records)
        done["upsert_many, refused"] += 1

    @rule(key=keys)
    def delete(self, key):
        assert self.db.delete(key[1], key[0]) == (self.model.records.pop(key, None) is not None)
        done["delete"] += 1

    @rule(some=st.lists(keys, max_size=3), namespace=namespaces)
    def delete_many(self, some, namespace):
        gone = {(namespace, id) for _, id in some} & set(self.model.records)
        assert self.db.delete_many([id for _, id in some], namespace) == len(gone)
        for key in gone:
            del self.model.records[key]
        done["delete_many"] += 1

    @rule(tag=st.sampled_from(["", "a"]), namespace=st.none() | namespaces)
    def delete_by_filter(self, tag, namespace):
        gone = [key for key, record in self.model.records.items() if record["metadata"].get("tag") == tag and namespace in (None, key[0])]
        assert self.db.delete_by_filter({"tag": tag}, namespace) == len(gone)
        for key in gone:
            del self.model.records[key]
        done["delete_by_filter"] += 1

    @rule(key=keys, metadata=metadatas)
    def update_metadata(self, key, metadata):
        record = self.model.records.get(key)
        assert self.db.update_metadata(key[1], metadata, key[0]) == (record is not None)
        if record is not None:
            # Not in place: a view may hold the old one.
            self.model.records[key] = {**record, "metadata": {**record["metadata"], **metadata}}
        done["update_metadata"] += 1

    @rule(key=keys, ttl=st.sampled_from([0, LONG, None]))
    def change_ttl(self, key, ttl):
        record = self.model.records.get(key)
        changed = self.db.clear_ttl(key[1], key[0]) if ttl is None else self.db.set_ttl(key[1], ttl, key[0])
        assert changed == (record is not None)
        if record is not None:
            self.model.records[key] = {**record, "expires": ttl is not None}
            if ttl == 0:
                del self.model.records[key]
        done["ttl"] += 1

    @rule(
        calls=st.lists(
            st.tuples(st.just("upsert"), keys, contents)
            | st.tuples(st.just("insert"), keys, contents)
            | st.tuples(st.just("delete"), keys, st.none())
            | st.tuples(st.just("update_metadata"), keys, metadatas),
            max_size=5,
        ),
        end=st.sampled_from(["commit", "commit", "raise", "rollback"]),
    )
    def transaction(self, calls, end):
        own, fails = Model(self.model.records), False
        try:
            with self.db.transaction() as transaction:
                for name, (namespace, id), given in calls:
                    key = (namespace, id)
                    if name == "delete":
                        transaction.delete(id, namespace)
                        own.records.pop(key, None)
                    elif name == "update_metadata":
                        transaction.update_metadata(id, given, namespace)
                        if key in own.records:
                            own.records[key] = {**own.records[key], "metadata": {**own.records[key]["metadata"], **given}}
                    else:
                        getattr(transaction, name)(id, namespace=namespace, **given)
                        fails = fails or name == "insert" and key in own.records
                        own.put(key, given)
                    if not fails:
                        read = transaction.get(id, namespace)
                        assert (read and shown(read)) == (key in own.records and typed(own.records[key]) or None)
                    assert self.db.exists(id, namespace) == (key in self.model.records)
                if end == "raise":
                    raise ZeroDivisionError
                if end == "rollback":
                    transaction.rollback()
        except (ZeroDivisionError, vectlite.AlreadyExistsError) as error:
            assert end == "raise" if isinstance(error, ZeroDivisionError) else fails
            end = "raise"
        if end == "commit":
            assert not fails
            self.model = own
        done["transaction, " + end] += 1

    @rule(method=st.sampled_from(["flush", "compact"]))
    def upkeep(self, method):
        getattr(self.db, method)()
        assert self.db.stats()["records"] == len(self.model.records)
        done[method] += 1

    @rule(field=st.sampled_from(["n", "tag"]))
    def index(self, field):
        known = dict(self.db.list_indexes())
        if field in known:
            assert self.db.drop_index(field)
        else:
            assert self.db.create_index(field, "numeric" if field == "n" else "keyword")
        done["index"] += 1

    @rule(what=st.sampled_from(["take_view", "snapshot", "reopen", "reopen_reader"]))
    def change_handles(self, what):
        getattr(self, what)()
        done[what] += 1

    def reopen(self):
        self.db.close()
        with pytest.raises(vectlite.ClosedError):
            len(self.db)
        if self.view is not None:
            with pytest.raises(vectlite.ClosedError):
                len(self.view)
        self.view = None
        self.db = vectlite.open(self.path, sync=self.sync)

    def reopen_reader(self):
        self.reader.close()
        self.reader = vectlite.open(self.path, read_only=True)
        with pytest.raises(vectlite.ReadOnlyError):
            self.reader.upsert("x")

    def take_view(self):
        if self.view is not None:
            self.view.close()
        self.view, self.seen = self.db.read_view(), Model(self.model.records)

    def snapshot(self):
        copy = self.directory / "copy.vdb"
        self.db.snapshot(copy)
        with vectlite.open(copy) as db:
            check(db, self.model)
        for file in self.directory.glob("copy.vdb*"):
            file.unlink()

    @invariant()
    def agree(self):
        if self.db is None:
            return
        check(self.db, self.model)
        check(self.reader, self.model)
        if self.view is not None:
            check(self.view, self.seen)


def test_every_handle_answers_as_a_dict(tmp_path):
    print(f"VECTLITE_MODEL_SEED={SEED} VECTLITE_MODEL_STEPS={STEPS}")
    # What hypothesis keeps beside examples: tables of characters.
    hypothesis.configuration.set_hypothesis_home_dir(tmp_path)
    run_state_machine_as_test(
        hypothesis.seed(SEED)(Calls),
        settings=hypothesis.settings(
            max_examples=max(1, STEPS // STEPS_PER_DATABASE),
            stateful_step_count=STEPS_PER_DATABASE,
            deadline=None,
            database=None,
            suppress_health_check=list(hypothesis.HealthCheck),
        ),
    )
    print(f"{sum(done.values())} calls: {dict(done)}")

"""Errors: the tree, one class for each kind of the engine, each of them reached."""

from __future__ import annotations

import errno
import inspect
import os
import pickle
import re
import zlib
from pathlib import Path

import pytest

import vectlite
from vectlite import _core, error

BASES = {
    "lock_contention": (vectlite.VectLiteLockError,),
    "closed": (vectlite.ClosedError,),
    "read_only": (vectlite.ReadOnlyError,),
    "dimension_mismatch": (vectlite.DimensionMismatchError, ValueError),
    "invalid_argument": (vectlite.InvalidArgumentError, ValueError),
    "already_exists": (vectlite.AlreadyExistsError,),
    "not_found": (vectlite.NotFoundError, KeyError),
    "filter": (vectlite.FilterError, ValueError),
    "corruption": (vectlite.CorruptionError,),
    "unsupported_format": (vectlite.UnsupportedFormatError,),
    "storage": (vectlite.StorageError, OSError),
}


def test_every_kind_has_its_class():
    classes = dict(_core.error_classes())
    assert classes.keys() == BASES.keys() and len(set(classes.values())) == len(BASES)
    for code, cls in classes.items():
        assert cls.code == code
        assert cls.__module__ == "vectlite.error"
        assert all(issubclass(cls, base) for base in (*BASES[code], vectlite.VectLiteError))
        assert getattr(vectlite, cls.__name__) is cls


def test_there_is_no_class_without_a_kind():
    classes = {cls for _, cls in inspect.getmembers(error, inspect.isclass) if cls.__module__ == error.__name__}
    expected = {cls for _, cls in _core.error_classes()} | {error.VectLiteError, error.LockTimeoutError}
    assert classes == expected


def test_every_class_is_picklable_and_shows_its_message():
    for _, cls in [*_core.error_classes(), ("lock_contention", error.LockTimeoutError)]:
        raised = cls("what happened")
        raised.committed = 7
        again = pickle.loads(pickle.dumps(raised))
        assert type(again) is cls and str(again) == "what happened" and again.committed == 7


def lock_contention(tmp_path, db):
    vectlite.open(db.path)


def closed(tmp_path, db):
    db.close()
    len(db)


def read_only(tmp_path, db):
    with vectlite.open(db.path, read_only=True) as reader:
        reader.delete("a")


def dimension_mismatch(tmp_path, db):
    db.upsert("a", [1])


def invalid_argument(tmp_path, db):
    db.upsert("", [1, 2, 3])


def already_exists(tmp_path, db):
    db.insert("a", [1, 2, 3])
    db.insert("a", [1, 2, 3])


def not_found(tmp_path, db):
    vectlite.open(tmp_path / "nothing.vdb", read_only=True)


def filter(tmp_path, db):
    db.count(filter={"a": {"$surprise": 1}})


def corruption(tmp_path, db):
    (tmp_path / "text.vdb").write_text("not a database at all")
    vectlite.open(tmp_path / "text.vdb")


def unsupported_format(tmp_path, db):
    path = db.path
    db.close()
    with open(path + ".wal", "r+b") as file:
        # A header of 64 bytes: magic, format version, …, and the checksum of what is before it.
        header = bytearray(file.read(60))
        header[8:12] = (99).to_bytes(4, "little")
        file.seek(0)
        file.write(header + zlib.crc32(header).to_bytes(4, "little"))
    vectlite.open(path)


def storage(tmp_path, db):
    vectlite.open("/proc/nowhere/a.vdb", 3)


README = Path(__file__).resolve().parents[1] / "README.md"


def test_the_table_of_the_front_page_is_complete():
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \|([^|]*)\|", README.read_text(encoding="utf-8"), re.MULTILINE)
    assert {(name, code) for name, code, _ in rows} == {(cls.__name__, code) for code, cls in _core.error_classes()}
    for name, _, also in rows:
        cls = error.LockTimeoutError if name == "VectLiteLockError" else getattr(vectlite, name)
        builtin = re.match(r" `(\w+)`", also)
        assert {base.__name__ for base in cls.__mro__} >= ({builtin[1]} if builtin else set())
        assert bool(builtin) == any(issubclass(cls, base) for base in (ValueError, KeyError, OSError))


REACHED = [
    lock_contention, closed, read_only, dimension_mismatch, invalid_argument, already_exists, not_found, filter,
    corruption, unsupported_format, storage,
]  # fmt: skip


def test_the_list_above_is_complete():
    assert {reach.__name__ for reach in REACHED} == BASES.keys()


@pytest.mark.parametrize("reach", REACHED, ids=lambda reach: reach.__name__)
def test_every_class_is_reached(reach, tmp_path, db):
    with pytest.raises(BASES[reach.__name__]) as caught:
        reach(tmp_path, db)
    assert caught.value.code == reach.__name__
    assert caught.value.committed is None
    assert str(caught.value) == caught.value.args[0] != ""


def test_a_lock_that_was_waited_for_is_a_timeout_too(db):
    with pytest.raises(vectlite.VectLiteLockError, match="lock contention") as caught:
        vectlite.open(db.path)
    assert not isinstance(caught.value, TimeoutError)
    with pytest.raises(TimeoutError, match="lock contention") as caught:
        vectlite.open(db.path, lock_timeout=0.01)
    assert isinstance(caught.value, vectlite.VectLiteLockError) and caught.value.code == "lock_contention"


def test_a_storage_error_keeps_what_the_system_said(tmp_path):
    with pytest.raises(OSError) as caught:
        vectlite.open("/proc/nowhere/a.vdb", 3)
    raised = caught.value
    assert raised.errno == errno.ENOENT and raised.strerror == os.strerror(errno.ENOENT)
    assert raised.filename == "/proc/nowhere/a.vdb"
    assert "/proc/nowhere" in str(raised)


def test_customary_phrases(db, path):
    phrases = [
        (lambda: db.search([1, 0]), "dimension mismatch: expected 3, found 2"),
        (lambda: db.search([0, 0, 0]), "zero norm"),
        (lambda: vectlite.open("x.vdb", 2, metric="hamming"), "unknown distance metric"),
    ]
    for call, phrase in phrases:
        with pytest.raises(ValueError, match=phrase):
            call()

"""Verifying, saving, backing up, restoring, erasing: what happens to files that other languages cannot say in JSON."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import vectlite

WORDS = ["cat", "dog", "fox", "owl"]
LONG = "unmistakable " * 4_000


def fill(db, count=200):
    """Records of every kind, three indexes, and a graph."""
    db.create_index("n", "numeric")
    db.create_index("word", "keyword")
    db.upsert_many(
        {
            "id": f"{number:03}", "namespace": ["", "other"][number % 2], "vector": [number, 1, number % 7],
            "text": f"{WORDS[number % 4]} common", "metadata": {"n": number, "word": WORDS[number % 4]},
        }
        for number in range(count)
    )  # fmt: skip
    db.upsert("all", [1, 2, 3], {"n": -1}, sparse={"learned": 2.5}, vectors={"small": [1, 2]}, text="cat")
    db.compact()


def state(db):
    """What two databases of one content have in common."""
    searches = [{"query": [1, 2, 3], "exact": True}, {"text": "cat"}, {"query": [1, 2], "vector_name": "small"}]
    found = [db.search(**search, all_namespaces=True, k=20) for search in searches]
    return db.list(), db.list_indexes(), db.index_config(), db.metric, db.dimension, found


def flip(path, at):
    content = bytearray(Path(path).read_bytes())
    content[at] ^= 0xFF
    Path(path).write_bytes(content)


def holders(directory, secret):
    return [file.name for file in directory.rglob("*") if file.is_file() and secret in file.read_bytes()]


def test_a_sound_database_is_said_to_be_sound(db, path):
    fill(db)
    db.upsert("later", [1, 1, 1])
    report = db.verify()
    numbers = {name: report.pop(name) for name in ["values", "bytes"]}
    # Each record has a row, and a document, which holds its vector.
    assert numbers["values"] > 2 * 201 and numbers["bytes"] > 201 * 12
    assert report == {
        "sound": True, "deep": False, "commit_id": db.commit_id, "records": 201, "log_commits": 1, "graphs": 1,
        "problems": [], "problem_count": 0, "repair": None,
    }  # fmt: skip
    for report in [db.verify(deep=True), db.verify(True), vectlite.verify(path, True), vectlite.verify(str(path), deep=True)]:
        assert (report["sound"], report["deep"], report["log_commits"]) == (True, True, 1)
    with vectlite.open(path, read_only=True, verify=True) as reader:
        assert reader.verify()["sound"] and len(reader) == 202


def test_a_flipped_byte_is_found_wherever_it_lies(db, path):
    fill(db)
    db.close()
    whole = path.read_bytes()
    found = 0
    # Pages of which nothing is used hold nothing that could be wrong.
    for page in range(1, len(whole) // 4096):
        path.write_bytes(whole)
        flip(path, page * 4096 + 12)
        report = vectlite.verify(path)
        if report["sound"]:
            continue
        found += 1
        assert report["problem_count"] >= len(report["problems"]) > 0
        assert all(problem["file"] == "vdb" and problem["what"] for problem in report["problems"])
        with pytest.raises(vectlite.CorruptionError, match="repair_to|corrupt|damage"):
            vectlite.open(path, verify=True)
    assert found > 10
    path.write_bytes(whole)
    image = Path(f"{path}.ann")
    flip(image, len(image.read_bytes()) // 2)
    problems = vectlite.verify(path)["problems"]
    assert problems and {problem["file"] for problem in problems} == {"ann"}
    with pytest.raises(vectlite.CorruptionError, match=r"in \.ann"):
        vectlite.open(path, verify=True)
    # Without it the graph is built anew, and nothing is lost.
    with vectlite.open(path) as db:
        assert len(db) == 201
        db.compact()
    assert vectlite.verify(path, deep=True)["sound"]


def test_collections_are_verified_too(tmp_path):
    with vectlite.open_store(tmp_path) as store:
        store.create_collection("a", 2, verify=True).close()
        with store.open_collection("a", verify=True) as db, store.open_collection_read_only("a", verify=True) as reader:
            db.upsert_many({"id": str(number), "text": LONG} for number in range(3))
            assert len(reader) == 3
        path = tmp_path / "a.vdb"
        flip(path, path.read_bytes().index(b"unmistakable unmist"))
        for method in [store.open_collection, store.open_collection_read_only, store.open_or_create_collection]:
            with pytest.raises(vectlite.CorruptionError):
                method("a", verify=True)
            method("a").close()


def test_what_can_be_read_is_saved(db, path, tmp_path):
    fill(db)
    db.upsert("hurt", [3, 2, 1], {"n": 5}, "other", text=LONG)
    db.flush()
    before = {(record["namespace"], record["id"]): record for record in db.list()}
    db.close()
    flip(path, path.read_bytes().index(b"unmistakable unmist"))
    saved = tmp_path / "new" / "saved.vdb"
    report = vectlite.verify(path, repair_to=saved)
    # What is read goes on behind the damage.
    assert not report["sound"] and report["values"] > 202
    assert report["repair"] == {
        "records": 202, "lost": 0, "incomplete": [{"namespace": "other", "id": "hurt", "missing": ["text"]}], "kv_saved": 0, "kv_lost": 0,
    }  # fmt: skip
    with vectlite.open(saved, verify=True) as db:
        after = {(record["namespace"], record["id"]): record for record in db.list()}
        del before["other", "hurt"]["text"]
        assert after == before
        assert db.list_indexes() == [("n", "numeric"), ("word", "keyword")]
        # Of a handle that is open, as well; and nothing is overwritten.
        report = db.verify(repair_to=str(tmp_path / "again.vdb"))
        assert report["repair"] == {"records": 202, "lost": 0, "incomplete": [], "kv_saved": 0, "kv_lost": 0}
        for call in [db.verify, lambda repair_to: vectlite.verify(path, False, repair_to)]:
            with pytest.raises(vectlite.AlreadyExistsError):
                call(repair_to=saved)


def test_a_database_that_cannot_be_opened_is_verified(path, tmp_path):
    path.write_bytes(b"not a database at all")
    report = vectlite.verify(path)
    assert not report["sound"] and report["problems"][0]["file"] == "vdb"
    with pytest.raises(vectlite.CorruptionError, match="restore a backup"):
        vectlite.verify(path, repair_to=tmp_path / "saved.vdb")
    with pytest.raises(vectlite.NotFoundError):
        vectlite.verify(tmp_path / "none.vdb")


def test_a_backup_becomes_a_database_again(db, path, tmp_path):
    fill(db)
    expected = state(db)
    copy = db.backup(tmp_path / "deep" / "monday")
    assert copy == str(tmp_path / "deep" / "monday" / "db.vdb") and db.path == str(path)
    with pytest.raises(vectlite.AlreadyExistsError):
        db.backup(str(tmp_path / "deep" / "monday"))
    db.delete("all")
    db.close()
    for source in [copy, Path(copy).parent]:
        with vectlite.restore(source, path, sync="on_flush", low_memory=True) as restored:
            assert restored.path == str(path) and not restored.read_only
            assert state(restored) == expected
            assert restored.search_with_stats([1, 2, 3])["stats"]["ann_loaded_from_disk"]
            restored.upsert("new", [1, 1, 1])
        assert vectlite.verify(path, deep=True)["sound"]
        assert not list(tmp_path.glob("*restoring*"))
    with vectlite.open(copy, read_only=True) as reader:
        assert state(reader) == expected
        assert reader.backup(tmp_path / "of a reader").endswith("db.vdb")


def test_nothing_that_is_open_is_restored_over(db, path, tmp_path):
    db.upsert("a", [1, 2, 3])
    copy = db.backup(tmp_path / "copy")
    with pytest.raises(vectlite.VectLiteLockError) as caught:
        vectlite.restore(copy, path)
    assert not isinstance(caught.value, TimeoutError)
    db.close()
    with vectlite.open(path, read_only=True) as reader:
        with pytest.raises(vectlite.VectLiteLockError):
            vectlite.restore(copy, path)
        assert len(reader) == 1
    with pytest.raises(vectlite.InvalidArgumentError, match="source itself"):
        vectlite.restore(copy, copy)
    # A damaged copy costs nothing.
    flip(copy, 4096 + 12)
    with pytest.raises(vectlite.CorruptionError):
        vectlite.restore(copy, path)
    with vectlite.open(path) as db:
        assert len(db) == 1


def test_errors_of_the_system_say_which_files(db, tmp_path):
    db.upsert("a", [1, 2, 3])
    copy = db.backup(tmp_path / "copy")
    nowhere = "/proc/nowhere/a.vdb"
    for call, names in [
        (lambda: db.backup("/proc/nowhere"), ("/proc/nowhere", None)),
        (lambda: db.verify(repair_to=nowhere), (nowhere, None)),
        (lambda: vectlite.verify(copy, repair_to=nowhere), (copy, nowhere)),
        (lambda: vectlite.restore(copy, nowhere), (copy, nowhere)),
    ]:
        with pytest.raises(vectlite.StorageError) as caught:
            call()
        raised = caught.value
        assert (raised.filename, raised.filename2) == names and raised.errno == errno.ENOENT
        assert "/proc/nowhere" in str(raised)


def test_what_was_deleted_is_in_no_file_after_erasing(db, path):
    fill(db)
    db.upsert("secretid", [1234.5, 1, 1], {"word": "secretvalue"}, "secretplace", {"secretterm": 1}, text="secretword")
    db.flush()
    db.delete("secretid", "secretplace")
    db.flush()
    secrets = [b"secretid", b"secretvalue", b"secretplace", b"secretterm", b"secretword"]
    assert all(holders(path.parent, secret) for secret in secrets)
    report = db.compact(erase=True)
    assert (report["records"], report["dropped"], report["shrunk"]) == (201, 1, True)
    assert [holders(path.parent, secret) for secret in secrets] == [[]] * len(secrets)
    assert db.compact(False)["shrunk"] is False and db.compact(True)["shrunk"] is True
    assert db.verify(deep=True)["sound"]

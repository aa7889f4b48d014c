"""What the engine has to say comes to `logging.getLogger("vectlite")`, and never to stdout or stderr."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading

import pytest

import vectlite

KILLED = """
import os, signal, sys, vectlite
db = vectlite.open(sys.argv[1], 3)
db.upsert("a", [1, 2, 3])
os.kill(os.getpid(), signal.SIGKILL)
"""


def kill_a_writer(path):
    assert subprocess.run([sys.executable, "-c", KILLED, path], check=False).returncode != 0


@pytest.fixture
def said(caplog):
    caplog.set_level(logging.INFO, logger="vectlite")
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records]


def spoiled(path):
    with vectlite.open(path, 3) as db:
        db.bulk_ingest({"id": str(number), "vector": [number, 1, 2]} for number in range(200))
    (path.parent / (path.name + ".ann")).write_bytes(b"not an image" * 100)


def test_a_recovery(path, said):
    kill_a_writer(path)
    assert said() == []
    with vectlite.open(path) as db:
        assert len(db) == 1
    assert said() == [("INFO", f"{path}: recovered 1 commits from the log, up to commit 1; the last writer had not closed the database")]


def test_an_image_of_no_use(path, said):
    spoiled(path)
    with vectlite.open(path) as db:
        assert len(db.search([1, 1, 1], k=200)) == 200
    [(level, message)] = said()
    assert level == "WARNING" and message.startswith(f"{path}.ann: not used, graphs are built anew: ")


def test_a_wait_for_the_lock(db, said):
    with pytest.raises(TimeoutError):
        vectlite.open(db.path, lock_timeout=0.02)
    [(level, message)] = said()
    assert level == "INFO" and message.startswith(f"{db.path}: waiting for the lock (held by writer pid={os.getpid()}")
    with pytest.raises(vectlite.VectLiteLockError):
        vectlite.open(db.path)
    assert len(said()) == 1


def test_nothing_is_written_where_nobody_listens(path):
    spoiled(path)
    for imports in ("", "import logging\n"):
        code = f"{imports}import sys, vectlite\nvectlite.open(sys.argv[1]).close()"
        run = subprocess.run([sys.executable, "-c", code, path], capture_output=True, check=True)
        assert run.stdout == run.stderr == b""
        spoiled(path.with_name("other.vdb"))
        path = path.with_name("other.vdb")


@pytest.fixture
def handler():
    """A handler whose `emit` is what a test makes it."""
    made = logging.Handler()
    logger = logging.getLogger("vectlite")
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(made)
    yield made
    logger.removeHandler(made)
    logger.setLevel(level)


def test_a_handler_may_use_a_database(path, handler, tmp_path):
    kill_a_writer(path)
    with vectlite.open(tmp_path / "messages.vdb", 3) as messages:
        handler.emit = lambda record: messages.upsert(str(record.lineno), text=record.getMessage())
        vectlite.open(path).close()
        assert len(messages.search(text="recovered")) == 1


def test_a_handler_that_fails_spoils_no_call(path, handler, monkeypatch):
    kill_a_writer(path)
    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)

    def emit(record):
        raise RuntimeError("the handler is broken")

    handler.emit = emit
    with vectlite.open(path) as db:
        assert len(db) == 1
    assert [str(event.exc_value) for event in unraisable] == ["the handler is broken"]


def test_ctrl_c_in_a_handler_is_heard(path, handler):
    kill_a_writer(path)

    def emit(record):
        raise KeyboardInterrupt

    handler.emit = emit
    with pytest.raises(KeyboardInterrupt):
        vectlite.open(path)


def test_a_handler_that_waits_holds_no_other_call_up(path, handler, tmp_path):
    kill_a_writer(path)
    entered, gate = threading.Event(), threading.Event()

    def emit(record):
        entered.set()
        assert gate.wait(30)

    handler.emit = emit
    opening = threading.Thread(target=lambda: vectlite.open(path).close())
    opening.start()
    assert entered.wait(30)
    with vectlite.open(tmp_path / "other.vdb", 3) as other:
        other.upsert("a", [1, 2, 3])
        assert len(other) == 1
    gate.set()
    opening.join()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_child_says_what_it_has_to_say(path, said, tmp_path):
    kill_a_writer(path)
    child = os.fork()
    if child == 0:
        vectlite.open(path).close()
        os._exit(0 if len(said()) == 1 else 1)
    assert os.waitpid(child, 0)[1] == 0 and said() == []

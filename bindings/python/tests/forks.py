"""Every way in which a process comes from one that has a database open; `test_fork.py` runs these in a process each.

    python forks.py SCENARIO DIRECTORY ROUNDS

A hang ends the process with the stacks of all threads, in children, too.
"""

from __future__ import annotations

import concurrent.futures
import faulthandler
import gc
import http.client
import http.server
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Callable, Iterator

import vectlite

# Seconds after which whoever is not done hangs, on a busy machine, too.
HANGS_AFTER = 40
RECORDS = 300
VECTOR = [1.0, 0.5, 0.25]
# In use by the functions that run in other processes.
inherited: Any = None


def fill(path: Path) -> vectlite.Database:
    """A database of some records, with a graph, open for writing."""
    db = vectlite.open(path, 3)
    records = [{"id": f"r{n}", "vector": [n, 1, 2], "text": "word", "metadata": {"n": n}} for n in range(RECORDS)]
    db.bulk_ingest(records)
    return db


def reads(db: vectlite.Database, least: int = RECORDS) -> None:
    """Whatever can be read answers."""
    assert len(db) >= least
    assert db.get("r7")["metadata"] == {"n": 7}
    assert len(db.search(VECTOR, k=10)) == 10
    assert len(db.search(text="word", k=5)) == 5
    assert [len(hits) for hits in db.search_batch([VECTOR] * 8, k=3)] == [3] * 8
    assert len(list(db)) >= least
    with db.read_view() as view:
        assert view.count() == len(view.list()) >= least
    assert db.stats()["records"] >= least
    assert db.wait_for(db.refresh(), 0)


def refuses_writes(db: vectlite.Database) -> None:
    """Whatever writes says why it does not."""
    assert db.read_only and "read-only" in repr(db)
    for write in [
        lambda: db.upsert("x", VECTOR), lambda: db.delete("r1"), lambda: db.flush(), lambda: db.compact(),
        lambda: db.transaction(), lambda: db.bulk_ingest([{"id": "x"}]), lambda: db.create_index("n", "numeric"),
    ]:  # fmt: skip
        try:
            write()
        except vectlite.ReadOnlyError as error:
            assert "forked" in str(error), error
        else:
            raise AssertionError("a forked child wrote")


def read_and_be_refused(db: vectlite.Database) -> None:
    reads(db)
    refuses_writes(db)
    reads(db)


def watch(seconds: int = HANGS_AFTER) -> None:
    """Ends this process with its stacks if it is not done in time. By a signal: the thread of `dump_traceback_later` is not
    there in a child, which would wait for it."""
    faulthandler.enable()
    faulthandler.register(signal.SIGALRM, chain=True)
    signal.alarm(seconds)


class Child:
    """A forked child that does something, and then ends without the interpreter's cleaning up."""

    def __init__(self, work: Callable[[], object], end: Callable[[int], None] = os._exit) -> None:
        sys.stdout.flush()
        self._read, write = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(write)
            return
        watch()
        os.close(self._read)
        try:
            work()
        except BaseException:
            os.write(write, traceback.format_exc().encode())
            os._exit(1)
        end(0)

    def wait(self, killed: bool = False) -> None:
        """Returns when it has ended as it should; kills one that hangs, whose stacks are shown then."""
        ends = time.monotonic() + HANGS_AFTER + 10
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > ends:
                os.kill(self.pid, signal.SIGABRT)
                raise AssertionError("a child hangs")
            time.sleep(0.002)
        # Not to its end, which comes when the last child of that child is gone.
        os.set_blocking(self._read, False)
        with open(self._read, "rb", buffering=0) as pipe:
            complaint = (pipe.read() or b"").decode()
        assert not complaint, complaint
        assert status == (signal.SIGKILL if killed else 0), f"a child ended with {status}"


@contextmanager
def thread(work: Callable[[], object]) -> Iterator[None]:
    """A thread that does something again and again, meanwhile."""
    over, failures = threading.Event(), []

    def run() -> None:
        try:
            while not over.is_set():
                work()
        except BaseException as failure:
            failures.append(failure)

    runner = threading.Thread(target=run)
    runner.start()
    try:
        yield
    finally:
        over.set()
        runner.join()
    assert not failures, failures


def goes_on(db: vectlite.Database) -> None:
    """The parent is as it was: it writes, reads and closes, and what it wrote is there; nobody has its locks then."""
    db.upsert("later", VECTOR, {"n": -1}, text="word")
    reads(db, RECORDS + 1)
    path = db.path
    db.close()
    with vectlite.open(path) as again:
        assert again.get("later")["metadata"] == {"n": -1}
        reads(again, RECORDS + 1)


def fork(path: Path) -> None:
    """os.fork: the child reads, also what is committed later, and does not write."""
    db = fill(path)
    tell, ask = os.pipe()

    def work() -> None:
        read_and_be_refused(db)
        os.read(tell, 1)
        assert db.get("later")["metadata"] == {"n": -1}

    child = Child(work)
    db.upsert("later", VECTOR, {"n": -1}, text="word")
    os.write(ask, b"x")
    child.wait()
    goes_on(db)
    os.close(tell), os.close(ask)


def fork_of_a_reader(path: Path) -> None:
    """A handle that is read-only already, beside its writer."""
    with fill(path) as writer, vectlite.open(path, read_only=True) as db:
        reads(db)
        child = Child(lambda: reads(db))
        reads(db)
        child.wait()
        writer.upsert("later", VECTOR)
        reads(db, RECORDS + 1)


def many_children(path: Path) -> None:
    """Several children at once, each with several threads that come first."""
    db = fill(path)

    def work() -> None:
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            for done in [pool.submit(reads, db) for _ in range(6)]:
                done.result()

    for child in [Child(work) for _ in range(4)]:
        child.wait()
    goes_on(db)


def by_path(path: str) -> int:
    watch()
    with vectlite.open(path, read_only=True) as db:
        reads(db)
        return len(db)


def by_inheritance(_path: str) -> int:
    watch()
    read_and_be_refused(inherited)
    return len(inherited)


def process(method: str, path: Path) -> None:
    global inherited
    inherited = fill(path)
    target = by_inheritance if method == "fork" else by_path
    context = multiprocessing.get_context(method)
    workers = [context.Process(target=target, args=(str(path),)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(HANGS_AFTER)
        assert worker.exitcode == 0, worker
    goes_on(inherited)


def pool(method: str, path: Path) -> None:
    global inherited
    inherited = fill(path)
    target = by_inheritance if method == "fork" else by_path
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        for count in executor.map(target, [str(path)] * 4, timeout=HANGS_AFTER):
            assert count == RECORDS
    goes_on(inherited)


def program(path: Path) -> None:
    """Another program, once with the open descriptors of this one."""
    db = fill(path)
    script = (
        "import vectlite, sys\n"
        "assert len(vectlite.open(sys.argv[1], read_only=True)) == int(sys.argv[2])\n"
        "try: vectlite.open(sys.argv[1])\n"
        "except vectlite.VectLiteLockError as error: assert 'pid=' + sys.argv[3] in str(error), error\n"
        "else: raise AssertionError\n"
    )
    for close_fds in [True, False]:
        words = [sys.executable, "-c", script, str(path), str(RECORDS), str(os.getpid())]
        subprocess.run(words, check=True, timeout=HANGS_AFTER, close_fds=close_fds)
    goes_on(db)


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with how many records there are, and whether this process can write."""

    def do_GET(self) -> None:
        hits = inherited.search(VECTOR, k=5)
        try:
            inherited.upsert("x", VECTOR)
            writes = True
        except vectlite.ReadOnlyError:
            writes = False
        body = f"{len(hits)} {len(inherited)} {writes} {os.getpid()}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: Any) -> None:
        pass


def web_server(path: Path) -> None:
    """A web server that loads the database first and then forks its workers, which share a socket."""
    global inherited
    inherited = fill(path)
    reads(inherited)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        address = listening.getsockname()

        def serve() -> None:
            server = http.server.ThreadingHTTPServer(address, Handler, bind_and_activate=False)
            server.socket.close()
            server.socket = listening
            server.serve_forever(poll_interval=0.01)

        workers = [Child(serve) for _ in range(3)]
        answered = set()
        for number in range(30):
            inherited.upsert(f"more{number}", VECTOR)
            connection = http.client.HTTPConnection(*address, timeout=HANGS_AFTER)
            connection.request("GET", "/")
            hits, count, writes, pid = connection.getresponse().read().decode().split()
            connection.close()
            assert (hits, int(count), writes) == ("5", RECORDS + number + 1, "False")
            answered.add(int(pid))
        assert answered <= {worker.pid for worker in workers}
        for worker in workers:
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait(killed=True)
    goes_on(inherited)


def while_threads_search(path: Path) -> None:
    db = fill(path)
    with thread(lambda: reads(db)), thread(lambda: db.search_batch([VECTOR] * 50, k=10)):
        for child in [Child(lambda: read_and_be_refused(db)) for _ in range(5)]:
            child.wait()
    goes_on(db)


def while_a_thread_writes(path: Path) -> None:
    db = fill(path)
    numbers = iter(range(10**9))

    def write() -> None:
        db.upsert(f"w{next(numbers) % 50}", VECTOR, {"x": "y" * 500}, text="word")
        if next(numbers) % 20 == 0:
            db.flush()
        if next(numbers) % 50 == 0:
            db.compact()

    with thread(write):
        for child in [Child(lambda: read_and_be_refused(db)) for _ in range(5)]:
            child.wait()
    goes_on(db)


def while_a_thread_loads(path: Path) -> None:
    db = fill(path)
    more = [{"id": f"m{number}", "vector": [number, 2, 1], "text": "word"} for number in range(500)]
    with thread(lambda: db.bulk_ingest(iter(more), batch_size=100)):
        for child in [Child(lambda: read_and_be_refused(db)) for _ in range(3)]:
            child.wait()
    goes_on(db)


def inside_a_transaction(path: Path) -> None:
    db = fill(path)
    with db.transaction() as transaction:
        transaction.upsert("t", VECTOR)

        def work() -> None:
            for use in [lambda: transaction.get("r1"), lambda: transaction.upsert("u", VECTOR), transaction.commit]:
                try:
                    use()
                except vectlite.ReadOnlyError as error:
                    assert "forked" in str(error)
                else:
                    raise AssertionError("a forked child used the transaction of its parent")
            read_and_be_refused(db)
            assert "t" not in db

        child = Child(work)
        transaction.upsert("v", VECTOR)
        child.wait()
    assert "t" in db and "v" in db
    goes_on(db)


def with_a_view_and_an_iterator(path: Path) -> None:
    db = fill(path)
    view, keys = db.read_view(), iter(db)
    assert next(keys)

    def work() -> None:
        for use in [lambda: view.get("r1"), lambda: view.count(), lambda: view.search(VECTOR)]:
            try:
                use()
            except vectlite.ClosedError as error:
                assert "forked" in str(error)
            else:
                raise AssertionError("a forked child used the view of its parent")
        assert "closed" in repr(view)
        view.close()
        # It goes on where its parent was.
        assert len(list(keys)) in (RECORDS - 1, RECORDS)
        read_and_be_refused(db)

    child = Child(work)
    db.upsert("x", VECTOR)
    child.wait()
    assert view.get("r1") is not None and view.get("x") is None and db.get("x") is not None
    assert len(list(keys)) == RECORDS
    view.close()
    db.delete("x")
    goes_on(db)


def own_handles(path: Path) -> None:
    """The child opens handles of its own beside the inherited one; to write it has to wait for its parent."""
    db = fill(path)
    closed, tell = os.pipe()
    refused, say = os.pipe()

    def work() -> None:
        with vectlite.open(path, read_only=True) as own:
            reads(own)
        try:
            vectlite.open(path)
        except vectlite.VectLiteLockError as error:
            assert f"pid={os.getppid()}" in str(error)
        else:
            raise AssertionError("two writers")
        os.write(say, b"x")
        os.read(closed, 1)
        with vectlite.open(path) as own:
            own.upsert("child", VECTOR)
            reads(own, RECORDS + 1)
            assert "child" in db
            refuses_writes(db)
        read_and_be_refused(db)

    child = Child(work)
    os.read(refused, 1)
    db.close()
    os.write(tell, b"x")
    child.wait()
    with vectlite.open(path) as db:
        assert "child" in db
        goes_on(db)
    for end in [closed, tell, refused, say]:
        os.close(end)


def grandchild(path: Path) -> None:
    """A child of a child, which has used the handle or not."""
    db = fill(path)

    def work() -> None:
        Child(lambda: read_and_be_refused(db)).wait()
        read_and_be_refused(db)
        view = db.read_view()
        with thread(lambda: reads(db)):
            Child(lambda: read_and_be_refused(db)).wait()
        assert view.count() == RECORDS
        db.close()
        Child(lambda: ends_in(vectlite.ClosedError, lambda: len(db))).wait()

    Child(work).wait()
    goes_on(db)


def ends_in(error: type[BaseException], work: Callable[[], object]) -> None:
    try:
        work()
    except error:
        return
    raise AssertionError(f"no {error.__name__}")


def parent_closes_first(path: Path) -> None:
    """What the parent closes is free at once, whoever has inherited its descriptors; and the child goes on."""
    db = fill(path)
    closed, tell = os.pipe()

    def work() -> None:
        os.read(closed, 1)
        read_and_be_refused(db)

    children = [Child(work) for _ in range(2)]
    db.close()
    started = time.monotonic()
    with vectlite.open(path) as next_writer:
        assert time.monotonic() - started < 5
        os.write(tell, b"xx")
        next_writer.upsert("later", VECTOR)
        for child in children:
            child.wait()
        reads(next_writer)
    os.close(closed), os.close(tell)
    # Nobody is taken for a holder of the files.
    with vectlite.open_store(path.parent) as store:
        assert store.drop_collection(path.stem)


def parent_is_killed(path: Path) -> None:
    """A killed parent's locks are free when the last child that has inherited them is gone; until then errors say who had them."""
    told, tell = os.pipe()

    def parent() -> None:
        db = fill(path)

        def work() -> None:
            read_and_be_refused(db)
            os.write(tell, f"{os.getpid()}\n".encode())
            while os.getppid() == middle:
                time.sleep(0.001)
            # Nobody writes any more, and what was visible stays so.
            reads(db)
            os.write(tell, b"read\n")
            time.sleep(HANGS_AFTER)

        middle = os.getpid()
        Child(work)
        time.sleep(HANGS_AFTER)

    child = Child(parent)
    with os.fdopen(told) as lines:
        grandchild = int(lines.readline())
        os.kill(child.pid, signal.SIGKILL)
        child.wait(killed=True)
        assert lines.readline() == "read\n"
        try:
            vectlite.open(path).close()
        except vectlite.VectLiteLockError as error:
            assert f"pid={child.pid}" in str(error)
        os.kill(grandchild, signal.SIGKILL)
    os.close(tell)
    with vectlite.open(path, lock_timeout=HANGS_AFTER) as db:
        reads(db)
        goes_on(db)


def daemon(path: Path) -> None:
    """A process that has left its parent and its session, as servers do."""
    db = fill(path)
    told, tell = os.pipe()

    def work() -> None:
        os.setsid()
        if os.fork():
            return
        watch()
        try:
            read_and_be_refused(db)
            with vectlite.open(path, lock_timeout=HANGS_AFTER) as own:
                own.upsert("daemon", VECTOR)
            os.write(tell, b"done")
        except BaseException:
            os.write(tell, traceback.format_exc().encode())
        os._exit(0)

    Child(work).wait()
    db.close()
    os.close(tell)
    with os.fdopen(told) as pipe:
        assert pipe.read() == "done"
    with vectlite.open(path) as db:
        assert "daemon" in db
        goes_on(db)


def exits(path: Path) -> None:
    """A child that ends as programs do, with the interpreter's cleaning up, and one that collects what it has inherited."""
    db = fill(path)
    view, transaction = db.read_view(), db.transaction()
    transaction.upsert("t", VECTOR)

    def collect() -> None:
        nonlocal db, view, transaction
        del db, view, transaction
        gc.collect()

    children = [Child(lambda: None, sys.exit), Child(lambda: reads(db), sys.exit), Child(collect), Child(collect, sys.exit)]
    children.append(Child(lambda: (db.close(), db.close(), ends_in(vectlite.ClosedError, lambda: len(db)))))
    for child in children:
        child.wait()
    transaction.commit()
    assert view.count() == RECORDS and "t" in db
    view.close()
    goes_on(db)


SCENARIOS: dict[str, Callable[[Path], None]] = {
    scenario.__name__: scenario
    for scenario in [
        fork, fork_of_a_reader, many_children, program, web_server, while_threads_search, while_a_thread_writes,
        while_a_thread_loads, inside_a_transaction, with_a_view_and_an_iterator, own_handles, grandchild,
        parent_closes_first, parent_is_killed, daemon, exits,
    ]
}  # fmt: skip
for method in ["fork", "forkserver", "spawn"]:
    SCENARIOS[f"process_{method}"] = lambda path, method=method: process(method, path)
    SCENARIOS[f"pool_{method}"] = lambda path, method=method: pool(method, path)


def main(name: str, directory: str, rounds: str) -> None:
    # Python warns of forks beside threads, which is what this is about.
    warnings.simplefilter("ignore", DeprecationWarning)
    for number in range(int(rounds)):
        folder = Path(directory) / str(number)
        folder.mkdir()
        watch(3 * HANGS_AFTER)
        SCENARIOS[name](folder / "db.vdb")
    print(f"{name}: {rounds} rounds")


if __name__ == "__main__":
    main(*sys.argv[1:])

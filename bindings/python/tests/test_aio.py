"""The same database for asyncio: the same methods, which leave the loop alone."""

from __future__ import annotations

import asyncio
import gc
import inspect
import threading

import async_stub
import pytest

import vectlite
from vectlite import _core, aio

PAIRS = {
    aio.AsyncDatabase: _core.Database,
    aio.AsyncReadView: _core.ReadView,
    aio.AsyncTransaction: _core.Transaction,
    aio.AsyncStore: _core.Store,
}
OPENERS = {"read_view", "transaction"} | {name for name in vars(_core.Store) if "_collection" in name} - {"drop_collection"}
# What a test that hangs is given up after.
PATIENCE = 30


def run(main):
    return asyncio.run(asyncio.wait_for(main, PATIENCE))


def public(cls):
    return {name for name in vars(cls) if not name.startswith("_")}


def test_the_stub_is_made_of_the_other_one():
    assert async_stub.STUB.read_text(encoding="utf-8") == async_stub.stub(), "run tests/async_stub.py --write"


@pytest.mark.parametrize("form", PAIRS, ids=lambda form: form.__name__)
def test_every_method_has_its_coroutine(form):
    other = PAIRS[form]
    assert public(form) == public(other)
    for name in public(other):
        mine, theirs = getattr(form, name), getattr(other, name)
        assert mine.__doc__ == theirs.__doc__.partition(">>>")[0].rstrip() or isinstance(mine, property)
        if callable(theirs):
            assert inspect.signature(mine) == inspect.signature(theirs)
            assert inspect.iscoroutinefunction(mine) == (name not in OPENERS)
            assert mine.__qualname__ == f"{form.__name__}.{name}"


def test_the_names_of_the_package():
    assert {name for name in vectlite.__all__ if name.startswith("Async") or name.endswith("_async")} == {
        name for name in aio.__all__ if name != "Opening"
    }
    assert vectlite.open_async is aio.open_async
    assert inspect.signature(vectlite.open_async) == inspect.signature(vectlite.open)
    with pytest.raises(AttributeError, match="no attribute 'AsyncNothing'"):
        _ = vectlite.AsyncNothing
    assert "AsyncDatabase" in dir(vectlite)


def test_a_life(path):
    async def main():
        async with vectlite.open_async(path, 3) as db:
            await db.upsert("milk", [1, 0, 0], {"done": False}, text="buy oat milk")
            assert (await db.get("milk"))["text"] == "buy oat milk"
            assert [hit["id"] for hit in await db.search([1, 0, 0], text="milk")] == ["milk"]
            assert db.dimension == 3 and db.path == str(path) and await db.commit_id == 1
            async with db.transaction() as tx:
                await tx.upsert("tea", [0, 1, 0])
                assert len(tx) == 1 and bool(tx) and await db.get("tea") is None
            assert await db.exists("tea")
            with pytest.raises(RuntimeError, match="enough"):
                async with db.transaction() as tx:
                    await tx.delete("tea")
                    raise RuntimeError("enough")
            assert await db.exists("tea")
            async with db.read_view() as view:
                await db.delete("tea")
                assert await view.count() == 2 and await db.count() == 1 and await view.commit_id == 2
            with pytest.raises(vectlite.ClosedError):
                await view.count()
            with pytest.raises(vectlite.DimensionMismatchError):
                await db.upsert("a", [1])
            with pytest.raises(TypeError, match="unexpected keyword"):
                await db.search(nothing=1)
            assert repr(db).startswith("<vectlite.AsyncDatabase ")
        assert "closed" in repr(db)
        await db.close()
        with pytest.raises(vectlite.ClosedError):
            await db.get("milk")
        again = await vectlite.open_async(path)
        assert await again.count() == 1
        await again.close()

    run(main())


def test_a_store(tmp_path):
    async def main():
        async with vectlite.open_store_async(tmp_path / "store") as store:
            async with store.create_collection("notes", 2) as notes:
                await notes.upsert("a", [1, 2])
                with pytest.raises(vectlite.VectLiteLockError):
                    await store.open_collection("notes")
            reader = await store.open_collection_read_only("notes")
            assert await reader.count() == 1
            await reader.close()
            assert await store.collections() == ["notes"] and await store.drop_collection("notes")
        with pytest.raises(vectlite.ClosedError):
            await store.collections()

    run(main())


def test_keys_and_records_cross_in_pages(path):
    async def records(count):
        for number in range(count):
            if number % 100 == 0:
                await asyncio.sleep(0)
            yield {"id": f"{number:05}", "vector": [number, 1]}

    async def main():
        async with vectlite.open_async(path, 2, sync="on_flush") as db:
            assert await db.bulk_ingest(records(1_000), batch_size=100) == 1_000
            assert await db.upsert_many(records(aio.PAGE)) == aio.PAGE
            keys = [key async for key in db]
            assert keys == [("", f"{number:05}") for number in range(1_000)]

            async def failing():
                async for record in records(250):
                    yield record
                raise RuntimeError("enough")

            with pytest.raises(RuntimeError, match="enough"):
                await db.bulk_ingest(failing(), batch_size=100)

    run(main())


def test_what_waits_long_holds_no_read_up(path):
    """As many loads as there are threads for them, none of which gets on, and a hundred waits: searches are answered all the same."""
    gate = threading.Event()

    def records():
        gate.wait(PATIENCE)
        yield {"id": "a", "vector": [1, 1]}

    async def main():
        async with vectlite.open_async(path, 2, sync="on_flush") as db:
            await db.upsert("b", [1, 1])
            loads = [asyncio.ensure_future(db.bulk_ingest(records())) for _ in range(aio.WRITERS)]
            waits = [asyncio.ensure_future(db.wait_for(10**9, PATIENCE * 10)) for _ in range(100)]
            for _ in range(50):
                assert len(await db.search([1, 1])) == 1
            gate.set()
            assert await asyncio.gather(*loads) == [1] * aio.WRITERS
            assert not any(wait.done() for wait in waits)
            for wait in waits:
                wait.cancel()
            ended = await asyncio.gather(*waits, return_exceptions=True)
            assert all(isinstance(end, asyncio.CancelledError) for end in ended)

    run(main())


def test_wait_for(path):
    async def main():
        async with vectlite.open_async(path, 2) as db, vectlite.open_async(path, read_only=True) as reader:
            waits = asyncio.ensure_future(reader.wait_for(1, PATIENCE))
            await asyncio.sleep(0)
            await db.upsert("a", [1, 2])
            assert await waits is True
            assert await reader.wait_for(2, 0) is False and await reader.wait_for(2, 0.02) is False
            for wrong in (float("nan"), -1, float("inf")):
                with pytest.raises(vectlite.InvalidArgumentError, match="timeout"):
                    await reader.wait_for(2, wrong)
            with pytest.raises(TypeError):
                await reader.wait_for(2, "soon")
            waits = asyncio.ensure_future(reader.wait_for(2, PATIENCE))
            await asyncio.sleep(0)
            await reader.close()
            with pytest.raises(vectlite.ClosedError):
                await waits

    run(main())


def test_a_call_that_is_cancelled_before_its_turn_never_runs(path):
    gate = threading.Event()

    def records():
        gate.wait(PATIENCE)
        yield {"id": "a", "vector": [1, 1]}

    async def main():
        async with vectlite.open_async(path, 2, sync="on_flush") as db:
            loads = [asyncio.ensure_future(db.bulk_ingest(records())) for _ in range(aio.WRITERS)]
            await asyncio.sleep(0.05)
            late = asyncio.ensure_future(db.upsert("late", [1, 1]))
            await asyncio.sleep(0.05)
            late.cancel()
            with pytest.raises(asyncio.CancelledError):
                await late
            gate.set()
            await asyncio.gather(*loads)
            assert await db.get("late") is None

    run(main())


def test_opening_that_is_cancelled_leaves_nothing_open(path):
    async def main():
        holder = await vectlite.open_async(path, 2)
        opening = asyncio.ensure_future(vectlite.open_async(path, lock_timeout=PATIENCE).__aenter__())
        await asyncio.sleep(0.1)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError):
            await opening
        await holder.close()
        # The one that was given up opens now, and is closed at once.
        async with vectlite.open_async(path, lock_timeout=PATIENCE) as db:
            await db.upsert("a", [1, 2])

    run(main())


def test_a_database_that_is_forgotten_is_closed(path):
    async def main():
        db = await vectlite.open_async(path, 2)
        await db.upsert("a", [1, 2])
        del db
        gc.collect()
        # Whichever thread lets go of it last closes it.
        async with vectlite.open_async(path, lock_timeout=PATIENCE) as again:
            assert await again.count() == 1

    run(main())


def test_any_database_can_be_taken_along(db):
    async def main():
        mine = vectlite.AsyncDatabase(db)
        await mine.upsert("a", [1, 2, 3])
        assert "a" in db

    run(main())

"""The same database for asyncio: every method is a coroutine, and none of them blocks the event loop.

    async with vectlite.open_async("notes.vdb", dimension=3) as db:
        await db.upsert("milk", [0.9, 0.1, 0.0], text="buy oat milk")
        hits = await db.search([1.0, 0.0, 0.0], text="milk")

Calls run in threads of the database's own, reads apart from everything else: however many loads and compactions are under
way, a search waits for none of them. A call that is cancelled before its turn never runs. One that is running goes on, and its
result is dropped: a write may be there afterwards, as after any answer that did not arrive. Functions that are given,
such as `rerank`, are called in those threads, with the context variables of the caller; where records are asked for, an
asynchronous iterable will do.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import math
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice

from . import _core

__all__ = [
    "AsyncDatabase",
    "AsyncReadView",
    "AsyncStore",
    "AsyncTransaction",
    "Opening",
    "open_async",
    "open_store_async",
]

# Writes and upkeep that run at a time: enough that writers who wait for one sync share it, few enough to be no burden.
WRITERS = 32
# Keys, and records of an asynchronous iterable, that cross between threads at a time: a crossing takes as long as some of them.
PAGE = 256
# A wait looks so soon again, in seconds, and then ever later: a commit that comes at once is not kept waiting, and one that does
# not come costs nothing.
FIRST_LOOK, LAST_LOOK = 0.001, 0.02

_READS = frozenset(name for name in vars(_core.ReadView) if not name.startswith("_")) | {"close"}
"""What has the threads for reads: short, and waits for nobody. Closing is among them, since it ends what runs in the others."""


class _Threads:
    """The threads that one handle and what is made of it call in."""

    def __init__(self):
        self._reads = ThreadPoolExecutor(thread_name_prefix="vectlite-read")
        self._others = ThreadPoolExecutor(WRITERS, thread_name_prefix="vectlite-write")
        self._ended = False

    async def run(self, function, *arguments, read=False, undo=None, **options):
        """Calls the function in a thread; what nobody waits for any more is undone."""
        if self._ended:
            # What is closed says so at once.
            return function(*arguments, **options)
        loop, stopped = asyncio.get_running_loop(), []
        arguments = [_bridged(argument, loop, stopped) for argument in arguments]
        options = {name: _bridged(option, loop, stopped) for name, option in options.items()}
        call = functools.partial(contextvars.copy_context().run, function, *arguments, **options)
        future: Future = (self._reads if read else self._others).submit(call)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            stopped.append(True)
            if undo is not None:
                future.add_done_callback(functools.partial(_undone, undo))
            raise

    def end(self):
        self._ended = True
        self._reads.shutdown(wait=False)
        self._others.shutdown(wait=False)


def _undone(undo, future):
    if not future.cancelled() and future.exception() is None:
        undo(future.result())


def _bridged(argument, loop, stopped):
    """An asynchronous iterable as one that a thread can read; anything else as it is."""
    return _taken(argument, loop, stopped) if hasattr(type(argument), "__aiter__") else argument


def _taken(iterable, loop, stopped):
    iterator = iterable.__aiter__()

    async def page():
        taken = []
        async for item in iterator:
            taken.append(item)
            if len(taken) == PAGE:
                break
        return taken

    while not stopped:
        taken = asyncio.run_coroutine_threadsafe(page(), loop).result()
        if not taken:
            return
        yield from taken
    raise asyncio.CancelledError


class Opening:
    """What is about to be opened: `await` it, or open and close it by `async with`."""

    def __init__(self, opened):
        self._open = opened
        self._opened = None

    def __await__(self):
        return self._open().__await__()

    async def __aenter__(self):
        self._opened = await self._open()
        return self._opened

    async def __aexit__(self, *exception):
        await self._opened.__aexit__(*exception)


class _Handle:
    """What there is in two forms: `_inner` is the one that blocks."""

    __slots__ = ("__weakref__", "_inner", "_threads")

    def __init__(self, inner, threads=None):
        self._inner = inner
        self._threads = _Threads() if threads is None else threads

    def __repr__(self):
        return repr(self._inner).replace("<vectlite.", "<vectlite.Async", 1)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *exception):
        await self.close()


def _documentation(of):
    """Its documentation without the example, which does not await."""
    return of.__doc__.partition(">>>")[0].rstrip()


def _described(function, of, owner=None):
    """The function, with the name, the arguments and the documentation of another one."""
    function.__name__ = of.__name__
    function.__qualname__ = of.__name__ if owner is None else f"{owner.__name__}.{of.__name__}"
    function.__module__ = __name__
    function.__doc__ = _documentation(of)
    function.__signature__ = inspect.signature(of)
    return function


def _coroutine(name):
    read = name in _READS

    async def call(self, *arguments, **options):
        # Looked up anew: what is inside may be another class's, or be watched by now.
        return await self._threads.run(getattr(self._inner, name), *arguments, read=read, **options)

    return call


def _opener(name, form, own_threads):
    """A method that opens something, which is `form` here."""

    def opener(self, *arguments, **options):
        async def opened():
            undo = type(self)._closing
            inner = await self._threads.run(getattr(self._inner, name), *arguments, undo=undo, **options)
            return form(inner, None if own_threads else self._threads)

        return Opening(opened)

    return opener


def _constant(name, of):
    def get(self):
        return getattr(self._inner, name)

    return property(get, doc=of.__doc__)


def _looked_up(name, of):
    def get(self):
        return self._threads.run(getattr, self._inner, name, read=True)

    return property(get, doc=of.__doc__)


def _complete(form, of, opens, looked_up=()):
    """Gives the form everything that the class has and that does not stand in its body."""
    form.__doc__ = f"{of.__name__} for asyncio. {_documentation(of)}"
    for name, member in vars(of).items():
        if name in vars(form):
            if not name.startswith("_"):
                _described(vars(form)[name], member, form)
        elif name.startswith("_"):
            continue
        elif name in looked_up:
            setattr(form, name, _looked_up(name, member))
        elif not callable(member):
            setattr(form, name, _constant(name, member))
        elif name in opens:
            setattr(form, name, _described(_opener(name, *opens[name]), member, form))
        else:
            setattr(form, name, _described(_coroutine(name), member, form))


class AsyncReadView(_Handle):
    __slots__ = ()


class AsyncTransaction(_Handle):
    __slots__ = ()

    def __len__(self):
        return len(self._inner)

    def __bool__(self):
        return True

    async def __aexit__(self, *exception):
        await self._threads.run(self._inner.__exit__, *exception)


class AsyncDatabase(_Handle):
    __slots__ = ()

    _closing = staticmethod(lambda opened: None)

    def __init__(self, inner):
        super().__init__(inner)

    async def close(self):
        await self._threads.run(self._inner.close, read=True)
        self._threads.end()

    async def wait_for(self, commit_id, timeout):
        loop = asyncio.get_running_loop()
        waits = 0 < timeout < math.inf
        ends, pause = loop.time() + timeout if waits else 0, FIRST_LOOK
        while True:
            # What is no time to wait is refused there.
            if await self._threads.run(self._inner.wait_for, commit_id, 0 if waits else timeout, read=True):
                return True
            left = ends - loop.time()
            if left <= 0:
                return False
            await asyncio.sleep(min(pause, left))
            pause = min(2 * pause, LAST_LOOK)

    async def __aiter__(self):
        keys = iter(self._inner)
        while True:
            page = await self._threads.run(lambda: list(islice(keys, PAGE)), read=True)
            for key in page:
                yield key
            if len(page) < PAGE:
                return


class AsyncStore(_Handle):
    __slots__ = ()

    _closing = staticmethod(lambda opened: opened.close())

    def __init__(self, inner):
        super().__init__(inner)

    async def close(self):
        await self._threads.run(self._inner.close, read=True)
        self._threads.end()


def _open(database, threads=None):
    return AsyncDatabase(database)


_complete(AsyncReadView, _core.ReadView, {}, {"commit_id"})
_complete(AsyncTransaction, _core.Transaction, {})
_complete(
    AsyncDatabase,
    _core.Database,
    {"read_view": (AsyncReadView, False), "transaction": (AsyncTransaction, False)},
    {"commit_id"},
)
_complete(
    AsyncStore,
    _core.Store,
    {
        name: (_open, True)
        for name in ("create_collection", "open_collection", "open_collection_read_only", "open_or_create_collection")
    },
)


def _opening(function, form):
    def opener(*arguments, **options):
        async def opened():
            threads = _Threads()
            try:
                return form(await threads.run(function, *arguments, undo=lambda inner: inner.close(), **options))
            finally:
                threads.end()

        return Opening(opened)

    return _described(opener, function)


open_async = _opening(_core.open, AsyncDatabase)
open_async.__name__ = open_async.__qualname__ = "open_async"
open_store_async = _opening(_core.open_store, AsyncStore)
open_store_async.__name__ = open_store_async.__qualname__ = "open_store_async"

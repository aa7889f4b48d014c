"""The database behind a store of a framework: an open one, or a path that stores of this process share.

A file has one writer, and frameworks make a store for every pipeline, retriever and namespace: so the stores
that name the same path with the same options work on one open database, which is closed with the last of
them. A database that does not exist yet is created when its first vector tells the dimension.
"""

from __future__ import annotations

import os
import threading
from typing import Any, Optional, Union
from weakref import WeakValueDictionary

from . import _core
from .error import ClosedError, InvalidArgumentError


class _Shared:
    """What the handles of a path have in common."""

    def __init__(self, path: str, options: dict[str, Any], database: Optional[_core.Database] = None) -> None:
        self.path = path
        self.options = options
        self.database = database
        self.lock = threading.Lock()
        self.users = 0


_shared: WeakValueDictionary[tuple[str, str], _Shared] = WeakValueDictionary()
_shared_lock = threading.Lock()


class Handle:
    """The way of one store to its database.

    - `database`: an open database, which stays open when the handle is closed; or a path.
    - `options`: those of `vectlite.open`, for a path.
    """

    def __init__(
        self, database: Union[_core.Database, str, os.PathLike[str]], options: dict[str, Any]
    ) -> None:
        self._closed = False
        self._lent = isinstance(database, _core.Database)
        if isinstance(database, _core.Database):
            if options:
                raise InvalidArgumentError(
                    f"{', '.join(sorted(options))}: only a path takes options of vectlite.open, "
                    "and this database is open already"
                )
            self._own = _Shared(database.path, {}, database)
            return
        path = os.path.realpath(os.fspath(database))
        key = (path, repr(sorted(options.items())))
        with _shared_lock:
            own = _shared.get(key)
            if own is None:
                own = _shared[key] = _Shared(path, options)
            own.users += 1
        self._own = own
        try:
            # What is wrong with the file or the options is said here, and not at the first use.
            if self.find() is None and ("dimension" in options or options.get("read_only")):
                self.create(None)
        except BaseException:
            self.close()
            raise

    @property
    def path(self) -> str:
        """The absolute path of the database file."""
        return self._own.path

    def find(self) -> Optional[_core.Database]:
        """The open database; `None` while there is no file."""
        own = self._opened()
        with own.lock:
            if own.database is None and os.path.exists(own.path):
                own.database = _core.open(own.path, **own.options)
            return own.database

    def create(self, dimension: Optional[int]) -> _core.Database:
        """The open database, which is made with this dimension when there is no file and the options name
        none.
        """
        own = self._opened()
        with own.lock:
            if own.database is None:
                sized = {} if os.path.exists(own.path) else {"dimension": dimension}
                own.database = _core.open(own.path, **{**sized, **own.options})
            return own.database

    def close(self) -> None:
        """Lets go of the database. Closing twice is fine."""
        with _shared_lock:
            if self._closed:
                return
            self._closed = True
            self._own.users -= 1
            if self._lent or self._own.users:
                return
            with self._own.lock:
                if self._own.database is not None:
                    self._own.database.close()
                    self._own.database = None

    def _opened(self) -> _Shared:
        if self._closed:
            raise ClosedError("database is closed: this store was closed, make another one of its path")
        return self._own

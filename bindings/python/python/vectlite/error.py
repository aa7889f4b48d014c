"""Errors: one class for each kind of error of the engine, under one base class.

Wrong Python types are `TypeError`, as everywhere in Python.
"""

from __future__ import annotations

from typing import ClassVar, Optional


class VectLiteError(Exception):
    """Any error of vectlite."""

    code: ClassVar[str] = ""
    """Stable name of the kind of error, the same in every language."""

    committed: Optional[int] = None
    """How many records a bulk load had committed before it failed."""


class VectLiteLockError(VectLiteError):
    """Another process or handle has the database open for writing."""

    code = "lock_contention"


class LockTimeoutError(VectLiteLockError, TimeoutError):
    """A `VectLiteLockError` after waiting for `lock_timeout` seconds."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class ClosedError(VectLiteError):
    """The handle was closed."""

    code = "closed"


class ReadOnlyError(VectLiteError):
    """A write on a handle that can only read."""

    code = "read_only"


class DimensionMismatchError(VectLiteError, ValueError):
    """A vector has another dimension than its vector space."""

    code = "dimension_mismatch"


class InvalidArgumentError(VectLiteError, ValueError):
    """An argument is outside what the call accepts."""

    code = "invalid_argument"


class AlreadyExistsError(VectLiteError):
    """What should be created exists."""

    code = "already_exists"


class NotFoundError(VectLiteError, KeyError):
    """What should exist does not."""

    code = "not_found"

    def __str__(self) -> str:
        # A KeyError shows the repr of its key; this is a message.
        return Exception.__str__(self)


class FilterError(VectLiteError, ValueError):
    """A filter cannot be parsed or evaluated; the message names the path."""

    code = "filter"


class CorruptionError(VectLiteError):
    """A file holds what vectlite never wrote, or no longer holds what it wrote."""

    code = "corruption"


class UnsupportedFormatError(VectLiteError):
    """The files were written by a newer version of vectlite."""

    code = "unsupported_format"


class StorageError(VectLiteError, OSError):
    """The operating system refused an operation: `errno` and `strerror` say why, `filename` what was named."""

    code = "storage"

    def __str__(self) -> str:
        # An OSError with a number shows only that; the message says what was being done.
        return Exception.__str__(self)

"""What embedders and rerankers share: what they take and give, and an error of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Optional

from .error import DimensionMismatchError, InvalidArgumentError, VectLiteError
from .extras import load

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class ModelError(VectLiteError):
    """A model, or the service that runs it, could not be had or gave what it should not.

    The engine has no such kind of error: it never calls a model.
    """

    code: ClassVar[str] = "model"

    status: Optional[int] = None
    """What a service answered, as an HTTP status, when it answered at all."""


def numpy(extra: str) -> Any:
    """numpy, which vectlite itself can do without."""
    return load("numpy", extra)


@contextmanager
def told(doing: str) -> Iterator[None]:
    """Turns what a foreign package raises into a `ModelError` that says what was being done."""
    try:
        yield
    except (VectLiteError, ModuleNotFoundError):
        raise
    except Exception as error:
        raise ModelError(f"{doing}: {type(error).__name__}: {error}") from error


def texts(at: str, given: Iterable[str]) -> Iterator[str]:
    """Checks texts one by one, as they are taken."""
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise TypeError(f"{at}: expected an iterable of str, got {type(given).__name__}")
    return (text(f"{at}[{position}]", one) for position, one in enumerate(given))


def text(at: str, given: object) -> str:
    """A str that is valid Unicode."""
    if not isinstance(given, str):
        raise TypeError(f"{at}: expected a str, got {type(given).__name__}")
    try:
        given.encode()
    except UnicodeEncodeError as error:
        message = f"{at}: expected valid Unicode, got a str with a lone surrogate ({error})"
        raise InvalidArgumentError(message) from None
    return given


def options(given: Mapping[str, object]) -> None:
    """That nothing is asked of the loading of a model that is loaded."""
    if given:
        raise InvalidArgumentError(f"{', '.join(given)}: expected none with a model that is loaded already")


def count(at: str, given: object, least: int = 1) -> int:
    """A whole number from `least`."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise TypeError(f"{at}: expected an int, got {type(given).__name__}")
    if given < least:
        raise InvalidArgumentError(f"{at}: expected an int from {least}, got {given}")
    return given


def matrix(made: Any, rows: int, dimension: Optional[int], by: str, extra: str) -> NDArray[np.float32]:
    """What a model made of `rows` texts, as float32, when it is as many finite vectors of one dimension."""
    array = numpy(extra)
    try:
        with array.errstate(over="ignore"):
            vectors: NDArray[np.float32] = array.asarray(made, dtype=array.float32)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{by}: expected vectors of one dimension, got something else ({error})") from error
    if vectors.ndim != 2 or len(vectors) != rows or vectors.shape[1] == 0:
        raise ModelError(f"{by}: expected {rows} vectors, got an array of shape {vectors.shape}")
    if dimension is not None and vectors.shape[1] != dimension:
        found = vectors.shape[1]
        raise DimensionMismatchError(f"dimension mismatch: expected {dimension}, found {found} ({by})")
    if not array.isfinite(vectors).all():
        raise ModelError(f"{by}: expected finite numbers, got a vector with one that is not")
    return vectors

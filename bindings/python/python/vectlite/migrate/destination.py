"""Where records go: a database that is made, or one that is open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Optional, TypedDict, Union

from .._core import Analyzer, Database
from .._core import open as open_database
from ..error import AlreadyExistsError, DimensionMismatchError, InvalidArgumentError, NotFoundError

PathLike = Union[str, os.PathLike[str]]
Destination = Union[str, os.PathLike[str], Database]
Progress = Union[bool, Callable[[int, Optional[int]], object], None]

PAGE = 5_000
"""Records that are read at a time: with vectors of 1,536 dimensions some 30 MB as float32."""

BATCH = 10_000
"""Records of a commit: the default of `Database.bulk_ingest`."""


class Report(TypedDict):
    """What was moved.

    - `records`: how many came; `skipped`: how many of the source had nothing to store.
    - `dimension`, `metric`: of the vectors; `namespaces`: where the records are now.
    """

    records: int
    skipped: int
    dimension: int
    metric: str
    namespaces: list[str]


@contextmanager
def opened(
    dest: Destination, dimension: int, metric: str, analyzer: Union[str, Analyzer, None]
) -> Iterator[Database]:
    """The database that records of this dimension and metric go into; one that is made is closed in the end."""
    if isinstance(dest, Database):
        if analyzer is not None:
            raise InvalidArgumentError("analyzer: expected none for a database that is open; it has one")
        if dest.metric != metric:
            raise InvalidArgumentError(
                f"dest: expected a database of the source's metric {metric}, got one of {dest.metric}"
            )
        if dest.dimension != dimension:
            raise DimensionMismatchError(
                f"dimension mismatch: expected {dest.dimension}, found {dimension} in the source"
            )
        yield dest
        return
    if Path(dest).exists():
        raise AlreadyExistsError(f"{os.fspath(dest)} already exists; open it and give the database to add to it")
    with open_database(dest, dimension, metric=metric, analyzer=analyzer) as db:
        yield db


def existing(source: PathLike, inside: str, what: str) -> Path:
    """The path of a source; opening would make an empty one where there is none."""
    path = Path(source)
    if not (path / inside if inside else path).exists():
        raise NotFoundError(f"{path} is no {what}: it has no {inside}" if inside else f"{path} does not exist")
    return path


def metric_of(name: object, known: dict[str, str], what: str) -> str:
    """Our metric for one of the source's."""
    metric = known.get(str(name))
    if metric is None:
        raise InvalidArgumentError(f"{what}: expected a metric among {', '.join(known)}, got {name!r}")
    return metric


def one_of(names: list[str], wanted: Optional[str], argument: str, source: object) -> str:
    """The one that is meant: that of the name, or the only one."""
    if wanted is None and len(names) == 1:
        return names[0]
    if wanted in names:
        return str(wanted)
    shown = ", ".join(sorted(names)) or "nothing"
    if wanted is None:
        raise InvalidArgumentError(f"{argument}: expected one of what {source} holds ({shown}), got none")
    raise NotFoundError(f"{argument}: {source} has no {wanted!r}; it holds {shown}")

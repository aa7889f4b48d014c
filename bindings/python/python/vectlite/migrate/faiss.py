"""From FAISS with a pickle beside it, as LangChain saves them."""

from __future__ import annotations

import io
import pickle
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Optional, Union

from .._core import Analyzer
from ..error import CorruptionError, InvalidArgumentError
from ..extras import load
from ..model import told
from .destination import BATCH, PAGE, Destination, PathLike, Progress, Report, existing, metric_of, opened

_METRICS = {"1": "euclidean", "0": "dotproduct"}
"""By FAISS's own numbers. Cosine is the dot product of vectors of unit length there."""


def faiss(
    source: PathLike,
    dest: Destination,
    *,
    index_name: str = "index",
    metric: Optional[str] = None,
    namespace: Optional[str] = None,
    analyzer: Union[str, Analyzer, None] = None,
    batch_size: int = BATCH,
    progress: Progress = None,
) -> Report:
    """Moves a directory that LangChain's FAISS store saved: `index.faiss` and `index.pkl`.

    A pickle can run any program when it is read. This one is read by rules that know LangChain's documents and plain values, and
    nothing else: whatever else is in it is an error, and LangChain need not be installed.

    - `index_name`: what the files are called.
    - `metric`: "cosine", "euclidean" or "dotproduct" in the place of the index's own: a store of cosine similarity is one of dot products to
      FAISS.
    - `dest`, and what happens when something fails: see `vectlite.migrate`.

    Vectors of an index that compresses them are those that it gives back. Vectors without a document are skipped and counted.

        >>> migrate.faiss("faiss_index", "notes.vdb")["records"]
        3

    Raises `CorruptionError` for a pickle that is something else.
    """
    path = existing(source, f"{index_name}.faiss", "directory of a FAISS store")
    existing(source, f"{index_name}.pkl", "directory of a FAISS store")
    package = load("faiss", "faiss")
    load("numpy", "faiss")
    with told(f"{path} could not be read by FAISS"):
        index = package.read_index(str(path / f"{index_name}.faiss"))
        if hasattr(package, "try_extract_index_ivf") and package.try_extract_index_ivf(index) is not None:
            package.try_extract_index_ivf(index).make_direct_map()
    known = {**_METRICS, **{name: name for name in ("cosine", "euclidean", "dotproduct")}}
    found = metric_of(index.metric_type if metric is None else metric, known, "metric")
    documents, ids = _documents(path / f"{index_name}.pkl")
    records = _Records(index, documents, ids)
    with opened(dest, index.d, found, analyzer) as db:
        count = db.bulk_ingest(records, namespace, batch_size, progress=progress)  # type: ignore[arg-type]
    return Report(
        records=count,
        skipped=records.skipped,
        dimension=int(index.d),
        metric=found,
        namespaces=[namespace or ""],
    )


class _Records:
    """The vectors of an index with their documents, some at a time."""

    def __init__(self, index: Any, documents: Mapping[str, Any], ids: Mapping[int, str]) -> None:
        self._index, self._documents, self._ids = index, documents, ids
        self.skipped = 0

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for start in range(0, len(self), PAGE):
            count = min(PAGE, len(self) - start)
            with told("FAISS could not give back its vectors"):
                vectors = self._index.reconstruct_n(start, count)
            for position, vector in enumerate(vectors, start):
                id = self._ids.get(position)
                document = None if id is None else self._documents.get(id)
                if document is None:
                    self.skipped += 1
                    continue
                text, metadata = _parts(document, id)
                yield {"id": id, "vector": vector, "text": text, "metadata": metadata}


def _parts(document: Any, id: Any) -> tuple[Any, Any]:
    said = document.said if isinstance(document, _Document) else None
    # Before pydantic's second version the fields were the object's own.
    fields = said.get("__dict__", said) if isinstance(said, dict) else None
    if not isinstance(fields, dict) or "page_content" not in fields:
        raise CorruptionError(f"document {id!r}: expected one of LangChain's, got something else")
    return fields["page_content"], fields.get("metadata") or {}


class _Document:
    """Stands for a document and for a docstore: it keeps what it is made of, and does nothing."""

    said: Any = None

    def __setstate__(self, said: Any) -> None:
        # Older ones come as a pair of both kinds of attributes.
        self.said = said[0] or said[1] if isinstance(said, tuple) and len(said) == 2 else said


_ALLOWED = {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("builtins", "complex"),
    ("collections", "OrderedDict"),
    ("copyreg", "_reconstructor"),
    ("builtins", "object"),
    ("datetime", "datetime"),
    ("datetime", "date"),
    ("datetime", "time"),
    ("datetime", "timedelta"),
    ("datetime", "timezone"),
    ("decimal", "Decimal"),
    ("uuid", "UUID"),
    ("uuid", "SafeUUID"),
}
"""What values of metadata are made of; none of these does anything but hold them."""

_STANDS_FOR = ("Document", "InMemoryDocstore")


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        # Old pickles call these as Python 2 did.
        module = {"__builtin__": "builtins", "copy_reg": "copyreg"}.get(module, module)
        if name in _STANDS_FOR and module.partition(".")[0] in ("langchain", "langchain_core", "langchain_community"):
            return _Document
        if (module, name) in _ALLOWED:
            return super().find_class(module, name)
        raise CorruptionError(f"the pickle asks for {module}.{name}, which is neither LangChain's document nor a plain value")


def _documents(path: Path) -> tuple[Mapping[str, Any], Mapping[int, str]]:
    """The documents by id, and the id of each vector by its position."""
    try:
        pair = _Reader(io.BytesIO(path.read_bytes())).load()
    except (CorruptionError, OSError):
        raise
    except Exception as error:
        # Whatever bytes make a reader of pickles raise.
        raise CorruptionError(f"{path} is no pickle of LangChain's FAISS store: {error}") from None
    if not isinstance(pair, tuple) or len(pair) != 2 or not isinstance(pair[0], _Document):
        raise CorruptionError(f"{path}: expected a docstore and a table of ids, got something else")
    documents = pair[0].said.get("_dict") if isinstance(pair[0].said, dict) else None
    if not isinstance(documents, dict) or not isinstance(pair[1], dict):
        raise CorruptionError(f"{path}: expected a docstore and a table of ids, got something else")
    for position, id in pair[1].items():
        if not isinstance(position, int) or not isinstance(id, str):
            raise InvalidArgumentError(f"{path}: expected ids by position, got {id!r} by {position!r}")
    return documents, pair[1]

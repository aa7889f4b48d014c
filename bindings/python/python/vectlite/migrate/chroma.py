"""From Chroma."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Optional, Union

from .._core import Analyzer
from ..error import InvalidArgumentError
from ..extras import load
from ..model import told
from .destination import BATCH, PAGE, Destination, PathLike, Progress, Report, existing, metric_of, one_of, opened

_METRICS = {"cosine": "cosine", "l2": "euclidean", "ip": "dotproduct"}


def chroma(
    source: PathLike,
    dest: Destination,
    *,
    collection: Optional[str] = None,
    namespace: Optional[str] = None,
    analyzer: Union[str, Analyzer, None] = None,
    batch_size: int = BATCH,
    progress: Progress = None,
) -> Report:
    """Moves the collections of a directory of Chroma: documents become texts.

    - `source`: the path that was given to `chromadb.PersistentClient`. Chroma has no way to open it for reading only, and brings old
      formats up to date: work on a copy if that must not be.
    - `collection`: the one to move. Without it all are moved, which have to be of one dimension and one metric: a single one
      into `namespace`, several into a namespace each, which is called like the collection.
    - `dest`, and what happens when something fails: see `vectlite.migrate`.

    Chroma's distances become scores: `l2` is squared there, and the order is the same. A record without an embedding has
    none here.

        >>> migrate.chroma("chroma_data", "notes.vdb", collection="notes")["metric"]
        'cosine'

    Raises `NotFoundError` for a directory or collection that is not there.
    """
    path = existing(source, "chroma.sqlite3", "directory of Chroma")
    chromadb, settings = load("chromadb", "chroma"), load("chromadb.config", "chroma").Settings
    with told(f"{path} could not be opened by Chroma"):
        # The whole path: a process has one client for each text of one, wherever that led when it was made.
        client = chromadb.PersistentClient(str(path.resolve()), settings=settings(anonymized_telemetry=False))
        # Without its function: that is for new documents, and may need a key.
        found = {one.name: client.get_collection(one.name, embedding_function=None) for one in client.list_collections()}
    names = sorted(found) if collection is None else [one_of(list(found), collection, "collection", path)]
    filled = [name for name in names if found[name].count() > 0]
    if not filled:
        raise InvalidArgumentError(f"{path}: expected records, the collections {names} have none")
    if len(filled) > 1 and namespace is not None:
        raise InvalidArgumentError(f"namespace: expected none for {len(filled)} collections; each becomes one")
    shapes = {name: (_dimension(found[name]), _metric(found[name])) for name in filled}
    if len(set(shapes.values())) > 1:
        raise InvalidArgumentError(
            f"{path}: expected collections of one dimension and metric, got {shapes}; move them one by one"
        )
    dimension, metric = shapes[filled[0]]
    places = {name: name if len(filled) > 1 else namespace or "" for name in filled}
    with opened(dest, dimension, metric, analyzer) as db:
        records = sum(
            db.bulk_ingest(_Records(found[name]), place, batch_size, progress=progress)  # type: ignore[arg-type, misc]
            for name, place in places.items()
        )
    return Report(records=records, skipped=0, dimension=dimension, metric=metric, namespaces=list(places.values()))


class _Records:
    """The records of a collection, a page at a time."""

    def __init__(self, collection: Any) -> None:
        self._collection = collection

    def __len__(self) -> int:
        return int(self._collection.count())

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for offset in range(0, len(self), PAGE):
            with told(f"collection {self._collection.name!r} could not be read"):
                page = self._collection.get(
                    limit=PAGE, offset=offset, include=["embeddings", "documents", "metadatas"]
                )
            for id, vector, text, metadata in zip(
                page["ids"], page["embeddings"], page["documents"], page["metadatas"]
            ):
                yield {"id": id, "vector": vector, "text": text, "metadata": metadata}


def _dimension(collection: Any) -> int:
    with told(f"collection {collection.name!r} could not be read"):
        return len(collection.get(limit=1, include=["embeddings"])["embeddings"][0])


def _metric(collection: Any) -> str:
    for index in ("hnsw", "spann"):
        said = (collection.configuration or {}).get(index) or {}
        if said.get("space"):
            return metric_of(said["space"], _METRICS, f"collection {collection.name!r}")
    # Before version 1 it stood in the metadata only, and was l2 without.
    return metric_of((collection.metadata or {}).get("hnsw:space", "l2"), _METRICS, f"collection {collection.name!r}")

"""The same database for asyncio: every method is a coroutine, and none of them blocks the event loop.

Made from `_core.pyi` by `tests/async_stub.py`; see `aio.py` for how calls run.
"""

import builtins
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Generator, Iterable
from os import PathLike
from types import TracebackType
from typing import Any, Callable, Generic, Literal, Optional, TypeVar, Union, type_check_only

from ._core import Analyzer, Database, Store
from .types import (
    CompactReport,
    DatabaseStats,
    Hit,
    IndexConfig,
    Matrix,
    Metadata,
    Record,
    RecordInput,
    Rerank,
    SearchResponse,
    Vector,
    VerifyReport,
)

__all__ = [
    "AsyncDatabase",
    "AsyncReadView",
    "AsyncStore",
    "AsyncTransaction",
    "Opening",
    "open_async",
    "open_store_async",
]

_Opened = TypeVar("_Opened", bound=_Closing)

@type_check_only
class _Closing:
    async def __aexit__(
        self,
        *exception: Union[type[BaseException], BaseException, TracebackType, None],
    ) -> None: ...

class Opening(Generic[_Opened]):
    """What is about to be opened: `await` it, or open and close it by `async with`."""

    def __init__(self, opened: Callable[[], Awaitable[_Opened]]) -> None: ...
    def __await__(self) -> Generator[Any, None, _Opened]: ...
    async def __aenter__(self) -> _Opened: ...
    async def __aexit__(
        self,
        *exception: Union[type[BaseException], BaseException, TracebackType, None],
    ) -> None: ...

@type_check_only
class _Reads:

    async def get(self, id: str, namespace: Optional[str] = None) -> Optional[Record]:
        """The record with this id, or `None`."""

    async def get_many(self, ids: Iterable[str], namespace: Optional[str] = None) -> builtins.list[Optional[Record]]:
        """The records with these ids, in their order; `None` where there is none."""

    async def exists(self, id: str, namespace: Optional[str] = None) -> bool:
        """Whether there is a record with this id."""

    async def highlight(
        self,
        id: str,
        text: str,
        namespace: Optional[str] = None,
        *,
        before: str = "<mark>",
        after: str = "</mark>",
    ) -> Optional[str]:
        """A record's text with marks around what `text` looks for, as a search by it does; `None` when there is no
        such record, or it has no text.

        The text itself is not escaped: for a page, give marks that the text does not have, escape the whole, and put
        tags in their places.
        """

    async def count(self, namespace: Optional[str] = None, filter: Optional[dict[str, Any]] = None) -> int:
        """How many records match; in all namespaces when none is given."""

    async def list(
        self,
        namespace: Optional[str] = None,
        filter: Optional[dict[str, Any]] = None,
        limit: int = 0,
        offset: int = 0,
    ) -> builtins.list[Record]:
        """Matching records by namespace and id: `limit` of them (0: all) behind the first `offset`.

        Without a namespace those of all namespaces.
        """

    async def list_cursor(
        self,
        namespace: Optional[str] = None,
        filter: Optional[dict[str, Any]] = None,
        limit: int = 100,
        cursor: Optional[str] = None,
    ) -> tuple[builtins.list[Record], Optional[str]]:
        """A page of matching records, and the cursor of the next one: `None` at the end.

        Start without a cursor. Records that are written meanwhile appear if they come behind the cursor.
        """

    async def kv_get(self, table: str, key: str) -> Optional[bytes]:
        """What the application keeps under a key of one of its own tables, or `None`; see `Transaction.kv_put`."""

    async def kv_scan(self, table: str, prefix: str = "") -> builtins.list[tuple[str, bytes]]:
        """All keys of one of the application's own tables that begin with `prefix`, ascending by their UTF-8 bytes, with their values."""

    async def namespaces(self) -> builtins.list[str]:
        """The namespaces that hold a record, sorted by name."""

    async def search(
        self,
        query: Optional[Vector] = None,
        k: int = 10,
        filter: Optional[dict[str, Any]] = None,
        namespace: Optional[str] = None,
        all_namespaces: bool = False,
        sparse: Optional[dict[str, float]] = None,
        dense_weight: float = 1.0,
        sparse_weight: float = 1.0,
        fetch_k: int = 0,
        mmr_lambda: Optional[float] = None,
        vector_name: Optional[str] = None,
        fusion: str = "linear",
        rrf_k: int = 60,
        truncate_dim: Optional[int] = None,
        explain: bool = False,
        rerank: Optional[Rerank] = None,
        rerank_k: int = 0,
        query_vectors: Optional[dict[str, Vector]] = None,
        vector_weights: Optional[dict[str, float]] = None,
        *,
        text: Optional[str] = None,
        offset: int = 0,
        ef_search: Optional[int] = None,
        exact: bool = False,
        include: Optional[Iterable[str]] = None,
        min_score: Optional[float] = None,
    ) -> builtins.list[Hit]:
        """The hits of a search by vector, by text or sparse terms, or by both, best first.

        - `text`: words to look for in texts. `"a phrase"`, `+must`, `-not`, `prefix*` and `fuzzy~1` mean what they say;
          a backslash makes a sign plain.
        - `k`, `offset`: that many hits behind the best ones. As many come back as match, whatever the filter.
        - `filter`: only records whose metadata matches, such as `{"year": {"$gte": 2020}}`.
        - `namespace`: the default one when it is not given; `all_namespaces` searches all.
        - `fusion`: "linear" (weighted, normalised scores) or "rrf" (reciprocal ranks with `rrf_k`).
        - `fetch_k`: candidates of each source before fusion, and the pool of MMR; 0 is max(4 k, 64).
        - `mmr_lambda`: from 1 (relevant) to 0 (diverse).
        - `vector_name`: the vector space of `query`.
        - `query_vectors`: several vector spaces at once, in place of `query`, such as `{"title": …, "image": …}`, "" being
          the default one: a score is the sum of weight times score, `vector_weights` being 1 where they say nothing. Under
          cosine and dot product a record without one of the vectors gets nothing from it; under the distances it is no
          candidate.
        - `truncate_dim`: compares the first so many components only, exactly: for Matryoshka embeddings. The query may have
          been cut already.
        - `rerank`: a function of the text of the search (or `None`) and the list of the best hits; it returns them in its
          order, all or some. What it puts under the key `rerank_score` stays there. What it raises, the search raises.
          It sees `rerank_k` hits, or `fetch_k` when that is 0; `offset` and `k` cut the page out of what it returns.
        - `ef_search`: how many candidates the search of a graph keeps, 1 to 65,536: more find better ones and take
          longer. As the database is configured without it; of no effect on exact answers.
        - `exact`: whether the answer has to be the true one, at the price of a scan.
        - `include`: what hits carry, among "metadata" (the default), "vector" and "text".
        - `explain`: each hit says where its score comes from.
        """

    async def search_with_stats(
        self,
        query: Optional[Vector] = None,
        k: int = 10,
        filter: Optional[dict[str, Any]] = None,
        namespace: Optional[str] = None,
        all_namespaces: bool = False,
        sparse: Optional[dict[str, float]] = None,
        dense_weight: float = 1.0,
        sparse_weight: float = 1.0,
        fetch_k: int = 0,
        mmr_lambda: Optional[float] = None,
        vector_name: Optional[str] = None,
        fusion: str = "linear",
        rrf_k: int = 60,
        truncate_dim: Optional[int] = None,
        explain: bool = False,
        rerank: Optional[Rerank] = None,
        rerank_k: int = 0,
        query_vectors: Optional[dict[str, Vector]] = None,
        vector_weights: Optional[dict[str, float]] = None,
        *,
        text: Optional[str] = None,
        offset: int = 0,
        ef_search: Optional[int] = None,
        exact: bool = False,
        include: Optional[Iterable[str]] = None,
        min_score: Optional[float] = None,
    ) -> SearchResponse:
        """The hits of a search, and how they were found."""

    async def search_batch(
        self,
        queries: Matrix,
        k: int = 10,
        filter: Optional[dict[str, Any]] = None,
        namespace: Optional[str] = None,
        all_namespaces: bool = False,
        sparse: Optional[dict[str, float]] = None,
        dense_weight: float = 1.0,
        sparse_weight: float = 1.0,
        fetch_k: int = 0,
        mmr_lambda: Optional[float] = None,
        vector_name: Optional[str] = None,
        fusion: str = "linear",
        rrf_k: int = 60,
        truncate_dim: Optional[int] = None,
        explain: bool = False,
        rerank: Optional[Rerank] = None,
        rerank_k: int = 0,
        query_vectors: Optional[dict[str, Vector]] = None,
        vector_weights: Optional[dict[str, float]] = None,
        *,
        text: Optional[str] = None,
        offset: int = 0,
        ef_search: Optional[int] = None,
        exact: bool = False,
        include: Optional[Iterable[str]] = None,
        min_score: Optional[float] = None,
    ) -> builtins.list[builtins.list[Hit]]:
        """The hits of a search by each of many vectors, in the order of the vectors.

        All cores work on it, and all searches see the same state; that is several times the speed of a loop.

        - `queries`: an array of shape (number of queries, dimension), or a sequence of vectors. An array of float32
          in C order is read without an object for each number; float64, float16 and ints are converted.
        - The other arguments are those of `search`, and hold for each of the queries.

        The first query that fails, by its position, fails all of them: `InvalidArgumentError` for numbers that are not
        finite, or a zero vector under cosine; `DimensionMismatchError`; `FilterError`.
        """

class AsyncReadView(_Reads, _Closing):
    """ReadView for asyncio. One state of a database: what is written afterwards does not change what it answers, and what expires afterwards stays.

    So counts agree with lists, and pages with each other. For that a search is exact here, unless `ef_search` is given: a
    graph goes on growing, and the next page could come of another walk.

    A context manager. It keeps what it shows, so hold it for as long as pages are turned. Once it or its database is closed
    everything but `close` and `repr` raises `ClosedError`.
    """

    @property
    def commit_id(self) -> Awaitable[int]:
        """Position of the last commit that it shows."""

    async def close(self) -> None:
        """Lets go of it. Closing twice is fine; everything else raises `ClosedError` from here on."""

    async def __aenter__(self) -> AsyncReadView: ...

class AsyncTransaction(_Closing):
    """Transaction for asyncio. Operations that commit together: all of them, or none. It reads its own writes.

    As a context manager it commits at the end, and rolls back after an exception.
    """

    async def insert(
        self,
        id: str,
        vector: Optional[Vector] = None,
        metadata: Optional[Metadata] = None,
        namespace: Optional[str] = None,
        sparse: Optional[dict[str, float]] = None,
        vectors: Optional[dict[str, Any]] = None,
        ttl: Optional[float] = None,
        *,
        text: Optional[str] = None,
    ) -> None:
        """Adds a record that must not exist; that it exists is an error of the commit."""

    async def upsert(
        self,
        id: str,
        vector: Optional[Vector] = None,
        metadata: Optional[Metadata] = None,
        namespace: Optional[str] = None,
        sparse: Optional[dict[str, float]] = None,
        vectors: Optional[dict[str, Any]] = None,
        ttl: Optional[float] = None,
        *,
        text: Optional[str] = None,
    ) -> None:
        """Adds a record, or replaces the one with its key as a whole."""

    async def insert_many(self, records: Union[Iterable[RecordInput], AsyncIterable[RecordInput]], namespace: Optional[str] = None) -> int:
        """Adds records that must not exist, and returns how many they were."""

    async def upsert_many(self, records: Union[Iterable[RecordInput], AsyncIterable[RecordInput]], namespace: Optional[str] = None) -> int:
        """Adds or replaces records, and returns how many they were."""

    async def delete(self, id: str, namespace: Optional[str] = None) -> None:
        """Removes a record, if there is one."""

    async def delete_many(self, ids: Iterable[str], namespace: Optional[str] = None) -> None:
        """Removes records, as far as they exist."""

    async def update_metadata(self, id: str, metadata: Metadata, namespace: Optional[str] = None) -> None:
        """Merges into a record's metadata at the top level, if there is the record."""

    async def set_ttl(self, id: str, ttl: float, namespace: Optional[str] = None) -> None:
        """Lets a record expire `ttl` seconds from now, if there is the record."""

    async def get(self, id: str, namespace: Optional[str] = None) -> Optional[Record]:
        """The record as it would be after the commit, or `None`."""

    async def kv_put(self, table: str, key: str, value: Union[bytes, bytearray, memoryview]) -> None:
        """Keeps bytes of the application's own under a key of one of its tables, in place of what was there.

        Tables need not be made. What is kept here becomes visible and durable with everything else that the transaction does: a
        position in a feed with the records that were read of it, for example.

        Raises `InvalidArgumentError` for the name of a table that is empty or above 255 bytes, a key that is empty or above 1,024
        bytes, and a value above 16 MiB.
        """

    async def kv_get(self, table: str, key: str) -> Optional[bytes]:
        """What would be kept under a key after the commit, or `None`."""

    async def kv_delete(self, table: str, key: str) -> None:
        """Removes what is kept under a key, if there is anything."""

    async def commit(self) -> None:
        """Commits: everything becomes visible at once, or nothing does."""

    async def rollback(self) -> None:
        """Forgets the operations."""

    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    async def __aenter__(self) -> AsyncTransaction: ...

class AsyncDatabase(_Reads, _Closing):
    """Database for asyncio. A database that is open in this process.

    Use it from any thread; other threads run while it works. One process writes, any number of them read. It is a
    context manager; `len(db)` counts the records of all namespaces, `id in db` looks into the default one, and
    iterating gives the keys, `(namespace, id)`, of all records.
    """

    @property
    def path(self) -> str:
        """The absolute path of the database file."""

    @property
    def wal_path(self) -> str:
        """The absolute path of the log beside it."""

    @property
    def dimension(self) -> int:
        """The dimension of the default vector space."""

    @property
    def metric(self) -> str:
        """The name of the metric of all vector spaces."""

    @property
    def read_only(self) -> bool:
        """Whether this handle can only read."""

    @property
    def analyzer(self) -> Analyzer:
        """How text becomes terms."""

    @property
    def commit_id(self) -> Awaitable[int]:
        """Position of the last visible commit; 0 before the first."""

    async def insert(
        self,
        id: str,
        vector: Optional[Vector] = None,
        metadata: Optional[Metadata] = None,
        namespace: Optional[str] = None,
        sparse: Optional[dict[str, float]] = None,
        vectors: Optional[dict[str, Any]] = None,
        ttl: Optional[float] = None,
        *,
        text: Optional[str] = None,
    ) -> None:
        """Adds a record that must not exist.

        `vectors` holds vectors of named spaces, `sparse` weights of terms, `ttl` seconds to live. A `text` is
        turned into terms by the database's analyzer.
        """

    async def upsert(
        self,
        id: str,
        vector: Optional[Vector] = None,
        metadata: Optional[Metadata] = None,
        namespace: Optional[str] = None,
        sparse: Optional[dict[str, float]] = None,
        vectors: Optional[dict[str, Any]] = None,
        ttl: Optional[float] = None,
        *,
        text: Optional[str] = None,
    ) -> None:
        """Adds a record, or replaces the one with its key as a whole."""

    async def insert_many(self, records: Union[Iterable[RecordInput], AsyncIterable[RecordInput]], namespace: Optional[str] = None) -> int:
        """Adds records that must not exist, all or none, and returns how many they were.

        `namespace` is for records that do not say theirs.
        """

    async def upsert_many(self, records: Union[Iterable[RecordInput], AsyncIterable[RecordInput]], namespace: Optional[str] = None) -> int:
        """Adds or replaces records, all or none, and returns how many they were."""

    async def bulk_ingest(
        self,
        records: Union[Iterable[RecordInput], AsyncIterable[RecordInput]],
        namespace: Optional[str] = None,
        batch_size: int = 10000,
        m: Optional[int] = None,
        ef_construction: Optional[int] = None,
        ef_search: Optional[int] = ...,
        parallel_insert_threshold: Optional[int] = None,
        tombstone_rebuild_pct: Optional[int] = None,
        *,
        progress: Union[bool, Callable[[int, Optional[int]], object], None] = None,
    ) -> int:
        """Adds or replaces records from any iterable, a batch a commit, and returns how many they were.

        Each batch is atomic and durable; an error says in `committed` how many records stay. The call returns when
        every vector is in its graph and the graphs are in their file.

        - `batch_size`: records of a commit, 1 to 1,000,000.
        - `m`, `ef_construction`, `ef_search`, `parallel_insert_threshold`, `tombstone_rebuild_pct`: change the
          configuration of the graphs before the first record, as `set_index_config` does, and for good.
        - `progress`: `True` for a tqdm bar when tqdm is installed, or a callable that is told `(done, total)`.

        Raises `InvalidArgumentError` for an option out of range or a record that cannot be stored,
        `DimensionMismatchError` for a vector of another dimension. Ctrl-C ends it behind a whole batch, with a `KeyboardInterrupt`
        that has `committed`, too; graphs go on being built in the background then.
        """

    async def bulk_ingest_array(
        self,
        ids: Iterable[str],
        vectors: Matrix,
        metadata: Optional[Iterable[Optional[Metadata]]] = None,
        namespace: Optional[str] = None,
        batch_size: int = 10000,
        m: Optional[int] = None,
        ef_construction: Optional[int] = None,
        ef_search: Optional[int] = ...,
        parallel_insert_threshold: Optional[int] = None,
        tombstone_rebuild_pct: Optional[int] = None,
        *,
        progress: Union[bool, Callable[[int, Optional[int]], object], None] = None,
    ) -> int:
        """The same from columns: ids, one vector a row, and metadata.

        - `vectors`: an array of shape (number of ids, dimension), or a sequence of vectors. float32 in C order is
          read where it lies.
        - `metadata`: a dict or `None` for each id.
        """

    async def update_metadata(self, id: str, metadata: Metadata, namespace: Optional[str] = None) -> bool:
        """Merges into a record's metadata at the top level; `False` when there is no such record."""

    async def delete(self, id: str, namespace: Optional[str] = None) -> bool:
        """Removes a record; `False` when there is none."""

    async def delete_many(self, ids: Iterable[str], namespace: Optional[str] = None) -> int:
        """Removes records in one commit and returns how many there were."""

    async def delete_by_filter(self, filter: dict[str, Any], namespace: Optional[str] = None) -> int:
        """Removes every record that matches, in one commit, and returns how many there were.

        Without a namespace those of all namespaces.
        """

    async def set_ttl(self, id: str, ttl: float, namespace: Optional[str] = None) -> bool:
        """Lets a record expire `ttl` seconds from now; `False` when there is no such record."""

    async def clear_ttl(self, id: str, namespace: Optional[str] = None) -> bool:
        """Lets a record stay for good; `False` when there is no such record."""

    async def create_index(
        self,
        field: str,
        type: Literal["keyword", "numeric", "bool", "text"],
        *,
        progress: Union[bool, Callable[[int, Optional[int]], object], None] = None,
    ) -> bool:
        """Makes an index of a field of the metadata; `False` when it is there already.

        Filters on the field then need not look at records: searches, `count`, `list` and `delete_by_filter` use it by
        themselves, and answer what they would without it.

        - `field`: a path, as in filters: `"author.name"`.
        - `type`: which values are in it, alone or in lists; a field has one index.
          `"keyword"`: strings as they are. `"numeric"`: numbers by value. `"bool"`: booleans.
          `"text"`: the terms that the database's analyzer makes of strings.
        - `progress`: `True` for a bar (tqdm's, when it is installed), or a function that is called with how many
          records are done, and of how many. Its exception is raised at once; the building goes on.

        What is stored is indexed in one pass over all records, while others read and write; filters look at records until
        that is done. Should the process end before, the next one does it.

        Raises `AlreadyExistsError` when the field has an index of another type, `InvalidArgumentError` for an unknown
        type, for a path that is too long, and beyond 64 indexes.
        """

    async def drop_index(self, field: str) -> bool:
        """Takes the index of a field away; `False` when it has none."""

    async def list_indexes(self) -> builtins.list[tuple[str, str]]:
        """The indexed fields with the types of their indexes, sorted."""

    async def index_config(self) -> IndexConfig:
        """How the graphs of this database are built, searched and renewed; stored in it.

        A vector space has a graph from 128 live vectors on; below, all of them are scanned.
        """

    async def set_index_config(
        self,
        *,
        m: Optional[int] = None,
        ef_construction: Optional[int] = None,
        ef_search: Optional[int] = ...,
        parallel_insert_threshold: Optional[int] = None,
        tombstone_rebuild_pct: Optional[int] = None,
    ) -> None:
        """Changes how the graphs are built, searched and renewed. What is left out stays.

        - `m`: links that a node chooses for itself in each layer, 4 to 64; 16 at first. More find better neighbours, take
          more memory and longer to build. Takes effect when a graph is built anew, which `compact` does.
        - `ef_construction`: how many candidates those links are chosen from, 8 to 4,096; 200 at first. As `m`.
        - `ef_search`: how many candidates a search keeps, 1 to 65,536. `None`, which it is at first, leaves it to the
          engine; leaving the argument out is something else. Takes effect at once.
        - `parallel_insert_threshold`: from so many new vectors on an insertion uses every core, at least 1; 256 at first.
        - `tombstone_rebuild_pct`: a graph is built anew, in the background, when so many of 100 of its nodes are dead, 1
          to 100; 30 at first.

        Raises `InvalidArgumentError` for a value out of range, and then changes nothing.
        """

    async def set_ef_search(self, n: Optional[int]) -> None:
        """Changes how many candidates a search keeps that does not say itself: `set_index_config(ef_search=n)`."""

    async def tombstone_stats(self) -> tuple[int, int]:
        """`(live, dead)`: vectors that live, and dead ones that graphs still hold.

        Those were deleted or overwritten; they are gone when a graph is built anew.
        """

    def read_view(self) -> Opening[AsyncReadView]:
        """The present state, to read and search at leisure: what is written meanwhile does not change it."""

    def transaction(self) -> Opening[AsyncTransaction]:
        """A transaction: operations that commit together."""

    async def flush(self) -> None:
        """Moves every commit from the log into the database file, durably, and removes expired records."""

    async def compact(self, erase: bool = False) -> CompactReport:
        """Writes the database file anew without deleted and overwritten records, when there are any or much of it is free.

        Then builds graphs anew a tenth of whose nodes is dead, or that were built by another configuration, and returns
        when that is done.

        - `erase`: does so in any case, and with every graph that has a dead node: nothing that was deleted or replaced is in
          any file of the database afterwards. What the medium keeps of files that are no more, and copies that were made
          before, are beyond its reach.
        """

    async def snapshot(self, dest: Union[str, PathLike[str]]) -> None:
        """Writes the present state to `dest` as a database of its own."""

    async def refresh(self) -> int:
        """Takes in what was committed by now, by whichever process, and returns the newest commit.

        Reads do so by themselves: this only does it ahead of them.
        """

    async def wait_for(self, commit_id: int, timeout: float) -> bool:
        """Waits until this handle shows a commit or a later one; `False` when the time, in seconds, was up first. Ctrl-C ends it.

        What one process has committed, under the number that its `commit_id` gives, is then seen by a reader in another.
        """

    async def backup(self, dest_dir: Union[str, PathLike[str]]) -> str:
        """A snapshot in a directory, under the name that the database has: returns its path.

        The copy is read again and compared before this returns, and `vectlite.restore` makes a database of it. Others may
        read and write meanwhile: it holds the state of one commit. Raises `AlreadyExistsError` when that name is taken there.
        """

    async def verify(self, deep: bool = False, repair_to: Union[str, PathLike[str], None] = None) -> VerifyReport:
        """Reads all files of this database anew and tells what is wrong with them; see `vectlite.verify`.

        Others may read and write meanwhile. With `deep`, checkpoints of this handle wait.
        """

    async def stats(self) -> DatabaseStats:
        """Facts about this database."""

    async def close(self) -> None:
        """Closes the database. Closing twice is fine; everything else raises `ClosedError` from here on."""

    def __init__(self, inner: Database) -> None: ...
    def __aiter__(self) -> AsyncIterator[tuple[str, str]]: ...
    async def __aenter__(self) -> AsyncDatabase: ...

class AsyncStore(_Closing):
    """Store for asyncio. A directory of databases, each a collection under a name."""

    @property
    def root(self) -> str:
        """The directory."""

    def create_collection(
        self,
        name: str,
        dimension: Optional[int] = None,
        lock_timeout: Optional[float] = None,
        metric: Optional[str] = None,
        *,
        analyzer: Union[str, Analyzer, None] = None,
        sync: Union[str, tuple[str, int]] = "per_op",
        sparse_scoring: Optional[str] = None,
        positions: Optional[bool] = None,
        low_memory: bool = False,
        vectors_as: str = "list",
        verify: bool = False,
    ) -> Opening[AsyncDatabase]:
        """Creates a collection, which needs `dimension`. The options are those of `vectlite.open`."""

    def open_collection(
        self,
        name: str,
        dimension: Optional[int] = None,
        lock_timeout: Optional[float] = None,
        metric: Optional[str] = None,
        *,
        analyzer: Union[str, Analyzer, None] = None,
        sync: Union[str, tuple[str, int]] = "per_op",
        sparse_scoring: Optional[str] = None,
        positions: Optional[bool] = None,
        low_memory: bool = False,
        vectors_as: str = "list",
        verify: bool = False,
    ) -> Opening[AsyncDatabase]:
        """Opens a collection for writing."""

    def open_collection_read_only(
        self,
        name: str,
        dimension: Optional[int] = None,
        lock_timeout: Optional[float] = None,
        metric: Optional[str] = None,
        *,
        analyzer: Union[str, Analyzer, None] = None,
        sparse_scoring: Optional[str] = None,
        positions: Optional[bool] = None,
        low_memory: bool = False,
        vectors_as: str = "list",
        verify: bool = False,
    ) -> Opening[AsyncDatabase]:
        """Opens a collection for reading, beside its writer."""

    def open_or_create_collection(
        self,
        name: str,
        dimension: Optional[int] = None,
        lock_timeout: Optional[float] = None,
        metric: Optional[str] = None,
        *,
        analyzer: Union[str, Analyzer, None] = None,
        sync: Union[str, tuple[str, int]] = "per_op",
        sparse_scoring: Optional[str] = None,
        positions: Optional[bool] = None,
        low_memory: bool = False,
        vectors_as: str = "list",
        verify: bool = False,
    ) -> Opening[AsyncDatabase]:
        """Opens a collection for writing, creating it when it is missing, which needs `dimension`."""

    async def drop_collection(self, name: str) -> bool:
        """Removes a collection's files; `False` when there is none. It must not be open anywhere."""

    async def collections(self) -> list[str]:
        """The names of the collections, sorted."""

    async def close(self) -> None:
        """Ends the use of the store; collections that are open stay open. Closing twice is fine."""

    def __init__(self, inner: Store) -> None: ...
    async def __aenter__(self) -> AsyncStore: ...

def open_async(
    path: Union[str, PathLike[str]],
    dimension: Optional[int] = None,
    read_only: bool = False,
    lock_timeout: Optional[float] = None,
    metric: Optional[str] = None,
    *,
    analyzer: Union[str, Analyzer, None] = None,
    sync: Union[str, tuple[str, int]] = "per_op",
    sparse_scoring: Optional[str] = None,
    positions: Optional[bool] = None,
    low_memory: bool = False,
    vectors_as: str = "list",
    verify: bool = False,
) -> Opening[AsyncDatabase]:
    """Opens a database.

    A missing one is created, its directories too; that needs `dimension`. `dimension`, `metric`, `analyzer`,
    `sparse_scoring` and `positions` are fixed at creation: for an existing database they may be left out, and given, they must be
    what is stored.

    - `read_only`: beside a writer and any number of other readers.
    - `lock_timeout`: seconds to wait for the lock; `None` fails at once.
    - `metric`: "cosine" (the default), "euclidean", "dotproduct", "manhattan".
    - `analyzer`: "standard" (the default), a language such as "english", "trigram", "autocomplete", "none", or an `Analyzer`.
    - `sync`: "per_op" (an acknowledged write survives a power cut), ("every_n", n), "on_flush".
    - `sparse_scoring`: "bm25" (the default) or "dot" for learned sparse vectors.
    - `positions`: whether the positions of frequent words are stored, true by default. Without them a phrase of common words takes several
      times as long, and lists of words a quarter less space. Answers are the same.
    - `low_memory`: leaves graphs where they are mapped from the file `NAME.vdb.ann` instead of copying them to memory of
      this process: the operating system may take that memory back and share it. Searches are slower for it.
    - `vectors_as`: what vectors of records and hits come back as: "list" (the default), of floats, or "numpy", arrays of float32
      of shape (dimension,), which needs numpy.
    - `verify`: reads all files before the database can be used, and raises `CorruptionError` when anything is wrong with them:
      see `vectlite.verify`. Without it damage is met when what is damaged is read.
    """

def open_store_async(root: Union[str, PathLike[str]]) -> Opening[AsyncStore]:
    """Opens a directory of databases, creating it when it is missing."""

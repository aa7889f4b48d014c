"""The native part of vectlite. Names are imported from `vectlite` and `vectlite.analyzers`."""

import builtins
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from types import TracebackType
from typing import Any, Callable, Literal, Optional, Union, final, type_check_only

from .error import VectLiteError
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
    "Analyzer",
    "Database",
    "Keys",
    "ReadView",
    "Store",
    "Transaction",
    "__version__",
    "_run_command",
    "error_classes",
    "open",
    "open_store",
    "restore",
    "sparse_terms",
    "verify",
]

__version__: str

def open(
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
) -> Database:
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

        >>> with vectlite.open("notes.vdb", dimension=3, metric="cosine") as notes:
        ...     notes.upsert("milk", [0.9, 0.1, 0.0], {"done": False}, text="buy oat milk")
        ...     notes.path.endswith("notes.vdb"), len(notes)
        (True, 1)
    """

def open_store(root: Union[str, PathLike[str]]) -> Store:
    """Opens a directory of databases, creating it when it is missing.

        >>> with vectlite.open_store("databases") as store:
        ...     with store.create_collection("notes", 3) as notes:
        ...         notes.upsert("milk", [0.9, 0.1, 0.0])
        ...     store.collections()
        ['notes']
    """

def restore(
    source: Union[str, PathLike[str]],
    dest: Union[str, PathLike[str]],
    *,
    analyzer: Union[str, Analyzer, None] = None,
    sync: Union[str, tuple[str, int]] = "per_op",
    low_memory: bool = False,
    vectors_as: str = "list",
) -> Database:
    """Makes a database at `dest` of a backup, a snapshot or any other database, and opens it.

    `source` is its file, or the directory that `Database.backup` wrote. Settings, indexes and graphs are those of the source;
    the options are those of `vectlite.open`.

    A database that is at `dest` already is replaced, if nobody has it open: else `VectLiteLockError`. The new one is written
    beside it and read again before it takes its place, so a damaged source, a `CorruptionError`, costs nothing.

        >>> path, copy = db.path, db.backup("backups/monday")
        >>> db.close()
        >>> db = vectlite.restore(copy, path)
    """

def _run_command(arguments: Sequence[str]) -> int:
    """Runs a command of the command line on the streams of the process; returns its exit code. `python -m vectlite` calls it."""

def verify(
    path: Union[str, PathLike[str]],
    deep: bool = False,
    repair_to: Union[str, PathLike[str], None] = None,
) -> VerifyReport:
    """Reads all files of a database and tells what is wrong with them; also of one that cannot be opened any more.

    Others may read and write it meanwhile: what is verified is the state of one moment. Damage is no exception, it is in
    the report.

    - `deep`: besides, what is derived is derived anew from the records and compared: terms and where they stand, lengths, field
      indexes, vectors beside the graphs; and free pages with those in use. Takes about as long as loading the records did,
      without graphs.
    - `repair_to`: writes what can be read to a new database at this path, where there must be none, and derives everything else
      anew. Raises `CorruptionError` where not even the names of namespaces and vector spaces can be read.

        >>> report = vectlite.verify(db.path, repair_to="saved.vdb")
        >>> report["sound"], report["repair"]["lost"]
        (True, 0)
    """

def sparse_terms(text: str) -> dict[str, float]:
    """The terms of a text under the default analyzer, each with how often it occurs.

        >>> vectlite.sparse_terms("to be or not to be")
        {'be': 2.0, 'not': 1.0, 'or': 1.0, 'to': 2.0}
    """

def error_classes() -> list[tuple[str, type[VectLiteError]]]:
    """Every kind of error of the engine: its code, and the class that it is raised as."""

@type_check_only
class _Reads:
    """What a database answers, and one state of it likewise."""

    def get(self, id: str, namespace: Optional[str] = None) -> Optional[Record]:
        """The record with this id, or `None`.

            >>> record = db.get("7")
            >>> record["id"], record["vector"]
            ('7', [7.0, 1.0, 0.0])
        """

    def get_many(self, ids: Iterable[str], namespace: Optional[str] = None) -> builtins.list[Optional[Record]]:
        """The records with these ids, in their order; `None` where there is none.

            >>> [record and record["id"] for record in db.get_many(["7", "none"])]
            ['7', None]
        """

    def exists(self, id: str, namespace: Optional[str] = None) -> bool:
        """Whether there is a record with this id.

            >>> db.exists("7"), db.exists("7", namespace="other")
            (True, False)
        """

    def highlight(
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

        >>> db.upsert("fox", text="Two quick foxes and a fox")
        >>> db.highlight("fox", "fox* quick", before="[", after="]")
        'Two [quick] [foxes] and a [fox]'
        """

    def count(self, namespace: Optional[str] = None, filter: Optional[dict[str, Any]] = None) -> int:
        """How many records match; in all namespaces when none is given.

            >>> db.count(), db.count(filter={"size": {"$gt": 3}})
            (200, 0)
        """

    def list(
        self,
        namespace: Optional[str] = None,
        filter: Optional[dict[str, Any]] = None,
        limit: int = 0,
        offset: int = 0,
    ) -> builtins.list[Record]:
        """Matching records by namespace and id: `limit` of them (0: all) behind the first `offset`.

        Without a namespace those of all namespaces.

            >>> [record["id"] for record in db.list(limit=2, offset=1)]
            ['1', '10']
        """

    def list_cursor(
        self,
        namespace: Optional[str] = None,
        filter: Optional[dict[str, Any]] = None,
        limit: int = 100,
        cursor: Optional[str] = None,
    ) -> tuple[builtins.list[Record], Optional[str]]:
        """A page of matching records, and the cursor of the next one: `None` at the end.

        Start without a cursor. Records that are written meanwhile appear if they come behind the cursor.

            >>> records, cursor = db.list_cursor(limit=150)
            >>> records, cursor = db.list_cursor(limit=150, cursor=cursor)
            >>> len(records), cursor
            (50, None)
        """

    def kv_get(self, table: str, key: str) -> Optional[bytes]:
        """What the application keeps under a key of one of its own tables, or `None`; see `Transaction.kv_put`.

            >>> db.kv_get("settings", "theme") is None
            True
        """

    def kv_scan(self, table: str, prefix: str = "") -> builtins.list[tuple[str, bytes]]:
        """All keys of one of the application's own tables that begin with `prefix`, ascending by their UTF-8 bytes, with their values.

            >>> with db.transaction() as tx:
            ...     tx.kv_put("settings", "ui/theme", b"dark")
            ...     tx.kv_put("settings", "user", b"ada")
            >>> db.kv_scan("settings", "ui/")
            [('ui/theme', b'dark')]
        """

    def namespaces(self) -> builtins.list[str]:
        """The namespaces that hold a record, sorted by name.

            >>> db.namespaces()
            ['']
        """

    def search(
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

            >>> hits = db.search([0.0, 1.0, 0.0], k=3, include=("metadata", "vector"))
            >>> [(hit["id"], hit["vector"]) for hit in hits[:1]]
            [('0', [0.0, 1.0, 0.0])]
        """

    def search_with_stats(
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
        """The hits of a search, and how they were found.

            >>> found = db.search_with_stats([1.0, 0.0, 0.0], k=3, exact=True)
            >>> len(found["results"]), found["stats"]["exact"]
            (3, True)
        """

    def search_batch(
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

            >>> hits = db.search_batch(np.eye(3, dtype=np.float32), k=2)
            >>> [len(found) for found in hits]
            [2, 2, 2]
        """

    def __len__(self) -> int: ...
    def __contains__(self, key: Union[str, tuple[str, str]], /) -> bool: ...

@final
class Database(_Reads):
    """A database that is open in this process.

    Use it from any thread; other threads run while it works. One process writes, any number of them read. It is a
    context manager; `len(db)` counts the records of all namespaces, `id in db` looks into the default one, and
    iterating gives the keys, `(namespace, id)`, of all records.

        >>> len(db), "7" in db, next(iter(db))
        (200, True, ('', '0'))
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
    def commit_id(self) -> int:
        """Position of the last visible commit; 0 before the first."""

    def insert(
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

            >>> db.insert("milk", [0.9, 0.1, 0.0], {"done": False}, text="buy oat milk")
        """

    def upsert(
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
        """Adds a record, or replaces the one with its key as a whole.

            >>> db.upsert("milk", np.array([0.9, 0.1, 0.0], dtype=np.float32), {"done": False}, ttl=3600)
        """

    def insert_many(self, records: Iterable[RecordInput], namespace: Optional[str] = None) -> int:
        """Adds records that must not exist, all or none, and returns how many they were.

        `namespace` is for records that do not say theirs.

            >>> db.insert_many([{"id": "milk", "vector": [0.9, 0.1, 0.0]}, {"id": "tea", "text": "green tea"}])
            2
        """

    def upsert_many(self, records: Iterable[RecordInput], namespace: Optional[str] = None) -> int:
        """Adds or replaces records, all or none, and returns how many they were.

            >>> db.upsert_many({"id": str(n), "vector": [n, 1, 0]} for n in range(10))
            10
        """

    def bulk_ingest(
        self,
        records: Iterable[RecordInput],
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

            >>> db.bulk_ingest({"id": str(n), "vector": [n, 1, 0]} for n in range(1_000))
            1000
        """

    def bulk_ingest_array(
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

            >>> ids = [f"row {n}" for n in range(1_000)]
            >>> db.bulk_ingest_array(ids, np.ones((1_000, 3), dtype=np.float32), m=24, ef_construction=100)
            1000
        """

    def update_metadata(self, id: str, metadata: Metadata, namespace: Optional[str] = None) -> bool:
        """Merges into a record's metadata at the top level; `False` when there is no such record.

            >>> db.update_metadata("7", {"done": True}), db.get("7")["metadata"]
            (True, {'done': True})
        """

    def delete(self, id: str, namespace: Optional[str] = None) -> bool:
        """Removes a record; `False` when there is none.

            >>> db.delete("7"), db.delete("7")
            (True, False)
        """

    def delete_many(self, ids: Iterable[str], namespace: Optional[str] = None) -> int:
        """Removes records in one commit and returns how many there were.

            >>> db.delete_many(["7", "8", "none"])
            2
        """

    def delete_by_filter(self, filter: dict[str, Any], namespace: Optional[str] = None) -> int:
        """Removes every record that matches, in one commit, and returns how many there were.

        Without a namespace those of all namespaces.

            >>> db.upsert("milk", metadata={"done": True})
            >>> db.delete_by_filter({"done": True})
            1
        """

    def set_ttl(self, id: str, ttl: float, namespace: Optional[str] = None) -> bool:
        """Lets a record expire `ttl` seconds from now; `False` when there is no such record.

            >>> db.set_ttl("7", 60), db.get("7")["expires_at"] is None
            (True, False)
        """

    def clear_ttl(self, id: str, namespace: Optional[str] = None) -> bool:
        """Lets a record stay for good; `False` when there is no such record.

            >>> db.clear_ttl("7"), db.get("7")["expires_at"]
            (True, None)
        """

    def create_index(
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

            >>> db.create_index("size", "numeric")
            True
            >>> db.list_indexes()
            [('size', 'numeric')]
            >>> db.count(filter={"size": {"$gte": 2}})
            0
        """

    def drop_index(self, field: str) -> bool:
        """Takes the index of a field away; `False` when it has none.

            >>> db.create_index("size", "numeric"), db.drop_index("size"), db.drop_index("size")
            (True, True, False)
        """

    def list_indexes(self) -> builtins.list[tuple[str, str]]:
        """The indexed fields with the types of their indexes, sorted.

            >>> db.list_indexes()
            []
        """

    def index_config(self) -> IndexConfig:
        """How the graphs of this database are built, searched and renewed; stored in it.

        A vector space has a graph from 128 live vectors on; below, all of them are scanned.

            >>> db.index_config()["m"]
            16
        """

    def set_index_config(
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

            >>> db.set_index_config(m=24, ef_search=100)
            >>> db.set_index_config(ef_search=None)
            >>> db.index_config()["m"], db.index_config()["ef_search"]
            (24, None)
        """

    def set_ef_search(self, n: Optional[int]) -> None:
        """Changes how many candidates a search keeps that does not say itself: `set_index_config(ef_search=n)`.

            >>> db.set_ef_search(200)
            >>> db.index_config()["ef_search"]
            200
        """

    def tombstone_stats(self) -> tuple[int, int]:
        """`(live, dead)`: vectors that live, and dead ones that graphs still hold.

        Those were deleted or overwritten; they are gone when a graph is built anew.

            >>> db.delete_many(["0", "1"])
            2
            >>> live, dead = db.tombstone_stats()
        """

    def read_view(self) -> ReadView:
        """The present state, to read and search at leisure: what is written meanwhile does not change it.

        >>> with db.read_view() as view:
        ...     total = view.count()
        ...     first, second = (view.search([1.0, 0.0, 0.0], k=10, offset=offset) for offset in (0, 10))
        """

    def transaction(self) -> Transaction:
        """A transaction: operations that commit together.

            >>> with db.transaction() as tx:
            ...     tx.delete("7")
            ...     tx.upsert("seven", [7.0, 1.0, 0.0])
            >>> "7" in db, "seven" in db
            (False, True)
        """

    def flush(self) -> None:
        """Moves every commit from the log into the database file, durably, and removes expired records.

            >>> db.flush()
            >>> db.stats()["checkpoint"] == db.commit_id
            True
        """

    def compact(self, erase: bool = False) -> CompactReport:
        """Writes the database file anew without deleted and overwritten records, when there are any or much of it is free.

        Then builds graphs anew a tenth of whose nodes is dead, or that were built by another configuration, and returns
        when that is done.

        - `erase`: does so in any case, and with every graph that has a dead node: nothing that was deleted or replaced is in
          any file of the database afterwards. What the medium keeps of files that are no more, and copies that were made
          before, are beyond its reach.

            >>> db.delete_many([str(n) for n in range(50)])
            50
            >>> report = db.compact()
            >>> report["records"], report["dropped"], report["shrunk"]
            (150, 50, True)
        """

    def snapshot(self, dest: Union[str, PathLike[str]]) -> None:
        """Writes the present state to `dest` as a database of its own.

            >>> db.snapshot("copy.vdb")
            >>> with vectlite.open("copy.vdb", read_only=True) as copy:
            ...     len(copy)
            200
        """

    def refresh(self) -> int:
        """Takes in what was committed by now, by whichever process, and returns the newest commit.

        Reads do so by themselves: this only does it ahead of them.

            >>> db.refresh() == db.commit_id
            True
        """

    def wait_for(self, commit_id: int, timeout: float) -> bool:
        """Waits until this handle shows a commit or a later one; `False` when the time, in seconds, was up first. Ctrl-C ends it.

        What one process has committed, under the number that its `commit_id` gives, is then seen by a reader in another.

            >>> with vectlite.open(db.path, read_only=True) as reader:
            ...     db.upsert("milk")
            ...     reader.wait_for(db.commit_id, 5.0), "milk" in reader
            (True, True)
        """

    def backup(self, dest_dir: Union[str, PathLike[str]]) -> str:
        """A snapshot in a directory, under the name that the database has: returns its path.

        The copy is read again and compared before this returns, and `vectlite.restore` makes a database of it. Others may
        read and write meanwhile: it holds the state of one commit. Raises `AlreadyExistsError` when that name is taken there.

            >>> db.backup("backups/monday").endswith(".vdb")
            True
        """

    def verify(self, deep: bool = False, repair_to: Union[str, PathLike[str], None] = None) -> VerifyReport:
        """Reads all files of this database anew and tells what is wrong with them; see `vectlite.verify`.

        Others may read and write meanwhile. With `deep`, checkpoints of this handle wait.

            >>> report = db.verify(deep=True)
            >>> report["sound"], report["problems"]
            (True, [])
        """

    def stats(self) -> DatabaseStats:
        """Facts about this database.

            >>> db.stats()["records"]
            200
        """

    def close(self) -> None:
        """Closes the database. Closing twice is fine; everything else raises `ClosedError` from here on.

            >>> db.close()
            >>> len(db)
            Traceback (most recent call last):
            vectlite.error.ClosedError: the database is closed; open it again to use it
        """

    def _repr_html_(self) -> str: ...
    def __enter__(self) -> Database: ...
    def __exit__(
        self,
        *_exception: Union[type[BaseException], BaseException, TracebackType, None],
    ) -> None: ...
    def __iter__(self) -> Iterator[tuple[str, str]]: ...
    def __reduce__(self) -> Any: ...

@final
class Keys:
    """An iterator over the keys, `(namespace, id)`, of all records of a database."""

    def __iter__(self) -> Keys: ...
    def __next__(self) -> tuple[str, str]: ...

@final
class ReadView(_Reads):
    """One state of a database: what is written afterwards does not change what it answers, and what expires afterwards stays.

    So counts agree with lists, and pages with each other. For that a search is exact here, unless `ef_search` is given: a
    graph goes on growing, and the next page could come of another walk.

    A context manager. It keeps what it shows, so hold it for as long as pages are turned. Once it or its database is closed
    everything but `close` and `repr` raises `ClosedError`.

        >>> with db.read_view() as view:
        ...     db.delete("7")
        ...     view.exists("7"), db.exists("7"), view.commit_id < db.commit_id
        True
        (True, False, True)
    """

    @property
    def commit_id(self) -> int:
        """Position of the last commit that it shows."""

    def close(self) -> None:
        """Lets go of it. Closing twice is fine; everything else raises `ClosedError` from here on."""

    def _repr_html_(self) -> str: ...
    def __enter__(self) -> ReadView: ...
    def __exit__(
        self,
        *_exception: Union[type[BaseException], BaseException, TracebackType, None],
    ) -> None: ...
    def __reduce__(self) -> Any: ...

@final
class Transaction:
    """Operations that commit together: all of them, or none. It reads its own writes.

    As a context manager it commits at the end, and rolls back after an exception.

        >>> with db.transaction() as tx:
        ...     tx.upsert("milk", text="buy oat milk")
        ...     tx.delete("7")
        ...     tx.get("milk")["text"], tx.get("7"), len(tx)
        ('buy oat milk', None, 2)
    """

    def insert(
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

    def upsert(
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

    def insert_many(self, records: Iterable[RecordInput], namespace: Optional[str] = None) -> int:
        """Adds records that must not exist, and returns how many they were."""

    def upsert_many(self, records: Iterable[RecordInput], namespace: Optional[str] = None) -> int:
        """Adds or replaces records, and returns how many they were."""

    def delete(self, id: str, namespace: Optional[str] = None) -> None:
        """Removes a record, if there is one."""

    def delete_many(self, ids: Iterable[str], namespace: Optional[str] = None) -> None:
        """Removes records, as far as they exist."""

    def update_metadata(self, id: str, metadata: Metadata, namespace: Optional[str] = None) -> None:
        """Merges into a record's metadata at the top level, if there is the record."""

    def set_ttl(self, id: str, ttl: float, namespace: Optional[str] = None) -> None:
        """Lets a record expire `ttl` seconds from now, if there is the record."""

    def get(self, id: str, namespace: Optional[str] = None) -> Optional[Record]:
        """The record as it would be after the commit, or `None`."""

    def kv_put(self, table: str, key: str, value: Union[bytes, bytearray, memoryview]) -> None:
        """Keeps bytes of the application's own under a key of one of its tables, in place of what was there.

        Tables need not be made. What is kept here becomes visible and durable with everything else that the transaction does: a
        position in a feed with the records that were read of it, for example.

        Raises `InvalidArgumentError` for the name of a table that is empty or above 255 bytes, a key that is empty or above 1,024
        bytes, and a value above 16 MiB.

            >>> with db.transaction() as tx:
            ...     tx.upsert("mail-17", text="lunch on Friday?")
            ...     tx.kv_put("progress", "inbox", b"17")
            >>> db.kv_get("progress", "inbox")
            b'17'
        """

    def kv_get(self, table: str, key: str) -> Optional[bytes]:
        """What would be kept under a key after the commit, or `None`."""

    def kv_delete(self, table: str, key: str) -> None:
        """Removes what is kept under a key, if there is anything."""

    def commit(self) -> None:
        """Commits: everything becomes visible at once, or nothing does."""

    def rollback(self) -> None:
        """Forgets the operations."""

    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def _repr_html_(self) -> str: ...
    def __enter__(self) -> Transaction: ...
    def __exit__(
        self,
        *exception: Union[type[BaseException], BaseException, TracebackType, None],
    ) -> None: ...
    def __reduce__(self) -> Any: ...

@final
class Store:
    """A directory of databases, each a collection under a name.

        >>> with vectlite.open_store("databases") as store:
        ...     with store.open_or_create_collection("notes", 3) as notes:
        ...         notes.upsert("milk", [0.9, 0.1, 0.0])
        ...     store.collections(), store.drop_collection("notes"), store.collections()
        (['notes'], True, [])
    """

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
    ) -> Database:
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
    ) -> Database:
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
    ) -> Database:
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
    ) -> Database:
        """Opens a collection for writing, creating it when it is missing, which needs `dimension`."""

    def drop_collection(self, name: str) -> bool:
        """Removes a collection's files; `False` when there is none. It must not be open anywhere."""

    def collections(self) -> list[str]:
        """The names of the collections, sorted."""

    def close(self) -> None:
        """Ends the use of the store; collections that are open stay open. Closing twice is fine."""

    def _repr_html_(self) -> str: ...
    def __enter__(self) -> Store: ...
    def __exit__(
        self,
        *_exception: Union[type[BaseException], BaseException, TracebackType, None],
    ) -> None: ...
    def __reduce__(self) -> Any: ...

@final
class Analyzer:
    """A pipeline from text to terms.

    `Analyzer()` splits into Unicode words; each method returns a new analyzer with one step more:
    `Analyzer().lowercase().ascii_folding().stopwords("english").stemmer("english")`. In scripts that are written
    without spaces (Han, Hiragana, Katakana, Thai, Lao, Khmer, Myanmar) letters and pairs of them stand for words.

    Texts that are stored and queries pass through the same steps, but a query is not widened: it asks for pairs of
    letters, for words as they are typed, and not for synonyms.

        >>> analyzer = vectlite.analyzers.Analyzer().lowercase().stemmer("english")
        >>> analyzer.tokenize("Running foxes")
        ['run', 'fox']
    """

    def __new__(cls) -> Analyzer: ...
    @staticmethod
    def preset(name: str) -> Analyzer:
        """The analyzer with this name, in any case.

        - "standard", the default: words, lower case, folding.
        - a language such as "english" or "en": words, lower case, stop words, stems, folding.
        - "trigram": standard in grams of 3 characters; any part of a word of 3 characters or more finds it.
        - "autocomplete": standard in prefixes of 1 to 16 characters; for searches while somebody types.
        - "none": text gives no terms.
        """

    def lowercase(self) -> Analyzer:
        """Terms in lower case."""

    def ascii_folding(self) -> Analyzer:
        """Letters without their marks: "é" becomes "e"."""

    def stopwords(self, words: Union[str, Iterable[str]]) -> Analyzer:
        """Drops the stop words of a language, or the words of a set."""

    def stemmer(self, language: str) -> Analyzer:
        """Reduces terms to their stems by the Snowball algorithm of a language."""

    def ngrams(self, n: int) -> Analyzer:
        """Makes of every term all parts of `n` characters, 1 to 32, so that any part of a word of at least `n` finds it.

        A term that is shorter stays whole. Grams come once in an analyzer.
        """

    def edge_ngrams(self, min: int, max: int) -> Analyzer:
        """Makes of every term its prefixes of `min` to `max` characters, so that the beginning of a word finds it.

        A term that is shorter stays whole. A query asks for its words as they are typed, cut to `max` characters.
        1 <= min <= max <= 32; grams come once in an analyzer.
        """

    def synonyms(self, map: dict[str, Iterable[str]]) -> Analyzer:
        """Gives a stored text the synonyms of its terms as well, at the same places; a query stays what it is.

        Terms and synonyms pass through the steps before this one and must be one term each. It works in one direction:
        to find each of two words by the other one, give both.
        """

    def tokenizer(self, function: Callable[[str], Iterable[str]]) -> Analyzer:
        """Cuts text by a function instead of into Unicode words. It stands before all other steps.

        An analyzer with a function cannot be stored: it plugs in for one session. `open(path, analyzer=…)` needs a new
        database or one with the analyzer "none"; the terms of a text are added to the sparse vector of its record, in
        the thread that writes and before anything is written, and the text of a search passes through it, too. Other
        sessions find these records by sparse terms only. What the function raises, the call raises.
        """

    def filter(self, function: Callable[[str], Union[str, Iterable[str], None]]) -> Analyzer:
        """Puts what a function gives in the place of every term: a term, several, or none.

        As with `tokenizer`, the analyzer cannot be stored then: it plugs in for one session.
        """

    def tokenize(self, text: str) -> list[str]:
        """The terms of a stored text, in order."""

    def sparse_terms(self, text: str) -> dict[str, float]:
        """The terms of a stored text, each with how often it occurs."""

    def query_terms(self, text: str) -> dict[str, float]:
        """The terms that a query asks for, each with how often it occurs."""

    def sparse_terms_weighted(
        self, fields: dict[str, str], weights: Optional[dict[str, float]] = None
    ) -> dict[str, float]:
        """The terms of several texts that are stored together, each with how often it occurs times the weight of its text.

        A field without a weight has 1; one of weight 0 gives no terms; a weight without a field gives nothing.
        """

    def __eq__(self, other: object, /) -> bool: ...

"""The dicts that go in and come out, for type checkers and for looking up their keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Callable, Literal, Optional, Protocol, TypedDict, Union

Metadata = dict[str, Any]
"""Keys of type str; values `str int float bool None list dict`, and on the way in also tuples, scalars of numpy,
`date`, `datetime` and `UUID`, the last three of which are stored as text."""


class SupportsArray(Protocol):
    """An array of numpy, or what turns into one."""

    def __array__(self) -> Any: ...


Vector = Union[Sequence[float], SupportsArray]
"""Numbers in a sequence, a buffer (`array.array`, `memoryview`) or an array."""

Matrix = Union[Sequence[Vector], SupportsArray]
"""Vectors in a sequence, or a two-dimensional array."""


VectorOut = Union[list[float], Any]
"""A vector that comes back: floats in a list, or an array of float32 under `vectors_as="numpy"`, which type checkers cannot tell."""


class _InputId(TypedDict):
    id: str


class RecordInput(_InputId, total=False):
    """A record for the methods that take many. `None` is the same as leaving a key out."""

    vector: Optional[Vector]
    metadata: Optional[Metadata]
    sparse: Optional[dict[str, float]]
    vectors: Optional[dict[str, Any]]
    namespace: Optional[str]
    ttl: Optional[float]
    text: Optional[str]
    expires_at: Optional[float]


class _RecordText(TypedDict, total=False):
    text: str


class Record(_RecordText):
    """A record as it is read. `text` is there when the record has one."""

    namespace: str
    id: str
    vector: Optional[VectorOut]
    vectors: dict[str, VectorOut]
    sparse: Optional[dict[str, float]]
    metadata: Metadata
    expires_at: Optional[float]


class Scale(TypedDict):
    """What is mapped to [0, 1] in linear fusion."""

    lo: float
    hi: float


class ScorePart(TypedDict):
    """What one source says of a hit, and what becomes of it."""

    raw: float
    rank: int
    weight: float
    scale: Optional[Scale]
    normalised: Optional[float]
    contribution: float


class SpaceScore(TypedDict):
    """The score of a record in one of several vector spaces."""

    vector_name: str
    weight: float
    score: float


class DenseExplanation(TypedDict):
    """What the vectors add to a score. `spaces` holds the scores whose weighted sum is the raw one; it is empty where one
    space is searched, unweighted."""

    metric: str
    spaces: list[SpaceScore]
    part: ScorePart


class SparseExplanation(TypedDict):
    """What the terms add to a score: `terms` is `{"bm25": …}` or `{"dot": …}`."""

    terms: dict[str, dict[str, Any]]
    part: ScorePart


class Explanation(TypedDict):
    """Where the score of a hit comes from: the sum of the contributions."""

    score: float
    fusion: Optional[str]
    rrf_k: Optional[int]
    dense: Optional[DenseExplanation]
    sparse: Optional[SparseExplanation]


class _HitExtras(TypedDict, total=False):
    vector: Optional[VectorOut]
    text: Optional[str]
    explain: Explanation
    rerank_score: Any


class Hit(_HitExtras):
    """A record that a search found. `vector`, `text` and `explain` are there when they were asked for,
    `rerank_score` after a `rerank`: what that has put there, or `None`."""

    namespace: str
    id: str
    score: float
    dense_score: Optional[float]
    sparse_score: Optional[float]
    vector_name: Optional[str]
    matched_terms: list[str]
    dense_rank: Optional[int]
    sparse_rank: Optional[int]
    metadata: Metadata


Rerank = Callable[[Optional[str], list[Hit]], Iterable[Hit]]
"""Takes the text of a search, or `None`, and its best hits; gives them back in its order, all or some."""


class Timings(TypedDict):
    """Where the time of a search went, in microseconds."""

    dense_us: int
    sparse_us: int
    fusion_us: int
    total_us: int


class SearchStats(TypedDict):
    """How a search was run."""

    plan: str
    exact: bool
    used_ann: bool
    ann_candidate_count: int
    tail_scanned: int
    exact_fallback: bool
    ann_loaded_from_disk: bool
    considered_count: int
    sparse_candidate_count: int
    fetch_k: int
    fusion: Optional[str]
    mmr_applied: bool
    effective_dimension: Optional[int]
    matryoshka_truncated: bool
    rerank_applied: bool
    rerank_count: int
    selectivity: float
    wal_entries_replayed: int
    timings: Timings


class SearchResponse(TypedDict):
    """Hits, best first, and how they were found."""

    results: list[Hit]
    stats: SearchStats


class IndexConfig(TypedDict):
    """How graphs are built, searched and renewed; see `Database.set_index_config`."""

    m: int
    ef_construction: int
    ef_search: Optional[int]
    parallel_insert_threshold: int
    tombstone_rebuild_pct: int


class CompactReport(TypedDict):
    """What a compaction did."""

    records: int
    dropped: int
    bytes_before: int
    bytes_after: int
    shrunk: bool


class GraphStats(TypedDict):
    """What the graph of a vector space holds.

    - `space`: its vector space, "" for the default one.
    - `nodes`: all nodes, `dead` of which were deleted or overwritten; `tail`: live vectors that are not in it yet, and are
      scanned.
    - `seeded`, `extended`: nodes by who inserted them; `twins`: nodes that hang on another one with the same code;
      `repaired`: nodes that a bulk load had left out of reach.
    - `levels`: layers above the lowest; `bytes`: of codes and links.
    - `loaded_from_disk`: whether it came from `NAME.vdb.ann`; `kernels`: the instruction set that computes distances.
    """

    space: str
    nodes: int
    dead: int
    tail: int
    seeded: int
    extended: int
    twins: int
    repaired: int
    levels: int
    bytes: int
    loaded_from_disk: bool
    kernels: str


class DatabaseStats(TypedDict):
    """Facts about a database. Bytes are 0 for a read-only handle; `graphs` has one for each vector space with a graph."""

    records: int
    dead: int
    commit_id: int
    checkpoint: int
    vdb_bytes: int
    wal_bytes: int
    wal_entries_replayed: int
    ann_bytes: int
    graphs: list[GraphStats]


class Problem(TypedDict):
    """Something in a file that is not as it must be: `file` is its extension, `what` says what was expected and what is
    there."""

    file: Literal["vdb", "wal", "ann"]
    what: str


class IncompleteRecord(TypedDict):
    """A record that was saved without a part: `missing` names "metadata", "text", or a vector space in quotation marks."""

    namespace: str
    id: str
    missing: list[str]


class Repair(TypedDict):
    """What was saved of a damaged database: `records`, `incomplete` ones among them; of `lost` ones nothing could be read.

    `kv_saved` values of the application's own tables were saved, `kv_lost` could not be read: one more when their table could not be
    followed to its end, for all that stood behind.
    """

    records: int
    lost: int
    incomplete: list[IncompleteRecord]
    kv_saved: int
    kv_lost: int


class VerifyReport(TypedDict):
    """What `verify` found.

    - `sound`: whether there is no problem. `problems` holds the first hundred, `problem_count` is how many there are.
    - `deep`: whether what is derived was derived anew, too.
    - `commit_id`: the last commit in the database file or in the log; `records`: live ones in the database file.
    - `values`, `bytes`: what was read and decoded of its tables; `log_commits`: commits in the log, behind those of the file;
      `graphs`: in `NAME.vdb.ann`.
    - `repair`: what was saved, when that was asked for.
    """

    sound: bool
    deep: bool
    commit_id: int
    records: int
    values: int
    bytes: int
    log_commits: int
    graphs: int
    problems: list[Problem]
    problem_count: int
    repair: Optional[Repair]

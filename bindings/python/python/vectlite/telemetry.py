"""Spans of OpenTelemetry for searches and writes, once `configure_opentelemetry` was called.

Names and attributes follow the semantic conventions for database clients; what only vectlite has begins with `vectlite.`.

| attribute | is |
|---|---|
| `db.system.name` | "vectlite" |
| `db.collection.name` | the name of the database's file without `.vdb` |
| `db.namespace` | the namespace, when one is given |
| `db.operation.name` | the method |
| `db.operation.batch.size` | how many queries or ids came, where that is known |
| `db.response.returned_rows` | hits |
| `db.query.text` | the text of a search, when that is asked for |
| `error.type` | the class of the error that ended it |
| `vectlite.k`, `.plan`, `.exact`, `.used_ann`, `.fusion`, `.selectivity`, `.considered_count`, `.fetch_k` | see `SearchStats` |
| `vectlite.dense_us`, `.sparse_us`, `.fusion_us` | where the time went, in microseconds |
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sized
from pathlib import Path
from typing import Any, Callable, Optional, TypedDict

from . import _core
from .error import ClosedError, InvalidArgumentError
from .extras import load

_SEARCHES = ("search", "search_with_stats", "search_batch")
_WRITES = (
    "insert",
    "upsert",
    "insert_many",
    "upsert_many",
    "bulk_ingest",
    "bulk_ingest_array",
    "update_metadata",
    "delete",
    "delete_many",
    "delete_by_filter",
    "set_ttl",
    "clear_ttl",
    "flush",
    "compact",
)

_STATS = ("plan", "exact", "used_ann", "fusion", "selectivity", "considered_count", "fetch_k")
_TIMINGS = ("dense_us", "sparse_us", "fusion_us")

_originals: dict[tuple[type, str], Any] = {}
"""What stood where a span is made now."""


class OpenTelemetryOptions(TypedDict, total=False):
    """What `configure_opentelemetry` takes; everything may be left out.

    - `enabled`: `False` ends it.
    - `tracer_provider`: the global one when it is left out.
    - `writes`: whether writes and upkeep have spans, too; they do when it is left out.
    - `record_query_text`: whether spans hold the text of searches; they do not when it is left out, as it may be personal.
    """

    enabled: bool
    tracer_provider: Any
    writes: bool
    record_query_text: bool


def configure_opentelemetry(options: Optional[OpenTelemetryOptions] = None) -> None:
    """Makes a span of every search from here on, and of every write: in all databases of this process, those with coroutines among them.

    Called again, it replaces what was configured before. Until it is called, and after `{"enabled": False}`, nothing of it is
    in the way of any call.

    Needs `vectlite[opentelemetry]`; raises `ModuleNotFoundError` without it, `InvalidArgumentError` for an unknown option.

        vectlite.configure_opentelemetry({"writes": False})
    """
    given = _checked(options)
    if not given.get("enabled", True):
        _restore()
        return
    api = load("opentelemetry.trace", "opentelemetry")
    tracer = api.get_tracer("vectlite", _core.__version__, given.get("tracer_provider"))
    _restore()
    shows_text = given.get("record_query_text", False)
    for cls in (_core.Database, _core.ReadView):
        for name in _SEARCHES:
            _replace(cls, name, _search_span(tracer, api, cls, name, shows_text))
    if given.get("writes", True):
        for name in _WRITES:
            _replace(_core.Database, name, _write_span(tracer, api, _core.Database, name))
        commit = _write_span(tracer, api, _core.Transaction, "commit")
        _replace(_core.Transaction, "commit", commit)
        _replace(_core.Transaction, "__exit__", _commits_at_the_end(commit))


def _checked(options: Optional[OpenTelemetryOptions]) -> OpenTelemetryOptions:
    if options is None:
        return {}
    if not isinstance(options, Mapping):
        raise TypeError(f"options: expected a dict, got {type(options).__name__}")
    known = OpenTelemetryOptions.__annotations__
    for name, value in options.items():
        if name not in known:
            raise InvalidArgumentError(f"options: expected keys among {', '.join(known)}, got {name!r}")
        if name != "tracer_provider" and not isinstance(value, bool):
            raise TypeError(f"options[{name!r}]: expected a bool, got {type(value).__name__}")
    return options


def _replace(cls: type, name: str, function: Callable[..., Any]) -> None:
    _originals[cls, name] = vars(cls).get(name)
    setattr(cls, name, function)


def _restore() -> None:
    while _originals:
        (cls, name), original = _originals.popitem()
        setattr(cls, name, original)


def _search_span(tracer: Any, api: Any, cls: type, name: str, shows_text: bool) -> Callable[..., Any]:
    original = getattr(cls, name)
    # How a search was run is told beside its hits only.
    told = getattr(cls, "search_with_stats") if name == "search" else original
    signature = inspect.signature(original)

    @functools.wraps(original)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        with tracer.start_as_current_span(f"{name} {_collection(self)}".rstrip(), kind=api.SpanKind.INTERNAL) as span:
            if not span.is_recording():
                return original(self, *arguments, **options)
            span.set_attributes(_common(self, name))
            asked = _arguments(signature, self, arguments, options)
            if isinstance(asked.get("namespace"), str):
                span.set_attribute("db.namespace", asked["namespace"])
            if isinstance(asked.get("k"), int):
                span.set_attribute("vectlite.k", asked["k"])
            if shows_text and isinstance(asked.get("text"), str):
                span.set_attribute("db.query.text", asked["text"])
            answer = _noted(span, told, self, arguments, options)
            if name == "search_batch":
                span.set_attribute("db.operation.batch.size", len(answer))
                span.set_attribute("db.response.returned_rows", sum(map(len, answer)))
                return answer
            span.set_attribute("db.response.returned_rows", len(answer["results"]))
            span.set_attributes(_run(answer["stats"]))
            return answer["results"] if name == "search" else answer

    return call


def _write_span(tracer: Any, api: Any, cls: type, name: str) -> Callable[..., Any]:
    original = getattr(cls, name)
    signature = inspect.signature(original)

    @functools.wraps(original)
    def call(self: Any, *arguments: Any, **options: Any) -> Any:
        with tracer.start_as_current_span(f"{name} {_collection(self)}".rstrip(), kind=api.SpanKind.INTERNAL) as span:
            if not span.is_recording():
                return original(self, *arguments, **options)
            span.set_attributes(_common(self, name))
            asked = _arguments(signature, self, arguments, options)
            if isinstance(asked.get("namespace"), str):
                span.set_attribute("db.namespace", asked["namespace"])
            many = asked.get("records", asked.get("ids"))
            if isinstance(many, Sized):
                span.set_attribute("db.operation.batch.size", len(many))
            elif isinstance(self, _core.Transaction):
                span.set_attribute("db.operation.batch.size", len(self))
            return _noted(span, original, self, arguments, options)

    return call


def _commits_at_the_end(commit: Callable[..., Any]) -> Callable[..., Any]:
    """The end of a `with` block commits; so that this has a span, it commits as one does by hand."""
    original = _core.Transaction.__exit__

    @functools.wraps(original)
    def call(self: _core.Transaction, kind: Any, error: Any, trace: Any) -> Any:
        if kind is None and not _is_over(self):
            commit(self)
        return original(self, kind, error, trace)

    return call


def _is_over(transaction: _core.Transaction) -> bool:
    try:
        len(transaction)
    except ClosedError:
        return True
    return False


def _noted(span: Any, function: Any, handle: Any, arguments: Any, options: Any) -> Any:
    """Calls; the span gets the class of what is raised beside what OpenTelemetry itself notes."""
    try:
        return function(handle, *arguments, **options)
    except BaseException as error:
        kind = type(error)
        span.set_attribute("error.type", getattr(error, "code", None) or f"{kind.__module__}.{kind.__qualname__}")
        raise


def _common(handle: Any, name: str) -> dict[str, Any]:
    attributes = {"db.system.name": "vectlite", "db.operation.name": name}
    collection = _collection(handle)
    return {**attributes, "db.collection.name": collection} if collection else attributes


def _collection(handle: Any) -> str:
    """The name of a database; nothing for what is a part of one, or closed."""
    if not isinstance(handle, _core.Database):
        return ""
    try:
        return Path(handle.path).stem
    except ClosedError:
        return ""


def _arguments(signature: inspect.Signature, handle: Any, arguments: Any, options: Any) -> dict[str, Any]:
    """What was given under which name; nothing when it does not fit, which the call itself says better."""
    try:
        bound = signature.bind(handle, *arguments, **options)
    except TypeError:
        return {}
    bound.apply_defaults()
    return bound.arguments


def _run(stats: Any) -> dict[str, Any]:
    found = {f"vectlite.{name}": stats[name] for name in _STATS if stats[name] is not None}
    return {**found, **{f"vectlite.{name}": stats["timings"][name] for name in _TIMINGS}}

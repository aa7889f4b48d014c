"""How notebooks show what is open, what a search found, and statistics.

Hits and statistics are plain lists and dicts, so that they go wherever those go. IPython is told how to show the ones that look like
ours when `vectlite` is imported in it; `%load_ext vectlite.notebook` does so later.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any, Callable, Optional

from .types import DatabaseStats, Hit, SearchResponse, SearchStats

__all__ = ["handle_html", "hits_html", "load_ipython_extension", "register", "register_where_it_runs", "stats_html"]

# What is shown of long things: a page of rows, a line of text.
MOST_ROWS = 50
MOST_SIGNS = 120

_HIT = frozenset(Hit.__required_keys__)
_STATS = (frozenset(DatabaseStats.__required_keys__), frozenset(SearchStats.__required_keys__))
_RESPONSE = frozenset(SearchResponse.__required_keys__)
# Shown first; what is the same in all rows says nothing.
_COLUMNS = ("id", "score", "dense_score", "sparse_score", "rerank_score", "matched_terms", "text", "metadata", "namespace")


def _shown(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else value if isinstance(value, str) else repr(value)
    return escape(text if len(text) <= MOST_SIGNS else text[: MOST_SIGNS - 1] + "…")


def _table(head: Iterable[str], rows: Iterable[Iterable[object]], caption: str) -> str:
    titles = "".join(f"<th>{escape(title)}</th>" for title in head)
    body = "".join("<tr>" + "".join(f"<td>{_shown(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"


def hits_html(hits: Sequence[Mapping[str, Any]]) -> str:
    """Hits as a table of HTML, the first 50 of them. What users have stored is escaped."""
    shown = hits[:MOST_ROWS]
    columns = [name for name in _COLUMNS if any(hit.get(name) not in (None, "", [], {}) for hit in shown)]
    more = f", {len(shown)} shown" if len(shown) < len(hits) else ""
    return _table(columns, ([hit.get(name, "") for name in columns] for hit in shown), f"{len(hits)} hits{more}")


def stats_html(stats: Mapping[str, Any], caption: str = "statistics") -> str:
    """A dict of facts as a table of HTML."""
    return _table(("fact", "value"), stats.items(), caption)


def handle_html(handle: Any) -> str:
    """A database, read view, store or transaction as HTML: what it is, and facts about it while it is open."""
    title = repr(handle)
    facts: dict[str, Any] = {}
    try:
        if hasattr(handle, "stats"):
            stats = handle.stats()
            facts = {"namespaces": ", ".join(map(repr, handle.namespaces()[:MOST_ROWS]))}
            facts |= {name: stats[name] for name in ("records", "dead", "commit_id", "vdb_bytes", "wal_bytes", "ann_bytes")}
        elif hasattr(handle, "collections"):
            facts = {"collections": ", ".join(map(repr, handle.collections()[:MOST_ROWS]))}
        elif hasattr(handle, "count"):
            facts = {"records": handle.count()}
    except Exception:
        # Closed, or not to be read: what it is can be shown all the same, and why it is, the next call says.
        facts = {}
    return stats_html(facts, title) if facts else f"<pre>{escape(title)}</pre>"


def _list_html(value: list[Any]) -> Optional[str]:
    of_hits = bool(value) and all(isinstance(hit, dict) and hit.keys() >= _HIT for hit in value[:MOST_ROWS])
    return hits_html(value) if of_hits else None


def _dict_html(value: dict[str, Any]) -> Optional[str]:
    if value.keys() == _RESPONSE:
        return hits_html(value["results"]) + stats_html(value["stats"])
    return stats_html(value) if any(value.keys() == keys for keys in _STATS) else None


def register(shell: Any) -> None:
    """Tells an IPython shell how to show hits and statistics; lists and dicts of others stay as they are shown."""
    formatter = shell.display_formatter.formatters["text/html"]
    for shown, ours in ((list, _list_html), (dict, _dict_html)):
        before = formatter.type_printers.get(shown)
        if not hasattr(before, "vectlite"):
            formatter.for_type(shown, _first(ours, before))


def _first(ours: Callable[[Any], Optional[str]], before: Optional[Callable[[Any], Optional[str]]]) -> Callable[[Any], Optional[str]]:
    def html(value: Any) -> Optional[str]:
        found = ours(value)
        return before(value) if found is None and before is not None else found

    html.vectlite = True  # type: ignore[attr-defined]
    return html


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext vectlite.notebook`."""
    register(shell)


def register_where_it_runs() -> None:
    """Registers with the IPython that runs this, if one does."""
    shell = sys.modules["IPython"].get_ipython()
    if shell is not None:
        register(shell)

"""The table: text for the terminal, markdown and JSON for later."""

import importlib
import json

from graph.rows import ROWS


def keep(work, name, found):
    """Writes what a row found, for the table and for who looks closer."""
    promises = [promise.as_dict() for promise in found["promises"]]
    path = work / f"{name}.json"
    path.write_text(json.dumps({**found, "promises": promises}, indent=1), encoding="utf-8")


def show(name, title, found):
    print(f"{name}: {title}")
    width = max(len(promise.what) for promise in found["promises"])
    for promise in found["promises"]:
        wanted = f"  wanted: {promise.wanted}" if promise.wanted else ""
        print(f"  {promise.what:<{width}}  {promise.found}{wanted}  {promise.verdict()}".rstrip())
    for reason in found.get("void", []):
        print(f"  VOID  {reason}")
    print(flush=True)


def write_table(work):
    """One table of every row that was ever run in this work directory."""
    lines = ["# The graph against its peers", "", "Made by `tests/compare/run graph`.", ""]
    for name in ROWS:
        path = work / f"{name}.json"
        if not path.exists():
            continue
        found = json.loads(path.read_text(encoding="utf-8"))
        lines += [f"## {importlib.import_module(f'graph.rows.{name}').TITLE}", ""]
        lines += [f"**Void:** {reason}." for reason in found.get("void", [])]
        lines += ["", "| what | found | wanted | |", "|---|---|---|---|"]
        for one in found["promises"]:
            verdict = {None: "", True: "kept", False: "**not kept**"}[one["kept"]]
            lines.append(f"| {one['what']} | {one['found']} | {one['wanted']} | {verdict} |")
        lines += ["", f"Taken {found['taken_at']} on {found['machine']}.", ""]
        if name == "search":
            lines += ["![recall against searches per second](search.png)", ""]
    path = work / "report.md"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path

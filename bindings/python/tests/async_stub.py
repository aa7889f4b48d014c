"""The stub of `vectlite.aio`, made from that of `vectlite._core`: what has two forms is described once.

    python tests/async_stub.py --write     # after a change of _core.pyi
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "python" / "vectlite"
CORE = PACKAGE / "_core.pyi"
STUB = PACKAGE / "aio.pyi"

HEAD = '''"""The same database for asyncio: every method is a coroutine, and none of them blocks the event loop.

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
'''

# What a class has beside what the other form has: how it is entered, made, and run through.
BODIES = {
    "ReadView": "",
    "Transaction": "    def __len__(self) -> int: ...\n    def __bool__(self) -> bool: ...\n",
    "Database": "    def __init__(self, inner: Database) -> None: ...\n    def __aiter__(self) -> AsyncIterator[tuple[str, str]]: ...\n",
    "Store": "    def __init__(self, inner: Store) -> None: ...\n",
}
OPENED = {"Database", "ReadView", "Transaction", "Store"}
MANY = "Iterable[RecordInput]"


def documentation(node):
    """A docstring up to its example, which does not await."""
    return ast.get_docstring(node, clean=False).partition(">>>")[0].rstrip()


def function(node, lines, kind, name=None):
    """The text of a function in its other form."""
    first, last = node.lineno - 1, node.body[0].lineno - 1
    head = lines[first:last]
    if node.body[0].lineno == node.lineno:
        # `def f(self) -> None: ...`
        head = [lines[first].rsplit(" ...", 1)[0]]
    text = "\n".join(head)
    indentation = " " * node.col_offset
    returned = ast.unparse(node.returns)
    if returned in OPENED:
        text = text.replace(f"-> {returned}:", f"-> Opening[Async{returned}]:")
    elif any(ast.unparse(decorator) == "property" for decorator in node.decorator_list):
        text = f"{indentation}@property\n" + text
        if node.name == "commit_id":
            text = text.replace(f"-> {returned}:", f"-> Awaitable[{returned}]:")
    else:
        text = text.replace(f"{indentation}def ", f"{indentation}{kind}def ", 1)
    if name:
        text = text.replace(f"def {node.name}(", f"def {name}(", 1)
    text = text.replace(MANY, f"Union[{MANY}, Async{MANY}]")
    doc = documentation(node)
    closing = f'\n{indentation}    """' if "\n" in doc else '"""'
    return f'{text}\n{indentation}    """{doc}{closing}\n'


def stub():
    source = CORE.read_text(encoding="utf-8")
    lines = source.splitlines()
    module = ast.parse(source)
    named = {node.name: node for node in module.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    parts = [HEAD]
    for name in ("_Reads", "ReadView", "Transaction", "Database", "Store"):
        node = named[name]
        if name == "_Reads":
            parts.append("@type_check_only\nclass _Reads:\n")
        else:
            bases = ", ".join(["_Reads"] * bool(node.bases) + ["_Closing"])
            doc = documentation(node)
            closing = '\n    """' if "\n" in doc else '"""'
            parts.append(f'class Async{name}({bases}):\n    """{name} for asyncio. {doc}{closing}\n')
        methods = [item for item in node.body if isinstance(item, ast.FunctionDef) and not item.name.startswith("_")]
        parts.extend(function(item, lines, "async ") for item in methods)
        if name in BODIES:
            parts.append(BODIES[name] + f"    async def __aenter__(self) -> Async{name}: ...\n")
    parts.append(function(named["open"], lines, "", "open_async"))
    parts.append(function(named["open_store"], lines, "", "open_store_async"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(parts))


if __name__ == "__main__":
    if "--write" in sys.argv:
        STUB.write_text(stub(), encoding="utf-8")

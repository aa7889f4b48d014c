"""Types as pyright sees them: all of what is public has one, and a program that uses it right has no error."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PROGRAM = """
import asyncio
from typing import assert_type
import vectlite
from vectlite.types import Hit, Record

with vectlite.open("a.vdb", 3, vectors_as="numpy") as db:
    assert_type(db.search([1, 2, 3]), list[Hit])
    assert_type(db.get("a"), Record | None)

async def main() -> None:
    async with vectlite.open_async("a.vdb") as db:
        assert_type(await db.search([1, 2, 3]), list[Hit])
        assert_type(await db.get("a"), Record | None)
        async for namespace, id in db:
            assert_type(id, str)
        async with db.transaction() as tx:
            await tx.upsert("a", [1.0, 2.0])
    db = await vectlite.open_async("b.vdb", 3)
    assert_type(db, vectlite.AsyncDatabase)

vectlite.open_async(1)  # error
vectlite.nothing  # error
"""


def pyright(*arguments, cwd):
    # It looks for packages with the first python of the path.
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    command = [sys.executable, "-m", "pyright", "--outputjson", *arguments]
    run = subprocess.run(command, cwd=cwd, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)
    # Before it, a newer version may be advertised.
    return json.loads(run.stdout[run.stdout.index("{") :])


def test_all_types_are_known(tmp_path):
    report = pyright("--verifytypes", "vectlite", "--ignoreexternal", cwd=tmp_path)["typeCompleteness"]
    unknown = [
        (symbol["name"], [diagnostic["message"] for diagnostic in symbol["diagnostics"]])
        for symbol in report["symbols"]
        if symbol["isExported"] and not symbol["isTypeKnown"]
    ]
    assert unknown == [] and report["completenessScore"] == 1
    assert report["exportedSymbolCounts"]["withKnownType"] > 300


def test_a_program_that_is_right_is_seen_to_be(tmp_path):
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    diagnostics = pyright("--pythonversion", "3.11", "program.py", cwd=tmp_path)["generalDiagnostics"]
    lines = PROGRAM.splitlines()
    errors = {lines[found["range"]["start"]["line"]] for found in diagnostics if found["severity"] == "error"}
    assert errors == {line for line in lines if line.endswith("# error")}, diagnostics

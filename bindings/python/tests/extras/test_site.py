"""The documentation says what is true: every block of Python on its pages runs and prints what stands below it, and every command."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pytest

SITE = Path(__file__).resolve().parents[2] / "site"
PAGES = sorted((SITE / "pages").glob("*.md"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(page):
    """Language, content and line of each block of a page."""
    text = page.read_text(encoding="utf-8")
    return [(found[1], found[2], text.count("\n", 0, found.start()) + 2) for found in BLOCK.finditer(text)]


def printed(code, names):
    """What a block of Python prints."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(code, names)
    return out.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_says_is_so(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    names = {"__name__": page.stem}
    found = blocks(page)
    for (language, code, line), below in zip(found, [*found[1:], ("", "", 0)]):
        # Blocks are numbered as the page is, so that a traceback names its line.
        if language == "python":
            out = printed(compile("\n" * (line - 1) + code, str(page), "exec"), names)
        elif language == "console":
            commands = re.findall(r"^\$ (.*)$", code, re.MULTILINE)
            out = ""
            for command in commands:
                run = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
                assert run.returncode == 0, f"{page.name}:{line}: {command}\n{run.stderr}"
                out += f"$ {command}\n{run.stdout}"
            shown = "\n".join(code.splitlines()) + "\n"
            if shown.count("\n") > len(commands):
                assert out == shown, f"{page.name}:{line}"
            continue
        else:
            continue
        if below[0] == "text":
            assert out == below[1], f"{page.name}:{line}"


def test_every_page_is_in_the_navigation():
    navigation = (SITE / "zensical.toml").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f'"{page.name}"' not in navigation] == []


def test_the_site_is_built(tmp_path):
    run = subprocess.run(
        [sys.executable, str(SITE / "build.py"), str(tmp_path)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    reference = (tmp_path / "site" / "reference" / "index.html").read_text(encoding="utf-8")
    assert 'id="vectlite.Database.search"' in reference
    assert (tmp_path / "site" / "engine" / "durability" / "index.html").exists()

"""Builds the documentation: the pages beside this file, the engine's documents, and a reference from the package's stubs.

    site/build.py FOLDER        writes FOLDER/site

Needs zensical and mkdocstrings-python (tests/extras/requirements/site.txt).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SOURCES = "https://github.com/vectlite/vectlite/blob/main"
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def with_links_that_hold(document: Path, site: dict[Path, Path]) -> str:
    """A document whose links lead to where the site has what they name, or to the repository."""

    def link(found: re.Match[str]) -> str:
        target = (document.parent / found[1]).resolve()
        if target in site:
            path = os.path.relpath(site[target], site[document].parent)
        else:
            path = f"{SOURCES}/{target.relative_to(ROOT).as_posix()}"
        return f"]({path}{found[2] or ''})"

    return LINK.sub(link, document.read_text(encoding="utf-8"))


def with_fences(text: str) -> str:
    """Sources whose examples, `>>>`, stand in fences: without, a page takes them for prose."""
    lines: list[str] = []
    indent = extra = ""
    inside = False
    for line in text.splitlines():
        if not inside and line.strip().startswith('"""'):
            indent = line[: len(line) - len(line.lstrip())]
        if not inside and line.strip().startswith(">>>"):
            inside = True
            extra = line[len(indent) : len(line) - len(line.lstrip())]
            lines += ["", f"{indent}```pycon"]
        elif inside and (not line.strip() or line.strip().startswith('"""')):
            inside = False
            lines += [f"{indent}```", ""]
        lines.append(indent + line.removeprefix(indent + extra) if inside else line)
    return "\n".join(lines) + "\n"


def assemble(folder: Path) -> None:
    """Puts together what the site is built from, in a folder of its own: what an earlier build left there is removed."""
    if folder.exists() and any(folder.iterdir()) and not (folder / "zensical.toml").exists():
        sys.exit(f"error: {folder} holds something else; give a folder that is empty or does not exist")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE.parent / "python", folder / "python", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
    for source in (folder / "python").rglob("*.py*"):
        source.write_text(with_fences(source.read_text(encoding="utf-8")), encoding="utf-8")
    shutil.copy(HERE / "zensical.toml", folder)
    site = {page: Path(page.name) for page in (HERE / "pages").glob("*.md")}
    site |= {document: Path("engine", document.name) for document in (ROOT / "engine" / "docs").glob("*.md")}
    (folder / "pages" / "engine").mkdir(parents=True)
    for document, path in site.items():
        (folder / "pages" / path).write_text(with_links_that_hold(document, site), encoding="utf-8")


def main() -> None:
    """Assembles and builds; a link that leads nowhere ends it."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1]).resolve()
    assemble(folder)
    zensical = Path(sys.executable).parent / "zensical"
    sys.exit(subprocess.run([zensical, "build", "--clean", "--strict"], cwd=folder).returncode)


if __name__ == "__main__":
    main()

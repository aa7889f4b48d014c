"""What the front pages show runs: examples of Python, and the commands."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1]
REPOSITORY = PACKAGE.parents[1]


def blocks(page, language):
    found = re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert found, f"{page} shows no {language}"
    return found


@pytest.mark.parametrize("page", [PACKAGE / "README.md", REPOSITORY / "README.md"], ids=["package", "repository"])
def test_examples_run(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for example in blocks(page, "python"):
        exec(example, {})
    assert capsys.readouterr().out.startswith("milk ")


def test_commands_run(tmp_path):
    """With a file of notes that has what the commands say of it."""
    lines = [
        json.dumps({"id": f"{number}", "vector": [number % 7 + 1, *[number % 11] * 383], "text": f"buy oat milk {number}"})
        for number in range(300)
    ]
    (tmp_path / "notes.jsonl").write_text("\n".join(lines), encoding="utf-8")
    # The package that is tested, not one that is installed.
    here = f'vectlite() {{ "{sys.executable}" -m vectlite "$@"; }}; '
    commands = [line for line in blocks(REPOSITORY / "README.md", "sh")[1].splitlines() if line]
    assert [command.split()[1] for command in commands] == ["demo", "import", "search", "bench"]
    for command in commands:
        run = subprocess.run(
            ["bash", "-c", here + command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, command + "\n" + run.stderr
        assert json.loads(run.stdout), command

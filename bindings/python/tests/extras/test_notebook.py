"""IPython shows hits as a table, by itself."""

from __future__ import annotations

import subprocess
import sys

CELLS = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
assert "vectlite" not in sys.modules
shell.run_cell("import vectlite").raise_error()
format = shell.display_formatter.format
db = shell.run_cell("import sys; vectlite.open(sys.argv[1], 2)").result
db.upsert("<a>", [1, 2])
for shown, expected in ((db, "dimension 2"), (db.search([1, 2]), "&lt;a&gt;"), (db.stats(), "records"), (db.search_with_stats([1, 2]), "plan")):
    data, _ = format(shown)
    assert expected in data["text/html"] and "text/plain" in data, data
for other in ([1, 2], {}, {"a": 1}):
    data, _ = format(other)
    assert "text/html" not in data, data
print("shown")
"""


def test_ipython_shows_tables(tmp_path):
    run = subprocess.run([sys.executable, "-c", CELLS, tmp_path / "a.vdb"], capture_output=True, text=True, check=False)
    assert run.stdout.endswith("shown\n"), run.stdout + run.stderr

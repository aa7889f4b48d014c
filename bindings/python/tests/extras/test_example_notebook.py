"""The notebook of the examples runs from its first cell to its last, and shows what it promises."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[4] / "examples" / "python"
NOTEBOOK = EXAMPLES / "recall_and_explanations.ipynb"


@pytest.fixture(scope="module")
def ran():
    """The cells of the notebook, by their ids, after a run from top to bottom. A cell that raises fails it."""
    book = nbformat.read(NOTEBOOK, as_version=4)
    NotebookClient(book, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(EXAMPLES)}}).execute()
    return {cell["id"]: cell for cell in book["cells"]}


def printed(cell):
    return "".join(output["text"] for output in cell["outputs"] if output["output_type"] == "stream")


def test_it_is_stored_without_outputs():
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(book)
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    assert cells and all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)


def test_more_candidates_are_more_recall(ran):
    rows = [line.split() for line in printed(ran["measure"]).splitlines()[1:]]
    ladder = [float(recall) for ef_search, recall, _ in rows if ef_search.isdigit()]
    assert len(ladder) == 8
    assert ladder[0] < ladder[-1] and ladder[-1] > 0.99
    assert rows[-1][:2] == ["exact", "1.0000"]


@pytest.mark.parametrize("cell", ["plot", "bars"])
def test_it_draws(ran, cell):
    assert [name for output in ran[cell]["outputs"] for name in output["data"] if name == "image/png"] == ["image/png"]


def test_hits_and_statistics_are_tables(ran):
    for cell in ("load", "ask"):
        assert "<table" in ran[cell]["outputs"][-1]["data"]["text/html"]

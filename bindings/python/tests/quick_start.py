"""What a user does first; runs with nothing installed but the package."""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile

import vectlite

assert all(importlib.util.find_spec(name) is None for name in ["numpy", "tqdm", "pytest"]), "this is no empty environment"

with tempfile.TemporaryDirectory() as directory:
    path = os.path.join(directory, "notes.vdb")
    with vectlite.open(path, dimension=3) as db:
        db.upsert("milk", [0.9, 0.1, 0.0], {"done": False}, text="buy oat milk")
        db.upsert("tax", [0.0, 0.2, 0.9], {"done": True}, text="tax return for March")
        assert db.bulk_ingest_array(["a", "b"], [[1, 2, 3], (4, 5, 6)], progress=True) == 2
        hits = db.search([1.0, 0.0, 0.0], text="milk", filter={"done": False})
        assert [hit["id"] for hit in hits] == ["milk"], hits
    with vectlite.open(path, read_only=True) as db:
        assert len(db) == 4 and "tax" in db
        try:
            db.delete("tax")
        except vectlite.ReadOnlyError as error:
            assert error.code == "read_only"
        else:
            raise AssertionError("a reader wrote")

assert "numpy" not in sys.modules
print(f"the quick start runs with vectlite {vectlite.__version__} on Python {sys.version.split()[0]}")

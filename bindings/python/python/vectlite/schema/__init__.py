"""What metadata have to look like: checked before anything is written.

    from vectlite import schema

    notes = schema.Schema({
        "title": {"type": "string", "required": True, "max_length": 200},
        "year": {"type": "integer", "min": 1900},
        "tags": {"type": "list", "items": {"type": "string"}, "default": []},
    })
    db = schema.validated(vectlite.open("notes.vdb", 3), notes)
    db.upsert("a", [1, 0, 0], {"title": "milk", "year": 2024})

A schema is the application's, not the database's: nothing of it is stored, and whoever opens the database without it may write what
they like.
"""

from __future__ import annotations

from .error import SchemaError
from .field import Field
from .schema import Schema, load
from .validated import ValidatedDatabase, ValidatedTransaction, validated

__all__ = [
    "Field",
    "Schema",
    "SchemaError",
    "ValidatedDatabase",
    "ValidatedTransaction",
    "load",
    "validated",
]

"""What does not fit a schema."""

from __future__ import annotations

from typing import ClassVar

from ..error import VectLiteError


class SchemaError(VectLiteError, ValueError):
    """Metadata that do not fit a schema, or a schema that is none. The message names the record and the path.

    The engine has no such kind of error: it knows no schemas.
    """

    code: ClassVar[str] = "schema"

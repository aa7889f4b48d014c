"""What a column of metadata has to hold: found by looking at its values."""

from __future__ import annotations

from typing import Any, Optional

EXACT = 1 << 53
"""Up to here every int is a float, too: a column with both is one of floats."""


class Kind:
    """The type of the values that were taken in so far.

    - `name`: "null" (none yet), "bool", "int", "float", "text", "list", "map", or "mixed": what a column of
      one type cannot hold. Columns of records also are of "weight" (32-bit floats) and "vector".
    - `item`: of the elements of lists; `fields`: of the values of maps; `dimension`: of vectors.
    """

    __slots__ = ("dimension", "fields", "item", "name", "wide")

    def __init__(self, name: str = "null", *, item: Optional[Kind] = None, dimension: int = 0) -> None:
        self.name: str = name
        self.item: Optional[Kind] = item
        self.dimension: int = dimension
        self.fields: dict[str, Kind] = {}
        self.wide: bool = False
        """Whether there was an int that is no float."""

    def take(self, value: Any) -> None:
        """Widens the kind, so that it holds this value of metadata besides."""
        if value is None:
            return
        if isinstance(value, bool):
            self._be("bool")
        elif isinstance(value, int):
            self.wide = self.wide or not -EXACT <= value <= EXACT
            self._be("int")
        elif isinstance(value, float):
            self._be("float")
        elif isinstance(value, str):
            self._be("text")
        elif isinstance(value, list):
            self._be("list")
            if self.item is None:
                self.item = Kind()
            for element in value:
                self.item.take(element)
        elif isinstance(value, dict):
            # Arrow has no value for a map without fields.
            self._be("map" if value else "mixed")
            for key, element in value.items():
                self.fields.setdefault(key, Kind()).take(element)
        else:
            self._be("mixed")

    def _be(self, name: str) -> None:
        if self.name in ("null", name):
            self.name = name
        elif {self.name, name} == {"int", "float"}:
            self.name = "float"
        else:
            self.name = "mixed"
        if self.name == "float" and self.wide:
            self.name = "mixed"

    def mixed(self, path: str) -> Optional[str]:
        """The path of the first value below this one that has no one type."""
        if self.name == "mixed":
            return path
        if self.name == "list" and self.item is not None:
            return self.item.mixed(path)
        if self.name == "map":
            for key, kind in self.fields.items():
                found = kind.mixed(f"{path}.{key}")
                if found is not None:
                    return found
        return None

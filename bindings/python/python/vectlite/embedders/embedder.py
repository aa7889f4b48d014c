"""What every provider gives: an object that is called with a text and returns its vector."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Callable, Literal, Optional

from ..error import InvalidArgumentError
from ..model import count, matrix, numpy, text
from ..model import texts as checked

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

InputType = Literal["document", "query"]
"""What a text is: something to be found, or what is asked for. Some models embed them differently."""

_INPUT_TYPES = ("document", "query")

_PROBE = "dimension"
"""What is embedded to learn a dimension that nobody has told."""


class Embedder:
    """Makes vectors of texts.

    An embedder is called with one text, as `vectlite.upsert_text` does; `vectlite.search_text` asks for the
    vector of a query. Use it from any thread, when the model itself can be. Whether vectors have unit length
    is said by the function that makes the embedder; for the metric "cosine" it makes no difference.

    To write one for another model, give it the function that embeds one batch:

        >>> def lengths(batch, input_type):
        ...     return [[len(text), 1.0] for text in batch]
        >>> embed = Embedder("lengths", lengths, batch_size=64)
        >>> embed("four").tolist(), embed.dimension
        ([4.0, 1.0], 2)

    - `name`: of the model, for messages.
    - `embed_batch`: takes a list of texts, not empty, and an `InputType`; returns an array of shape (texts,
      dimension) or a sequence of vectors, in the order of the texts.
    - `batch_size`: how many texts it takes at once, at most.
    - `dimension`: of its vectors, when it is known: another one is an error.
    - `extra`: what installs its packages.
    """

    def __init__(
        self,
        name: str,
        embed_batch: Callable[[list[str], InputType], Any],
        *,
        batch_size: int,
        dimension: Optional[int] = None,
        extra: str = "numpy",
    ) -> None:
        self.name: str = text("name", name)
        self.batch_size: int = count("batch_size", batch_size)
        self._embed_batch = embed_batch
        self._dimension = None if dimension is None else count("dimension", dimension)
        self._extra = extra
        # Missing packages are told of here, not when the first text comes.
        numpy(extra)

    @property
    def dimension(self) -> int:
        """Components of a vector. Where nobody has told it, the first question embeds a word to learn it."""
        if self._dimension is None:
            self._embed([_PROBE], "document")
        assert self._dimension is not None
        return self._dimension

    def __call__(self, text: str) -> NDArray[np.float32]:
        """The vector of a document: an array of float32 of shape (dimension,)."""
        return self._one(text, "document")

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """The vector of a query: an array of float32 of shape (dimension,)."""
        return self._one(text, "query")

    def embed_many(
        self,
        texts: Iterable[str],
        *,
        input_type: InputType = "document",
        batch_size: Optional[int] = None,
    ) -> NDArray[np.float32]:
        """The vectors of many texts, in their order: an array of float32 of shape (texts, dimension).

        Texts are taken from any iterable, a batch at a time: `batch_size` of them, at most the embedder's
        own. A batch that fails fails the call. With `input_type="query"` for `Database.search_batch`.
        """
        if input_type not in _INPUT_TYPES:
            raise InvalidArgumentError(f"input_type: expected one of {_INPUT_TYPES}, got {input_type!r}")
        size = self.batch_size
        if batch_size is not None:
            size = min(size, count("batch_size", batch_size))
        given = checked("texts", texts)
        batches = []
        while batch := list(islice(given, size)):
            batches.append(self._embed(batch, input_type))
        np = numpy(self._extra)
        if not batches:
            return np.empty((0, self.dimension), dtype=np.float32)  # type: ignore[no-any-return]
        return np.concatenate(batches)  # type: ignore[no-any-return]

    def _one(self, given: str, input_type: InputType) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = self._embed([text("text", given)], input_type)[0]
        return vector

    def _embed(self, batch: list[str], input_type: InputType) -> NDArray[np.float32]:
        made = self._embed_batch(batch, input_type)
        vectors = matrix(made, len(batch), self._dimension, self.name, self._extra)
        self._dimension = vectors.shape[1]
        return vectors

    def __repr__(self) -> str:
        dimension = "" if self._dimension is None else f", dimension {self._dimension}"
        return f"<vectlite.embedders.Embedder {self.name}{dimension}>"


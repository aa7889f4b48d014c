"""Texts as vectors, computed on the spot by a small model that comes with its package: nothing is downloaded."""

from pathlib import Path

import wordllama

# The length of the vectors that the packaged model gives.
DIMENSION = 256


class Embedder:
    def __init__(self):
        # Its own folder as cache: the model lies there already.
        self._model = wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, dim=DIMENSION)

    def __call__(self, texts):
        """An array of float32 with a row for each text, of unit length."""
        return self._model.embed(list(texts), norm=True)

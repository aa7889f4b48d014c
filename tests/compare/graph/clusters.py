"""Made vectors in clusters, as many as wanted.

Uniform random vectors would say nothing: in 384 dimensions all of them are equally far from each other, and no graph
finds its way. Texts come in topics, topics in subtopics, and within one the meaning varies in some directions more
than in others. So a vector here is the sum of three: its topic's centre, its subtopic's, and its own part, all three
drawn from one normal distribution whose spread falls from direction to direction as (1 + i)^-0.3, in a random
rotation; then it gets unit length. Subtopics have sizes as 1 / sqrt(rank).

The three weights are equal, and a topic has 100 subtopics of 10 vectors on average; so 100,000 of them come
out like the real embeddings of `wordnet-minilm`: cosine to the nearest other row 0.71 (real 0.71), to the tenth 0.59
(0.56), to the hundredth 0.42 (0.44), local intrinsic dimension 20 (19). Topics grow in number with the vectors, so
that a million are as dense as a hundred thousand, only more. The same seed gives the same vectors, up to the last
bits of a machine's matrix product.
"""

import numpy as np

SEED = 2026
DIMENSION = 384
VECTORS_A_TOPIC = 1_000
SUBTOPICS = 100
DECAY = 0.3
BLOCK = 50_000


class Clusters:
    """Centres for `total` vectors; their size is a few percent of that of the vectors."""

    def __init__(self, total, seed=SEED):
        self.total, self.seed = total, seed
        random = np.random.default_rng((seed, 0))
        spread = (1.0 + np.arange(DIMENSION)) ** -DECAY
        rotation, _ = np.linalg.qr(random.standard_normal((DIMENSION, DIMENSION)))
        self.shape = (spread[:, None] / np.linalg.norm(spread) * rotation).astype(np.float32)
        topics = max(1, total // VECTORS_A_TOPIC)
        self.topics = self._draw(random, topics)
        self.subtopics = self._draw(random, topics * SUBTOPICS)
        shares = (1.0 + random.permutation(topics * SUBTOPICS)) ** -0.5
        self.shares = np.cumsum(shares / shares.sum())

    def _draw(self, random, count):
        return random.standard_normal((count, DIMENSION), dtype=np.float32) @ self.shape

    def block(self, number, count=BLOCK):
        """Vectors of block `number`; each block has a stream of its own, so blocks can be made in any order."""
        random = np.random.default_rng((self.seed, 1 + number))
        subtopic = np.searchsorted(self.shares, random.random(count)).clip(max=len(self.shares) - 1)
        rows = self.topics[subtopic // SUBTOPICS] + self.subtopics[subtopic] + self._draw(random, count)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def write(self, path):
        """All vectors as a file of numpy, a block in memory at a time."""
        rows = np.lib.format.open_memmap(path, "w+", np.float32, (self.total, DIMENSION))
        for number, first in enumerate(range(0, self.total, BLOCK)):
            rows[first : first + BLOCK] = self.block(number, min(BLOCK, self.total - first))
        rows.flush()

    def queries(self, count):
        """Vectors of the same clusters that are not among the written ones."""
        return self.block(-(-self.total // BLOCK), count)

"""Exact search against a float32 scan by numpy."""

from top import largest_difference, read_hits, same_set

K = 10
# Rounding of 384 products and sums near 1 in float32, in another order: a few units of 6e-8.
TOLERANCE = 1e-6


def compare(work, base, queries):
    """Prints how many of the top ten sets are equal; returns whether all are, with equal scores."""
    answers = read_hits(work / "dense.json")
    equal, difference = 0, 0.0
    for hits, query in zip(answers, queries, strict=True):
        scores = base @ query
        equal += same_set(hits, scores, len(base), K, TOLERANCE)
        difference = max(difference, largest_difference(hits, scores))
    print(
        f"dense   {equal} of {len(queries)} top-{K} sets equal numpy's over {len(base)} vectors; "
        f"scores differ by {difference:.1e} at most"
    )
    return equal == len(queries) and difference <= TOLERANCE

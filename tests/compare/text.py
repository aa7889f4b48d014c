"""BM25 against bm25s, in Lucene's variant, over the same terms."""

import json

import bm25s
import numpy as np

from top import largest_difference, read_hits, same_set

K = 10
K1, B = 1.2, 0.75
REQUIRED = 0.999
# Scores here are sums of a few terms, each below 15.
TIE = 1e-6
SCORE_TOLERANCE = 1e-4


def compare(work):
    """Prints how many of the top ten sets are equal; returns whether enough are, with equal scores."""
    texts = json.loads((work / "text_terms.json").read_text(encoding="utf-8"))
    queries = json.loads((work / "query_terms.json").read_text(encoding="utf-8"))
    answers = read_hits(work / "text.json")

    # float64, so that bm25s rounds less than we allow ourselves to differ.
    peer = bm25s.BM25(method="lucene", k1=K1, b=B, dtype="float64")
    peer.index(texts, show_progress=False)

    equal, difference = 0, 0.0
    for hits, terms in zip(answers, queries, strict=True):
        # bm25s takes no query without terms; one that is all stop words finds nothing.
        scores = peer.get_scores(terms) if terms else np.zeros(len(texts))
        equal += same_set(hits, scores, int((scores > 0).sum()), K, TIE)
        difference = max(difference, largest_difference(hits, scores))
    print(
        f"text    {equal} of {len(queries)} top-{K} sets equal bm25s's over {len(texts)} texts; "
        f"scores differ by {difference:.1e} at most"
    )
    return equal >= REQUIRED * len(queries) and difference <= SCORE_TOLERANCE

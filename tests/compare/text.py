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

    # N and the average length are those of the texts that have terms, with us as in Lucene (its docCount; see
    # engine/docs/query-semantics.md). bm25s counts a text of nothing but stop words too, so it does not get those.
    rows = [row for row, terms in enumerate(texts) if terms]

    # float64, so that bm25s rounds less than we allow ourselves to differ.
    peer = bm25s.BM25(method="lucene", k1=K1, b=B, dtype="float64")
    peer.index([texts[row] for row in rows], show_progress=False)

    equal, difference = 0, 0.0
    for hits, terms in zip(answers, queries, strict=True):
        scores = np.zeros(len(texts))
        if terms:  # bm25s takes no query without terms, and such a query finds nothing
            scores[rows] = peer.get_scores(terms)
        equal += same_set(hits, scores, int((scores > 0).sum()), K, TIE)
        difference = max(difference, largest_difference(hits, scores))
    print(
        f"text    {equal} of {len(queries)} top-{K} sets equal bm25s's over {len(rows)} texts "
        f"({len(texts) - len(rows)} without terms left out); scores differ by {difference:.1e} at most"
    )
    return equal >= REQUIRED * len(queries) and difference <= SCORE_TOLERANCE

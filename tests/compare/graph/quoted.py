"""What the peers reached when the promises were made, so that a slow machine or a bad build of a peer is noticed.

Source: the table "Done when" of the issue that asked for this comparison ("The graph: faster than hnswlib and
usearch at equal recall"): searches a second on one core at recall@10 of 0.95 and 0.99, M = 16, `wordnet-minilm`.
"""

RECALLS = (0.95, 0.99)
SEARCHES = {
    "hnswlib": (5_243, 2_368),
    "usearch": (2_171, 1_101),
    "faiss": (7_621, 2_271),
    "qdrant": (7_020, 3_729),
}
# Below this share of its quoted figure a peer was not itself, and the run says nothing about us.
VALID = 0.8


def void(rates):
    """Why a run does not count, one line a peer and recall; `rates` maps a peer to its figures at `RECALLS`."""
    reasons = []
    for peer, quoted in SEARCHES.items():
        for recall, wanted, found in zip(RECALLS, quoted, rates[peer], strict=True):
            if found is None or found < VALID * wanted:
                reached = "was not reached" if found is None else f"took place at {found:,.0f} searches a second"
                reasons.append(f"{peer}: recall {recall} {reached}; quoted are {wanted:,}, and {VALID} of it count")
    return reasons

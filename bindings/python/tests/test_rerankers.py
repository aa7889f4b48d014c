"""Rerankers that need no other package: each against its formula, and what they say of what they cannot use."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import vectlite
from vectlite import rerankers
from vectlite.rerankers import ModelError, Reranker

TEXTS = {
    "a": "oat milk and oat biscuits",
    "b": "milk of almonds",
    "c": "oat milk",
    "d": "a book about milk and oats",
    "e": None,
}


@pytest.fixture
def shop(path):
    with vectlite.open(path, 2, analyzer="english", sync="on_flush") as db:
        for number, (id, text) in enumerate(TEXTS.items()):
            metadata = {"kind": ["food", "drink"][number % 2], "tags": ["x"] * number, "of": {"year": 2000 + number}, "rank": number}
            db.upsert(id, [1, number], metadata, text=text)
        yield db


def search(db, rerank, **options):
    options = {"k": 10, "include": ("text", "metadata"), **options}
    return db.search([1, 0], rerank=rerank, **options)


def mapped(hits):
    low, high = min(hits.values()), max(hits.values())
    return {id: (score - low) / (high - low) for id, score in hits.items()}


def ids(hits):
    return [hit["id"] for hit in hits]


CASES = Path(__file__).resolve().parents[3] / "tests/conformance/rerankers/cases.json"
MADE = {
    "text_match": rerankers.text_match,
    "metadata_boost": lambda boosts, **options: rerankers.metadata_boost(boosts=dict(boosts), **options),
}


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not beside the package")
def test_shared_cases_give_what_they_do_in_every_language():
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    assert len(cases) >= 10
    for case in cases:
        made = [MADE[name](**options) for one in case["rerank"] for name, options in one.items()]
        hits = rerankers.compose(*made)(case["text"], case["hits"])
        assert [[hit["id"], hit["rerank_score"]] for hit in hits] == case["gives"], case["name"]


def test_text_match_adds_the_share_of_the_terms(shop):
    before = mapped({hit["id"]: hit["score"] for hit in search(shop, None, text="oat milk")})
    share = {"a": 1, "b": 0.5, "c": 1, "d": 1, "e": 0}
    for weight in (0.0, 0.3, 1.0, 5.0):
        hits = search(shop, rerankers.text_match(weight=weight, analyzer="english"), text="oat milk")
        expected = {id: before[id] + weight * share[id] for id in before}
        assert {hit["id"]: hit["rerank_score"] for hit in hits} == pytest.approx(expected)
        scores = [hit["rerank_score"] for hit in hits]
        assert scores == sorted(scores, reverse=True)
    # The standard analyzer knows no stems.
    hits = search(shop, rerankers.text_match(weight=5), text="oat milk")
    assert ids(hits).index("d") > ids(hits).index("c")


def test_text_match_takes_an_analyzer(shop):
    analyzer = vectlite.analyzers.Analyzer().lowercase()
    assert ids(search(shop, rerankers.text_match(weight=9, analyzer=analyzer), text="book"))[0] == "d"


def test_metadata_boost_adds_what_a_value_is_worth(shop):
    before = mapped({hit["id"]: hit["score"] for hit in search(shop, None)})
    hits = search(shop, rerankers.metadata_boost("kind", {"drink": 2.0}, weight=0.5))
    expected = {id: score + (1.0 if id in "bd" else 0) for id, score in before.items()}
    assert {hit["id"]: hit["rerank_score"] for hit in hits} == pytest.approx(expected)
    assert set(ids(hits)[:2]) == {"b", "d"}
    assert ids(search(shop, rerankers.metadata_boost("of.year", lambda year: year - 2000)))[0] == "e"
    assert ids(search(shop, rerankers.metadata_boost("tags", {"x": 3})))[-1] == "a"
    assert ids(search(shop, rerankers.metadata_boost("nothing.here", {"x": 3}))) == ids(search(shop, None))
    assert search(shop, rerankers.metadata_boost("rank", {True: 3, "1": 3}))[0]["rerank_score"] == 1


def test_composed_rerankers_add_up(shop):
    rerank = rerankers.compose(
        rerankers.metadata_boost("kind", {"drink": 1.0}), rerankers.metadata_boost("of.year", lambda year: year == 2004)
    )
    hits = search(shop, rerank)
    first = mapped({hit["id"]: hit["score"] for hit in search(shop, None)})
    second = mapped({id: score + (id in "bd") for id, score in first.items()})
    expected = {id: score + (id == "e") for id, score in second.items()}
    assert {hit["id"]: hit["rerank_score"] for hit in hits} == pytest.approx(expected)
    reverse = lambda query, hits: reversed(hits)  # noqa: E731
    assert ids(search(shop, rerankers.compose(reverse, reverse, reverse))) == ids(search(shop, None))[::-1]
    assert ids(search(shop, rerankers.compose())) == ids(search(shop, None))


def test_bi_encoder_orders_by_cosine(shop):
    directions = {text: [5 * math.cos(at), 5 * math.sin(at)] for at, text in enumerate(filter(None, TEXTS.values()))}
    vectors = {"q": [1.0, 0.0], **directions}
    hits = search(shop, rerankers.bi_encoder(vectors.__getitem__).asking("q"))
    assert ids(hits) == ["a", "b", "c", "d", "e"]
    assert [hit["rerank_score"] for hit in hits[:4]] == pytest.approx([math.cos(at) for at in range(4)])
    assert hits[4]["rerank_score"] is None
    zeros = search(shop, rerankers.bi_encoder(lambda text: [0.0, 0.0]).asking("q"))
    assert [hit["rerank_score"] for hit in zeros if hit["text"]] == [0, 0, 0, 0]


def test_equal_scores_keep_their_order_and_missing_ones_come_last(shop):
    before = ids(search(shop, None))
    assert ids(search(shop, Reranker("same", lambda query, hits: [1.0] * len(hits)))) == before
    gaps = Reranker("gaps", lambda query, hits: [None if hit["id"] in "ac" else -5.0 for hit in hits])
    assert ids(search(shop, gaps)) == [id for id in before if id not in "ac"] + [id for id in before if id in "ac"]


def test_no_hits_are_no_hits(shop):
    for rerank in (rerankers.text_match(), rerankers.metadata_boost("a", {}), rerankers.bi_encoder(lambda text: [1])):
        assert search(shop, rerank, text="milk", filter={"kind": "nothing"}) == []


def test_what_cannot_be_used_is_told(shop):
    for call, error, message in [
        (lambda: search(shop, rerankers.text_match()), vectlite.InvalidArgumentError, "asking"),
        (lambda: search(shop, rerankers.text_match(), text="milk", include=()), vectlite.InvalidArgumentError, "include"),
        (lambda: rerankers.text_match(analyzer="klingon"), vectlite.InvalidArgumentError, "klingon"),
        (lambda: rerankers.metadata_boost("a", 5), TypeError, "boosts"),
        (lambda: rerankers.compose(5), TypeError, "rerankers"),
        (lambda: rerankers.text_match().asking(5), TypeError, "question"),
        (lambda: search(shop, Reranker("few", lambda query, hits: [])), ModelError, "expected 5 scores, got 0"),
        (lambda: search(shop, Reranker("odd", lambda query, hits: [math.nan] * 5)), ModelError, "finite"),
    ]:
        with pytest.raises(error, match=message):
            call()


def test_the_question_of_a_search_by_vector(shop):
    hits = search(shop, rerankers.text_match(weight=9, analyzer="english").asking("almonds"))
    assert ids(hits)[0] == "b"

"""Analyzers."""

from __future__ import annotations

import pytest

import vectlite
from vectlite.analyzers import Analyzer


def test_steps_make_terms():
    assert Analyzer().tokenize("The Café, the café!") == ["The", "Café", "the", "café"]
    steps = Analyzer().lowercase().stopwords("english").stemmer("english").ascii_folding()
    assert steps.tokenize("The running Cafés") == ["run", "cafe"]
    assert steps.sparse_terms("run, runs running") == {"run": 3.0}
    assert Analyzer().stopwords({"a", "b"}).tokenize("a b c") == ["c"]
    assert Analyzer().stopwords(iter(["a"])).tokenize("a b c") == ["b", "c"]


def test_stored_texts_are_widened_and_queries_are_not():
    typed = Analyzer().lowercase().edge_ngrams(min=2, max=4).synonyms({"car": iter(["auto"])})
    assert typed.tokenize("Hello") == ["he", "hel", "hell"]
    assert typed.query_terms("Hello car") == {"hell": 1.0, "car": 1.0}
    synonyms = Analyzer().synonyms({"car": {"auto"}, "bike": []})
    assert synonyms.sparse_terms("car bike") == {"auto": 1.0, "bike": 1.0, "car": 1.0}
    assert Analyzer().ngrams(n=2).query_terms("été") == {"ét": 1.0, "té": 1.0}
    assert Analyzer().query_terms("日本語") == {"日本": 1.0, "本語": 1.0}


def test_fields_have_weights():
    analyzer = Analyzer().lowercase()
    fields = {"title": "Oat milk", "body": "milk"}
    assert analyzer.sparse_terms_weighted(fields, {"title": 2}) == {"milk": 3.0, "oat": 2.0}
    assert analyzer.sparse_terms_weighted(fields=fields, weights=None) == {"milk": 2.0, "oat": 1.0}
    with pytest.raises(vectlite.InvalidArgumentError, match="weights"):
        analyzer.sparse_terms_weighted(fields, {"title": float("inf")})


def test_an_analyzer_is_not_changed_by_its_methods():
    base = Analyzer()
    base.lowercase()
    assert base.tokenize("A") == ["A"]


def test_equal_steps_are_equal_analyzers():
    assert Analyzer().lowercase().ascii_folding() == Analyzer.preset("standard") != Analyzer.preset("none")
    assert Analyzer() != "standard" and Analyzer() != None  # noqa: E711
    assert "Lowercase" in repr(Analyzer().lowercase())


def test_the_default_one_counts_terms():
    assert vectlite.sparse_terms("Red, red apple") == {"apple": 1.0, "red": 2.0}
    assert vectlite.sparse_terms("") == {}


def test_a_database_stores_it(path):
    analyzer = Analyzer().lowercase().stopwords({"oat"})
    with vectlite.open(path, 1, analyzer=analyzer) as db:
        db.upsert("a", None, text="Oat Milk")
        assert db.search(text="oat") == [] and len(db.search(text="milk")) == 1
    with vectlite.open(path, analyzer=analyzer) as db:
        assert db.analyzer == analyzer


def test_unknown_names_are_errors():
    for call in [lambda: Analyzer.preset("klingon"), lambda: Analyzer().stemmer("klingon"),
                 lambda: Analyzer().stopwords("klingon"), lambda: vectlite.open("x.vdb", 1, analyzer="klingon")]:  # fmt: skip
        with pytest.raises(vectlite.InvalidArgumentError, match="klingon"):
            call()
    analyzer = Analyzer()
    with pytest.raises(vectlite.InvalidArgumentError, match="at most"):
        for _ in range(100):
            analyzer = analyzer.stemmer("english")

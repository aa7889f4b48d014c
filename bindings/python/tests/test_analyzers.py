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


def boom(term):
    if term == "bad":
        raise KeyError("bad term")
    return term.upper()


def test_functions_are_steps():
    lines = Analyzer().tokenizer(str.splitlines).lowercase()
    assert lines.tokenize("A b\nC") == ["a b", "c"]
    by_kind = {"a": None, "b": "x", "c": ["y", "z"], "d": ("w",)}
    assert Analyzer().filter(by_kind.get).tokenize("a b c d") == ["x", "y", "z", "w"]
    assert Analyzer().filter(boom).lowercase().query_terms("a") == {"a": 1.0}
    with pytest.raises(KeyError, match="bad term"):
        Analyzer().filter(boom).sparse_terms("good bad")
    with pytest.raises(KeyError, match="bad term"):
        Analyzer().filter(boom).stopwords(["bad"])
    with pytest.raises(KeyError, match="bad term"):
        Analyzer().filter(boom).sparse_terms_weighted({"title": "bad"})
    for function in [lambda text: 1, lambda text: text, lambda text: None, lambda text: [1]]:
        with pytest.raises(TypeError, match="what the tokenizer returned"):
            Analyzer().tokenizer(function).tokenize("a")
    for function in [lambda term: 1, lambda term: [None], lambda term: b"x"]:
        with pytest.raises(TypeError, match="what the filter returned"):
            Analyzer().filter(function).tokenize("a")
    with pytest.raises(vectlite.InvalidArgumentError, match="tokenizer"):
        Analyzer().lowercase().tokenizer(str.split)
    for method in [Analyzer().tokenizer, Analyzer().filter]:
        with pytest.raises(TypeError, match="function: expected a callable"):
            method("lower")


def test_functions_plug_in_for_one_session(path):
    stems = Analyzer().lowercase().filter(lambda term: term.rstrip("s"))
    with vectlite.open(path, 1, analyzer=stems) as db:
        db.insert("a", [1.0], text="Red Apples", sparse={"apple": 2, "x": 1})
        db.insert_many([{"id": "b", "text": "pears"}])
        with db.transaction() as tx:
            tx.upsert("c", text="plums")
            tx.upsert_many([{"id": "d", "text": "figs figs"}])
        assert db.bulk_ingest([{"id": "e", "text": "kiwis"}]) == 1
        assert [hit["id"] for hit in db.search(text="apple")] == ["a"]
        assert [hit["matched_terms"] for hit in db.search(text="PLUM kiwis")] == [["plum"], ["kiwi"]]
        assert [len(hits) for hits in db.search_batch([[1.0]], text="pears")] == [2]
        assert db.get("a")["sparse"] == {"apple": 3.0, "red": 1.0, "x": 1.0} and db.get("a")["text"] == "Red Apples"
        assert db.get("d")["sparse"] == {"fig": 2.0}
        assert db.analyzer.tokenize("Cats") == ["cat"]
    with vectlite.open(path) as db:
        assert db.analyzer == Analyzer.preset("none")
        assert [hit["id"] for hit in db.search(sparse={"fig": 1})] == ["d"]
        with pytest.raises(vectlite.InvalidArgumentError, match="open it with the analyzer"):
            db.search(text="fig")
    with vectlite.open(path, read_only=True, analyzer=stems) as db:
        assert [hit["id"] for hit in db.search(text="figs")] == ["d"]
    other = path.with_name("other.vdb")
    vectlite.open(other, 1).close()
    with pytest.raises(vectlite.InvalidArgumentError, match="analyzer: the database was created with"):
        vectlite.open(other, analyzer=stems)


def test_what_a_function_raises_is_raised_and_nothing_is_written(path):
    with vectlite.open(path, 1, analyzer=Analyzer().filter(boom)) as db:
        db.insert("a", text="good")
        before = db.commit_id
        for call in [
            lambda: db.insert("b", text="bad"), lambda: db.upsert("a", text="bad"),
            lambda: db.insert_many([{"id": "b", "text": "good"}, {"id": "c", "text": "bad"}]),
            lambda: db.search(text="bad"), lambda: db.search_batch([[1.0]], text="bad"),
        ]:  # fmt: skip
            with pytest.raises(KeyError, match="bad term"):
                call()
        assert db.commit_id == before and len(db) == 1 and db.get("a")["sparse"] == {"GOOD": 1.0}
        with pytest.raises(KeyError, match="bad term"):
            with db.transaction() as tx:
                tx.insert("b", text="good")
                tx.insert("c", text="bad")
        assert len(db) == 1
        records = [{"id": "b", "text": "good"}, {"id": "c", "text": "good"}, {"id": "d", "text": "bad"}]
        with pytest.raises(KeyError, match="bad term") as caught:
            db.bulk_ingest(records, batch_size=2)
        assert caught.value.committed == 2 and len(db) == 3


def test_a_function_may_use_the_database(path):
    def ask(term):
        return term if db.exists(term) or tx.get(term) else None

    with vectlite.open(path, 1, analyzer=Analyzer().filter(ask)) as db:
        db.insert("apple")
        with db.transaction() as tx:
            tx.insert("pear")
            tx.insert("a", text="apple pear plum")
        assert db.get("a")["sparse"] == {"apple": 1.0, "pear": 1.0}

"""What notebooks show: tables, of what users have stored nothing as it is."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

import vectlite
from vectlite import notebook

EVIL = '<script>alert("&")</script>'


class Page(HTMLParser):
    """The tags and the text of a page; fails where one is not closed."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], set(), ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.tags.add(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + "|"


TAGS = {"table", "caption", "thead", "tbody", "tr", "th", "td"}


class Formatter:
    """As much of IPython's as is used."""

    def __init__(self):
        self.type_printers = {}

    def for_type(self, shown, html):
        self.type_printers[shown] = html


class Shell:
    def __init__(self):
        self.display_formatter = self
        self.formatters = {"text/html": Formatter()}

    def html(self, value):
        return self.formatters["text/html"].type_printers[type(value)](value)


@pytest.fixture
def shell():
    made = Shell()
    notebook.load_ipython_extension(made)
    return made


def test_hits_are_a_table_and_escaped(db, shell):
    db.upsert(EVIL, [1, 2, 3], {EVIL: EVIL}, namespace=EVIL, text=EVIL)
    hits = db.search([1, 2, 3], text="script", all_namespaces=True, include=["metadata", "text"])
    page = Page(shell.html(hits))
    assert page.tags == TAGS and "1 hits" in page.text
    assert page.text.count(EVIL) == 5
    assert type(hits) is list and type(hits[0]) is dict


def test_long_things_are_cut(db, shell):
    db.upsert_many({"id": f"{number:03}", "vector": [1, 2, number], "metadata": {"text": "x" * 1_000}} for number in range(100))
    page = Page(shell.html(db.search([1, 2, 3], k=100)))
    assert "100 hits, 50 shown" in page.text and len(page.text) < 50 * 300


def test_statistics_and_responses_are_tables(db, shell):
    db.upsert("a", [1, 2, 3])
    assert "records|1" in Page(shell.html(db.stats())).text
    found = db.search_with_stats([1, 2, 3])
    page = Page(shell.html(found))
    assert "1 hits" in page.text and "plan" in page.text
    assert "plan" in Page(shell.html(found["stats"])).text


@pytest.mark.parametrize("other", [[], [1], [{}], [{"id": 1}], {}, {"results": 1}], ids=repr)
def test_what_is_not_ours_is_shown_as_before(other):
    shell = Shell()
    shell.formatters["text/html"].for_type(list, lambda value: "a list")
    notebook.register(shell)
    notebook.register(shell)
    assert shell.html(other) == ("a list" if isinstance(other, list) else None)


def test_what_is_open_says_what_it_is(db, tmp_path):
    db.upsert("a", [1, 2, 3], namespace=EVIL)
    page = Page(db._repr_html_())
    assert page.tags == TAGS and repr(EVIL) in page.text and "records|1" in page.text and repr(db) in page.text
    view = db.read_view()
    assert "records|1" in Page(view._repr_html_()).text
    view.close()
    assert Page(view._repr_html_()).text == "<vectlite.ReadView, closed>|"
    transaction = db.transaction()
    assert Page(transaction._repr_html_()).text == "<vectlite.Transaction of 0 operations>|"
    transaction.rollback()
    db.close()
    assert "closed" in Page(db._repr_html_()).text
    with vectlite.open_store(tmp_path / "store") as store:
        store.create_collection("notes", 2).close()
        assert "'notes'" in Page(store._repr_html_()).text

"""The cases and queries that all languages share."""

from __future__ import annotations

import collections
import json
import struct

import conformance
import numpy as np
import pytest

import vectlite
from vectlite import _core

CASES = conformance.cases()
QUERIES = conformance.CASES / "queries"
DATA = conformance.TESTS.parent / "examples" / "data"

here = pytest.mark.skipif(not CASES, reason="the shared cases are not beside the package")


@pytest.mark.parametrize("case", [case for _, case in CASES], ids=[name for name, _ in CASES])
def test_case(case, tmp_path):
    conformance.run(case, tmp_path)


@here
def test_every_kind_of_error_is_expected_by_a_case():
    codes = {step["fails"]["code"] for _, case in CASES for step in case["steps"] if "fails" in step}
    assert codes == {code for code, _ in _core.error_classes()} | {"type"}


@here
def test_the_runner_refuses_slips(tmp_path):
    slips = [
        {"call": "count", "give": 0},
        {"call": "count", "with": {"surprise": 1}},
        {"call": "count", "on": "nobody"},
        {"do": "surprise", "path": "x"},
        {"call": "count", "gives": False},
        {"call": "count", "gives": 1},
        {"call": "count", "fails": {"code": "closed"}},
        {"call": "get", "with": {"id": ""}, "fails": {"code": "closed"}},
        {"call": "close", "gives": {}},
    ]
    for number, slip in enumerate(slips):
        directory = tmp_path / str(number)
        directory.mkdir()
        with pytest.raises(AssertionError):
            conformance.run({"name": "slip", "open": {"dimension": 2}, "steps": [slip]}, directory)


@pytest.mark.skipif(not QUERIES.exists(), reason="the shared queries are not beside the package")
def test_queries_have_the_same_bits_as_in_every_language(tmp_path):
    vectors = np.load(DATA / "texts.f16.npy").astype(np.float32)
    with open(DATA / "texts.jsonl", encoding="utf-8") as file:
        texts = [json.loads(line) for line in file][:1_000]
    databases = {}
    queries = json.loads((QUERIES / "queries.json").read_text(encoding="utf-8"))
    expected = json.loads((QUERIES / "expected.json").read_text(encoding="utf-8"))
    assert len(queries) == len(expected) == 300
    plans = collections.Counter()
    for query, answer in zip(queries, expected):
        metric = query["metric"]
        if metric not in databases:
            databases[metric] = vectlite.open(tmp_path / f"{metric}.vdb", 384, metric=metric, analyzer="english")
            databases[metric].upsert_many(
                {
                    "id": text["id"], "text": text["text"], "vector": vector,
                    "metadata": {"pos": text["pos"], "lexname": text["lexname"]},
                }
                for text, vector in zip(texts, vectors)
            )  # fmt: skip
        search = dict(query["search"])
        if "query" in search:
            search["query"] = vectors[search["query"]["row"]]
        response = databases[metric].search_with_stats(**search)
        bits = [[hit["id"], struct.pack(">d", hit["score"]).hex()] for hit in response["results"]]
        assert bits == answer, query
        assert response["stats"]["exact"]
        plans[response["stats"]["plan"]] += 1
    assert len(plans) == 6, plans
    for db in databases.values():
        db.close()

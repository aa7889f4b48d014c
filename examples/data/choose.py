#!/usr/bin/env python3
"""Makes the data files of this directory from the data set `wordnet-minilm`.

    python3 choose.py            needs numpy; reads $VECTLITE_DATA, default <repository>/../shared/data

The selection is a rule, not a sample: the first rows of each lexname below, in the order of the data set (which is
random). Everybody who runs this script gets the same bytes. It stops when a query would no longer find its answers.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent

# Things that everybody knows, and feelings as a contrast; in every lexname enough neighbours to choose among.
ROWS_PER_LEXNAME = {
    "noun.animal": 900,
    "noun.food": 900,
    "noun.artifact": 750,
    "noun.plant": 525,
    "noun.feeling": 364,  # all there are, and so are the three below
    "verb.emotion": 284,
    "verb.consumption": 205,
    "verb.weather": 75,
}

FOOD_OR_PLANT = {"lexname": {"$in": ["noun.food", "noun.plant"]}}
FEELING = {"lexname": {"$in": ["noun.feeling", "verb.emotion"]}}
MEAL = {"$or": [{"lexname": "verb.consumption"}, {"lexname": "noun.food"}]}

# (file and row of the sentence whose vector is asked, words for the text side, filter, ids that must be found).
# The words are what a person would type into a search box to find what the sentence speaks of.
QUERIES = [
    ("queries", 182, "Canary Islands wine", {"lexname": "noun.food"}, ["07897975-n"]),
    ("queries", 115, "African antelope", {"lexname": "noun.animal"}, ["02427724-n", "02421962-n"]),
    ("queries", 107, "chocolate liquor powder", FOOD_OR_PLANT, ["07602996-n", "07602829-n"]),
    ("queries", 128, "plants cultivated for colorful flowers", {"lexname": "noun.plant"}, ["11957912-n"]),
    ("queries", 371, "intense anger", FEELING, ["01796051-v", "07516997-n", "07516905-n"]),
    ("known_item", 75, "regret", {"pos": "v"}, ["01796942-v", "01796600-v"]),
    ("known_item", 771, "cricket bat", {"lexname": {"$ne": "noun.animal"}}, ["03132076-n", "04346003-n"]),
    ("known_item", 663, "mountain railway", None, ["02934641-n", "04048075-n"]),
    ("known_item", 440, "picnic lunch", MEAL, ["01168277-v", "01185322-v", "01185493-v"]),
    ("known_item", 401, "jelly", {"lexname": {"$prefix": "noun."}}, ["07643577-n", "07643474-n"]),
]

# An expected answer stands at least this high by its vector alone; the text side lifts it into the five that are shown.
WORST_DENSE_RANK = 20


def read_jsonl(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write_jsonl(path, rows):
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def choose_rows(base):
    """Row numbers of the chosen texts, in the order of the data set."""
    left = dict(ROWS_PER_LEXNAME)
    rows = []
    for row, record in enumerate(base):
        if left.get(record["lexname"], 0) > 0:
            left[record["lexname"]] -= 1
            rows.append(row)
    return rows


def check_expected(ids, vectors, queries, query_vectors):
    """Ends the script when an expected answer is not among the chosen texts, or is not near its query."""
    places = {record_id: place for place, record_id in enumerate(ids)}
    unit = vectors.astype(np.float32)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    for query, vector in zip(queries, query_vectors.astype(np.float32)):
        similarity = unit @ vector
        for record_id in query["expected"]:
            if record_id not in places:
                sys.exit(f"{query['sentence']!r}: {record_id} is not among the chosen texts")
            rank = 1 + int((similarity > similarity[places[record_id]]).sum())
            if rank > WORST_DENSE_RANK:
                sys.exit(f"{query['sentence']!r}: {record_id} has only rank {rank} by its vector")


def main():
    data = Path(os.environ.get("VECTLITE_DATA") or REPOSITORY.parent / "shared" / "data")
    source = data / "wordnet-minilm"
    if not source.is_dir():
        sys.exit(f"no data set at {source}: set VECTLITE_DATA to the directory that holds wordnet-minilm")

    base = read_jsonl(source / "base.jsonl")
    rows = choose_rows(base)
    texts = [
        {"id": base[row]["synset"], "text": base[row]["text"], "pos": base[row]["pos"], "lexname": base[row]["lexname"]}
        for row in rows
    ]
    vectors = np.load(source / "base.f16.npy", mmap_mode="r")[rows]

    sentences = {name: read_jsonl(source / f"{name}.jsonl") for name in ("queries", "known_item")}
    sentence_vectors = {name: np.load(source / f"{name}.npy") for name in sentences}
    queries = [
        {
            "sentence": sentences[name][row]["text"],
            "words": words,
            "filter": condition,
            "expected": expected,
            "source": f"{name}[{row}]",
        }
        for name, row, words, condition, expected in QUERIES
    ]
    query_vectors = np.stack([sentence_vectors[name][row] for name, row, *_ in QUERIES]).astype(np.float16)

    check_expected([text["id"] for text in texts], vectors, queries, query_vectors)
    write_jsonl(HERE / "texts.jsonl", texts)
    write_jsonl(HERE / "queries.jsonl", queries)
    np.save(HERE / "texts.f16.npy", np.ascontiguousarray(vectors))
    np.save(HERE / "queries.f16.npy", query_vectors)
    shutil.copyfile(data / "LICENSE-WORDNET", HERE / "LICENSE-WORDNET")
    print(f"{len(texts)} texts, {len(queries)} queries")


if __name__ == "__main__":
    main()

"""`tests/compare/run ranking` prepares the environment and starts this. Nothing is judged: speeds and ratios are printed."""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import vectlite
from ranking.engines import K, Bm25s, Fts5, Tantivy, Vectlite
from ranking.texts import rows, terms

ROUNDS = 5
TIE = 1e-5
# Texts for the cost of a single upsert, and terms in each of them.
UPSERTS, UPSERT_TERMS = 2_000, 60


def speeds(engines, queries):
    """Searches a second: of the first pass after the turns of others, which have emptied the processor's caches, and of the second.
    Medians of rounds in which each engine has its turn; one that takes a minute has one, and a single pass."""
    taken = {engine.name: ([], []) for engine in engines}
    for number in range(ROUNDS):
        for engine in (engine for engine in engines if number == 0 or not engine.slow):
            for rates in taken[engine.name][: 1 if engine.slow else 2]:
                started = time.perf_counter()
                for text in queries:
                    engine.search(text)
                rates.append(len(queries) / (time.perf_counter() - started))
    return {name: (median(first), median(second or first)) for name, (first, second) in taken.items()}


def index_seconds(work, engines):
    """What indexing takes each, medians of rounds in turns; every time in a new process with a new heap, in a new folder."""
    taken = {engine.name: [] for engine in engines}
    for _ in range(ROUNDS):
        for engine in engines:
            folder = work / "indexing"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            command = [sys.executable, "-m", "ranking.engines", type(engine).__name__, str(folder)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            taken[engine.name].append(float(done.stdout))
    return {name: median(seconds) for name, seconds in taken.items()}


def equal_scores(ours, peer, queries):
    """How many queries have the same scores, in order: then their hits are the same, ties aside."""

    def same(text):
        left, right = ours.scores(text), [score for score in peer.scores(text) if score > 0]
        return len(left) == len(right) and all(abs(a - b) <= TIE for a, b in zip(left, right, strict=True))

    return sum(same(text) for text in queries)


def reciprocal_rank(engine, items):
    ranks = (({row: rank for rank, row in enumerate(engine.search(i["text"]), 1)}).get(i["relevant"]) for i in items)
    return sum(1 / rank for rank in ranks if rank) / len(items)


def upsert_microseconds(folder, texts):
    """What 60 terms add to an upsert: medians of blocks with and without the text, in turns."""
    db = vectlite.open(folder / "upserts.vdb", dimension=1, sync="on_flush")
    taken = {True: [], False: []}
    for block in range(20):
        for with_text in (True, False):
            started = time.perf_counter()
            for place in range(UPSERTS // 20):
                text = texts[(block * 37 + place) % len(texts)] if with_text else None
                db.upsert(f"{block}-{with_text}-{place}", vector=[1.0], text=text)
            taken[with_text].append((time.perf_counter() - started) / (UPSERTS // 20) * 1e6)
    db.close()
    return median(taken[True]) - median(taken[False])


def print_sizes(binary, database, state):
    """Bytes a posting of a closed database's posting lists (table `postings`, blocks inside of dictionary entries), and of these
    with the whole dictionary (tables `postings` and `terms`): first keys and values, which hold checksums and bounds, then
    every byte of the tables' pages, redb's own and free ones included."""
    out = database.with_suffix(".tables.json")
    subprocess.run([binary, "tables", database, out], check=True)
    figures = json.loads(out.read_text(encoding="utf-8"))
    lists, terms = figures["tables"]["postings"], figures["tables"]["terms"]
    inside = sum(figures["dictionary"]["block_heads_slots_weights"])

    def pages(table):
        return table["stored_bytes"] + table["metadata_bytes"] + table["fragmented_bytes"]

    positions = figures["tables"]["positions"]["stored_bytes"]
    postings = figures["postings"]
    for name, wanted, stored, paged in (
        ("posting lists", 3.3, lists["stored_bytes"] + inside, pages(lists) + inside),
        ("lists and dictionary", 5.0, lists["stored_bytes"] + terms["stored_bytes"], pages(lists) + pages(terms)),
    ):
        print(
            f"ranking  {state}: {name} {stored / postings:.2f} bytes a posting, {paged / postings:.2f} with all of their "
            f"pages (wanted at most {wanted})"
        )
    print(
        f"ranking  {state}: positions {positions / postings:.2f} bytes a posting, "
        f"{100 * positions / (lists['stored_bytes'] + inside):.0f} % of the posting lists"
    )


def compact(database):
    """Compaction leaves a database alone in which nothing is dead."""
    with vectlite.open(database) as db:
        db.upsert("dead")
        db.delete("dead")
        db.compact()


def long_texts(base):
    """Texts of 60 different terms each, made of the base's texts one behind the other."""
    texts, words = [], {}
    for row in base:
        words.update(dict.fromkeys(terms(row["text"])))
        if len(words) >= UPSERT_TERMS:
            texts.append(" ".join(list(words)[:UPSERT_TERMS]))
            words = {}
    return texts


def main():
    parser = argparse.ArgumentParser(prog="tests/compare/run ranking")
    parser.add_argument("--work", required=True, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--binary", required=True, type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    work = given.work
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    base = rows("base.jsonl")
    queries = [row["text"] for row in rows("queries.jsonl")]
    items = rows("known_item.jsonl")

    ours, tantivy, bm25s, fts5 = (make(work, base) for make in (Vectlite, Tantivy, Bm25s, Fts5))
    print(f"ranking  {equal_scores(ours, bm25s, queries)} of {len(queries)} queries have the top {K} scores of bm25s")

    rate = speeds((ours, tantivy, bm25s, fts5), queries)
    for name, (first, second) in rate.items():
        print(f"ranking  {name:<14}{second:8.0f} searches a second ({first:.0f} in the first pass after others)")
    for peer, wanted in ((tantivy, 2), (bm25s, 10)):
        first, second = (rate[ours.name][turn] / rate[peer.name][turn] for turn in (0, 1))
        print(f"ranking  {second:.2f} x the searches of {peer.name} ({first:.2f} in the first pass; wanted {wanted})")

    seconds = index_seconds(work, (ours, tantivy, bm25s, fts5))
    for name, figure in seconds.items():
        print(f"ranking  {name:<14}{figure:8.2f} s to index {len(base)} texts")
    print(f"ranking  {seconds[ours.name] / seconds[tantivy.name]:.2f} x the time of tantivy (wanted at most 3)")

    more = upsert_microseconds(work, long_texts(base))
    print(f"ranking  {more:.0f} us more for an upsert with {UPSERT_TERMS} terms (wanted at most 60)")

    english = Vectlite(work, base, "english")
    english.name = "vectlite, english"
    for engine in (ours, english, fts5):
        print(f"ranking  {engine.name:<18}MRR@{K} {reciprocal_rank(engine, items):.4f} on known items")

    ours.db.close()
    print_sizes(given.binary, ours.path, "loaded")
    compact(ours.path)
    print_sizes(given.binary, ours.path, "compacted")


if __name__ == "__main__":
    main()

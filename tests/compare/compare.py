"""Compares vectlite with its peers on real data; `tests/compare/run` prepares the environment and starts this.

The binary `compare` is vectlite's side of it. Both sides read the same files: this script writes float32 vectors and
texts into the work directory, the binary writes its answers beside them, and each part below judges them.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

import dense
import text
import writes

ROWS = 20_000
PARTS = ("dense", "text", "writes")


def read_texts(path, most=None):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line)["text"] for _, line in zip(range(most or sys.maxsize), lines)]


def unit_rows(vectors):
    vectors = np.asarray(vectors, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def write_json(path, value):
    path.write_text(json.dumps(value), encoding="utf-8")


def prepare(source, work):
    """Writes what both sides read: `base.f32`, `queries.f32` (rows, little-endian), `texts.json`, `queries.json`."""
    work.mkdir(parents=True, exist_ok=True)
    base = unit_rows(np.load(source / "base.f16.npy", mmap_mode="r")[:ROWS])
    queries = np.load(source / "queries.npy").astype(np.float32)
    base.astype("<f4").tofile(work / "base.f32")
    queries.astype("<f4").tofile(work / "queries.f32")
    texts = read_texts(source / "base.jsonl", ROWS)
    query_texts = read_texts(source / "queries.jsonl")
    write_json(work / "texts.json", texts)
    write_json(work / "queries.json", query_texts)
    return base, queries


def main():
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--binary", required=True, help="vectlite's side, built by tests/compare/run")
    options.add_argument("--work", required=True, type=Path, help="directory for the exchanged files and the databases")
    options.add_argument("--check", action="store_true", help="exit 1 when an answer differs from a peer's")
    options.add_argument("parts", nargs="*", metavar="part", help=f"any of {', '.join(PARTS)}; default all")
    given = options.parse_args()
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        options.error(f"unknown part {', '.join(sorted(unknown))}; known: {', '.join(PARTS)}")
    parts = given.parts or PARTS

    right = True
    if "dense" in parts or "text" in parts:
        base, queries = prepare(Path(os.environ["VECTLITE_DATA"]) / "wordnet-minilm", given.work)
        subprocess.run([given.binary, "answers", given.work], check=True)
        if "dense" in parts:
            right &= dense.compare(given.work, base, queries)
        if "text" in parts:
            right &= text.compare(given.work)
    if "writes" in parts:
        subprocess.run([given.binary, "writes", given.work], check=True)
        writes.report(given.work)

    if not right:
        print("answers differ from a peer's")
    return 1 if given.check and not right else 0


if __name__ == "__main__":
    sys.exit(main())

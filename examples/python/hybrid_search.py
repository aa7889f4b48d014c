"""Hybrid search in one scenario: build a database of short texts, ask it by meaning and by words at once, close it, open
it again and get the same answers.

`examples/run` runs this. Without options it indexes the texts of `examples/data` and asks ten questions about them; with
--texts and --question it does so with a file of your own, a text a line.
"""

import argparse
import sys
import time
from pathlib import Path

import vectlite
from corpus import Question, read_own_texts, read_questions, read_texts
from embedding import DIMENSION, Embedder
from table import heading, of_hits

DATA = Path(__file__).parent.parent / "data"
# Hits shown for a question.
K = 5
# Of ten expected records this model, which is small, has to find so many among the first K.
EXPECTED_SHARE = 0.7


def main():
    arguments = parse(sys.argv[1:])
    if arguments.texts:
        texts = read_own_texts(arguments.texts)
        questions = [Question(question, question) for question in arguments.question]
    else:
        texts, questions = read_texts(DATA), read_questions(DATA)
    if not texts:
        sys.exit(f"error: {arguments.texts} holds no text")
    embed = Embedder()
    path = fresh_path(arguments.dir)

    started = time.perf_counter()
    db = build(path, texts, embed, quiet=arguments.check)
    print(f"{len(texts):,} texts embedded and indexed in {milliseconds(started)} ({path})")

    vectors = embed(question.sentence for question in questions)
    started = time.perf_counter()
    answers = [ask(db, question, vector) for question, vector in zip(questions, vectors)]
    elapsed = milliseconds(started)
    if not arguments.check:
        for number, (question, hits) in enumerate(zip(questions, answers), start=1):
            print(f"\n{heading(number, question)}\n{of_hits(hits)}")
        print()
    print(f"{len(questions)} questions answered in {elapsed}")
    db.close()

    # The database is files now; whoever opens them gets the same answers to the last bit of every score.
    started = time.perf_counter()
    with vectlite.open(path, read_only=True) as db:
        print(f"closed, opened again read-only in {milliseconds(started)}")
        again = [ask(db, question, vector) for question, vector in zip(questions, vectors)]
    if again != answers:
        sys.exit("error: the answers differ after reopening")
    print("the same answers")
    check_expected(questions, answers)


def parse(words):
    parser = argparse.ArgumentParser(prog="examples/run", description="Hybrid search over short texts.")
    parser.add_argument("--texts", type=Path, metavar="FILE", help="a file of your own, a text a line")
    parser.add_argument("--question", action="append", metavar="TEXT", help="what to ask it; may come several times")
    parser.add_argument("--dir", type=Path, default=Path("target/hybrid_search"), help="where the database is built")
    parser.add_argument("--check", action="store_true", help="no tables; exit code 1 when an answer is missing or differs")
    arguments = parser.parse_args(words)
    if bool(arguments.texts) != bool(arguments.question):
        parser.error("--texts and --question go together")
    if arguments.texts and not arguments.texts.is_file():
        parser.error(f"--texts: there is no file {arguments.texts}")
    return arguments


def fresh_path(directory):
    """A path for the database at which none exists: an earlier run's files are removed."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory.resolve() / "hybrid_search.vdb"
    for suffix in ("", ".wal", ".ann", ".lock"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    return path


def build(path, texts, embed, quiet):
    """Stores all texts: the vector for the meaning, the text for its words, the rest as metadata to filter by."""
    # English: words are reduced to their stems, so that `flowers` finds `flower`.
    db = vectlite.open(path, dimension=DIMENSION, analyzer="english")
    vectors = embed(text.text for text in texts)
    records = [
        {"id": text.id, "vector": vector, "text": text.text, "metadata": text.metadata}
        for text, vector in zip(texts, vectors)
    ]
    # Batches of 500: large enough to be fast, small enough for the bar to move.
    db.bulk_ingest(records, batch_size=500, progress=not quiet)
    db.flush()
    return db


def ask(db, question, vector):
    """One hybrid search: nearest vectors and best words, both among the records that the filter keeps."""
    return db.search(vector, k=K, text=question.words, filter=question.filter, include=("metadata", "text"))


def check_expected(questions, answers):
    expected = [(question, id) for question in questions for id in question.expected]
    found = {(question.sentence, hit["id"]) for question, hits in zip(questions, answers) for hit in hits}
    missing = [(question, id) for question, id in expected if (question.sentence, id) not in found]
    if len(missing) > len(expected) * (1 - EXPECTED_SHARE):
        sys.exit("error: too few of the expected answers: " + ", ".join(f'"{q.sentence}" {id}' for q, id in missing))
    if expected:
        print(f"{len(expected) - len(missing)} of {len(expected)} expected records among the first {K}")


def milliseconds(started):
    return f"{(time.perf_counter() - started) * 1e3:,.1f} ms"


if __name__ == "__main__":
    main()

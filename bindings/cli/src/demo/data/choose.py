"""Chooses the data of `vectlite demo` from examples/data: for each question its nearest texts, then texts at even distances.

    python3 bindings/cli/src/demo/data/choose.py      # the same bytes every time

Vectors become 8 bits a component: each row is its scale as a little-endian float32 and then the codes; component = scale * code.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[4] / "examples" / "data"
DIMENSION = 384
TEXTS = 400
# Of each question: its answers, and others that could be.
NEAREST = 20


def lines(name: str) -> list[dict]:
    return [json.loads(line) for line in (EXAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]


def vectors(name: str) -> list[tuple[float, ...]]:
    data = (EXAMPLES / f"{name}.f16.npy").read_bytes()
    (header,) = struct.unpack_from("<H", data, 8)
    rows = data[10 + header :]
    return [struct.unpack_from(f"<{DIMENSION}e", rows, at) for at in range(0, len(rows), 2 * DIMENSION)]


def coded(vector: tuple[float, ...]) -> bytes:
    scale = max(map(abs, vector)) / 127
    return struct.pack(f"<f{DIMENSION}b", scale, *(round(component / scale) for component in vector))


def written(name: str, rows: list[dict], vectors: list[tuple[float, ...]]) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / f"{name}.jsonl").write_text(text, encoding="utf-8")
    (HERE / f"{name}.i8").write_bytes(b"".join(map(coded, vectors)))


def main() -> None:
    texts, text_vectors = lines("texts"), vectors("texts")
    questions, question_vectors = lines("queries"), vectors("queries")
    chosen = set()
    for question, asked in zip(questions, question_vectors):
        scores = [sum(map(float.__mul__, asked, vector)) for vector in text_vectors]
        chosen.update(sorted(range(len(texts)), key=lambda row: -scores[row])[:NEAREST])
        chosen.update(row for row, text in enumerate(texts) if text["id"] in question["expected"])
    others = [row for row in range(len(texts)) if row not in chosen]
    missing = TEXTS - len(chosen)
    chosen.update(others[number * len(others) // missing] for number in range(missing))
    rows = sorted(chosen)
    written("texts", [texts[row] for row in rows], [text_vectors[row] for row in rows])
    asked = ("sentence", "words", "filter", "expected")
    written("questions", [{key: question[key] for key in asked} for question in questions], question_vectors)


if __name__ == "__main__":
    main()

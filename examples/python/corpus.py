"""The texts and questions of `examples/data`, or those of a file of one's own."""

import json
from dataclasses import dataclass, field


@dataclass
class Text:
    id: str
    text: str
    metadata: dict


@dataclass
class Question:
    """One hybrid question: a sentence for its meaning, words for the text side, and a filter."""

    sentence: str
    words: str
    filter: dict | None = None
    expected: list = field(default_factory=list)


def read_texts(data):
    """WordNet definitions: "sack: any of various light dry strong white wine", defined word and lexname as metadata."""
    lines = [json.loads(line) for line in (data / "texts.jsonl").open(encoding="utf-8")]
    return [
        Text(
            id=line["id"],
            text=line["text"],
            metadata={
                "word": line["text"].replace(":", ",").split(",")[0],
                "pos": line["pos"],
                "lexname": line["lexname"],
            },
        )
        for line in lines
    ]


def read_questions(data):
    lines = [json.loads(line) for line in (data / "queries.jsonl").open(encoding="utf-8")]
    return [Question(line["sentence"], line["words"], line["filter"], line["expected"]) for line in lines]


def read_own_texts(path):
    """A text a line; blank lines are skipped. Its id is the number of its line."""
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = [(number, line.strip()) for number, line in enumerate(file, start=1)]
    return [Text(id=f"line {number}", text=line, metadata={"line": number}) for number, line in lines if line]

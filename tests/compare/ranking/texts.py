"""The texts, the queries, and the sentences of which the one right answer is known."""

import json
import os
from pathlib import Path

from vectlite.analyzers import Analyzer

# Words in lower case without marks, no stop words, no stems: every engine can be given the same.
TERMS = Analyzer.preset("standard")


def rows(name):
    path = Path(os.environ["VECTLITE_DATA"]) / "wordnet-minilm" / name
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def terms(text):
    return TERMS.tokenize(text)

"""By what a model in ONNX says of query and text together: without torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Optional, Union

from ..error import InvalidArgumentError
from ..extras import load
from ..model import ModelError, count, told
from ..types import Hit
from .reranker import Reranker, asked, scored_where_there_is_text

_BATCH = 32
"""Pairs at once: what a processor takes without waiting for memory."""

_LENGTH = 512
"""Tokens of a pair: what models of BERT's family were trained for."""


def onnx_cross_encoder(
    folder: Union[str, os.PathLike[str]],
    *,
    model: str = "model.onnx",
    batch_size: int = _BATCH,
    max_length: int = _LENGTH,
    **options: Any,
) -> Reranker:
    """Orders by a cross-encoder in ONNX. `rerank_score` is in [0, 1].

    A model that gives one number for a pair is passed through the logistic function, `1 / (1 + e^-x)`; of one that gives two the
    second counts, by softmax, which is what sentence-transformers does.

    - `folder`: holds `model.onnx` and `tokenizer.json`, as models for ONNX are published.
    - `model`: the file of the model in it, such as "onnx/model_qint8_avx512.onnx".
    - `batch_size`: pairs at once; `max_length`: tokens of a pair, behind which the text is cut.
    - `options`: those of `onnxruntime.InferenceSession`, such as `providers`.

    Raises `ModelError` when the model cannot be had, or fails.

        rerank = rerankers.onnx_cross_encoder("models/ms-marco-MiniLM-L6-v2")
    """
    size = count("batch_size", batch_size)
    name = f"onnx_cross_encoder {os.fspath(folder)}"
    runtime, tokenizers, np = (load(one, "onnx") for one in ("onnxruntime", "tokenizers", "numpy"))
    with told(f"{name} could not be loaded"):
        tokenizer = tokenizers.Tokenizer.from_file(str(Path(folder, "tokenizer.json")))
        # Of a long pair the text gives way, not the question.
        tokenizer.enable_truncation(count("max_length", max_length), strategy="only_second")
        tokenizer.enable_padding()
        session = runtime.InferenceSession(str(Path(folder, model)), **options)
    wanted = [one.name for one in session.get_inputs()]

    def predicted(question: str, texts: list[str]) -> list[float]:
        scores: list[float] = []
        for start in range(0, len(texts), size):
            pairs = [(question, text) for text in texts[start : start + size]]
            with told(name):
                encoded = tokenizer.encode_batch(pairs)
                columns = {
                    "input_ids": [one.ids for one in encoded],
                    "attention_mask": [one.attention_mask for one in encoded],
                    "token_type_ids": [one.type_ids for one in encoded],
                }
                unknown = [one for one in wanted if one not in columns]
                if unknown:
                    raise InvalidArgumentError(f"{name}: expected inputs {', '.join(columns)}, got {unknown[0]}")
                given = {one: np.asarray(columns[one], dtype=np.int64) for one in wanted}
                logits = np.asarray(session.run(None, given)[0], dtype=np.float64)
            scores += _probabilities(np, logits.reshape(len(pairs), -1), name)
        return scores

    def scores(query: Optional[str], hits: list[Hit]) -> list[Optional[float]]:
        question = asked(query, name)
        return scored_where_there_is_text(hits, name, lambda texts: predicted(question, texts))

    return Reranker(name, scores)


def _probabilities(np: Any, logits: Any, name: str) -> list[float]:
    if logits.shape[1] not in (1, 2):
        raise ModelError(f"{name}: expected one or two numbers for a pair, got {logits.shape[1]}")
    # With two, softmax of the second is the logistic function of what it is above the first.
    above = logits[:, -1] if logits.shape[1] == 1 else logits[:, 1] - logits[:, 0]
    return [float(one) for one in 1 / (1 + np.exp(-np.clip(above, -700, 700)))]

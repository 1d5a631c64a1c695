"""Texts to vectors: the embedded default, an OpenAI-compatible endpoint, or a model of an installed library.

To add a kind, write a file with a class that fits `Embedder` and a line in `open_embedder`.
"""

import os
import re

from connectors.http import DIRECT, WayOut
from knowledge.embedding import granite, minilm
from knowledge.embedding.embedded import LocalEmbedder, Model
from knowledge.embedding.embedder import Embedder, likeness, likeness_to
from knowledge.embedding.ensemble import EnsembleEmbedder
from knowledge.embedding.granite import GRANITE
from knowledge.embedding.libraries import load_fastembed, load_sentence_transformer
from knowledge.embedding.minilm import MINILM
from knowledge.embedding.openai_compatible import OpenAICompatibleEmbedder

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read when onnxruntime starts: its wheels tell Microsoft how they are used

__all__ = ["SETTINGS", "Embedder", "likeness", "likeness_to", "open_embedder"]

SETTINGS = {
    minilm.NAME: "embedded:minilm",
    granite.NAME: "embedded:granite",
    f"{minilm.NAME}+{granite.NAME}": "embedded",
}
"""What names an embedded model, by what it calls itself: who never set one can't know it."""


def open_embedder(
    spec: str = "embedded",
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    way_out: WayOut = DIRECT,
    threads: int = 2,
    at_once: bool = True,
) -> Embedder:
    """The embedder that a setting names: `embedded` (both embedded models), `embedded:minilm`, `embedded:granite`,
    `openai:MODEL`, `sentence-transformers:MODEL`, `fastembed:MODEL`.

    `openai:MODEL@256` asks the endpoint for vectors of 256 numbers; `base_url` makes it another endpoint than OpenAI.
    Loading a model in this process blocks for half a second or more; not `at_once`, an embedded one is loaded with the
    first text. An endpoint is not called before the first texts.
    Raises ValueError for another spec, EmbedderBroken or EmbedderUnavailable when the model can't be loaded.
    """
    kind, _, model = spec.partition(":")
    if spec == "embedded":
        return EnsembleEmbedder([_open_local(one, threads=threads, at_once=at_once) for one in (MINILM, GRANITE)])
    if spec == "embedded:minilm":
        return _open_local(MINILM, threads=threads, at_once=at_once)
    if spec == "embedded:granite":
        return _open_local(GRANITE, threads=threads, at_once=at_once)
    if kind == "openai" and (shape := re.fullmatch(r"([^@]+)(?:@([1-9][0-9]*))?", model)):
        dimension = int(shape[2]) if shape[2] else None
        return OpenAICompatibleEmbedder.connect(
            shape[1], api_key=api_key, base_url=base_url, dimension=dimension, way_out=way_out
        )
    if kind == "sentence-transformers" and model:
        return load_sentence_transformer(model)
    if kind == "fastembed" and model:
        return load_fastembed(model, threads=threads)
    raise ValueError(
        f"unknown embedder {spec!r}: use embedded, embedded:minilm, embedded:granite, openai:MODEL,"
        " openai:MODEL@DIMENSION, sentence-transformers:MODEL or fastembed:MODEL"
    )


def _open_local(model: Model, *, threads: int, at_once: bool) -> LocalEmbedder:
    if at_once:
        model.load()
    return LocalEmbedder(model, threads=threads)

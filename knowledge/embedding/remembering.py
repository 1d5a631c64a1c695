"""An embedder that works out once what is asked again: questions, and the sentences that may answer them.

A question is searched for more than once, compared with what was found, and asked by the next person; what answers it
comes from the same few pages. The embedded models take most of the processor's time of an answer.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedded import A_QUESTION
from knowledge.embedding.embedder import Embedder

MOST_VECTORS = 4_000
"""12 MB of the default embedder's."""


class RememberingEmbedder:
    """The vectors that the embedder gave first. The texts themselves are not kept, and long jobs leave nothing."""

    def __init__(self, embedder: Embedder, *, most: int = MOST_VECTORS) -> None:
        self._embedder = embedder
        self._most = most
        self._known: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self.model = embedder.model
        self.unrelated = embedder.unrelated
        self.max_tokens = embedder.max_tokens
        self.count_tokens = embedder.count_tokens
        self.is_word = embedder.is_word

    @property
    def dimension(self) -> int:
        return self._embedder.dimension

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors in the order of the texts."""
        if not texts or sum(map(len, texts)) > A_QUESTION:
            return await self._embedder.embed(texts)
        by_digest = {_digest(text): text for text in texts}
        found = {digest: self._known[digest] for digest in by_digest if digest in self._known}
        if missing := [digest for digest in by_digest if digest not in found]:
            vectors = await self._embedder.embed([by_digest[digest] for digest in missing])
            found |= {digest: vector.copy() for digest, vector in zip(missing, vectors, strict=True)}
        self._remember(found)
        return np.stack([found[_digest(text)] for text in texts])

    async def aclose(self) -> None:
        await self._embedder.aclose()

    def _remember(self, vectors: dict[bytes, NDArray[np.float32]]) -> None:
        for digest, vector in vectors.items():
            self._known[digest] = vector
            self._known.move_to_end(digest)
        while len(self._known) > self._most:
            self._known.popitem(last=False)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

"""Several models as one: what one of them overlooks, another finds."""

import asyncio
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.embedding.embedder import Embedder


class EnsembleEmbedder:
    """The members' vectors side by side: the likeness of two texts is the mean of what the members say.

    Each member's vectors are as long as the root of its share, so that the cosines add up. A member whose cosines all
    lie close together has a larger one. Texts are measured by the member with the narrowest window, and words judged by
    it.
    """

    def __init__(self, members: Sequence[Embedder]) -> None:
        narrowest = min(members, key=lambda member: member.max_tokens)
        self.model = "+".join(member.model for member in members)
        self.dimension = sum(member.dimension for member in members)
        self.max_tokens = narrowest.max_tokens
        self.count_tokens = narrowest.count_tokens
        self.is_word = narrowest.is_word
        unrelated = np.array([member.unrelated for member in members])
        shares = 1 / (1 - unrelated)
        shares /= shares.sum()
        self.unrelated = float(shares @ unrelated)
        self._lengths = np.sqrt(shares)
        self._members = members

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors in the order of the texts."""
        found = await asyncio.gather(*(member.embed(texts) for member in self._members))
        return np.hstack(
            [length * vectors for length, vectors in zip(self._lengths, found, strict=True)], dtype=np.float32
        )

    async def aclose(self) -> None:
        for member in self._members:
            await member.aclose()

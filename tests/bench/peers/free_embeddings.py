"""Embeddings that cost nothing, for LangChain's vector stores: pseudo-random unit vectors by a text's checksum."""

import random
import zlib

from langchain_core.embeddings import Embeddings

DIMENSION = 768


class FreeEmbeddings(Embeddings):
    def __init__(self) -> None:
        self.embedded = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.embedded += len(texts)
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        rng = random.Random(zlib.crc32(text.encode()))
        vector = [rng.uniform(-1, 1) for _ in range(DIMENSION)]
        length = sum(value * value for value in vector) ** 0.5
        return [value / length for value in vector]

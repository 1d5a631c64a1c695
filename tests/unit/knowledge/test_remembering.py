import numpy as np
import pytest

from knowledge.embedding.embedded import A_QUESTION
from knowledge.embedding.remembering import RememberingEmbedder
from knowledge.errors import EmbedderUnavailable
from tests.fakes.embedder import HashedEmbedder


async def test_a_text_is_embedded_once_whatever_it_is_asked_beside() -> None:
    embedder = HashedEmbedder()
    remembering = RememberingEmbedder(embedder)
    await remembering.embed(["reset my password"])
    vectors = await remembering.embed(["join a meeting", "reset my password", "join a meeting"])
    assert embedder.embedded == ["reset my password", "join a meeting"]
    np.testing.assert_array_equal(
        vectors, await HashedEmbedder().embed(["join a meeting", "reset my password", "join a meeting"])
    )


async def test_a_long_job_is_not_remembered() -> None:
    embedder = HashedEmbedder()
    remembering = RememberingEmbedder(embedder)
    for _ in range(2):
        await remembering.embed(["word " * A_QUESTION])
    assert len(embedder.embedded) == 2


async def test_what_was_not_asked_for_longest_is_forgotten_first() -> None:
    embedder = HashedEmbedder()
    remembering = RememberingEmbedder(embedder, most=2)
    for text in ("one", "two", "one", "three", "one", "two"):
        await remembering.embed([text])
    assert embedder.embedded == ["one", "two", "three", "two"]


async def test_nothing_is_remembered_of_an_embedder_that_was_away() -> None:
    embedder = HashedEmbedder()
    remembering = RememberingEmbedder(embedder)
    embedder.is_down = True
    with pytest.raises(EmbedderUnavailable):
        await remembering.embed(["reset my password"])
    embedder.is_down = False
    assert (await remembering.embed(["reset my password"])).shape == (1, embedder.dimension)


async def test_who_changes_a_vector_changes_no_later_one() -> None:
    remembering = RememberingEmbedder(HashedEmbedder())
    first = await remembering.embed(["reset my password"])
    first[:] = 0
    assert (await remembering.embed(["reset my password"])).any()


async def test_signs_that_no_file_can_hold_are_texts_too() -> None:
    assert (await RememberingEmbedder(HashedEmbedder()).embed(["\ud800"])).shape == (1, 64)

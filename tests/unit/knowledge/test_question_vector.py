"""Questions of any length: what is asked at the end of a long message counts as well."""

import numpy as np
import pytest

from knowledge.embedding import open_embedder
from knowledge.question_vector import get_question_vector, parts_within

WEATHER = "It was raining all weekend, so we stayed in, cooked a soup and watched two films about whales. " * 30
ASKED = "How do I get a new token for the VPN after my phone was lost?"


@pytest.fixture(scope="module")
def embedder():
    return open_embedder("embedded")


async def test_what_a_long_message_asks_at_its_end_counts(embedder):
    (document,) = await embedder.embed(["A new VPN token is issued by IT when a phone was lost."])

    by_beginning = (await embedder.embed([WEATHER + ASKED]))[0] @ document
    whole = await get_question_vector(WEATHER + ASKED, embedder) @ document

    assert whole > by_beginning + 0.02


async def test_the_vector_of_a_long_message_is_as_long_as_any(embedder):
    assert np.linalg.norm(await get_question_vector(WEATHER, embedder)) == pytest.approx(1, abs=1e-5)


async def test_a_short_question_is_embedded_as_it_is(embedder):
    assert np.array_equal(await get_question_vector(ASKED, embedder), (await embedder.embed([ASKED]))[0])


@pytest.mark.parametrize("text", [WEATHER, "word " * 5_000, "x" * 9_000, "\N{SNOWMAN}" * 700, ""])
def test_parts_hold_all_of_the_text_in_pieces_that_fit_or_nearly(embedder, text):
    parts = parts_within(text, embedder)

    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(embedder.count_tokens(part) <= 1.3 * embedder.max_tokens for part in parts)

import hashlib
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunks import Chunk
from knowledge.store.edits import plan_edits

texts = st.lists(st.sampled_from("abcdef"), max_size=8)


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def chunks_of(wanted):
    return [
        Chunk(position=n, heading_path=(), text=text, page=None, tokens=1, embedded_text=text, digest=digest(text))
        for n, text in enumerate(wanted)
    ]


@given(texts, texts)
def test_as_many_chunks_as_possible_stay_and_none_is_used_twice(stored, wanted):
    edits = plan_edits([(n, digest(text)) for n, text in enumerate(stored)], chunks_of(wanted))

    kept = [chunk_id for chunk_id, _ in edits.kept]
    assert sorted(kept + edits.gone) == list(range(len(stored)))
    assert sorted([chunk.position for _, chunk in edits.kept] + [chunk.position for chunk in edits.added]) == list(
        range(len(wanted))
    )
    assert all(stored[chunk_id] == chunk.text for chunk_id, chunk in edits.kept)
    assert len(kept) == (Counter(stored) & Counter(wanted)).total()


@given(texts)
def test_nothing_changes_where_nothing_changed(stored):
    edits = plan_edits([(n, digest(text)) for n, text in enumerate(stored)], chunks_of(stored))

    assert (edits.added, edits.gone) == ([], [])

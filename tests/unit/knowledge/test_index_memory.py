"""How much Postgres may use for building an index."""

import pytest

from knowledge.store.spaces import INDEX_MEMORY_MIB, index_memory_mib


@pytest.mark.parametrize(("chunks", "mib"), [(0, 64), (100_000, 171), (1_000_000, 1_716), (100_000_000, 3_072)])
def test_memory_grows_with_the_chunks_between_its_bounds(chunks: int, mib: int) -> None:
    assert index_memory_mib(chunks, dimension=384) == mib
    assert INDEX_MEMORY_MIB[0] <= mib <= INDEX_MEMORY_MIB[1]


def test_longer_vectors_need_more() -> None:
    assert index_memory_mib(100_000, dimension=1_536) == 391

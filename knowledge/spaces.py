"""Which embedding space answers, and building another beside it."""

from collections.abc import Callable

from knowledge.embedding import SETTINGS, Embedder
from knowledge.errors import EmbedderUnavailable, SpaceMismatch
from knowledge.store import Space, Store

EMBED_TEXTS = 32
"""Embedded between two saves: what a kill can cost."""


def check_space(space: Space, *, model: str, dimension: int | None) -> None:
    """Raise `SpaceMismatch` unless vectors of this model and dimension, where it is known, fit the space's."""
    if (space.model, space.dimension) != (model, dimension or space.dimension):
        raise SpaceMismatch(
            recorded_model=space.model,
            recorded_dimension=space.dimension,
            configured_model=model,
            configured_dimension=dimension,
            recorded_setting=SETTINGS.get(space.model),
        )


async def learn_dimension(embedder: Embedder) -> int:
    """The embedder's dimension. An endpoint whose model nobody knows tells it with its first vector."""
    try:
        return embedder.dimension
    except EmbedderUnavailable:
        return (await embedder.embed(["How long is a vector?"])).shape[1]


async def reembed(store: Store, embedder: Embedder, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Let this embedder's space answer from now on, and return how many chunks were embedded for it.

    The new vectors grow beside the old ones, which answer until the switch; killed, it goes on where it was. Nothing is
    read from a source. `progress` is called with the chunks embedded and those still missing. Raises `SyncInProgress`
    while another process does the same.
    """
    async with store.space_builder() as builder:
        dimension = await learn_dimension(embedder)
        if await builder.is_settled(model=embedder.model, dimension=dimension):
            return 0
        space = await builder.open(model=embedder.model, dimension=dimension)
        embedded = 0
        while not await builder.activate(space):
            last_id = 0
            while missing := await builder.list_missing(space, after_id=last_id, limit=EMBED_TEXTS):
                vectors = await embedder.embed([chunk.embedded_text for chunk in missing])
                await builder.add(space, dict(zip([chunk.id for chunk in missing], vectors, strict=True)))
                last_id = missing[-1].id
                embedded += len(missing)
                if progress:
                    progress(embedded, await builder.count_missing(space))
    return embedded

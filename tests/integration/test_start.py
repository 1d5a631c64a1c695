"""What a start looks at before anybody is answered, and what it opens."""

from dataclasses import replace
from pathlib import Path

import pytest

from helpdesk_bot.app.app import open_app
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.settings import Settings
from knowledge.errors import SpaceMismatch
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.embedding_server import API_KEY, MODEL, running_embedding_server
from tests.scenarios.conftest import KNOWLEDGE


async def test_vectors_of_another_length_are_refused_at_the_start(database_url: str, tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        database_url=database_url,
        helpdesk_data_dir=tmp_path,
        starter_knowledge=False,
        folders={"handbook": KNOWLEDGE},
        embedder="embedded:minilm",
    )
    async with open_knowledge(settings, database_url) as knowledge:
        await replace(knowledge, embedder=HashedEmbedder()).sync("handbook")
        with pytest.raises(SpaceMismatch, match=r"32 dimensions.*sync --reembed"):
            async with open_app(replace(knowledge, embedder=HashedEmbedder(dimension=32))):
                pass


async def test_what_is_asked_again_is_not_embedded_again(database_url: str) -> None:
    async with running_embedding_server() as server:
        settings = Settings(
            _env_file=None,
            database_url=database_url,
            starter_knowledge=False,
            embedder=f"openai:{MODEL}",
            embedder_api_key=API_KEY,
            embedder_base_url=server.base_url,
        )
        async with open_knowledge(settings, database_url) as knowledge:
            for _ in range(3):
                await knowledge.embedder.embed(["how do I reset my password?"])
        assert len(server.requests) == 1

"""A worker that is killed (SIGKILL) when the answer to one question, or its change, has got so far.

Run by test_killed_workers and test_killed_changes:

python -m tests.scenarios.mortal_worker QUESTION_KEY REACHED      (settings in the environment)
"""

import asyncio
import os
import signal
import sys

from helpdesk_bot.app.app import open_app
from helpdesk_bot.app.knowledge import open_knowledge
from helpdesk_bot.delivery import Milestone
from helpdesk_bot.events import Step
from helpdesk_bot.settings import Settings
from tests.fakes.proposing import ProposingAgent


async def work(settings: Settings, question_key: str, reached: str) -> None:
    def die(key: str, at: Milestone | Step) -> None:
        if key == question_key and at == reached:
            os.kill(os.getpid(), signal.SIGKILL)

    async with (
        open_knowledge(settings, settings.database_url) as knowledge,
        open_app(knowledge, observe=die, agent_type=ProposingAgent) as app,
    ):
        await app.worker().run()


if __name__ == "__main__":
    _, question_key, reached = sys.argv
    asyncio.run(work(Settings(_env_file=None), question_key, reached))

"""A worker in a process of its own, to be killed: `python -m tests.fakes.worker_child URL`.

It says when it has an answer to give, and never gives it.
"""

import asyncio
import sys

from helpdesk_bot.jobs import Jobs
from helpdesk_bot.worker import Handlers, Worker
from knowledge.postgres import open_pool


async def answer(question_key: str) -> None:
    print(question_key, flush=True)
    await asyncio.Event().wait()


async def leave(*_: object) -> None:
    """Only answers are asked for."""


async def work(url: str) -> None:
    async with open_pool(url, max_size=4) as pool:
        jobs = Jobs(pool)
        await jobs.open()
        handlers = Handlers(answer=answer, give_up=leave, sync=leave, refresh_rights=leave, keep_house=leave)
        await Worker(jobs, handlers).run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1]))

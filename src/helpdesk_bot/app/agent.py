"""The agent with its model, or without one."""

import json
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

from langgraph.checkpoint.memory import InMemorySaver

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.history import open_history
from helpdesk_bot.agent.parts import AgentOptions, Parts
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.app.calibration import calibration_of
from helpdesk_bot.app.guarding import GuardInWaiting
from helpdesk_bot.app.knowledge import Knowledge
from helpdesk_bot.app.models import Models, models_of
from helpdesk_bot.app.status import status_of
from helpdesk_bot.app.tools import tools_of
from helpdesk_bot.cache import AnswerCache
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.language import code_of
from helpdesk_bot.prompts.registry import Registry
from helpdesk_bot.records.cached import CachedAnswers
from helpdesk_bot.records.prompts import PromptRecords
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.status_pages import StatusPages
from helpdesk_bot.tools.toolbox import Toolbox
from knowledge.embedding import likeness_to
from knowledge.postgres import Pool


@asynccontextmanager
async def open_agent(settings: Settings, knowledge: Knowledge, *, in_memory: bool = False) -> AsyncGenerator[Agent]:
    """The agent with its conversations in Postgres, or, for a measurement, in memory only. Raises `SpaceMismatch`."""
    await knowledge.check_space()
    guard = GuardInWaiting(settings).guard
    if in_memory:
        yield Agent(parts_of(settings, knowledge, guard=guard), history=InMemorySaver())
        return
    async with AsyncExitStack() as stack:
        history = await stack.enter_async_context(open_history(knowledge.url))
        prompts = Registry(PromptRecords(knowledge.pool), url=knowledge.url)
        if settings.model:
            await prompts.look()
        parts = parts_of(
            settings,
            knowledge,
            guard=guard,
            prompts=prompts,
            status=await status_of(settings, stack=stack),
            tools=await tools_of(settings, stack=stack),
        )
        yield Agent(parts, history=history)


@asynccontextmanager
async def open_measured_agent(settings: Settings, knowledge: Knowledge, *, answer_at: float) -> AsyncGenerator[Agent]:
    """An agent that answers from this much evidence on, with its conversations in memory: for measurements.
    Raises `SpaceMismatch`.
    """
    await knowledge.check_space()
    parts = parts_of(settings, knowledge, guard=GuardInWaiting(settings).guard)
    calibration = replace(parts.options.calibration, answer_at=answer_at)
    yield Agent(replace(parts, options=replace(parts.options, calibration=calibration)), history=InMemorySaver())


async def open_parts(
    knowledge: Knowledge, *, guard: Guard, tools: Toolbox, models: Models, stack: AsyncExitStack
) -> Parts:
    """All that the running agent works with, its prompts followed as they change."""
    settings = knowledge.settings
    prompts = Registry(PromptRecords(knowledge.pool), url=knowledge.url)
    if settings.model:
        await stack.enter_async_context(prompts.following())
    return parts_of(
        settings,
        knowledge,
        guard=guard,
        prompts=prompts,
        cache=cache_of(settings, knowledge.pool),
        status=await status_of(settings, stack=stack),
        tools=tools,
        models=models,
    )


def parts_of(
    settings: Settings,
    knowledge: Knowledge,
    *,
    guard: Guard,
    prompts: Registry | None = None,
    cache: AnswerCache | None = None,
    status: StatusPages | None = None,
    tools: Toolbox | None = None,
    models: Models | None = None,
) -> Parts:
    """What the agent works with: models where set, and quoting always. Without `prompts`: the packaged ones."""
    options = AgentOptions(
        next_step="",
        compose_timeout_s=settings.model_timeout_s,
        calibration=calibration_of(settings),
        model_asked_at=settings.model_asked_at,
        splits_questions=settings.split_questions,
    )
    parts = Parts(
        search=knowledge.search,
        composers=(Extractive(likeness_to=partial(likeness_to, knowledge.embedder)),),
        guard=guard,
        options=options,
        status=status or StatusPages(),
        tools=tools or Toolbox(),
    )
    models = models or models_of(settings, knowledge.pool)
    return _with_models(parts, models, prompts=prompts, cache=cache, documents=code_of(settings.search_language))


def _with_models(
    parts: Parts, models: Models, *, prompts: Registry | None, cache: AnswerCache | None, documents: str | None
) -> Parts:
    """The same, with models where there are any; quoting is what they fall back on."""
    if not models.answer:
        return parts

    from helpdesk_bot.agent.question.rewrite import Rewriter
    from helpdesk_bot.agent.question.translator import Translator
    from helpdesk_bot.agent.tooling.tool_model import ToolModel
    from helpdesk_bot.agent.wording.generate import Generative
    from helpdesk_bot.prompts.catalog import load_prompt

    prompt_of, rewrite = prompts.prompt if prompts else load_prompt, models.rewrite
    return replace(
        parts,
        composers=(Generative(models.answer, prompt=prompt_of("answer")), *parts.composers),
        rewriter=Rewriter(rewrite, prompt=prompt_of("standalone")) if rewrite else None,
        translator=Translator(rewrite, prompt=prompt_of("translation"), documents=documents) if rewrite else None,
        cache=cache,
        tool_model=ToolModel(models.answer, prompt=prompt_of("tools")) if parts.tools else None,
    )


def cache_of(settings: Settings, pool: Pool) -> AnswerCache | None:
    """None where it is switched off. An answer depends on every setting of the models and of the guard."""
    if not settings.cache_answers:
        return None
    decides = {name: str(value) for name, value in settings if name.startswith(("model", "guard"))}
    return AnswerCache(
        CachedAnswers(pool),
        settings=json.dumps(decides, sort_keys=True),
        kept_for=timedelta(days=settings.cache_days),
        max_answers=settings.cache_max_answers,
    )

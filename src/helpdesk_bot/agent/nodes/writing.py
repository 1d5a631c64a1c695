"""The nodes that write an answer, check it and make it the decision."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from helpdesk_bot.agent import phrases
from helpdesk_bot.agent.asked import Asked
from helpdesk_bot.agent.compose import Composer, Draft, HasManner, HasVersions, Manner, Objection
from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.agent.evidence import whole_text
from helpdesk_bot.agent.node import Update, with_note
from helpdesk_bot.agent.nodes.endings import decision_of
from helpdesk_bot.agent.nodes.looking import Looking
from helpdesk_bot.agent.parts import Parts
from helpdesk_bot.agent.question.asking import split_form
from helpdesk_bot.agent.question.several import Sought, each_once
from helpdesk_bot.agent.question.translator import wanted_language
from helpdesk_bot.agent.state import State
from helpdesk_bot.agent.wording.aloud import Aloud
from helpdesk_bot.cache import Wanted, Written
from helpdesk_bot.events import Citation, Outcome
from helpdesk_bot.guard.grounding import unsupported
from helpdesk_bot.guard.language import find_language
from helpdesk_bot.guard.outgoing import cited_numbers, renumber
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for, is_blocked
from knowledge.passages import Passage


class Writing:
    def __init__(self, parts: Parts, *, looking: Looking) -> None:
        self._composers = parts.composers
        self._guard = parts.guard
        self._cache = parts.cache
        self._options = parts.options
        self._looking = looking
        self._translator = parts.translator

    async def recall(self, state: State, asked: Asked) -> Update:
        """An answer that was written before to the same question from the same passages: a draft as any other."""
        wanted = self._wanted(state, asked)
        recalled = await self._cache.find(wanted) if self._cache and wanted else None
        if recalled is None:
            return {"draft": None}
        draft = Draft(
            text=recalled.text,
            composer=recalled.composer,
            model=recalled.model,
            prompt_version=recalled.prompt_version,
            cached_id=recalled.id,
        )
        note = with_note(state, f"from the cache, in {'the same' if recalled.is_exact else 'other'} words")
        return {"draft": draft, "is_last_attempt": False} | note

    async def compose(self, state: State, asked: Asked) -> Update:
        """A draft of the next composer, or a note why it has none."""
        attempt = state["attempt"]
        composer, quotes = self._composers[attempt], self._composers[-1]
        may_quote = state["is_enough"] or bool(state["told"])
        is_last = attempt + (1 if may_quote else 2) == len(self._composers)
        tried = {"attempt": attempt + 1, "is_last_attempt": is_last, "draft": None}
        time_s = asked.left_s
        if composer is not quotes:
            time_s = min(self._options.compose_timeout_s, time_s - self._options.reserve_s)
        if time_s <= 0:
            return tried | with_note(state, f"{composer.name}: no time left") | {"objection": None}
        aloud = self._aloud(state, asked) if isinstance(composer, HasManner) else None
        try:
            draft = await self._draft_by(composer, state, asked, time_s, aloud)
        except CannotCompose as error:
            note = with_note(state, f"{composer.name}: {error.reason}")
            over = state["is_over_budget"] or error.is_over_budget
            spent = state["spent"].with_tokens(error)
            return tried | note | {"spent": spent, "is_over_budget": over, "objection": None}
        begun = aloud.begun if aloud else None
        note = {} if draft.text else with_note(state, f"{composer.name}: no answer in these passages")
        return tried | note | {"draft": draft, "spent": state["spent"].with_tokens(draft), "begun": begun}

    async def check(self, state: State, asked: Asked) -> Update:  # noqa: ARG002
        """The draft made safe to say; None where something in it stands on no passage."""
        draft, passages = _draft(state), state["passages"]
        text, met = await asyncio.to_thread(self._checked, draft.text, passages)
        update: Update = {"verdicts": (*state["verdicts"], *met)}
        if is_blocked(met) or not cited_numbers(text):
            blocking = [verdict.rule for verdict in met if verdict.action is Action.BLOCK]
            why = ", ".join(blocking) or "nothing cited"
            update |= {"draft": None} | with_note(state, f"{draft.composer}: not used ({why})")
            return update | await self._objection(state, replace(draft, text=text))
        return update | {"draft": replace(draft, text=text)}

    async def translate(self, state: State, asked: Asked) -> Update:
        """What a model wrote and its passages bear out, for who asked. Where it may say something else, it stays."""
        draft = _draft(state)
        written_in = _language_of(draft.text, state["passages"])
        into = wanted_language(state["question"], written_in=written_in, allowed=asked.languages)
        if self._translator is None or into is None or draft.composer == self._composers[-1].name:
            return {}
        translated = await self._translator.translate_answer(
            draft.text,
            into=into,
            question=state["question"],
            timeout_s=min(self._options.compose_timeout_s, asked.left_s / 2),
            conversation_id=asked.conversation_id,
            payer=asked.payer,
        )
        spent = {"spent": state["spent"].with_tokens(translated)}
        if translated.text is None or await self._is_changed(translated.text, state):
            return spent | with_note(state, "not translated")
        return spent | {"translation": translated.text} | with_note(state, "translated")

    async def answer(self, state: State, asked: Asked) -> Update:
        draft = _draft(state)
        await self._keep(draft, state, asked)
        numbers = cited_numbers(draft.text)
        written = state["translation"] or draft.text
        text = renumber(written, {number: place for place, number in enumerate(numbers, start=1)})
        citations = [
            Citation(number=place, passage=state["passages"][number - 1])
            for place, number in enumerate(numbers, start=1)
        ]
        noted = await asyncio.to_thread(self._looking.notes, state, citations)
        left = phrases.nothing_on([number for number, one in enumerate(state["several"]) if not one.is_enough])
        about_language = phrases.about_language(
            state["question"],
            written_in=_language_of(draft.text, [one.passage for one in citations]),
            is_translated=state["translation"] is not None,
        )
        said = (text, left, about_language, noted.text)
        decision = decision_of(state, Outcome.ANSWERED, "\n\n".join(filter(None, said)))
        answered = replace(
            decision,
            citations=(*citations, *noted.citations),
            composer=draft.composer,
            model=draft.model,
            prompt_version=draft.prompt_version,
            cached_id=draft.cached_id,
        )
        return {"decision": answered}

    async def _objection(self, state: State, draft: Draft) -> Update:
        """The same composer's turn again, once, with what was wrong named; where it can't listen, the next one's.

        What its reader has seen of it was checked, and stays: the second try goes on from there.
        """
        attempt = state["attempt"] - 1
        has_its_turn = attempt >= 0 and state["objection"] is None and not draft.is_stopped
        if not has_its_turn or not isinstance(self._composers[attempt], HasManner):
            return {"objection": None}
        passages = state["passages"]
        cited = {number: whole_text(passages[number - 1]) for number in cited_numbers(draft.text)}
        wrong = await asyncio.to_thread(unsupported, draft.text, cited) if cited else []
        return {
            "objection": Objection(draft=draft.text, unsupported=tuple(wrong), begun=state["begun"]),
            "attempt": attempt,
            "is_last_attempt": False,
        }

    def _checked(self, text: str, passages: Sequence[Passage]) -> tuple[str, list[Verdict]]:
        """In a thread: the answer made safe to say, and what is wrong with it."""
        text, redacted = self._guard.clean_answer(text, citations=len(passages))
        cited = {number: whole_text(passages[number - 1]) for number in cited_numbers(text)}
        return text, [*redacted, *self._guard.check_grounding(text, cited)]

    async def _is_changed(self, text: str, state: State) -> bool:
        """Whether a translation holds anything that is not safe to say."""
        cleaned, _ = await asyncio.to_thread(self._guard.clean_answer, text, citations=len(state["passages"]))
        return cleaned != text

    def _aloud(self, state: State, asked: Asked) -> Aloud | None:
        """Says what is written while it is, from where a first try was left; None where nobody may watch, or what is
        written will be translated.
        """
        is_held = _is_held(state["verdicts"]) or self._guard.policy.may_hold_answers
        will_change = self._translator and wanted_language(
            state["question"], written_in=_language_of("", state["passages"]), allowed=asked.languages
        )
        if asked.say is None or is_held or will_change:
            return None
        begun = state["objection"].begun if state["objection"] else None
        return Aloud(guard=self._guard, passages=state["passages"], say=asked.say, begun=begun)

    async def _draft_by(
        self, composer: Composer, state: State, asked: Asked, time_s: float, aloud: Aloud | None
    ) -> Draft:
        """The question goes with how it wants to be answered: that tells a composer what to look for."""
        form = split_form(state["question"])[1]
        passages = state["passages"]
        if not isinstance(composer, HasManner):
            if state["several"]:
                return await compose_each(composer, state["several"], passages, timeout_s=time_s)
            question = " ".join(filter(None, (state["reading"], form)))
            return await composer.compose(question, passages, timeout_s=time_s)
        question = " ".join(filter(None, (state["standalone"], form)))
        manner = Manner(
            tone=asked.tone,
            conversation_id=asked.conversation_id,
            on_text=aloud.hear if aloud else None,
            payer=asked.payer,
            objection=state["objection"],
        )
        return await composer.compose_in(question, passages, timeout_s=time_s, manner=manner)

    def _wanted(self, state: State, asked: Asked) -> Wanted | None:
        """What the cache is asked for; None where nothing is looked for and nothing kept."""
        composer = self._composers[0]
        if not isinstance(composer, HasVersions) or asked.attached or state["is_cut"] or _is_held(state["verdicts"]):
            return None
        if state["told"]:  # what a tool said holds for the moment
            return None
        return Wanted(
            question=state["standalone"],
            passages=state["passages"],
            prompt_version=composer.version_for(asked.conversation_id),
            tone=asked.tone,
            sources=asked.sources,
        )

    async def _keep(self, draft: Draft, state: State, asked: Asked) -> None:
        wanted = self._wanted(state, asked)
        if self._cache is None or wanted is None or draft.cached_id is not None:
            return
        if draft.composer != self._composers[0].name or draft.prompt_version != wanted.prompt_version:
            return
        written = Written(
            question_key=asked.question_key,
            text=draft.text,
            composer=draft.composer,
            model=draft.model,
            prompt_version=draft.prompt_version,
        )
        await self._cache.keep(wanted, written)


async def compose_each(
    composer: Composer, several: Sequence[Sought], passages: Sequence[Passage], *, timeout_s: float
) -> Draft:
    """An answer to each question that has one, one below the other, their markers those of `passages`."""
    numbers = {passage.chunk_id: number for number, passage in enumerate(passages, start=1)}
    drafts: list[Draft] = []
    answered = [one for one in several if one.is_enough]
    for one in answered:
        own = [passage for passage in one.passages if passage.chunk_id in numbers]
        draft = await composer.compose(one.question, own, timeout_s=timeout_s / len(answered))
        places = {place: numbers[passage.chunk_id] for place, passage in enumerate(own, start=1)}
        drafts.append(replace(draft, text=renumber(draft.text, places)))
    return replace(drafts[0], text=each_once([draft.text for draft in drafts]))


def _language_of(text: str, passages: Sequence[Passage]) -> str | None:
    """Of an answer from these passages: a short one may not tell."""
    return find_language(text) or find_language(" ".join(passage.text for passage in passages))


def _is_held(verdicts: Sequence[Verdict]) -> bool:
    """Whether a person comes in before the answer is out."""
    return calls_for(Action.DRAFT, verdicts) or calls_for(Action.ESCALATE, verdicts)


def _draft(state: State) -> Draft:
    draft = state["draft"]
    assert draft is not None, "the graph comes here only with a draft"  # noqa: S101
    return draft

"""Why the bot said what it said, or nothing: for admins, without texts that they may not read."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Outcome, Place, PlaceKind, Platform
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.people import People
from helpdesk_bot.ports import Chat
from helpdesk_bot.records import Records, StoredProposal
from helpdesk_bot.records.calls import Call, ModelCalls
from helpdesk_bot.records.cases import CaseRecords
from helpdesk_bot.records.hearing import Hearing
from helpdesk_bot.records.traces import Trace, Traces
from knowledge.audience import Audience
from knowledge.passages import Passage
from knowledge.search import Search

_REFERENCE = re.compile(r"[A-Z2-7]{8}")
_SLACK_PATH = re.compile(r"/archives/([CDG][A-Z0-9]{1,30})/p(\d{10})(\d{6})/?")
_TEAMS_PATH = re.compile(r"/l/message/([^/]+)/(\d+)/?")
_SCORES = ("dense", "dense_rank", "bm25", "bm25_rank", "fused", "rerank")
UNKNOWN = (
    "I know of no such message. I take a link to a message, a reference of eight letters and digits, or a question's "
    "key as the log has it."
)


@dataclass(frozen=True, kw_only=True)
class Named:
    """A message as a link names it."""

    platform: Platform
    channel: str
    message_id: str


@dataclass(frozen=True, kw_only=True)
class Why:
    records: Records
    traces: Traces
    calls: ModelCalls
    cases: CaseRecords
    people: People
    search: Search
    chats: Mapping[Platform, Chat]

    def can_name(self, word: str) -> bool:
        """Whether a word is a link to a message, or a reference as it is shown: `why printers` is neither."""
        return read_link(word) is not None or (word.isupper() and reference_digest(word) is not None)

    async def explain(self, word: str, *, platform: Platform, person_id: str) -> str:
        """Everything that is known of it, as Markdown, as far as this person may read it."""
        link = read_link(word)
        hearing = await self.records.find_hearing_of(link.platform, link.channel, link.message_id) if link else None
        key = await self._find_key(word, link, hearing)
        if hearing is None and key:
            hearing = await self.records.find_hearing(key)
        trace = await self.traces.find_trace(key) if key else None
        if trace is None and hearing is None:
            return UNKNOWN
        parts = [_heard(hearing)] if hearing else []
        if trace is not None:
            parts += await self._explain_trace(trace, platform=platform, person_id=person_id)
        return "\n".join(parts)

    async def _find_key(self, word: str, link: Named | None, hearing: Hearing | None) -> str | None:
        if hearing is not None:
            return hearing.key
        if link is not None:
            return await self.traces.find_by_message(link.platform, link.channel, link.message_id)
        digest = reference_digest(word)
        return await self.traces.find_by_reference(digest) if digest else word

    async def _explain_trace(self, trace: Trace, *, platform: Platform, person_id: str) -> list[str]:
        may_read = await self.may_read(trace.place, trace.person_id, platform=platform, person_id=person_id)
        lines = [f"- **Outcome:** {trace.ended_with or 'still open'}"]
        if trace.outcome is not None:
            lines += await self._decision_lines(trace, may_read, platform=platform, person_id=person_id)
        up, down = await self.traces.count_votes(trace.key)
        lines.append(f"- **Votes:** {up} 👍, {down} 👎")
        lines += [_change_line(one, with_arguments=may_read) for one in await self.records.list_proposals(trace.key)]
        if events := await self.cases.list_events(trace.key):
            steps = ", ".join(f"{event.move} ({event.at:%Y-%m-%d %H:%M})" for event in events)
            lines.append(f"- **Case:** {steps}, UTC")
        return lines

    async def _decision_lines(self, trace: Trace, may_read: bool, *, platform: Platform, person_id: str) -> list[str]:
        understood = trace.standalone if may_read else "(not shown: you can't read the place where it was asked)"
        tried = trace.tried or []
        shown = await self._readable(tried, platform=platform, person_id=person_id)
        hidden = len(tried) - len(shown)
        took = ", ".join(f"{step} {took_ms}" for step, took_ms in (trace.took_ms or {}).items())
        return [
            f"- **Understood as:** {understood or '(nothing)'}",
            f"- **Decided:** {trace.outcome}{_sureness(trace)}; {trace.reason}",
            f"- **Passages:** {len(tried)} looked at" + (f", {hidden} of them not yours to read" if hidden else ""),
            *(f"    {_passage_line(passage, scores)}" for passage, scores in shown),
            f"- **Kept away by access:** {'not counted' if trace.hidden is None else trace.hidden}",
            f"- **Composed by:** {trace.composer or 'nobody'}"
            + (f", {trace.model}, prompt {trace.prompt_version}" if trace.model else ""),
            f"- **Tokens:** {trace.input_tokens} in, {trace.output_tokens} out",
            *[_call_line(call) for call in await self.calls.list_calls(trace.key)],
            f"- **Took (ms):** {took or 'not measured'}",
        ]

    async def _readable(
        self, tried: list[JsonObject], *, platform: Platform, person_id: str
    ) -> list[tuple[Passage, JsonObject]]:
        """The passages that this person may read now, each with the scores that it had then."""
        place = Place(platform=platform, tenant="", channel="", thread=None, kind=PlaceKind.DIRECT)
        audience = await self.people.audience_of(place, person_id)
        found = [(await self._find_passage(scores, audience), scores) for scores in tried]
        return [(passage, scores) for passage, scores in found if passage is not None]

    async def _find_passage(self, scores: JsonObject, audience: Audience) -> Passage | None:
        chunk_id = scores.get("chunk_id")
        return await self.search.get_passage(chunk_id, audience) if isinstance(chunk_id, int) else None

    async def may_read(self, place: Place, asked_by: str, *, platform: Platform, person_id: str) -> bool:
        """Whether this person asked it themselves, or reads the channel where it was asked.

        Whoever runs the machine reads what was asked in channels, as with `helpdesk-bot review`.
        """
        if platform is Platform.COMMAND_LINE:
            return place.kind is not PlaceKind.DIRECT
        if place.platform != platform:
            return False
        if asked_by == person_id:
            return True
        if place.kind is PlaceKind.DIRECT:
            return False
        try:
            readers = await self.chats[platform].list_readers(place)
        except ChatError:
            return False
        return any(reader.id == person_id for reader in readers or ())


def read_link(word: str) -> Named | None:
    """A link to a message of Slack or Teams, with or without angle brackets around it."""
    try:
        url = urlsplit(word.strip("<>").partition("|")[0])
    except ValueError:
        return None
    if url.scheme != "https" or not url.hostname:
        return None
    if url.hostname.endswith(".slack.com") and (match := _SLACK_PATH.fullmatch(url.path)):
        return Named(platform=Platform.SLACK, channel=match[1], message_id=f"{match[2]}.{match[3]}")
    if url.hostname.startswith("teams.") and (match := _TEAMS_PATH.fullmatch(url.path)):
        return Named(platform=Platform.TEAMS, channel=unquote(match[1]), message_id=match[2])
    return None


def reference_digest(word: str) -> bytes | None:
    """The five bytes that a reference stands for."""
    if not _REFERENCE.fullmatch(word.upper()):
        return None
    try:
        return base64.b32decode(word.upper())
    except binascii.Error:
        return None


def _sureness(trace: Trace) -> str:
    """Nothing of an answer that no passage bears: a status page, a tool or a greeting."""
    bears = trace.composer or trace.outcome != Outcome.ANSWERED
    return f", confidence {trace.confidence:.2f}" if bears and trace.confidence is not None else ""


def _heard(hearing: Hearing) -> str:
    spoke = "I spoke" if hearing.speaks else "I kept silent"
    reason = f": {hearing.reason}" if hearing.reason else ""
    return f"- **{spoke}** by the rule `{hearing.rule}`{reason}"


def _change_line(proposal: StoredProposal, *, with_arguments: bool) -> str:
    values = "".join(f"\n    - {name}: {_in_code(value)}" for name, value in proposal.arguments.items())
    ended = f", ended {proposal.ended_at:%Y-%m-%d %H:%M} UTC" if proposal.ended_at else ""
    return f"- **Change:** `{proposal.tool}` {proposal.state}{ended}" + (values if with_arguments else "")


def _in_code(value: object) -> str:
    return f"`{' '.join(str(value).split()).replace('`', chr(39))}`"


def _call_line(call: Call) -> str:
    cost = "unpriced" if call.is_unpriced else f"${call.cost_usd:.6f}"
    about = "about " if call.is_estimated else ""
    reason = f" ({call.reason})" if call.reason else ""
    return (
        f"    - {call.role}: {call.answered_as or call.model} {call.outcome}{reason}, {about}{call.input_tokens} in, "
        f"{call.output_tokens} out, {cost}, {call.took_ms} ms"
    )


def _passage_line(passage: Passage, scores: JsonObject) -> str:
    trail = " > ".join((passage.title, *passage.heading_path))
    numbers = ", ".join(f"{name} {_number(scores.get(name))}" for name in _SCORES)
    return f"- {trail} ({passage.source}): {numbers}"


def _number(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else "-" if value is None else str(value)

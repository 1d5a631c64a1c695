"""A reply, a case or a notice as the activities that Teams is sent: plain JSON, which any SDK can carry.

An answer is a text, not a card: Teams streams texts, marks `[n]` in them as citations, and people can copy and quote
them. Buttons are a card below it, and cases and forms are cards. A text and a card never share an activity: Teams makes
two messages of it, and then tells the id of neither (conversation-messages).
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from helpdesk_bot.chat.teams import cards
from helpdesk_bot.chat.teams.markdown import (
    escape,
    escape_line,
    join,
    link,
    render_markdown,
    size,
    split_part,
    to_plain,
)
from helpdesk_bot.events import Citation, Outcome
from helpdesk_bot.guard.addresses import find_web_address
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Link, Message, Notice, Packet, Reply

MAX_TEXT_BYTES = 20_000
"""Of one message, in UTF-16. Teams takes 100 KB with everything since 2025, and took 40 KB before; some report refusals
at 70 KB (format-your-bot-messages). Entities, a card and the JSON around them need room beside the text."""

MAX_CITATIONS = 20
"""More make Teams refuse the message (bot-messages-ai-generated-content); so do longer names and abstracts."""
_MAX_NAME_CHARACTERS = 80
_MAX_ABSTRACT_CHARACTERS = 160

_OUTCOMES_WITH_SOURCES = frozenset({Outcome.ANSWERED, Outcome.CLARIFIED})
_ANY_MARKER = frozenset(range(1, 1_000))
_NOT_IN_NAMES = re.compile(r"[<>&\[\]*_`\\]")


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody who can be mentioned: how Teams calls this person before this bot, and for people."""

    account_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the place can show. `feedback` is Teams' form for the thumbs, `custom` our own; empty for no thumbs."""

    with_dialogs: bool = True
    feedback: str = "default"


def render(message: Message, *, look: Look, people: Mapping[str, Named] | None = None) -> list[JsonObject]:
    """At least one activity; several, in order, where one can't hold it all. Equal input gives equal activities."""
    known = _told_apart(people or {})
    match message:
        case Reply():
            return _render_reply(message, look)
        case Packet():
            return [_render_packet(message, look, known)]
        case Notice():
            return _render_notice(message, look, known)


def people_of(message: Message) -> frozenset[str]:
    """Whom it mentions on purpose, by person id."""
    match message:
        case Packet():
            return frozenset((message.asked_by, *message.people_ids)) - {""}
        case Notice():
            return frozenset({message.person_id}) - {""}
        case Reply():
            return frozenset()


def render_stream(markdown: str) -> str:
    """What is shown of an answer while it grows: what its marks stand for comes with the end."""
    return join(render_markdown(markdown, markers=_ANY_MARKER))


def render_note(markdown: str) -> str:
    """Markdown for one person's eyes, in a box that draws no markup."""
    return cards.shorten(to_plain(markdown), 2_000)


def _render_reply(reply: Reply, look: Look) -> list[JsonObject]:
    citations = list(reply.citations if reply.outcome in _OUTCOMES_WITH_SOURCES else ())
    cited = frozenset(citation.number for citation in citations[:MAX_CITATIONS])
    parts = render_markdown(reply.text, markers=cited)
    if citations:
        lines = [cards.source_line(citation.number, citation.passage) for citation in citations]
        parts.append("**Sources**\n\n" + "  \n".join(lines))
    parts += [_link(reply.link)] if reply.link else []
    parts += [f"*{escape_line(reply.note)}*"] if reply.note else []
    parts += [f"Reference {escape_line(reply.reference)}"] if reply.reference else []
    texts = list(_pack(parts))
    activities = [_text(text, entities=_label(text, citations, reply)) for text in texts]
    activities[-1] = activities[-1] | _thumbs(reply, look)
    return [*activities, *_buttons(reply, look)]


def _buttons(message: Reply | Notice, look: Look) -> list[JsonObject]:
    pressable = cards.buttons(message.buttons, with_dialogs=look.with_dialogs)
    return [_card(pressable)] if pressable else []


def _card(actions: Sequence[JsonObject]) -> JsonObject:
    """What can be pressed; in a list of chats it reads as what is on it."""
    summary = cards.shorten(", ".join(str(action["title"]) for action in actions), 200)
    return {"type": "message", "summary": summary, "attachments": [cards.attach(cards.card([], actions))]}


def _thumbs(reply: Reply, look: Look) -> JsonObject:
    is_asked = reply.asks_feedback and reply.outcome is not Outcome.FAILED and bool(look.feedback)
    return {"channelData": {"feedbackLoop": {"type": look.feedback}}} if is_asked else {}


def _label(text: str, citations: Sequence[Citation], reply: Reply) -> list[JsonObject]:
    """One entity that says: made by an AI, and what each `[n]` in this part stands for."""
    if reply.outcome not in _OUTCOMES_WITH_SOURCES:
        return []
    claims = [_claim(citation) for citation in citations[:MAX_CITATIONS] if f"[{citation.number}]" in text]
    return [
        {
            "type": "https://schema.org/Message",
            "@type": "Message",
            "@context": "https://schema.org",
            "@id": "",
            "additionalType": ["AIGeneratedContent"],
            **({"citation": claims} if claims else {}),
        }
    ]


def _claim(citation: Citation) -> JsonObject:
    passage = citation.passage
    address = find_web_address(passage.url)
    appearance: JsonObject = {
        "@type": "DigitalDocument",
        "name": cards.shorten(passage.title, _MAX_NAME_CHARACTERS) or "Untitled",
        "abstract": cards.shorten(to_plain(passage.text), _MAX_ABSTRACT_CHARACTERS),
        **({"url": address} if address else {}),
    }
    return {"@type": "Claim", "position": citation.number, "appearance": appearance}


def _render_packet(packet: Packet, look: Look, people: Mapping[str, Named]) -> JsonObject:
    asker = people.get(packet.asked_by)
    called = [people[person_id] for person_id in packet.people_ids if person_id in people]
    body = [
        cards.markdown(f"Question from {_mark(asker) if asker else 'somebody'}", is_bold=True),
        cards.quote(packet.question),
        *([cards.markdown(f"For {', '.join(map(_mark, called))}")] if called else []),
        *([cards.words(packet.state, label="State:")] if packet.state else []),
        *([cards.words(packet.urgency, label="Urgency:")] if packet.urgency else []),
        *([cards.words(packet.missing, label="Why:")] if packet.missing else []),
        *_tried(packet),
        *([cards.markdown(_link(packet.ticket))] if packet.ticket else []),
        *([cards.words(f"Reference {packet.reference}", is_subtle=True)] if packet.reference else []),
    ]
    actions = [
        *cards.buttons(packet.buttons, with_dialogs=look.with_dialogs),
        *cards.open_url("Open the question", packet.link),
    ]
    mentioned = [_mention(named) for named in ([asker] if asker else []) + called]
    content = cards.card(body, actions, entities=list(_distinct(mentioned)))
    summary = cards.shorten(f"A question needs a person: {packet.question}", 200)
    return {"type": "message", "summary": summary, "attachments": [cards.attach(content)]}


def _tried(packet: Packet) -> list[JsonObject]:
    if not packet.tried:
        return [cards.words("I found no passage on it.")]
    lines = [cards.source_line(number, passage) for number, passage in enumerate(packet.tried, start=1)]
    return [cards.markdown("Passages I tried", is_bold=True), *map(cards.markdown, lines)]


def _render_notice(notice: Notice, look: Look, people: Mapping[str, Named]) -> list[JsonObject]:
    named = people.get(notice.person_id)
    parts = render_markdown(notice.text)
    address = find_web_address(notice.link.url) if notice.link else None
    parts += [link(notice.link.label, address)] if notice.link and address else []
    parts += [f"Reference {escape_line(notice.reference)}"] if notice.reference else []
    texts = list(_pack(parts))
    if named:
        texts[0] = f"{_mark(named)} {texts[0]}"
    entities = [_mention(named)] if named else []
    activities = [_text(text, entities=entities if number == 0 else []) for number, text in enumerate(texts)]
    return [*activities, *_buttons(notice, look)]


def _text(text: str, *, entities: Sequence[JsonObject]) -> JsonObject:
    return {"type": "message", "text": text, "textFormat": "markdown", "entities": list(entities)}


def _link(to: Link) -> str:
    """Its label alone, where there is no address to link to."""
    address = find_web_address(to.url)
    return link(to.label, address) if address else escape_line(to.label)


def _told_apart(people: Mapping[str, Named]) -> dict[str, Named]:
    """Teams knows a mention by its words: of two who are called alike, the second has a number."""
    known: dict[str, Named] = {}
    marks: Counter[str] = Counter()
    for person_id, named in sorted(people.items()):
        marks[_mark(named)] += 1
        count = marks[_mark(named)]
        known[person_id] = named if count == 1 else replace(named, name=f"{named.name} {count}")
    return known


def _mark(named: Named) -> str:
    """The words that a mention stands on. What people are called is no markup."""
    return f"<at>{_NOT_IN_NAMES.sub('', named.name).strip() or 'you'}</at>"


def _mention(named: Named) -> JsonObject:
    return {
        "type": "mention",
        "text": _mark(named),
        "mentioned": {"id": named.account_id, "name": _NOT_IN_NAMES.sub("", named.name)},
    }


def _distinct(mentions: Iterable[JsonObject]) -> Iterator[JsonObject]:
    seen: set[object] = set()
    for mention in mentions:
        if mention["text"] not in seen:
            seen.add(mention["text"])
            yield mention


def _pack(parts: Iterable[str]) -> Iterator[str]:
    """As many parts to a message as it holds; each but the last says that more follows."""
    pages: list[list[str]] = [[]]
    room = MAX_TEXT_BYTES
    for piece in (piece for part in parts for piece in split_part(part, MAX_TEXT_BYTES)):
        needed = size(piece) + size("\n\n")
        if pages[-1] and needed > room:
            pages.append([])
            room = MAX_TEXT_BYTES
        pages[-1].append(piece)
        room -= needed
    for number, page in enumerate(pages, start=1):
        more = [] if number == len(pages) else [f"*Part {number} of {len(pages)}, the rest follows.*"]
        yield join([*page, *more]) or "…"


def render_greeting(text: str, suggestions: Sequence[str], *, is_direct: bool) -> list[JsonObject]:
    """What a place opens with. In a personal chat a suggestion is asked with one press."""
    asks = [_ask(question) for question in suggestions]
    activity = _text(join(render_markdown(text)) or "…", entities=[])
    if asks and is_direct:
        return [activity, _card(asks)]
    lines = "\n".join(f"- {escape(question)}" for question in suggestions)
    return [activity | {"text": join(filter(None, (str(activity["text"]), lines)))}]


def _ask(question: str) -> JsonObject:
    says: JsonObject = {"msteams": {"type": "imBack", "value": question}}
    return {"type": "Action.Submit", "title": cards.shorten(question, 100), "data": says}

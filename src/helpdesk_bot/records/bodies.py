"""A message as JSON, by its kind, and back."""

from dataclasses import replace

from pydantic import TypeAdapter

from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.messages import Message, Notice, Packet, Reply
from knowledge.letters import storable
from knowledge.passages import Passage

REPLY = TypeAdapter(Reply)
PACKET = TypeAdapter(Packet)
NOTICE = TypeAdapter(Notice)


def read_body(kind: str, body: JsonObject) -> Message:
    adapter: TypeAdapter[Reply] | TypeAdapter[Packet] | TypeAdapter[Notice]
    adapter = {"reply": REPLY, "packet": PACKET, "notice": NOTICE}[kind]
    return adapter.validate_python(body)


def kind_of(message: Message) -> str:
    match message:
        case Reply():
            return "reply"
        case Packet():
            return "packet"
        case Notice():
            return "notice"


def body_of(message: Message) -> JsonObject:
    """A message as JSON, its passages without their text: rights may shrink, records stay."""
    match message:
        case Packet():
            tried = tuple(map(_without_text, message.tried))
            return PACKET.dump_python(replace(message, question=storable(message.question), tried=tried), mode="json")
        case Notice():
            return NOTICE.dump_python(replace(message, text=storable(message.text)), mode="json")
        case Reply():
            citations = tuple(replace(one, passage=_without_text(one.passage)) for one in message.citations)
            return REPLY.dump_python(replace(message, text=storable(message.text), citations=citations), mode="json")


def _without_text(passage: Passage) -> Passage:
    return replace(passage, text="")

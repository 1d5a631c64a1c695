"""The shape of what Teams sends: of each activity only what the help desk looks at.

learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-api-reference, and recorded activities in
tests/fakes/teams_activities. A field of a wrong shape makes an activity malformed, in a list only its entry is left
out; a field that is not here is ignored.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field, StringConstraints, ValidationError

from helpdesk_bot.events import Place, PlaceKind, Platform
from helpdesk_bot.json_object import JsonObject
from helpdesk_bot.records.teams import TeamsConversation, TeamsPerson
from knowledge.letters import storable

CHANNEL_ID = "msteams"
"""What Teams calls itself among the channels of the Bot Framework."""

_MAX_TEXT_CHARACTERS = 200_000
_THREAD = ";messageid="
_MESSAGE_ID = re.compile(r"[A-Za-z0-9:_.\-]{1,200}")


def _storable(text: object) -> object:
    """Neither UTF-8 nor Postgres can hold NUL and lone surrogates."""
    return storable(text) if isinstance(text, str) else text


Text = Annotated[str, BeforeValidator(_storable), StringConstraints(max_length=_MAX_TEXT_CHARACTERS)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f]+$")]
Word = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00-\x1f]*$")]
"""An id or an address that may be missing: no control characters, which the database would refuse."""


def _readable(kind: type[BaseModel]) -> BeforeValidator:
    """Leaves out of a list what has another shape: what a person says counts without it."""

    def keep(listed: object) -> object:
        return [one for one in listed if _reads(kind, one)] if isinstance(listed, list) else None  # pyright: ignore[reportUnknownVariableType]

    return BeforeValidator(keep)


def _reads(kind: type[BaseModel], raw: object) -> bool:
    try:
        kind.model_validate(raw)
    except ValidationError:
        return False
    return True


class Account(BaseModel):
    id: Id
    name: Text | None = None
    aadObjectId: Id | None = None  # noqa: N815 - the names on the wire
    role: Word | None = None
    isTargeted: object = None  # noqa: N815
    """Of the recipient: the message is between its sender and the bot, and nobody else in the conversation sees it."""

    @property
    def person_id(self) -> str:
        """The object id in Entra, which every bot and every service knows alike; else what only this bot knows."""
        return self.aadObjectId or self.id

    @property
    def is_bot(self) -> bool:
        return self.role == "bot" or self.id.startswith("28:")


class _Conversation(BaseModel):
    id: Id
    conversationType: Word | None = None  # noqa: N815
    tenantId: Word | None = None  # noqa: N815


class _Named(BaseModel):
    id: Word | None = None
    type: Word | None = None


class _ChannelData(BaseModel):
    tenant: _Named | None = None
    team: _Named | None = None
    channel: _Named | None = None
    eventType: Word | None = None  # noqa: N815
    membershipSource: object = None  # noqa: N815
    """How somebody came to be a member of a shared channel, or to be none."""


class _Mentioned(BaseModel):
    id: Word = ""


class _Quoted(BaseModel):
    """Of a message that this one answers; the SDK's successor calls it `QuotedReplyData`."""

    senderId: Word = ""  # noqa: N815
    preview: Text | None = None


class _Entity(BaseModel):
    type: str = ""
    mentioned: _Mentioned | None = None
    text: Text | None = None
    quotedReply: _Quoted | None = None  # noqa: N815


class Attachment(BaseModel):
    contentType: str = ""  # noqa: N815
    contentUrl: Word | None = None  # noqa: N815
    name: Text | None = None
    content: object = None


class _Reaction(BaseModel):
    type: str = ""


class Activity(BaseModel):
    """What every activity tells, and what some kinds add."""

    type: str
    id: Word | None = None
    name: Word | None = None
    channelId: Word | None = None  # noqa: N815
    serviceUrl: Word | None = None  # noqa: N815
    timestamp: AwareDatetime | None = None
    sender: Annotated[Account | None, Field(alias="from")] = None
    recipient: Account | None = None
    conversation: _Conversation | None = None
    channelData: _ChannelData | None = None  # noqa: N815
    replyToId: Word | None = None  # noqa: N815
    text: Text | None = None
    entities: Annotated[list[_Entity] | None, _readable(_Entity)] = None
    attachments: Annotated[list[Attachment] | None, _readable(Attachment)] = None
    value: object = None
    action: Word | None = None
    reactionsAdded: Annotated[list[_Reaction] | None, _readable(_Reaction)] = None  # noqa: N815
    reactionsRemoved: Annotated[list[_Reaction] | None, _readable(_Reaction)] = None  # noqa: N815
    membersAdded: Annotated[list[Account] | None, _readable(Account)] = None  # noqa: N815
    membersRemoved: Annotated[list[Account] | None, _readable(Account)] = None  # noqa: N815

    @property
    def tenant(self) -> str:
        in_conversation = self.conversation.tenantId if self.conversation else None
        in_channel_data = self.channelData.tenant.id if self.channelData and self.channelData.tenant else None
        return in_conversation or in_channel_data or ""

    @property
    def is_targeted(self) -> bool:
        return self.recipient is not None and self.recipient.isTargeted is True

    @property
    def at(self) -> datetime:
        return self.timestamp or datetime.now(UTC)

    def mentions(self) -> Iterator[tuple[str, str]]:
        """Whom it mentions, by account id, and the words that stand for them in the text."""
        for entity in self.entities or ():
            if entity.type == "mention" and entity.mentioned is not None:
                yield entity.mentioned.id, entity.text or ""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What decides whether an activity may be read at all: texts, empty where it has none."""

    type: str
    id: str
    name: str
    channel_id: str
    service_url: str
    tenant: str
    conversation: str
    recipient: str


def read_envelope(body: object) -> Envelope:
    """Never fails: what has another shape than it should counts as missing."""
    conversation = _object(body, "conversation")
    return Envelope(
        type=_string(body, "type"),
        id=_string(body, "id"),
        name=_string(body, "name"),
        channel_id=_string(body, "channelId"),
        service_url=_string(body, "serviceUrl"),
        tenant=_string(conversation, "tenantId") or _string(_object(_object(body, "channelData"), "tenant"), "id"),
        conversation=_string(conversation, "id"),
        recipient=_string(_object(body, "recipient"), "id"),
    )


def _object(body: object, name: str) -> object:
    return body.get(name) if isinstance(body, dict) else None


def _string(body: object, name: str) -> str:
    found = _object(body, name)
    return found if isinstance(found, str) else ""


class Invoked(BaseModel):
    """The `value` of an Adaptive Card's Action.Execute, and of a dialog: what the button carries is in `data`."""

    action: Annotated[JsonObject, Field(default_factory=dict[str, object])]
    data: object = None


class _Given(BaseModel):
    reaction: Literal["like", "dislike"]
    feedback: object = None


class FeedbackGiven(BaseModel):
    """The `value` of `message/submitAction` and of `message/fetchTask`."""

    actionName: Literal["feedback"]  # noqa: N815
    actionValue: _Given  # noqa: N815


def split_thread(conversation_id: str) -> tuple[str, str | None]:
    """`19:...@thread.tacv2;messageid=17` as the channel and the id of the message that the thread hangs on."""
    channel, separator, thread = conversation_id.partition(_THREAD)
    return channel, thread if separator and _MESSAGE_ID.fullmatch(thread) else None


def join_thread(channel: str, thread: str | None) -> str:
    return channel if thread is None else f"{channel}{_THREAD}{thread}"


def place_of(activity: Activity) -> Place | None:
    """Where it happened; None where it does not say.

    In a channel a message that starts a thread has its own id as `messageid`. A group chat has no threads: it is one
    long conversation, and so is a personal one.
    """
    if activity.conversation is None:
        return None
    channel, thread = split_thread(activity.conversation.id)
    is_personal = _kind_of(activity) == "personal"
    kind = PlaceKind.DIRECT if is_personal else PlaceKind.CHANNEL
    return Place(platform=Platform.TEAMS, tenant=activity.tenant, channel=channel, thread=thread, kind=kind)


def key_of(place: Place, message_id: str) -> str:
    """The same however often a message arrives."""
    return f"teams:{place.tenant}:{place.channel}:{message_id}"


def conversation_of(activity: Activity) -> TeamsConversation | None:
    """How to reach the place again, if the activity says."""
    if activity.conversation is None or activity.recipient is None or not activity.serviceUrl:
        return None
    channel_data = activity.channelData or _ChannelData()
    return TeamsConversation(
        tenant=activity.tenant,
        conversation=split_thread(activity.conversation.id)[0],
        kind=_kind_of(activity),
        service_url=activity.serviceUrl,
        bot_id=activity.recipient.id,
        bot_name=activity.recipient.name or "",
        team=(channel_data.team.id if channel_data.team else None) or "",
        is_shared=_is_shared(channel_data),
    )


def _is_shared(told: _ChannelData) -> bool | None:
    """learn.microsoft.com/microsoftteams/platform/build-apps-for-shared-private-channels; None: nothing says it."""
    if told.membershipSource is not None or (told.eventType or "").casefold() == "channelshared":
        return True
    kind = told.channel.type if told.channel else None
    return kind == "shared" if kind else None


def person_of(activity: Activity) -> TeamsPerson | None:
    """Who did it, if it was a person."""
    sender = activity.sender
    if sender is None or activity.conversation is None or sender.is_bot:
        return None
    conversation = split_thread(activity.conversation.id)[0]
    return TeamsPerson(
        tenant=activity.tenant,
        person_id=sender.person_id,
        account_id=sender.id,
        name=sender.name or "",
        met_in=conversation,
        direct=conversation if _kind_of(activity) == "personal" else None,
    )


def _kind_of(activity: Activity) -> str:
    """`personal`, `group` or `channel`. What says nothing counts as a group: everybody there reads."""
    kind = activity.conversation.conversationType if activity.conversation else None
    if kind == "personal":
        return "personal"
    has_team = activity.channelData is not None and activity.channelData.team is not None
    return "channel" if kind == "channel" or has_team else "group"

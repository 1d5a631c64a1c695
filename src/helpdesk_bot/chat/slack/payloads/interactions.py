"""What people press, fill in and type after a slash."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from helpdesk_bot.chat.slack.forms import FORM_CALLBACK, Kept, read_fields
from helpdesk_bot.chat.slack.forwarded import read_words
from helpdesk_bot.chat.slack.mrkdwn import to_words
from helpdesk_bot.chat.slack.payloads.identifiers import (
    ChannelId,
    Ticket,
    Timestamp,
    UserId,
    message_key,
    place_of,
    to_time,
)
from helpdesk_bot.chat.slack.payloads.ignored import Ignored
from helpdesk_bot.chat.slack.payloads.messages import Objects, read_files
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.events import Action, Addressed, AdminCommand, Click, Question, Submission, Vote

VOTE_ACTION = "helpdesk_vote"
"""The `action_id` of the feedback buttons."""

BUTTON_PREFIX = "helpdesk."
"""The `action_id` of a button is this, its action, and its place among the buttons: `helpdesk.claim.2`."""

ASK_SHORTCUT = "helpdesk_ask"
SAVE_SHORTCUT = "helpdesk_save"
"""The `callback_id`s of the message shortcuts in infra/slack/manifest.yaml."""

_VOTES = {"up": 1, "down": -1}


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """A button of ours, and the right to open a form for three seconds."""

    event: Vote | Click
    trigger_id: str
    prefill: str = ""
    """The words of the message that a shortcut was used on."""


@dataclass(frozen=True, kw_only=True)
class Submitted:
    event: Submission
    first_field: str
    """Where trouble is shown, so that nothing that was filled in is lost."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Somebody asks about a message. `question` is told in its thread; the bot may be no member of the channel."""

    question: Question


class _User(BaseModel):
    id: UserId


class _Container(BaseModel):
    channel_id: ChannelId
    message_ts: Timestamp
    thread_ts: Timestamp | None = None


class _Action(BaseModel):
    action_id: str
    action_ts: Timestamp
    value: str = ""


class _BlockActions(BaseModel):
    user: _User
    container: _Container
    trigger_id: Ticket
    actions: Annotated[list[_Action], Field(min_length=1)]


class _Channel(BaseModel):
    id: ChannelId


class _ShortcutMessage(BaseModel):
    ts: Timestamp
    thread_ts: Timestamp | None = None
    text: str | None = None
    files: Objects = []
    attachments: Objects = []

    def words(self, bot: SlackBot) -> str:
        return read_words(self.text or "", self.attachments, bot_user_id=bot.user_id)


class _MessageAction(BaseModel):
    callback_id: str
    trigger_id: Ticket
    user: _User
    channel: _Channel
    message: _ShortcutMessage
    action_ts: Timestamp | None = None


class _View(BaseModel):
    id: Ticket
    callback_id: str
    private_metadata: str = ""
    state: dict[str, Any] = {}


class _ViewSubmission(BaseModel):
    user: _User
    view: _View


class _SlashCommand(BaseModel):
    channel_id: ChannelId
    user_id: UserId
    text: str = ""
    trigger_id: str = ""


def read_press(body: Mapping[str, object], bot: SlackBot) -> Pressed | Ignored:
    press = _BlockActions.model_validate(body)
    pressed = press.actions[0]
    event = _read_vote(press, pressed, bot) or _read_click(press, pressed, bot)
    return Ignored.OTHER_ACTION if event is None else Pressed(event=event, trigger_id=press.trigger_id)


def read_shortcut(body: Mapping[str, object], bot: SlackBot) -> Pressed | Asked | Ignored:
    shortcut = _MessageAction.model_validate(body)
    if shortcut.callback_id == ASK_SHORTCUT:
        return Asked(question=_to_question(shortcut, bot))
    if shortcut.callback_id == SAVE_SHORTCUT:
        words = shortcut.message.words(bot)
        return Pressed(event=_to_save(shortcut, bot), trigger_id=shortcut.trigger_id, prefill=words)
    return Ignored.OTHER_ACTION


def read_form(body: Mapping[str, object], bot: SlackBot) -> Submitted | Ignored:
    sent = _ViewSubmission.model_validate(body)
    if sent.view.callback_id != FORM_CALLBACK:
        return Ignored.OTHER_FORM
    kept = Kept.model_validate_json(sent.view.private_metadata)
    fields = read_fields(sent.view.state)
    submission = Submission(
        key=f"slack:{bot.team_id}:view:{sent.view.id}",
        form=kept.form,
        value=kept.value,
        fields=fields,
        place=place_of(bot, kept.channel, kept.thread),
        person_id=sent.user.id,
        at=datetime.now(UTC),
    )
    return Submitted(event=submission, first_field=next(iter(fields), ""))


def read_command(body: Mapping[str, object], bot: SlackBot) -> AdminCommand:
    command = _SlashCommand.model_validate(body)
    return AdminCommand(
        place=place_of(bot, command.channel_id, None),
        person_id=command.user_id,
        words=to_words(command.text),
        at=datetime.now(UTC),
        key=f"slack:{bot.team_id}:command:{command.trigger_id}" if command.trigger_id else "",
    )


def _read_vote(press: _BlockActions, pressed: _Action, bot: SlackBot) -> Vote | None:
    value = _VOTES.get(pressed.value.partition(" ")[0])
    if pressed.action_id != VOTE_ACTION or value is None:
        return None
    return Vote(
        place=place_of(bot, press.container.channel_id, press.container.thread_ts),
        person_id=press.user.id,
        message_id=press.container.message_ts,
        value=value,
        at=to_time(pressed.action_ts),
        via="button",
    )


def _read_click(press: _BlockActions, pressed: _Action, bot: SlackBot) -> Click | None:
    name = pressed.action_id.removeprefix(BUTTON_PREFIX).partition(".")[0]
    if not pressed.action_id.startswith(BUTTON_PREFIX) or name not in set(Action):
        return None
    return Click(
        key=f"slack:{bot.team_id}:press:{press.trigger_id}",
        action=Action(name),
        value=pressed.value,
        place=place_of(bot, press.container.channel_id, press.container.thread_ts),
        person_id=press.user.id,
        message_id=press.container.message_ts,
        at=to_time(pressed.action_ts),
    )


def _to_question(shortcut: _MessageAction, bot: SlackBot) -> Question:
    """Its key is not the message's own: the message may have been overheard before, with no answer."""
    message, channel = shortcut.message, shortcut.channel.id
    return Question(
        key=f"{message_key(bot, channel, message.ts)}:ask",
        place=place_of(bot, channel, message.thread_ts or message.ts),
        person_id=shortcut.user.id,
        message_id=message.ts,
        text=message.words(bot),
        asked_at=datetime.now(UTC),
        addressed=Addressed.MENTION,
        files=read_files(message.files, message.attachments),
    )


def _to_save(shortcut: _MessageAction, bot: SlackBot) -> Click:
    message, channel = shortcut.message, shortcut.channel.id
    return Click(
        key=f"slack:{bot.team_id}:press:{shortcut.trigger_id}",
        action=Action.SAVE,
        value=f"message:{channel}:{message.ts}",
        place=place_of(bot, channel, message.thread_ts or message.ts),
        person_id=shortcut.user.id,
        message_id=message.ts,
        at=datetime.now(UTC),
    )

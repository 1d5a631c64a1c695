"""What Slack sends to an app, in the shapes of docs.slack.dev, and signed as Slack signs it."""

import hashlib
import hmac
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SignedRequest:
    headers: dict[str, str]
    body: bytes


def sign(secret: str, body: bytes, *, at: float | None = None) -> dict[str, str]:
    """The two headers (docs.slack.dev/authentication/verifying-requests-from-slack)."""
    timestamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}


def encode(payload: Json) -> tuple[str, bytes]:
    """Content type and body: events come as JSON, interactions as JSON in a form, commands as a form."""
    if payload.get("type") in {"event_callback", "url_verification", "app_rate_limited"}:
        return "application/json", json.dumps(payload).encode()
    if "command" in payload:
        return "application/x-www-form-urlencoded", urlencode(payload).encode()
    return "application/x-www-form-urlencoded", urlencode({"payload": json.dumps(payload)}).encode()


def signed_request(secret: str, payload: Json | bytes, *, at: float | None = None, retry: int = 0) -> SignedRequest:
    """`retry` counts from 1: the same payload again, as after a timeout."""
    content_type, body = ("application/json", payload) if isinstance(payload, bytes) else encode(payload)
    headers = {"Content-Type": content_type, "User-Agent": "Slackbot 1.0", **sign(secret, body, at=at)}
    if retry:
        headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
    return SignedRequest(headers=headers, body=body)


@dataclass(kw_only=True)
class Trigger:
    user: str
    made_at: float = field(default_factory=time.monotonic)
    is_used: bool = False


@dataclass(kw_only=True)
class SlackPayloads:
    """Payloads for one app in one workspace."""

    team_id: str
    app_id: str
    bot_user_id: str
    triggers: dict[str, Trigger] = field(default_factory=dict)
    """Which payloads may open a view, by their trigger id."""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def event(self, event: Json, **envelope: Any) -> Json:
        """An event in its envelope; every one has an id of its own."""
        number = next(self._numbers)
        return {
            "token": "verification",
            "team_id": self.team_id,
            "context_team_id": self.team_id,
            "context_enterprise_id": None,
            "api_app_id": self.app_id,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{number:09d}",
            "event_time": int(time.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": self.team_id,
                    "user_id": self.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": f"4-event-{number}",
            **envelope,
        }

    def press(self, channel: str, user: str, message: Json, action: str, *, at: str = "1767225700.000100") -> Json:
        """A press of one of our buttons under a posted or whispered message, found by its action (`claim`)."""
        rows = [block for block in message["blocks"] if block["type"] == "actions"]
        buttons = [element for row in rows for element in row["elements"]]
        [button] = [button for button in buttons if button["action_id"].split(".")[1] == action]
        pressed = {key: button[key] for key in ("type", "action_id", "value")}
        return self.block_actions(channel, user, message, {**pressed, "block_id": "b1", "action_ts": at})

    def submission(self, user: str, view: Json, fields: dict[str, str]) -> Json:
        """A modal, as `views.open` returned it, sent off with these fields."""
        inputs = {block["block_id"]: block["element"] for block in view["blocks"] if block["type"] == "input"}
        assert fields.keys() <= inputs.keys(), (fields, sorted(inputs))
        state = {name: {element["action_id"]: _state(element, fields.get(name))} for name, element in inputs.items()}
        return {
            "type": "view_submission",
            "team": {"id": self.team_id, "domain": "example"},
            "user": {"id": user, "username": "someone", "name": "someone", "team_id": self.team_id},
            "api_app_id": self.app_id,
            "token": "verification",
            "trigger_id": self._trigger(user),
            "view": {**view, "state": {"values": state}},
            "response_urls": [],
            "is_enterprise_install": False,
            "enterprise": None,
        }

    def shortcut(self, callback_id: str, channel: str, user: str, message: Json) -> Json:
        """A message shortcut."""
        return {
            "type": "message_action",
            "callback_id": callback_id,
            "trigger_id": self._trigger(user),
            "message_ts": message["ts"],
            "message": message,
            "channel": {"id": channel, "name": "general"},
            "user": {"id": user, "name": "someone", "username": "someone", "team_id": self.team_id},
            "team": {"id": self.team_id, "domain": "example"},
            "api_app_id": self.app_id,
            "token": "verification",
            "action_ts": "1767225700.000300",
            "response_url": "https://hooks.slack.com/app/T/1/a",
            "enterprise": None,
            "is_enterprise_install": False,
        }

    def message_changed(self, channel: str, message: Json, before: Json, *, ts: str) -> Json:
        kind = {"D": "im", "G": "group"}.get(channel[0], "channel")
        change = {"type": "message", "subtype": "message_changed", "hidden": True, "channel": channel, "ts": ts}
        return self.event(
            {**change, "message": message, "previous_message": before, "channel_type": kind, "event_ts": ts}
        )

    def message_deleted(self, channel: str, message: Json, *, ts: str) -> Json:
        kind = {"D": "im", "G": "group"}.get(channel[0], "channel")
        change = {"type": "message", "subtype": "message_deleted", "hidden": True, "channel": channel, "ts": ts}
        return self.event(
            {
                **change,
                "deleted_ts": message["ts"],
                "previous_message": message,
                "channel_type": kind,
                "event_ts": ts,
            }
        )

    def pane(self, kind: str, channel: str, user: str, *, ts: str, context: str | None = None) -> Json:
        """`assistant_thread_started` or `assistant_thread_context_changed`."""
        seen = {"channel_id": context, "team_id": self.team_id, "enterprise_id": None} if context else {}
        pane = {"user_id": user, "context": seen, "channel_id": channel, "thread_ts": ts}
        return self.event({"type": kind, "assistant_thread": pane, "event_ts": ts})

    def home_opened(self, user: str, *, tab: str = "home") -> Json:
        return self.event(
            {"type": "app_home_opened", "user": user, "channel": f"D{user}", "tab": tab, "event_ts": "1.1"}
        )

    def joined(self, channel: str, user: str, *, inviter: str, at: str = "1767225700.000400") -> Json:
        kind = {"G": "G"}.get(channel[0], "C")
        about = {"channel_type": kind, "team": self.team_id, "inviter": inviter, "event_ts": at}
        return self.event({"type": "member_joined_channel", "user": user, "channel": channel, **about})

    def app_mention(self, channel: str, user: str, text: str, *, ts: str, thread: str | None = None) -> Json:
        return self.event(self._message("app_mention", channel, user, text, ts, thread))

    def message(self, channel: str, user: str, text: str, *, ts: str, thread: str | None = None) -> Json:
        kind = {"D": "im", "G": "group"}.get(channel[0], "channel")
        return self.event(self._message("message", channel, user, text, ts, thread) | {"channel_type": kind})

    def reaction(
        self,
        channel: str,
        user: str,
        message: str,
        name: str,
        *,
        at: str,
        author: str | None = None,
        removed: bool = False,
    ) -> Json:
        return self.event(
            {
                "type": "reaction_removed" if removed else "reaction_added",
                "user": user,
                "reaction": name,
                "item": {"type": "message", "channel": channel, "ts": message},
                "item_user": author or self.bot_user_id,
                "event_ts": at,
            }
        )

    def button(self, channel: str, user: str, message: Json, *, at: str, is_positive: bool = True) -> Json:
        """A press of one of the feedback buttons of a posted message."""
        block = next(block for block in message["blocks"] if block["type"] == "context_actions")
        element = block["elements"][0]
        side = element["positive_button" if is_positive else "negative_button"]
        action = {
            "type": "feedback_buttons",
            "action_id": element["action_id"],
            "block_id": block.get("block_id", "b1"),
            "text": side["text"],
            "value": side["value"],
            "action_ts": at,
        }
        return self.block_actions(channel, user, message, action)

    def block_actions(self, channel: str, user: str, message: Json, action: Json) -> Json:
        thread = {"thread_ts": message["thread_ts"]} if message.get("thread_ts") else {}
        return {
            "type": "block_actions",
            "user": {"id": user, "username": "someone", "name": "someone", "team_id": self.team_id},
            "api_app_id": self.app_id,
            "token": "verification",
            "container": {
                "type": "message",
                "message_ts": message["ts"],
                "channel_id": channel,
                "is_ephemeral": False,
                **thread,
            },
            "trigger_id": self._trigger(user),
            "team": {"id": self.team_id, "domain": "example"},
            "enterprise": None,
            "is_enterprise_install": False,
            "channel": {"id": channel, "name": "general"},
            "message": {"type": "message", "ts": message["ts"], "text": message.get("text", ""), **thread},
            "state": {"values": {}},
            "response_url": "https://hooks.slack.com/actions/T/1/a",
            "actions": [action],
        }

    def command(self, channel: str, user: str, text: str, *, command: str = "/helpdesk") -> Json:
        return {
            "token": "verification",
            "team_id": self.team_id,
            "team_domain": "example",
            "channel_id": channel,
            "channel_name": "directmessage" if channel.startswith("D") else "general",
            "user_id": user,
            "user_name": "someone",
            "command": command,
            "text": text,
            "api_app_id": self.app_id,
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/T/1/a",
            "trigger_id": self._trigger(user),
        }

    def url_verification(self, challenge: str) -> Json:
        return {"token": "verification", "challenge": challenge, "type": "url_verification"}

    def _trigger(self, user: str) -> str:
        trigger_id = f"12345.98765.{next(self._numbers):012d}"
        self.triggers[trigger_id] = Trigger(user=user)
        return trigger_id

    def _message(self, kind: str, channel: str, user: str, text: str, ts: str, thread: str | None) -> Json:
        return {
            "type": kind,
            "user": user,
            "text": text,
            "ts": ts,
            "client_msg_id": "4f1c2a6e-0000-4000-8000-000000000000",
            "team": self.team_id,
            "blocks": [],
            "channel": channel,
            "event_ts": ts,
            **({"thread_ts": thread, "parent_user_id": user} if thread else {}),
        }


def _state(element: Json, value: str | None) -> Json:
    """What Slack says of a field: what was filled in, or what it held at first."""
    match element["type"]:
        case "static_select":
            initial = element.get("initial_option", {}).get("value")
            chosen = value or initial
            return {"type": "static_select", "selected_option": {"value": chosen} if chosen else None}
        case "users_select":
            return {"type": "users_select", "selected_user": value or element.get("initial_user")}
        case "datepicker":
            return {"type": "datepicker", "selected_date": value or element.get("initial_date")}
        case kind:
            return {"type": kind, "value": value or element.get("initial_value")}

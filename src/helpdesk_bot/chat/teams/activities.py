"""Our JSON as the SDK's models.

The SDK's `Entity` drops every field but `type` when it is written out: streaming, citations and the AI label would be
gone without an error. msrest keeps all fields of a model whose map has them under the empty key.
"""

from typing import Any, ClassVar

from botbuilder.schema import Activity, Attachment, ChannelAccount, ConversationAccount, Entity

from helpdesk_bot.json_object import JsonObject

_NAMES = {details["key"]: name for name, details in Activity._attribute_map.items()}  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


class OpenEntity(Entity):
    """An entity that is written out with all of its fields."""

    _attribute_map: ClassVar[dict[str, dict[str, str]]] = {
        "additional_properties": {"key": "", "type": "{object}"},
        "type": {"key": "type", "type": "str"},
    }


def to_activity(content: JsonObject) -> Activity:
    """Raises `KeyError` for a field that the SDK's activity does not have: it would be lost."""
    fields: dict[str, Any] = {_NAMES[key]: _to_model(key, value) for key, value in content.items()}
    return Activity(**fields)


def _to_model(key: str, value: Any) -> object:  # noqa: ANN401 - JSON
    match key:
        case "entities":
            return [_to_entity(entity) for entity in value]
        case "attachments":
            return [Attachment(content_type=one["contentType"], content=one["content"]) for one in value]
        case "from" | "recipient":
            return ChannelAccount(id=value["id"], name=value.get("name"))
        case "conversation":
            return ConversationAccount(id=value["id"])
        case _:
            return value


def _to_entity(content: JsonObject) -> OpenEntity:
    entity = OpenEntity(type=str(content["type"]))
    entity.additional_properties = {name: value for name, value in content.items() if name != "type"}
    return entity

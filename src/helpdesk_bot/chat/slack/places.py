"""Where things are said in Slack, and who reads them there. Nothing about a place is remembered."""

from helpdesk_bot.chat.slack.api import JsonObject, SlackApi
from helpdesk_bot.chat.slack.payloads.identifiers import place_of
from helpdesk_bot.chat.slack.payloads.origin import SlackBot
from helpdesk_bot.chat.slack.people import SlackPeople
from helpdesk_bot.errors import ChatRefused
from helpdesk_bot.events import Person, Place, PlaceKind

_PAGE_SIZE = 200


class Places:
    """The channels and direct conversations of one workspace."""

    def __init__(self, api: SlackApi, bot: SlackBot, people: SlackPeople) -> None:
        self._api = api
        self._bot = bot
        self._people = people

    async def list_readers(self, place: Place) -> list[Person] | None:
        """Members now. None for a direct conversation, whose one reader is the asker, and for a shared channel."""
        if place.kind is PlaceKind.DIRECT:
            return None
        try:
            if is_shared_channel(await self._get_info(place)):
                return None
            return await self._list_members(place) or None
        except ChatRefused:
            return None

    async def is_shared(self, place: Place) -> bool:
        """Whether people of another organisation, or guests, read along; True where Slack does not say."""
        try:
            if is_shared_channel(await self._get_info(place)):
                return True
            members = await self._list_members(place)
        except ChatRefused:
            return True
        return not members or any(member.is_guest for member in members)

    async def is_member(self, place: Place) -> bool:
        """Whether the bot can speak there."""
        try:
            info = await self._get_info(place)
        except ChatRefused:
            return False
        return bool(info.get("is_member") or info.get("is_im") or info.get("is_mpim"))

    async def find_obstacle(self, channel: str) -> str:
        """Why the bot can't speak in a channel, in Slack's word; empty where it can."""
        try:
            response = await self._api.call(self._api.methods.conversations_info, channel=channel)
        except ChatRefused as refused:
            return refused.reason
        info: JsonObject = response["channel"]
        if info.get("is_archived"):
            return "is_archived"
        return "" if info.get("is_member") or info.get("is_im") or info.get("is_mpim") else "not_in_channel"

    async def get_direct_place(self, person_id: str) -> Place:
        opened = await self._api.call(self._api.methods.conversations_open, users=person_id)
        return place_of(self._bot, opened["channel"]["id"], None)

    async def find_link(self, place: Place, message_id: str) -> str | None:
        get_permalink = self._api.methods.chat_getPermalink
        try:
            response = await self._api.call(get_permalink, channel=place.channel, message_ts=message_id)
        except ChatRefused:
            return None
        return response["permalink"]

    async def _get_info(self, place: Place) -> JsonObject:
        info = await self._api.call(self._api.methods.conversations_info, channel=place.channel)
        return info["channel"]

    async def _list_members(self, place: Place) -> list[Person]:
        members = self._api.methods.conversations_members
        pages = self._api.iter_pages(members, channel=place.channel, limit=_PAGE_SIZE)
        member_ids = [member_id async for page in pages for member_id in page["members"]]
        return await self._people.list_humans(member_ids)


def is_shared_channel(channel: JsonObject) -> bool:
    """Whether somebody outside of this workspace reads the channel, or is invited to."""
    flags = ("is_shared", "is_ext_shared", "is_org_shared", "is_pending_ext_shared", "pending_shared")
    return any(channel.get(flag) for flag in (*flags, "pending_connected_team_ids"))

"""Slack's user groups, for sources that grant rights to them."""

from collections.abc import Mapping

from connectors.documents import Principal, group, user
from helpdesk_bot.chat.slack.api import SlackApi
from helpdesk_bot.chat.slack.people import SlackPeople


class SlackGroups:
    """Who is in `@handle`: the principal `group("slack", handle)` with its members, by their verified addresses.

    A guest, and somebody without a verified address, is in no group: rights are never wider than what is known.
    """

    name = "slack"

    def __init__(self, api: SlackApi, people: SlackPeople) -> None:
        self._api = api
        self._people = people

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        """The members of every group that is in use now. Raises `ChatError` kinds rather than telling a part."""
        listed = await self._api.call(self._api.methods.usergroups_list, include_users=True)
        members = {
            entry["handle"]: frozenset(entry.get("users") or ())
            for entry in listed["usergroups"]
            if not entry.get("date_delete")
        }
        everybody = await self._people.list_humans(sorted(frozenset[str]().union(*members.values())))
        addresses = {person.id: person.email for person in everybody if person.email and not person.is_guest}
        return {
            group(self.name, handle): frozenset(user(addresses[person_id]) for person_id in ids & addresses.keys())
            for handle, ids in members.items()
        }

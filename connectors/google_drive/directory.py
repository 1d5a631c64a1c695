"""Who is in a group: the Admin SDK Directory API, for organisations that let us ask."""

from collections.abc import Collection, Iterable

from connectors.documents import STAFF, Principal, user
from connectors.errors import Forbidden, HttpRefused, NotFound, SourceUnavailable
from connectors.google_drive.drive import Google
from connectors.google_drive.parallel import run_all
from connectors.google_drive.payloads import Member, MemberPage
from connectors.google_drive.rights import group_of
from connectors.http import path_of

SCOPE = "https://www.googleapis.com/auth/admin.directory.group.member.readonly"
_PAGE_MEMBERS = 200
"""The most that Google gives at once."""


class Directory(Google):
    async def list_memberships(
        self, groups: Collection[str], *, domains: Collection[str]
    ) -> dict[Principal, frozenset[Principal]]:
        """The direct members of the groups, by their e-mail addresses, and of all groups in them.

        A group of another organisation has none that we may know. Raises SourceUnavailable where our own are refused.
        """
        members: dict[str, list[Member]] = {}
        pending = {email.casefold() for email in groups if email}
        while pending:
            found = await run_all(self._list_members(email, domains) for email in sorted(pending))
            members.update(zip(sorted(pending), found, strict=True))
            nested = {one.email.casefold() for several in found for one in several if one.type == "GROUP" and one.email}
            pending = nested - members.keys()
        return {
            group_of(self.source, email): frozenset(self._principals(several)) for email, several in members.items()
        }

    async def _list_members(self, email: str, domains: Collection[str]) -> list[Member]:
        pages = self.iter_pages(
            path_of("groups", email, "members"),
            MemberPage,
            maxResults=_PAGE_MEMBERS,
            fields="nextPageToken,members(type,email,status)",
        )
        try:
            return [member async for page in pages for member in page.members]
        except NotFound:
            return []
        except HttpRefused as error:
            is_ours = email.rpartition("@")[2] in domains
            if not is_ours and isinstance(error, Forbidden):
                return []
            reason = (
                f"Google refuses to list the members of our groups (HTTP {error.status}): let the account read groups"
            )
            raise SourceUnavailable(self.source, reason) from error

    def _principals(self, members: Iterable[Member]) -> Iterable[Principal]:
        for member in members:
            if member.type == "CUSTOMER":
                yield STAFF
            elif member.type == "GROUP" and member.email:
                yield group_of(self.source, member.email)
            elif member.email and member.status not in {"SUSPENDED", "ARCHIVED"}:
                yield user(member.email)

"""What a Confluence site holds, as plain data: people, groups, spaces, contents, and who may open what.

    wiki = Wiki()
    wiki.add_user("ada", email="ada@example.com")
    wiki.add_group("users", ["ada"])
    wiki.add_space("HELP", viewers=["group:users"])
    page = wiki.add_page("HELP", "VPN", "<p>Dial in.</p>")
    wiki.restrict(page, ["ada"])
    wiki.may_open("ada", page)

A move, a restriction and a label leave the version alone; a new title and a new text make one, as in Confluence.
"""

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

_GROUP = "group:"
BOT = "bot"


@dataclass(kw_only=True)
class WikiUser:
    id: str
    email: str
    name: str
    shows_email: bool = True
    account_type: str = "atlassian"
    account_status: str = "active"


@dataclass(kw_only=True)
class WikiSpace:
    key: str
    name: str
    number: int
    viewers: list[str]
    """User ids and `group:NAME`."""
    is_anonymous: bool = False
    is_for_licensed: bool = False
    is_personal: bool = False
    status: str = "current"
    shows_permissions: bool = True


@dataclass(kw_only=True)
class WikiContent:
    id: str
    type: str
    space: str
    title: str
    body: str = ""
    parent: str | None = None
    """Of a page: the page or folder above; of a comment or an attachment: its page."""
    status: str = "current"
    version: int = 1
    created: int = 0
    when: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    labels: list[str] = field(default_factory=list[str])
    readers: list[str] | None = None
    """User ids and `group:NAME`; None without a restriction."""
    media_type: str = ""
    content: bytes | None = b""
    """Of an attachment; None where its file is lost."""
    shows_body: bool = True


class Wiki:
    """Everything, by id."""

    def __init__(self) -> None:
        self.users: dict[str, WikiUser] = {}
        self.groups: dict[str, list[str]] = {}
        """Members by name: user ids and `group:NAME`."""
        self.spaces: dict[str, WikiSpace] = {}
        self.contents: dict[str, WikiContent] = {}
        self.is_open_to_anonymous = False
        """The whole site's switch; a space has its own besides."""
        self.licensed_group = "users"
        self.now = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
        self._members: dict[str, set[str]] = {}
        self._numbers = itertools.count(1001)
        self.add_user(BOT, email="helpdesk-bot@example.com")

    # People

    def add_user(self, user_id: str, *, email: str, name: str = "", **more: object) -> None:
        self.users[user_id] = WikiUser(id=user_id, email=email, name=name or user_id.title(), **more)  # type: ignore[arg-type]

    def add_group(self, name: str, members: Iterable[str]) -> None:
        self.groups[name] = list(members)
        self._members.clear()

    def members_of(self, name: str) -> set[str]:
        """All user ids in a group and in the groups in it."""
        if name not in self._members:
            self._members[name] = self._walk(name)
        return self._members[name]

    def _walk(self, name: str) -> set[str]:
        people: set[str] = set()
        seen: set[str] = set()
        pending = [name]
        while pending:
            group = pending.pop()
            if group in seen:
                continue
            seen.add(group)
            for member in self.groups.get(group, []):
                if member.startswith(_GROUP):
                    pending.append(member.removeprefix(_GROUP))
                else:
                    people.add(member)
        return people

    # Spaces and contents

    def add_space(self, key: str, *, viewers: Iterable[str], name: str = "", **more: object) -> None:
        number = next(self._numbers)
        self.spaces[key] = WikiSpace(key=key, name=name or key.title(), number=number, viewers=list(viewers), **more)  # type: ignore[arg-type]

    def add_page(self, space: str, title: str, body: str = "", *, parent: str | None = None, type: str = "page") -> str:  # noqa: A002
        return self._add(type=type, space=space, title=title, body=body, parent=parent)

    def add_comment(self, page: str, body: str) -> str:
        return self._add(type="comment", space=self.contents[page].space, title="Re:", body=body, parent=page)

    def add_attachment(self, page: str, file_name: str, content: bytes | None, media_type: str) -> str:
        space = self.contents[page].space
        return self._add(
            type="attachment", space=space, title=file_name, parent=page, content=content, media_type=media_type
        )

    def edit(self, content_id: str, body: str) -> None:
        self._touch(content_id).body = body

    def rename(self, content_id: str, title: str) -> None:
        self._touch(content_id).title = title

    def replace_file(self, content_id: str, content: bytes) -> None:
        self._touch(content_id).content = content

    def move(self, content_id: str, parent: str | None, *, space: str | None = None) -> None:
        """With everything below, into another space too."""
        self.contents[content_id].parent = parent
        for each in self._with_descendants(content_id):
            each.space = space or each.space

    def trash(self, content_id: str) -> None:
        """Pages below move up; comments and attachments share the fate of their page."""
        gone = self.contents[content_id]
        gone.status = "trashed"
        for each in self._children(content_id):
            if each.type in {"comment", "attachment"}:
                each.status = "trashed"
            else:
                each.parent = gone.parent

    def restore(self, content_id: str) -> None:
        back = self.contents[content_id]
        back.status = "current"
        if back.parent is not None and self.contents[back.parent].status != "current":
            back.parent = None
        for each in self._children(content_id):
            each.status = "current"

    def archive(self, content_id: str) -> None:
        for each in self._with_descendants(content_id):
            each.status = "archived"

    def purge(self, content_id: str) -> None:
        for each in self._with_descendants(content_id):
            del self.contents[each.id]

    def restrict(self, content_id: str, readers: Collection[str] | None) -> None:
        """Only those, of all who may open what is above; None takes the restriction away."""
        self.contents[content_id].readers = None if readers is None else list(readers)

    # Who may open what

    def may_open(self, user_id: str | None, content_id: str) -> bool:
        """None is somebody without an account."""
        content = self.contents[content_id]
        if content.status == "trashed" or not self.may_view(user_id, content.space):
            return False
        line = [content, *self.ancestors(content_id)]
        return all(each.readers is None or self._is_among(user_id, each.readers) for each in line)

    def may_view(self, user_id: str | None, space: str) -> bool:
        viewed = self.spaces[space]
        if viewed.is_anonymous and self.is_open_to_anonymous:
            return True
        if user_id is None:
            return False
        if viewed.is_for_licensed and user_id in self.members_of(self.licensed_group):
            return True
        return self._is_among(user_id, viewed.viewers)

    def ancestors(self, content_id: str) -> list[WikiContent]:
        """From the top down to what it stands in."""
        line: list[WikiContent] = []
        parent = self.contents[content_id].parent
        while parent is not None and parent in self.contents:
            line.insert(0, self.contents[parent])
            parent = self.contents[parent].parent
        return line

    def _is_among(self, user_id: str | None, readers: Collection[str]) -> bool:
        if user_id is None:
            return False
        groups = (reader.removeprefix(_GROUP) for reader in readers if reader.startswith(_GROUP))
        return user_id in readers or any(user_id in self.members_of(name) for name in groups)

    def _add(self, **said: object) -> str:
        number = next(self._numbers)
        content_id = f"att{number}" if said["type"] == "attachment" else str(number)
        self.now += timedelta(seconds=1)
        self.contents[content_id] = WikiContent(id=content_id, created=number, when=self.now, **said)  # type: ignore[arg-type]
        return content_id

    def _touch(self, content_id: str) -> WikiContent:
        content = self.contents[content_id]
        self.now += timedelta(seconds=1)
        content.version, content.when = content.version + 1, self.now
        return content

    def _children(self, content_id: str) -> list[WikiContent]:
        return [each for each in self.contents.values() if each.parent == content_id]

    def _with_descendants(self, content_id: str) -> Iterator[WikiContent]:
        pending = [content_id]
        while pending:
            each = pending.pop()
            children = [child.id for child in self._children(each)]
            yield self.contents[each]
            pending += children

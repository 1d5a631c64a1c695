"""How Confluence says what a wiki holds, in its JSON."""

from collections.abc import Collection
from typing import Any

from tests.fakes.confluence_wiki import Wiki, WikiContent, WikiSpace

Json = dict[str, Any]
_INLINE = 200
"""Of the people and groups of a restriction, how many an expansion gives."""


class Answers:
    def __init__(self, wiki: Wiki, base_url: str, *, is_cloud: bool, tells_emails: bool) -> None:
        self._wiki = wiki
        self._base_url = base_url
        self._is_cloud = is_cloud
        self._tells_emails = tells_emails

    def user(self, user_id: str, *, with_email: bool = False) -> Json:
        user = self._wiki.users[user_id]
        if not self._is_cloud:
            return {"type": "known", "username": user.id, "userKey": f"key-{user.id}", "displayName": user.name}
        email = {"email": user.email if user.shows_email else ""} if self._tells_emails or with_email else {}
        kind = {"accountType": user.account_type, "accountStatus": user.account_status}
        return {
            "type": "known",
            "accountId": user.id,
            "displayName": user.name,
            "publicName": user.name,
            **kind,
            **email,
        }

    def group(self, name: str) -> Json:
        return {"type": "group", "name": name, **({"id": f"gid-{name}"} if self._is_cloud else {})}

    def space(self, space: WikiSpace, *, permissions: bool = False) -> Json:
        answer: Json = {
            "id": space.number,
            "key": space.key,
            "name": space.name,
            "type": "personal" if space.is_personal else "global",
            "status": space.status,
            "_links": {"webui": f"/spaces/{space.key}"},
        }
        if permissions and space.shows_permissions:
            answer["permissions"] = self._permissions(space)
        return answer

    def _permissions(self, space: WikiSpace) -> list[Json]:
        read = {"operation": {"operation": "read", "targetType": "space"}}
        create = {"operation": {"operation": "create", "targetType": "page"}}
        closed = {"anonymousAccess": False, "unlicensedAccess": False}
        entries: list[Json] = [{"id": 1, **self._subject(each), **read, **closed} for each in space.viewers]
        entries.append({"id": 2, **create, **closed, "anonymousAccess": True})
        entries.append({"id": 3, **self._subject("group:may-create-only"), **create, **closed})
        if space.is_anonymous:
            entries.append({"id": 4, **read, **closed, "anonymousAccess": True})
        if space.is_for_licensed:
            entries.append({"id": 5, **read, **closed})
        return entries

    def _subject(self, viewer: str) -> Json:
        name = viewer.removeprefix("group:")
        if name != viewer:
            return {"subjects": {"group": {"results": [self.group(name)], "size": 1}, "_expandable": {"user": ""}}}
        return {"subjects": {"user": {"results": [self.user(viewer)], "size": 1}, "_expandable": {"group": ""}}}

    def granted(self, space: WikiSpace) -> list[Json]:
        """As Data Center lists the permissions of a space."""
        read = {"operation": {"targetType": "space", "operationKey": "read"}, "spaceKey": space.key}
        create = {"operation": {"targetType": "page", "operationKey": "create"}, "spaceKey": space.key}
        entries: list[Json] = [{"subject": self._reader(each), **read} for each in space.viewers]
        entries.append({"subject": self.group("may-create-only"), **create})
        if space.is_anonymous:
            entries.append({"subject": {"type": "anonymous", "displayName": "Anonymous"}, **read})
        return entries

    def _reader(self, reader: str) -> Json:
        name = reader.removeprefix("group:")
        return self.group(name) if name != reader else self.user(reader)

    def content(self, content: WikiContent, expansions: Collection[str]) -> Json:
        answer: Json = {
            "id": content.id,
            "type": content.type,
            "status": content.status,
            "title": content.title,
            "_links": {"webui": self._webui(content)},
        }
        if content.type == "attachment":
            answer["extensions"] = {"mediaType": content.media_type, "fileSize": len(content.content or b"")}
            answer["_links"]["download"] = (
                f"/download/attachments/{content.parent}/{content.id}?version={content.version}"
            )
        parts = {
            "version": lambda: {"number": content.version, "when": content.when.isoformat()},
            "space": lambda: self.space(self._wiki.spaces[content.space]),
            "ancestors": lambda: self._ancestors(content),
            "container": lambda: self._container(content),
            "metadata.labels": lambda: {"labels": self._labels(content)},
            "body.storage": lambda: self._body(content),
            "restrictions.read.restrictions.user": lambda: {"read": self.restriction(content, start=0, limit=_INLINE)},
        }
        for expansion, part in parts.items():
            if expansion in expansions:
                answer[expansion.partition(".")[0]] = part()
        return answer

    def restriction(self, content: WikiContent, *, start: int, limit: int) -> Json:
        readers = content.readers or []
        users = [self.user(each) for each in readers if not each.startswith("group:") and each in self._wiki.users]
        groups = [self.group(each.removeprefix("group:")) for each in readers if each.startswith("group:")]
        lists = {"user": users, "group": groups}
        return {
            "operation": "read",
            "restrictions": {kind: _part(entries, start, limit) for kind, entries in lists.items()},
        }

    def _ancestors(self, content: WikiContent) -> list[Json]:
        if content.type in {"comment", "attachment"}:
            return []
        return [{"id": each.id, "type": each.type, "title": each.title} for each in self._wiki.ancestors(content.id)]

    def _container(self, content: WikiContent) -> Json:
        if content.type in {"comment", "attachment"} and content.parent is not None:
            return {"id": content.parent, "type": self._wiki.contents[content.parent].type}
        return {"id": self._wiki.spaces[content.space].number, "key": content.space}

    def _labels(self, content: WikiContent) -> Json:
        labels = [{"prefix": "global", "name": name, "id": "1", "label": name} for name in content.labels]
        return {"results": [*labels, {"prefix": "my", "name": "favourite"}], "start": 0, "limit": 200, "size": 1}

    def _body(self, content: WikiContent) -> Json:
        storage = {"storage": {"value": content.body, "representation": "storage"}}
        return storage if content.shows_body else {"_expandable": {"storage": ""}}

    def _webui(self, content: WikiContent) -> str:
        if content.type == "attachment":
            return f"/pages/viewpageattachments.action?pageId={content.parent}&preview=%2F{content.id}"
        return f"/spaces/{content.space}/pages/{content.id}"


def _part(entries: list[Json], start: int, limit: int) -> Json:
    page = entries[start : start + limit]
    return {"results": page, "start": start, "limit": limit, "size": len(page)}

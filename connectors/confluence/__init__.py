"""Confluence Cloud and Data Center as a source: pages, blog posts, comments and attachments, with who may read them.

    async with open_place("wiki", base_url="https://acme.atlassian.net/wiki", auth=ApiToken(email, token)) as place:
        source = ConfluenceSource(place, name="wiki", reader=reader, scope=Scope(spaces=("HELP",)))

What is asked of Confluence, and why of this API, stands in `docs/confluence.md`.
"""

from connectors.confluence.credentials import ApiToken, OAuth, PersonalAccessToken, Tokens, TokenStore
from connectors.confluence.place import Edition, Place, open_place
from connectors.confluence.source import ConfluenceSource
from connectors.confluence.survey import Scope

__all__ = [
    "ApiToken",
    "ConfluenceSource",
    "Edition",
    "OAuth",
    "PersonalAccessToken",
    "Place",
    "Scope",
    "TokenStore",
    "Tokens",
    "open_place",
]

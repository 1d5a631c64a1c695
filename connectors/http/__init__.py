"""One polite client for places that speak HTTP, which never leaves the hosts it was given.

    async with Visit("wiki", base_url="https://wiki.example.com", auth=httpx.BasicAuth(email, token)) as wiki:
        page = await wiki.get_json(path_of("rest", "api", "content", page_id), params={"expand": "version"})

What it raises is drawn in `connectors.errors`: SourceUnavailable after the last attempt, NeedsLogin, and one of the
kinds of RequestFailed, which a connector turns into what it means.
"""

from connectors.http.answers import Download, JsonObject
from connectors.http.bounds import path_of
from connectors.http.outgoing import client_by
from connectors.http.pace import Politeness
from connectors.http.trouble import trouble_of
from connectors.http.verdicts import Verdict, judge
from connectors.http.visit import Visit
from connectors.http.way_out import DIRECT, WayOut

__all__ = [
    "DIRECT",
    "Download",
    "JsonObject",
    "Politeness",
    "Verdict",
    "Visit",
    "WayOut",
    "client_by",
    "judge",
    "path_of",
    "trouble_of",
]

"""A website as a source of knowledge: its sitemap or its start pages, robots.txt, main content only.

async with open_website("site", Scope(base_url="https://www.example.com"), reader=reader) as source:
    ...
"""

from connectors.website.scope import Scope
from connectors.website.source import WebsiteSource, open_website

__all__ = ["Scope", "WebsiteSource", "open_website"]

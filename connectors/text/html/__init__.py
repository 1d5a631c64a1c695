"""HTML."""

from connectors.text.html.page import read

__all__ = ["read"]

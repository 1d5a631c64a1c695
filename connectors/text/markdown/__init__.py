"""Markdown."""

from connectors.text.markdown.page import read

__all__ = ["read"]

"""PDF."""

from connectors.text.pdf.document import read

__all__ = ["read"]

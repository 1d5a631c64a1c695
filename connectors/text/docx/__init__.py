"""Word documents."""

from connectors.text.docx.document import read

__all__ = ["read"]

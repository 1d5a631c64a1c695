"""Presentations."""

from connectors.text.pptx.presentation import read

__all__ = ["read"]

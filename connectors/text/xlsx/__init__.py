"""Workbooks."""

from connectors.text.xlsx.workbook import read

__all__ = ["read"]

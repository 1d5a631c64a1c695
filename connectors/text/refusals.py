"""Why a file's text is not handed out, seen from inside a format: which document it was is added outside.

Refusal         the file can't be read
`-- TooMuch     reading it would take more than its limits allow
"""


class Refusal(Exception):
    """The file can't be read. `reason` is a plain sentence for an admin, without the file's text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooMuch(Refusal):
    """Reading the file would take more than its limits allow."""

"""When removals are rather a fault of the place."""

BRAKE_DOCUMENTS = 20
BRAKE_SHARE = 0.3
"""More removals than both are taken for a fault of the place until a person approves them."""


def too_many(missing: int, *, stored: int, live: int, share: float = BRAKE_SHARE) -> bool:
    """Whether so many removals at once are rather a fault of the place; any are when it seems to have nothing."""
    return missing > 0 and (live == 0 or (missing > BRAKE_DOCUMENTS and missing > share * stored))

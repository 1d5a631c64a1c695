"""A source into the store: only what changed, one run a source at a time, with a receipt.

`sync` brings a source up to date, `refresh_rights` only who may read what, `refresh_memberships` only who is in which
group of a directory. A run that is killed costs one batch of embeddings: vectors are kept as they come, documents are
stored page by page, and the next run compares versions and goes on. Removing waits for the end of a complete listing.
"""

from knowledge.sync.accounting import HELD_BACK
from knowledge.sync.brake import BRAKE_DOCUMENTS, BRAKE_SHARE, too_many
from knowledge.sync.needs import KILLED_ITS_READER, MAX_ATTEMPTS, Need, find_need
from knowledge.sync.pages import EMBED_TEXTS, NO_TEXT
from knowledge.sync.progress import Phase, SyncProgress
from knowledge.sync.rights import Directory, RightsReceipt, RightsState, refresh_memberships, refresh_rights
from knowledge.sync.run import NOT_LISTED, sync

__all__ = [
    "BRAKE_DOCUMENTS",
    "BRAKE_SHARE",
    "EMBED_TEXTS",
    "HELD_BACK",
    "KILLED_ITS_READER",
    "MAX_ATTEMPTS",
    "NOT_LISTED",
    "NO_TEXT",
    "Directory",
    "Need",
    "Phase",
    "RightsReceipt",
    "RightsState",
    "SyncProgress",
    "find_need",
    "refresh_memberships",
    "refresh_rights",
    "sync",
    "too_many",
]

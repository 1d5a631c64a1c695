"""The knowledge base in Postgres: the only SQL on schema `knowledge`.

A search reads a `Snapshot`, a sync writes through the `Writer` of its source, a change of the embedder goes through the
`SpaceBuilder`; the `Store` opens each. Rights are part of every `where` that leads to a text.
"""

from knowledge.store.account import Settled
from knowledge.store.presence import Presence
from knowledge.store.refusals import naming_refusals
from knowledge.store.rows import (
    Candidate,
    DocumentWrite,
    HeldRemoval,
    IndexBuild,
    Moment,
    Names,
    Quarantined,
    Ranked,
    Skipped,
    SourceStatus,
    Space,
    Standing,
    Status,
    StoredChunk,
    StoredDocument,
    StoredRule,
    SyncRun,
    Term,
    rule_digest,
    storable_key,
)
from knowledge.store.snapshot import Snapshot
from knowledge.store.spaces import SpaceBuilder
from knowledge.store.spellings import Spellings
from knowledge.store.store import Store
from knowledge.store.writer import Writer

__all__ = [
    "Candidate",
    "DocumentWrite",
    "HeldRemoval",
    "IndexBuild",
    "Moment",
    "Names",
    "Presence",
    "Quarantined",
    "Ranked",
    "Settled",
    "Skipped",
    "Snapshot",
    "SourceStatus",
    "Space",
    "SpaceBuilder",
    "Spellings",
    "Standing",
    "Status",
    "Store",
    "StoredChunk",
    "StoredDocument",
    "StoredRule",
    "SyncRun",
    "Term",
    "Writer",
    "naming_refusals",
    "rule_digest",
    "storable_key",
]

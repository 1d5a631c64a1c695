"""What goes into the store and comes out of it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from psycopg.sql import Identifier

from connectors.documents import AccessRule, Listed, Principal
from knowledge.chunks import Chunk
from knowledge.passages import Passage


@dataclass(frozen=True, kw_only=True)
class Space:
    """An embedding space: vectors that may be compared with each other, in a table of their own."""

    id: int
    model: str
    dimension: int

    @property
    def table(self) -> Identifier:
        return Identifier("knowledge", f"vector_{self.id}")

    @property
    def index_name(self) -> str:
        return f"vector_{self.id}_by_embedding"


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of a question that some chunk holds. `df` counts the chunks, `count` how often the question says it."""

    id: int
    lexeme: str
    df: int
    count: int


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What holds for everybody at the moment of a snapshot."""

    rights_version: int
    """Another number after every change of a rule or a membership."""
    chunks: int
    space: Space | None
    """The one that answers; None while nothing was ever stored."""
    is_indexed: bool
    """Whether the space has an approximate index."""
    has_names: bool = False
    """Whether any document explains a short name or gives another name of something."""


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A question beside what its audience may read."""

    permitted: int
    """Chunks."""
    terms: tuple[Term, ...]
    """The rarest first."""
    unseen: tuple[str, ...]
    """Words of the question, as lexemes, that no chunk holds."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """Two names of one thing: a short form with what it stands for, or two synonyms."""

    one: str
    other: str
    is_short_form: bool
    """Whether the one is short for the other."""


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """A chunk with its score in one ranking, higher is better."""

    chunk_id: int
    score: float


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A passage before the final order, with what the re-ranker looks at."""

    passage: Passage
    digest: bytes
    """Equal for chunks whose embedded text is equal."""
    label_lexemes: frozenset[str]
    """Those of the question's words that the title or the headings hold."""
    term_ids: frozenset[int]
    """Those of its words that the chunk holds, or its title, headings or trail."""


@dataclass(frozen=True, kw_only=True)
class StoredRule:
    id: int
    source: str
    rule: AccessRule


@dataclass(frozen=True, kw_only=True)
class StoredDocument:
    """What is known of a document without its text."""

    id: int
    key: str
    version: str
    recipe: str
    title: str
    listed_title: str
    url: str
    access_digest: bytes
    modified_at: datetime
    trail: Sequence[str] = ()
    labels: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class DocumentWrite:
    """A document as it shall be stored. Where `chunks` is None its text stays as it is."""

    key: str
    version: str
    recipe: str
    """How the text was cut into chunks."""
    title: str
    listed_title: str
    """As the place lists it: a file is listed by its name, and its text may have a title of its own."""
    url: str
    access: AccessRule
    modified_at: datetime
    chunks: Sequence[Chunk] | None
    trail: Sequence[str] = ()
    labels: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A version of a document that could not be read."""

    listed: Listed
    reason: str
    attempts: int
    recipe: str
    """The rules of reading under which it was tried."""


@dataclass(frozen=True, kw_only=True)
class StoredChunk:
    """What an embedder is to see of a chunk that has no vector in a space yet."""

    id: int
    context: str
    text: str

    @property
    def embedded_text(self) -> str:
        return f"{self.context}{self.text}"


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A document that the last complete listing left out, or kept only in an older version."""

    key: str
    title: str
    url: str
    reason: str
    since: datetime
    """When it was first left out for this reason."""


@dataclass(frozen=True, kw_only=True)
class HeldRemoval:
    """A document that is gone from its place and stays until a person approves its removal."""

    key: str
    title: str
    url: str
    run_id: int
    """The run that held it back first."""
    approved_by: str | None


@dataclass(frozen=True, kw_only=True)
class SyncRun:
    id: int
    source: str
    started_at: datetime
    finished_at: datetime | None
    state: str
    """`running`, or how it ended: a `knowledge.receipts.RunState`."""
    receipt: dict[str, object] | None
    phase: str | None = None
    progress: dict[str, int] | None = None
    """Numbers of a `knowledge.sync.SyncProgress`, as of `updated_at`."""
    updated_at: datetime | None = None
    cancelled_by: str | None = None

    @property
    def how_far(self) -> str:
        """`listing, 120 settled, 900 chunks embedded`; empty before the first report."""
        numbers = [f"{count} {what.replace('_', ' ')}" for what, count in (self.progress or {}).items() if count]
        return ", ".join(filter(None, [self.phase, *numbers]))


@dataclass(frozen=True, kw_only=True)
class SourceStatus:
    source: str
    documents: int
    chunks: int
    quarantined: int
    held: int
    """Removals that wait for a person's word."""
    synced_at: datetime | None
    """End of the last complete run."""
    rights_at: datetime | None
    """When rights were last brought up to date, by a run or between runs."""
    rights_problem: str | None
    """Why they could not be since."""
    running: SyncRun | None
    """The run under way; None as soon as its process is dead."""
    last_run: SyncRun | None
    """The last that ended."""


@dataclass(frozen=True, kw_only=True)
class IndexBuild:
    """How far the building of an index of vectors is."""

    blocks_done: int
    blocks_total: int
    """0 until it is known."""

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.blocks_done / self.blocks_total if self.blocks_total else 0.0


@dataclass(frozen=True, kw_only=True)
class Status:
    documents: int
    chunks: int
    space: Space | None
    sources: tuple[SourceStatus, ...]
    index_build: IndexBuild | None = None
    """The index of vectors that is being built now."""


def storable_key(key: str) -> str:
    """A key or a principal with NUL and lone surrogates spelled out, so that different ones stay different."""
    return key.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode("utf-8")


def rule_json(rule: AccessRule) -> list[list[str]]:
    """The rule in one order, so that equal rules are equal text."""
    return sorted(sorted(storable_key(principal) for principal in one_of) for one_of in rule.all_of)


def rule_from_json(all_of: Iterable[Iterable[str]]) -> AccessRule:
    return AccessRule(all_of=frozenset(frozenset(map(Principal, one_of)) for one_of in all_of))


@lru_cache(maxsize=4_096)
def rule_digest(rule: AccessRule) -> bytes:
    return hashlib.sha256(json.dumps(rule_json(rule)).encode()).digest()

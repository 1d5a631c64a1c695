"""What can go wrong with the knowledge base.

KnowledgeError
|-- EmbedderUnavailable   no vectors now: an endpoint is down, refuses, or a library is not installed
|-- EmbedderBroken        an embedder's files or answers are not what they should be; trying again won't help
|-- SpaceMismatch         the stored vectors are of another model or dimension than the configured embedder's
|-- DatabaseUnavailable   Postgres can't be reached
|-- DatabaseRefuses       Postgres is there and takes no writes: its disk is full, it is read-only
|-- MigrationRefused      Postgres did not apply a migration: a missing right, no pgvector, tables that are in the way
|-- MigrationChanged      a migration that was already applied reads differently now
|-- DatabaseOld           PostgreSQL or pgvector is older than what is needed
|-- DatabaseNewer         a migration was applied that this version does not know
`-- SyncInProgress        another process is syncing this source
"""

from collections.abc import Sequence


class KnowledgeError(Exception):
    """The knowledge base could not do what it was asked."""


class EmbedderUnavailable(KnowledgeError):
    """There are no vectors now. `retry_after_s` is what the endpoint asked for, None where it asked for nothing."""

    def __init__(self, model: str, reason: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(f"embedder {model!r} is unavailable: {reason}")
        self.model = model
        self.reason = reason
        self.retry_after_s = retry_after_s


class EmbedderBroken(KnowledgeError):
    """An embedder's files or answers are not what they should be. Trying again won't help."""

    def __init__(self, model: str, reason: str) -> None:
        super().__init__(f"embedder {model!r} is broken: {reason}")
        self.model = model
        self.reason = reason


class SpaceMismatch(KnowledgeError):
    """The stored vectors are of another embedding space than the configured embedder's."""

    def __init__(
        self,
        *,
        recorded_model: str,
        recorded_dimension: int,
        configured_model: str,
        configured_dimension: int | None,
        recorded_setting: str | None = None,
    ) -> None:
        back = f"back to `{recorded_setting}`" if recorded_setting else "back"
        configured = f" ({configured_dimension} dimensions)" if configured_dimension else ""
        super().__init__(
            f"the stored vectors are of {recorded_model!r} ({recorded_dimension} dimensions), but the configured"
            f" embedder is {configured_model!r}{configured}: set EMBEDDER {back},"
            " or build the new vectors with `helpdesk-bot sync --reembed`"
        )
        self.recorded_model = recorded_model
        self.recorded_dimension = recorded_dimension
        self.configured_model = configured_model
        self.configured_dimension = configured_dimension


class DatabaseUnavailable(KnowledgeError):
    """Postgres can't be reached."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the database can't be reached: {reason}")
        self.reason = reason


class DatabaseRefuses(KnowledgeError):
    """Postgres is there and takes no writes: its disk is full, or it is read-only. What is stored can still be read."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the database takes no writes: {reason}")
        self.reason = reason


class MigrationRefused(KnowledgeError):
    """Postgres did not apply a migration: a right is missing, or pgvector, or something else stands in its place."""

    def __init__(self, migration: str, reason: str) -> None:
        super().__init__(
            f"the database can't be brought to this version, at {migration!r}: {reason}; "
            "docs/operations.md says what it needs"
        )
        self.migration = migration
        self.reason = reason


class MigrationChanged(KnowledgeError):
    """A migration that was already applied reads differently now."""

    def __init__(self, migration: str) -> None:
        super().__init__(
            f"migration {migration!r} was applied in another form: put the file back as it was, and add a new one"
        )
        self.migration = migration


class DatabaseOld(KnowledgeError):
    """PostgreSQL or pgvector is older than what is needed: it would fail later, and at single questions."""

    def __init__(self, found: str, *, wanted: str) -> None:
        super().__init__(f"the database is {found}, and {wanted} is needed; docs/operations.md says more")
        self.found = found
        self.wanted = wanted


class DatabaseNewer(KnowledgeError):
    """A migration was applied that this version does not know: what it would write might not fit."""

    def __init__(self, migrations: Sequence[str]) -> None:
        super().__init__(
            f"the database was brought to a newer version of the bot ({', '.join(migrations)}): start that version, or "
            "restore a backup from before it; docs/operations.md says more"
        )
        self.migrations = migrations


class SyncInProgress(KnowledgeError):
    """Another process is syncing this source."""

    def __init__(self, source: str) -> None:
        super().__init__(f"a sync of {source!r} is already running")
        self.source = source

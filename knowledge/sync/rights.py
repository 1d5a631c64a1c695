"""Who may read what, brought up to date between the nightly runs without looking at any text."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from connectors.documents import AccessRule, Principal, Spent
from connectors.errors import SourceUnavailable
from connectors.source import Source
from knowledge.errors import SyncInProgress
from knowledge.store import Presence, Store, Writer, storable_key
from knowledge.sync.brake import BRAKE_SHARE, too_many

PRESENT_AT_ONCE = 1_000
"""Documents written down together while a place is listed."""

BUSY = "a sync is running and moves the rights itself, or another refresh is"


class Directory(Protocol):
    """Knows groups and their members and has no documents: a chat platform's user groups, a company's directory."""

    @property
    def name(self) -> str:
        """Unique among sources and directories; the name of each of its groups begins with it."""
        ...

    async def memberships(self) -> Mapping[Principal, frozenset[Principal]]:
        """The direct members of every group. Raises `connectors.errors.SourceUnavailable`."""
        ...


class RightsState(StrEnum):
    COMPLETE = "complete"
    """Who may read what is as the place says."""
    HELD = "held"
    """As complete, but so many documents are gone from the place that they are left readable until a sync and a person
    look at it."""
    SKIPPED = "skipped"
    """Nothing was done, since a sync is at it."""
    FAILED = "failed"
    """The place was not there. Rights are as they were."""


@dataclass(frozen=True, kw_only=True)
class RightsReceipt:
    """An account of one refresh."""

    source: str
    state: RightsState
    reason: str = ""
    moved: int = 0
    """Documents whose rule changed; those hidden and those that came back included."""
    gone: int = 0
    """Documents that the place no longer has. Nobody can read them until the next sync decides about them."""
    held_back: int = 0
    """As gone, but too many to be believed: left readable."""
    memberships_changed: bool = False
    requests: int = 0
    points: int = 0
    took_s: float = 0.0


async def refresh_rights(source: Source, *, store: Store, brake_share: float = BRAKE_SHARE) -> RightsReceipt:
    """Bring memberships and the rules of all stored documents to what the place has now; nothing is read or embedded.

    The place is asked without holding up a sync: one that begins meanwhile goes first, and this gives up. A document
    that the place no longer has is hidden from everyone at once, unless so many are gone that the brake holds.
    """
    refresh = _Refresh(source=source, store=store, brake_share=brake_share, spent_before=source.spent)
    try:
        return await refresh.settle()
    except SyncInProgress:
        return refresh.receipt(RightsState.SKIPPED, reason=BUSY)


async def refresh_memberships(directory: Directory, *, store: Store) -> RightsReceipt:
    """Bring a directory's groups to what it says now."""
    began = time.monotonic()
    try:
        async with store.writer(directory.name) as writer:
            changed = await writer.replace_memberships(await directory.memberships())
    except SyncInProgress:
        return RightsReceipt(source=directory.name, state=RightsState.SKIPPED, reason=BUSY)
    except SourceUnavailable as error:
        return RightsReceipt(source=directory.name, state=RightsState.FAILED, reason=error.reason)
    return RightsReceipt(
        source=directory.name,
        state=RightsState.COMPLETE,
        memberships_changed=changed,
        took_s=round(time.monotonic() - began, 3),
    )


async def take_presence(source: Source, presence: Presence) -> None:
    """Write down everything that the place has now, with its rules. Raises `SourceUnavailable`."""
    await presence.clear()
    rules: dict[str, AccessRule] = {}
    async for one in source.present():
        rules[storable_key(one.key)] = one.access
        if len(rules) == PRESENT_AT_ONCE:
            await presence.add(rules)
            rules = {}
    await presence.add(rules)
    await presence.close()


@dataclass(kw_only=True)
class _Refresh:
    source: Source
    store: Store
    brake_share: float
    spent_before: Spent

    def __post_init__(self) -> None:
        self._began = time.monotonic()

    async def settle(self) -> RightsReceipt:
        """Raises `SyncInProgress` when a sync is at it, or was since the place was asked."""
        async with self.store.rights_writer(self.source.name) as writer:
            try:
                last_run = await writer.runs.get_last_id()
                await writer.presence.open()
                memberships = await self.source.memberships()
                await take_presence(self.source, writer.presence)
            except SourceUnavailable as error:
                await writer.runs.note_rights(problem=error.reason)
                return self.receipt(RightsState.FAILED, reason=error.reason)
            await writer.lock()
            if await writer.runs.get_last_id() != last_run:
                raise SyncInProgress(self.source.name)
            return await self._move(writer, memberships)

    async def _move(self, writer: Writer, memberships: Mapping[Principal, frozenset[Principal]]) -> RightsReceipt:
        changed = await writer.replace_memberships(memberships)
        gone = await writer.presence.count_missing()
        is_held = too_many(gone.missing, stored=gone.stored, live=gone.live, share=self.brake_share)
        if not is_held:
            await writer.presence.hide_missing()
        moved = sum([len(keys) async for keys in writer.presence.move_rights()])
        await writer.runs.note_rights(problem=None)
        return self.receipt(
            RightsState.HELD if is_held else RightsState.COMPLETE,
            reason=f"{gone.missing} documents are no longer there: too many to be believed" if is_held else "",
            moved=moved,
            gone=0 if is_held else gone.missing,
            held_back=gone.missing if is_held else 0,
            memberships_changed=changed,
        )

    def receipt(
        self,
        state: RightsState,
        *,
        reason: str = "",
        moved: int = 0,
        gone: int = 0,
        held_back: int = 0,
        memberships_changed: bool = False,
    ) -> RightsReceipt:
        spent = self.source.spent
        return RightsReceipt(
            source=self.source.name,
            state=state,
            reason=reason,
            moved=moved,
            gone=gone,
            held_back=held_back,
            memberships_changed=memberships_changed,
            requests=spent.requests - self.spent_before.requests,
            points=spent.points - self.spent_before.points,
            took_s=round(time.monotonic() - self._began, 3),
        )

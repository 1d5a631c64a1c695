"""Pieces packed into runs, one run a chunk."""

import re
import zlib
from collections.abc import Iterator, Sequence

from knowledge.chunks.pieces import Measure, Piece, sentences
from knowledge.chunks.sections import Kind

Run = Sequence[Piece]

LEAST_FILL = 0.3
"""Of a run's room, before which it does not end while more pieces follow."""

_LEAD = re.compile(r":\W{0,3}$|^#{1,6} .*$|^\*\*[^*\n]+\*\*$")


def tokens_of(run: Run) -> int:
    """Tokens of the pieces with a frame around those of each framed block."""
    return sum(_cost(run, at, first=0) for at in range(len(run)))


def pack(pieces: Run, *, room: int, spare: int) -> list[Run]:
    """Consecutive runs of at most `room` tokens; when there are several, with `spare` of it left for a lead.

    Among the places where a run could end, the end of a block comes before one inside it, and then the content
    decides (the least checksum of what follows). So an edit moves the ends near it, and a few runs further on the
    ends are where they were: what lies behind has the same text, and is not embedded again.
    """
    if tokens_of(pieces) <= room:
        return [pieces] if pieces else []
    return _without_crumbs(list(_runs(pieces, room=room - spare)), room=room, crumb=spare)


def lead(previous: Run, *, measure: Measure, budget: int) -> str:
    """The last sentences of the previous run, as many as the budget holds; nothing when it ends in no paragraph."""
    taken: list[str] = []
    for sentence in reversed(sentences(_last_paragraph(previous))):
        budget -= measure(sentence)
        if budget < 0:
            break
        taken.append(sentence)
    return "".join(reversed(taken)).strip()


def _last_paragraph(run: Run) -> str:
    """As much of it as lies in the run; nothing when the run ends in something else."""
    texts: list[str] = []
    for piece in reversed(run):
        if piece.kind is not Kind.PROSE:
            break
        texts.append(piece.text)
        if piece.begins_block:
            break
    return "".join(reversed(texts))


def _cost(pieces: Run, at: int, *, first: int) -> int:
    """Tokens that a piece adds to a run that begins at `first`."""
    frame = pieces[at].frame
    opens = frame is not None and (at == first or pieces[at - 1].frame != frame)
    return pieces[at].tokens + (frame.tokens if frame and opens else 0)


def _runs(pieces: Run, *, room: int) -> Iterator[Run]:
    start = 0
    while start < len(pieces):
        end = min(_possible_ends(pieces, start, room=room), key=lambda end: _reluctance(pieces, end))
        yield pieces[start:end]
        start = end


def _possible_ends(pieces: Run, start: int, *, room: int) -> Sequence[int]:
    """Where a run from `start` may end: at the end of all if that fits, or well filled, or else as full as it gets."""
    ends: list[int] = []
    end, filled = start, _cost(pieces, start, first=start)
    while filled <= room or end == start:
        end += 1
        if end == len(pieces):
            return [end]
        if filled >= LEAST_FILL * room:
            ends.append(end)
        filled += _cost(pieces, end, first=start)
    return ends or [end]


def _reluctance(pieces: Run, end: int) -> tuple[bool, bool, int, int]:
    """How bad a place to end this is: behind what leads up to something is worst, inside a block is worse, then the
    content decides, and then the fuller run.
    """
    if end == len(pieces):
        return False, False, 0, 0
    content = zlib.crc32(pieces[end].text.encode())
    return _leads_up(pieces[end - 1]), not pieces[end].begins_block, content, -end


def _leads_up(piece: Piece) -> bool:
    """Whether it is a line such as `To connect:`, a heading, or one in bold that stands for a heading."""
    return piece.kind is Kind.PROSE and _LEAD.search(piece.text.rstrip()) is not None


def _without_crumbs(runs: Sequence[Run], *, room: int, crumb: int) -> list[Run]:
    """Runs of `crumb` tokens or fewer joined to the next, the last to the one before, where both fit the room."""
    kept: list[Run] = []
    for run in runs:
        is_crumb = bool(kept) and (tokens_of(kept[-1]) <= crumb or (run is runs[-1] and tokens_of(run) <= crumb))
        if is_crumb and tokens_of(joined := [*kept[-1], *run]) <= room:
            kept[-1] = joined
        else:
            kept.append(run)
    return kept

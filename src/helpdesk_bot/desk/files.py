"""Files that come with a question: read under the sources' limits, for this question only, and kept nowhere."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from connectors.errors import ConnectorError, Unreadable
from connectors.text.media_types import UNKNOWN, guess_media_type
from connectors.text.reader import TextReader
from helpdesk_bot.errors import ChatError
from helpdesk_bot.events import Platform, Question, SharedFile
from helpdesk_bot.ports import Chat
from knowledge.passages import Passage, Scores

log = structlog.get_logger()

Likeness = Callable[[str, Sequence[str]], Awaitable[Sequence[float]]]
"""How alike each of the other texts is to the first: 0 for unrelated ones, 1 for the same."""

SOURCE = "attached"
MAX_FILES = 3
MAX_PIECE_CHARACTERS = 900
MAX_PIECES = 60
"""Of one file, from its beginning: each costs about 20 ms."""
BEST_PIECES = 3


@dataclass(frozen=True, kw_only=True)
class Attached:
    passages: tuple[Passage, ...] = ()
    """The best first. They have negative ids: no row holds them."""
    notes: tuple[str, ...] = ()
    """What could not be read, and why, for the asker."""


class QuestionFiles:
    def __init__(self, *, chats: Mapping[Platform, Chat], reader: TextReader, likeness_to: Likeness) -> None:
        self._chats = chats
        self._reader = reader
        self._likeness_to = likeness_to

    async def read(self, question: Question) -> Attached:
        """Never raises on a file's account: what can't be read is said."""
        pieces: list[tuple[SharedFile, str]] = []
        notes: list[str] = []
        for file in question.files[:MAX_FILES]:
            try:
                pieces += [(file, piece) for piece in split(await self._text_of(question, file))]
            except _NotRead as error:
                notes.append(error.note)
        if len(question.files) > MAX_FILES:
            notes.append(f"I read the first {MAX_FILES} files only.")
        return Attached(passages=await self._best(question, pieces), notes=tuple(notes))

    async def _text_of(self, question: Question, file: SharedFile) -> str:
        if file.media_type.startswith("image/"):
            raise _NotRead(
                f"I can't see what is in a picture, so of {file.name} I know only its name. "
                "Please type what it shows, such as the text of an error."
            )
        media_type = _media_type_of(file)
        try:
            self._reader.check(media_type, file.size_bytes, key=file.name)
            content = await self._chats[question.place.platform].load_file(
                file, max_bytes=self._reader.limits.input_bytes
            )
            return (await self._reader.read(content, media_type, key=file.name)).markdown
        except Unreadable as error:
            raise _NotRead(f"I could not read {file.name}: {error.reason}.") from error
        except (ChatError, ConnectorError) as error:
            log.warning("file not read", question_key=question.key, error=type(error).__name__)
            raise _NotRead(f"I could not read {file.name} just now.") from error

    async def _best(self, question: Question, pieces: Sequence[tuple[SharedFile, str]]) -> tuple[Passage, ...]:
        if not pieces:
            return ()
        likeness = await self._likeness_to(question.text, [piece for _, piece in pieces])
        order = sorted(range(len(pieces)), key=lambda at: -likeness[at])[:BEST_PIECES]
        return tuple(
            _passage(question, *pieces[at], number=rank, likeness=likeness[at])
            for rank, at in enumerate(order, start=1)
        )


class _NotRead(Exception):
    def __init__(self, note: str) -> None:
        super().__init__(note)
        self.note = note


def split(markdown: str) -> list[str]:
    """Paragraphs joined to pieces of at most `MAX_PIECE_CHARACTERS`; longer paragraphs are cut."""
    pieces: list[str] = []
    for paragraph in filter(None, (part.strip() for part in markdown.split("\n\n"))):
        for start in range(0, len(paragraph), MAX_PIECE_CHARACTERS):
            part = paragraph[start : start + MAX_PIECE_CHARACTERS]
            if pieces and len(pieces[-1]) + len(part) + 2 <= MAX_PIECE_CHARACTERS:
                pieces[-1] += f"\n\n{part}"
            else:
                pieces.append(part)
    return pieces[:MAX_PIECES]


def _media_type_of(file: SharedFile) -> str:
    """As the platform says; where it says nothing telling, as the name promises."""
    guessed = guess_media_type(file.name)
    is_vague = file.media_type in {"", UNKNOWN, "text/plain"}
    return guessed if is_vague and guessed != UNKNOWN else file.media_type or UNKNOWN


def _passage(question: Question, file: SharedFile, text: str, *, number: int, likeness: float) -> Passage:
    scores = Scores(dense=likeness, dense_rank=number)
    return Passage(
        chunk_id=-number,
        document_id=-1 - question.files.index(file),
        source=SOURCE,
        key="",
        title=f"your file {file.name}",
        url="",
        heading_path=(),
        text=text,
        page=None,
        modified_at=question.asked_at,
        scores=scores,
    )

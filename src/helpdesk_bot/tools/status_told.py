"""What status pages say, made safe to say: the words of a page are as foreign as those of any document."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpdesk_bot.events import Citation
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.verdicts import Action, Verdict, calls_for, is_blocked
from helpdesk_bot.tools.status_report import bare_report, could_not_look, note, passage_of, report
from helpdesk_bot.tools.status_words import Concerned

MAX_PAGES = 3


@dataclass(frozen=True, kw_only=True)
class Told:
    text: str = ""
    """Markdown with a marker behind what each page says."""
    citations: tuple[Citation, ...] = ()
    verdicts: tuple[Verdict, ...] = ()


def tell(concerned: Sequence[Concerned], guard: Guard) -> Told:
    """What each page says; of one that could not be read, that."""
    read = [one for one in concerned[:MAX_PAGES] if one.looked.status]
    told = _said(read, guard, report, first=1)
    unread = [could_not_look(one.looked) for one in concerned[:MAX_PAGES] if not one.looked.status]
    return Told(text="\n\n".join(filter(None, (told.text, *unread))), citations=told.citations, verdicts=told.verdicts)


def note_on(concerned: Sequence[Concerned], guard: Guard, *, first: int) -> Told:
    """The open incidents alone, cited from number `first` on; nothing where there are none."""
    return _said([one for one in concerned if one.incidents][:MAX_PAGES], guard, note, first=first)


def _said(concerned: Sequence[Concerned], guard: Guard, words: Callable[[Concerned], str], *, first: int) -> Told:
    texts: list[str] = []
    citations: list[Citation] = []
    met: list[Verdict] = []
    for number, one in enumerate(concerned, start=first):
        passage, verdicts = guard.clean(passage_of(one, words(one), number=number))
        text, redacted = guard.clean_answer(passage.text, citations=0)
        if _is_suspect([*verdicts, *redacted]):
            text = bare_report(one)
            passage = passage_of(one, text, number=number)
        met += [*verdicts, *redacted]
        texts.append(f"{text} [{number}]")
        citations.append(Citation(number=number, passage=passage))
    return Told(text="\n\n".join(texts), citations=tuple(citations), verdicts=tuple(met))


def _is_suspect(verdicts: Sequence[Verdict]) -> bool:
    return is_blocked(verdicts) or calls_for(Action.DRAFT, verdicts) or calls_for(Action.ESCALATE, verdicts)

"""What a message quotes or forwards. Teams keeps it beside the text: in an entity, or in the message's HTML."""

from collections.abc import Iterator

from bs4 import BeautifulSoup

from helpdesk_bot.chat.teams.payloads import Activity

_REPLY, _FORWARD = "http://schema.skype.com/Reply", "http://schema.skype.com/Forward"
_MAX_HTML_CHARACTERS = 50_000


def with_quotes(own: str, activity: Activity, *, bot_id: str) -> str:
    """A person's own words, with what they quote or forward below; that alone where there are no others.

    What the bot said itself is left out: it remembers that.
    """
    pages = [_parse(html) for html in _iter_html(activity)]
    beside = [*_replies(activity, pages, bot_id=bot_id), *_marked(pages, _FORWARD)]
    if not own and not beside:
        return "\n".join(filter(None, map(_words, pages)))
    new = [words for words in dict.fromkeys(beside) if words not in _flat(own)]
    return "\n\n".join((own, *map(_quote, new)) if own else new)


def _replies(activity: Activity, pages: list[BeautifulSoup], *, bot_id: str) -> Iterator[str]:
    """The entity says whom it is from; without one there is the HTML only, which shortens it."""
    quoted = [entity.quotedReply for entity in activity.entities or () if entity.quotedReply is not None]
    if not quoted:
        yield from _marked(pages, _REPLY)
    for one in quoted:
        if one.senderId != bot_id and one.preview:
            yield _flat(one.preview)


def _marked(pages: list[BeautifulSoup], kind: str) -> Iterator[str]:
    for page in pages:
        for block in page.find_all("blockquote", itemtype=kind):
            said = block.find(itemprop="copy") or block.find(itemprop="preview") or block
            if words := _flat(said.get_text(" ")):
                yield words


def _iter_html(activity: Activity) -> Iterator[str]:
    for attachment in activity.attachments or ():
        if attachment.contentType == "text/html" and isinstance(attachment.content, str):
            yield attachment.content[:_MAX_HTML_CHARACTERS]


def _parse(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "lxml")


def _words(page: BeautifulSoup) -> str:
    return _flat(page.get_text(" "))


def _flat(text: str) -> str:
    return " ".join(text.split())


def _quote(words: str) -> str:
    return f"> {words}"

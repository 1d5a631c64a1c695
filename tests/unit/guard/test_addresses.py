import pytest

from helpdesk_bot.chat.slack.safe_markdown import to_safe_markdown
from helpdesk_bot.chat.teams.markdown import escape
from helpdesk_bot.guard.addresses import find_web_address, is_linked
from helpdesk_bot.guard.markup import inert


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("see evil.click/x now", "see `evil.click/x` now"),
        ("evil.photography/x?d=1", "`evil.photography/x`?d=1"),
        ("evil.photography:8443", "`evil.photography:8443`"),
        ("see evil\uff0ecom/x", "see `evil.com/x`"),
        ("see evil\u3002com", "see `evil.com`"),
        ("see evil\u2024com", "see `evil.com`"),
        ("\uff48ttps\uff1a//evil.example/x", "`evil.example/x`"),
        ("https\uff1a\uff0f\uff0fevil.example", "`evil.example`"),
        ("\U0001d41e\U0001d42f\U0001d422\U0001d425.\U0001d41c\U0001d428\U0001d426", "`evil.com`"),
        ("\uff1c!channel\uff1e hi \uff20here", "channel hi here"),
        ("xn--pple-43d.com/x or evil.xn--p1ai", "`xn--pple-43d.com/x` or `evil.xn--p1ai`"),
        ("p\u0430ypal.com/login", "`p\u0430ypal.com/login`"),
        ("msteams:/l/chat/0/0?users=a@b.example", "`/l/chat/0/0`"),
        ("slack:/open?x=1", "`open`"),
        ("https:/evil.example/x", "`evil.example/x`"),
        ("skype:evil?call sip:evil@evil.example", "`evil` `evil.example`"),
        ("ms-word:ofe|u|https://evil.example/a.docx", "`ofe`|u|`evil.example/a.docx`"),
    ],
)
def test_an_address_is_code_however_it_is_written(written: str, said: str):
    assert inert(written)[0] == said
    assert inert(said)[0] == said


@pytest.mark.parametrize(
    "text",
    [
        "設定を開く。次へ進む\uff08重要\uff09",
        "wait\u2026then go, ½ of it, 20\u00b0C",
        "either/or, src/main.py and application/vnd.ms-excel",
        r"Set HKLM:\Software\X and C:/Temp/a.txt",
        "Ask in Slack:#it-help. SIP: trunk 3",
        "Node.js, README.md and report.pdf",
    ],
)
def test_words_that_only_look_like_addresses_stay(text: str):
    assert inert(text)[0] == text


@pytest.mark.parametrize(
    "word",
    [
        "evil.photography",
        "evil\uff0eclick",
        "a.evil.click",
        "evil.click/x",
        "README.md",
        "(evil.zip)",
        "evil.js.org",
        "tel:+49123",
        "msteams:/l/x",
        "slack:/open",
    ],
)
def test_a_client_is_given_a_word_that_it_may_link_as_code(word: str):
    assert is_linked(word)
    assert f"`{word.strip('()')}`" in escape(word)
    assert f"`{word}`" in to_safe_markdown(f"see {word} now")


@pytest.mark.parametrize("word", ["Node.js", "report.pdf", "e.g.", "3.2.1", "v2.1", "U.S.", "wait...then"])
def test_a_client_is_given_other_words_as_they_are(word: str):
    assert not is_linked(word)
    assert "`" not in escape(word) + to_safe_markdown(f"see {word} now")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Press Save.Click the link.", "Press Save. Click the link."),
        ("Connect to the VPN.Then open it.", "Connect to the VPN. Then open it."),
        ("Look into the drawer.In it are two.", "Look into the drawer. In it are two."),
        ("Use System.Text for it.", "Use System.Text for it."),
        ("in the U.S.The office", "in the U.S.The office"),
        ("Go to evil.Click/x", "Go to `evil.Click/x`"),
        ("`save.In it`", "`save.In it`"),
    ],
)
def test_a_sentence_that_follows_without_a_space_is_no_host(written: str, said: str):
    assert inert(written)[0] == inert(said)[0] == said


@pytest.mark.parametrize(
    "url",
    [
        "https://wiki.example/a?b=c&d=%20#e",
        "http://wiki:8080/",
        "https://a.example/ü",
    ],
)
def test_a_web_address_is_linked_to(url: str):
    assert find_web_address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//wiki.example/a",
        "https:///no-host",
        "https://bank.example@evil.example/",
        "https://user:secret@wiki.example/",
        "https://wiki.example/a b",
        "https://wiki.example/a|<!channel>",
        "https://wiki.example\\@evil.example",
        "https://[broken",
        "https://wiki.example/\u202egnp.exe",
        "https://wiki.example/" + "x" * 2_000,
        "handbook/vpn.md",
    ],
)
def test_nothing_else_is_a_web_address(url: str):
    assert find_web_address(url) is None

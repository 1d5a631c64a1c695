import pytest

from connectors.text import code, plain
from connectors.text.decoding import decode
from connectors.text.media_types import MEDIA_TYPES, UNKNOWN, find_media_type, guess_media_type
from connectors.text.refusals import Refusal
from connectors.text.text import RawFile

WORDS = "Zürich \u2014 10 €, naïve"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_the_usual_encodings_are_recognised(encoding: str) -> None:
    assert decode(WORDS.encode(encoding)) == WORDS


def test_a_declared_encoding_counts_when_it_fits() -> None:
    assert decode("Привет".encode("koi8-r"), declared="koi8-r") == "Привет"
    assert decode(WORDS.encode(), declared="ascii") == WORDS
    assert decode(WORDS.encode(), declared="no-such-encoding") == WORDS
    assert decode(b"x", declared="zlib") == "x"


@pytest.mark.parametrize("declared", ["iso-8859-1", "latin1", "windows-1252"])
def test_what_is_called_latin_1_is_what_windows_and_servers_mean_by_it(declared: str) -> None:
    assert decode(WORDS.encode("cp1252"), declared=declared) == WORDS
    assert decode(WORDS.encode(), declared=declared) == WORDS


def test_an_encoding_is_taken_for_the_larger_one_that_programs_write_under_its_name() -> None:
    assert decode("朱镕基".encode("gbk"), declared="gb2312") == "朱镕基"
    assert decode("①髙橋".encode("cp932"), declared="shift_jis") == "①髙橋"


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Чтобы сбросить пароль, откройте портал и нажмите «Забыли пароль»."),
        ("koi8-r", "Чтобы сбросить пароль, откройте портал и нажмите кнопку."),
        ("cp932", "パスワードを再設定するには、ポータルを開いてください。"),
        ("euc_jp", "パスワードを再設定するには、ポータルを開いてください。"),
        ("gb18030", "要重置密码，请打开自助服务门户并单击“忘记密码”。"),  # noqa: RUF001
        ("cp949", "암호를 재설정하려면 셀프 서비스 포털을 여십시오."),
        ("cp1253", "Για να επαναφέρετε τον κωδικό πρόσβασης, ανοίξτε την πύλη."),  # noqa: RUF001
    ],
)
def test_another_script_is_recognised_without_a_word_on_its_encoding(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text
    english = "# Passwords\n\n" + "Open the portal and choose reset.\n" * 9_000
    assert decode((english + text).encode(encoding)) == english + text


@pytest.mark.parametrize(
    "text",
    [
        "© 2026 Example Ltd",
        "The café on floor 2",
        "Ask Søren Kjær or José Muñoz in Zürich",
        "Ööbimaja: tööaeg, jäääär",
        "20 °C ± 2, £5, § 5 … “quoted” – dashed",  # noqa: RUF001
    ],
)
def test_a_few_letters_beyond_ascii_are_western(text: str) -> None:
    assert decode(text.encode("cp1252")) == text


def test_a_broken_character_breaks_no_other() -> None:
    broken = "Zürich, 10 €, naïve: ".encode() + b"\xe9t\xe9"
    assert decode(broken) == "Zürich, 10 €, naïve: \ufffdt\ufffd"
    assert decode(broken[:-4], declared="utf-8") == decode(broken[:-4])
    assert decode("Ã¼ is not ü, é, ñ, ø".encode("cp1252")) == "Ã¼ is not ü, é, ñ, ø"


def test_binary_data_is_no_text() -> None:
    with pytest.raises(Refusal, match="binary"):
        decode(bytes(range(256)) * 20)


def test_plain_text_stays_as_it_is_written() -> None:
    text = plain.read(
        RawFile(content=b"Opening hours\r\n=====\r\n\r\n- Mon: 8-18\r\n- Sat: closed\0\r\n", media_type="text/plain")
    )
    assert text.markdown == "Opening hours\n=====\n\n- Mon: 8-18\n- Sat: closed"


def test_source_code_is_fenced_with_its_language() -> None:
    text = code.read(RawFile(content=b"set -e\n# ```\n", media_type="text/x-shellscript"))
    assert text.markdown == "````bash\nset -e\n# ```\n````"
    assert code.read(RawFile(content=b" \n", media_type="application/json")).markdown == ""


def test_a_file_name_promises_a_media_type() -> None:
    assert guess_media_type("a/Guide.PDF") == "application/pdf"
    assert guess_media_type("notes.tar.md") == "text/markdown"
    assert guess_media_type("Makefile") == UNKNOWN


def test_a_media_type_may_have_parameters() -> None:
    kind, charset = find_media_type('Text/HTML; level=1; Charset="ISO-8859-1"')
    assert kind is not None
    assert (kind.format, charset) == ("html", "ISO-8859-1")
    assert find_media_type("video/mp4") == (None, None)


def test_no_suffix_and_no_name_stands_twice() -> None:
    suffixes = [suffix for kind in MEDIA_TYPES for suffix in kind.suffixes]
    assert len(suffixes) == len(set(suffixes))
    assert len({kind.name for kind in MEDIA_TYPES}) == len(MEDIA_TYPES)
    assert all(kind.format or kind.advice for kind in MEDIA_TYPES)

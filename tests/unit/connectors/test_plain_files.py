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

import random
import re
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.documents import PUBLIC, AccessRule, Document
from knowledge.chunks import Chunk, ChunkOptions, split
from knowledge.embedding.embedded import LocalEmbedder
from knowledge.embedding.embedder import MAX_CHARACTERS
from knowledge.embedding.minilm import MINILM

SPECIAL_TOKENS = 2


def count_words(text: str) -> int:
    """Words and signs: adds up over parts, as WordPiece's tokens do."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def document(markdown: str, *, title: str = "", page_starts: tuple[int, ...] = ()) -> Document:
    return Document(
        key="page",
        version="1",
        title=title,
        url="https://wiki.example.com/page",
        access=AccessRule.any_of([PUBLIC]),
        modified_at=datetime(2026, 1, 1, tzinfo=UTC),
        markdown=markdown,
        page_starts=page_starts,
    )


def chunks_of(markdown: str, *, title: str = "", page_starts: tuple[int, ...] = (), **options: object) -> list[Chunk]:
    return split(
        document(markdown, title=title, page_starts=page_starts),
        count_tokens=count_words,
        options=ChunkOptions(**options),  # pyright: ignore[reportArgumentType]
    )


def words(count: int, start: int = 0) -> str:
    return " ".join(f"w{number}" for number in range(start, start + count))


def sentences(count: int, *, length: int = 12, start: int = 0) -> str:
    """Sentences of so many words, no two alike."""
    return " ".join(words(length, start + number * length).capitalize() + "." for number in range(count))


def test_an_empty_document_has_no_chunks():
    for markdown in ("", "\n\n", " \t\n", "---\n\n---\n", "# Title\n"):
        assert chunks_of(markdown, title="Title") == []


def test_a_short_document_is_one_chunk():
    [chunk] = chunks_of("Ask the service desk.\n", title="VPN")
    assert (chunk.position, chunk.heading_path, chunk.text, chunk.page) == (0, (), "Ask the service desk.", None)
    assert chunk.embedded_text == chunk.text
    assert chunk.tokens == count_words(chunk.text)


def test_headings_stand_above_the_text_and_are_embedded_with_it():
    first, second = chunks_of(
        f"# VPN\n\n{sentences(5)}\n\n## Tokens\n\n### Reset *a* `token`\n\n{sentences(5)}", title="Remote work"
    )
    assert first.heading_path == ("VPN",)
    assert second.heading_path == ("VPN", "Tokens", "Reset a token")
    assert second.embedded_text == f"VPN > Tokens > Reset a token\n\n{sentences(5)}"
    assert second.text == sentences(5)


def test_a_heading_ends_those_of_its_level_and_below():
    body = "\n\n".join(f"{heading}\n\n{sentences(5)}" for heading in ("## A", "#### B", "### C", "## D"))
    assert [chunk.heading_path for chunk in chunks_of(body)] == [("A",), ("A", "B"), ("A", "C"), ("D",)]


@pytest.mark.parametrize("heading", ["# Remote  work", "# remote WORK", "Remote work\n===="])
def test_a_heading_that_repeats_the_title_is_left_out(heading):
    [chunk] = chunks_of(f"{heading}\n\n{sentences(5)}", title="Remote work")
    assert chunk.heading_path == ()
    assert chunk.text == sentences(5)


def test_a_new_title_changes_no_digest():
    before, after = (chunks_of(f"## Setup\n\n{sentences(40)}", title=title) for title in ("Old name", "New name"))
    assert [chunk.digest for chunk in before] == [chunk.digest for chunk in after]


def test_small_neighbours_share_a_chunk_with_their_headings_in_the_text():
    [chunk] = chunks_of("## Contact\n\n### Phone\n\n555-0100\n\n### Mail\n\nhelp@example.com\n")
    assert chunk.heading_path == ("Contact",)
    assert chunk.text == "### Phone\n\n555-0100\n\n### Mail\n\nhelp@example.com"


def test_a_small_introduction_goes_with_what_it_introduces():
    [chunk] = chunks_of(f"## Setup\n\nDo this:\n\n### Windows\n\n{sentences(5)}")
    assert chunk.heading_path == ("Setup",)
    assert chunk.text == f"Do this:\n\n### Windows\n\n{sentences(5)}"


def test_a_small_section_is_not_joined_to_another_parents():
    first, second = chunks_of(f"## A\n\n{sentences(12)}\n\n### B\n\nSmall.\n\n# C\n\n## D\n\n{sentences(9)}")[1:]
    assert (first.heading_path, first.text) == (("A", "B"), "Small.")
    assert second.heading_path == ("C", "D")


def test_two_sections_of_one_name_stay_two():
    [chunk] = chunks_of("## Note\n\nFirst.\n\n## Note\n\nSecond.\n")
    assert chunk.text == "## Note\n\nFirst.\n\n## Note\n\nSecond."


def test_a_heading_without_text_beneath_it_is_text():
    [chunk] = chunks_of(f"{sentences(3)}\n\n## Coming soon\n")
    assert "## Coming soon" in chunk.text


def test_a_heading_that_links_away_keeps_its_address():
    [chunk] = chunks_of(f"## [Portal](https://portal.example.com)\n\n{sentences(4)}")
    assert chunk.heading_path == ("Portal",)
    assert "https://portal.example.com" in chunk.text


def test_the_next_chunk_of_a_section_begins_with_the_last_sentences():
    first, second, *_ = chunks_of(f"## Long\n\n{sentences(60)}")
    last_sentences = " ".join(re.split(r"(?<=\.) ", first.text)[-2:])
    assert count_words(last_sentences) == 26
    assert second.text.startswith(last_sentences)


def test_another_section_begins_without_a_repetition():
    chunks = chunks_of(f"## A\n\n{sentences(60)}\n\n## B\n\n{sentences(5, start=5_000)}")
    assert chunks[-1].text == sentences(5, start=5_000)


@pytest.mark.parametrize("block", [f"- {words(25)}", f"|a|b|\n|-|-|\n|{words(10)}|c|", f"```\n{words(20)}\n```"])
def test_lists_tables_and_code_are_never_repeated(block):
    chunks = chunks_of(f"{sentences(12)}\n\n{block}\n\n{sentences(14, start=2_000)}")
    assert len(chunks) > 1
    assert sum(chunk.text.count("w24" if "- " in block else "w9") for chunk in chunks) >= 1
    assert sum(block in chunk.text for chunk in chunks) == 1


TABLE = "| Printer | Floor |\n|---|---|\n" + "".join(f"| p{row} | {row} |\n" for row in range(200))


def test_a_table_that_fits_stays_whole():
    table = "".join(TABLE.splitlines(keepends=True)[:20]).strip()
    chunks = chunks_of(f"## T\n\n{sentences(12)}\n\n{table}\n\n{sentences(12, start=999)}")
    assert sum(table in chunk.text for chunk in chunks) == 1


def test_a_long_table_repeats_its_header_and_never_a_row():
    chunks = chunks_of(TABLE)
    assert len(chunks) > 3
    for chunk in chunks:
        assert chunk.text.startswith("| Printer | Floor |\n|---|---|\n| p")
    rows = [line for chunk in chunks for line in chunk.text.splitlines()[2:]]
    assert rows == TABLE.splitlines()[2:]


def test_a_row_that_is_too_long_becomes_rows_whose_cells_keep_their_columns():
    long = sentences(12, length=8)
    chunks = chunks_of(f"| alert | what to do | who |\n|---|---|---|\n| disk full | {long} | ops |\n", max_tokens=64)
    rows = [row for chunk in chunks for row in chunk.text.split("\n")[2:]]
    assert len(chunks) > 1
    assert all(chunk.text.startswith("| alert | what to do | who |\n|---|---|---|\n") for chunk in chunks)
    assert [row.count("|") for row in rows] == [4] * len(rows)
    assert rows[0].startswith("| disk full | W0 ")
    assert all(row.startswith("|  | W") for row in rows[1:])
    assert rows[-1].endswith(". | ops |")


def test_long_code_is_fenced_in_every_chunk():
    lines = [f"call_{number}(argument)" for number in range(200)]
    chunks = chunks_of("```python\n" + "\n".join(lines) + "\n```\n")
    assert len(chunks) > 3
    for chunk in chunks:
        assert chunk.text.startswith("```python\ncall_")
        assert chunk.text.endswith(")\n```")
    assert [line for chunk in chunks for line in chunk.text.splitlines()[1:-1]] == lines


def test_a_fence_left_open_is_closed():
    chunks = chunks_of("~~~~\n" + "\n".join(f"call_{number}()" for number in range(200)))
    assert len(chunks) > 3
    assert all(chunk.text.startswith("~~~~\n") and chunk.text.endswith("\n~~~~") for chunk in chunks)


def test_long_instructions_are_cut_between_steps_and_keep_their_numbers():
    steps = [f"1. {words(10, number * 10)}\n   - and {words(8, 9_000 + number)}" for number in range(30)]
    chunks = chunks_of("\n".join(steps))
    assert len(chunks) > 2
    numbers = [int(number) for chunk in chunks for number in re.findall(r"^(\d+)\.", chunk.text, re.MULTILINE)]
    assert numbers == list(range(1, 31))
    for chunk in chunks:
        assert re.match(r"\d+\. ", chunk.text)
        assert chunk.text.splitlines()[-1].startswith("   - and")


def test_a_long_step_whose_lines_end_anywhere_is_cut_between_sentences_and_inner_steps():
    said = [f"Open the drawer {n} and then\n   lay the ring {n} on a desk." for n in range(6)]
    inner = [f"   - Say the word {n} out\n     loud, always." for n in range(6)]
    step = "\n   ".join(said) + "\n\n" + "\n".join(inner)

    chunks = chunks_of(f"1. {step}\n2. Done.", max_tokens=40, overlap_tokens=0)

    assert len(chunks) > 2
    assert [chunk.text for chunk in chunks if not re.match(r"1\. Open|Open|- Say|2\.", chunk.text.lstrip())] == []


def test_code_in_a_long_step_is_cut_between_its_lines():
    code = "\n".join(f"   call(a{n}. B{n}, c{n}. D{n})" for n in range(12))
    chunks = chunks_of(f"1. Run.\n\n   ```\n{code}\n   ```\n", max_tokens=40, overlap_tokens=0)
    assert all(
        line.strip().endswith((")", "```", "Run.")) for chunk in chunks for line in chunk.text.split("\n") if line
    )


def test_a_short_line_goes_with_the_long_block_it_stands_before():
    body = f"These are the prices:\n\n{words(200)}"
    assert [chunk.text for chunk in chunks_of(f"{body}\n\n{words(210, 500)}")] == [body, words(210, 500)]


@pytest.mark.parametrize("lead", ["To connect:", "**To connect:**", "**Connecting**"])
@pytest.mark.parametrize("step_count", [4, 20])
def test_no_chunk_ends_with_what_leads_up_to_the_next(lead, step_count):
    for number in range(30):
        steps = "\n".join(f"{step}. {words(9, start=100 * step + number)}" for step in range(1, step_count))
        chunks = chunks_of(f"{words(30, start=number)}.\n\n{words(20, start=5)}.\n\n{lead}\n\n{steps}", max_tokens=90)
        assert not any(chunk.text.endswith(lead) for chunk in chunks)


def test_a_short_last_line_goes_with_the_long_block_before():
    body = f"{words(200)}\n\nThese were the prices."
    assert [chunk.text for chunk in chunks_of(f"{words(210, 500)}\n\n{body}")] == [words(210, 500), body]


def test_pages_count_from_one_and_are_those_the_text_begins_on():
    pages = [f"{sentences(14, start=page * 500)}\n\n" for page in range(4)]
    starts = tuple(sum(map(len, pages[:page])) for page in range(4))
    chunks = chunks_of("".join(pages), page_starts=starts, overlap_tokens=0)
    for chunk in chunks:
        first = re.search(r"w(\d+)", chunk.text.casefold())
        assert first
        assert chunk.page == 1 + int(first[1]) // 500
    assert chunks[-1].page == 4


def test_a_new_line_end_or_a_nul_changes_no_place():
    body = f"{sentences(14)}\r\n\r\n\0\r\n\r\n{sentences(14, start=999)}"
    chunks = chunks_of(body, page_starts=(0, body.index("W999")), overlap_tokens=0)
    assert [chunk.page for chunk in chunks if "w999" in chunk.text.casefold()] == [2]
    assert not any("\0" in chunk.text or "\r" in chunk.text for chunk in chunks)


def test_lone_surrogates_can_be_stored():
    [chunk] = chunks_of("broken \ud800 text")
    assert chunk.text.encode() == b"broken ? text"


@pytest.mark.parametrize(
    "options", [{"strategy": "other"}, {"max_tokens": 8}, {"overlap_tokens": -1}, {"min_tokens": -1}]
)
def test_options_that_make_no_sense_are_refused(options):
    with pytest.raises(ValueError, match=r"use structure|max_tokens"):
        ChunkOptions(**options)


# Over random Markdown

WORD = st.integers(0, 10**6).map(lambda number: f"x{number}")
SENTENCE = st.lists(WORD, min_size=1, max_size=12).map(lambda parts: " ".join(parts) + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=5).map(" ".join)
HEADING = st.tuples(st.integers(1, 6), WORD).map(lambda pair: f"{'#' * pair[0]} {pair[1]}")
BULLETS = st.lists(PARAGRAPH, min_size=1, max_size=4).map(lambda texts: "\n".join(f"- {text}" for text in texts))
STEPS = st.lists(PARAGRAPH, min_size=1, max_size=4).map(
    lambda texts: "\n".join(f"{number}. {text}\n   - {text}" for number, text in enumerate(texts, 1))
)
ROWS = st.lists(st.tuples(WORD, WORD), min_size=1, max_size=20).map(
    lambda rows: "|x|y|\n|---|---|\n" + "\n".join(f"|{left}|{right}|" for left, right in rows)
)
CODE = st.lists(SENTENCE, min_size=1, max_size=10).map(lambda lines: "```sh\n" + "\n".join(lines) + "\n```")
QUOTE = PARAGRAPH.map(lambda text: f"> {text}")
REFERENCE = st.tuples(WORD, WORD).map(lambda pair: f"[{pair[0]}]: https://{pair[1]}.example.com")
BLOCK = st.one_of(HEADING, PARAGRAPH, BULLETS, STEPS, ROWS, CODE, QUOTE, REFERENCE)
MARKDOWN = st.lists(BLOCK, max_size=8).map("\n\n".join)
NOISE = st.text(st.sampled_from("abc \n\t#-*_`~|>[]()<>.1!\\\u00e9\U0001f600\u05d0"), max_size=400)

STRATEGY = st.sampled_from(["structure", "paragraph", "fixed"])


def letters(texts: list[str]) -> Counter[str]:
    return Counter(letter for text in texts for letter in text if letter.isalpha())


@given(markdown=st.one_of(MARKDOWN, NOISE, st.text(max_size=200)), strategy=STRATEGY)
@settings(deadline=None)
def test_nothing_is_lost(markdown, strategy):
    """Every letter is in a text or in a heading above one (digits may change: steps are numbered anew)."""
    chunks = chunks_of(markdown, strategy=strategy, overlap_tokens=0)
    kept = letters([chunk.text for chunk in chunks] + [title for chunk in chunks for title in chunk.heading_path])
    assert not letters([markdown.encode("utf-8", "replace").decode()]) - kept


@given(markdown=MARKDOWN, strategy=STRATEGY)
@settings(deadline=None)
def test_words_keep_their_order_and_are_not_repeated_but_as_overlap(markdown, strategy):
    chunks = chunks_of(markdown, strategy=strategy, overlap_tokens=0)
    headings = set(re.findall(r"^#+ (\S+)$", markdown, re.MULTILINE))
    written = [word for chunk in chunks for word in re.findall(r"x\d+", chunk.text) if word not in headings]
    assert written == [word for word in re.findall(r"x\d+", markdown) if word not in headings]


@given(markdown=st.one_of(MARKDOWN, NOISE), strategy=STRATEGY, max_tokens=st.sampled_from([32, 60, 220]))
@settings(deadline=None)
def test_no_chunk_is_empty_or_over_the_limit(markdown, strategy, max_tokens):
    chunks = chunks_of(markdown, strategy=strategy, max_tokens=max_tokens)
    assert [chunk.position for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert chunk.text.strip()
        assert chunk.tokens == count_words(chunk.embedded_text) <= max_tokens
        assert chunk.embedded_text.endswith(chunk.text)
        assert chunk.digest == sha256(chunk.embedded_text.encode()).digest()


@given(markdown=st.one_of(MARKDOWN, NOISE))
@settings(deadline=None, max_examples=50)
def test_a_tokenizer_that_counts_more_in_the_whole_than_in_its_parts_does_not_break_the_limit(markdown):
    def count(text: str) -> int:
        return int(count_words(text) * (1 + min(len(text), 1_000) / 4_000))

    for chunk in split(document(markdown), count_tokens=count, options=ChunkOptions()):
        assert chunk.tokens <= 220


@given(markdown=MARKDOWN)
@settings(deadline=None, max_examples=30)
def test_the_same_document_makes_the_same_chunks(markdown):
    assert chunks_of(markdown) == chunks_of(markdown)


# Edits


def page(chance: random.Random, *, most_paragraphs: int) -> list[str]:
    """Headings and paragraphs as a handbook has them: about 50 chunks."""
    blocks: list[str] = []
    while len(blocks) < 150:
        blocks.append(f"## {prose(chance, 1)}")
        blocks += [prose(chance, chance.randint(1, 7)) for _ in range(chance.randint(1, most_paragraphs))]
    return blocks


def prose(chance: random.Random, count: int) -> str:
    return " ".join(words(chance.randint(4, 18), chance.randrange(10**6)).capitalize() + "." for _ in range(count))


def edited(chance: random.Random, blocks: list[str]) -> list[str]:
    """One paragraph written anew, made longer, changed in one word, or set before another."""
    index = chance.choice([index for index, block in enumerate(blocks) if not block.startswith("#")])
    old = blocks[index]
    new = chance.choice(
        [prose(chance, 4), f"{old} {prose(chance, 1)}", old.replace(".", " indeed.", 1), f"{prose(chance, 4)}\n\n{old}"]
    )
    return [*blocks[:index], new, *blocks[index + 1 :]]


@pytest.mark.parametrize("most_paragraphs", [3, 8, 150], ids=["short sections", "longer sections", "hardly a heading"])
def test_an_edit_changes_at_most_three_chunks_of_fifty(most_paragraphs):
    """But for one in fifty edits. Packing without regard to the content changes up to 18."""
    chance = random.Random(20261)
    changed: list[int] = []
    for _ in range(10):
        blocks = page(chance, most_paragraphs=most_paragraphs)
        before = {chunk.digest for chunk in chunks_of("\n\n".join(blocks))}
        assert len(before) >= 40
        for _ in range(10):
            after = {chunk.digest for chunk in chunks_of("\n\n".join(edited(chance, blocks)))}
            changed.append(len(after - before))
    assert sum(count <= 3 for count in changed) >= 98
    assert max(changed) <= 6


def test_a_new_question_among_short_ones_changes_few_chunks():
    """Pairing neighbours in order fails: it changes 8 at the mean, and up to 29."""
    chance = random.Random(20262)
    changed: list[int] = []
    for _ in range(40):
        questions = [f"## {prose(chance, 1)}\n\n{prose(chance, chance.randint(1, 2))}" for _ in range(101)]
        place = chance.randrange(50)
        after = {chunk.digest for chunk in chunks_of("\n\n".join(questions))}
        before = {chunk.digest for chunk in chunks_of("\n\n".join(questions[:place] + questions[place + 1 :]))}
        changed.append(len(after - before))
    assert sum(changed) / len(changed) < 2.5
    assert max(changed) <= 8


# With the embedded embedder's own tokens


@pytest.fixture(scope="module")
def embedder() -> LocalEmbedder:
    return LocalEmbedder(MINILM)


HOSTILE = {
    "one word": "a" * 100_000,
    "one word of many scripts": "a\u05d0\u4e00\U0001f600" * 10_000,
    "a table of 10,000 rows": "|a|b|\n|-|-|\n" + "|one|two|\n" * 10_000,
    "a table of 2,000 columns": "|a" * 2_000 + "|\n" + "|-" * 2_000 + "|\n" + "|b" * 2_000 + "|\n",
    "an unclosed fence": "```sh\n" + "run --now\n" * 3_000,
    "a fence with a long language": "```" + "x y " * 500 + "\n" + "run\n" * 500,
    "nested lists": "".join("  " * (line % 60) + "- x\n" for line in range(3_000)),
    "a list of long steps": "\n".join(f"1. {words(400)}" for _ in range(20)),
    "quotes in quotes": "> " * 5_000 + "deep",
    "emoji": "\U0001f469\u200d\U0001f4bb" * 10_000,
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd. " * 3_000,
    "no spaces": "\u6253\u5370\u673a\u574f\u4e86\u3002" * 3_000,
    "combining marks": "e" + "\u0301" * 20_000,
    "headings only": "# a\n" * 3_000,
    "long headings": "".join(f"{'#' * (level % 6 + 1)} {'head ' * 39}\n\ntext\n\n" for level in range(60)),
    "brackets": "[" * 20_000,
    "links": "[a](" * 5_000,
    "spaces in code": "```\n" + " " * 50_000 + "x\n```",
    "controls": "\x00\x1b[0m\u200b\u202e\ufeff " * 3_000,
}


@pytest.mark.parametrize("markdown", HOSTILE.values(), ids=HOSTILE)
def test_no_chunk_of_a_hostile_document_is_cut_by_the_window(embedder, markdown):
    chunks = split(document(markdown), count_tokens=embedder.count_tokens, options=ChunkOptions())
    assert chunks
    for chunk in chunks:
        assert embedder.count_tokens(chunk.embedded_text) == chunk.tokens <= 220
        assert chunk.tokens + SPECIAL_TOKENS <= embedder.max_tokens
        assert len(chunk.embedded_text) < MAX_CHARACTERS
    assert not letters([markdown]) - letters(
        [chunk.text for chunk in chunks] + [title for chunk in chunks for title in chunk.heading_path]
    )

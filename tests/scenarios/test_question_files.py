"""A file that comes with a question is read for this question only."""

from tests.eventually import eventually
from tests.fakes.slack import Json
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office

NOTES = "# Trip to Trier\n\nThe hotel is called Moselblick and the booking number is 4711-88.\n"


async def ask_with_file(office: Office, text: str, content: bytes, *, name: str, media_type: str) -> Json:
    channel = office.slack.open_direct("UBO")
    ts = office.slack.say(channel, "UBO", text)
    payload = office.slack.payloads.message(channel, "UBO", text, ts=ts)
    file = office.slack.add_file("F1", content, name=name, media_type=media_type)
    payload["event"] |= {"subtype": "file_share", "files": [file]}
    assert (await office.send(payload)).status_code == 200
    await eventually(lambda: bool(office.slack.replies(channel, ts)))
    await office.settle()
    return office.slack.replies(channel, ts)[0]


async def test_it_answers_from_the_file_and_says_so(office: Office) -> None:
    reply = await ask_with_file(
        office,
        "what is the booking number of the hotel in Trier?",
        NOTES.encode(),
        name="trip.md",
        media_type="text/plain",
    )
    assert "4711-88" in said(reply)
    assert "your file trip.md" in said(reply)


async def test_nothing_of_the_file_is_kept_but_in_what_was_said(office: Office) -> None:
    await ask_with_file(
        office,
        "what is the booking number of the hotel in Trier?",
        NOTES.encode(),
        name="trip.md",
        media_type="text/plain",
    )
    for table in ("knowledge.chunk", "knowledge.document", "checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        rows = await office.fetch(f"select 1 from {table} as t where t::text like '%%4711-88%%'")
        assert rows == [], table
    assert await office.fetch("select tried::text from helpdesk.decision where tried::text like '%%Moselblick%%'") == []


async def test_of_a_picture_it_says_what_it_cannot_do_and_answers_the_rest(office: Office) -> None:
    reply = await ask_with_file(
        office, "how long does a VPN session last?", b"\x89PNG...", name="error.png", media_type="image/png"
    )
    assert "12 hours" in said(reply)
    assert "can't see what is in a picture" in said(reply)


async def test_a_broken_file_is_named_and_the_question_is_answered(office: Office) -> None:
    reply = await ask_with_file(
        office, "how long does a VPN session last?", b"%PDF-1.7 broken", name="a.pdf", media_type="application/pdf"
    )
    assert "12 hours" in said(reply)
    assert "could not read a.pdf" in said(reply)


async def test_a_file_without_a_word_is_asked_about(office: Office) -> None:
    reply = await ask_with_file(office, "", NOTES.encode(), name="trip.md", media_type="text/plain")
    assert "What would you like to know" in said(reply)

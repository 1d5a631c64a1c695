"""What people said of the bot's answers becomes labelled questions, and those a judge of evidence."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from helpdesk_bot.evals.answer_cases import read_answer_cases
from helpdesk_bot.events import Platform
from helpdesk_bot.records.judged import JudgedQuestions
from helpdesk_bot.records.privacy import Privacy
from tests.eventually import eventually, eventually_async
from tests.fakes.slack import Json
from tests.fakes.slack_blocks import said
from tests.scenarios.command_line import environment, run
from tests.scenarios.conftest import Office
from tests.scenarios.escalating import KEPT_UNTIL, UNKNOWN, escalate, fill_in, packet, press, thread_says, whispered

VPN = "how long does a VPN session last?"
SECRET = "where is the envelope of the break-glass administrator account?"


async def vote(office: Office, reply: Json, user: str, emoji: str = "+1", *, channel: str = "CSTAFF") -> None:
    reaction = office.slack.payloads.reaction(channel, user, reply["ts"], emoji, at=f"{time.time():.6f}")
    assert (await office.send(reaction)).status_code == 200


async def ask_and_like(office: Office, text: str, *, channel: str = "CSTAFF", user: str = "UBO") -> Json:
    reply = await office.ask(channel, user, text)
    await office.settle()
    await vote(office, reply, user, channel=channel)
    return reply


async def let_people_answer(office: Office, text: str) -> None:
    thread = await escalate(office)
    await fill_in(office, "UADA", "answer", {"answer": text})
    await eventually(lambda: thread_says(office, thread, text))


async def review(database_url: str, cwd: Path, folder: str, *words: str) -> tuple[int, Any, str]:
    code, out, err = await run("eval", "reviewed", folder, "--json", *words, cwd=cwd, **environment(database_url))
    return code, json.loads(out) if out else None, err


async def test_what_people_said_becomes_a_folder_that_calibration_reads(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    await ask_and_like(office, VPN)
    await ask_and_like(office, VPN.upper())
    await ask_and_like(office, SECRET, channel="CADMINS", user="UADA")
    await ask_and_like(office, "paper jam in the printer, what do I do", channel=office.slack.open_direct("UBO"))
    split = await ask_and_like(office, "how do I reset a forgotten password?")
    await vote(office, split, "UADA", "-1")
    await let_people_answer(office, "Fish, and a soup.")
    await office.settle()

    code, told, err = await review(database_url, tmp_path, "mine")
    assert code == 0, err
    assert (told["answerable"], told["unanswerable"], told["repeated"]) == (1, 1, 1)
    assert told["by"] == {"people": 1, "votes": 1}
    assert told["left_out"] == {"direct": 1, "disagree": 1, "restricted": 1}
    cases = {case.text: case for case in read_answer_cases(tmp_path / "mine")}
    assert {text.lower(): (case.is_answerable, case.gold) for text, case in cases.items()} == {
        VPN.lower(): (True, {"vpn.md"}),
        UNKNOWN.lower(): (False, frozenset()),
    }
    written = "".join(path.read_text("utf-8") for path in (tmp_path / "mine").iterdir())
    for name in ("UBO", "UADA", "Ada", "CSTAFF", "soup", "12 hours", "break-glass"):
        assert name not in written
    assert await office.fetch("select platform, words from helpdesk.audit where action = 'eval'") == [
        ("cli", "reviewed, 90 days")
    ]

    code, _, err = await review(database_url, tmp_path, "mine")
    assert (code, "is not an empty folder" in err) == (2, True)

    settings = environment(database_url)
    code, out, err = await run("eval", "calibrate", "mine", "--json", "--judge", "judge.json", cwd=tmp_path, **settings)
    assert code == 0, err
    assert "at least 30 of each are needed" in err
    assert (json.loads(out)["answered"], json.loads(out)["unanswered"]) == (1, 2)
    assert json.loads(out)["is_trusted"] is False
    code, _, err = await run("ask", VPN, cwd=tmp_path, **settings, EVIDENCE_FILE="judge.json")
    assert code in {0, 3}, err
    code, out, err = await run("eval", "answers", "mine", "--json", cwd=tmp_path, **settings)
    assert code == 0, err
    assert json.loads(out)["outcomes"]["ANSWERABLE"] == {"answered": 1}


async def test_direct_conversations_come_where_they_are_wanted_and_votes_go(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    await ask_and_like(office, VPN, channel=office.slack.open_direct("UBO"))
    code, told, _ = await review(database_url, tmp_path, "direct", "--direct")
    assert (code, told["answerable"]) == (0, 1)
    code, told, err = await review(database_url, tmp_path, "none", "--direct", "--no-votes")
    assert (code, told["left_out"], "nothing is written" in err) == (1, {"votes_off": 1}, True)
    assert not (tmp_path / "none").exists()
    code, out, _ = await run("eval", "reviewed", "shown", "--direct", cwd=tmp_path, **environment(database_url))
    assert out.splitlines() == [
        "questions",
        "1          answerable",
        "0          unanswerable",
        "1          of these by votes",
        "0          asked again: counted once",
        "Written to shown: helpdesk-bot eval calibrate shown",
    ]
    settings = environment(database_url) | {"EVIDENCE_FILE": ""}
    code, out, err = await run("eval", "calibrate", "shown", "--judge", "judge.json", cwd=tmp_path, **settings)
    assert (code, "Too few questions" in err, "to use it" in out) == (0, True, False)


async def test_who_is_forgotten_is_in_no_folder(office: Office, database_url: str, tmp_path: Path) -> None:
    await ask_and_like(office, VPN)
    await ask_and_like(office, "paper jam in the printer, what do I do", user="UADA")
    await Privacy(office.app.knowledge.pool).forget(Platform.SLACK, office.slack.team_id, "UBO")
    code, told, _ = await review(database_url, tmp_path, "mine")
    assert (code, told["answerable"], told["left_out"]) == (0, 1, {})
    assert "VPN" not in (tmp_path / "mine" / "queries.jsonl").read_text("utf-8")


async def test_an_edit_and_a_vote_taken_back_undo_what_was_said(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    first = await ask_and_like(office, VPN)
    changed = f"<@{office.slack.bot_user_id}> how do I connect to the VPN on macOS?"
    await office.send(office.slack.change("CSTAFF", first["thread_ts"], changed))
    await office.settle()
    second = await ask_and_like(office, "paper jam in the printer, what do I do")
    await office.send(
        office.slack.payloads.reaction("CSTAFF", "UBO", second["ts"], "+1", at=f"{time.time():.6f}", removed=True)
    )
    await office.settle()
    code, told, _ = await review(database_url, tmp_path, "mine")
    assert (code, told["answerable"], told["left_out"]) == (1, 0, {"not_judged": 2})


async def test_an_answer_that_people_kept_makes_its_question_answerable(
    office: Office, database_url: str, tmp_path: Path
) -> None:
    await let_people_answer(office, "The canteen serves fish on Friday.")
    await fill_in(office, "UADA", "resolve", {"save": "yes"})
    await eventually(lambda: "Resolved by Ada" in said(packet(office)))
    kept = {"question": UNKNOWN, "answer": "The canteen serves fish on Friday.", "owner": "Ada", "readers": "staff"}
    await fill_in(office, "UADA", "save", kept | {"expires_on": KEPT_UNTIL.isoformat()})
    await eventually(lambda: "Shall I answer with it" in whispered(office))
    await press(office, "UADA", "approve", message=office.slack.whispers[-1])

    async def is_known() -> bool:
        return bool(await office.fetch("select from knowledge.document where source = 'curated'"))

    await eventually_async(is_known)
    ((key,),) = await office.fetch("select key from knowledge.document where source = 'curated'")
    code, told, err = await review(database_url, tmp_path, "mine")
    assert (code, told["by"]) == (0, {"people": 1}), err
    [case] = read_answer_cases(tmp_path / "mine")
    assert case.gold == {key}
    code, out, err = await run("eval", "calibrate", "mine", "--json", cwd=tmp_path, **environment(database_url))
    assert code == 0, err
    assert (json.loads(out)["answered"], json.loads(out)["unanswered"]) == (1, 1)

    records = JudgedQuestions(office.app.knowledge.pool)
    for today, is_kept in ((KEPT_UNTIL, True), (KEPT_UNTIL + timedelta(days=1), False)):
        [judged] = await records.list_judged(timedelta(days=1), today=today)
        assert (judged.kept is not None) == is_kept


@pytest.mark.parametrize("words", [["--days", "0"], []])
async def test_wrong_usage_is_told_before_anything_is_read(words: list[str], database_url: str, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "a").touch()
    code, _, err = await run("eval", "reviewed", "full", *words, cwd=tmp_path, **environment(database_url))
    assert code == 2
    assert "Traceback" not in err

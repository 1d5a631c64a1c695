"""A private channel gets another id before it is shared with another company: what is kept of it goes along."""

from dataclasses import replace
from datetime import timedelta

from helpdesk_bot.curated import Readers, group_of, rule_for
from helpdesk_bot.events import Place, PlaceKind, Platform
from helpdesk_bot.records.curated import CuratedRecords, NewCurated
from tests.eventually import eventually
from tests.fakes.slack import Json
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office

QUESTION = "how long does a VPN session last?"


async def move(office: Office, channel: str, to: str) -> Json:
    told = office.slack.move_channel(channel, to)
    for retry in (0, 1):
        assert (await office.send(told, retry=retry)).status_code == 200
    return told


async def command(office: Office, channel: str, words: str) -> str:
    return (await office.send(office.slack.payloads.command(channel, "UADA", words))).text


async def test_settings_pauses_and_the_course_of_threads_go_along(office: Office) -> None:
    for words in ("channel listen everything", "channel draft on", "pause here"):
        await command(office, "CADMINS", words)
    await move(office, "CADMINS", "CMOVED")
    shown = await command(office, "CMOVED", "channel")
    assert "listen: everything" in shown
    assert "draft: on" in shown
    assert "I answer here again" in await command(office, "CMOVED", "resume here")
    assert "everything" not in await command(office, "CADMINS", "channel")


async def test_a_thread_goes_on_and_a_vote_finds_its_answer(office: Office) -> None:
    first = await office.ask("CADMINS", "UADA", QUESTION)
    thread = first["thread_ts"]
    await office.settle()
    await move(office, "CADMINS", "CMOVED")

    await office.send(office.slack.payloads.reaction("CMOVED", "UADA", first["ts"], "+1", at=office.slack.next_ts()))
    votes = await office.fetch("select channel, value from helpdesk.feedback")
    assert votes == [("CMOVED", 1)]

    ts = office.slack.say("CMOVED", "UADA", "and how do I renew it?", thread=thread)
    await office.send(office.slack.payloads.message("CMOVED", "UADA", "and how do I renew it?", ts=ts, thread=thread))
    await eventually(lambda: len(office.slack.replies("CMOVED", thread)) > 1)


async def test_who_asked_before_can_still_change_the_question_and_take_it_back(office: Office) -> None:
    first = await office.ask("CADMINS", "UADA", QUESTION)
    thread = first["thread_ts"]
    await office.settle()
    await move(office, "CADMINS", "CMOVED")
    await office.send(office.slack.change("CMOVED", thread, "<@UBOT> how do I reset my password?"))
    await eventually(lambda: "12 hours" not in said(office.slack.replies("CMOVED", thread)[0]))
    await office.settle()
    assert len(office.slack.replies("CMOVED", thread)) == 1
    await office.send(office.slack.delete("CMOVED", thread))
    await eventually(lambda: not office.slack.replies("CMOVED", thread))
    assert await office.fetch("select count(*) from helpdesk.question") == [(1,)]


async def test_admins_hear_once_what_is_theirs_to_change(office: Office) -> None:
    await command(office, "CADMINS", "status")
    await move(office, "CADMINS", "CMOVED")
    direct = office.slack.open_direct("UADA")
    await eventually(lambda: bool(office.slack.posted(direct)))
    [told] = office.slack.posted(direct)
    assert "CADMINS" in said(told)
    assert "CMOVED" in said(told)


async def test_what_is_set_for_the_new_id_already_counts_more(office: Office) -> None:
    before = Place(
        platform=Platform.SLACK, tenant=office.slack.team_id, channel="G1", thread=None, kind=PlaceKind.CHANNEL
    )
    after = replace(before, channel="C9")
    records = office.app.records
    await records.change_channel(before, "tone", "brief", by="UADA")
    await records.change_channel(before, "draft", True, by="UADA")
    await records.change_channel(after, "tone", "warm", by="UADA")
    office.slack.add_channel("G1", members=["UADA"], kind="private")
    await move(office, "G1", "C9")
    assert await records.find_channel(after) == {"tone": "warm", "draft": True}
    assert await records.find_channel(before) is None


async def test_a_curated_answer_for_its_members_stays_theirs(office: Office) -> None:
    place = Place(
        platform=Platform.SLACK, tenant=office.slack.team_id, channel="CADMINS", thread=None, kind=PlaceKind.CHANNEL
    )
    rule = rule_for(Readers.PLACE, place)
    draft = NewCurated(
        question_key=None,
        question="Who has the key of the server room?",
        answer="Ask Ada.",
        owner="Ada",
        all_of=[sorted(any_of) for any_of in rule.all_of],
        place=place,
        drafted_by="UADA",
        expires_on=office.app.settings.today() + timedelta(days=9),
    )
    records = CuratedRecords(office.app.knowledge.pool)
    async with records.transaction() as connection:
        await records.add_draft(connection, draft)
    await move(office, "CADMINS", "CMOVED")
    [kept] = await records.list_newest(limit=9)
    assert kept.all_of == [[group_of(replace(place, channel="CMOVED"))]]
    assert kept.channel == "CMOVED"

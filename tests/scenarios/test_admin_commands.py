"""`/helpdesk`: who may, what is refused and how, and what each command does."""

import re
from pathlib import Path

from helpdesk_bot.prompts.catalog import load_text
from helpdesk_bot.prompts.registry import PromptShelf
from helpdesk_bot.records.prompts import PromptRecords
from helpdesk_bot.settings import Settings
from tests.eventually import eventually_async
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import said, visible_text
from tests.scenarios.admins import ADMIN_COMMANDS, command
from tests.scenarios.conftest import Office, open_office

COMMANDS_PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
QUESTION = "how long does a VPN session last?"


async def link_of(office: Office, message: Json) -> str:
    return f"https://example.slack.com/archives/CSTAFF/p{message['ts'].replace('.', '')}?thread_ts=1.2"


async def test_what_is_for_admins_is_refused_to_others_and_every_use_is_written_down(office: Office) -> None:
    for text in ADMIN_COMMANDS:
        assert "is for admins" in await command(office, "UBO", text), text
    audit = await office.fetch("select action, allowed from helpdesk.audit order by id")
    assert audit == [(text.split()[0], False) for text in ADMIN_COMMANDS]
    assert await office.fetch("select 1 from helpdesk.pause") == []


async def test_the_audit_keeps_a_commands_own_words_and_nobodys_name(office: Office) -> None:
    for text in ("sync approve handbook", "forget-me UBO yes", "pause everywhere", "why ABCDEFGH", "curated expire 17"):
        await command(office, "UADA", text)
    assert await office.fetch("select action, words, allowed from helpdesk.audit order by number") == [
        ("sync", "approve handbook", True),
        ("forget-me", "... yes", True),
        ("pause", "everywhere", True),
        ("why", "...", True),
        ("curated", "expire 17", True),
    ]
    verified = await office.app.records.verify_audit()
    assert (verified.entries, verified.problems) == (5, ())


async def test_an_admin_goes_back_to_the_prompt_before(office: Office) -> None:
    shelf = PromptShelf(PromptRecords(office.app.knowledge.pool))
    prompt, _ = await shelf.add("answer", load_text("answer").replace("colleagues'", "people's"), author="ada")
    await shelf.label("answer", "production", prompt.version, by="ada")
    assert prompt.version in await command(office, "UADA", "prompt status")
    said = await command(office, "UADA", "prompt rollback answer")
    assert "Done" in said
    assert prompt.version not in said
    assert "nothing to go back to" in await command(office, "UADA", "prompt rollback")
    assert await office.fetch("select action, words from helpdesk.audit order by number") == [
        ("prompt", "status"),
        ("prompt", "rollback answer"),
        ("prompt", "rollback"),
    ]


async def test_what_is_no_command_is_named_above_the_help(office: Office) -> None:
    said = await command(office, "UBO", "reset `my` password")
    assert said.startswith("There is no command reset, so I did nothing.")
    assert "mention me in a channel, or write to me directly" in said
    for words in ("help", ""):
        assert "no command" not in await command(office, "UBO", words)


async def test_forget_me_is_for_everyone_however_a_phone_writes_it(office: Office) -> None:
    assert await command(office, "UBO", "Forget-me Yes") == "I kept nothing of you."
    assert "for admins" in await command(office, "UBO", "forget-me UADA Yes")


async def test_every_command_is_tried_on_outsiders_and_explained_in_help_and_on_its_page(office: Office) -> None:
    _, _, for_admins = (await command(office, "UADA", "help")).partition("For admins")
    tried = {text.split()[0] for text in ADMIN_COMMANDS}
    assert set(re.findall(r"^\W*([a-z-]+)[^:\n]*:", for_admins, re.MULTILINE)) == tried
    assert set(re.findall(r"^\| `([a-z-]+)", COMMANDS_PAGE.read_text("utf-8"), re.MULTILINE)) == {*tried, "help"}


async def test_a_pause_silences_a_channel_or_everything_and_commands_go_on(office: Office) -> None:
    assert "silent here" in await command(office, "UADA", "pause")
    paused = await office.ask("CSTAFF", "UBO", QUESTION)
    assert "12 hours" not in said(paused)
    assert "12 hours" in visible_text((await office.ask("CADMINS", "UADA", QUESTION))["blocks"])
    assert "Paused here" in await command(office, "UADA", "status")
    assert "again" in await command(office, "UADA", "resume")
    assert "not paused" in await command(office, "UADA", "resume")
    assert "12 hours" in visible_text((await office.ask("CSTAFF", "UBO", QUESTION))["blocks"])
    assert "everywhere" in await command(office, "UADA", "pause everywhere")
    assert "still paused" in await command(office, "UADA", "resume here")
    assert "everywhere again" in await command(office, "UADA", "resume everywhere")


async def test_the_schedule_of_the_settings_is_shown_where_no_admin_set_one(
    settings: Settings, slack: SlackServer
) -> None:
    scheduled = settings.model_copy(update={"sync_crons": {"handbook": "5 3 * * *"}})
    async with open_office(scheduled, slack) as office:
        assert "5 3 * * *" in await command(office, "UADA", "schedule handbook")


async def test_a_schedule_is_set_shown_and_taken_back(office: Office) -> None:
    assert "0 2 * * *" in await command(office, "UADA", "schedule handbook")
    assert "15 4 * * 1" in await command(office, "UADA", 'schedule handbook "15 4 * * 1"')
    assert await office.fetch("select cron, set_by from helpdesk.source_schedule") == [("15 4 * * 1", "UADA")]
    assert "never by itself" in await command(office, "UADA", "schedule handbook off")
    assert "schedule off" in await command(office, "UADA", "sources")
    assert "no cron expression" in await command(office, "UADA", "schedule handbook tomorrow")
    assert "0 2 * * *" in await command(office, "UADA", "schedule handbook default")
    assert "There is no source" in await command(office, "UADA", "schedule nowhere off")


async def test_a_receipt_says_what_the_last_run_did(office: Office) -> None:
    said = await command(office, "UADA", "receipt handbook")
    assert "5 added" in said
    assert "complete" in said
    assert "No run of handbook held anything back" in await command(office, "UADA", "sync approve handbook")
    assert "No run of handbook is under way" in await command(office, "UADA", "sync cancel handbook")
    assert "It is" in await command(office, "UADA", "sync handbook")


async def test_a_full_resync_reads_everything_anew(office: Office) -> None:
    assert "queued" in await command(office, "UADA", "resync handbook --full")

    async def is_done() -> bool:
        return "2" in str(await office.fetch("select count(*) from knowledge.sync_run where state = 'complete'"))

    await eventually_async(is_done)


async def test_a_channels_settings_are_shown_and_changed_with_plain_errors(office: Office) -> None:
    assert "mention" in await command(office, "UADA", "channel")
    assert "questions" in await command(office, "UADA", "channel listen questions")
    assert "It takes one of" in await command(office, "UADA", "channel listen always")
    assert "There is no setting" in await command(office, "UADA", "channel volume 11")
    assert "in the channel" in await command(office, "UADA", "channel", office.slack.open_direct("UADA"))


async def test_why_tells_an_admin_how_an_answer_came_about(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    told = await command(office, "UADA", f"why {await link_of(office, reply)}")
    for part in (
        "I spoke",
        "Understood as",
        "VPN session",
        "answered",
        "Connect to the VPN",
        "dense",
        "bm25",
        "extractive",
    ):
        assert part in told, part
    [(key,)] = await office.fetch("select key from helpdesk.question")
    assert key
    reference = said(reply).split("Reference ")[1][:8]
    assert "Connect to the VPN" in await command(office, "UADA", f"why {reference}")
    assert "I know of no such message" in await command(office, "UADA", "why AAAAAAAA")
    assert "It is" in await command(office, "UADA", "why")


async def test_why_shows_no_admin_what_they_may_not_read(office: Office) -> None:
    """A direct question of somebody else, answered from a page that is not the admin's."""
    direct = office.slack.open_direct("UBO")
    await office.ask(direct, "UBO", QUESTION)
    await office.settle()
    await office.fetch(
        """
        update knowledge.access_rule set all_of = '[["user:bo@example.com"]]'
        where all_of = '[["staff"]]' returning 1
        """
    )
    await office.fetch("update knowledge.state set rights_version = rights_version + 1 returning 1")
    [(message_id,)] = await office.fetch("select message_id from helpdesk.question")
    said = await command(
        office, "UADA", f"why https://example.slack.com/archives/{direct}/p{message_id.replace('.', '')}"
    )
    assert "not shown" in said
    assert "not yours to read" in said
    assert "VPN" not in said


async def test_forget_me_asks_first_and_then_erases(office: Office) -> None:
    await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    assert "forget-me yes" in await command(office, "UBO", "forget-me")
    assert await office.fetch("select count(*) from helpdesk.question") == [(1,)]
    assert "Erased" in await command(office, "UBO", "forget-me yes")
    assert await office.fetch("select count(*) from helpdesk.question") == [(0,)]
    assert "kept nothing" in await command(office, "UBO", "forget-me yes")


async def test_an_admin_has_somebody_else_forgotten(office: Office) -> None:
    await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    assert "can't be undone" in await command(office, "UADA", "forget-me UBO")
    assert "Name the person" in await command(office, "UADA", "forget-me bo@example.com yes")
    assert "Erased" in await command(office, "UADA", "forget-me UBO yes")
    assert await office.fetch("select count(*) from helpdesk.question") == [(0,)]


async def test_curated_drafts_are_listed_decided_and_ended(office: Office) -> None:
    assert "Nothing is saved yet" in await command(office, "UADA", "curated list")
    await office.fetch(
        """
        insert into helpdesk.curated
          (question, answer, owner, all_of, platform, tenant, channel, thread, place_kind, drafted_by, expires_on)
        values ('When is lunch?', 'At noon.', 'Ada', '[["staff"]]', 'slack', 'T0HELP', 'CSTAFF', null, 'channel',
                'UADA', '2099-01-01')
        returning id
        """
    )
    listed = await command(office, "UADA", "curated list")
    assert "When is lunch?" in listed
    assert "At noon" not in listed
    assert "Done" in await command(office, "UADA", "curated approve 1")

    async def is_known() -> bool:
        return bool(await office.fetch("select from knowledge.document where source = 'curated'"))

    await eventually_async(is_known)
    assert "There is no answer 1" in await command(office, "UADA", "curated approve 1")
    assert "Done" in await command(office, "UADA", "curated expire 1")

    async def is_gone() -> bool:
        return not await is_known()

    await eventually_async(is_gone)
    assert "It is" in await command(office, "UADA", "curated burn 1")


WORDS = {
    "status": True,
    "status of my ticket": False,
    "help": True,
    "help me with the printer": False,
    "resync handbook --full": True,
    "why is the VPN slow": False,
    "why printers": False,
    "pause": True,
    "pause my subscription": False,
    "forget-me yes": True,
    "channel listen questions": True,
    "channel 4 is on fire": False,
    "schedule a meeting": False,
    "sources of funding": False,
    "sync my phone": False,
    "": False,
}


async def test_a_message_is_a_command_only_if_all_of_it_fits(office: Office) -> None:
    recognises = office.app.desk._commands.recognises
    assert {words: recognises(tuple(words.split())) for words in WORDS} == WORDS


async def test_why_tells_of_a_silence_too(office: Office) -> None:
    ts = office.slack.say("CSTAFF", "UBO", "lunch, anyone?")
    await office.send(office.slack.payloads.message("CSTAFF", "UBO", "lunch, anyone?", ts=ts))
    said = await command(office, "UADA", f"why https://example.slack.com/archives/CSTAFF/p{ts.replace('.', '')}")
    assert "I kept silent" in said
    assert "lunch" not in said

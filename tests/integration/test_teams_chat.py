"""Teams through the real SDK, before a strict connector on loopback: what is said, where, once, and to whom."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from typing import Any

import pytest

from helpdesk_bot.errors import ChatRefused, ChatUnavailable, RateLimited
from helpdesk_bot.events import Action, Citation, Outcome, Place, PlaceKind, Platform, Question, SharedFile, Step
from helpdesk_bot.messages import Button, Link, Notice, Packet, Reply
from knowledge.passages import Passage, Scores
from knowledge.postgres import Pool
from tests.fakes.teams import Fail, Hang, TeamsServer
from tests.fakes.teams_desk import TeamsOffice, open_teams_office


def passage(number: int = 1, **changes: Any) -> Passage:
    facts: dict[str, Any] = {
        "chunk_id": number,
        "document_id": number,
        "source": "wiki",
        "key": f"page-{number}",
        "title": f"VPN guide {number}",
        "url": f"https://wiki.example/vpn-{number}",
        "heading_path": ("Connect",),
        "text": "Open the **client** and sign in. " * 20,
        "page": None,
        "modified_at": datetime(2026, 5, 1, tzinfo=UTC),
        "scores": Scores(),
    }
    return Passage(**{**facts, **changes})


def reply(text: str = "Open the *client* [1].", **changes: Any) -> Reply:
    facts: dict[str, Any] = {
        "question_key": "q",
        "outcome": Outcome.ANSWERED,
        "citations": (Citation(number=1, passage=passage()),),
        "reference": "K7Q2",
    }
    return Reply(text=text, **{**facts, **changes})


@pytest.fixture
async def teams() -> AsyncGenerator[TeamsServer]:
    async with TeamsServer() as teams:
        teams.add_user("ada", email="ada@example.com")
        teams.add_user("bo", email="bo@example.com")
        teams.add_user("gil", email="gil@elsewhere.example", role="guest")
        teams.add_personal("ada")
        teams.add_channel("staff", ["ada", "bo"])
        teams.add_channel("mixed", ["ada", "gil"])
        teams.add_channel("joint", ["ada"], is_shared=True)
        teams.add_group("lunch", ["ada", "bo"])
        yield teams


@pytest.fixture
async def office(pool: Pool, teams: TeamsServer) -> AsyncGenerator[TeamsOffice]:
    async with open_teams_office(pool, teams) as office:
        yield office


async def asked(office: TeamsOffice, conversation: str = "a:ada", user: str = "ada") -> Question:
    """A question that was heard: from then on the bot can speak there."""
    is_direct = conversation.startswith("a:")
    return await office.hear(office.teams.message(conversation, user, "how?", mention=not is_direct))


async def test_an_answer_has_its_citations_its_label_its_thumbs_and_its_sources(office: TeamsOffice) -> None:
    question = await asked(office)
    message_id = await office.chat.post(question.place, reply(), marker="m")
    [shown] = office.teams.shown("a:ada")
    assert shown["id"] == message_id
    assert "Open the *client* [1]." in shown["text"]
    assert "**1** [VPN guide 1 \u203a Connect](https://wiki.example/vpn-1) · updated 2026-05-01" in shown["text"]
    assert "Reference K7Q2" in shown["text"]
    assert shown["channelData"] == {"feedbackLoop": {"type": "default"}}
    [entity] = shown["entities"]
    assert entity["additionalType"] == ["AIGeneratedContent"]
    assert entity["citation"][0]["position"] == 1
    assert entity["citation"][0]["appearance"]["url"] == "https://wiki.example/vpn-1"


async def test_an_answer_with_buttons_is_known_by_its_ids_and_so_can_be_changed_voted_on_and_taken_away(
    office: TeamsOffice,
) -> None:
    """Teams makes two messages of a text with a card, and tells the id of neither: then none of this would work."""
    place = (await asked(office)).place
    ask = Button(action=Action.ASK_PERSON, value="q", label="Ask a person")
    message_id = await office.chat.post(place, reply(buttons=(ask,)), marker="m")
    text, card = office.teams.shown("a:ada")
    assert message_id == text["id"]
    assert text["channelData"] == {"feedbackLoop": {"type": "default"}}
    assert (card["summary"], "text" in card) == ("Ask a person", False)
    for thumbed in (text["id"], card["id"]):
        assert await office.chat.records.find_first_part("a:ada", thumbed) == message_id
    assert await office.chat.records.find_newest_part("a:ada") == message_id
    await office.chat.edit(place, message_id, reply("Anew [1].", buttons=(ask,)), marker="m")
    assert [shown["id"] for shown in office.teams.shown("a:ada")] == [text["id"], card["id"]]
    await office.chat.edit(place, message_id, reply("Alone [1]."), marker="m")
    [left] = office.teams.shown("a:ada")
    assert left["text"].startswith("Alone")
    await office.chat.edit(place, message_id, reply("Once more [1].", buttons=(ask,)), marker="m")
    await office.chat.withdraw(place, message_id, marker="m")
    assert office.teams.shown("a:ada") == []


async def test_a_thread_is_answered_in_the_thread_and_a_channel_gets_a_new_one(office: TeamsOffice) -> None:
    question = await asked(office, "19:staff@thread.tacv2")
    await office.chat.post(question.place, reply(), marker="m")
    assert office.teams.calls_of("send")[-1].conversation == f"19:staff@thread.tacv2;messageid={question.message_id}"
    channel = Place(
        platform=Platform.TEAMS, tenant="tenant-1", channel=question.place.channel, thread=None, kind=PlaceKind.CHANNEL
    )
    await office.chat.post(channel, Notice(text="hello"), marker="n")
    assert len(office.teams.calls_of("create")) == 1
    await office.chat.edit(
        channel, await office.chat.find_posted(channel, marker="n") or "", Notice(text="bye"), marker="n"
    )
    assert office.teams.shown(channel.channel)[-1]["text"] == "bye"


async def test_a_place_that_the_bot_was_never_in_is_refused(office: TeamsOffice) -> None:
    nowhere = Place(platform=Platform.TEAMS, tenant="tenant-1", channel="19:x", thread=None, kind=PlaceKind.CHANNEL)
    with pytest.raises(ChatRefused):
        await office.chat.post(nowhere, reply(), marker="m")


async def test_what_was_posted_is_found_and_not_posted_again(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    assert await office.chat.find_posted(place, marker="m") is None
    message_id = await office.chat.post(place, reply(), marker="m")
    assert await office.chat.find_posted(place, marker="m") == message_id
    assert await office.chat.post(place, reply(), marker="m") == message_id
    assert len(office.teams.shown("a:ada")) == 1


async def test_a_lost_answer_of_teams_leads_to_a_second_copy_rather_than_to_silence(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    office.teams.fail("send", Fail(504, after_taking=True))
    with pytest.raises(ChatUnavailable):
        await office.chat.post(place, reply(), marker="m")
    assert await office.chat.find_posted(place, marker="m") is None
    await office.chat.post(place, reply(), marker="m")
    assert len(office.teams.shown("a:ada")) == 2
    assert await office.chat.find_posted(place, marker="m") == office.teams.shown("a:ada")[-1]["id"]


async def test_a_long_answer_comes_in_parts_and_only_missing_ones_are_posted_again(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    code = "```\n" + "\n".join(f"line {number} of a long script" for number in range(1_200)) + "\n```"
    long = reply(text=f"First [1].\n\n{code}\n\nLast.")
    office.teams.fail("send", None, Fail(502))
    with pytest.raises(ChatUnavailable):
        await office.chat.post(place, long, marker="m")
    assert await office.chat.find_posted(place, marker="m") is None
    await office.chat.post(place, long, marker="m")
    shown = office.teams.shown("a:ada")
    assert len(shown) >= 3
    assert all(message["text"].count("```") % 2 == 0 for message in shown)
    text = "\n".join(message["text"] for message in shown)
    assert all(f"line {number} of a long script" in text for number in range(1_200))
    assert "Last." in text
    assert [bool(message.get("channelData")) for message in shown] == [False] * (len(shown) - 1) + [True]
    assert await office.chat.find_posted(place, marker="m") == shown[0]["id"]


async def test_an_edit_changes_all_parts_and_takes_away_what_is_too_much(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    first = await office.chat.post(place, reply(text="word " * 9_000), marker="m")
    assert len(office.teams.shown("a:ada")) > 1
    for _ in range(2):
        await office.chat.edit(place, first, reply(text="short"), marker="m")
    [shown] = office.teams.shown("a:ada")
    assert (shown["id"], shown["text"].startswith("short")) == (first, True)
    await office.chat.edit(place, first, reply(text="word " * 9_000), marker="m")
    assert len(office.teams.shown("a:ada")) > 1


@pytest.mark.parametrize("fault", [None, Fail(403, "Forbidden")])
async def test_what_can_t_be_changed_any_more_is_said_anew(office: TeamsOffice, fault: Fail | None) -> None:
    """Somebody else deleted it, as an owner of a team may; or Teams takes no change of it."""
    place = (await asked(office)).place
    first = await office.chat.post(place, reply(text="word " * 9_000), marker="m")
    if fault is None:
        office.teams.conversation("a:ada").messages.pop(first)
    else:
        office.teams.fail("update", fault)
    with pytest.raises(ChatRefused):
        await office.chat.edit(place, first, reply(text="short"), marker="m")
    again = await office.chat.post(place, reply(text="short"), marker="m")
    [shown] = office.teams.shown("a:ada")
    assert (shown["id"], shown["text"].startswith("short")) == (again, True)


async def test_a_message_is_taken_away_once_and_again(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    first = await office.chat.post(place, reply(), marker="m")
    for _ in range(2):
        await office.chat.withdraw(place, first, marker="m")
    assert office.teams.shown("a:ada") == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fail(429, "Throttled", retry_after_s=7), RateLimited),
        (Fail(412, "PreconditionFailed"), RateLimited),
        (Fail(502), ChatUnavailable),
        (Fail(504), ChatUnavailable),
        (Fail(500), ChatUnavailable),
        (Hang(), ChatUnavailable),
        (Fail(403, "MessageWritesBlocked", "The user blocked the bot"), ChatRefused),
        (Fail(404, "ConversationNotFound"), ChatRefused),
        (Fail(413, "MessageSizeTooBig"), ChatRefused),
    ],
)
async def test_each_no_of_teams_is_one_of_our_errors(
    office: TeamsOffice, fault: Fail | Hang, error: type[Exception]
) -> None:
    place = (await asked(office)).place
    office.teams.fail("send", fault)
    with pytest.raises(error) as raised:
        await office.chat.post(place, reply(), marker="m")
    if isinstance(fault, Fail) and fault.retry_after_s:
        assert fault.retry_after_s <= raised.value.retry_after_s < fault.retry_after_s + 1


async def test_the_bots_own_pace_keeps_it_from_being_refused(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    for number in range(9):
        await office.chat.post(place, Notice(text="hi"), marker=f"m{number}")
    assert [call.status for call in office.teams.calls_of("send")] == [201] * 9


async def test_a_withdrawn_token_is_replaced_and_one_token_serves_many_calls(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    await office.chat.post(place, reply(), marker="a")
    await office.chat.post(place, reply(), marker="b")
    assert len(office.teams.calls_of("token")) == 1
    office.teams.tokens.clear()
    await office.chat.post(place, reply(), marker="c")
    assert len(office.teams.calls_of("token")) == 2


async def test_a_wrong_password_is_a_refusal_with_entras_word(office: TeamsOffice) -> None:
    office.teams.password = "another"
    with pytest.raises(ChatRefused, match="invalid_client"):
        await office.chat.check()


async def test_a_whisper_lands_in_the_personal_chat_which_is_opened_if_need_be(office: TeamsOffice) -> None:
    question = await asked(office, "19:staff@thread.tacv2", "bo")
    await office.chat.whisper(question.place, question.person_id, Notice(text="for you"), marker="w")
    [shown] = office.teams.shown("a:bo")
    assert shown["text"] == "for you"
    assert office.teams.shown("19:staff@thread.tacv2") == []
    assert (await office.chat.get_direct_place(question.person_id)).channel == "a:bo"
    assert len(office.teams.calls_of("create")) == 1


async def test_a_case_mentions_whom_it_calls_and_its_buttons_carry_the_case(office: TeamsOffice) -> None:
    question = await asked(office, "19:staff@thread.tacv2")
    packet = Packet(
        question_key="q",
        question="<at>all</at> ![x](http://evil.example) where?",
        asked_by=question.person_id,
        link="https://teams.microsoft.com/l/message/1",
        tried=(passage(title="[a](http://evil.example) `b`"),),
        missing="the new address",
        people_ids=("aad-bo", "aad-nobody"),
        ticket=Link(label="Ticket IT-1", url="https://tickets.example.com/IT-1"),
        buttons=(
            Button(action=Action.CLAIM, value="case-1", label="Claim"),
            Button(action=Action.RESOLVE, value="case-1", label="Resolve", confirm="Really?"),
        ),
    )
    await office.chat.post(question.place, packet, marker="p")
    [shown] = office.teams.shown("19:staff@thread.tacv2")
    card = shown["attachments"][0]["content"]
    assert {one["mentioned"]["id"] for one in card["msteams"]["entities"]} == {"29:ada", "29:bo"}
    assert card["actions"][0]["data"] == {"helpdesk": {"kind": "click", "name": "claim", "value": "case-1"}}
    assert [action["type"] for action in card["actions"]][-1] == "Action.OpenUrl"
    assert "[Ticket IT-1](https://tickets.example.com/IT-1)" in [one.get("text") for one in card["body"]]
    assert "](http://evil.example)" not in str([one for one in card["body"] if one["type"] == "TextBlock"])


async def test_who_reads_a_place_is_its_roster_now_and_guests_are_told_apart(office: TeamsOffice) -> None:
    staff = (await asked(office, "19:staff@thread.tacv2")).place
    mixed = (await asked(office, "19:mixed@thread.tacv2")).place
    joint = (await asked(office, "19:joint@thread.tacv2")).place
    direct = (await asked(office)).place
    office.teams.page_size = 1
    assert {person.email for person in await office.chat.list_readers(staff) or []} == {
        "ada@example.com",
        "bo@example.com",
    }
    assert [person.is_guest for person in await office.chat.list_readers(mixed) or []] == [False, True]
    assert await office.chat.list_readers(direct) is None
    assert [await office.chat.is_shared(place) for place in (staff, mixed, joint)] == [False, True, True]
    office.teams.conversation(staff.channel).members.remove("bo")
    assert len(await office.chat.list_readers(staff) or []) == 1
    office.teams.fail("members", Fail(502))
    assert await office.chat.is_shared(staff) is True


async def test_who_reads_a_shared_channel_of_teams_is_not_known(office: TeamsOffice) -> None:
    """Its roster may name those only who are members by themselves, and whole teams can be members too
    (learn.microsoft.com/graph/api/channel-list-allmembers).
    """
    joint = (await asked(office, "19:joint@thread.tacv2")).place
    assert await office.chat.list_readers(joint) is None
    said = office.teams.message(joint.channel, "ada", "how?", mention=True)
    for channel in (None, {"id": joint.channel}, {"id": joint.channel, "type": None}):
        await office.hear({**said, "channelData": {**said["channelData"], "channel": channel}})
        assert await office.chat.list_readers(joint) is None
        assert await office.chat.is_shared(joint) is True
    await office.hear({**said, "channelData": {**said["channelData"], "channel": {"type": "private"}}})
    assert len(await office.chat.list_readers(joint) or []) == 1


async def test_a_person_is_known_by_the_roster_of_where_they_were_met(office: TeamsOffice) -> None:
    question = await asked(office)
    person = await office.chat.get_person(question.person_id)
    assert (person.id, person.email, person.is_guest, person.name) == ("aad-ada", "ada@example.com", False, "Ada")
    with pytest.raises(ChatRefused):
        await office.chat.get_person("aad-stranger")


async def test_another_tenants_people_are_guests(office: TeamsOffice) -> None:
    office.teams.add_user("eve", email="eve@example.com", tenant="tenant-2")
    office.teams.conversation("19:staff@thread.tacv2").members.append("eve")
    place = (await asked(office, "19:staff@thread.tacv2")).place
    people = {person.id: person.is_guest for person in await office.chat.list_readers(place) or []}
    assert people == {"aad-ada": False, "aad-bo": False, "aad-eve": True}


async def test_links_lead_to_channels_and_group_chats_only(office: TeamsOffice) -> None:
    channel = (await asked(office, "19:staff@thread.tacv2")).place
    group = (await asked(office, "19:lunch@thread.v2")).place
    direct = (await asked(office)).place
    assert (await office.chat.find_link(channel, "17") or "").startswith(
        "https://teams.microsoft.com/l/message/19%3Astaff%40thread.tacv2/17?tenantId=tenant-1&parentMessageId="
    )
    assert "context=" in (await office.chat.find_link(group, "17") or "")
    assert await office.chat.find_link(direct, "17") is None


async def test_a_file_is_loaded_from_where_teams_keeps_files_and_up_to_a_size(office: TeamsOffice) -> None:
    url = office.teams.add_file("notes.txt", b"x" * 100)
    file = SharedFile(id=url, name="notes.txt", media_type="text/plain", size_bytes=0)
    assert await office.chat.load_file(file, max_bytes=100) == b"x" * 100
    with pytest.raises(ChatRefused, match="too large"):
        await office.chat.load_file(file, max_bytes=99)


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest",
        "http://contoso.sharepoint.com/a",
        "https://contoso.sharepoint.com@evil.example/a",
        "https://sharepoint.com.evil.example/a",
        "https://evil.example/contoso.sharepoint.com",
        "https://contoso.sharepoint.com:8443/a",
        "https://contoso.sharepoint.com\\@evil.example/",
        "file:///etc/passwd",
        "https://[::ffff:127.0.0.1]/",
        "https://2130706433/",
        "",
    ],
)
async def test_a_file_from_anywhere_else_is_not_asked_for(office: TeamsOffice, url: str) -> None:
    with pytest.raises(ChatRefused, match="not a place"):
        await office.chat.load_file(SharedFile(id=url, name="a", media_type="a/b", size_bytes=0), max_bytes=10)


async def test_progress_is_dots_at_once_and_words_when_it_takes_longer(office: TeamsOffice) -> None:
    place = (await asked(office)).place
    for step in (Step.READING, Step.SEARCHING, Step.WEIGHING):
        await office.chat.show_progress(place, step)
    await office.chat.post(place, reply(), marker="m")
    assert [call.body["type"] for call in office.teams.calls_of("send")] == ["typing", "message"]
    office.teams.fail("send", Fail(500))
    await office.chat.show_progress(place, Step.READING)

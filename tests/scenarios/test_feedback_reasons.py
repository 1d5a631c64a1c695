"""A thumbs-down says why, and something follows from it."""

from typing import Any

from tests.eventually import eventually
from tests.fakes.slack import Json
from tests.fakes.slack_blocks import said, visible_text
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office


async def answer(office: Office) -> Json:
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.settle()
    return reply


async def give_reason(office: Office, fields: dict[str, str], *, at: str = "1800000001.0") -> Json:
    """Press thumbs-down and send off the form that opens; the payload."""
    reply = await answer(office)
    await office.send(office.slack.payloads.button("CSTAFF", "UBO", reply, at=at, is_positive=False))
    payload = office.slack.payloads.submission("UBO", office.slack.modals[-1][1], fields)
    response = await office.send(payload)
    assert response.status_code == 200, response.text
    return payload


async def reasons(office: Office) -> list[tuple[Any, ...]]:
    return await office.fetch("select person_id, reason, comment from helpdesk.feedback_reason")


def whispered(office: Office) -> str:
    return str(office.slack.whispers)


async def test_the_reason_is_kept_with_the_vote(office: Office) -> None:
    payload = await give_reason(office, {"reason": "outdated", "comment": "It is 8 hours now.", "person": "no"})
    assert await reasons(office) == [("UBO", "outdated", "It is 8 hours now.")]
    assert await office.fetch("select value from helpdesk.feedback") == [(-1,)]
    await eventually(lambda: "kept with this answer" in whispered(office))
    await office.send(payload)
    assert await reasons(office) == [("UBO", "outdated", "It is 8 hours now.")]
    assert office.slack.posted(PEOPLE_CHANNEL) == []


async def test_a_later_thumbs_up_is_what_counts(office: Office) -> None:
    await give_reason(office, {"reason": "wrong", "person": "no"})
    reply = office.slack.posted("CSTAFF")[0]
    await office.send(office.slack.payloads.button("CSTAFF", "UBO", reply, at="4000000000.0"))
    assert await office.fetch("select value from helpdesk.feedback") == [(1,)]
    counted = await office.fetch(
        """
        select count(*)
        from helpdesk.feedback_reason
        join helpdesk.feedback using (platform, tenant, channel, message_id, person_id)
        where value = -1
        """
    )
    assert counted == [(0,)]


async def test_a_person_is_brought_in_where_that_is_wished(office: Office) -> None:
    payload = await give_reason(office, {"reason": "incomplete", "comment": "And on Linux?", "person": "yes"})
    await office.send(payload)
    await eventually(lambda: bool(office.slack.posted(PEOPLE_CHANNEL)))
    [packet] = office.slack.posted(PEOPLE_CHANNEL)
    text = said(packet)
    assert "My answer did not help." in text
    assert "And on Linux?" in text
    await eventually(lambda: "passed your question on" in whispered(office))
    assert await office.fetch("select cause from helpdesk.escalation") == [("not_helpful",)]


async def test_what_is_said_once_people_have_the_question_goes_to_them(office: Office) -> None:
    first = await give_reason(office, {"reason": "incomplete", "comment": "And on Linux?", "person": "yes"})
    await eventually(lambda: bool(office.slack.posted(PEOPLE_CHANNEL)))
    await office.send(first, retry=1)
    [packet] = office.slack.posted(PEOPLE_CHANNEL)
    [reply] = office.slack.posted("CSTAFF")
    await office.send(office.slack.payloads.button("CSTAFF", "UADA", reply, at="1800000002.0", is_positive=False))
    fields = {"reason": "wrong", "comment": "It is 8 hours on a phone.", "person": "yes"}
    payload = office.slack.payloads.submission("UADA", office.slack.modals[-1][1], fields)
    for retry in (0, 1):
        assert (await office.send(payload, retry=retry)).status_code == 200
    await eventually(lambda: len(office.slack.replies(PEOPLE_CHANNEL, packet["ts"])) == 1)
    [added] = office.slack.replies(PEOPLE_CHANNEL, packet["ts"])
    assert visible_text(added["blocks"]).splitlines() == ["Ada adds:", "It is wrong. It is 8 hours on a phone."]
    await eventually(lambda: "know of your question already" in whispered(office))


async def test_admins_hear_at_once_of_what_should_not_be_seen(office: Office) -> None:
    await office.send(office.slack.payloads.command("CSTAFF", "UADA", "status"))  # so that an admin is known
    direct = office.slack.open_direct("UADA")
    await give_reason(office, {"reason": "not_for_me", "person": "no"})
    await eventually(lambda: bool(office.slack.posted(direct)))
    [alert] = office.slack.posted(direct)
    assert "should not be able to see" in said(alert)
    assert "12 hours" not in said(alert)
    await eventually(lambda: bool(office.slack.posted(PEOPLE_CHANNEL)))


async def test_a_reaction_is_asked_for_its_reason_by_a_note(office: Office) -> None:
    reply = await answer(office)
    await office.send(office.slack.payloads.reaction("CSTAFF", "UBO", reply["ts"], "-1", at="1800000001.0"))
    await eventually(lambda: "Tell me why" in whispered(office))
    note = office.slack.whispers[-1]
    await office.send(office.slack.payloads.press("CSTAFF", "UBO", note, "reason"))
    assert len(office.slack.modals) == 1

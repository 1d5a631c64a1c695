"""What not everybody in a channel may read is offered in private, without a word about it."""

from tests.fakes.slack import Json
from tests.scenarios.conftest import Office, eventually, eventually_async
from tests.scenarios.test_slack_question import said
from tests.scenarios.test_slack_rights import QUESTION, reveals


async def press(office: Office, user: str, message: Json, action: str, *, at: str = "1767225700.000100") -> None:
    response = await office.send(office.slack.payloads.press("CSTAFF", user, message, action, at=at))
    assert response.status_code == 200


def whispered(office: Office) -> list[str]:
    return [said(one) for one in office.slack.whispers]


async def whisper_of(office: Office, action: str) -> Json:
    """The whisper that holds a button with this action."""

    def find() -> list[Json]:
        return [one for one in office.slack.whispers if f".{action}" in str(one["blocks"])]

    await eventually(lambda: bool(find()))
    return find()[-1]


async def is_sent(office: Office) -> bool:
    return await office.fetch("select state from helpdesk.outgoing where marker like 'private:%'") == [("sent",)]


async def offer(office: Office) -> Json:
    reply = await office.ask("CSTAFF", "UADA", QUESTION)
    await office.settle()
    return reply


async def test_the_asker_who_may_read_more_is_offered_a_private_answer_that_names_nothing(office: Office) -> None:
    reply = await offer(office)
    assert not reveals(str(reply))
    assert "not everybody" in said(reply)
    other = await office.ask("CSTAFF", "UBO", QUESTION)
    assert "not everybody" not in said(other)


async def test_where_the_channel_may_read_it_nothing_is_offered(office: Office) -> None:
    assert "not everybody" not in said(await office.ask("CADMINS", "UADA", QUESTION))
    assert "not everybody" not in said(await office.ask("CSTAFF", "UADA", "how long does a VPN session last?"))


async def test_only_the_asker_sees_the_private_answer_and_only_once(office: Office) -> None:
    reply = await offer(office)
    await press(office, "UBO", reply, "private_answer", at="1767225700.000001")
    for _ in range(2):
        await press(office, "UADA", reply, "private_answer")
    answer = await whisper_of(office, "share")
    assert "safe 9" in said(answer)
    assert answer["user"] == "UADA"
    assert not any(reveals(str(message)) for message in office.slack.posted("CSTAFF"))
    revealing = [one for one in office.slack.whispers if reveals(said(one))]
    assert len(revealing) == 1


async def test_sharing_is_refused_while_not_everybody_may_read_it_and_is_written_down(office: Office) -> None:
    reply = await offer(office)
    await press(office, "UADA", reply, "private_answer")
    answer = await whisper_of(office, "share")
    await press(office, "UADA", answer, "share", at="1767225700.000002")
    await eventually(lambda: any("won't post" in text for text in whispered(office)))
    assert not any(reveals(str(message)) for message in office.slack.posted("CSTAFF"))
    assert await office.fetch("select person_id, action, allowed from helpdesk.audit") == [("UADA", "share", False)]


async def test_what_everybody_may_read_by_then_is_shared(office: Office) -> None:
    """Bo, who may not read it, leaves the channel: membership counts at once."""
    reply = await offer(office)
    await press(office, "UADA", reply, "private_answer")
    answer = await whisper_of(office, "share")
    office.slack.channel("CSTAFF").members.remove("UBO")
    await press(office, "UADA", answer, "share", at="1767225700.000002")
    await eventually(lambda: any("safe 9" in said(message) for message in office.slack.posted("CSTAFF")))
    assert await office.fetch("select action, allowed from helpdesk.audit") == [("share", True)]


async def test_who_presses_again_later_is_shown_it_again(office: Office) -> None:
    """Slack keeps nothing that one person alone saw: after a reload it is gone."""
    reply = await offer(office)
    await press(office, "UADA", reply, "private_answer")
    await whisper_of(office, "share")
    await eventually_async(lambda: is_sent(office))
    office.slack.whispers.clear()
    await press(office, "UADA", reply, "private_answer", at="1767225700.000003")
    assert "safe 9" in said(await whisper_of(office, "share"))

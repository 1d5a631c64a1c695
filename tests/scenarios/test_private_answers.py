"""What not everybody in a channel may read is offered in private, without a word about it."""

from pathlib import Path

from helpdesk_bot.agent.agent import Agent
from helpdesk_bot.agent.nodes.finding import Prospect
from helpdesk_bot.settings import Settings
from tests.eventually import eventually, eventually_async
from tests.fakes.slack import Json, RateLimit, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.secret_page import QUESTION, reveals

OTHER = "how often is the password of the break-glass account rotated?"
ROTATION = """# Rotation of the break-glass password

The password of the break-glass account is rotated every 45 days by the security officer.
"""


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


async def test_how_many_passages_the_place_may_not_read_is_counted_for_why(office: Office) -> None:
    for channel, user in (("CSTAFF", "UADA"), ("CADMINS", "UADA"), ("CSTAFF", "UBO")):
        await office.ask(channel, user, QUESTION)
    counted = await office.fetch(
        "select hidden from helpdesk.decision join helpdesk.question on key = question_key order by asked_at"
    )
    (hidden,), *others = counted
    assert hidden > 0
    assert others == [(0,), (0,)]


async def test_where_the_channel_may_read_it_nothing_is_offered(office: Office) -> None:
    assert "not everybody" not in said(await office.ask("CADMINS", "UADA", QUESTION))
    assert "not everybody" not in said(await office.ask("CSTAFF", "UADA", "how long does a VPN session last?"))


class NeverLooksAgain(Agent):
    async def look_ahead(self, *args: object, **more: object) -> Prospect:
        raise AssertionError("nobody may read more here")


async def test_where_the_asker_may_read_no_more_than_the_channel_nothing_is_looked_for_again(
    settings: Settings, slack: SlackServer
) -> None:
    async with open_office(settings, slack, agent_type=NeverLooksAgain) as office:
        reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
        assert "12 hours" in said(reply)


async def test_who_reads_a_channel_is_asked_when_it_is_decided_and_right_before_it_is_said(office: Office) -> None:
    """Slack allows some 50 such calls a minute, in all channels together."""
    for user in ("UBO", "UADA"):
        office.slack.calls.clear()
        await office.ask("CSTAFF", user, "how long does a VPN session last?")
        assert len(office.slack.calls_of("conversations.info")) == 2
        assert len(office.slack.calls_of("conversations.members")) == 2


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
    assert await office.fetch("select from helpdesk.outgoing where marker like 'shared:%'") == []


async def test_what_everybody_may_read_by_then_is_shared(office: Office) -> None:
    """Bo, who may not read it, leaves the channel: membership counts at once."""
    reply = await offer(office)
    await press(office, "UADA", reply, "private_answer")
    answer = await whisper_of(office, "share")
    office.slack.channel("CSTAFF").members.remove("UBO")
    await press(office, "UADA", answer, "share", at="1767225700.000002")
    await eventually(lambda: any("safe 9" in said(message) for message in office.slack.posted("CSTAFF")))
    assert await office.fetch("select action, allowed from helpdesk.audit") == [("share", True)]


async def test_who_shares_hears_that_it_is_not_for_here_any_more_right_before_it_is_posted(office: Office) -> None:
    """Bo is away when Ada presses, and back while Slack has the bot wait."""
    reply = await offer(office)
    await press(office, "UADA", reply, "private_answer")
    answer = await whisper_of(office, "share")
    office.slack.channel("CSTAFF").members.remove("UBO")
    office.slack.fail("chat.postMessage", RateLimit(retry_after_s=2))
    posts = len(office.slack.calls_of("chat.postMessage"))
    await press(office, "UADA", answer, "share", at="1767225700.000002")
    await eventually(lambda: len(office.slack.calls_of("chat.postMessage")) > posts)
    office.slack.channel("CSTAFF").members.append("UBO")
    await eventually(lambda: any("won't post" in text for text in whispered(office)))
    assert not any(reveals(str(message)) for message in office.slack.posted("CSTAFF"))


async def test_who_presses_again_later_is_shown_it_again(office: Office) -> None:
    """Slack keeps nothing that one person alone saw: after a reload it is gone."""
    reply = await offer(office)
    await press(office, "UADA", reply, "private_answer")
    await whisper_of(office, "share")
    await eventually_async(lambda: is_sent(office))
    office.slack.whispers.clear()
    await press(office, "UADA", reply, "private_answer", at="1767225700.000003")
    assert "safe 9" in said(await whisper_of(office, "share"))


async def share(office: Office, reply: Json, *, at: int) -> None:
    """The private answer as it is now, shared."""
    office.slack.whispers.clear()
    await press(office, "UADA", reply, "private_answer", at=f"1767225700.{at:06}")
    answer = await whisper_of(office, "share")
    await eventually_async(lambda: is_sent(office))
    await press(office, "UADA", answer, "share", at=f"1767225700.{at + 1:06}")


async def change(office: Office, ts: str, text: str) -> None:
    await office.send(office.slack.change("CSTAFF", ts, f"<@{office.slack.bot_user_id}> {text}"))
    await office.settle()


def shared(office: Office, ts: str) -> list[str]:
    return [said(one) for one in office.slack.replies("CSTAFF", ts) if "Shared by" in said(one)]


async def test_a_changed_private_answer_is_shared_in_the_place_of_the_old_one(office: Office, handbook: Path) -> None:
    (handbook / "restricted" / "rotation.md").write_text(ROTATION)
    await office.app.knowledge.sync("handbook")
    reply = await offer(office)
    ts = reply["thread_ts"]
    office.slack.channel("CSTAFF").members.remove("UBO")
    await share(office, reply, at=10)
    await eventually(lambda: len(shared(office, ts)) == 1)
    assert "45 days" not in shared(office, ts)[0]
    office.slack.channel("CSTAFF").members.append("UBO")
    await change(office, ts, OTHER)
    (reply, *_) = office.slack.replies("CSTAFF", ts)
    await share(office, reply, at=20)
    await eventually(lambda: any("won't post" in text for text in whispered(office)))
    office.slack.channel("CSTAFF").members.remove("UBO")
    for at in (30, 40):
        await share(office, reply, at=at)
        await eventually(lambda: ["45 days" in text for text in shared(office, ts)] == [True])
    assert await office.fetch("select allowed from helpdesk.audit where action = 'share' order by id") == [
        (True,),
        (False,),
        (True,),
    ]


async def test_what_was_answered_in_private_before_an_edit_is_not_shared_after_it(office: Office) -> None:
    reply = await offer(office)
    await press(office, "UADA", reply, "private_answer")
    answer = await whisper_of(office, "share")
    await eventually_async(lambda: is_sent(office))
    office.slack.channel("CSTAFF").members.remove("UBO")
    await change(office, reply["thread_ts"], "paper jam in the printer, what do I do")
    await press(office, "UADA", answer, "share", at="1767225700.000002")
    await eventually(lambda: any("was changed" in text for text in whispered(office)))
    await office.settle()
    assert shared(office, reply["thread_ts"]) == []

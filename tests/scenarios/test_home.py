"""A person's own page on Slack: what they asked, what became of it, and the way back."""

from tests.eventually import eventually
from tests.fakes.slack_blocks import find_live, visible_text
from tests.scenarios.conftest import Office


async def test_the_home_tab_leads_back_to_what_was_asked(office: Office) -> None:
    reply = await office.ask("CSTAFF", "UBO", "how long does a [VPN] session last?")
    await office.settle()
    await office.send(office.slack.payloads.home_opened("UBO"))
    await eventually(lambda: "UBO" in office.slack.homes)
    blocks = office.slack.homes["UBO"]["blocks"]
    assert "how long does a [VPN] session last? — answered" in visible_text(blocks)
    (link,) = find_live({"blocks": blocks}).links
    assert reply["thread_ts"].replace(".", "") in link

"""Only the right person agrees to a change: whoever asked, or whoever is named for it. Every press is written down."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from helpdesk_bot.settings import Settings
from tests.fakes.orders import OrderServer
from tests.fakes.slack import Json, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.admins import ADMIN, OUTSIDERS
from tests.scenarios.conftest import PEOPLE_CHANNEL, Office
from tests.scenarios.idle import until_idle
from tests.scenarios.ordering import (
    WISH,
    ordering,
    press,
    presses_of,
    pressing,
    send,
    states_of,
    until_shown,
)


@pytest.fixture
async def office(settings: Settings, slack: SlackServer, orders: OrderServer, tmp_path: Path) -> AsyncGenerator[Office]:
    """Whoever asks may agree."""
    async with ordering(settings, slack, orders, tmp_path) as office:
        yield office


@pytest.fixture
async def supervised(
    settings: Settings, slack: SlackServer, orders: OrderServer, tmp_path: Path
) -> AsyncGenerator[Office]:
    """Ada agrees; so would a guest, and somebody who does not read the channel, whose addresses are named too."""
    slack.add_user("UCY", email="cy@example.com", name="Cy")
    approvers = ["Ada@Example.com", "guest@elsewhere.example", "cy@example.com"]
    async with ordering(settings, slack, orders, tmp_path, approvers=approvers) as office:
        yield office


def forged(office: Office, user: str, message: Json, action: str, value: str, *, channel: str = "CSTAFF") -> Json:
    """A press of a button that carries whatever somebody wrote into it."""
    payload = pressing(office, user, message, "agree", channel=channel)
    payload["actions"][0] |= {"action_id": f"helpdesk.{action}.1", "value": value}
    return payload


async def test_nobody_else_agrees_to_what_somebody_asked_for_or_declines_it(
    office: Office, orders: OrderServer
) -> None:
    reply = await office.ask("CSTAFF", "UBO", WISH)
    for action in ("agree", "refuse"):
        assert "You can't agree to this" in await press(office, "UADA", reply, action)
    assert (await states_of(office), orders.keys) == (["waiting"], [])
    assert await presses_of(office) == [("UADA", "agree", False), ("UADA", "refuse", False)]


async def test_a_guest_has_nothing_changed(office: Office, orders: OrderServer) -> None:
    reply = await office.ask("CMIXED", "UGUEST", WISH)
    assert "Guests can't have anything changed." in said(reply)
    assert (await states_of(office), orders.keys) == ([], [])


async def test_who_became_a_guest_since_agrees_to_nothing(
    office: Office, slack: SlackServer, orders: OrderServer
) -> None:
    reply = await office.ask("CSTAFF", "UBO", WISH)
    payload = pressing(office, "UBO", reply, "agree")
    slack.add_user("UBO", email="bo@example.com", name="Bo", is_guest=True)
    await office.send(slack.payloads.event({"type": "user_change", "user": {"id": "UBO", "team_id": slack.team_id}}))
    assert "You can't agree" in await send(office, payload)
    assert (await states_of(office), orders.keys) == (["waiting"], [])


async def test_who_is_named_agrees_and_whoever_asked_does_not(supervised: Office, orders: OrderServer) -> None:
    reply = await supervised.ask("CSTAFF", "UBO", WISH)
    assert "Ada can agree to this" in said(reply)
    assert "You can't agree" in await press(supervised, "UBO", reply, "agree")
    assert orders.keys == []
    await press(supervised, "UADA", reply, "agree")
    await until_shown(supervised, reply, "It is done. Ada agreed.")
    assert await presses_of(supervised) == [("UBO", "agree", False), ("UADA", "agree", True)]


async def test_whoever_asked_may_still_take_it_back(supervised: Office, orders: OrderServer) -> None:
    reply = await supervised.ask("CSTAFF", "UBO", WISH)
    await press(supervised, "UBO", reply, "refuse")
    await until_shown(supervised, reply, "It was declined")
    assert orders.keys == []


async def test_who_is_named_and_asks_needs_another_who_is_named(supervised: Office) -> None:
    reply = await supervised.ask("CSTAFF", "UADA", WISH)
    assert "Nobody who can agree to that reads this conversation." in said(reply)
    assert await states_of(supervised) == []


async def test_who_is_named_must_read_the_place_and_be_no_guest(
    supervised: Office, slack: SlackServer, orders: OrderServer
) -> None:
    slack.channel("CMIXED").members.remove("UADA")
    assert "Nobody who can agree" in said(await supervised.ask("CMIXED", "UBO", WISH)), "a guest's address is named"
    slack.channel("CMIXED").members.append("UADA")
    reply = await supervised.ask("CMIXED", "UBO", WISH)
    for person in ("UGUEST", "UCY"):
        await press(supervised, person, reply, "agree", channel="CMIXED")
    slack.channel("CMIXED").members.remove("UADA")
    await press(supervised, "UADA", reply, "agree", channel="CMIXED")
    assert (await states_of(supervised), orders.keys) == (["waiting"], [])
    assert await presses_of(supervised) == [(person, "agree", False) for person in ("UGUEST", "UCY", "UADA")]


async def test_in_private_nobody_else_can_agree(supervised: Office) -> None:
    reply = await supervised.ask(supervised.slack.open_direct("UBO"), "UBO", WISH)
    assert "Nobody who can agree" in said(reply)


async def test_in_private_whoever_asks_agrees(office: Office) -> None:
    direct = office.slack.open_direct("UBO")
    reply = await office.ask(direct, "UBO", WISH)
    await press(office, "UBO", reply, "agree", channel=direct)
    await until_shown(office, reply, "It is done.", channel=direct)


async def test_who_may_agree_is_the_configurations_to_say_until_the_end(
    settings: Settings, slack: SlackServer, orders: OrderServer, tmp_path: Path
) -> None:
    async with ordering(settings, slack, orders, tmp_path) as office:
        reply = await office.ask("CSTAFF", "UBO", WISH)
        await office.settle()
    async with ordering(settings, slack, orders, tmp_path, approvers=["ada@example.com"]) as office:
        for person in ("UBO", "UADA"):
            await press(office, person, reply, "agree")
        assert "was changed since" in "".join(said(one) for one in slack.whispers)
        assert (await states_of(office), orders.keys) == (["waiting"], [])


async def test_what_is_done_comes_from_the_row_and_never_from_the_press(
    office: Office, slack: SlackServer, orders: OrderServer
) -> None:
    reply = await office.ask("CSTAFF", "UBO", WISH)
    other = await office.ask("CSTAFF", "UADA", "order a small laptop")
    await office.settle()
    rows = await office.fetch("select id, question_key from helpdesk.proposal order by made_at")
    (own, own_key), (others, others_key) = rows
    for value in (own_key, others_key, others, f"{own} ", f"{own}:small", '{"model": "small"}', "", "\u0000", "' or 1"):
        for action in ("agree", "refuse", "again"):
            told = await send(office, forged(office, "UBO", reply, action, value))
            assert "not waiting" in told or "You can't agree" in told, (action, value, told)
    await send(office, forged(office, "UBO", reply, "agree", own, channel=PEOPLE_CHANNEL))
    assert (await states_of(office), orders.keys) == (["waiting", "waiting"], [])
    changed = forged(office, "UBO", reply, "agree", own)
    changed["message"] = other
    changed["actions"][0] |= {"arguments": {"model": "small"}, "model": "small"}
    await send(office, changed)
    await until_shown(office, reply, "It is done.")
    assert orders.made == [{"model": "large"}]


async def test_none_of_those_who_may_not_can_press_any_of_its_buttons(
    supervised: Office, slack: SlackServer, orders: OrderServer
) -> None:
    """The crowd of the admins' matrix, most with an address that is named, all of them in the channel."""
    slack.add_user("UEVE", email="eve@example.com", name="Eve")
    slack.add_user("UFAKE", email=ADMIN, is_guest=True)
    slack.add_user("UOTHER", email=ADMIN, team_id="T0OTHER", is_stranger=True)
    slack.add_user("UFORMER", email=ADMIN, deleted=True)
    slack.add_user("UBOT", email=ADMIN, is_bot=True)
    slack.add_user("UCLAIMS", email=ADMIN, is_email_confirmed=False)
    slack.add_user("UNAMED", email="eve@elsewhere.example", name=ADMIN)
    reply = await supervised.ask("CSTAFF", "UBO", WISH)
    crowd = ["UEVE", *(person for person in OUTSIDERS if person not in {"UCY", "UNOBODY"})]
    slack.channel("CSTAFF").members += [*crowd, "UNOBODY"]
    [(proposal,)] = await supervised.fetch("select id from helpdesk.proposal")
    for person in (*crowd, "UNOBODY"):
        for action in ("agree", "refuse", "again"):
            told = await send(supervised, forged(supervised, person, reply, action, proposal))
            assert "You can't agree" in told, (person, action)
    await until_idle(supervised)
    assert (await states_of(supervised), orders.keys) == (["waiting"], [])
    audited = await presses_of(supervised)
    assert len(audited) == 3 * (len(crowd) + 1)
    assert not any(allowed for *_, allowed in audited)

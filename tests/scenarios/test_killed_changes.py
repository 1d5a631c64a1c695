"""kill -9 at every step of a change that was agreed to: it is made at most once, and what is not known is said."""

from pathlib import Path

import pytest

from helpdesk_bot.delivery import Milestone
from helpdesk_bot.settings import Settings
from tests.fakes.orders import OrderServer
from tests.fakes.slack import Json, SlackServer
from tests.killing import kill_at
from tests.scenarios.conftest import Office
from tests.scenarios.idle import until_idle
from tests.scenarios.ordering import WISH, ordering, press, shown
from tests.thorough import IS_THOROUGH

UNTOLD = (Milestone.NOTED, Milestone.CLAIMED, Milestone.POSTED, Milestone.SENT)
"""It was made, and is written down as made."""
UNCLEAR = (Milestone.STARTED, Milestone.CALLED)
"""Whether it was made is known only where the tool tells one call from another."""
STEPS = (Milestone.AGREED, *UNCLEAR, *UNTOLD)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("knows_keys", [False, True])
async def test_a_worker_killed_at_any_step_of_a_change_makes_it_at_most_once(
    settings: Settings, slack: SlackServer, tmp_path: Path, knows_keys: bool
) -> None:
    steps = STEPS if IS_THOROUGH or not knows_keys else UNCLEAR
    async with OrderServer(knows_keys=knows_keys) as orders:
        able = settings.model_copy(update={"tools_file": orders.write_tools(tmp_path, repeatable=knows_keys)})
        replies: dict[Milestone, Json] = {}
        async with ordering(settings, slack, orders, tmp_path, repeatable=knows_keys) as office:
            for step in steps:
                replies[step] = await office.ask("CSTAFF", "UBO", f"{WISH} note: {step}")
            await until_idle(office)
        async with ordering(settings, slack, orders, tmp_path, working=False, repeatable=knows_keys) as office:
            for step, reply in replies.items():
                await press(office, "UBO", reply, "agree")
                await kill_at(able, f"slack:{slack.team_id}:CSTAFF:{reply['thread_ts']}", step)
        async with ordering(settings, slack, orders, tmp_path, repeatable=knows_keys) as office:
            await until_idle(office, within_s=180)
            for step, reply in replies.items():
                await check(office, orders, reply, step, knows_keys=knows_keys)


async def check(office: Office, orders: OrderServer, reply: Json, step: Milestone, *, knows_keys: bool) -> None:
    made = [one for one in orders.made if one["note"] == step]
    is_unclear = step in UNCLEAR and not knows_keys
    assert len(made) == (0 if is_unclear and step is Milestone.STARTED else 1), step
    told = shown(office, reply)
    assert ("It may have been done, or not" in told) is is_unclear, (step, told)
    assert ("It is done. Bo agreed." in told) is not is_unclear, (step, told)
    assert len(office.slack.replies("CSTAFF", reply["thread_ts"])) == 1
    [(proposal_id, state)] = await office.fetch(
        "select id, state from helpdesk.proposal where arguments like %s", [f"%{step}%"]
    )
    assert state == ("unclear" if is_unclear else "done")
    assert orders.keys.count(proposal_id) <= (2 if knows_keys else 1)

"""A sync that did not do what it should is told to the admins, once."""

import shutil
from pathlib import Path

from tests.eventually import eventually, eventually_async
from tests.fakes.slack_blocks import said
from tests.scenarios.conftest import Office


async def command(office: Office, user: str, words: str) -> None:
    payload = office.slack.payloads.command("CSTAFF", user, words)
    assert (await office.send(payload)).status_code == 200


async def test_a_place_that_is_gone_is_told_to_the_admin_who_can_mend_it(office: Office, handbook: Path) -> None:
    await command(office, "UADA", "status")
    await command(office, "UBO", "status")  # no admin
    shutil.rmtree(handbook)
    await command(office, "UADA", "resync handbook")
    direct = office.slack.open_direct("UADA")
    await eventually(lambda: bool(office.slack.posted(direct)))
    (alert,) = office.slack.posted(direct)
    assert "handbook" in said(alert)
    assert "failed" in said(alert)
    assert "receipt handbook" in said(alert)
    assert office.slack.posted(office.slack.open_direct("UBO")) == []


async def test_a_sync_that_went_well_is_told_to_nobody(office: Office) -> None:
    before = await last_run(office)
    await command(office, "UADA", "resync handbook")

    async def has_run_again() -> bool:
        return await last_run(office) > before

    await eventually_async(has_run_again)
    assert office.slack.posted(office.slack.open_direct("UADA")) == []


async def last_run(office: Office) -> int:
    receipt = await office.app.knowledge.store.get_receipt("handbook")
    return receipt.run_id if receipt else 0

"""`audit`: whether what was written down still stands, and what it says."""

from helpdesk_bot.cli.output import Exit, err, fail, out, print_json, print_table
from helpdesk_bot.database import open_database
from helpdesk_bot.records import Audit
from helpdesk_bot.records.audit import Entry, Mark
from helpdesk_bot.settings import Settings
from knowledge.postgres import open_pool

API_ACTIVITY = 6003
"""OCSF's class of what is done by an interface (schema 1.3)."""
OTHER = 99
"""OCSF's activity that is none of creating, reading, updating and deleting."""


async def verify(settings: Settings, noted: str | None, *, as_json: bool) -> None:
    mark = _read_mark(noted)
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        verified = await Audit(pool).verify_audit(noted=mark)
    if as_json:
        print_json(
            {
                "entries": verified.entries,
                "erased": verified.erased,
                "mark": str(verified.mark),
                "problems": verified.problems,
            }
        )
    else:
        out.print(f"{verified.entries} entries, {verified.erased} of them without a name, of people who were forgotten")
        for problem in verified.problems:
            err.print(f"broken: {problem}", style="red", markup=False)
        out.print(f"To check it from here on: helpdesk-bot audit verify --noted {verified.mark}", highlight=False)
    if verified.problems:
        raise SystemExit(Exit.FAILED)


async def show_entries(settings: Settings, *, limit: int, as_json: bool) -> None:
    async with open_database(settings) as url, open_pool(url, max_size=1) as pool:
        entries = await Audit(pool).list_audit(limit=limit)
    if as_json:
        for entry in entries:
            print_json(ocsf(entry), indent=None)
        return
    rows = [
        (
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            entry.platform,
            entry.person_id,
            f"{entry.action} {entry.words}".strip(),
            "allowed" if entry.allowed else "refused",
        )
        for entry in entries
    ]
    print_table(("when (UTC)", "where", "who", "what", ""), rows)


def ocsf(entry: Entry) -> dict[str, object]:
    """The entry as an event that log systems read: class API Activity."""
    return {
        "time": int(entry.at.timestamp() * 1000),
        "category_uid": API_ACTIVITY // 1000,
        "class_uid": API_ACTIVITY,
        "activity_id": OTHER,
        "activity_name": entry.action,
        "type_uid": API_ACTIVITY * 100 + OTHER,
        "severity_id": 1,
        "status_id": 1 if entry.allowed else 2,
        "status": "Success" if entry.allowed else "Failure",
        "actor": {"user": {"uid": entry.person_id}},
        "api": {"operation": f"{entry.action} {entry.words}".strip(), "service": {"name": "helpdesk-bot"}},
        "src_endpoint": {"svc_name": entry.platform},
        "metadata": {
            "version": "1.3.0",
            "product": {"name": "helpdesk-bot"},
            "uid": f"{entry.number}:{entry.digest.hex()}",
        },
    }


def _read_mark(text: str | None) -> Mark | None:
    try:
        return Mark.read(text) if text else None
    except ValueError as error:
        fail(str(error), Exit.MISUSED)

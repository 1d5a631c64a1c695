"""The console, as an admin uses it: a link from chat, pages, and what is refused to everybody else."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from helpdesk_bot.admission import invite
from helpdesk_bot.events import Platform
from helpdesk_bot.prompts.catalog import load_prompt, load_text
from helpdesk_bot.prompts.registry import PromptShelf
from helpdesk_bot.records.console import ConsoleRecords, Visitor
from helpdesk_bot.records.prompts import PromptRecords
from helpdesk_bot.settings import Settings
from tests.fakes.slack import HttpError, SlackServer
from tests.fakes.slack_blocks import said
from tests.scenarios.admins import SEEDED, command
from tests.scenarios.conftest import Office, open_office
from tests.scenarios.test_feedback_reasons import give_reason

QUESTION = "how long does a VPN session last?"
ADDRESS = "https://help.example.com"
OURS = {"origin": ADDRESS, "sec-fetch-site": "same-origin"}
PAGES = (
    "/console/",
    "/console/questions",
    "/console/review",
    "/console/curated",
    "/console/prompts",
    "/console/prompts/answer/packaged",
    "/console/sources",
    "/console/sources/handbook",
    "/console/audit",
)
ACTS = {
    "/console/sign-out": {},
    "/console/review": {"verb": "approve", "id": "1"},
    "/console/curated": {"verb": "approve", "id": "1"},
    "/console/prompts": {"name": "answer"},
    "/console/sources": {"act": "resync", "source": "handbook"},
}


@pytest.fixture
async def office(settings: Settings, slack: SlackServer) -> AsyncIterator[Office]:
    async with open_office(settings.model_copy(update={"helpdesk_url": ADDRESS}), slack) as office:
        yield office


def browser(office: Office, *, address: str = ADDRESS) -> httpx.AsyncClient:
    """One of its own, with the cookies that a browser would send and keep."""
    return httpx.AsyncClient(transport=office.client._transport, base_url=address, headers=OURS)


async def get_link(office: Office, user: str = "UADA") -> str:
    response = await office.send(office.slack.payloads.command("CSTAFF", user, "console"))
    [url] = re.findall(r'"url": ?"([^"]+)"', response.text) or [""]
    return url


async def enter(client: httpx.AsyncClient, link: str) -> httpx.Response:
    secret = link.partition("link=")[2]
    return await client.post("/console/sign-in", data={"link": secret})


@pytest.fixture
async def ada(office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """An admin who is signed in."""
    async with browser(office) as client:
        assert (await enter(client, await get_link(office))).status_code == 303
        yield client


async def read(client: httpx.AsyncClient, path: str) -> str:
    response = await client.get(path)
    assert response.status_code == 200, response.text
    return response.text


async def press(client: httpx.AsyncClient, path: str, **fields: str) -> str:
    """Press a button: the page that it leads to."""
    response = await client.post(path, data=fields)
    assert (response.status_code, response.text) == (303, "")
    return await read(client, response.headers["location"])


async def reference_of(client: httpx.AsyncClient, at: int = 0) -> str:
    page = await read(client, "/console/questions")
    return re.findall(r'href="/console/questions/([A-Z2-7]{8})"', page)[at]


# Coming in


async def test_an_admin_comes_in_by_a_link_from_chat_and_goes_out(office: Office) -> None:
    link = await get_link(office)
    assert link.startswith(f"{ADDRESS}/console/sign-in?link=")
    async with browser(office) as client:
        for _ in range(3):  # a preview looks, and uses nothing up
            assert "Sign in" in await read(client, link)
        entered = await enter(client, link)
        assert (entered.status_code, entered.headers["location"]) == (303, "/console/")
        assert "Overview" in await read(client, "/console/")
        assert "not signed in" in await press(client, "/console/sign-out")
        assert (await client.get("/console/")).status_code == 401
    words = await office.fetch("select action, words, allowed from helpdesk.audit order by number")
    assert words == [
        ("console", "", True),
        ("console", "sign in", True),
        ("console", "overview", True),
        ("console", "sign out", True),
    ]
    assert await office.fetch("select 1 from helpdesk.console_session") == []


async def test_signing_out_ends_the_session_and_not_only_the_cookie(office: Office, ada: httpx.AsyncClient) -> None:
    stolen = dict(ada.cookies)
    await ada.post("/console/sign-out")
    async with browser(office) as thief:
        thief.cookies.update(stolen)
        assert (await thief.get("/console/")).status_code == 401


async def test_a_link_works_once(office: Office) -> None:
    link = await get_link(office)
    async with browser(office) as first, browser(office) as second:
        assert (await enter(first, link)).status_code == 303
        response = await enter(second, link)
        assert (response.status_code, "set-cookie" in response.headers) == (403, False)
        assert (await second.get("/console/")).status_code == 401


async def test_a_link_is_worth_nothing_after_ten_minutes(office: Office) -> None:
    link = await get_link(office)
    [(left,)] = await office.fetch("select expires_at - now() from helpdesk.console_link")
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    await office.fetch("update helpdesk.console_link set expires_at = now() returning 1")
    async with browser(office) as client:
        assert (await enter(client, link)).status_code == 403


async def test_a_session_ends_after_twelve_hours(office: Office, ada: httpx.AsyncClient) -> None:
    [(left,)] = await office.fetch("select expires_at - now() from helpdesk.console_session")
    assert timedelta(hours=11) < left <= timedelta(hours=12)
    await office.fetch("update helpdesk.console_session set expires_at = now() returning 1")
    assert (await ada.get("/console/")).status_code == 401


async def test_an_admin_ends_every_session_and_link_by_a_word_in_chat(office: Office, ada: httpx.AsyncClient) -> None:
    """Also of whoever came in from the command line, whom no setting takes for an admin or for none."""
    records = ConsoleRecords(office.app.knowledge.pool)
    visitor = Visitor(platform=Platform.COMMAND_LINE, tenant="", person_id="root")
    async with browser(office) as root:
        await enter(root, await invite(records, visitor, address=ADDRESS))
        unused = await get_link(office)
        for client in (root, ada):
            assert "Overview" in await read(client, "/console/")
        answer = await command(office, "UADA", "console end")
        assert answer == "Ended: 2 sessions (1 cli, 1 slack) and 1 link that nobody had opened."
        for client in (root, ada):
            assert (await client.get("/console/")).status_code == 401
        assert (await enter(root, unused)).status_code == 403
    assert await command(office, "UADA", "console end") == "Nobody is signed in, and no link waits to be opened."
    assert (await office.fetch("select words from helpdesk.audit order by number desc limit 1")) == [("end",)]


async def test_what_is_over_is_not_counted_among_what_is_ended(office: Office, ada: httpx.AsyncClient) -> None:
    await get_link(office)
    for table in ("console_link", "console_session"):
        await office.fetch(f"update helpdesk.{table} set expires_at = now() returning 1")
    assert "Nobody is signed in" in await command(office, "UADA", "console end")


@pytest.mark.parametrize("guess", ["", "x", "A" * 43, "A" * 44, "é" * 43, "../" * 14 + "A", "A" * 43 + "\0"])
async def test_a_guessed_link_or_cookie_lets_nobody_in(office: Office, guess: str) -> None:
    async with browser(office) as client:
        response = await client.post("/console/sign-in", data={"link": guess})
        assert (response.status_code, "set-cookie" in response.headers) == (403, False)
        headers = {"cookie": f"__Host-helpdesk-console={guess}".encode()}
        assert (await client.get("/console/", headers=headers)).status_code == 401


async def test_of_links_and_sessions_only_hashes_are_kept(office: Office) -> None:
    link = await get_link(office)
    async with browser(office) as client:
        kept = str(await office.fetch("select * from helpdesk.console_link"))
        await enter(client, link)
        kept += str(await office.fetch("select * from helpdesk.console_session"))
        assert client.cookies["__Host-helpdesk-console"] not in kept
    assert link.partition("link=")[2] not in kept


async def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http(office: Office) -> None:
    async with browser(office) as client:
        cookie = (await enter(client, await get_link(office))).headers["set-cookie"]
    parts = [part.strip().lower() for part in cookie.split(";")]
    assert parts[0].startswith("__host-helpdesk-console=")
    assert {"httponly", "secure", "samesite=strict", "path=/", "max-age=43200"} <= set(parts)


async def test_on_this_machine_it_opens_without_any_setting(settings: Settings, slack: SlackServer) -> None:
    async with open_office(settings, slack) as office:
        link = await get_link(office)
        assert link.startswith("http://localhost:8080/console/sign-in?link=")
        origin = {"origin": "http://localhost:8080"}
        async with httpx.AsyncClient(
            transport=office.client._transport, base_url="http://localhost:8080", headers=origin
        ) as client:
            response = await enter(client, link)
            assert "secure" not in response.headers["set-cookie"].lower()
            assert "Overview" in await read(client, "/console/")


async def test_where_its_address_is_not_known_the_command_names_the_setting(
    settings: Settings, slack: SlackServer
) -> None:
    beyond = settings.model_copy(update={"helpdesk_host": "0.0.0.0", "browser_chat": "off"})
    async with open_office(beyond, slack) as office:
        response = await office.send(slack.payloads.command("CSTAFF", "UADA", "console"))
        assert "HELPDESK_URL" in said(response.json())
        assert await office.fetch("select 1 from helpdesk.console_link") == []


# Who may


async def test_nobody_else_gets_a_link(office: Office) -> None:
    for user in ("UBO", "UGUEST"):
        assert await get_link(office, user) == ""
    assert await office.fetch("select 1 from helpdesk.console_link") == []


@pytest.mark.parametrize("path", [*PAGES, "/console/questions/ABCDEFGH"])
async def test_without_a_session_there_is_nothing_to_see(office: Office, path: str) -> None:
    await office.ask("CSTAFF", "UBO", QUESTION)
    async with browser(office) as client:
        response = await client.get(path)
    assert response.status_code == 401
    assert "not signed in" in response.text
    assert "handbook" not in response.text


async def test_who_is_no_admin_any_more_is_signed_out_at_the_next_request(
    office: Office, settings: Settings, slack: SlackServer, ada: httpx.AsyncClient
) -> None:
    assert "Overview" in await read(ada, "/console/")
    others = settings.model_copy(update={"helpdesk_url": ADDRESS, "helpdesk_admins": frozenset({"bo@example.com"})})
    async with open_office(others, slack, working=False) as later, browser(later) as client:
        client.cookies.update(ada.cookies)
        assert (await client.get("/console/")).status_code == 401
    assert (await ada.get("/console/")).status_code == 401
    assert (await office.fetch("select words, allowed from helpdesk.audit order by number desc limit 1")) == [
        ("signed out", False)
    ]


async def test_a_link_of_who_is_no_admin_any_more_lets_nobody_in(
    office: Office, settings: Settings, slack: SlackServer
) -> None:
    link = await get_link(office)
    others = settings.model_copy(update={"helpdesk_url": ADDRESS, "helpdesk_admins": frozenset({"bo@example.com"})})
    async with open_office(others, slack, working=False) as later, browser(later) as client:
        response = await enter(client, link)
        assert (response.status_code, "set-cookie" in response.headers) == (403, False)
        assert await later.fetch("select 1 from helpdesk.console_session") == []


# From where


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": ""},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "https://help.example.com.evil.example", "sec-fetch-site": "same-site"},
        {"origin": "https://other.example.com", "sec-fetch-site": "same-site"},
    ],
)
async def test_another_sites_form_changes_nothing(
    office: Office, ada: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    """Also where its browser sent the cookie along."""
    await office.fetch(SEEDED)
    link = await get_link(office)
    acts = ACTS | {"/console/sign-in": {"link": link.partition("link=")[2]}}
    for path, fields in acts.items():
        response = await ada.post(path, data=fields, headers=headers)
        assert response.status_code == 403, path
    assert len(await office.fetch("select 1 from helpdesk.console_link")) == 1
    assert await office.fetch("select state from helpdesk.curated") == [("draft",)]
    assert await office.fetch("select 1 from procrastinate_jobs where task_name like '%%sync%%'") == []
    assert "Overview" in await read(ada, "/console/")


@pytest.mark.parametrize(("path", "fields"), ACTS.items())
async def test_without_a_session_nothing_is_done(office: Office, path: str, fields: dict[str, str]) -> None:
    await office.fetch(SEEDED)
    async with browser(office) as client:
        assert "not signed in" in (await client.post(path, data=fields, follow_redirects=True)).text
    assert await office.fetch("select state from helpdesk.curated") == [("draft",)]
    assert await office.fetch("select 1 from helpdesk.audit") == []


@pytest.mark.parametrize("path", ["/console", *PAGES, "/console/sign-in"])
@pytest.mark.parametrize("host", ["evil.example", "help.example.com.evil.example", "10.0.3.7", ""])
async def test_it_answers_to_its_own_name_alone(office: Office, path: str, host: str) -> None:
    async with browser(office) as client:
        response = await client.get(path, headers={"host": host})
    assert response.status_code == 400
    assert "location" not in response.headers


async def test_its_name_opens_no_other_page_of_ours(office: Office) -> None:
    """The chat's page has no sign-in: whom it is for is said elsewhere."""
    async with browser(office) as client:
        assert (await client.get("/")).status_code == 400
        assert (await client.get("/console")).headers["location"] == "/console/"


@pytest.mark.parametrize("path", [*PAGES, "/console/sign-in?link=x", "/console/static/v/console.css"])
async def test_every_page_is_fenced_in_and_kept_by_nobody(ada: httpx.AsyncClient, path: str) -> None:
    response = await ada.get(path)
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "script-src" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    if "static" not in path:
        assert response.headers["cache-control"] == "no-store"
        assert not re.findall(r"<script|\son[a-z]+=|\sstyle=|<style|https?://(?!help\.example\.com)", response.text)


# What it shows


async def test_the_overview_tells_how_it_is(office: Office, ada: httpx.AsyncClient) -> None:
    await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    page = await read(ada, "/console/")
    for part in ("handbook", "complete", "No model is set", "No budget in money", "answered", "Ada"):
        assert part in page, part
    assert "No worker" not in page


async def test_a_question_is_found_by_outcome_and_vote(office: Office, ada: httpx.AsyncClient) -> None:
    reply = await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    vote = office.slack.payloads.reaction("CSTAFF", "UBO", reply["ts"], "-1", at="1800000001.0")
    assert (await office.send(vote)).status_code == 200
    for filters in ("", "?outcome=answered", "?vote=down", "?outcome=answered&vote=down"):
        assert QUESTION in await read(ada, f"/console/questions{filters}")
    for filters in ("?outcome=failed", "?vote=up", "?outcome=open"):
        assert "There is no such question" in await read(ada, f"/console/questions{filters}")
    for filters in ("?outcome=robbed", "?vote=2", "?at=yesterday", "?key=%00", "?at=2026-01-01"):
        assert (await ada.get(f"/console/questions{filters}")).status_code == 400, filters


async def test_one_question_shows_all_that_why_tells(office: Office, ada: httpx.AsyncClient) -> None:
    await office.ask("CSTAFF", "UBO", QUESTION)
    await office.settle()
    reference = await reference_of(ada)
    page = await read(ada, f"/console/questions/{reference}")
    for part in (QUESTION, "12 hours", "I spoke", "Understood as", "Passages", "Composed by", "VPN"):
        assert part in page, part
    assert (await office.fetch("select action, words from helpdesk.audit order by number desc limit 1")) == [
        ("why", "...")
    ]
    assert (await ada.get("/console/questions/AAAAAAAA")).status_code == 404
    assert (await ada.get("/console/questions/nothing")).status_code == 404


async def test_words_of_a_place_that_the_admin_does_not_read_are_not_shown(
    office: Office, ada: httpx.AsyncClient
) -> None:
    office.slack.add_channel("CSECRET", members=["UBO"], kind="private")
    for channel in (office.slack.open_direct("UBO"), "CSECRET"):
        await office.ask(channel, "UBO", "how long does my secret VPN session last?")
    await office.settle()
    page = await read(ada, "/console/questions")
    assert page.count("not yours to read") == 2
    for at in range(2):
        page += await read(ada, f"/console/questions/{await reference_of(ada, at)}")
    assert "secret VPN" not in page
    assert "12 hours" not in page


async def test_what_people_wrote_is_text_on_every_page(office: Office, ada: httpx.AsyncClient) -> None:
    nasty = "<script>alert(1)</script> <img src=x onerror=alert(1)> {{ 7*7 }} [x](javascript:alert(1)) &lt;b&gt; VPN"
    await office.ask("CSTAFF", "UBO", nasty.replace("<", "&lt;").replace(">", "&gt;"))
    await office.settle()
    for path in ("/console/questions", f"/console/questions/{await reference_of(ada)}"):
        page = await read(ada, path)
        assert "&lt;script&gt;" in page
        assert not re.findall(r"<script|<img src=x|javascript:alert\(1\)\"|\b49\b</", page)


async def test_a_reason_and_its_words_are_text_too(office: Office, ada: httpx.AsyncClient) -> None:
    await give_reason(office, {"reason": "wrong", "comment": "<script>alert(2)</script>", "person": "no"})
    for path in ("/console/review", f"/console/questions/{await reference_of(ada)}"):
        page = await read(ada, path)
        assert "&lt;script&gt;alert(2)" in page
        assert "It is wrong" in page
        assert "<script" not in page


async def test_questions_are_paged_without_a_gap_or_a_double(office: Office, ada: httpx.AsyncClient) -> None:
    """Also where many were taken in at the same moment."""
    await office.fetch(
        """
        insert into helpdesk.question (key, platform, tenant, channel, kind, person_id, message_id, text, asked_at,
          accepted_at)
        select 'slack:T0HELP:CSTAFF:' || n, 'slack', 'T0HELP', 'CSTAFF', 'channel', 'UBO', n::text, 'number ' || n,
          now(), date_trunc('day', now()) - make_interval(mins => n / 40)
        from generate_series(1, 120) as n
        returning 1
        """
    )
    seen: list[str] = []
    path: str | None = "/console/questions"
    while path:
        page = await read(ada, path)
        seen += re.findall(r"number (\d+)\b", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        path = "/console/questions" + older[1].replace("&amp;", "&") if older else None
    assert sorted(map(int, seen)) == list(range(1, 121))


async def test_while_slack_is_away_nobody_is_shown_anything(
    settings: Settings, slack: SlackServer, office: Office, ada: httpx.AsyncClient
) -> None:
    """Whether somebody is an admin can't be told then; they stay signed in for when it can."""
    await read(ada, "/console/")
    async with open_office(settings.model_copy(update={"helpdesk_url": ADDRESS}), slack, working=False) as later:
        slack.fail("users.info", *[HttpError(500)] * 20)
        async with browser(later) as client:
            client.cookies.update(ada.cookies)
            response = await client.get("/console/")
    assert (response.status_code, "handbook" in response.text) == (503, False)
    assert "Try again" in response.text
    assert "Overview" in await read(ada, "/console/")


async def test_whoever_runs_the_machine_sees_what_the_command_line_shows(office: Office) -> None:
    """The words of channels, as `helpdesk-bot review` without `--direct`."""
    await office.ask("CSTAFF", "UBO", QUESTION)
    await office.ask(office.slack.open_direct("UBO"), "UBO", "how long does my secret VPN session last?")
    await office.settle()
    records = ConsoleRecords(office.app.knowledge.pool)
    visitor = Visitor(platform=Platform.COMMAND_LINE, tenant="", person_id="root")
    async with browser(office) as client:
        await enter(client, await invite(records, visitor, address=ADDRESS))
        page = await read(client, "/console/questions")
        assert QUESTION in page
        assert "secret" not in page
        assert page.count("not yours to read") == 1
        page = await read(client, f"/console/questions/{await reference_of(client, 1)}")
        assert "(handbook)" in page
        assert "root, who runs this machine" in page
    assert await office.fetch("select distinct platform, person_id from helpdesk.audit") == [("cli", "root")]


# What is decided there


async def list_acts(office: Office) -> list[tuple[str, str]]:
    return await office.fetch(
        "select action, words from helpdesk.audit where allowed and action <> 'console' order by number"
    )


async def test_the_review_shows_what_did_not_help_and_for_whom_it_is_to_read(
    office: Office, ada: httpx.AsyncClient
) -> None:
    assert "nobody said" in await read(ada, "/console/review")
    await give_reason(office, {"reason": "outdated", "comment": "It is 8 hours now.", "person": "no"})
    await office.ask(office.slack.open_direct("UBO"), "UBO", "who won the chess tournament in Zagreb?")
    await office.settle()
    page = await read(ada, "/console/review?days=30")
    for part in (QUESTION, "It is 8 hours now.", "It is outdated", "1 not helpful", "escalated", "not yours to read"):
        assert part in page, part
    assert "chess" not in page
    assert (await ada.get("/console/review?days=3")).status_code == 400


@pytest.mark.parametrize("path", ["/console/curated", "/console/review"])
async def test_a_draft_is_approved_and_declined_as_the_command_does(
    office: Office, ada: httpx.AsyncClient, path: str
) -> None:
    [(first,)], [(second,)] = await office.fetch(SEEDED), await office.fetch(SEEDED)
    assert "At noon." in await read(ada, path)
    assert f"Done: approve {first}." in await press(ada, path, verb="approve", id=str(first))
    assert f"Done: decline {second}." in await press(ada, path, verb="decline", id=str(second))
    said = await press(ada, path, verb="approve", id=str(second))
    assert f"There is no answer {second} to approve." in said
    assert await office.fetch("select state, decided_by from helpdesk.curated order by id") == [
        ("approved", "UADA"),
        ("declined", "UADA"),
    ]
    assert await list_acts(office) == [
        ("curated", f"approve {first}"),
        ("curated", f"decline {second}"),
        ("curated", f"approve {second}"),
    ]


@pytest.mark.parametrize(
    ("path", "fields", "told"),
    [
        ("/console/review?days=30", {"verb": "approve", "id": "1"}, "Done: approve 1."),
        ("/console/curated", {"verb": "approve", "id": "1"}, "Done: approve 1."),
        ("/console/prompts", {"name": "answer"}, "nothing to go back to"),
        ("/console/sources", {"act": "resync", "source": "handbook"}, "handbook: queued"),
    ],
)
async def test_what_was_done_is_said_once_and_a_reload_does_nothing_again(
    office: Office, ada: httpx.AsyncClient, path: str, fields: dict[str, str], told: str
) -> None:
    await office.fetch(SEEDED)
    response = await ada.post(path, data=fields)
    assert (response.status_code, response.headers["location"]) == (303, path)
    async with browser(office) as other:
        await enter(other, await get_link(office))
        assert told not in await read(other, path)
    assert told in await read(ada, path)
    assert told not in await read(ada, path)
    assert len(await list_acts(office)) == 1


async def test_a_saved_answer_is_taken_out(office: Office, ada: httpx.AsyncClient) -> None:
    [(saved,)] = await office.fetch(SEEDED)
    await press(ada, "/console/curated", verb="approve", id=str(saved))
    assert "Take it out" in await read(ada, "/console/curated")
    await press(ada, "/console/curated", verb="expire", id=str(saved))
    assert await office.fetch("select state from helpdesk.curated") == [("expired",)]


async def test_a_saved_answer_of_a_place_that_the_admin_does_not_read_is_not_shown(
    office: Office, ada: httpx.AsyncClient
) -> None:
    """The list in chat shows its question, and no answer."""
    office.slack.add_channel("CSECRET", members=["UBO"], kind="private")
    await office.fetch(SEEDED)
    await office.fetch("update helpdesk.curated set channel = 'CSECRET', drafted_by = 'UBO' returning 1")
    for path in ("/console/curated", "/console/review"):
        page = await read(ada, path)
        assert "When is lunch?" in page
        assert "At noon." not in page


async def test_prompts_are_compared_and_rolled_back(office: Office, ada: httpx.AsyncClient) -> None:
    shelf = PromptShelf(PromptRecords(office.app.knowledge.pool))
    prompt, _ = await shelf.add("answer", load_text("answer").replace("colleagues'", "people's"), author="ada")
    await shelf.label("answer", "production", prompt.version, by="ada")
    page = await read(ada, "/console/prompts")
    assert prompt.version in page
    assert load_prompt("answer").version in page
    address = f"/console/prompts/answer/{prompt.version}"
    assert "people&#39;s" in await read(ada, address)
    difference = await read(ada, f"{address}?with={load_prompt('answer').version}")
    assert re.search(r'class="removed">-[^<]*colleagues', difference)
    assert re.search(r'class="added">\+[^<]*people', difference)
    assert "Done." in await press(ada, "/console/prompts", name="answer")
    assert "nothing to go back to" in await press(ada, "/console/prompts", name="answer")
    assert await list_acts(office) == [("prompt", "rollback answer"), ("prompt", "rollback answer")]
    for missing in ("/console/prompts/answer/none", "/console/prompts/nothing/packaged", f"{address}?with=none"):
        assert (await ada.get(missing)).status_code == 404


async def test_a_source_is_read_again_and_its_receipts_are_shown(office: Office, ada: httpx.AsyncClient) -> None:
    page = await read(ada, "/console/sources/handbook")
    assert "complete" in page
    assert "was never read" in await read(ada, "/console/sources/uploads")
    for act, told in (
        ("resync", "handbook: queued"),
        ("full", "handbook: "),
        ("cancel", "run of handbook"),
        ("approve", "No run of handbook held anything back"),
    ):
        said = await press(ada, "/console/sources", act=act, source="handbook")
        assert told in said, act
    assert await list_acts(office) == [
        ("resync", "handbook"),
        ("resync", "handbook --full"),
        ("sync", "cancel handbook"),
        ("sync", "approve handbook"),
    ]
    assert (await ada.get("/console/sources/nothing")).status_code == 404


async def test_removals_that_wait_are_shown_by_key_and_approved(office: Office, ada: httpx.AsyncClient) -> None:
    """Their titles may not be the admin's to read."""
    held = await office.fetch(
        """
        insert into knowledge.held_removal (source, key, run_id)
        select source, key, (select max(id) from knowledge.sync_run) from knowledge.document where source = 'handbook'
        returning key
        """
    )
    assert f"{len(held)} removals wait" in await read(ada, "/console/sources")
    page = await read(ada, "/console/sources/handbook")
    assert all(f"<code>{key}</code>" in page for (key,) in held)
    said = await press(ada, "/console/sources", act="approve", source="handbook")
    assert f"Approved: {len(held)} removals" in said


async def test_the_audit_is_filtered_and_paged(office: Office, ada: httpx.AsyncClient) -> None:
    await office.send(office.slack.payloads.command("CSTAFF", "UBO", "pause everywhere"))
    for _ in range(110):
        await office.app.records.audit(platform="cli", person_id="root", action="approve", allowed=True)
    page = await read(ada, "/console/audit?ended=refused")
    assert "pause everywhere" in page
    assert "approve" not in re.findall(r'data-label="What">([a-z]+)', page)
    first = await read(ada, "/console/audit?action=approve")
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = await read(ada, older.replace("&amp;", "&"))
    numbers = [int(number) for page in (first, second) for number in re.findall(r'class="number">(\d+)<', page)]
    assert len(numbers) == len(set(numbers)) == 110
    for query in ("?before=x", "?before=99999999999999999999", "?ended=maybe", "?action=%00"):
        assert (await ada.get(f"/console/audit{query}")).status_code == 400, query
    assert (await office.app.records.verify_audit()).problems == ()


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/console/curated", {"verb": "delete", "id": "1"}),
        ("/console/curated", {"verb": "approve", "id": "1; drop"}),
        ("/console/curated", {"verb": "approve"}),
        ("/console/prompts", {"name": "answer rollback"}),
        ("/console/sources", {"act": "resync", "source": "--full"}),
        ("/console/sources", {"act": "forget-me", "source": "handbook"}),
    ],
)
async def test_a_form_that_is_none_of_ours_is_refused(
    office: Office, ada: httpx.AsyncClient, path: str, fields: dict[str, str]
) -> None:
    assert (await ada.post(path, data=fields)).status_code == 400
    assert (await ada.post(path, json=fields)).status_code == 415
    assert await list_acts(office) == []


async def test_a_form_that_is_too_large_is_refused(ada: httpx.AsyncClient) -> None:
    response = await ada.post("/console/prompts", data={"name": "x" * 20_000})
    assert response.status_code == 413

"""The command line, as a person or a program runs it."""

import asyncio
import json
import re
import shutil
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
import pytest

from helpdesk_bot.database import migrate_all
from knowledge.postgres import open_pool
from knowledge.store import Store
from tests.databases import copied_database
from tests.fakes.tool_site import ToolSite, serving_tools
from tests.scenarios.command_line import environment, run, start
from tests.scenarios.conftest import KNOWLEDGE, Office

pytestmark = pytest.mark.slow


async def ask(database_url: str, cwd: Path, *words: str) -> tuple[int, Any]:
    code, out, err = await run("ask", *words, "--json", cwd=cwd, **environment(database_url))
    assert out, err
    return code, json.loads(out)


async def test_with_another_embedding_model_it_starts_once_its_vectors_are_built(
    database_url: str, tmp_path: Path
) -> None:
    other = environment(database_url) | {"EMBEDDER": "embedded:minilm"}
    code, _, err = await run("up", cwd=tmp_path, **other)
    assert code == 1
    assert "set EMBEDDER back to `embedded`, or build the new vectors with `helpdesk-bot sync --reembed`" in err
    code, _, err = await run("sync", "--reembed", cwd=tmp_path, **other)
    assert code == 0, err
    code, out, err = await run("ask", "how long does a VPN session last?", cwd=tmp_path, **other)
    assert "12 hours" in out, err


async def test_ask_answers_as_one_json_object(database_url: str, tmp_path: Path) -> None:
    code, answer = await ask(database_url, tmp_path, "how long does a VPN session last?")
    assert code == 0
    assert set(answer) == {"outcome", "text", "citations", "confidence"}
    assert answer["confidence"] > 0.5
    assert answer["outcome"] == "answered"
    assert "12 hours" in answer["text"]
    assert answer["citations"][0]["key"] == "vpn.md"


async def test_ask_prints_every_word_of_the_answer(database_url: str, tmp_path: Path) -> None:
    narrow = environment(database_url) | {"COLUMNS": "40"}
    _, out, _ = await run("ask", "how do I connect to the VPN on macOS?", cwd=tmp_path, **narrow)
    assert "Allow the system extension under System Settings > Privacy & Security." in " ".join(out.split())


async def test_ask_answers_as_the_person_may_read(database_url: str, tmp_path: Path) -> None:
    question = "where is the envelope of the break-glass administrator account?"
    code, answer = await ask(database_url, tmp_path, question, "--as", "ada@example.com")
    assert (code, answer["outcome"]) == (0, "answered")
    assert "safe 9" in answer["text"]
    code, answer = await ask(database_url, tmp_path, question, "--as", "bo@example.com")
    assert code == 3
    assert answer["text"].endswith("Please ask the front desk.")
    assert "safe 9" not in json.dumps(answer)


async def test_ask_says_where_what_may_be_spent_is_spent(database_url: str, tmp_path: Path) -> None:
    settings = environment(database_url) | {"MODEL": "openai:gpt-5-mini", "MODEL_BASE_URL": "http://127.0.0.1:9/v1"}
    question = ("ask", "how long does a VPN session last?", "--json")
    code, out, err = await run(*question, cwd=tmp_path, **settings, BUDGET_REQUEST_TOKENS="10")
    assert code == 0, err
    text = json.loads(out)["text"]
    assert "12 hours" in text
    assert text.endswith("what may be spent on writing answers is spent for now.")


@pytest.mark.parametrize("command", [("ask", "hello"), ("up",)])
async def test_a_model_without_its_provider_stops_the_start_with_a_sentence(
    database_url: str, tmp_path: Path, command: tuple[str, ...]
) -> None:
    code, _, err = await run(*command, cwd=tmp_path, **environment(database_url), MODEL="gpt-5-mini")
    assert code == 2
    assert err.strip() == "the chat model 'gpt-5-mini' should read provider:model, such as openai:gpt-4.1-mini"


async def test_sync_ends_with_a_receipt_that_balances(database_url: str, tmp_path: Path) -> None:
    code, out, _ = await run("sync", "handbook", "--json", cwd=tmp_path, **environment(database_url))
    (receipt,) = json.loads(out)
    assert code == 0
    assert receipt["found"] == receipt["unchanged"] == 5
    assert receipt["chunks_embedded"] == 0


async def test_sync_has_a_worker_look_for_answers_whose_page_changed(database_url: str, tmp_path: Path) -> None:
    handbook = Path(shutil.copytree(KNOWLEDGE, tmp_path / "handbook"))
    settings = environment(database_url) | {"FOLDERS": f"handbook={handbook}"}
    looks = "select count(*) from procrastinate_jobs where task_name = 'stale' and status = 'todo'"

    async def count() -> int:
        code, _, err = await run("sync", cwd=tmp_path, **settings)
        assert code == 0, err
        with psycopg.connect(database_url) as connection:
            [(waiting,)] = connection.execute(looks).fetchall()
            return waiting

    assert await count() == 0
    (handbook / "vpn.md").write_text("# Connect to the VPN\n\nA session lasts 8 hours.\n", "utf-8")
    assert await count() == 1
    assert await count() == 1


def long_manual(folder: Path) -> Path:
    """Three files that take minutes to embed."""
    manual = folder / "manual"
    manual.mkdir()
    for name in range(3):
        steps = (f"Step {number} of manual {name} turns valve {number} to {name}." for number in range(6_000))
        (manual / f"{name}.txt").write_text("\n\n".join(steps), "utf-8")
    return manual


async def test_a_sync_that_is_told_to_end_is_interrupted_and_nothing_is_suspected(
    database_url: str, tmp_path: Path
) -> None:
    """As by a time limit, a container's stop or a cron job's deadline."""
    manual = long_manual(tmp_path)
    settings = environment(database_url) | {"FOLDERS": f"manual={manual}"}
    process = await start("sync", "manual", cwd=tmp_path, **settings)
    with psycopg.connect(database_url, autocommit=True) as connection:
        await _until_in_hand(process, connection)
        process.terminate()
        async with asyncio.timeout(60):
            await process.communicate()

        assert process.returncode == 128 + signal.SIGTERM
        assert connection.execute(
            "select state, receipt ->> 'reason' from knowledge.sync_run where source = 'manual'"
        ).fetchall() == [("interrupted", "its process was stopped; the next run goes on where it was")]


@pytest.fixture
async def empty_database(server_url: str, worker_id: str) -> AsyncIterator[str]:
    """Of this version, and nothing is known in it."""
    with copied_database(server_url, f"empty_{worker_id}", template="template0") as url:
        await migrate_all(url)
        yield url


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
async def test_up_ends_when_it_is_told_to_while_it_reads_for_the_first_time(
    empty_database: str, tmp_path: Path, told: signal.Signals
) -> None:
    settings = environment(empty_database) | {"FOLDERS": f"manual={long_manual(tmp_path)}"}
    process = await start("up", cwd=tmp_path, **settings)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        await _until_in_hand(process, connection)
        process.send_signal(told)
        async with asyncio.timeout(60):
            _, err = await process.communicate()
        assert (process.returncode, "Traceback" in err.decode()) == (0, False)
        assert connection.execute("select state from knowledge.sync_run").fetchall() == [("interrupted",)]


async def test_up_answers_from_what_is_known_while_another_source_is_read_for_the_first_time(
    database_url: str, tmp_path: Path
) -> None:
    folders = f"handbook={KNOWLEDGE}, manual={long_manual(tmp_path)}"
    process = await start("up", cwd=tmp_path, **environment(database_url) | {"FOLDERS": folders})
    try:
        await _until_ready(process)
        with psycopg.connect(database_url, autocommit=True) as connection:
            await _until_in_hand(process, connection)
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(60):
            await process.communicate()
    assert process.returncode == 0


async def test_up_starts_while_another_process_reads_for_the_first_time(empty_database: str, tmp_path: Path) -> None:
    async with open_pool(empty_database, max_size=2) as pool, Store(pool).writer("handbook"):
        process = await start("up", cwd=tmp_path, **environment(empty_database))
        try:
            await _until_ready(process)
        finally:
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(60):
                _, err = await process.communicate()
    assert "handbook: another process reads it now" in err.decode()
    assert process.returncode == 0


async def _until_in_hand(process: Process, connection: psycopg.Connection) -> None:
    """The manual is being read."""
    in_hand = "select 1 from knowledge.sync_run where source = 'manual' and in_hand <> '{}'"
    async with asyncio.timeout(120):
        while not connection.execute(in_hand).fetchall():
            assert process.returncode is None
            await asyncio.sleep(0.05)


async def test_wrong_usage_says_what_to_do(database_url: str, tmp_path: Path) -> None:
    code, _, err = await run("sync", "nowhere", cwd=tmp_path, **environment(database_url))
    assert (code, "There are: handbook" in err) == (2, True)
    code, _, err = await run("sources", cwd=tmp_path, **environment(database_url), TIME_ZONE="Mars/Olympus")
    assert (code, "Europe/Berlin" in err) == (2, True)
    code, _, err = await run("sources", cwd=tmp_path, **environment("postgresql://nobody@127.0.0.1:1/x"))
    assert (code, "can't be reached" in err, "check DATABASE_URL" in err) == (1, True, True)
    assert "Traceback" not in err
    code, _, err = await run("sources", cwd=tmp_path, **environment("host=db password=s3cret s3cret"))
    assert (code, "postgresql://" in err, "s3cret" in err) == (2, True, False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("GUARD_POLICY", "nonsense=block", "no such rule"),
        ("GUARD_ENGINE", "magic", "'guardrails' or 'rules'"),
        ("EVIDENCE_FILE", "bad.txt", "EVIDENCE_FILE=bad.txt can't be used"),
        ("TOOLS_FILE", "missing.yaml", "TOOLS_FILE=missing.yaml can't be read"),
        ("TOOLS_FILE", "bad.txt", "TOOLS_FILE=bad.txt"),
        ("ESCALATION_FILE", "missing.yaml", "ESCALATION_FILE=missing.yaml can't be read"),
        ("ESCALATION_FILE", "bad.txt", "ESCALATION_FILE=bad.txt"),
        ("CHANNELS_FILE", "missing.toml", "CHANNELS_FILE=missing.toml"),
        ("CHANNELS_FILE", "bad.txt", "no TOML"),
        ("EMBEDDER", "nonsense", "unknown embedder"),
        ("MODEL", "nonsense", "provider:model"),
        ("SEARCH_LANGUAGE", "klingon", "no text-search configuration"),
    ],
)
async def test_a_setting_that_can_not_be_used_ends_a_start_as_wrong_usage(
    setting: str, value: str, said: str, database_url: str, tmp_path: Path
) -> None:
    """And not with 1, as a start that failed: whoever starts it again need not try again."""
    (tmp_path / "bad.txt").write_text("{nonsense")
    code, _, err = await run("web", cwd=tmp_path, **environment(database_url) | {setting: value})
    assert (code, said in err, "Traceback" in err) == (2, True, False), err


async def test_a_taken_port_is_found_out_before_anything_is_read(database_url: str, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        settings = environment(database_url) | {"HELPDESK_PORT": port, "FOLDERS": f"never-read={KNOWLEDGE}"}
        for command in ("up", "web"):
            code, out, err = await run(command, cwd=tmp_path, **settings)
            assert (code, out, err.count("\n")) == (1, "", 1), err
            assert f"127.0.0.1:{port} can't be listened on" in err


@pytest.mark.parametrize(
    ("host", "todo"),
    [
        ("no-such-name.invalid", "set HELPDESK_HOST"),
        ("192.0.2.1", "set HELPDESK_HOST"),
        ("2001:db8::1", "HELPDESK_HOST"),
    ],
)
async def test_an_address_of_no_machine_of_ours_is_told_from_a_taken_port(
    host: str, todo: str, database_url: str, tmp_path: Path
) -> None:
    settings = environment(database_url) | {"HELPDESK_HOST": host, "BROWSER_CHAT": "off", "HELPDESK_PORT": "8080"}
    code, _, err = await run("web", cwd=tmp_path, **settings)
    assert (code, todo in err, "stop what uses it" in err) == (1, True, False), err
    assert f"{f'[{host}]' if ':' in host else host}:8080 can't be listened on" in err


async def test_sources_shows_a_source_a_line_and_cuts_nothing_off(database_url: str, tmp_path: Path) -> None:
    narrow = environment(database_url) | {"COLUMNS": "40", "FOLDERS": f"{'long-name-' * 9}={KNOWLEDGE}"}
    code, out, _ = await run("sources", cwd=tmp_path, **narrow)
    heading, *lines = out.splitlines()
    assert code == 0
    assert heading.split() == ["source", "documents", "chunks", "read", "to", "the", "end", "besides"]
    assert lines[0].split() == ["long-name-" * 9, "0", "0", "never"]
    assert any(line.startswith("handbook ") and line.endswith("no longer set") for line in lines)


async def test_doctor_finds_what_is_wrong(database_url: str, tmp_path: Path) -> None:
    settings = environment(database_url) | {"FOLDERS": "gone=/does/not/exist"}
    code, out, _ = await run("doctor", "--json", cwd=tmp_path, **settings)
    findings = {finding["name"]: finding for finding in json.loads(out)}
    assert code == 1
    assert findings["folder gone"]["health"] == "bad"
    assert findings["database"]["health"] == findings["embedder"]["health"] == "good"


async def test_up_serves_until_it_is_told_to_stop(database_url: str, tmp_path: Path) -> None:
    process = await start("up", cwd=tmp_path, **environment(database_url))
    try:
        said = await _until_ready(process)
        assert "Model" in said
        assert "SLACK_BOT_TOKEN" in said
        (address,) = re.findall(r"http://localhost:\d+", said)
        async with httpx.AsyncClient(base_url=address) as client:
            assert (await client.get("/healthz")).status_code == 200
            assert "<title>" in (await client.get("/")).text
            assert (await client.get("/", headers={"Host": "evil.example"})).status_code == 400
            async with asyncio.timeout(30):
                while (await client.get("/readyz")).status_code != 200:
                    await asyncio.sleep(0.1)
            assert "helpdesk_questions_accepted" in (await client.get("/metrics")).text
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(30):
            _, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    assert "Traceback" not in err.decode()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.mark.parametrize("part", ["worker", "scheduler"])
async def test_a_part_by_itself_tells_of_its_health_and_what_it_counted(
    database_url: str, tmp_path: Path, part: str
) -> None:
    """What a worker answers, no other process can tell."""
    settings = environment(database_url) | {"HELPDESK_HEALTH_PORT": str(_free_port())}
    process = await start(part, cwd=tmp_path, **settings)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings['HELPDESK_HEALTH_PORT']}") as client:
            await _until_answered(client, "/healthz")
            assert (await client.get("/readyz")).json() == {"database": True}
            metrics = (await client.get("/metrics")).text
            assert (await client.get("/")).status_code == 404
            assert (await client.get("/metrics", headers={"Host": "evil.example"})).status_code == 400
    finally:
        process.terminate()
        async with asyncio.timeout(40):
            _, err = await process.communicate()
    assert 'helpdesk_ready{check="database"} 1.0' in metrics
    assert 'helpdesk_questions_ended_total{outcome="failed",platform="browser"} 0.0' in metrics
    assert 'helpdesk_sync_runs_total{source="handbook",state="failed"} 0.0' in metrics
    assert (process.returncode, "Traceback" in err.decode()) == (0, False), err.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process can't be asked what it has loaded")
@pytest.mark.parametrize(("part", "embeds"), [("worker", True), ("scheduler", False)])
async def test_a_part_that_embeds_nothing_loads_no_model(
    database_url: str, tmp_path: Path, part: str, *, embeds: bool
) -> None:
    settings = environment(database_url) | {"HELPDESK_HEALTH_PORT": str(_free_port())}
    process = await start(part, cwd=tmp_path, **settings)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings['HELPDESK_HEALTH_PORT']}") as client:
            await _until_answered(client, "/healthz")
        loaded = {one.path for one in psutil.Process(process.pid).memory_maps()}
    finally:
        process.terminate()
        async with asyncio.timeout(40):
            await process.communicate()
    assert any("onnxruntime" in path for path in loaded) is embeds


async def _until_answered(client: httpx.AsyncClient, path: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                assert (await client.get(path)).status_code == 200
            except httpx.TransportError:
                await asyncio.sleep(0.1)
            else:
                return


async def test_a_part_by_itself_needs_no_port(database_url: str, tmp_path: Path) -> None:
    """A worker beside a web with the same settings, on one machine."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        settings = environment(database_url) | {"HELPDESK_PORT": taken}
        code, _, err = await run("worker", cwd=tmp_path, **settings, HELPDESK_HEALTH_PORT=taken)
        assert (code, "set HELPDESK_HEALTH_PORT" in err) == (1, True), err
        process = await start("worker", cwd=tmp_path, **settings)
        assert process.stderr
        async with asyncio.timeout(60):
            assert b"Working" in await process.stderr.readline()
        process.terminate()
        async with asyncio.timeout(40):
            await process.communicate()
    assert process.returncode == 0


async def _until_ready(process: Process) -> str:
    assert process.stdout
    said = ""
    async with asyncio.timeout(60):
        while "Ctrl-C stops everything" not in said:
            line = await process.stdout.readline()
            assert line, "it ended before it was ready"
            said += line.decode()
    return said


async def test_why_lists_the_last_questions_and_explains_one(office: Office, database_url: str, tmp_path: Path) -> None:
    async def why(*words: str) -> tuple[int, str, str]:
        return await run("why", *words, cwd=tmp_path, **environment(database_url))

    assert (await why())[:2] == (0, "Nothing was asked yet.\n")
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.ask(office.slack.open_direct("UBO"), "UBO", "who won the secret chess tournament?")
    await office.settle()
    code, told, _ = await why("--json")
    newest, asked = json.loads(told)
    assert (code, newest["question"], newest["channel"]) == (0, None, None)
    assert (asked["question"], asked["outcome"]) == ("how long does a VPN session last?", "answered")
    _, table, _ = await why("--last", "1")
    assert (newest["reference"] in table, asked["reference"] in table, "chess" in table) == (True, False, False)
    link = f"https://acme.slack.com/archives/CSTAFF/p{reply['ts'].replace('.', '')}"
    explained = {(await why(name))[1] for name in (asked["reference"], asked["key"], link)}
    [words] = explained
    assert all(part in words for part in ("Understood as", "(handbook)", "Composed by"))
    code, told, err = await why("AAAAAAAA")
    assert (code, told, "lists the last questions" in err) == (2, "", True)


async def test_who_was_let_into_the_console_is_put_out_again(database_url: str, tmp_path: Path) -> None:
    settings = environment(database_url) | {"HELPDESK_URL": "https://help.example.com"}
    code, link, _ = await run("console", cwd=tmp_path, **settings)
    assert (code, link.partition("?")[0]) == (0, "https://help.example.com/console/sign-in")
    code, told, _ = await run("console", "--end", "--json", cwd=tmp_path, **settings)
    assert (code, json.loads(told)) == (0, [{"platform": "cli", "sessions": 0, "links": 1}])
    assert (await run("console", "--end", cwd=tmp_path, **settings))[1].startswith("Nobody is signed in")


async def test_the_audit_is_checked_and_shown_from_the_command_line(database_url: str, tmp_path: Path) -> None:
    settings = environment(database_url)
    await run("schedule", "handbook", "off", cwd=tmp_path, **settings)
    code, out, _ = await run("audit", "verify", "--json", cwd=tmp_path, **settings)
    found = json.loads(out)
    assert (code, found["entries"], found["problems"]) == (0, 1, [])
    _, out, _ = await run("audit", "list", "--json", cwd=tmp_path, **settings)
    (event,) = [json.loads(line) for line in out.splitlines()]
    assert event["api"]["operation"] == "schedule handbook off"
    assert event["class_uid"] == event["type_uid"] // 100 == 6003
    code, _, err = await run("audit", "verify", "--noted", "1:0000000000000000", cwd=tmp_path, **settings)
    assert code == 1
    assert "was noted" in err
    code, _, err = await run("audit", "verify", "--noted", "yesterday", cwd=tmp_path, **settings)
    assert code == 2


async def test_a_prompt_is_added_tried_put_in_force_and_taken_back(database_url: str, tmp_path: Path) -> None:
    async def prompts(*words: str) -> str:
        code, out, err = await run("prompts", *words, cwd=tmp_path, **environment(database_url))
        assert code == 0, err
        return out

    mine = tmp_path / "answer.md"
    mine.write_text((await prompts("show", "answer")).replace("number: 3", "number: 4"))
    version = json.loads(await prompts("add", "answer", str(mine), "--json"))["version"]
    assert version.startswith("answer-4-")
    assert "+number: 4" in await prompts("diff", "answer", "packaged", version)
    await prompts("ab", "answer", version, "--share", "20")
    assert json.loads(await prompts("ab", "answer", "--json"))["share"] == 20
    await prompts("label", "answer", "production", version)
    listed = {one["version"]: one["labels"] for one in json.loads(await prompts("list", "--json"))}
    assert listed[version] == ["production"]
    await prompts("rollback", "answer")
    listed = {one["version"]: one["labels"] for one in json.loads(await prompts("list", "--json"))}
    assert listed[version] == []


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    """A corpus of two articles, with one question that they answer and one that they don't."""
    folder = tmp_path / "questions"
    folder.mkdir()
    articles = {
        "vpn": "A VPN session lasts 12 hours. After that, sign in again.",
        "printer": "The printer on floor two prints in colour. Paper is in the cupboard beside it.",
    }
    cases = [
        {"id": "q1", "text": "How long does a VPN session last?", "answer": "12 hours", "answerable": "ANSWERABLE"},
        {"id": "q2", "text": "Who won the football cup in 1954?", "answerable": "UNANSWERABLE"},
        {"id": "q3", "text": "Where is the paper for the printer?", "answer": "cupboard", "answerable": "ANSWERABLE"},
    ]
    corpus = [{"id": name, "title": name, "text": text} for name, text in articles.items()]
    for name, lines in (("corpus", corpus), ("queries", cases)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "qrels.tsv").write_text("q1\tvpn\t1\nq3\tprinter\t1\n")
    return folder


async def test_an_evaluation_runs_again_and_embeds_nothing(database_url: str, tmp_path: Path, questions: Path) -> None:
    for embedded in (2, 0):
        code, out, err = await run(
            "eval", "retrieval", str(questions), "--json", cwd=tmp_path, **environment(database_url)
        )
        assert code == 0, err
        assert json.loads(out)["chunks_embedded"] == embedded


async def test_an_evaluation_finds_words_in_the_language_that_is_set(database_url: str, tmp_path: Path) -> None:
    corpus = [{"id": "tree", "title": "Garten", "text": "Hinter dem Tor steht ein Baum."}]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (tmp_path / "queries.jsonl").write_text(json.dumps({"id": "q1", "text": "Welche Bäume?"}))
    (tmp_path / "qrels.tsv").write_text("q1\ttree\t1\n")

    async def recall(**settings: str) -> float:
        words = ("eval", "retrieval", str(tmp_path), "--json")
        code, out, err = await run(*words, cwd=tmp_path, **environment(database_url), **settings)
        assert code == 0, err
        return json.loads(out)["bm25"]["R@5"]

    assert await recall(SEARCH_LANGUAGE="german") == 1.0
    assert await recall() == 0.0


async def test_labelled_questions_are_asked_and_a_judge_is_made_of_them(
    database_url: str, tmp_path: Path, questions: Path
) -> None:
    settings = environment(database_url)
    lines = tmp_path / "cases.jsonl"
    code, out, err = await run(
        "eval", "answers", str(questions), "--json", "--out", str(lines), cwd=tmp_path, **settings
    )
    assert code == 0, err
    report = json.loads(out)
    assert report["outcomes"]["ANSWERABLE"] == {"answered": 2}
    assert report["exact_answer"]["given"] == 1.0
    assert report["false_answers"] == 0.0
    assert [json.loads(line)["id"] for line in lines.read_text().splitlines()] == ["q1", "q2", "q3"]
    assert "what this bot knows is asked" not in err
    (questions / "corpus.jsonl").rename(tmp_path / "corpus.jsonl")
    code, _, err = await run("eval", "answers", str(questions), "--json", cwd=tmp_path, **settings)
    assert (code, "questions holds no corpus.jsonl: what this bot knows is asked" in err) == (0, True), err
    (tmp_path / "corpus.jsonl").rename(questions / "corpus.jsonl")

    judge = tmp_path / "judge.json"
    code, out, err = await run(
        "eval", "calibrate", str(questions), "--json", "--judge", str(judge), cwd=tmp_path, **settings
    )
    assert code == 0, err
    assert (json.loads(out)["answered"], json.loads(out)["unanswered"]) == (2, 3)
    answer = "how long does a VPN session last?"
    code, _, err = await run("ask", answer, cwd=tmp_path, **settings, EVIDENCE_FILE=str(judge))
    assert code in {0, 3}, err
    judge.write_text("{}")
    code, _, err = await run("ask", answer, cwd=tmp_path, **settings, EVIDENCE_FILE=str(judge))
    assert (code, "eval calibrate" in err) == (2, True)


@pytest.mark.parametrize("command", ["retrieval", "answers", "calibrate"])
async def test_a_folder_that_cant_be_measured_is_refused_with_its_reason(
    database_url: str, tmp_path: Path, questions: Path, command: str
) -> None:
    with (questions / "corpus.jsonl").open("a") as corpus:
        corpus.write("\n{broken")
    code, out, err = await run("eval", command, str(questions), cwd=tmp_path, **environment(database_url))
    assert (code, out) == (2, "")
    assert "corpus.jsonl, line 3: no JSON" in err
    assert "Traceback" not in err


async def test_labelled_questions_are_asked_with_the_ranking_that_is_set(database_url: str, tmp_path: Path) -> None:
    articles = {
        "owner": "The virtual private network (VPN) belongs to the infrastructure team.",
        "hotel": "A virtual private network session from a hotel ends after 12 hours.",
    }
    corpus = [{"id": name, "title": name, "text": text} for name, text in articles.items()]
    case = {"id": "q1", "text": "When does a VPN session from a hotel end?", "answerable": "ANSWERABLE"}
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (tmp_path / "queries.jsonl").write_text(json.dumps(case))

    async def confidence(**settings: str) -> float:
        words = ("eval", "answers", str(tmp_path), "--json", "--out", str(tmp_path / "cases"))
        code, _, err = await run(*words, cwd=tmp_path, **environment(database_url), **settings)
        assert code == 0, err
        return json.loads((tmp_path / "cases").read_text())["confidence"]

    assert await confidence() > await confidence(SEARCH_ACRONYMS="false")


async def test_a_tool_is_used_listed_and_looked_after(database_url: str, tmp_path: Path) -> None:
    async with serving_tools(ToolSite(answer={"number": "INC0012345", "state": "open"})) as site:
        look_up = {"name": "ticket_status", "title": "Look up a ticket", "description": "One ticket.", "private": True}
        number = {"pattern": "INC[0-9]{7}"}
        tool = look_up | {"path": "/t/{number}", "parameters": {"number": number}, "reply": "{number} is {state}."}
        gone = tool | {"name": "gone", "url": "http://127.0.0.1:9"}
        (tmp_path / "tools.yaml").write_text(json.dumps({"tools": [tool | {"url": site.base_url}, gone]}))
        settings = environment(database_url) | {"TOOLS_FILE": "tools.yaml"}
        code, out, err = await run("ask", "ticket INC0012345?", "--json", cwd=tmp_path, **settings)
        assert (code, "INC0012345 is open." in json.loads(out)["text"]) == (0, True), err
        assert json.loads(out)["confidence"] is None, out
        _, out, _ = await run("tools", "--json", cwd=tmp_path, **settings)
        assert [one["spec"]["name"] for one in json.loads(out)] == ["ticket_status", "gone"]
        _, out, _ = await run("doctor", "--json", cwd=tmp_path, **settings)
    findings = {finding["name"]: finding for finding in json.loads(out)}
    assert findings["tool ticket_status"]["health"] == "good"
    assert findings["tool gone"]["health"] == "bad"
    assert "no connection" in findings["tool gone"]["detail"]

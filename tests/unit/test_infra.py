"""What is shipped beside the code: images, compositions and the wheel hold what they should."""

import os
import re
import socket
import subprocess
import sys
import tomllib
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from helpdesk_bot.worker import DRAIN_S

ROOT = Path(__file__).parents[2]


def test_the_wheel_holds_everything_that_is_read_at_run_time(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "knowledge/seed/.access.yaml",
        "knowledge/sql/0001_knowledge.sql",
        "helpdesk_bot/sql/0001_helpdesk.sql",
        "helpdesk_bot/evals/starter.yaml",
        "helpdesk_bot/prompts/answer.md",
        "helpdesk_bot/chat/browser/pages/index.html",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_image_copies_files_that_exist_and_ends_as_an_ordinary_user() -> None:
    text = (ROOT / "infra" / "Dockerfile").read_text()
    for line in re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE):
        *sources, _ = line.split()
        assert all((ROOT / source).exists() for source in sources), line
    assert re.findall(r"^USER (\w+)$", text, re.MULTILINE) == ["10001"], "a name is refused where none may be root"


def test_the_image_holds_nothing_of_what_built_it() -> None:
    text = (ROOT / "infra" / "Dockerfile").read_text()
    assert "python -m venv --without-pip /opt/bot" in text
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    built_with = {re.split(r"[>=]", one)[0] for one in project["dependency-groups"]["build"]}
    [removed] = re.findall(r"uv pip uninstall --python /opt/bot/bin/python (.+)$", text, re.MULTILINE)
    assert set(removed.split()) == built_with


def test_no_secret_is_sent_to_who_builds_the_image() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".data", ".git"} <= set(ignored)


def test_nothing_is_compiled_anew_at_each_start() -> None:
    """In the image the bot may not write beside its code; make lets it, whatever the environment says."""
    dockerfile = (ROOT / "infra" / "Dockerfile").read_text()
    installs = [line for line in dockerfile.splitlines() if "uv pip install" in line]
    assert len(installs) == 2
    assert all("--compile-bytecode" in line for line in installs)
    assert "unexport PYTHONDONTWRITEBYTECODE" in (ROOT / "Makefile").read_text()


def test_the_composition_is_the_bot_in_its_parts_beside_a_database_with_pgvector() -> None:
    services = yaml.safe_load((ROOT / "infra" / "compose.yaml").read_text())["services"]
    parts = {name: service for name, service in services.items() if name != "database"}
    assert {name: service["command"] for name, service in parts.items()} == {
        name: [name] for name in ("migrate", "web", "worker", "scheduler")
    }
    assert "pgvector" in services["database"]["image"]
    assert services["web"]["ports"] == ["127.0.0.1:${HELPDESK_PORT:-8080}:8080"]
    for service in parts.values():
        build = service["build"]
        assert (ROOT / "infra" / build["context"] / build["dockerfile"]).is_file()
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert "PASSWORD" not in service["environment"]["DATABASE_URL"]
        assert service["mem_limit"], "what leaks takes no neighbour's memory"
    assert float(services["worker"]["stop_grace_period"].removesuffix("s")) > DRAIN_S + 10


def test_the_composition_ends_where_it_can_not_start_and_its_logs_and_files_stay_small() -> None:
    """Run with Docker: with a wrong setting `up` waited for ever, and the bot could not write where its home is."""
    services = yaml.safe_load((ROOT / "infra" / "compose.yaml").read_text())["services"]
    assert re.fullmatch(r"on-failure:\d", services["migrate"]["restart"])
    assert "127.0.0.1" in services["database"]["healthcheck"]["test"], "the socket is the server's that only makes it"
    assert "chmod 1777 /var/lib/helpdesk-bot" in (ROOT / "infra" / "Dockerfile").read_text()
    for name, service in services.items():
        assert service["logging"]["options"].keys() == {"max-size", "max-file"}
        if name != "database":
            assert all(":size=" in one for one in service["tmpfs"])
            assert "mode=1777" in service["tmpfs"][1], "Podman goes by this, Docker by the image"


def serve_health(status: int = 200) -> HTTPServer:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = HTTPServer(("127.0.0.1", 0), Health)
    Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.mark.parametrize("setting", ["HELPDESK_PORT", "HELPDESK_HEALTH_PORT"])
@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_the_image_is_asked_for_its_health_at_the_port_that_is_set(setting: str, status: int, code: int) -> None:
    """A web listens at one, a worker at the other; the bot's proxy is not for this."""
    server = serve_health(status)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        closed = str(nobody.getsockname()[1])
        ports = {"HELPDESK_PORT": closed, "HELPDESK_HEALTH_PORT": closed, setting: str(server.server_port)}
        env = os.environ | ports | {"HTTP_PROXY": f"http://127.0.0.1:{closed}", "NO_PROXY": ""}
        command = [sys.executable, ROOT / "infra" / "healthcheck.py"]
        done = subprocess.run(command, check=False, env=env, capture_output=True, text=True)
    server.shutdown()
    server.server_close()
    assert (done.returncode, done.stderr) == (code, "")
    assert "/opt/healthcheck.py" in (ROOT / "infra" / "Dockerfile").read_text()


def test_continuous_integration_runs_what_a_developer_runs() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()


def test_locks_are_hashed_and_name_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock", "infra/bootstrap.lock"):
        text = (ROOT / name).read_text()
        pinned = re.findall(r"^[a-z0-9].*==", text, re.MULTILINE)
        assert pinned
        assert len(re.findall(r"^    --hash=", text, re.MULTILINE)) >= len(pinned)
        assert "://" not in text

"""What the pages name is there: files, pages, headings, commands."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer

from helpdesk_bot.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FILES = [
    path.relative_to(ROOT)
    for folder in ("src", "connectors", "knowledge", "tests", "infra", "docs")
    for path in (ROOT / folder).rglob("*")
    if not {"__pycache__", "node_modules"} & set(path.parts)
]


def anchors(page: Path) -> set[str]:
    """As GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_of_ours_that_a_page_names_is_there(page: Path) -> None:
    named = re.findall(r"`((?:[\w*-]+/)+[\w.*-]+\.(?:py|sql|ya?ml|toml))`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not any(file.match(name) for file in FILES)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_page_and_a_heading_that_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        leads_to = page.parent / path if path else page
        assert leads_to.exists(), target
        assert not anchor or anchor in anchors(leads_to), target


def leaves(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield from leaves(command, *path, name) if isinstance(command, click.Group) else [(*path, name)]


def find_command(words: list[str]) -> click.Command | None:
    """The command that these words begin with; what follows it are its arguments."""
    found: click.Command = typer.main.get_command(cli)
    for word in words:
        if not isinstance(found, click.Group):
            break
        if word not in found.commands:
            return None
        found = found.commands[word]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_that_a_page_names_is_there_with_its_options(page: Path) -> None:
    for line in re.findall(r"(?<!/)helpdesk-bot (?!is\b)([a-z-][^`\n#|>]*)", page.read_text(encoding="utf-8")):
        words = [word.strip("[](),.;") for word in line.split()]
        command = find_command([word for word in words if not word.startswith("-")])
        assert command is not None, line
        known = {option for param in command.params for option in param.opts + param.secondary_opts} | {"--help"}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known, line


def test_every_command_is_in_the_page_about_running_the_bot() -> None:
    page = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"[a-z]+", " ".join(re.findall(r"`([^`\n]+)`", page))))
    group = typer.main.get_command(cli)
    assert isinstance(group, click.Group)
    assert [path for path in leaves(group) if not named.issuperset(path)] == []


def test_the_help_of_a_command_explains_its_arguments() -> None:
    """click 8.5 took it away from typer's."""
    command = find_command(["why"])
    assert command is not None
    assert "A link to a message" in (getattr(command.params[0], "help", None) or "")


@pytest.mark.parametrize("page", [*PAGES, ROOT / "infra" / "runbook.md"], ids=lambda page: page.name)
def test_the_composition_is_given_its_settings_wherever_it_is_named(page: Path) -> None:
    """Compose looks for `.env` beside its own file, and ends without POSTGRES_PASSWORD."""
    named = re.findall(r"docker compose[^`\n]*?-f infra/compose.yaml", page.read_text(encoding="utf-8"))
    assert {*named} <= {"docker compose --env-file .env -f infra/compose.yaml"}

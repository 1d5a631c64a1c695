"""Alerts, dashboard and runbook: about metrics that the bot has, leading to sections and commands that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import httpx
import pytest
import typer
import yaml
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families

from helpdesk_bot import telemetry
from helpdesk_bot.cli.main import cli
from helpdesk_bot.web import build_web

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "infra/helm/monitoring"
RULES = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((MONITORING / "dashboard.json").read_text())
RUNBOOK = (ROOT / "infra/runbook.md").read_text()
ASKED = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]
]
TRIES = Path(__file__).parent / "alerts.test.yaml"

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Prometheus) is not installed")


async def exported() -> dict[str, set[str]]:
    """The labels of each sample of a running exporter, by its name; each metric was used once."""
    for metric in vars(telemetry).values():
        if isinstance(metric, Counter | Gauge | Histogram) and metric._labelnames:
            metric.labels(*("any" for _ in metric._labelnames))
    web = build_web(checks={}, signed=[], own=[], trusted_hosts=frozenset())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(web), base_url="http://localhost") as client:
        text = (await client.get("/metrics")).text
    return {
        sample.name: set(sample.labels) for family in text_string_to_metric_families(text) for sample in family.samples
    }


def metrics_of(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Each metric with the labels that are asked of it."""
    for name, matchers in re.findall(r"\b(helpdesk_\w+)(?:\{([^}]*)\})?", expression):
        yield name, set(re.findall(r"(\w+)(?:=~|!~|!=|=)", matchers))


@pytest.mark.parametrize("expression", ASKED)
async def test_what_is_asked_for_is_what_the_bot_tells(expression: str) -> None:
    known = await exported()
    asked = list(metrics_of(expression))
    assert asked
    for name, labels in asked:
        assert name in known, name
        assert labels <= known[name], name
    grouped = {label for by in re.findall(r"\bby \(([^)]*)\)", expression) for label in by.split(", ")}
    assert grouped - {"le"} <= set.intersection(*(known[name] for name, _ in asked)), expression
    assert "le" not in grouped or "_bucket" in expression


def test_the_dashboard_shows_every_metric() -> None:
    shown = " ".join(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])
    names = {metric._name for metric in vars(telemetry).values() if isinstance(metric, Counter | Gauge | Histogram)}
    assert [name for name in names if name not in shown] == []


def test_every_panel_has_a_title_of_its_own_and_its_own_place() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["title"] for panel in panels}) == len({panel["id"] for panel in panels}) == len(panels)
    taken = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_each_alert_leads_to_its_section_of_the_runbook(rule: dict) -> None:
    file, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert (ROOT / file).read_text() == RUNBOOK
    assert anchor == rule["alert"].lower()
    [section] = re.findall(rf"^## {rule['alert']}\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL)
    assert [re.match(r"- \*\*(\w+)", line) is not None for line in re.findall(r"^- .*", section, re.MULTILINE)] == [
        True,
        True,
        True,
    ]
    assert [word in section for word in ("**People see**", "**Look**", "**Do**")] == [True] * 3


def test_no_section_is_about_an_alert_that_is_gone() -> None:
    assert re.findall(r"^## (.*)$", RUNBOOK, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_the_runbook_names_commands_and_places_that_exist() -> None:
    commands = set(re.findall(r"helpdesk-bot ([a-z][a-z ]*)", RUNBOOK))
    assert len(commands) > 10
    for command in commands:
        assert is_command(command.split()), command
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", RUNBOOK):
        assert (ROOT / "infra" / target).exists(), target


def is_command(words: list[str]) -> bool:
    group: click.Command = typer.main.get_command(cli)
    for word in words:
        if not isinstance(group, click.Group):
            return True  # an argument
        if word not in group.commands:
            return False
        group = group.commands[word]
    return not isinstance(group, click.Group)


@needs_promtool
@pytest.mark.parametrize("words", [("check", "rules", MONITORING / "alerts.yaml"), ("test", "rules", TRIES)])
def test_prometheus_takes_the_rules_and_says_each_when_it_should(words: tuple[str | Path, ...]) -> None:
    done = subprocess.run(["promtool", *words], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_tried() -> None:
    tried = TRIES.read_text()
    assert [rule["alert"] for rule in RULES if rule["alert"] not in tried] == []

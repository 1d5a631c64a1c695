"""The Helm chart, rendered by Helm's own library and checked against the schemas of Kubernetes."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import SecretStr

from helpdesk_bot.settings import Settings
from helpdesk_bot.worker import DRAIN_S

ROOT = Path(__file__).parents[3]
CHART = ROOT / "infra/helm"
PYTHON = ROOT / ".venv/charts/bin/python"
ALL_ON = {
    "database": {"bundled": True},
    "ingress": {"enabled": True, "className": "nginx", "tlsSecretName": "tls", "annotations": {"a": "b"}},
    "files": {"escalation.yaml": "teams: {}\n"},
    "settings": {"BROWSER_CHAT": "public", "HELPDESK_PORT": "9999", "STARTER_KNOWLEDGE": False},
    "monitoring": {"podMonitor": True, "alerts": True, "dashboard": True, "labels": {"release": "prometheus"}},
    "imagePullSecrets": [{"name": "registry"}],
    "nodeSelector": {"disk": "ssd"},
    "tolerations": [{"key": "bots", "operator": "Exists"}],
    "extraVolumes": [{"name": "handbook", "persistentVolumeClaim": {"claimName": "handbook"}}],
    "extraVolumeMounts": [{"name": "handbook", "mountPath": "/srv/handbook", "readOnly": True}],
}
Json = dict[str, Any]

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="Helm's library is not installed: make .venv/clients")


def run(values: Json) -> subprocess.CompletedProcess[str]:
    command = [PYTHON, Path(__file__).parent / "render_chart.py", CHART]
    return subprocess.run(command, check=False, input=json.dumps(values), capture_output=True, text=True)


def render(values: Json) -> dict[tuple[str, str], Json]:
    done = run(values)
    assert done.returncode == 0, done.stderr
    return {(one["kind"], one["metadata"]["name"]): one for one in json.loads(done.stdout)}


@pytest.fixture(scope="module", params=[{}, ALL_ON], ids=["as it comes", "all on"])
def objects(request: pytest.FixtureRequest) -> dict[tuple[str, str], Json]:
    return render(request.param)


@pytest.fixture(scope="module")
def everything() -> dict[tuple[str, str], Json]:
    return render(ALL_ON)


def pods(objects: dict[tuple[str, str], Json]) -> dict[str, Json]:
    """The pods of the bot's parts, by part."""
    return {
        name.removeprefix("helpdesk-bot-"): one["spec"]["template"]["spec"]
        for (kind, name), one in objects.items()
        if kind == "Deployment"
    }


def test_each_part_runs_by_itself_after_the_migrations(objects: dict[tuple[str, str], Json]) -> None:
    parts = pods(objects)
    assert set(parts) == {"web", "worker", "scheduler"}
    for part, pod in parts.items():
        assert [container["args"] for container in pod["initContainers"]] == [["migrate"]]
        assert [container["args"] for container in pod["containers"]] == [[part]]


def test_each_part_is_nobodys_and_may_nothing(objects: dict[tuple[str, str], Json]) -> None:
    for pod in pods(objects).values():
        assert (pod["automountServiceAccountToken"], pod["securityContext"]["runAsNonRoot"]) == (False, True)
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in (*pod["initContainers"], *pod["containers"]):
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {mount["mountPath"] for mount in container["volumeMounts"]} >= {"/tmp", "/var/lib/helpdesk-bot"}
            assert "memory" in container["resources"]["limits"]


def test_each_part_is_probed_at_the_port_that_the_settings_name(objects: dict[tuple[str, str], Json]) -> None:
    settings = objects["ConfigMap", "helpdesk-bot"]["data"]
    for part, pod in pods(objects).items():
        [container] = pod["containers"]
        [port] = container["ports"]
        assert settings["HELPDESK_PORT"] == settings["HELPDESK_HEALTH_PORT"] == str(port["containerPort"])
        paths = {name: container[f"{name}Probe"]["httpGet"]["path"] for name in ("startup", "liveness", "readiness")}
        assert paths["startup"] == paths["liveness"] == "/healthz"
        assert paths["readiness"] == ("/healthz" if part == "web" else "/readyz")


def test_a_worker_is_given_longer_than_it_gives_its_answers(objects: dict[tuple[str, str], Json]) -> None:
    assert pods(objects)["worker"]["terminationGracePeriodSeconds"] > DRAIN_S + 10


def test_secrets_are_named_and_nowhere_written(objects: dict[tuple[str, str], Json]) -> None:
    assert all(kind != "Secret" for kind, _ in objects)
    for pod in pods(objects).values():
        for container in (*pod["initContainers"], *pod["containers"]):
            assert {"secretRef": {"name": "helpdesk-bot"}} in container["envFrom"]
            assert all(one["name"] == "DATABASE_URL" or "valueFrom" in one for one in container.get("env", ()))


def test_settings_arrive_as_they_are_written(everything: dict[tuple[str, str], Json]) -> None:
    settings = everything["ConfigMap", "helpdesk-bot"]["data"]
    assert (settings["BROWSER_CHAT"], settings["STARTER_KNOWLEDGE"]) == ("public", "false")
    assert {name.lower() for name in settings} <= set(Settings.model_fields)


@pytest.mark.parametrize(
    "name", [*(name for name, one in Settings.model_fields.items() if one.annotation is SecretStr), "database_url"]
)
def test_a_secret_among_the_settings_is_refused(name: str) -> None:
    done = run({"settings": {name.upper(): "x"}})
    assert done.returncode == 1
    assert name.upper() in done.stderr


@pytest.mark.parametrize(
    "values",
    [
        {"settings": {"BUDGET_REQUEST_TOKENS": 1_000_000}},  # Helm would write 1e+06
        {"replicas": 3},
        {"secretName": ""},
        {"worker": {"terminationGracePeriodSeconds": 10}},
    ],
)
def test_what_is_wrongly_set_is_refused(values: Json) -> None:
    assert run(values).returncode == 1


def test_no_other_setting_is_refused() -> None:
    secrets = {name for name, one in Settings.model_fields.items() if "SecretStr" in str(one.annotation)}
    render({"settings": {name.upper(): "x" for name in set(Settings.model_fields) - secrets - {"database_url"}}})


def test_the_world_reaches_what_platforms_sign_and_nothing_else(everything: dict[tuple[str, str], Json]) -> None:
    [rule] = everything["Ingress", "helpdesk-bot"]["spec"]["rules"]
    assert {(path["path"], path["pathType"]) for path in rule["http"]["paths"]} == {
        ("/slack/events", "Exact"),
        ("/teams/messages", "Exact"),
    }
    settings = everything["ConfigMap", "helpdesk-bot"]["data"]
    assert "HELPDESK_URL" not in settings
    service = everything["Service", "helpdesk-bot"]["spec"]
    labels = everything["Deployment", "helpdesk-bot-web"]["spec"]["template"]["metadata"]["labels"]
    assert service["selector"].items() <= labels.items()
    assert service["selector"]["app.kubernetes.io/component"] == "web"


def test_the_console_is_passed_on_where_that_is_wanted() -> None:
    values: Json = {"ingress": {"enabled": True, "host": "help.example.com", "console": True}}
    objects = render(values)
    [rule] = objects["Ingress", "helpdesk-bot"]["spec"]["rules"]
    assert rule["host"] == "help.example.com"
    assert [(one["path"], one["pathType"]) for one in rule["http"]["paths"]] == [
        ("/slack/events", "Exact"),
        ("/teams/messages", "Exact"),
        ("/console", "Prefix"),
    ]
    data = objects["ConfigMap", "helpdesk-bot"]["data"]
    assert data["HELPDESK_URL"] == "https://help.example.com"
    Settings(**{name.lower(): value for name, value in data.items()})
    own = render(values | {"settings": {"HELPDESK_URL": "https://console.example.com"}})
    assert own["ConfigMap", "helpdesk-bot"]["data"]["HELPDESK_URL"] == "https://console.example.com"
    assert "HELPDESK_URL" not in render({"ingress": {"console": True}})["ConfigMap", "helpdesk-bot"]["data"]


def test_the_alerts_and_the_dashboard_are_those_beside_it(everything: dict[tuple[str, str], Json]) -> None:
    rules = everything["PrometheusRule", "helpdesk-bot"]
    assert rules["spec"] == yaml.safe_load((CHART / "monitoring/alerts.yaml").read_text())
    assert rules["metadata"]["labels"]["release"] == "prometheus"
    shown = everything["ConfigMap", "helpdesk-bot-dashboard"]["data"]["helpdesk-bot.json"]
    assert shown == (CHART / "monitoring/dashboard.json").read_text()
    assert everything["PodMonitor", "helpdesk-bot"]["spec"]["podMetricsEndpoints"][0]["path"] == "/metrics"


def test_the_database_that_comes_with_it_is_the_one_that_is_asked(everything: dict[tuple[str, str], Json]) -> None:
    [container] = everything["StatefulSet", "helpdesk-bot-database"]["spec"]["template"]["spec"]["containers"]
    assert "pgvector" in container["image"]
    assert ("Service", "helpdesk-bot-database") in everything
    for pod in pods(everything).values():
        env = {one["name"]: one for one in pod["containers"][0]["env"]}
        assert env["DATABASE_URL"]["value"] == "postgresql://bot@helpdesk-bot-database:5432/helpdesk"
        assert env["PGPASSWORD"]["valueFrom"]["secretKeyRef"] == {"name": "helpdesk-bot", "key": "POSTGRES_PASSWORD"}

"""Settings: whole or refused, and each one explained."""

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer
from pydantic import ValidationError

from helpdesk_bot.cli.entry import load_settings
from helpdesk_bot.cli.examining import show_settings
from helpdesk_bot.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def an_empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_nothing_needs_to_be_set() -> None:
    settings = Settings()
    assert not settings.has_slack
    assert settings.listens_on_loopback


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("proxy.example.com:3128", "http://proxy.example.com:3128"),
        ("http://proxy.example.com:3128/", "http://proxy.example.com:3128"),
        ("https://bot:can%40ary@proxy.example.com", "https://bot:can%40ary@proxy.example.com"),
    ],
)
def test_a_proxy_is_read_as_it_is_mostly_written(written: str, read: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", written)
    monkeypatch.setenv("NO_PROXY", "localhost, .Corp.example.com,10.0.0.0/8")
    way_out = Settings().way_out
    assert way_out.proxy_for("https://slack.com/") == read
    assert way_out.proxy_for("https://wiki.corp.example.com/") is None


@pytest.mark.parametrize(
    "written",
    [
        *(
            "socks5://bot:canary@proxy:1080",
            "http://bot:can@ary@proxy",
            "http://bot:canary@",
            "http://",
            "http://proxy:x",
        ),
        *("http://proxy/path?canary", "http://bot:canary@proxy\x0b:1"),
    ],
)
def test_a_proxy_that_can_not_be_used_is_refused_without_repeating_it(
    written: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", written)
    with pytest.raises(typer.Exit):
        load_settings()
    said = capsys.readouterr().err
    assert "HTTPS_PROXY" in said
    assert "http://USER:PASSWORD@HOST:PORT" in said
    assert not {"canary", "ary"} & set(re.split(r"\W", said))


def test_authorities_are_in_a_file_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "gone.pem")
    with pytest.raises(ValidationError, match=r"SSL_CERT_FILE: gone\.pem is no file"):
        Settings()


def test_today_is_the_day_where_the_organisation_is() -> None:
    """Where it is another day now than in UTC."""
    zone = "Pacific/Kiritimati" if datetime.now(UTC).hour >= 10 else "Etc/GMT+12"
    today = Settings(time_zone=zone).today()
    assert today == datetime.now(ZoneInfo(zone)).date()
    assert today != datetime.now(UTC).date()


def test_the_example_explains_every_setting_with_its_default() -> None:
    explained = dict(re.findall(r"^# ([A-Z][A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(explained) == {name.upper() for name in Settings.model_fields}


def test_the_example_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = re.findall(r"^# ([A-Z][A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)
    for name, value in dict(lines).items():  # a later line is the default, an earlier one an example
        monkeypatch.setenv(name, value)
    assert Settings() == Settings.model_construct(**Settings.model_validate({}).model_dump())


def test_a_name_without_a_path_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLDERS", "handbook")
    with pytest.raises(ValidationError, match="NAME=VALUE"):
        Settings()


def test_folders_are_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLDERS", "handbook=/srv/handbook, runbooks = /srv/run books")
    assert Settings().folders == {"handbook": Path("/srv/handbook"), "runbooks": Path("/srv/run books")}


def test_slack_needs_a_way_to_hear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    with pytest.raises(ValidationError, match="SLACK_SIGNING_SECRET"):
        Settings()


def test_staff_knowledge_is_not_shown_to_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPDESK_HOST", "0.0.0.0")
    with pytest.raises(ValidationError, match="BROWSER_CHAT"):
        Settings()
    monkeypatch.setenv("BROWSER_CHAT", "public")
    assert Settings().browser_chat == "public"


@pytest.mark.parametrize(("name", "value"), [("TIME_ZONE", "Mars/Olympus"), ("SYNC_CRON", "at night")])
def test_a_wrong_schedule_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize("name", ["KEEP_QUESTIONS_DAYS", "KEEP_AUDIT_DAYS", "CACHE_DAYS", "STALE_DAYS"])
def test_more_days_than_a_calendar_has_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "100000000")
    with pytest.raises(ValidationError, match="less than or equal to 1000000"):
        Settings()


@pytest.mark.parametrize(("name", "value"), [("TOOL_SECRETS", "A=one,canary"), ("MODEL_KEYS", "canary")])
def test_a_secret_that_is_wrongly_written_is_not_repeated(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of one that holds a comma, for instance: what is said ends in a log."""
    monkeypatch.setenv(name, value)
    with pytest.raises(typer.Exit):
        load_settings()
    said = capsys.readouterr().err
    assert name in said
    assert "NAME=VALUE" in said
    assert "canary" not in said


@pytest.mark.parametrize("content", [b"HELP_CONTACT=Stra\xdfe\n", b"\xff\xfeH\x00"])
def test_a_file_that_is_no_text_is_refused_in_a_sentence(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".env").write_bytes(content)
    with pytest.raises(typer.Exit) as ended:
        load_settings()
    assert ended.value.exit_code == 2
    assert "UTF-8" in capsys.readouterr().err


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-canary")
    monkeypatch.setenv("SLACK_SIGNING_SECRET", "canary-secret")
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot:canary-password@db/helpdesk")
    monkeypatch.setenv("HTTPS_PROXY", "http://bot:canary@proxy:3128")
    show_settings(Settings(), as_json=True)
    printed = capsys.readouterr().out
    assert "canary" not in printed
    assert "postgresql://bot:(set)@db/helpdesk" in printed


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://bot:can:ary@sesame@db/helpdesk", "postgresql://bot:(set)@db/helpdesk"),
        ("postgresql://db/helpdesk?user=bot&password=canary", "postgresql://db/helpdesk?user=bot&password=(set)"),
        ("host=db password='can\\'ary sesame' user=bot", "host=db password=(set) user=bot"),
        ("host=db password = canary user=bot", "host=db password=(set) user=bot"),
    ],
)
def test_no_spelling_of_an_address_shows_its_password(
    address: str, shown: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    show_settings(Settings(), as_json=False)
    printed = capsys.readouterr().out
    assert shown in printed
    assert not {"canary", "ary", "sesame"} & set(re.split(r"\W", printed))


def test_an_address_that_can_not_be_read_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "host=db password=canary sesame")
    with pytest.raises(ValidationError, match="postgresql://USER") as refused:
        Settings()
    assert "sesame" not in refused.value.errors()[0]["msg"]


def test_what_is_not_set_is_shown_as_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show_settings(Settings(), as_json=False)
    printed = capsys.readouterr().out
    assert "None" not in printed
    assert "()" not in printed


@pytest.mark.parametrize(
    ("url", "opened"),
    [
        ("https://help.example.com", "https://help.example.com"),
        ("https://help.example.com:8443/", "https://help.example.com:8443"),
        ("http://localhost:9000", "http://localhost:9000"),
        ("", "http://localhost:8080"),
    ],
)
def test_where_the_console_is_opened(url: str, opened: str) -> None:
    assert Settings(helpdesk_url=url).public_url == opened


def test_beyond_this_machine_only_a_setting_says_where_the_console_is_opened() -> None:
    assert Settings(helpdesk_host="0.0.0.0", browser_chat="off").public_url == ""
    assert Settings(helpdesk_port=0).public_url == ""


@pytest.mark.parametrize(
    "url",
    [
        "help.example.com",
        "http://help.example.com",
        "ftp://help.example.com",
        "https://",
        "https://help.example.com/console",
        "https://help.example.com?x=1",
        "https://ada@help.example.com",
        "https://help.example.com:port",
        "https://[help",
        "https://help.example.com\n.evil.example",
    ],
)
def test_an_address_at_which_no_console_can_be_opened_is_refused(url: str) -> None:
    """Over plain HTTP the session would be readable on the way."""
    with pytest.raises(ValidationError, match="HELPDESK_URL"):
        Settings(helpdesk_url=url)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("HELPDESK_PORT", "eighty", "HELPDESK_PORT: 'eighty' is no whole number; the default is 8080"),
        ("HELPDESK_PORT", "99999", "HELPDESK_PORT: '99999' is more than 65535; the default is 8080"),
        ("HELPDESK_HEALTH_PORT", "8081 # for probes", "HELPDESK_HEALTH_PORT: '8081 # for probes' is no whole number"),
        ("MODEL_TIMEOUT_S", "0", "MODEL_TIMEOUT_S: '0' is not more than 0; the default is 25"),
        ("BUDGET_DAY_USD", "1,5", "BUDGET_DAY_USD: '1,5' is no number; the default is 0"),
        ("STARTER_KNOWLEDGE", "perhaps", "STARTER_KNOWLEDGE: 'perhaps' is neither true nor false; the default is true"),
        ("BROWSER_CHAT", "on", "BROWSER_CHAT: 'on' is not 'staff', 'public' or 'off'; the default is staff"),
        ("HELPDESK_LOG_LEVEL", "loud", "'WARNING' or 'ERROR'; the default is INFO"),
        ("MODEL_WEIGHTS", "Main=much", "MODEL_WEIGHTS, Main: 'much' is no number"),
        (
            "SYNC_CRON",
            "daily",
            "SYNC_CRON: 'daily' is no schedule: it has 1 fields, not 5; five fields such as 0 2 * * *",
        ),
        (
            "WEBSITES",
            "docs=docs.example.com",
            "WEBSITES, docs: 'docs.example.com' is no address: it is written https://HOST/PATH",
        ),
        ("TRUSTED_HOSTS", "https://x.example", "TRUSTED_HOSTS: 'https://x.example' is an address; write the name"),
    ],
)
def test_what_is_wrong_with_a_value_is_said_in_words_with_the_setting_and_its_default(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(typer.Exit) as refused:
        load_settings()
    assert refused.value.exit_code == 2
    assert said in capsys.readouterr().err


def test_a_misspelt_setting_is_told_with_the_one_that_is_meant(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name of somebody else's is left alone, and no value is shown."""
    others = ("GOOGLE_API_KEY", "POSTGRES_PASSWORD", "OPENAI_API_KEY", "FTP_PROXY", "NIX_SSL_CERT_FILE")
    for name in (*others, "HELPDESK_BOT_PORT", "HELPDESK_COLOUR"):
        monkeypatch.setenv(name, "s3cret")
    (tmp_path / ".env").write_text("slack_bot_tokken=s3cret\nFOLDER=a=/b\nPOSTGRES_USER=bot\nHELP_CONTACT=IT # us\n")
    assert load_settings(opens_database=False).help_contact == "IT"
    assert capsys.readouterr().err.splitlines() == [
        "FOLDER is no setting, and nothing reads it: is FOLDERS meant?",
        "HELPDESK_COLOUR is no setting, and nothing reads it: .env.example has them all",
        "SLACK_BOT_TOKKEN is no setting, and nothing reads it: is SLACK_BOT_TOKEN meant?",
    ]


def test_a_command_says_that_it_makes_a_database_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in another folder than the one where the bot runs, which has its `.env` and its data."""
    load_settings()
    assert capsys.readouterr().err == f"There is no database in {tmp_path / '.data'} yet: a new one is made.\n"
    (tmp_path / ".data" / "postgres").mkdir(parents=True)
    load_settings()
    (tmp_path / "file").touch()
    monkeypatch.setenv("HELPDESK_DATA_DIR", str(tmp_path / "file" / "data"))
    load_settings()  # none can be made there: opening it says so
    monkeypatch.setenv("HELPDESK_DATA_DIR", "/nowhere")
    monkeypatch.setenv("DATABASE_URL", "postgresql://bot@db/helpdesk")
    load_settings()
    assert capsys.readouterr().err == ""


URLS = [
    name.upper()
    for name in Settings.model_fields
    if "_url" in name and name not in {"database_url", "helpdesk_url"}  # these have rules of their own
] + ["WEBSITES"]


@pytest.mark.parametrize("name", URLS)
@pytest.mark.parametrize(
    "url", ["nonsense", "example.com/api", "ftp://example.com", "https://", "https://a b.com", "https://a:b"]
)
def test_what_is_no_address_is_refused_by_one_sentence(
    name: str, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    is_by_name = name.endswith("URLS") or name == "WEBSITES"
    monkeypatch.setenv(name, f"one={url}" if is_by_name else url)
    with pytest.raises(typer.Exit):
        load_settings()
    place = f"{name}, one" if is_by_name else name
    assert f"{place}: '{url}' is no address: it is written https://HOST/PATH" in capsys.readouterr().err


def test_an_address_that_is_refused_with_a_password_in_it_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CONFLUENCE_URL", "bot:canary@wiki.example.com")
    with pytest.raises(typer.Exit):
        load_settings()
    said = capsys.readouterr().err
    assert ("canary" in said, "CONFLUENCE_URL: it is no address" in said) == (False, True)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("https://acme.atlassian.net", "https://acme.atlassian.net/wiki"),
        ("https://acme.atlassian.net/wiki/", "https://acme.atlassian.net/wiki"),
        ("http://acme.atlassian.net/wiki/spaces/HELP/overview?x=1", "https://acme.atlassian.net/wiki"),
        ("https://wiki.example.com/confluence", "https://wiki.example.com/confluence"),
        ("https://api.atlassian.com/ex/confluence/1-2/wiki", "https://api.atlassian.com/ex/confluence/1-2/wiki"),
    ],
)
def test_any_address_of_a_site_in_cloud_leads_to_its_confluence(
    given: str, read: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONFLUENCE_URL", given)
    monkeypatch.setenv("CONFLUENCE_EMAIL", "bot@example.com")
    monkeypatch.setenv("CONFLUENCE_API_TOKEN", "t")
    assert Settings(_env_file=None).confluence_url == read


def test_a_token_of_data_center_is_none_of_cloud(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFLUENCE_URL", "https://acme.atlassian.net/wiki")
    monkeypatch.setenv("CONFLUENCE_TOKEN", "t")
    with pytest.raises(ValidationError, match="in Cloud set CONFLUENCE_EMAIL"):
        Settings(_env_file=None)

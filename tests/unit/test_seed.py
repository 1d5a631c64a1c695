"""The starter knowledge and its evaluation belong together: an edited article shows here which case it breaks."""

import re
import subprocess
import sys
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path
from zipfile import ZipFile

import pytest
import yaml
from bs4 import BeautifulSoup

from connectors.documents import PUBLIC, STAFF, AccessRule, Principal, group, user

ROOT = Path(__file__).parents[2]
SEED = ROOT / "knowledge" / "seed"
SOURCES = ROOT / "infra" / "seed"
KEYS = sorted(
    path.relative_to(SEED).as_posix() for path in SEED.rglob("*") if path.is_file() and path.name != ".access.yaml"
)
BINARY = {".docx", ".pdf", ".pptx", ".xlsx"}
MADE = [key for key in KEYS if Path(key).suffix in BINARY]
SIDECAR = yaml.safe_load((SEED / ".access.yaml").read_text(encoding="utf-8"))
CASES = yaml.safe_load((ROOT / "src/helpdesk_bot/evals/starter.yaml").read_text(encoding="utf-8"))["cases"]
ANSWERED = [case for case in CASES if case["expect"]["outcome"] == "answered"]
SOMEONE = "sam@example.com"


def source_of(key):
    return SOURCES / f"{key}.md" if Path(key).suffix in BINARY else SEED / key


def words_of(key):
    """The words of an article as a reader gets them: no markup, one blank between words."""
    text = source_of(key).read_text(encoding="utf-8")
    if key.endswith(".html"):
        text = BeautifulSoup(text, "lxml").get_text()
    return plain(text.replace("**", "").replace("`", ""))


def plain(text):
    return " ".join(text.split()).casefold()


def rule_of(key):
    readers = [rule["readers"] for rule in SIDECAR["rules"] if fnmatchcase(key, rule["match"])]
    return AccessRule(all_of=frozenset(frozenset(map(principal, names)) for names in readers or [SIDECAR["default"]]))


def principal(name):
    if name in {PUBLIC, STAFF}:
        return Principal(name)
    return group("seed", name.removeprefix("grp:")) if name.startswith("grp:") else user(name)


def principals_of(email):
    """The person, the groups they are in and the groups those are in, and what every member of staff is."""
    held = {PUBLIC, STAFF, user(email)}
    while True:
        more = {
            group("seed", name)
            for name, members in SIDECAR["groups"].items()
            if not held.isdisjoint(map(principal, members))
        }
        if more <= held:
            return frozenset(held)
        held |= more


def by_id(case):
    return case["id"]


# The articles


def test_the_starter_knowledge_has_every_format_that_can_be_read():
    counts = Counter(Path(key).suffix for key in KEYS)
    assert 55 <= len(KEYS) <= 65
    assert set(counts) == {".md", ".html", ".txt", ".csv"} | BINARY
    assert counts[".md"] >= 35
    assert min(counts.values()) >= 2


def test_the_starter_knowledge_stays_small():
    assert sum((SEED / key).stat().st_size for key in KEYS) < 1_000_000


@pytest.mark.parametrize("key", [key for key in KEYS if not key.endswith(".csv")])
def test_an_article_has_one_title_and_says_who_looks_after_it(key):
    text = source_of(key).read_text(encoding="utf-8")
    assert len(re.findall(r"^# |<h1>|^=+$", without_code(text), flags=re.MULTILINE)) == 1
    assert re.search(r"Owner: .+ · Reviewed: 2026-\d\d-\d\d", text)


def without_code(text):
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("key", KEYS)
def test_an_article_has_a_help_article_s_length(key):
    at_least = 100 if key.endswith(".csv") else 250
    assert at_least <= len(source_of(key).read_text(encoding="utf-8").split()) <= 700


@pytest.mark.parametrize("key", KEYS)
def test_an_article_names_invented_hosts_and_addresses_only(key):
    text = source_of(key).read_text(encoding="utf-8")
    hosts = re.findall(r"(?:https?://|[\w.]@)([\w.-]+\w)", text)
    assert [host for host in hosts if not re.search(r"(^|\.)example\.(com|net)$", host, re.IGNORECASE)] == []


# Who may read them


def test_every_access_rule_is_about_some_article():
    assert [
        rule["match"] for rule in SIDECAR["rules"] if not any(fnmatchcase(key, rule["match"]) for key in KEYS)
    ] == []


@pytest.mark.parametrize("key", KEYS)
def test_only_restricted_articles_are_closed_to_staff_and_only_public_ones_open_to_all(key):
    rule = rule_of(key)
    assert rule.admits(frozenset({PUBLIC})) == key.startswith("public/")
    assert rule.admits(principals_of(SOMEONE)) != key.startswith("restricted/")


@pytest.mark.parametrize(
    ("email", "readable"),
    [
        ("ada@example.com", {"restricted", "restricted/it"}),
        ("bo@example.com", {"restricted", "restricted/it"}),  # through a group inside the group
        ("hana@example.com", {"restricted", "restricted/people"}),
        (SOMEONE, set()),
    ],
)
def test_restricted_articles_open_to_their_group_alone(email, readable):
    restricted = [key for key in KEYS if key.startswith("restricted/")]
    assert {str(Path(key).parent) for key in restricted if rule_of(key).admits(principals_of(email))} == readable


# The files that are made


@pytest.fixture(scope="module")
def remade(tmp_path_factory):
    target = tmp_path_factory.mktemp("remade")
    script = SOURCES / "make_binaries.py"
    subprocess.run([sys.executable, "-W", "error", script, "--to", target], check=True, timeout=120)
    return target


def test_every_binary_article_has_a_source_and_every_source_an_article(remade):
    assert sorted(path.relative_to(remade).as_posix() for path in remade.rglob("*") if path.is_file()) == MADE


@pytest.mark.slow
@pytest.mark.parametrize("key", MADE)
def test_a_binary_article_is_what_its_source_makes(remade, key):
    assert parts_of(remade / key) == parts_of(SEED / key), "run infra/seed/make_binaries.py"


def parts_of(path):
    """What a file holds, whichever zlib packed it."""
    if path.suffix == ".pdf":
        return path.read_bytes()
    with ZipFile(path) as archive:
        return [(entry.filename, entry.date_time, archive.read(entry)) for entry in archive.infolist()]


# The evaluation


def test_cases_are_many_of_each_kind_and_each_asks_something_of_its_own():
    counts = Counter(case["kind"] for case in CASES)
    assert len(CASES) >= 80
    assert counts["answerable"] >= 50
    assert counts["unanswerable"] >= 14
    assert min(counts["underspecified"], counts["follow-up"], counts["restricted"]) >= 8
    assert max(Counter(case["id"] for case in CASES).values()) == 1
    assert max(Counter((case["question"], case.get("as"), str(case.get("history"))) for case in CASES).values()) == 1


def test_half_of_each_kind_is_kept_for_checking():
    for kind in {case["kind"] for case in CASES}:
        splits = Counter(case["split"] for case in CASES if case["kind"] == kind)
        assert set(splits) == {"dev", "test"}
        assert abs(splits["dev"] - splits["test"]) <= 1


@pytest.mark.parametrize("case", CASES, ids=by_id)
def test_a_case_has_the_fields_that_its_file_explains(case):
    expect = case["expect"]
    assert case.keys() <= {"id", "kind", "split", "as", "history", "question", "expect"}
    assert expect["outcome"] in {"answered", "clarified", "escalated", "declined"}
    assert expect.keys() <= ({"outcome", "documents", "says"} if expect["outcome"] == "answered" else {"outcome"})
    assert all(earlier.keys() == {"question"} for earlier in case.get("history", []))
    assert bool(case.get("history")) == (case["kind"] == "follow-up")


@pytest.mark.parametrize("case", ANSWERED, ids=by_id)
def test_an_answer_stands_in_each_of_the_documents_that_may_be_cited(case):
    documents = case["expect"]["documents"]
    assert set(documents) <= set(KEYS)
    assert bool(documents) == (case["kind"] != "greeting")
    for key in documents:
        assert [said for said in case["expect"].get("says", []) if plain(said) not in words_of(key)] == []


@pytest.mark.parametrize("case", ANSWERED, ids=by_id)
def test_who_gets_an_answer_may_read_what_it_stands_on(case):
    principals = principals_of(case.get("as", SOMEONE))
    assert all(rule_of(key).admits(principals) for key in case["expect"]["documents"])


def test_restricted_questions_are_asked_by_people_who_may_and_by_people_who_may_not():
    asked = {}
    for case in (case for case in CASES if case["kind"] == "restricted"):
        asked.setdefault(case["question"], set()).add(case["expect"]["outcome"])
    assert [outcomes for outcomes in asked.values() if outcomes == {"answered", "escalated"}]
    assert set.union(*asked.values()) == {"answered", "escalated"}


def test_every_article_is_asked_about():
    assert set(KEYS) - {key for case in ANSWERED for key in case["expect"]["documents"]} == set()

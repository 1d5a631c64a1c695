"""A channel's settings: what the configuration says, and over it what an admin set."""

import pytest

from helpdesk_bot.channels import Channels, Listening, WrongSetting, read_channels
from helpdesk_bot.events import Place, PlaceKind, Platform
from helpdesk_bot.records import Records
from knowledge.postgres import Pool

PLACE = Place(platform=Platform.SLACK, tenant="T", channel="C1", thread="1", kind=PlaceKind.CHANNEL)
CONFIGURED = read_channels(
    """
["*"]
tone = "brief"
["slack"]
listen = "questions"
["slack:C1"]
sources = ["handbook"]
suggestions = ["How do I print?"]
"""
)


@pytest.fixture
def channels(pool: Pool) -> Channels:
    return Channels(Records(pool), configured=CONFIGURED, source_names=["handbook", "wiki"])


async def test_the_nearer_configuration_goes_first(channels: Channels) -> None:
    settings = await channels.get(PLACE)
    assert (settings.tone, settings.listen, settings.sources) == ("brief", Listening.QUESTIONS, frozenset({"handbook"}))


async def test_what_an_admin_sets_counts_at_once_for_this_channel_only(channels: Channels) -> None:
    await channels.change(PLACE, "listen", "Everything", by="UADA")
    assert (await channels.get(PLACE)).listen is Listening.EVERYTHING
    elsewhere = Place(platform=Platform.SLACK, tenant="T", channel="C2", thread="1", kind=PlaceKind.CHANNEL)
    assert (await channels.get(elsewhere)).listen is Listening.QUESTIONS
    await channels.change(PLACE, "listen", "default", by="UADA")
    assert (await channels.get(PLACE)).listen is Listening.QUESTIONS


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("opening", "Welcome!", "Welcome!"),
        ("suggestions", "How do I print? | Where is the VPN?", ("How do I print?", "Where is the VPN?")),
        ("tone", "warm, short", "warm, short"),
        ("sources", "wiki", frozenset({"wiki"})),
        ("called", "<@U1>, U2", ("U1", "U2")),
        ("draft", "on", True),
        ("unasked_in_shared", "yes", True),
        ("languages", "de, en", ("de", "en")),
    ],
)
async def test_every_setting_is_read_as_it_is_typed(
    channels: Channels, name: str, words: str, expected: object
) -> None:
    settings = await channels.change(PLACE, name, words, by="UADA")
    assert getattr(settings, name) == expected
    assert name in channels.describe(settings)


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("volume", "11", "no setting volume"),
        ("listen", "always", "mention, questions, everything"),
        ("draft", "perhaps", "on or off"),
        ("sources", "attic", "no source attic"),
        ("tone", "x" * 301, "300"),
        ("languages", "german", "two-letter"),
        ("suggestions", "|".join("abcdefgh"), "At most 6"),
    ],
)
async def test_what_makes_no_sense_is_refused_with_what_would(
    channels: Channels, name: str, words: str, says: str
) -> None:
    with pytest.raises(WrongSetting, match=says):
        await channels.change(PLACE, name, words, by="UADA")


@pytest.mark.parametrize(
    "toml",
    ["listen = 'questions'", "[slack]\nvolume = 11", "[slack]\nlisten = 'always'", "[slack", "[slack]\ndraft = []"],
)
def test_a_wrong_configuration_is_refused_by_name(toml: str) -> None:
    with pytest.raises(WrongSetting):
        read_channels(toml)

from helpdesk_bot.channels import ChannelSettings


def test_a_channel_of_one_language_is_answered_in_it() -> None:
    assert ChannelSettings(tone="brief").manner == "brief"
    manner = ChannelSettings(tone="brief", languages=("de", "en")).manner
    assert manner == "In the language of the question if it is one of de, en; otherwise in de. brief"

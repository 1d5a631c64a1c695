"""Slack and Teams: whether the bot gets in, may do what it does, and is where it brings people in."""

from collections.abc import AsyncIterator

from helpdesk_bot.doctor.finding import Finding, Health, bad, good
from helpdesk_bot.errors import ChatError, ChatRefused, ChatUnavailable
from helpdesk_bot.escalation import EscalationPlan
from helpdesk_bot.events import Platform
from helpdesk_bot.settings import Settings
from knowledge.postgres import Pool

SLACK_TROUBLE = "docs/slack.md, trouble-shooting"
ADD_SCOPES = "add what is missing of infra/slack/manifest.yaml under OAuth & Permissions, then reinstall the app"
OBSTACLES = {
    "channel_not_found": "give the channel's id (C...), and invite the bot to it if it is private: /invite @helpdesk",
    "not_in_channel": "invite the bot there: /invite @helpdesk",
    "is_archived": "unarchive it, or name another channel",
}
"""What to do about what Slack says of a channel."""


async def examine_slack(settings: Settings, pool: Pool, plan: EscalationPlan | None) -> AsyncIterator[Finding]:
    if not settings.has_slack:
        advice = "docs/slack.md connects it in ten minutes"
        yield Finding(name="slack", health=Health.OFF, detail="no SLACK_BOT_TOKEN", advice=advice)
        return
    from helpdesk_bot.app.chats import slack_of

    try:
        async with slack_of(settings, pool) as slack:
            yield good("slack", f"bot {slack.bot.user_id} in team {slack.bot.team_id}")
            yield _scopes(slack.list_missing_scopes())
            for channel, settings_name in _channels(Platform.SLACK, settings.slack_approvers_channel, plan).items():
                yield _slack_channel(channel, settings_name, await slack.places.find_obstacle(channel))
    except ChatUnavailable as error:
        yield bad("slack", str(error), "check the network, and whether Slack is up: https://slack-status.com")
    except ChatError as error:
        lacks_scopes = isinstance(error, ChatRefused) and error.reason == "missing_scope"
        yield bad("slack", str(error), ADD_SCOPES if lacks_scopes else f"check SLACK_BOT_TOKEN: {SLACK_TROUBLE}")
    if settings.has_slack_socket:
        yield await _app_token(settings)


def _scopes(missing: list[str]) -> Finding:
    if not missing:
        return good("slack scopes", "all that infra/slack/manifest.yaml asks for")
    return bad("slack scopes", f"the bot token lacks {', '.join(missing)}", ADD_SCOPES)


async def _app_token(settings: Settings) -> Finding:
    from helpdesk_bot.chat.slack import open_connection

    name = "slack app token"
    try:
        token = settings.slack_app_token.get_secret_value()
        await open_connection(token, base_url=settings.slack_api_url, way_out=settings.way_out)
    except ChatUnavailable as error:
        return bad(name, str(error), "check the network, and whether Slack is up: https://slack-status.com")
    except ChatError as error:
        advice = (
            "SLACK_APP_TOKEN begins with xapp- and needs connections:write; Socket Mode has to be on: docs/slack.md"
        )
        return bad(name, str(error), advice)
    return good(name, "Socket Mode lets it in")


def _slack_channel(channel: str, setting: str, obstacle: str) -> Finding:
    name = f"slack channel {channel}"
    if obstacle:
        advice = OBSTACLES.get(obstacle, SLACK_TROUBLE)
        return bad(name, f"nobody there would be asked ({setting}): {obstacle}", advice)
    return good(name, f"the bot is there ({setting})")


async def examine_teams(settings: Settings, pool: Pool, plan: EscalationPlan | None) -> AsyncIterator[Finding]:
    if not settings.has_teams:
        yield Finding(name="teams", health=Health.OFF, detail="no TEAMS_APP_ID", advice="docs/teams.md connects it")
        return
    if settings.teams_dev_mode:
        yield good("teams", "development mode: whoever reaches this machine may speak as anybody")
        return
    from helpdesk_bot.app.chats import teams_of

    async with teams_of(settings, pool) as teams:
        try:
            await teams.check()
            yield good("teams", f"app {settings.teams_app_id} signs in")
        except ChatUnavailable as error:
            yield bad("teams", str(error), "check the network to login.microsoftonline.com, or TEAMS_LOGIN_URL")
        except ChatError as error:
            advice = (
                "compare TEAMS_APP_ID, TEAMS_APP_PASSWORD and TEAMS_TENANT_ID; has the secret run out? docs/teams.md"
            )
            yield bad("teams", str(error), advice)
        yield await _signing_keys(settings)
        for channel, setting in _channels(Platform.TEAMS, settings.teams_approvers_channel, plan).items():
            known = await teams.records.find_conversation(settings.teams_tenant_id, channel)
            yield _teams_channel(channel, setting, is_known=known is not None)


async def _signing_keys(settings: Settings) -> Finding:
    from helpdesk_bot.chat.teams.keys import KeysUnavailable, SigningKeys

    name = "teams keys"
    try:
        await SigningKeys(settings.teams_openid_url, way_out=settings.way_out).read()
    except KeysUnavailable as error:
        return bad(name, f"Microsoft's keys can't be read: {error}", "nobody is let in without: check the network")
    return good(name, "Microsoft's keys can be read")


def _teams_channel(channel: str, setting: str, *, is_known: bool) -> Finding:
    name = f"teams channel {channel}"
    if is_known:
        return good(name, f"the bot was there ({setting})")
    advice = "add the app to that team and mention the bot in the channel once; compare the id: docs/teams.md"
    return bad(name, f"nobody there would be asked ({setting}): the bot has not heard from it", advice)


def _channels(platform: Platform, approvers: str, plan: EscalationPlan | None) -> dict[str, str]:
    """The channels where people are brought in, each with what names it."""
    named = {approvers: f"{platform.upper()}_APPROVERS_CHANNEL"}
    for team in plan.teams if plan else ():
        for channels in (team.channels, team.second_channels):
            named[channels.get(platform, "")] = "escalation"
    named.pop("", None)
    return named

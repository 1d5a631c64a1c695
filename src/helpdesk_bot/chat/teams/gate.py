"""Who may speak to the bot: Teams, with a token that Microsoft signed for this app, for this service and this tenant.

The SDK validates the token (signature, issuer, audience, times, service address). What it lets pass besides is refused
here: no token where the app id is empty; the Emulator's tokens, which name no service and are what the bot itself sends
to every service; skills; an activity of no channel, or a key without endorsements, which its check of endorsements
takes for agreement.
"""

import asyncio
from dataclasses import dataclass

import jwt
from botbuilder.schema import Activity, ChannelAccount, ConversationAccount
from botframework.connector.auth import (
    AuthenticateRequestResult,
    AuthenticationConfiguration,
    AuthenticationConstants,
    BotFrameworkAuthentication,
    BotFrameworkAuthenticationFactory,
    PasswordServiceClientCredentialFactory,
)
from botframework.connector.auth.jwt_token_extractor import JwtTokenExtractor

from connectors.http import DIRECT, WayOut
from helpdesk_bot.chat.teams.keys import KeysUnavailable, SigningKeys
from helpdesk_bot.chat.teams.payloads import CHANNEL_ID, Envelope
from helpdesk_bot.chat.teams.service_urls import is_service_url
from helpdesk_bot.errors import NotConfigured

METADATA_URL = AuthenticationConstants.TO_BOT_FROM_CHANNEL_OPENID_METADATA_URL
_MAX_HEADER_CHARACTERS = 8_192


class Refused(Exception):
    """Not from Teams, or not for this bot. `reason` is for the count, never for the sender."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class Admitted:
    """An activity that may be read: the SDK's own activity and identity, to run a turn with."""

    activity: Activity
    identity: AuthenticateRequestResult


class Gate:
    """Looks at each request. With `is_development` nobody needs a token, and only this machine may serve."""

    def __init__(
        self,
        *,
        app_id: str,
        tenant_id: str,
        is_development: bool = False,
        metadata_url: str = METADATA_URL,
        way_out: WayOut = DIRECT,
        with_loopback: bool = False,
    ) -> None:
        """`with_loopback` takes a connector on this machine for Teams' own: for tests, and always in development.

        Raises `NotConfigured` where everybody would be let in: the SDK does so without an app id.
        """
        if not app_id and not is_development:
            raise NotConfigured(
                "Teams needs TEAMS_APP_ID: without it everybody could speak as Teams; see docs/teams.md"
            )
        if app_id and is_development:
            raise NotConfigured("TEAMS_DEV_MODE is for no app id: remove it, or TEAMS_APP_ID; see docs/teams.md")
        if app_id and not tenant_id:
            raise NotConfigured("Teams needs TEAMS_TENANT_ID, the one organisation it works for; see docs/teams.md")
        self._app_id = app_id
        self._tenant_id = tenant_id
        self._is_development = is_development
        self._with_loopback = with_loopback or is_development
        self._keys = SigningKeys(metadata_url, way_out=way_out)
        JwtTokenExtractor.metadataCache[metadata_url] = self._keys
        self.authentication = _authentication(app_id, tenant_id, metadata_url)

    async def admit(self, header: str | None, envelope: Envelope) -> Admitted:
        """Raises `Refused`, or `KeysUnavailable` where that can't be told."""
        if envelope.channel_id != CHANNEL_ID:
            raise Refused("other_channel")
        if not is_service_url(envelope.service_url, with_loopback=self._with_loopback):
            raise Refused("other_service")
        if self._tenant_id and envelope.tenant != self._tenant_id:
            raise Refused("other_tenant")
        activity = _to_sdk(envelope)
        if not self._is_development:
            return Admitted(activity=activity, identity=await self._validate(header or "", activity))
        if header:
            raise Refused("token_in_development")
        identity = await self.authentication.authenticate_request(activity, None)  # pyright: ignore[reportArgumentType]
        return Admitted(activity=activity, identity=identity)

    async def _validate(self, header: str, activity: Activity) -> AuthenticateRequestResult:
        """The SDK computes for a while: it works in a thread, with a loop of its own."""
        key_id = _read_key_id(header)
        try:
            async with asyncio.timeout(10.0):
                identity = await asyncio.to_thread(self._validate_here, header, activity, key_id)
        except TimeoutError as error:
            raise KeysUnavailable("no answer in time") from error
        claims = identity.claims_identity
        if claims.get_claim_value("iss") != AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER:
            raise Refused("issuer")
        if claims.get_claim_value("aud") != self._app_id or "exp" not in claims.claims:
            raise Refused("audience")
        if claims.get_claim_value(AuthenticationConstants.SERVICE_URL_CLAIM) != activity.service_url:
            raise Refused("service_url")
        return identity

    def _validate_here(self, header: str, activity: Activity, key_id: str) -> AuthenticateRequestResult:
        try:
            return asyncio.run(self._authenticate(header, activity, key_id))
        except (Refused, KeysUnavailable):
            raise
        except Exception as error:  # the SDK says no in a dozen ways, by bare `Exception` among them
            raise Refused("token") from error

    async def _authenticate(self, header: str, activity: Activity, key_id: str) -> AuthenticateRequestResult:
        """With a key of Microsoft's, endorsed for Teams."""
        key = await self._keys.find(key_id)
        if key is None:
            raise Refused("key")
        if CHANNEL_ID not in key.get("endorsements", ()):
            raise Refused("endorsement")
        return await self.authentication.authenticate_request(activity, header)


def _authentication(app_id: str, tenant_id: str, metadata_url: str) -> BotFrameworkAuthentication:
    constants = AuthenticationConstants
    return BotFrameworkAuthenticationFactory.create(
        channel_service="",
        validate_authority=True,
        to_channel_from_bot_login_url=constants.TO_CHANNEL_FROM_BOT_LOGIN_URL_PREFIX
        + (tenant_id or "botframework.com"),
        to_channel_from_bot_oauth_scope=constants.TO_CHANNEL_FROM_BOT_OAUTH_SCOPE,
        to_bot_from_channel_token_issuer=constants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER,
        oauth_url=constants.OAUTH_URL,
        to_bot_from_channel_open_id_metadata_url=metadata_url,
        to_bot_from_emulator_open_id_metadata_url=metadata_url,
        caller_id="",
        credential_factory=PasswordServiceClientCredentialFactory(app_id, "", tenant_id),
        auth_configuration=AuthenticationConfiguration(required_endorsements=[CHANNEL_ID]),
    )


def _read_key_id(header: str) -> str:
    """The id of the key that a token says it is signed with; nothing is believed because of it."""
    scheme, _, token = header.partition(" ")
    if scheme != "Bearer" or not token or len(header) > _MAX_HEADER_CHARACTERS:
        raise Refused("no_token")
    try:
        headers = jwt.get_unverified_header(token)
    except jwt.PyJWTError as error:
        raise Refused("token") from error
    key_id = headers.get("kid")
    if headers.get("alg") != "RS256" or not isinstance(key_id, str):
        raise Refused("algorithm")
    return key_id


def _to_sdk(envelope: Envelope) -> Activity:
    """What the SDK needs to validate a token and to run a turn."""
    return Activity(
        type=envelope.type,
        id=envelope.id,
        name=envelope.name,
        channel_id=envelope.channel_id,
        service_url=envelope.service_url,
        conversation=ConversationAccount(id=envelope.conversation),
        recipient=ChannelAccount(id=envelope.recipient),
    )

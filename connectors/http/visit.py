"""A polite client for one place."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self, TypeVar

import httpx

from connectors.documents import Spent
from connectors.errors import (
    Forbidden,
    HttpRefused,
    NeedsLogin,
    NotFound,
    NotReached,
    OutOfBounds,
    SourceUnavailable,
    WantsRest,
)
from connectors.http.answers import Again, Download, JsonObject, read_json, take_as_it_is
from connectors.http.bounds import Bounds
from connectors.http.pace import Pace, Politeness, backoff_s, retry_after_s
from connectors.http.transport import GuardedTransport, Resolver
from connectors.http.trouble import is_refused_by_proxy, trouble_of
from connectors.http.verdicts import Verdict, judge
from connectors.http.way_out import DIRECT, WayOut
from connectors.http.wire import Question, Wire

Params = Mapping[str, str | int | bool]

USER_AGENT = "helpdesk-bot/1"
_REFUSAL_BYTES = 64 * 1024
"""Of an answer that says no."""
_LONGEST_REST_S = 10 * 366 * 24 * 3600
_REFUSALS = {401: Forbidden, 403: Forbidden, 404: NotFound, 410: NotFound}
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"

T = TypeVar("T")


class Visit:
    """Asks one place, as long as it is open.

    Credentials (`auth`, `headers`) are sent to base_url's own origin and to no other; `hosts` are further hosts that
    requests and redirects may lead to, without them. 429, 5xx, broken answers and lost connections are tried again,
    after `Retry-After` or exponential backoff: POST too, so post only what may be said twice. Up to five redirects
    are followed, GET only. Nothing is kept between requests, cookies included.
    """

    def __init__(
        self,
        source: str,
        *,
        base_url: str,
        hosts: Collection[str] = (),
        auth: httpx.Auth | None = None,
        headers: Mapping[str, str] | None = None,
        politeness: Politeness | None = None,
        classify: Callable[[httpx.Response], Verdict] = judge,
        is_in_private_network: bool = False,
        way_out: WayOut = DIRECT,
        user_agent: str = USER_AGENT,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        resolver: Resolver | None = None,
    ) -> None:
        """`source` names the place in errors. base_url begins with https://, on loopback also with http://.

        `is_in_private_network`: base_url's host may have an address of a company's own network. One that is written as
        an address, or as localhost, is taken at its word. Raises ValueError for a base_url that can't be asked.
        """
        self._source = source
        self._bounds = Bounds(base_url, hosts=hosts, is_in_private_network=is_in_private_network)
        self._politeness = politeness or Politeness()
        self._classify = classify
        self._sleep = sleep
        self._pace = Pace(self._politeness, sleep=sleep, monotonic=time.monotonic)
        self._wire = Wire(
            self._bounds,
            GuardedTransport(self._bounds, resolver=resolver, way_out=way_out),
            auth=auth,
            headers=dict(headers or {}),
            user_agent=user_agent,
            timeout_s=self._politeness.timeout_s,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._wire.aclose()

    @property
    def spent(self) -> Spent:
        """Requests that went out, redirects, retries and token requests included; points as the callers said."""
        return Spent(requests=self._wire.requests, points=self._pace.points)

    def slow_down(self, interval_s: float) -> None:
        """From now on let at least this long pass between the starts of two requests."""
        self._pace.slow_down(interval_s)

    async def get_json(
        self,
        path_or_url: str,
        *,
        params: Params | None = None,
        points: int = 1,
        headers: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """A JSON object. `path_or_url` is a path under base_url, with its own query or not, or a whole address."""
        asked = self._question("GET", path_or_url, params=params, points=points, headers=headers, accept=_JSON)
        return await self._ask(asked, read_json)

    async def post_form(
        self,
        path_or_url: str,
        *,
        form: Mapping[str, str],
        points: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> JsonObject:
        """Posts `form` as a browser would, which is how token endpoints are asked."""
        asked = self._question("POST", path_or_url, points=points, headers=headers, accept=_JSON)
        return await self._ask(asked.saying(str(httpx.QueryParams(form)).encode(), media_type=_FORM), read_json)

    async def get_bytes(
        self,
        path_or_url: str,
        *,
        max_bytes: int,
        params: Params | None = None,
        points: int = 1,
        headers: Mapping[str, str] | None = None,
        follow_redirects: bool = True,
    ) -> Download:
        """Raises TooLarge for an answer of more than `max_bytes`, unpacked, as soon as that is seen.

        Without `follow_redirects` a redirect is handed to `classify` as the answer that it is.
        """
        asked = self._question("GET", path_or_url, params=params, points=points, headers=headers, max_bytes=max_bytes)
        return await self._ask(replace(asked, follows=follow_redirects), take_as_it_is)

    async def send_once(
        self,
        method: str,
        path_or_url: str,
        *,
        json: object = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Download:
        """One attempt, and its answer whatever the status; a redirect is an answer too. For what changes something.

        Raises NotReached where nothing was sent, SourceUnavailable where the answer was lost, and RequestFailed.
        """
        asked = self._question(method, path_or_url, params=params, points=1, headers=headers, accept=_JSON)
        if json is not None:
            asked = asked.saying(_as_json(json), media_type=_JSON)
        async with self._pace.turn(asked.points):
            try:
                async with asyncio.timeout(self._politeness.max_answer_s):
                    return take_as_it_is(await self._wire.send(asked))
            except _UNSENT as error:
                raise NotReached(self._source, f"no connection ({trouble_of(error)})") from error
            except httpx.LocalProtocolError as error:
                raise OutOfBounds("the request holds what HTTP can't carry") from error
            except (TimeoutError, httpx.TransportError, httpx.DecodingError) as error:
                raise SourceUnavailable(self._source, f"no whole answer ({type(error).__name__})") from error

    def _question(
        self,
        method: str,
        path_or_url: str,
        *,
        points: int,
        headers: Mapping[str, str] | None,
        params: Params | None = None,
        accept: str = "*/*",
        max_bytes: int | None = None,
    ) -> Question:
        most = self._politeness.max_response_bytes
        return Question(
            method=method,
            url=self._bounds.resolve(path_or_url).copy_merge_params(params or {}),
            points=points,
            headers={"accept": accept, **(headers or {})},
            max_bytes=most if max_bytes is None else min(max_bytes, most),
        )

    async def _ask(self, question: Question, read: Callable[[httpx.Response], T | Again]) -> T:
        """What `read` makes of the first good answer."""
        attempt = 1
        while True:
            outcome = await self._try(question)
            taken = outcome if isinstance(outcome, Again) else read(outcome)
            if not isinstance(taken, Again):
                return taken
            if attempt == self._politeness.max_attempts:
                tries = f" ({attempt} attempts)" if attempt > 1 else ""
                raise SourceUnavailable(self._source, f"{taken.reason}{tries}")
            await self._wait(taken, attempt)
            attempt += 1

    async def _wait(self, again: Again, attempt: int) -> None:
        """The pause that the place asks for holds for everyone who asks it; one of our own, for this request."""
        most = self._politeness.max_wait_s
        if again.retry_after_s is None:
            await self._sleep(backoff_s(attempt, at_most_s=most))
        elif again.retry_after_s <= most:
            self._pace.rest(again.retry_after_s)
        else:
            rest = timedelta(seconds=min(again.retry_after_s, _LONGEST_REST_S))
            raise WantsRest(self._source, again.reason, until=datetime.now(UTC) + rest)

    async def _try(self, question: Question) -> httpx.Response | Again:
        """One attempt, redirects included. Raises what another attempt would not mend."""
        async with self._pace.turn(question.points):
            try:
                async with asyncio.timeout(self._politeness.max_answer_s):
                    response = await self._wire.follow(question)
            except TimeoutError:
                return Again(reason=f"no whole answer within {self._politeness.max_answer_s:g} s")
            except httpx.LocalProtocolError as error:
                raise OutOfBounds("the request holds what HTTP can't carry") from error
            except (httpx.TransportError, httpx.DecodingError) as error:
                if is_refused_by_proxy(error):
                    raise NotReached(self._source, trouble_of(error)) from error
                return Again(reason=f"no answer ({trouble_of(error)})")
        return self._judged(response)

    def _judged(self, response: httpx.Response) -> httpx.Response | Again:
        status = response.status_code
        match self._classify(response):
            case Verdict.FINE:
                return response
            case Verdict.TRY_AGAIN:
                return Again(reason=f"HTTP {status}", retry_after_s=retry_after_s(response))
            case Verdict.LOG_IN:
                raise NeedsLogin(self._source, f"it refuses the credentials (HTTP {status})")
            case Verdict.REFUSED:
                kind = _REFUSALS.get(status, HttpRefused)
                raise kind(status, f"HTTP {status}", content=response.content[:_REFUSAL_BYTES])


def _as_json(content: object) -> bytes:
    return json.dumps(content).encode()

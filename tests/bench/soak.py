"""How many questions the bot answers a second, and whether it stays healthy: `python -m tests.bench.soak --minutes 10`.

A web, two workers and a scheduler as processes of their own, on a Postgres of their own with the starter knowledge, and
a strict Slack on loopback. First the queue is filled at once: so many answers a second is the most. Then an office
(`tests.bench.traffic`) goes on at a share of that, with signs of life taken all the while; at the end nothing may be
lost, said twice or left over. `--kill-every 10` goes on as long once more, while one of the two workers after the other
is killed (SIGKILL) and started anew, when both are there; `--deploy-every` stops them with SIGTERM instead, and
`--restart-database-every` kills Postgres.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from helpdesk_bot.database import migrate_all
from knowledge.embedded_postgres import embedded_postgres
from tests.bench.acknowledgement import free_port, running, until_healthy
from tests.bench.first_words import quote
from tests.bench.traffic import PEOPLE_CHANNEL, Asked, Traffic
from tests.bench.vitals import Sample, cpu_of_postgres, find_faults, look_at, mib_a_thousand, take_sample
from tests.fakes.model_server import ModelServer
from tests.fakes.slack import Json, SlackServer
from tests.killing import kill_postgres

WORKERS = ("worker-1", "worker-2")
WARM_QUESTIONS = 30
MANY_QUESTIONS = 100
REST_WITHIN_S = 180.0
SAMPLE_EVERY_S = 5.0
BOT = (sys.executable, "-m", "helpdesk_bot")


@dataclass(kw_only=True)
class Part:
    """A process of the bot that can be ended and started again."""

    name: str
    command: str
    work: Path
    settings: dict[str, str]
    port: int = field(default_factory=free_port)
    pid: int = 0
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start(self) -> None:
        folder = self.work / self.name
        folder.mkdir(exist_ok=True)
        ports = {"HELPDESK_PORT": str(self.port), "HELPDESK_HEALTH_PORT": str(self.port)}
        self._process = await self._stack.enter_async_context(
            running(*BOT, self.command, cwd=folder, **self.settings | ports)
        )
        self.pid = self._process.pid

    async def until_there(self) -> float:
        """Seconds until it works."""
        began = time.monotonic()
        await until_healthy(f"http://127.0.0.1:{self.port}", path="/readyz")
        return time.monotonic() - began

    async def end(self, *, kill: bool = False) -> None:
        """SIGTERM, and wait; or SIGKILL."""
        if kill:
            self._process.kill()
        await self._stack.aclose()

    def complaints(self) -> Counter[str]:
        """What it logged as more than information."""
        lines = (self.work / self.name / f"{self.command}.log").read_text("utf-8").splitlines()
        return Counter(line for line in map(_complaint, lines) if line)


def _complaint(line: str) -> str:
    try:
        said = json.loads(line)
    except ValueError:
        return ""
    return f"{said['level']}: {said['event']}" if said.get("level") in {"warning", "error", "critical"} else ""


@dataclass(kw_only=True)
class Rig:
    url: str
    slack: SlackServer
    traffic: Traffic
    database: Path
    parts: dict[str, Part]
    servers: ExitStack
    samples: list[Sample] = field(default_factory=list)
    starts_s: list[float] = field(default_factory=list)
    """What workers took to be there again."""

    async def watch(self) -> None:
        while True:
            await asyncio.sleep(SAMPLE_EVERY_S)
            if sample := await take_sample(self.url, {name: part.pid for name, part in self.parts.items()}):
                self.samples.append(sample)

    async def replace_workers(self, every_s: float, *, kill: bool) -> None:
        for name in itertools.cycle(WORKERS):
            await asyncio.sleep(every_s)
            await self.parts[name].end(kill=kill)
            await self.parts[name].start()
            self.starts_s.append(await self.parts[name].until_there())

    async def restart_database(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(every_s)
            await asyncio.to_thread(kill_postgres, self.database)
            await asyncio.to_thread(self.servers.enter_context, embedded_postgres(self.database))

    def cpu_s(self) -> dict[str, float]:
        """Seconds of CPU so far, by part; those of a part that was started again are its own."""
        workers = [look_at(psutil.Process(self.parts[name].pid)).cpu_s for name in WORKERS]
        return {
            "web": look_at(psutil.Process(self.parts["web"].pid)).cpu_s,
            "workers": sum(workers),
            "Postgres": cpu_of_postgres(self.database),
            "this bench": time.process_time(),
        }

    def seen(self) -> dict[str, float]:
        """When the reply to each question was first there, by question key."""
        seen: dict[str, float] = {}
        for call in self.slack.calls:
            marker, is_whole = _marker_of(call.arguments)
            if marker.startswith("reply:") and is_whole and not call.error:
                seen.setdefault(marker.removeprefix("reply:"), call.at)
        return seen

    async def rest(self) -> None:
        """Until nothing is left to do."""
        async with asyncio.timeout(REST_WITHIN_S):
            while True:
                sample = await take_sample(self.url, {})
                if sample and not (sample.open or sample.todo or sample.doing):
                    return
                await asyncio.sleep(0.5)


def _marker_of(arguments: Json) -> tuple[str, bool]:
    metadata = arguments.get("metadata")
    if isinstance(metadata, str):
        metadata = json.loads(metadata)
    payload = (metadata or {}).get("event_payload", {})
    return str(payload.get("marker", "")), not payload.get("draft")


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of the run."""

    name: str
    began: float
    ended: float

    def tell(self, rig: Rig) -> None:
        seen = rig.seen()
        asked = [one for one in rig.traffic.asked.values() if self.began <= one.at < self.ended]
        took = sorted(seen[one.key] - one.at for one in asked if one.key in seen)
        answered = sum(self.began <= at < self.ended for at in seen.values())
        acknowledged = sorted(one.acknowledged_at - one.at for one in asked)
        seconds = self.ended - self.began
        print(
            f"{self.name}: {len(asked)} asked and {answered} answered in {seconds:.0f} s"
            f" ({answered / seconds:.1f} a second, {answered / max(1, len(asked)):.0%});"
            f" acknowledged after {_spread(acknowledged)}, answered after {_spread(took)}",
            flush=True,
        )


def _spread(seconds: list[float]) -> str:
    if len(seconds) < 2:
        return "?"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"{cuts[49]:.2f} s at the median, {cuts[94]:.2f} at p95, {seconds[-1]:.2f} at most"


async def fill(rig: Rig, name: str, questions: int) -> float:
    """Ask so many at once; answers a second until the last is there."""
    before, used = set(rig.traffic.asked), rig.cpu_s()
    began = time.monotonic()
    await rig.traffic.ask(rate=100, seconds=questions / 100, beside=False)
    await rig.rest()
    seen = rig.seen()
    answered = [seen[key] for key in rig.traffic.asked if key not in before and key in seen]
    rate = len(answered) / (max(answered) - began)
    cost = {part: (now - used[part]) * 1000 / len(answered) for part, now in rig.cpu_s().items() if part in used}
    told = ", ".join(f"{part} {ms:.0f}" for part, ms in cost.items())
    print(
        f"{name}: {len(answered)} questions at once, {rate:.1f} answers a second; CPU ms an answer: {told}", flush=True
    )
    return rate


async def live(rig: Rig, name: str, *, rate: float, seconds: float) -> None:
    began = time.monotonic()
    await rig.traffic.ask(rate=rate, seconds=seconds)
    span = Span(name=name, began=began, ended=time.monotonic())
    await rig.rest()
    span.tell(rig)


@asynccontextmanager
async def _beside(*works) -> AsyncGenerator[None]:
    tasks = [asyncio.create_task(work) for work in works]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


def tell_signs(rig: Rig) -> None:
    """First and last of each sign, and growth by what was done."""
    samples = rig.samples
    lives: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples:
        for name in sample.processes:
            lives[name].append(sample)
    for name, own in lives.items():
        if own[-1].ended - own[0].ended < 100:
            continue
        first, last = own[0].processes[name], own[-1].processes[name]
        half = own[len(own) // 2 :]
        done = own[-1].ended - own[0].ended
        print(
            f"  {name}: {first.rss_mib:.0f} to {last.rss_mib:.0f} MiB over {done} questions,"
            f" {mib_a_thousand(half, name):+.1f} MiB a thousand in its second half; files {first.fds} to {last.fds}"
            f" (at most {max(one.processes[name].fds for one in own)}), threads {first.threads} to {last.threads};"
            f" CPU {(last.cpu_s - first.cpu_s) * 1000 / done:.0f} ms a question"
        )
    print(
        f"  Postgres: {samples[0].connections} to {samples[-1].connections} connections, at most"
        f" {max(one.connections for one in samples)}; waiting jobs at most {max(one.todo for one in samples)}"
    )
    last = samples[-1]
    for name in sorted(last.bytes, key=last.bytes.__getitem__, reverse=True)[:12]:
        print(
            f"  {name}: {samples[0].bytes[name] / 2**20:.1f} to {last.bytes[name] / 2**20:.1f} MiB,"
            f" dead rows {last.dead[name]}, at most {max(one.dead[name] for one in samples)}"
        )


async def tell_faults(rig: Rig) -> int:
    """Print what must not be; how much of it there is."""
    faults = await find_faults(rig.url)
    posted: Counter[str] = Counter()
    for marker, part in _posted(rig.slack):
        posted[f"{marker} part {part}"] += 1
    faults["said twice"] = [name for name, count in posted.items() if count > 1]
    said = {name.removeprefix("reply:").rpartition(" part ")[0] for name in posted if name.startswith("reply:")}
    is_unsaid: Callable[[Asked], bool] = lambda one: one.key not in said and one.key not in rig.traffic.deleted  # noqa: E731
    faults["never answered"] = [one.key for one in rig.traffic.asked.values() if is_unsaid(one)]
    faults["said though taken back"] = sorted(said & rig.traffic.deleted)
    found = {name: keys for name, keys in faults.items() if keys}
    for name, keys in found.items():
        print(f"  FAULT {name}: {len(keys)}, such as {keys[:3]}")
    traffic = rig.traffic
    print(
        f"{traffic.events} events, {traffic.refused} of them refused and sent again, {traffic.lost} never taken in;"
        f" {len(traffic.asked)} questions, {len(traffic.edited)} corrected, {len(traffic.deleted)} taken back;"
        f" faults: {sum(map(len, found.values()))}"
    )
    for part in rig.parts.values():
        for complaint, times in part.complaints().most_common(6):
            print(f"  {part.name} {complaint}: {times}")
    return sum(map(len, found.values()))


def _posted(slack: SlackServer) -> Iterator[tuple[str, int]]:
    for channel in slack.channels():
        for message in slack.posted(channel):
            payload = (message.get("metadata") or {}).get("event_payload", {})
            yield payload.get("marker", message["ts"]), payload.get("part", 1)


@asynccontextmanager
async def open_rig(work: Path, *, with_model: bool) -> AsyncGenerator[Rig]:
    async with AsyncExitStack() as stack:
        servers = stack.enter_context(ExitStack())
        url = servers.enter_context(embedded_postgres(work / "db"))
        slack = await stack.enter_async_context(SlackServer())
        settings = {
            "DATABASE_URL": url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.base_url,
            "SLACK_ESCALATION_CHANNEL": PEOPLE_CHANNEL,
            "HELPDESK_ADMINS": "u000@example.com",
        }
        if with_model:
            model = await stack.enter_async_context(ModelServer())
            model.reply(quote)
            settings |= {"MODEL": "openai:scripted", "MODEL_API_KEY": "none", "MODEL_BASE_URL": model.base_url}
        await migrate_all(url)
        async with running(*BOT, "sync", "starter", cwd=work, **settings) as syncing:
            assert await syncing.wait() == 0, (work / "starter.log").read_text("utf-8")
        commands = {"web": "web", **dict.fromkeys(WORKERS, "worker"), "scheduler": "scheduler"}
        parts = {
            name: Part(name=name, command=command, work=work, settings=settings) for name, command in commands.items()
        }
        for part in parts.values():
            await part.start()
            stack.push_async_callback(part.end)
        limits = httpx.Limits(max_connections=100)
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{parts['web'].port}", timeout=10, limits=limits)
        )
        traffic = Traffic(slack=slack, client=client, chance=random.Random(1))
        traffic.open_office()
        for part in parts.values():
            await part.until_there()
        yield Rig(url=url, slack=slack, traffic=traffic, database=work / "db", parts=parts, servers=servers)


async def run(options: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="helpdesk-bot-") as folder:
        async with open_rig(Path(folder), with_model=options.model) as rig:
            await fill(rig, "warm", WARM_QUESTIONS)
            most = await fill(rig, "at the most", MANY_QUESTIONS)
            rate, seconds = options.rate or most * options.share, options.minutes * 60
            rig.traffic.asked.clear()
            troubles = {
                f"with a worker killed every {options.kill_every:.0f} s": options.kill_every
                and (lambda: rig.replace_workers(options.kill_every, kill=True)),
                f"with a worker replaced every {options.deploy_every:.0f} s": options.deploy_every
                and (lambda: rig.replace_workers(options.deploy_every, kill=False)),
                f"with the database killed every {options.restart_database_every:.0f} s": options.restart_database_every
                and (lambda: rig.restart_database(options.restart_database_every)),
            }
            async with _beside(rig.watch()):
                await live(rig, "undisturbed", rate=rate, seconds=seconds)
                for name, trouble in troubles.items():
                    if trouble:
                        async with _beside(trouble()):
                            await live(rig, name, rate=rate, seconds=seconds)
                        if rig.starts_s:
                            print(f"  a worker was there again after {_spread(sorted(rig.starts_s))}")
                        rig.starts_s.clear()
            tell_signs(rig)
            return await tell_faults(rig)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5, help="of each stretch: undisturbed, and with each trouble")
    parser.add_argument("--share", type=float, default=0.5, help="of the most answers a second")
    parser.add_argument("--rate", type=float, default=0, help="questions a second, instead of a share")
    parser.add_argument("--kill-every", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--deploy-every", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--restart-database-every", type=float, default=0, metavar="SECONDS")
    parser.add_argument("--model", action="store_true", help="with a scripted model that quotes")
    sys.exit(min(1, asyncio.run(run(parser.parse_args()))))


if __name__ == "__main__":
    main()

"""How a growing answer keeps to the pace that Teams sets: one request a second."""

from helpdesk_bot.chat.teams.stream import PERIOD_S, GrowingMessage
from helpdesk_bot.json_object import JsonObject


class SlowTeams:
    """Takes half a second for each request, and knows when each arrived at the latest: when its answer came."""

    def __init__(self) -> None:
        self.now = 100.0
        self.arrived_at: list[float] = []
        self.asked_at: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds

    async def send(self, _: JsonObject) -> str:
        self.asked_at.append(self.now)
        self.now += 0.5
        self.arrived_at.append(self.now)
        return "stream-1"


async def test_the_next_piece_waits_a_second_from_when_teams_had_the_last_one() -> None:
    teams = SlowTeams()
    growing = GrowingMessage(teams.send, clock=teams.clock, sleep=teams.sleep)
    await growing.show("Open the client. ")
    teams.now += 0.6  # more than a second since it was sent, less since it arrived
    await growing.show("Open the client. Sign in. ")
    await growing.end({"type": "message", "text": "Open the client. Sign in."})

    assert len(teams.asked_at) == 2
    assert teams.asked_at[1] - teams.arrived_at[0] >= PERIOD_S

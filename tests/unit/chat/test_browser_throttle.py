from helpdesk_bot.chat.browser import throttle
from helpdesk_bot.chat.browser.throttle import Throttle


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_minutes_share_may_come_at_once_and_no_more() -> None:
    gate = Throttle(per_minute=3, clock_s=Clock())
    assert [gate.admit("a") for _ in range(4)] == [True, True, True, False]


def test_one_address_does_not_hold_up_another() -> None:
    gate = Throttle(per_minute=1, clock_s=Clock())
    assert gate.admit("a")
    assert gate.admit("b")


def test_the_share_comes_back_evenly() -> None:
    clock = Clock()
    gate = Throttle(per_minute=6, clock_s=clock)
    for _ in range(6):
        gate.admit("a")
    clock.now_s = 9.9
    assert not gate.admit("a")
    clock.now_s = 10.1
    assert gate.admit("a")
    clock.now_s = 1_000
    assert [gate.admit("a") for _ in range(7)] == [True] * 6 + [False]


def test_addresses_that_rested_are_forgotten_and_the_others_are_not() -> None:
    clock = Clock()
    gate = Throttle(per_minute=2, clock_s=clock)
    for number in range(throttle.MAX_ADDRESSES):
        gate.admit(f"old {number}")
    clock.now_s = 59
    gate.admit("busy")
    gate.admit("busy")
    clock.now_s = 61
    gate.admit("new")
    assert len(gate._buckets) == 2  # pyright: ignore[reportPrivateUsage]
    assert gate.admit("busy") is False

"""The pace of calls, on a clock that only moves when it is slept on or told to."""

import pytest
from amazon.pace import Pace
from hypothesis import given
from hypothesis import strategies as st

# Sums of floats: a call may seem early by less than this.
ROUNDING = 1e-6


class Clock:
    """Seconds that pass only in ``sleep`` and ``work``."""

    def __init__(self):
        self.now = 1000.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds

    def work(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def make_pace(clock, rate, sleep=None):
    return Pace(rate, clock=clock, sleep=sleep or clock.sleep)


def moments(clock, pace, count):
    called = []
    for _call in range(count):
        pace.wait()
        called.append(clock.now - 1000.0)
    return called


def test_the_first_call_goes_at_once(clock):
    make_pace(clock, 2.0).wait()
    assert clock.slept == []


def test_calls_follow_each_other_at_the_rate(clock):
    pace = make_pace(clock, 2.0)
    assert moments(clock, pace, 5) == pytest.approx([0.0, 0.5, 1.0, 1.5, 2.0])


def test_work_between_calls_counts_as_waiting(clock):
    pace = make_pace(clock, 2.0)
    pace.wait()
    clock.work(0.3)
    pace.wait()
    assert clock.slept == pytest.approx([0.2])


def test_a_call_after_slow_work_is_not_delayed(clock):
    pace = make_pace(clock, 2.0)
    pace.wait()
    clock.work(0.7)
    pace.wait()
    assert clock.slept == []


def test_a_long_pause_grants_no_burst_afterwards(clock):
    pace = make_pace(clock, 2.0)
    pace.wait()
    clock.work(60)
    assert moments(clock, pace, 3) == pytest.approx([60.0, 60.5, 61.0])


def test_a_pause_before_the_first_call_grants_no_burst(clock):
    pace = make_pace(clock, 2.0)
    clock.work(60)
    assert moments(clock, pace, 2) == pytest.approx([60.0, 60.5])


def test_a_faster_granted_rate_counts_from_the_next_call(clock):
    pace = make_pace(clock, 2.0)
    pace.wait()
    pace.adopt(10.0)
    assert moments(clock, pace, 3) == pytest.approx([0.1, 0.2, 0.3])


def test_a_slower_granted_rate_counts_from_the_next_call(clock):
    pace = make_pace(clock, 2.0)
    pace.wait()
    pace.adopt(0.1)
    assert moments(clock, pace, 2) == pytest.approx([10.0, 20.0])


@pytest.mark.parametrize("told", [None, 0.0])
def test_an_answer_without_a_rate_changes_nothing(clock, told):
    pace = make_pace(clock, 2.0)
    pace.wait()
    pace.adopt(told)
    assert moments(clock, pace, 2) == pytest.approx([0.5, 1.0])


def test_a_sleep_that_ends_early_does_not_speed_up_what_follows(clock):
    pace = make_pace(clock, 1.0, sleep=lambda seconds: clock.sleep(seconds / 2))
    pace.wait()
    pace.wait()
    assert clock.now == pytest.approx(1000.5)
    pace.wait()
    # The next one is due two seconds after the first; half of the rest was slept.
    assert clock.now == pytest.approx(1001.25)


RATES = st.floats(min_value=0.01, max_value=50)


@given(
    rate=RATES,
    steps=st.lists(
        st.tuples(st.floats(min_value=0, max_value=200), st.none() | RATES), max_size=30
    ),
)
def test_no_two_calls_are_ever_closer_than_the_rate_in_force_allows(rate, steps):
    clock = Clock()
    pace = make_pace(clock, rate)
    pace.wait()
    for pause, granted in steps:
        before = clock.now
        pace.adopt(granted)
        rate = granted or rate
        clock.work(pause)
        pace.wait()
        assert clock.now - before >= 1 / rate - ROUNDING


@given(rate=RATES, count=st.integers(min_value=1, max_value=40))
def test_a_steady_drain_leaves_at_the_whole_rate(rate, count):
    clock = Clock()
    taken = moments(clock, make_pace(clock, rate), count)[-1]
    assert taken == pytest.approx((count - 1) / rate)

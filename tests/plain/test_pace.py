"""The token bucket, held against Amazon's own, reckoned call by call."""

import pytest
from amazon.pace import MOST_AHEAD, Bucket
from hypothesis import given
from hypothesis import strategies as st

# Sums of floats: a call may seem early by less than this part of a token.
ROUNDING = 1e-4
START = 1_800_000_000.0


class Amazon:
    """The bucket on the other side: refuses what comes without a token."""

    def __init__(self, rate, burst, tokens):
        self.rate, self.burst, self.tokens, self.seen = rate, burst, tokens, START

    def take(self, now):
        self.tokens = min(self.burst, self.tokens + (now - self.seen) * self.rate)
        self.seen = now
        self.tokens -= 1
        return self.tokens >= -ROUNDING


def call(bucket, count, now=START):
    """Moments of so many calls, one after the other, from the start."""
    moments = []
    for __ in range(count):
        wait, bucket = bucket.take(now)
        now += wait
        moments.append(now - START)
    return moments


def test_a_new_bucket_holds_one_token():
    bucket = Bucket.without_burst(2.0, 5, START)
    assert call(bucket, 4) == pytest.approx([0.0, 0.5, 1.0, 1.5])


def test_a_rested_bucket_grants_its_burst_and_then_the_rate():
    bucket = Bucket(2.0, 3, START - 60)
    assert call(bucket, 5) == pytest.approx([0.0, 0.0, 0.0, 0.5, 1.0])


def test_work_between_calls_counts_as_waiting():
    __, bucket = Bucket.without_burst(2.0, 5, START).take(START)
    assert bucket.take(START + 0.3)[0] == pytest.approx(0.2)


def test_tokens_of_the_future_are_shared_out_in_turn():
    """Several workers at once: each waits for a token of its own."""
    bucket, waits = Bucket.without_burst(2.0, 5, START), []
    for __ in range(4):
        wait, bucket = bucket.take(START)
        waits.append(wait)
    assert waits == pytest.approx([0.0, 0.5, 1.0, 1.5])


def test_a_clock_that_was_put_back_makes_nobody_wait_for_it():
    bucket = Bucket(2.0, 5, START + 3600)
    assert bucket.take(START)[0] <= (MOST_AHEAD + 1) / 2.0


def test_another_rate_counts_from_the_next_call():
    __, bucket = Bucket.without_burst(2.0, 1, START).take(START)
    assert Bucket(0.1, 1, bucket.full_at).take(START + 0.5)[0] == pytest.approx(0.0)
    __, slow = Bucket(0.1, 1, bucket.full_at).take(START + 0.5)
    assert slow.take(START + 0.5)[0] == pytest.approx(10.0)


RATES = st.floats(min_value=0.01, max_value=50)
PAUSES = st.lists(st.floats(min_value=0, max_value=200), max_size=60)


@given(rate=RATES, burst=st.integers(1, 10), spare=st.integers(0, 5), pauses=PAUSES)
def test_amazon_never_refuses_whatever_the_pauses(rate, burst, spare, pauses):
    amazon = Amazon(rate, burst + spare, tokens=1 + spare)
    bucket, now = Bucket.without_burst(rate, burst, START), START
    for pause in (0.0, *pauses):
        now += pause
        wait, bucket = bucket.take(now)
        now += wait
        assert amazon.take(now)


@given(rate=RATES, count=st.integers(min_value=1, max_value=40))
def test_a_steady_drain_leaves_at_the_whole_rate(rate, count):
    taken = call(Bucket.without_burst(rate, 5, START), count)[-1]
    assert taken == pytest.approx((count - 1) / rate, rel=1e-4, abs=1e-4)

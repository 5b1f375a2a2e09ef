"""The window that counts what a key has asked for."""

import threading

import pytest
from carriers.errors import Throttled
from carriers.windows import Windows, WindowsByKey


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def windows(clock):
    return Windows({"read": 3, "make": 1}, 300, clock)


def test_so_many_calls_as_allowed_go_through_and_the_next_says_when(windows, clock):
    for _ in range(3):
        windows.take("read")
        clock.now += 10
    with pytest.raises(Throttled) as caught:
        windows.take("read")
    assert caught.value.retry_after == 270


def test_the_window_slides(windows, clock):
    for _ in range(3):
        windows.take("read")
        clock.now += 100
    windows.take("read")
    with pytest.raises(Throttled):
        windows.take("read")


def test_each_kind_counts_for_itself(windows):
    windows.take("make")
    windows.take("read")
    with pytest.raises(Throttled):
        windows.take("make")


def test_what_was_never_sent_does_not_count(windows, clock):
    windows.take("make")
    for _ in range(5):
        with pytest.raises(Throttled):
            windows.take("make")
    clock.now += 300
    windows.take("make")


@pytest.mark.parametrize(("told", "waits"), [(40.0, 40.0), (None, 5), (0.0, 0)])
def test_a_refusal_shuts_the_door_for_as_long_as_it_says(windows, clock, told, waits):
    windows.shut("read", told)
    if waits:
        with pytest.raises(Throttled) as caught:
            windows.take("read")
        assert caught.value.retry_after == waits
    windows.take("make")
    clock.now += waits
    windows.take("read")


def test_threads_do_not_get_past_the_limit(clock):
    windows, taken = Windows({"read": 50}, 300, clock), []

    def ask():
        for _ in range(20):
            try:
                windows.take("read")
            except Throttled:
                return
            taken.append(1)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 50


def test_each_key_has_its_own_window_and_none_is_kept():
    by_key = WindowsByKey({"read": 1}, 300)
    by_key.of("first-key").take("read")
    by_key.of("second-key").take("read")
    with pytest.raises(Throttled):
        by_key.of("first-key").take("read")
    assert "first-key" not in repr(vars(by_key))

"""Waiting for what another process does."""

import itertools

import pytest

from devtools.waiting import wait_until


def test_first_true_answer_is_given_back():
    answers = iter(["", None, 0, "there", "too late"])
    assert wait_until(lambda: next(answers), 5, "an answer", every=0) == "there"


def test_what_did_not_happen_is_told():
    with pytest.raises(TimeoutError, match="not within 0.05 s: the snow"):
        wait_until(lambda: False, 0.05, "the snow", every=0.01)


def test_condition_is_asked_at_least_once():
    assert wait_until(lambda: "at once", 0, "nothing") == "at once"


def test_error_of_the_condition_comes_through():
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 / 0, 5, "a number")


def test_something_else_is_done_meanwhile():
    calls = []
    answers = itertools.chain([False] * 3, itertools.repeat(True))
    wait_until(
        lambda: next(answers), 5, "it", every=0, meanwhile=lambda: calls.append(1)
    )
    assert calls == [1]

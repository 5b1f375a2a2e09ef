"""Several calls at once: how many, in which thread, and what an error stops."""

import threading
from concurrent.futures import wait

import pytest
from carriers.errors import Throttled
from carriers.labelling import Outcome
from carriers.parallel import Asking


class Line:
    """Answers only when as many calls as can be are there at once."""

    def __init__(self, connections):
        self._barrier = threading.Barrier(connections, timeout=5)
        self._lock = threading.Lock()
        self.open = self.most = 0

    def ask(self, question):
        with self._lock:
            self.open += 1
            self.most = max(self.most, self.open)
        self._barrier.wait()
        with self._lock:
            self.open -= 1
        return Outcome(created={question: question})


def run(ask, questions, connections=1, store=None, **options):
    """What was stored, and what :meth:`Asking.run` returned."""
    stored = []
    keep = store or (lambda question, outcome: stored.append(question))
    return stored, Asking(ask, keep, connections, **options).run(questions)


def answer(question):
    return Outcome(created={question: question})


def test_as_many_are_asked_at_once_as_there_are_connections_and_no_more():
    line = Line(3)
    stored, error = run(line.ask, list("abcdef"), connections=3)
    assert (sorted(stored), error, line.most) == (list("abcdef"), None, 3)


def test_one_connection_asks_one_after_the_other():
    stored, error = run(Line(1).ask, list("abc"))
    assert (stored, error) == (list("abc"), None)


def test_nothing_to_ask_is_no_error():
    assert run(answer, []) == ([], None)


def test_questions_are_prepared_and_answers_stored_by_the_callers_thread():
    threads = []

    def questions():
        for name in "abc":
            threads.append(threading.current_thread())
            yield name

    run(answer, questions(), 2, lambda *a: threads.append(threading.current_thread()))
    assert set(threads) == {threading.current_thread()}


@pytest.mark.parametrize(
    ("is_repeatable", "expected"), [(False, [1, 2, 3, 4]), (True, [2, 3, 4, 4])]
)
def test_only_an_answer_that_can_be_had_again_waits_for_the_next_question(
    is_repeatable, expected
):
    prepared, seen = [], []

    def questions():
        for name in "abcd":
            prepared.append(name)
            yield name

    def store(*_answer):
        seen.append(len(prepared))

    run(answer, questions(), 1, store, is_repeatable=is_repeatable)
    assert seen == expected


@pytest.mark.parametrize("is_repeatable", [False, True])
def test_after_an_error_none_is_asked_any_more_and_the_first_is_told(is_repeatable):
    first = Throttled(1)
    errors = {"b": first, "c": Throttled(2)}
    stored, error = run(
        lambda q: Outcome(error=errors.get(q)), "abcdef", is_repeatable=is_repeatable
    )
    assert (stored, error) == (["a", "b"], first)


def test_spare_work_is_done_piece_by_piece_until_there_is_an_answer():
    finished = threading.Event()
    done, threads, stored = [], [], []

    def ask(question):
        assert finished.wait(5)
        return answer(question)

    def spare():
        for piece in "123":
            done.append(piece)
            threads.append(threading.current_thread())
            if piece == "2":
                finished.set()
                wait(list(asking._running))
            yield

    asking = Asking(ask, lambda question, _outcome: stored.append(question), 1)
    asking.run("a", spare())
    assert (done, stored) == (["1", "2"], ["a"])
    assert set(threads) == {threading.current_thread()}


def test_answers_are_waited_for_when_the_spare_work_is_done():
    done = threading.Event()

    def spare():
        yield
        yield
        done.set()

    def ask(question):
        assert done.wait(5)
        return answer(question)

    asked = []
    assert (
        Asking(ask, lambda *pair: asked.append(pair[0]), 2).run("ab", spare()) is None
    )
    assert sorted(asked) == ["a", "b"]


@pytest.mark.parametrize("fails", ["ask", "store", "questions", "spare"])
def test_what_was_asked_is_stored_whatever_happens_to_another(fails):
    both = threading.Barrier(2, timeout=5)
    stored = []

    def questions():
        yield "a"
        yield "b"
        if fails == "questions":
            raise ValueError("questions")
        yield "c"

    def ask(question):
        if question in "ab":
            both.wait()
        if (fails, question) == ("ask", "a"):
            raise ValueError("ask")
        return answer(question)

    def store(question, outcome):
        if (fails, question) == ("store", "a"):
            raise ValueError("store")
        stored.append(question)

    def spare():
        if fails == "spare":
            raise ValueError("spare")
        yield

    with pytest.raises(ValueError, match=fails):
        Asking(ask, store, 2).run(questions(), spare())
    assert "b" in stored
    assert ("a" in stored) == (fails in ("questions", "spare"))

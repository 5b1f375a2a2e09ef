"""Several calls at once: how many, in which thread, and what an error stops."""

import threading

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


def run(ask, questions, connections=1, store=None):
    """What was stored, and what :meth:`Asking.run` returned."""
    stored = []
    keep = store or (lambda question, outcome: stored.append(question))
    return stored, Asking(ask, keep, connections).run(questions)


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


def test_a_question_is_prepared_only_when_its_turn_has_come():
    prepared, seen = [], []

    def questions():
        for name in "abcd":
            prepared.append(name)
            yield name

    run(answer, questions(), 1, lambda *a: seen.append(len(prepared)))
    assert seen == [1, 2, 3, 4]


def test_after_an_error_none_is_asked_any_more_and_the_first_is_told():
    first = Throttled(1)
    errors = {"b": first, "c": Throttled(2)}
    stored, error = run(lambda q: Outcome(error=errors.get(q)), "abcdef")
    assert (stored, error) == (["a", "b"], first)


@pytest.mark.parametrize("fails", ["ask", "store", "questions"])
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

    with pytest.raises(ValueError, match=fails):
        Asking(ask, store, 2).run(questions())
    assert "b" in stored
    assert ("a" in stored) == (fails == "questions")

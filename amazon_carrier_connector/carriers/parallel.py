"""Several calls at the same moment."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice
from typing import Generic, TypeVar

from .errors import CarrierError
from .labelling import Outcome

Question = TypeVar("Question")
END = object()


class Asking(Generic[Question]):
    """Asks so many questions at once, and has each outcome stored as it comes.

    :param ask: called by threads; answers a question
    :param store: called by the thread that calls :meth:`run`, as are the questions
        taken from their iterable: each only when it is asked at once
    :param is_repeatable: whether an answer that gets lost is given again; if so, no
        connection waits until it is stored
    """

    def __init__(
        self,
        ask: Callable[[Question], Outcome],
        store: Callable[[Question, Outcome], None],
        connections: int,
        is_repeatable: bool = False,
    ):
        self._ask, self._store, self._connections = ask, store, connections
        self._is_repeatable = is_repeatable
        self._running: dict[Future, Question] = {}
        self._error: CarrierError | None = None
        self._failure: Exception | None = None

    def run(
        self, questions: Iterable[Question], spare: Iterable[None] = ()
    ) -> CarrierError | None:
        """Ask all; after an error or an exception begin none any more.

        :param spare: work for the caller's thread, of which a piece is done whenever
            no answer is there; what is left of it at the end is not done
        :return: the first error of an outcome
        :raises Exception: the first of ``ask``, ``store``, ``questions`` or ``spare``,
            after everything else that was asked has been stored
        """
        waiting, work = iter(questions), iter(spare)
        with ThreadPoolExecutor(max_workers=self._connections) as pool:
            self._begin(pool, waiting, self._connections)
            while self._running:
                for future in self._wait(work):
                    self._take(future, pool, waiting)
        if self._failure:
            raise self._failure
        return self._error

    def _begin(self, pool, waiting, count):
        with self._failures_kept():
            for question in islice(waiting, count):
                self._running[pool.submit(self._ask, question)] = question

    def _wait(self, work):
        """The calls that are answered; works until there is one."""
        with self._failures_kept():
            while not any(map(Future.done, self._running)):
                if next(work, END) is END:
                    break
        return wait(self._running, return_when=FIRST_COMPLETED).done

    def _take(self, future, pool, waiting):
        question = self._running.pop(future)
        with self._failures_kept():
            outcome = future.result()
            self._error = self._error or outcome.error
            if self._is_repeatable:
                self._go_on(pool, waiting)
            self._store(question, outcome)
        if not self._is_repeatable:
            self._go_on(pool, waiting)

    def _go_on(self, pool, waiting):
        if not self._error and not self._failure:
            self._begin(pool, waiting, 1)

    @contextmanager
    def _failures_kept(self):
        """Whatever fails, the answers of the others must be stored before it is told.

        Every kind of exception: what is caught here :meth:`run` raises at its end.
        """
        try:
            yield
        except Exception as failure:
            self._failure = self._failure or failure

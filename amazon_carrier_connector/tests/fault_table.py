"""What faults have left behind, counted and shown as a table."""

from collections import Counter

# What must never be; each is counted.
HARMS = ("bought twice", "lost", "shipped without a label")


class FaultTable:
    """One row per fault, one column per step of the engine.

    A cell says how often the fault was met there, and what came of all its meetings.
    """

    def __init__(self, title):
        self._title = title
        self._met = Counter()
        self._harm = Counter()

    def add(self, fault, step, harms):
        """:param harms: how many labels or deliveries, in the order of ``HARMS``"""
        self._met[fault, step] += 1
        for harm, count in zip(HARMS, harms, strict=True):
            self._harm[fault, step, harm] += count

    @property
    def totals(self):
        """
        :return: the number of meetings, and of each harm
        :rtype: list[int]
        """
        counts = [
            sum(n for (*__, name), n in self._harm.items() if name == harm)
            for harm in HARMS
        ]
        return [self._met.total(), *counts]

    def lines(self):
        steps = list(dict.fromkeys(step for __, step in self._met))
        rows = [(self._title, *steps)]
        rows += [
            (fault, *(self._cell(fault, step) for step in steps))
            for fault in dict.fromkeys(fault for fault, __ in self._met)
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip()
        met, *harms = self.totals
        told = ", ".join(f"{n} {harm}" for n, harm in zip(harms, HARMS, strict=True))
        yield f"{self._title}: {met} meetings; {told}"

    def _cell(self, fault, step):
        if not self._met[fault, step]:
            return "-"
        harms = (str(self._harm[fault, step, harm]) for harm in HARMS)
        return f"{self._met[fault, step]}: {' '.join(harms)}"

"""Frozen dataclasses that were built as mutable drafts."""

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace

import pytest
from amazon.drafts import draft_of, freeze
from amazon.orders import PostalAddress


@dataclass(frozen=True, slots=True)
class Point:
    x: int
    y: int = 5
    name: str = field(default="", repr=False)


PointDraft = draft_of(Point)


def test_a_frozen_draft_is_like_the_real_thing():
    frozen = freeze(PointDraft(1, 2, "a"), Point)
    assert type(frozen) is Point
    assert frozen == Point(1, 2, "a")
    assert hash(frozen) == hash(Point(1, 2, "a"))
    assert repr(frozen) == repr(Point(1, 2, "a"))
    assert replace(frozen, x=3) == Point(3, 2, "a")
    assert copy.deepcopy(frozen) == frozen


def test_a_frozen_draft_cannot_be_changed():
    frozen = freeze(PointDraft(1, 2, "a"), Point)
    with pytest.raises(FrozenInstanceError):
        frozen.x = 2
    with pytest.raises(FrozenInstanceError):
        del frozen.x


def test_a_draft_can_be_changed_until_it_is_frozen():
    draft = PointDraft(1, 2, "a")
    draft.x = 7
    assert freeze(draft, Point) == Point(7, 2, "a")


def test_a_draft_asks_for_every_field():
    with pytest.raises(TypeError):
        PointDraft(1, 2)


def test_a_frozen_draft_can_be_pickled():
    address = freeze(draft_of(PostalAddress)(*"abcdefgh"), PostalAddress)
    assert pickle.loads(pickle.dumps(address)) == PostalAddress(*"abcdefgh")

"""Faults after which a client cannot know whether its carrier acted."""

# Kind, moment, and how many parcels the carrier then has.
UNCLEAR_FAULTS = [
    ("cut", "before", 0),
    ("cut", "after", 1),
    ("timeout", "before", 0),
    ("timeout", "after", 1),
    ("unavailable", "before", 0),
    ("unavailable", "after", 1),
    ("cut_midway", "after", 1),
    ("truncated", "after", 1),
]

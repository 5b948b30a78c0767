"""Invariants of all programmes that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from datetime import datetime, timedelta

from meguri.programmes import queries
from meguri.words.period import day_start


def arms_can_be_drawn_again(municipality: int) -> list[str]:
    """Every draw of arms gives the arms that people have; so nobody changed one after the draw."""
    return [f"programme {each}: its arms are not those of its draw" for each in queries.disagreeing(municipality)]


def arms_are_not_forgotten(municipality: int, at: datetime) -> list[str]:
    """No draw of arms is a day late: until it is made nothing of its programme opens."""
    found = []
    for each in queries.undrawn(municipality):
        trial = queries.terms(each, municipality=municipality).trial
        if trial is not None and at >= day_start(trial.drawn_on) + timedelta(days=1):
            found.append(f"programme {each}: its arms were to be drawn on {trial.drawn_on}; nothing opens before")
    return found

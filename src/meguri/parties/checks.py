"""Invariants of the parties that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F, Q

from meguri.parties.models import Approval, Department, OfficerAppointment, Shop
from meguri.parties.operations.officers import holding
from meguri.parties.rules import is_shop_code
from meguri.words.actor import ActorRole

SOON = timedelta(days=30)


def departments_can_approve(municipality: int, at: datetime) -> list[str]:
    """Every department that has a maker has a checker, now and in thirty days."""
    faults = []
    for room in Department.objects.filter(municipality=municipality):
        of_room = OfficerAppointment.objects.filter(department=room)
        if not of_room.filter(role=ActorRole.MAKER).exists():
            continue
        for when in (at, at + SOON):
            if not holding(of_room.filter(role=ActorRole.CHECKER), when).exists():
                faults.append(f"department {room.code} has no checker on {when:%Y-%m-%d}")
                break
    return faults


def four_eyes_held(municipality: int) -> list[str]:
    """No approval was ever given by its maker; the constraint says so, this reads it back."""
    alone = Approval.objects.filter(~Q(outcome="withdrawn"), municipality=municipality, checked_by=F("made_by"))
    return [f"approval {row.id} was checked by its maker" for row in alone]


def shop_codes_are_sound(municipality: int) -> list[str]:
    """Every printed code passes its own check digits."""
    codes = Shop.objects.filter(municipality=municipality).values_list("code", flat=True)
    return [f"shop code {code} has wrong check digits" for code in codes if not is_shop_code(code)]

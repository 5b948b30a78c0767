"""The nightly checks: silent over honest records, loud over each planted fault."""

from __future__ import annotations

from meguri.programmes.points import checks
from meguri.programmes.points.models import ActionRecord
from tests.programmes.points.conftest import Menu


def test_honest_records_are_silent_and_planted_faults_are_found(points: Menu) -> None:
    town = points.town.municipality
    for _ in range(3):
        points.do(points.town.person())
    points.do(points.town.person(), "check-up")
    assert checks.grants_are_what_records_say(town) == checks.every_grant_has_its_record(town) == []
    spoilt = ActionRecord.objects.filter(municipality=town, state="granted").order_by("id")[0]
    ActionRecord.objects.filter(id=spoilt.id).update(granted_yen=9, cut_by="day_yen")
    assert checks.grants_are_what_records_say(town) == [f"record {spoilt.id}: 9 yen granted, 10 in the books"]
    ActionRecord.objects.filter(id=spoilt.id).delete()
    assert checks.every_grant_has_its_record(town) == [f"posting {spoilt.posting} grants points without a record"]

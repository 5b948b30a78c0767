"""Whatever people do on whatever days: each grant is what a plain model of the limits says, and the funders add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.words.period import day_of
from tests.programmes.points.conftest import NOW, menu
from tests.programmes.vouchers.lived_town import prove_books, unless

YEN = {"walk": 10, "bus": 10, "clean-up": 100}
DEEDS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(sorted(YEN)), st.integers(0, 40)), min_size=1, max_size=24
)


@dataclass
class Model:
    """The limits of the shipped document, as one would count them on paper."""

    month_yen: int
    programme_yen: int
    times: Counter[tuple[object, ...]] = field(default_factory=Counter)
    yen: Counter[tuple[object, ...]] = field(default_factory=Counter)

    def earn(self, person: int, action: str, day: object, month: object) -> int:
        span, most = {"walk": (day, 1), "bus": (day, 2), "clean-up": (month, 4)}[action]
        if self.times[person, action, span] >= most:
            return 0
        room = min(self.month_yen - self.yen[person, month], self.programme_yen - self.yen[person, None])
        earned = min(YEN[action], room)
        if earned > 0:
            self.times[person, action, span] += 1
            self.yen[person, month] += earned
            self.yen[person, None] += earned
        return earned


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS, month_yen=st.integers(5, 300), programme_yen=st.integers(5, 400))
def test_grants_follow_the_limits_and_funders_follow_their_shares(
    db: None, deeds: list[tuple[int, str, int]], month_yen: int, programme_yen: int
) -> None:
    points = menu(obtaining__limits=[{"per": "month", "yen": month_yen}, {"per": "programme", "yen": programme_yen}])
    places = {"bus": points.bus_stop, "clean-up": points.place("clean-up")}
    people = [points.town.person(), points.town.person()]
    model = Model(month_yen, programme_yen)
    total = 0
    for step, (who, action, day) in enumerate(deeds):
        at = NOW + timedelta(days=day, minutes=step)
        code = points.shown(places[action], at) if action in places else ""
        expected = model.earn(who, action, day_of(at), (day_of(at).year, day_of(at).month))
        person = people[who]
        done = unless(
            "action_ceiling_reached",
            lambda person=person, action=action, at=at, code=code: points.do(person, action, at, code=code),
        )
        granted = done.granted_yen if done else 0
        assert granted == expected
        total += granted
    assert sum(points.town.held(person).get("points", 0) for person in people) == total
    sponsor = 900_000 - points.budget("sponsor")
    assert 2_100_000 - points.budget("town") + sponsor == total
    assert abs(sponsor * 10 - total * 3) < 10  # 30 %, less than a yen away after any history
    prove_books()

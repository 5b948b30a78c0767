"""A draft is lived: from the eve of its first day to its last, day by day, and what each evening looked like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count

from meguri.dry_runs import ending, spending
from meguri.dry_runs.acting import Acting
from meguri.dry_runs.amending import Amending
from meguri.dry_runs.drawing import Drawing
from meguri.dry_runs.hall import MUNICIPALITY, Hall
from meguri.dry_runs.letters import Letters
from meguri.dry_runs.listing import Listing, list_day
from meguri.dry_runs.people import Person
from meguri.dry_runs.rewarding import Rewarding
from meguri.dry_runs.running import Running, closing_day
from meguri.dry_runs.scaling import amended, scaled
from meguri.dry_runs.selling import Selling
from meguri.dry_runs.spending import Spending
from meguri.dry_runs.way import Anew, Way, takers
from meguri.ledger.templates import AccountRole
from meguri.notices.models import Notice
from meguri.parties.queries import resident_facts
from meguri.programmes import queries
from meguri.programmes.campaign_terms import GrantByCampaign
from meguri.programmes.dry_run import DayLived, Due, Ending, FundLived, Line, Told, Wanted
from meguri.programmes.forecasting import Expectation
from meguri.programmes.parts import GrantByAction, GrantByCode, GrantByList, GrantByPayment, Sale
from meguri.programmes.preview import Preview
from meguri.programmes.terms import ProgrammeTerms, from_tree
from meguri.programmes.timing import last_spending_day, windows
from meguri.programmes.vocabularies import RESIDENTS, known
from meguri.tills import operations as tills
from meguri.words import predicate
from meguri.words.period import Period
from meguri.words.refusal import Refusal

DAYS_MOST = 1_100
"""Three years: longer ones are lived so far."""
ONE_DAY = timedelta(days=1)


def live(wanted: Wanted, *, municipality: int = MUNICIPALITY) -> Iterator[Line]:
    """The days of a document in order, then the ending; where it cannot even be launched, the ending alone.

    The database holds nothing else: everything in it is invented.
    """
    terms = _scaled(wanted, wanted.document)
    after = None if wanted.amended is None else amended(terms, _scaled(wanted, wanted.amended.document))
    life = Life(wanted, terms, municipality, after)
    try:
        yield from life.days()
        yield life.ending()
    except Refusal as refusal:
        yield ending.not_launched(refusal)
    finally:
        tills.stop()


def _scaled(wanted: Wanted, document: dict[str, object]) -> ProgrammeTerms:
    return scaled(from_tree(document), people=wanted.people, population=wanted.town.population)


def span(terms: ProgrammeTerms) -> tuple[date, date]:
    """The first and the last day of a dry run: the launch, two days before anything begins, to the last that is due."""
    begins = [window.first_day for _, window in windows(terms)]
    if isinstance(terms.obtaining, GrantByList):
        begins.append(list_day(terms.obtaining, on=terms.eligibility.on))
    first = min(begins) - 2 * ONE_DAY
    notice = timedelta(days=terms.refunds.closing_notice_days + 2)
    last = max(terms.refunds.shop_claims_until, last_spending_day(terms) + notice)
    return first, min(last, first + timedelta(days=DAYS_MOST))


@dataclass
class Life:
    """A dry run on its way through the days."""

    wanted: Wanted
    terms: ProgrammeTerms
    municipality: int
    after: ProgrammeTerms | None = None
    hall: Hall = field(init=False)
    way: Way = field(init=False)
    spending: Spending = field(init=False)
    running: Running = field(init=False)
    drawing: Drawing = field(init=False)
    amending: Amending | None = None
    forecast: Preview = field(init=False)
    eligible: list[Person] = field(default_factory=list)
    served: set[UUID] = field(default_factory=set)
    lived: list[DayLived] = field(default_factory=list)
    in_all: int = 0

    def days(self) -> Iterator[DayLived]:
        """Found the town, launch, and go on to the last day."""
        first, last = span(self.terms)
        last = max(last, span(self.after)[1]) if self.after else last
        self._begin(first)
        self.in_all = (last - first).days + 1
        day = first
        while day <= last:
            if day != first:
                self.hall.turn(day)
            due = [*self.way.due(day), *spending.due(self.terms.spending.window, self.hall), *self.running.due(),
                   *self.drawing.due(), *self._claims(), *(self.amending.due() if self.amending else ())]
            self._amend()
            self.running.live()
            self.drawing.live()
            self.way.live()
            self.spending.live()
            self.lived.append(self._evening(due))
            yield self.lived[-1]
            day += ONE_DAY

    def ending(self) -> Ending:
        """What was surprising, and the forecast beside it."""
        return ending.ending(ending.Known(
            terms=self.terms, days=self.lived, stuck=self.hall.stuck, forecast=self.forecast, served=self.served,
            people=self.hall.people, eligible=self.eligible,
        ))

    def _begin(self, first: date) -> None:
        self.hall = Hall(self.wanted, self.terms, self.municipality)
        self.hall.found(first, documents=[self.terms, *([self.after] if self.after else [])])
        self.hall.made = self.hall.launch(self.terms)
        self.eligible = self._eligible()
        self.forecast = self._forecast()
        self.way = self._way()
        self.spending = Spending(self.hall, self.terms.spending.window)
        self.drawing = Drawing(self.hall, self.terms.trial)
        self.running = Running(self.hall, closing_day(last_spending_day(self.terms)))
        if self.after is not None and self.wanted.amended is not None:
            asked = self.wanted.amended
            self.amending = Amending(self.hall, self.after, max(asked.approved_on, first), asked.first_day)

    def _amend(self) -> None:
        """The first morning of the amendment: everything goes by the new terms; what was done under the old stands."""
        if self.amending is None or not self.amending.live():
            return
        self.terms = self.hall.terms = self.amending.after
        self.eligible, self.forecast = self._eligible(), self._forecast()
        self.way.amend(Anew(self.terms, self._takers(), self.eligible))
        self.spending.window = self.terms.spending.window
        self.running.closes_on = closing_day(last_spending_day(self.terms))

    @property
    def expectation(self) -> Expectation:
        known = self.wanted.uptake_bp
        return Expectation() if known is None else Expectation(uptake_bp=known)

    def _forecast(self) -> Preview:
        return queries.look_ahead(self.terms, municipality=self.hall.municipality, expectation=self.expectation)

    def _takers(self) -> list[Person]:
        return takers(self.hall, eligible=self.eligible, uptake_bp=self.expectation.uptake_bp)

    def _way(self) -> Way:
        part = self._takers()
        match self.terms.obtaining:
            case Sale() as sale:
                return Selling(self.hall, sale, part, self.eligible)
            case GrantByCode() as grant:
                return Letters(self.hall, grant, part)
            case GrantByAction() as grant:
                return Acting(self.hall, grant, part, self.eligible)
            case GrantByPayment() | GrantByCampaign() as grant:
                return Rewarding(self.hall, grant, part, self._rewarded_until(grant))
            case GrantByList() as grant:
                return Listing(self.hall, grant, self.eligible, self.expectation)
        raise TypeError("a document that nobody can launch is not lived either")

    def _rewarded_until(self, grant: GrantByPayment | GrantByCampaign) -> date:
        later = self.after.obtaining if self.after else grant
        return max(grant.window.last_day, later.window.last_day if isinstance(later, type(grant)) else date.min)

    def _eligible(self) -> list[Person]:
        """Whom the terms mean on their day, in the order of the town."""
        rule = predicate.parse(self.terms.eligibility.who, RESIDENTS)
        facts = resident_facts(
            [each.id for each in self.hall.people], municipality=self.hall.municipality, on=self.terms.eligibility.on
        )
        return [each for each in self.hall.people if each.id in facts
                and predicate.holds(rule, known(facts[each.id], RESIDENTS))]

    def _claims(self) -> Iterator[Due]:
        today, last = self.hall.today, self.terms.refunds.shop_claims_until
        if today == last:
            yield Due(who="shops", ja="店の請求は今日までです。", en="Last day on which shops may claim.")
        if today.day == 1:
            yield Due(who="accounting", ja="前の月までの店の売上を精算します。", en="Settle the shops' takings so far.")

    def _evening(self, due: list[Due]) -> DayLived:
        for role in (AccountRole.WALLET, AccountRole.PAYABLE):
            self.served |= {each.account.owner for each in self.hall.held(role)}
        counts = {**self.way.counts(), **self.spending.counts(), **self.running.counts(), "served": len(self.served)}
        return DayLived(
            day=self.hall.today, in_all=self.in_all, counts=counts, funds=self._funds(),
            payments=self.spending.payments, paid_yen=self.spending.paid_yen,
            refunded_yen=self.spending.refunded_yen, met=self.hall.take_met(), due=tuple(due),
            told=_told(self.hall.municipality, day=Period.of_days(self.hall.today, self.hall.today)),
        )

    def _funds(self) -> tuple[FundLived, ...]:
        found = queries.funds(self.hall.municipality, programme=self.hall.made.programme)
        return tuple(
            FundLived(
                code=each.code, ja=each.name_ja, en=each.name_en, is_buyers=each.funder == "buyers",
                left_yen=each.budget.left_yen, reserved_yen=each.budget.reserved_yen,
                used_yen=each.budget.used_yen + each.budget.spent_yen, expired_yen=each.budget.expired_yen,
            )
            for each in found
        )


def _told(municipality: int, *, day: Period) -> tuple[Told, ...]:
    """The messages of a day by topic."""
    end: datetime | None = day.end
    rows = Notice.objects.filter(municipality=municipality, made_at__gte=day.start, made_at__lt=end)
    found = Counter[str]()
    for topic, times in rows.values_list("topic").annotate(times=Count("id")):
        found[topic] += times
    return tuple(Told(topic=topic, times=times) for topic, times in sorted(found.items()))

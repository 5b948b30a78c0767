"""A hundred thousand postings under random agreements: the statement in the shape of the city's books adds up in it.

Funds stand on random budget lines (会計・款・項・目・節) with random sources and grant rates. Beside the books, what
each verdict moved is written down by fund. Each line of the statement must say what was written down for its funds,
place by place, today and as of other moments; so must each 会計, 款, 項, 目 and 節 in all.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from meguri.ledger import operations as books
from meguri.ledger.rules import Account, Leg, Posting, Verdict
from meguri.ledger.templates import AccountRole as Role
from meguri.programmes import operations, queries
from meguri.programmes.models import Agreement, AgreementShare, Fund, Programme
from meguri.words.actor import Actor, ActorRole
from meguri.words.refusal import Refusal

BATCH, LOADED_YEN, DAYS = 250, 10**8, 90
AT = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
SHAPE = (
    ("一般会計", "特別会計"), ("総務費", "商工費"), ("総務管理費", "商工費"), ("企画費", "商工振興費"),
    ("報償費", "負担金"),
)
"""What may stand at each depth of a budget line."""
SOURCES = (("一般財源", 0), ("国庫支出金", 5_000), ("県支出金", 10_000), ("寄附金", 0))
PLACES = {
    Role.FUND: 0, Role.WALLET: 1, Role.HELD: 1, Role.SHOP: 2, Role.PAYABLE: 2, Role.PAID_OUT: 3, Role.EXPIRED: 4,
}  # fmt: skip
"""Where in a line's budget the yen of an account are told."""
Line = tuple[tuple[str, ...], str, int]
"""A budget line, its source, its grant rate."""


@dataclass(frozen=True, slots=True)
class Moved:
    """So many yen of a fund came to a place, or left it."""

    effective_at: datetime
    recorded_at: datetime
    fund: UUID
    place: int
    yen: int


class Shared:
    """Funds on random budget lines from random sources, and agreements drawn at random, some with caps."""

    def __init__(self, number: int, *, seed: int, funds: int = 6, agreements: int = 3) -> None:
        self.number, self.at = number, AT
        self.chance = random.Random(seed)  # noqa: S311 - no secret
        books.open_municipality(
            municipality=number, code=f"drill-{number}", name_ja="訓練町", name_en="Drill", kind="sandbox"
        )
        self.programme, kind = uuid4(), uuid4()
        Programme.objects.create(
            id=self.programme, municipality=number, code="drill", department="planning", family="point",
            name_ja="事業", name_en="Programme", state="launched", drafted_at=AT, launched_at=AT,
        )  # fmt: skip
        self.moved: list[Moved] = []
        self.fund_of: dict[int, UUID] = {}
        self.lines: dict[UUID, Line] = {}
        self.funds = [self.fund(place) for place in range(funds)]
        self.loaded = Counter(dict.fromkeys(self.funds, LOADED_YEN))
        self.agreements = [self.agreement(f"a{place}") for place in range(agreements)]
        self.lots = {
            fund: books.money_lot(municipality=number, fund=fund, purse_kind=kind, expires_at=None)
            for fund in self.funds
        }
        self.holders, self.shop = [uuid4() for _ in range(5)], uuid4()
        accounts = [Account(holder, Role.WALLET) for holder in self.holders]
        accounts += [Account(self.shop, role) for role in (Role.SHOP, Role.PAYABLE, Role.PAID_OUT)]
        books.open_accounts(accounts, municipality=number)
        self.granted: Counter[UUID] = Counter()

    def fund(self, place: int) -> UUID:
        """A fund with its place in the city's books, loaded."""
        (source, rate), number = self.chance.choice(SOURCES), uuid4()
        line = tuple(self.chance.choice(names) for names in SHAPE)
        self.lines[number] = (line, source, rate)
        account, kan, kou, moku, setsu = line
        Fund.objects.create(
            id=number, municipality=self.number, programme_id=self.programme, code=f"f{place}", place=place,
            name_ja="財源", name_en="Fund", funder="department", payer="planning", fiscal_year=2025, account=account,
            kan=kan, kou=kou, moku=moku, setsu=setsu, source_ja=source, source_en=source, grant_rate_bp=rate,
        )  # fmt: skip
        outside, inside = Account(number, Role.APPROPRIATION), Account(number, Role.FUND)
        books.open_accounts([outside, inside, Account(number, Role.EXPIRED)], municipality=self.number)
        lot = books.fund_lot(number, municipality=self.number)
        self.fund_of[lot] = number
        legs = (Leg(outside, inside, LOADED_YEN, (lot,)),)
        self.post(Posting(f"load:{number}", "appropriate", legs, self.at, "drill"))
        return number

    def agreement(self, name: str) -> UUID:
        funders = self.chance.sample(self.funds, self.chance.randint(2, 5))
        cuts = sorted(self.chance.sample(range(1, 10_000), len(funders) - 1))
        shares = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        caps = [None, *(self.chance.choice([None, self.chance.randint(100, 50_000)]) for _ in funders[1:])]
        row = Agreement.objects.create(
            id=uuid4(), municipality=self.number, programme_id=self.programme, code=name, name_ja="協定",
            name_en="Agreement",
        )
        AgreementShare.objects.bulk_create(
            AgreementShare(id=uuid4(), municipality=self.number, agreement=row, fund_id=fund, place=place,
                           share_bp=share, cap_yen=cap)
            for place, (fund, share, cap) in enumerate(zip(funders, shares, caps, strict=True))
        )  # fmt: skip
        return row.id

    def post(self, *postings: Posting) -> list[Verdict | Refusal]:
        """Post, and write down what each verdict says that it moved."""
        answers = books.post_batch(postings, municipality=self.number)
        for asked, answer in zip(postings, answers, strict=True):
            if isinstance(answer, Verdict):
                self.write_down(asked, answer)
        return answers

    def write_down(self, asked: Posting, made: Verdict) -> None:
        """A lot that nobody has named yet came out of one that is known, and carries its fund's yen."""
        for taken in made.taken:
            fund = self.fund_of[taken.debit_lot]
            if self.fund_of.setdefault(taken.credit_lot, fund) != fund:
                raise ValueError("a leg moved yen from one fund to another")
            leg = asked.legs[taken.leg - 1]
            for account, yen in ((leg.debit, -taken.amount), (leg.credit, taken.amount)):
                if account.role in PLACES:
                    self.moved.append(Moved(asked.at, made.recorded_at, fund, PLACES[account.role], yen))

    def grants(self) -> list[Posting]:
        amounts = [self.chance.randint(1, 400) for _ in range(BATCH)]
        agreement, by = self.chance.choice(self.agreements), Actor(self.number, ActorRole.SYSTEM)
        postings = []
        for parts in operations.share_grants(agreement=agreement, amounts_yen=amounts, by=by):
            wallet = Account(self.chance.choice(self.holders), Role.WALLET)
            legs = tuple(
                Leg(Account(part.fund, Role.FUND), wallet, part.yen,
                    (books.fund_lot(part.fund, municipality=self.number),), credit_lot=self.lots[part.fund])
                for part in parts
            )  # fmt: skip
            self.granted.update({part.fund: part.yen for part in parts})
            postings.append(Posting(f"grant:{uuid4()}", "grant_points", legs, self.moment(), "drill"))
        return postings

    def payments(self) -> list[Posting]:
        order = self.chance.sample(list(self.lots.values()), len(self.lots))
        shop = Account(self.shop, Role.SHOP)
        return [
            Posting(f"pay:{uuid4()}", "pay",
                    (Leg(Account(self.chance.choice(self.holders), Role.WALLET), shop,
                         self.chance.randint(1, 500), tuple(order)),), self.moment(), "drill")
            for _ in range(BATCH)
        ]  # fmt: skip

    def settlements(self) -> list[Posting]:
        shop, owed = Account(self.shop, Role.SHOP), Account(self.shop, Role.PAYABLE)
        out = Account(self.shop, Role.PAID_OUT)
        lots = tuple(self.lots.values())
        at = self.moment()
        settled = Leg(shop, owed, 3_000, lots, up_to=True)
        return [
            Posting(f"settle:{uuid4()}", "settle", (settled,), at, "drill"),
            Posting(f"out:{uuid4()}", "pay_out", (Leg(owed, out, 2_000, lots, up_to=True),), at, "drill"),
        ]

    def expiries(self) -> list[Posting]:
        fund = self.chance.choice(self.funds)
        leg = Leg(Account(self.chance.choice(self.holders), Role.WALLET), Account(fund, Role.FUND), 50,
                  (self.lots[fund],), up_to=True)  # fmt: skip
        return [Posting(f"expire:{uuid4()}", "expire", (leg,), self.moment(), "drill")]

    def moment(self) -> datetime:
        return self.at + timedelta(hours=self.chance.randint(0, 24 * DAYS))

    def live(self, postings: int) -> int:
        made = 0
        while made < postings:
            for some in (self.grants(), self.payments(), self.settlements(), self.expiries()):
                made += sum(isinstance(answer, Verdict) for answer in self.post(*some))
        return made


def wrong(shared: Shared, *, until: datetime | None = None, known_at: datetime | None = None) -> Iterator[str]:
    """Where the statement of a moment and what was written down differ."""
    wanted: dict[Line, list[int]] = {line: [0] * 5 for line in shared.lines.values()}
    for each in shared.moved:
        if (until is None or each.effective_at < until) and (known_at is None or each.recorded_at <= known_at):
            wanted[shared.lines[each.fund]][each.place] += each.yen
    found = queries.budget_lines(shared.number, effective_until=until, known_at=known_at)
    told = {(line.line, line.source_ja, line.grant_rate_bp): list(astuple(line.budget)) for line in found}
    if len(told) != len(found) or sorted(f for line in found for f in line.funds) != sorted(shared.funds):
        yield "a fund stands in no line, or in more than one"
    for depth in range(1, len(SHAPE) + 1):
        if (said := _in_all(told, depth)) != (own := _in_all(wanted, depth)):
            yield f"at depth {depth} of the city's books the statement says {said}, and what was moved is {own}"
    yield from (f"{line}: {told.get(line)} instead of {own}" for line, own in wanted.items() if told.get(line) != own)


def _in_all(lines: dict[Line, list[int]], depth: int) -> dict[tuple[str, ...], list[int]]:
    sums: dict[tuple[str, ...], list[int]] = {}
    for (line, _, _), budget in lines.items():
        sums[line[:depth]] = [a + b for a, b in zip(sums.get(line[:depth], [0] * 5), budget, strict=True)]
    return sums


def drilled(number: int, *, seed: int, postings: int, funds: int, agreements: int) -> dict[str, object]:
    """Live so many postings and compare: today, at five moments of the books' time, and as known half way."""
    shared = Shared(number, seed=seed, funds=funds, agreements=agreements)
    made = shared.live(postings // 2)
    half_way = max(each.recorded_at for each in shared.moved)
    made += shared.live(postings - made)
    moments = [None, *(AT + timedelta(days=days) for days in (0, 10, 45, 80, DAYS + 1))]
    found = [each for until in moments for each in wrong(shared, until=until)]
    found += wrong(shared, known_at=half_way)
    lines = len(set(shared.lines.values()))
    return {
        "name": "drill.lined", "well": not found, "postings": made, "agreements": agreements, "lines": lines,
        "wrong": found[:10],
    }  # fmt: skip


def run(seed: int) -> dict[str, object]:
    """The whole drill, in the drills' own books (`drill.books`)."""
    return drilled(400_000 + seed % 100_000, seed=seed, postings=100_000, funds=24, agreements=12)

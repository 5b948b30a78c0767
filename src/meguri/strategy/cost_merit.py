"""One shared platform or a system for each programme: a sum anybody can redo, with the source of every input. Pure.

Nothing is discounted and nothing hidden: the two totals are the sums written below, in yen over some years.

    siloed(n) = n x (build + shops x onboarding + years x (run + users x per_user + hours x wage))
    shared(n) = build + n x setup + shops x onboarding x (1 + churn x (years - 1))
                + years x (run + n x run_more + people(n) x per_user + (hours + n x hours_more) x wage)
    people(n) = users x (1 + (n - 1) x (1 - overlap))

A shared platform is dearer to build; for one programme it may never pay. `break_even` says from how many on it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

PROGRAMMES_MOST = 12
"""A break-even beyond so many programmes is none for a town."""
SWING = 0.35
"""By how much every input is wrong in the sensitivity: a third, up and down."""


@dataclass(frozen=True, slots=True)
class Input:
    """One number that goes into the sum. `source`: contract, invoice, estimate or guess; `note` says which one."""

    code: str
    name_ja: str
    name_en: str
    value: float
    unit: str  # yen, people, shops, hours, share, years
    source: str
    note_ja: str
    note_en: str


@dataclass(frozen=True, slots=True)
class Swing:
    """What the saving would be if one input were a third lower or higher (yen)."""

    code: str
    low_yen: int
    high_yen: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both ways for 1, 2, 3 … programmes (yen, by number of programmes), and from how many on sharing pays."""

    programmes: int
    years: int
    siloed_yen: tuple[int, ...]
    shared_yen: tuple[int, ...]
    break_even: int | None
    sensitivity: tuple[Swing, ...]
    inputs: tuple[Input, ...]

    @property
    def saving_yen(self) -> int:
        """What sharing saves for the compared number of programmes; below zero it costs more."""
        return self.siloed_yen[self.programmes - 1] - self.shared_yen[self.programmes - 1]

    @property
    def weakest_source(self) -> str:
        """How well the worst-known input is known."""
        return max((one.source for one in self.inputs), key=SOURCES.index)


SOURCES = ("contract", "invoice", "estimate", "guess")
_GUESS = ("町の規模から置いた仮の数字", "a placeholder for a small town")
_NAGASAKI = (
    "仮の数字。参考: 長崎市の電子商品券(2023年度)の予算では、システムが1億4,170万円",
    "a placeholder. For comparison: Nagasaki city budgeted 141.7 million yen for the system of its voucher of 2023",
)


def _guess(code: str, value: float, *, unit: str, ja: str, en: str, note: tuple[str, str] = _GUESS) -> Input:
    return Input(code, ja, en, value, unit, "guess", *note)


PLACEHOLDERS: tuple[Input, ...] = (
    _guess("build_siloed", 20_000_000, unit="yen", ja="個別の構築費(1事業)", en="Building one", note=_NAGASAKI),
    _guess("run_siloed", 4_000_000, unit="yen", ja="個別の運用費(1事業・年)", en="Running one separate system a year"),
    _guess("build_shared", 35_000_000, unit="yen", ja="共通基盤の構築費", en="Building the shared platform"),
    _guess("setup_shared", 2_000_000, unit="yen", ja="事業を載せる費用(1事業)", en="Setting one programme up on it"),
    _guess("run_shared", 6_000_000, unit="yen", ja="共通基盤の運用費(年)", en="Running the platform a year"),
    _guess("run_more", 500_000, unit="yen", ja="事業ごとの運用の追加(年)", en="More running for each programme a year"),
    _guess("users", 6_000, unit="people", ja="1事業の利用者", en="People in one programme"),
    _guess("overlap", 0.5, unit="share", ja="利用者の重なり", en="People already there from other programmes"),
    _guess("per_user", 120, unit="yen", ja="利用者1人の費用(年)", en="Cost of a person a year"),
    _guess("shops", 250, unit="shops", ja="加盟店", en="Shops"),
    _guess("onboarding", 12_000, unit="yen", ja="加盟店1店の登録費用", en="Bringing in one shop"),
    _guess("churn", 0.1, unit="share", ja="加盟店の入れ替わり(年)", en="Shops that change a year"),
    _guess("hours_siloed", 900, unit="hours", ja="職員の時間(個別・1事業・年)", en="Officers' hours, separate, a year"),
    _guess("hours_shared", 600, unit="hours", ja="職員の時間(共通・年)", en="Officers' hours for the platform a year"),
    _guess("hours_more", 300, unit="hours", ja="職員の時間(共通・1事業・年)", en="More hours a programme, a year"),
    _guess("wage", 3_000, unit="yen", ja="職員の時間単価", en="An officer's hour"),
)  # fmt: skip
"""Every one a guess until the town replaces it by a contract or an invoice. The page says so."""

Values = Mapping[str, float]


def people(values: Values, programmes: int) -> float:
    """Different people in so many programmes."""
    return values["users"] * (1 + (programmes - 1) * (1 - values["overlap"]))


def siloed_yen(values: Values, *, programmes: int, years: int) -> int:
    yearly = (
        values["run_siloed"] + values["users"] * values["per_user"] + values["hours_siloed"] * values["wage"]
    )
    once = values["build_siloed"] + values["shops"] * values["onboarding"]
    return round(programmes * (once + years * yearly))


def shared_yen(values: Values, *, programmes: int, years: int) -> int:
    hours = values["hours_shared"] + programmes * values["hours_more"]
    yearly = (
        values["run_shared"] + programmes * values["run_more"] + people(values, programmes) * values["per_user"]
        + hours * values["wage"]
    )
    shops = values["shops"] * values["onboarding"] * (1 + values["churn"] * (years - 1))
    return round(values["build_shared"] + programmes * values["setup_shared"] + shops + years * yearly)


def compare(inputs: tuple[Input, ...] = PLACEHOLDERS, *, programmes: int = 3, years: int = 5) -> Comparison:
    """Both totals for 1 … PROGRAMMES_MOST programmes. Raises ValueError for numbers that make no comparison."""
    if not 1 <= programmes <= PROGRAMMES_MOST or years < 1:
        raise ValueError(f"cannot compare {programmes} programmes over {years} years")
    values = {one.code: one.value for one in inputs}
    counts = range(1, PROGRAMMES_MOST + 1)
    siloed = tuple(siloed_yen(values, programmes=count, years=years) for count in counts)
    shared = tuple(shared_yen(values, programmes=count, years=years) for count in counts)
    return Comparison(
        programmes=programmes, years=years, siloed_yen=siloed, shared_yen=shared,
        break_even=next((count for count in counts if shared[count - 1] < siloed[count - 1]), None),
        sensitivity=_sensitivity(values, programmes=programmes, years=years), inputs=inputs,
    )


def _sensitivity(values: Values, *, programmes: int, years: int) -> tuple[Swing, ...]:
    """The saving with each input a third lower and higher; the input that matters most first."""
    saving: Callable[[Values], int] = lambda seen: (  # noqa: E731 - used twice, three lines below
        siloed_yen(seen, programmes=programmes, years=years) - shared_yen(seen, programmes=programmes, years=years)
    )
    swings = [
        Swing(code, saving({**values, code: value * (1 - SWING)}), saving({**values, code: value * (1 + SWING)}))
        for code, value in values.items()
    ]
    return tuple(sorted(swings, key=lambda swing: -abs(swing.high_yen - swing.low_yen)))


def with_value(
    inputs: tuple[Input, ...], code: str, *, value: float, source: str, note_ja: str, note_en: str
) -> tuple[Input, ...]:
    """The inputs with one replaced by something better known. Raises KeyError for an unknown code."""
    if code not in {one.code for one in inputs}:
        raise KeyError(code)
    return tuple(
        replace(one, value=value, source=source, note_ja=note_ja, note_en=note_en) if one.code == code else one
        for one in inputs
    )

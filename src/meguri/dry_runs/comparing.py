"""The forecast beside what was lived, both for the same invented people, and why they may differ. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from meguri.parties.rules import Both
from meguri.programmes.dry_run import Compared, DayLived
from meguri.programmes.parts import Allocation, Sale
from meguri.programmes.preview import Preview
from meguri.programmes.terms import ProgrammeTerms

ALIKE = Both("見通しと同じです。", "As forecast.")
NAMES: Mapping[str, Both] = {
    "takers": Both("参加する人", "People who take part"), "wanted": Both("望まれる口数", "Units wanted"),
    "sold": Both("売れる口数", "Units sold"), "odds": Both("当たる割合", "Odds"),
    "entitled": Both("支給される人", "People entitled"), "letters": Both("手紙", "Letters"),
    "peak_outstanding": Both("財布に残る額の最大", "The most that lies in wallets"),
}  # fmt: skip
WHY: Mapping[str, Both] = {
    "takers": Both(
        "見通しは対象者の半分が参加するとみます。予行では、世帯で2人目の人などが断られ、町外の人も来ます。",
        "The forecast takes half of the eligible. In the dry run some are refused, such as the second of a household, "
        "and outsiders come.",
    ),
    "wanted": Both(
        "見通しは1人が上限までの決まった口数を望むとみます。予行では1口から上限まで、人によって違います。",
        "The forecast lets everybody want the same units; in the dry run it is one unit up to the ceiling.",
    ),
    "sold": Both(
        "見通しは当たった人がみな払うとみます。予行では払い忘れた口が失効し、一部は繰上げや次の回で売れます。",
        "The forecast lets every winner pay; in the dry run some forget, their units lapse, and some of these are sold "
        "to the next on the list or in a later round.",
    ),
    "odds": Both("申し込まれた口数と、払われずに繰り上がった口数によって変わります。",
                 "It depends on the units applied for, and on those that moved up unpaid."),
    "entitled": Both("名簿の取込みで、対象でない行や額の表にない人が外されます。",
                     "Lines that do not fit are left out on import."),
    "letters": Both("コードは対象者の全員に出ます。", "Everybody eligible gets a letter."),
    "peak_outstanding": Both(
        "見通しは、すべて渡ってまだ一円も使われていない額です。予行では受け取った人から使いはじめます。",
        "The forecast has all of it handed out and nothing spent; in the dry run people begin to spend as soon as they "
        "can, and not all of it is taken.",
    ),
}  # fmt: skip
WHY_FIRST_COME: Mapping[str, Both] = {
    "takers": Both(
        "見通しは対象者の半分が参加するとみます。先着なので、予行で数えるのは口を手に入れた人だけです。"
        "売り切れたあとに来た人、世帯で2人目の人などは数に入らず(その日の「断られたこと」にあります)、町外の人は入ります。",
        "The forecast takes half of the eligible. As this is first come, the dry run counts those who got units: who "
        "came after they had run out, or second of a household, is not among them (the day tells what they were "
        "refused); outsiders are.",
    ),
    "wanted": Both(
        "見通しは1人が上限までの決まった口数を望むとみます。先着なので、予行で数えるのは手に入れた人の口数だけで、"
        "1口から上限まで、人によって違います。",
        "The forecast lets everybody want the same units. As this is first come, the dry run counts the units of those "
        "who got some: from one up to the ceiling.",
    ),
    "odds": Both(
        "見通しは発行した口数を望まれた口数で割ります。先着では、来た順に望んだだけ手に入るので、"
        "申込みになった分は全部当たりです。",
        "The forecast divides the units on sale by those wanted. First come, each gets all they ask for in their "
        "order, so all that was applied for was served.",
    ),
}  # fmt: skip
"""Where nothing is drawn, whoever is too late leaves no application."""
FUND_WHY = Both("見通しの参加や口数の前提と、予行の人の行動(申込み、払い忘れ、上限、受け取り方)の違いです。",
                "The forecast's assumptions against what people did: applying, forgetting to pay, ceilings, choices.")


def compared(terms: ProgrammeTerms, days: Sequence[DayLived], *, forecast: Preview) -> Iterator[Compared]:
    """The figures that both know, then each fund's expected yen beside the most that it ever gave."""
    last, why = days[-1].counts, {**WHY, **(WHY_FIRST_COME if _is_first_come(terms) else {})}
    lived = _lived(terms, last) | {"peak_outstanding": max(_in_wallets(day) for day in days)}
    for figure in forecast.figures:
        if figure.code in lived:
            yield _row(NAMES[figure.code], figure.unit, both=(figure.value, lived[figure.code]), why=why[figure.code])
    for place, fund in enumerate(forecast.funds):
        most = max(day.funds[place].issued_yen for day in days)
        yield _row(Both(f"財源「{fund.name.ja}」から出る額", f"Drawn from “{fund.name.en}”"), "yen",
                   both=(fund.expected_yen, most), why=FUND_WHY)


def _is_first_come(terms: ProgrammeTerms) -> bool:
    """Whether whoever comes first gets all units: in no round is anything drawn."""
    rounds = terms.obtaining.rounds if isinstance(terms.obtaining, Sale) else ()
    return bool(rounds) and all(each.allocation is Allocation.FIRST_COME for each in rounds)


def _lived(terms: ProgrammeTerms, last: Mapping[str, int]) -> dict[str, int]:
    """By the codes of the forecast's figures."""
    if isinstance(terms.obtaining, Sale):
        so_far = {code: last.get(code, 0) for code in ("applicants", "units_applied", "units_won", "units_bought")}
        applied = so_far["units_applied"]
        odds = so_far["units_won"] * 10_000 // applied if applied else 10_000
        return {"takers": so_far["applicants"], "wanted": applied, "sold": so_far["units_bought"], "odds": odds}
    names = {"entitled": "entitled", "letters": "letters", "actors": "takers", "codes_entered": "takers"}
    return {figure: last[count] for count, figure in names.items() if count in last}


def _in_wallets(day: DayLived) -> int:
    return sum(fund.reserved_yen for fund in day.funds)


def _row(name: Both, unit: str, *, both: tuple[int, int], why: Both) -> Compared:
    forecast, lived = both
    said = ALIKE if forecast == lived else why
    return Compared(ja=name.ja, en=name.en, unit=unit, forecast=forecast, lived=lived, why_ja=said.ja, why_en=said.en)

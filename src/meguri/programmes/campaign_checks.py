"""Do a document's campaigns agree with each other? Errors at their paths, and what nobody may mean. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from meguri.parties.rules import Both
from meguri.programmes.campaign_terms import Campaign, CampaignBand, Drawer, GrantByCampaign, Stacking
from meguri.programmes.findings import Findings, declare_error, declare_lint, found
from meguri.programmes.parts import MoneyPart, Per, Window
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms
from meguri.words.predicate import EVERYTHING

BAND_UNCLEAR = declare_error(
    "campaign_band_unclear",
    ja="「{name:ja}」の段には、率か円のどちらか一つだけを、0より大きく書いてください。",
    en="A band of “{name:en}” states either a rate or yen, one of them, above zero.",
)
RATE_ABOVE_WHOLE = declare_error(
    "campaign_rate_above_whole",
    ja="「{name:ja}」の率が100%を超えています({rate}%)。払った額より多くは付けられません。",
    en="The rate of “{name:en}” is above 100 % ({rate} %): nobody is given more than was paid.",
)
YEN_ABOVE_PAYMENT = declare_error(
    "campaign_yen_above_payment",
    ja="「{name:ja}」では、{from_yen}円の支払いに{yen}円が付きます。払った額より多くは付けられません。",
    en="“{name:en}” gives {yen} yen for a payment of {from_yen} yen: nobody is given more than was paid.",
)
BANDS_OVERLAP = declare_error(
    "campaign_bands_overlap",
    ja="「{name:ja}」の金額の段が重なっています({yen}円)。どちらの段で付くのか決まりません。",
    en="The amount bands of “{name:en}” overlap (at {yen} yen): which of them counts is not decided.",
)
BAND_EMPTY = declare_error(
    "campaign_band_empty",
    ja="「{name:ja}」の段には支払いが一つも入りません({from_yen}円以上{below_yen}円未満)。",
    en="No payment falls into a band of “{name:en}” (from {from_yen} to below {below_yen} yen).",
)
WITHOUT_BANDS = declare_error(
    "campaign_without_bands",
    ja="「{name:ja}」には、いくら付くかが書かれていません。", en="“{name:en}” does not say what it gives.",
)
NO_CAMPAIGNS = declare_error(
    "campaigns_missing", ja="キャンペーンが一つもありません。", en="There is no campaign in the document."
)
OUTSIDE_THE_WINDOW = declare_error(
    "campaign_outside_window",
    ja="「{name:ja}」の期間が、事業の付与の期間({first}から{last})からはみ出しています。",
    en="“{name:en}” lies outside the programme's window ({first} to {last}).",
)
PAID_PURSE = declare_error(
    "campaign_paid_purse",
    ja="「{name:ja}」の付与先が有償分の財布です。キャンペーンで付くのは無償分だけです。",
    en="“{name:en}” puts points into a purse of paid value: campaigns give granted value only.",
)
LIMIT_TWICE = declare_error(
    "campaign_limit_twice",
    ja="同じ上限が二度書かれています({limit:ja})。どちらか一つにしてください。",
    en="The same limit is written twice ({limit:en}): please keep one of them.",
)
NEVER_ASKED = declare_lint(
    "campaign_never_asked",
    ja="「{name:ja}」は、前にある重ねない「{before:ja}」がいつでも先に当たるので、付くことがありません。",
    en="“{name:en}” never gives anything: the exclusive “{before:en}” before it always applies first.",
)
WITHOUT_CEILING = declare_lint(
    "campaign_without_ceiling",
    ja="「{name:ja}」には1人の上限がありません。予算は一人で使い切れます。",
    en="“{name:en}” has no limit per person: one person can use the whole budget up.",
)

DRAWERS = {
    Drawer.PERSON: Both("1人", "a person"), Drawer.HOUSEHOLD: Both("1世帯", "a household"),
    Drawer.SHOP: Both("1店", "a shop"), Drawer.AREA: Both("1地区", "an area"),
    Drawer.CAMPAIGN: Both("全体で", "all together"),
}  # fmt: skip
SPANS = {
    Per.DAY: Both("1日", "a day"), Per.MONTH: Both("1か月", "a month"),
    Per.PROGRAMME: Both("期間中", "over the whole time"),
}  # fmt: skip
"""How a ceiling is named: 1人1日."""

CAMPAIGNS_MOST = 200
TOO_MANY = declare_error(
    "campaigns_too_many",
    ja="キャンペーンは{most}件までです({count}件あります)。", en="At most {most} campaigns ({count} are written).",
)


def wrong_campaigns(terms: ProgrammeTerms) -> Findings:
    """All that is wrong with the campaigns of a document; nothing for any other way of obtaining value."""
    grant = terms.obtaining
    if not isinstance(grant, GrantByCampaign):
        return
    if not grant.campaigns:
        yield found(NO_CAMPAIGNS, "obtaining.campaigns")
    if len(grant.campaigns) > CAMPAIGNS_MOST:
        yield found(TOO_MANY, "obtaining.campaigns", most=CAMPAIGNS_MOST, count=len(grant.campaigns))
    yield from _limits_once([(Drawer.PERSON, each.per) for each in grant.limits], path="obtaining.limits")
    paid = {purse.code for purse in terms.purses if purse.part is MoneyPart.PAID}
    for each in grant.campaigns:
        path, name = f"obtaining.campaigns.{each.code}", named(each)
        yield from _bands(each, path=f"{path}.bands")
        yield from _limits_once([(limit.of, limit.per) for limit in each.limits], path=f"{path}.limits")
        if not _is_inside(each.window, grant.window):
            yield found(OUTSIDE_THE_WINDOW, f"{path}.window", name=name, first=grant.window.first_day.isoformat(),
                        last=grant.window.last_day.isoformat())
        if (each.purse or grant.purse) in paid:
            yield found(PAID_PURSE, f"{path}.purse" if each.purse else "obtaining.purse", name=name)


def campaign_notes(terms: ProgrammeTerms) -> Findings:
    """What a document may say and its author may not mean."""
    grant = terms.obtaining
    if not isinstance(grant, GrantByCampaign):
        return
    for place, each in enumerate(grant.campaigns):
        path = f"obtaining.campaigns.{each.code}"
        for before in grant.campaigns[:place]:
            if _hides(before, each):
                yield found(NEVER_ASKED, path, name=named(each), before=named(before))
                break
        is_bounded = grant.limits or any(limit.of in (Drawer.PERSON, Drawer.HOUSEHOLD) for limit in each.limits)
        if not is_bounded:
            yield found(WITHOUT_CEILING, f"{path}.limits", name=named(each))


def named(each: Campaign) -> Both:
    return Both(each.name.ja, each.name.en)


def _bands(each: Campaign, *, path: str) -> Findings:
    name = named(each)
    if not each.bands:
        yield found(WITHOUT_BANDS, path, name=name)
    for place, band in enumerate(each.bands):
        at = f"{path}[{place}]"
        if (band.rate_bp is None) == (band.yen is None) or band.rate_bp == 0:
            yield found(BAND_UNCLEAR, at, name=name)
        elif (band.rate_bp or 0) > WHOLE:
            yield found(RATE_ABOVE_WHOLE, f"{at}.rate_bp", name=name, rate=f"{(band.rate_bp or 0) / 100:g}")
        elif band.yen is not None and band.yen > band.from_yen:
            yield found(YEN_ABOVE_PAYMENT, f"{at}.yen", name=name, yen=band.yen, from_yen=band.from_yen)
        if band.below_yen is not None and band.below_yen <= band.from_yen:
            yield found(BAND_EMPTY, at, name=name, from_yen=band.from_yen, below_yen=band.below_yen)
    for low, high in _neighbours(each.bands):
        if low.below_yen is None or low.below_yen > high.from_yen:
            yield found(BANDS_OVERLAP, path, name=name, yen=high.from_yen)


def _limits_once(limits: Sequence[tuple[Drawer, Per]], *, path: str) -> Findings:
    """A ceiling is one balance, named by whose it is and its span: two amounts for it would both draw on the first."""
    for of, per in dict.fromkeys(each for each in limits if limits.count(each) > 1):
        whose, span = DRAWERS[of], SPANS[per]
        yield found(LIMIT_TWICE, path, limit=Both(f"{whose.ja}{span.ja}", f"{whose.en} {span.en}"))


def _neighbours(bands: tuple[CampaignBand, ...]) -> Iterator[tuple[CampaignBand, CampaignBand]]:
    ordered = sorted(bands, key=lambda band: band.from_yen)
    return pairwise(ordered)


def _is_inside(inner: Window, outer: Window) -> bool:
    return outer.first_day <= inner.first_day and inner.last_day <= outer.last_day


def _hides(before: Campaign, each: Campaign) -> bool:
    """An exclusive campaign without condition, that gives something for any payment, over the whole of another."""
    gives_always = any(band.from_yen == 1 and band.below_yen is None and band.yen for band in before.bands)
    is_open = before.when == EVERYTHING and _is_inside(each.window, before.window)
    return before.stacking is Stacking.EXCLUSIVE and is_open and gives_always

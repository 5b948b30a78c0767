"""What a document says of its campaigns, in the articles of an ordinance and in the answers to people's questions."""

from __future__ import annotations

from collections.abc import Iterator

from meguri.parties.rules import Both
from meguri.programmes.campaign_checks import DRAWERS, SPANS
from meguri.programmes.campaign_terms import (
    Campaign,
    CampaignBand,
    CampaignLimit,
    Counted,
    GrantByCampaign,
    Stacking,
)
from meguri.programmes.texts import facts
from meguri.programmes.texts.sentences import Fact, Sentence, say
from meguri.programmes.vocabularies import CAMPAIGNS

Sentences = Iterator[Sentence]


def campaigns(grant: GrantByCampaign) -> Sentences:
    """The articles: what each gives, when, and in which order they are asked."""
    for each in grant.campaigns:
        name = _name(each)
        first, last = facts.span(f"{_path(each)}.window", each.window)
        yield say("「{name}」の期間は、{first}から{last}までとする。", "“{name}” runs from {first} to {last}.",
                  name=name, first=first, last=last)
        for place, band in enumerate(each.bands):
            yield _band(each, band, place=place, name=name)
        if (when := when_of(each)) is not None:
            yield say("「{name}」は、{when}支払に限る。", "“{name}” is for payments where {when}.",
                      name=name, when=when)
        if each.most_yen is not None:
            most = facts.yen(f"{_path(each)}.most_yen", each.most_yen)
            yield say("「{name}」の付与は、支払1回につき{most}までとする。", "“{name}” gives at most {most} a payment.",
                      name=name, most=most)
        yield from _limits(each, name=name)
        if each.stacking is Stacking.EXCLUSIVE:
            yield say("「{name}」により付与したときは、これより後に掲げるものによる付与は、行わない。",
                      "Where “{name}” gives, those named behind it do not.", name=name)
    yield say("支払が取り消され、又は返金されたときは、その割合に応じて付与を取り消す。",
              "Where a payment is refunded, its points are taken back in proportion.")


def campaigns_for_people(grant: GrantByCampaign) -> Sentences:
    """The answer to what one gets."""
    for each in grant.campaigns:
        name = _name(each)
        for place, band in enumerate(each.bands):
            yield _earns(each, band, place=place, name=name)
        if (when := when_of(each)) is not None:
            yield say("「{name}」が付くのは、{when}お支払いです。", "“{name}” is for payments where {when}.",
                      name=name, when=when)
    yield say("ポイントは、お支払いのその場で付きます。返金したときは、その割合のポイントがもどされます。",
              "Points come with the payment. Where it is refunded, they go back in proportion.")


def when_of(each: Campaign) -> Fact | None:
    """The condition in words; None where there is none."""
    return facts.condition(f"{_path(each)}.when", each.when, vocabulary=CAMPAIGNS)


def in_words(band: CampaignBand) -> Both:
    """What a band gives: 5 %, or 100 yen."""
    if band.yen is not None:
        return Both(f"{band.yen:,}円", f"{band.yen:,} yen")
    rate = f"{(band.rate_bp or 0) / 100:g}%"
    return Both(rate, rate)


def band_words(band: CampaignBand) -> Both:
    """Which payments fall into a band."""
    if band.below_yen is not None:
        return Both(f"{band.from_yen:,}円以上{band.below_yen:,}円未満",
                    f"from {band.from_yen:,} to below {band.below_yen:,} yen")
    if band.from_yen > 1:
        return Both(f"{band.from_yen:,}円以上", f"from {band.from_yen:,} yen")
    return Both("すべての額", "of any amount")


def limit_words(limit: CampaignLimit) -> Both:
    """A ceiling in words: 1人1日500円."""
    whose, span = DRAWERS[limit.of], SPANS[limit.per]
    return Both(f"{whose.ja}{span.ja}{limit.yen:,}円", f"{limit.yen:,} yen {whose.en} {span.en}")


def _band(each: Campaign, band: CampaignBand, *, place: int, name: Fact) -> Sentence:
    path = f"{_path(each)}.bands[{place}]"
    counted = Both("有償分で支払った額", "what was paid with paid value")
    if each.counted is Counted.ALL:
        counted = Both("支払った額", "what was paid")
    among, given = Fact(path, band_words(band)), Fact(f"{path}.yen" if band.yen else f"{path}.rate_bp", in_words(band))
    if band.yen is not None:
        return say(f"「{{name}}」は、{counted.ja}が{{among}}の支払1回につき、{{given}}を付与する。",
                   f"“{{name}}”: {{given}} for each payment ({counted.en}) {{among}}.",
                   name=name, among=among, given=given)
    return say(f"「{{name}}」の付与の率は、{counted.ja}({{among}})の{{given}}とし、1円未満は切り捨てる。",
               f"“{{name}}” gives {{given}} of {counted.en} ({{among}}), rounded down.",
               name=name, among=among, given=given)


def _earns(each: Campaign, band: CampaignBand, *, place: int, name: Fact) -> Sentence:
    path = f"{_path(each)}.bands[{place}]"
    among, given = Fact(path, band_words(band)), Fact(f"{path}.yen" if band.yen else f"{path}.rate_bp", in_words(band))
    return say("「{name}」: お支払い({among})に{given}。", "“{name}”: {given} for payments {among}.",
               name=name, among=among, given=given)


def _limits(each: Campaign, *, name: Fact) -> Sentences:
    for place, limit in enumerate(each.limits):
        most = Fact(f"{_path(each)}.limits[{place}].yen", limit_words(limit))
        yield say("「{name}」の付与は、{most}までとする。", "“{name}” gives at most {most}.", name=name, most=most)


def _path(each: Campaign) -> str:
    return f"obtaining.campaigns.{each.code}"


def _name(each: Campaign) -> Fact:
    return facts.named(f"{_path(each)}.name", each.name)

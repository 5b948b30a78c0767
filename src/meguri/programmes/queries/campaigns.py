"""Campaigns as they rule, and what they have done: compiled from the approved documents, read from the books."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from meguri.ledger import queries as books
from meguri.ledger.templates import AccountRole
from meguri.parties.queries import all_shop_facts
from meguri.parties.rules import Both
from meguri.programmes.campaign_terms import Campaign, CampaignLimit, Drawer, GrantByCampaign
from meguri.programmes.campaigns import (
    APPLIED_MOST,
    Bought,
    CampaignCeiling,
    LiveCampaign,
    cap_owner,
    ceiling_id,
    ceilings_of,
    grant_key,
    payer_of,
    payment_facts,
    shop_facts_of,
)
from meguri.programmes.models import Agreement, AgreementShare, Programme, ProgrammeState, PurseKind
from meguri.programmes.queries.documents import terms as terms_of
from meguri.programmes.queries.force import documents_in_force
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.vocabularies import CAMPAIGNS, RESIDENTS
from meguri.words import predicate
from meguri.words.period import day_of


@dataclass(frozen=True, slots=True)
class CampaignGrant:
    """What a payment earned by a campaign: the posting, and yen as they were granted."""

    posting: UUID
    payment: UUID
    programme: UUID
    campaign: str
    name: Both
    yen: int


def campaigns_in_force(municipality: int, at: datetime) -> tuple[LiveCampaign, ...]:
    """All campaigns of the documents that rule at `at`, in the order in which they are asked, open or not."""
    documents = _documents(municipality, at)
    if not documents:
        return ()
    running = Programme.objects.filter(id__in=list(documents), state=ProgrammeState.LAUNCHED)
    live = [each for row in running for each in _live(row, documents[row.id])]
    return tuple(sorted(live, key=lambda each: each.order))


def were_campaigns(municipality: int, at: datetime) -> bool:
    """Whether a document of campaigns ruled at `at`, closed since or not."""
    return bool(_documents(municipality, at))


def _documents(municipality: int, at: datetime) -> dict[UUID, ProgrammeTerms]:
    return {
        programme: terms for programme, terms in documents_in_force(municipality, at).items()
        if isinstance(terms.obtaining, GrantByCampaign)
    }  # fmt: skip


def _live(row: Programme, terms: ProgrammeTerms) -> Iterable[LiveCampaign]:
    grant = terms.obtaining
    assert isinstance(grant, GrantByCampaign)  # noqa: S101 - its only caller asks for it
    assert row.launched_at is not None  # noqa: S101 - only launched ones come here
    kinds = dict(PurseKind.objects.filter(programme=row).values_list("code", "id"))
    agreements = {each.code: each for each in Agreement.objects.filter(programme=row).prefetch_related("shares")}
    who = predicate.parse(terms.eligibility.who, RESIDENTS)
    for place, each in enumerate(grant.campaigns):
        purse = each.purse or grant.purse
        agreement = agreements[payer_of(terms, each)]
        yield LiveCampaign(
            programme=row.id, programme_name=Both(terms.name.ja, terms.name.en), order=(row.launched_at, row.id, place),
            terms=each, rule=predicate.parse(each.when, CAMPAIGNS), who=who, on=terms.eligibility.on,
            above=grant.limits, purse_kind=kinds[purse], agreement=agreement.id,
            funds=tuple(share.fund_id for share in agreement.shares.all()), expiry=terms.expiry,
        )


def campaign_grants(payments: Iterable[UUID], *, municipality: int) -> dict[UUID, tuple[CampaignGrant, ...]]:
    """What these payments earned, by payment, in the order of their campaigns; those that earned nothing are absent."""
    wanted = list(payments)
    keys = [grant_key(payment, place) for payment in wanted for place in range(1, APPLIED_MOST + 1)]
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_GRANTS_SQL, {"m": municipality, "keys": keys})
        rows = cursor.fetchall()
    names = campaign_names({UUID(row[1]) for row in rows}, municipality=municipality)
    found: defaultdict[UUID, list[tuple[int, CampaignGrant]]] = defaultdict(list)
    for posting, number, code, about_payment, key, yen in rows:
        programme, payment = UUID(number), UUID(about_payment)
        grant = CampaignGrant(posting, payment, programme, code, names.get((programme, code), Both(code, code)), yen)
        found[payment].append((int(key.rpartition(":")[2]), grant))
    return {payment: tuple(grant for _, grant in sorted(own, key=_place)) for payment, own in found.items()}


def _place(pair: tuple[int, CampaignGrant]) -> int:
    return pair[0]


_GRANTS_SQL = """
    SELECT p.id, p.about ->> 'programme', p.about ->> 'campaign', p.about ->> 'payment', k.key, (
               SELECT sum(e.amount)::bigint FROM ledger.entry e
                 JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account)
                                      AND d.role = 'fund'
                WHERE (e.municipality_id, e.posting_id) = (p.municipality_id, p.id))
      FROM ledger.posting_key k
      JOIN ledger.posting p ON (p.municipality_id, p.id) = (k.municipality_id, k.posting_id)
     WHERE k.municipality_id = %(m)s AND k.key = ANY (%(keys)s)
"""


def campaign_names(programmes: Iterable[UUID], *, municipality: int) -> Mapping[tuple[UUID, str], Both]:
    """The names of campaigns, by programme and code, as the documents in force have them."""
    names: dict[tuple[UUID, str], Both] = {}
    for programme in programmes:
        obtaining = terms_of(programme, municipality=municipality).obtaining
        own: tuple[Campaign, ...] = obtaining.campaigns if isinstance(obtaining, GrantByCampaign) else ()
        names |= {(programme, each.code): Both(each.name.ja, each.name.en) for each in own}
    return names


def agreement_of(grant: CampaignGrant, *, municipality: int) -> UUID:
    """Who shares what a campaign gives: its own agreement, or that of the purse which its points go to."""
    terms = terms_of(grant.programme, municipality=municipality)
    assert isinstance(terms.obtaining, GrantByCampaign)  # noqa: S101 - how value is obtained never changes
    campaign = next(each for each in terms.obtaining.campaigns if each.code == grant.campaign)
    return Agreement.objects.get(programme=grant.programme, code=payer_of(terms, campaign)).id


@dataclass(frozen=True, slots=True)
class CeilingLeft:
    """A campaign's ceiling over all its payments now: what it is, what is left (yen)."""

    limit: CampaignLimit
    left_yen: int


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """What a campaign has done: payments that earned, yen granted, yen taken back by refunds, and its own caps."""

    campaign: Campaign
    payments: int
    people: int
    yen: int
    back_yen: int
    caps: tuple[CeilingLeft, ...]


NOTHING = (0, 0, 0, 0)


def campaign_figures(programme: UUID, *, municipality: int, at: datetime) -> tuple[CampaignFigures, ...]:
    """Every campaign of a launched programme, in the order of its document, straight from the books."""
    grant = terms_of(programme, municipality=municipality).obtaining
    if not isinstance(grant, GrantByCampaign):
        return ()
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES_SQL, {"m": municipality, "programme": programme})
        found: dict[str, tuple[int, int, int, int]] = {row[0]: row[1:] for row in cursor.fetchall()}
    return tuple(
        CampaignFigures(
            each, *found.get(each.code, NOTHING), tuple(_caps(programme, each, municipality=municipality, at=at))
        )
        for each in grant.campaigns
    )


def _caps(programme: UUID, each: Campaign, *, municipality: int, at: datetime) -> Iterable[CeilingLeft]:
    owner = cap_owner(programme, each.code)
    for limit in each.limits:
        if limit.of is Drawer.CAMPAIGN:
            allowed = ceiling_id(programme, each.code, limit=limit, day=day_of(at))
            lot = books.allowance_lots([allowed], municipality=municipality).get(allowed)
            used = books.amounts([owner], AccountRole.USED, lots=[lot] if lot else [], municipality=municipality)
            yield CeilingLeft(limit, limit.yen - sum(used.values()))


_FIGURES_SQL = """
    WITH fund AS (
        SELECT a.id FROM ledger.account a JOIN programmes_fund n ON n.id = a.owner AND n.programme_id = %(programme)s
         WHERE a.municipality_id = %(m)s AND a.role = 'fund'
    ), moved AS (
        SELECT e.posting_id, e.amount, e.credit_account AS person, true AS given
          FROM ledger.entry e WHERE e.municipality_id = %(m)s AND e.debit_account IN (SELECT id FROM fund)
        UNION ALL
        SELECT e.posting_id, e.amount, e.debit_account, false
          FROM ledger.entry e WHERE e.municipality_id = %(m)s AND e.credit_account IN (SELECT id FROM fund)
    )
    SELECT p.about ->> 'campaign', count(DISTINCT p.id) FILTER (WHERE given),
           count(DISTINCT moved.person) FILTER (WHERE given),
           coalesce(sum(moved.amount) FILTER (WHERE given), 0)::bigint,
           coalesce(sum(moved.amount) FILTER (WHERE NOT given AND p.template = 'withdraw_points'), 0)::bigint
      FROM moved JOIN ledger.posting p ON (p.municipality_id, p.id) = (%(m)s, moved.posting_id)
     WHERE p.about ->> 'campaign' IS NOT NULL
     GROUP BY 1
"""
"""The books are asked by the programme's funds: every grant leaves one of them."""


def ceilings_left(ceilings: Iterable[CampaignCeiling], *, municipality: int) -> list[tuple[CampaignCeiling, int]]:
    """What is left of each ceiling (yen); one that nobody has touched yet is whole."""
    wanted = list(ceilings)
    lots = books.allowance_lots([each.allowed for each in wanted], municipality=municipality)
    owners = {each.owner for each in wanted}
    used = books.amounts(owners, AccountRole.USED, lots=lots.values(), municipality=municipality)
    return [
        (each, each.yen - used.get((each.owner, lots[each.allowed]), 0) if each.allowed in lots else each.yen)
        for each in wanted
    ]  # fmt: skip


def payments_made(*, municipality: int, start: datetime, end: datetime, limit: int) -> tuple[Bought, ...]:
    """The payments of a span with what campaigns ask of them, oldest first, at most `limit`.

    Paper notes are left out: they are nobody's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PAYMENTS_SQL, {"m": municipality, "start": start, "end": end, "most": limit})
        rows = cursor.fetchall()
    shops = {shop: shop_facts_of(facts) for shop, facts in all_shop_facts(municipality).items()}
    return tuple(
        Bought(
            holder, shop, at, int(yen), int(paid),
            {**shops[shop], **payment_facts(amount_yen=int(yen), at=at, channel=channel)},
        )
        for at, holder, shop, channel, yen, paid in rows if shop in shops
    )  # fmt: skip


_PAYMENTS_SQL = """
    SELECT p.effective_at, d.owner, c.owner, coalesce(p.about ->> 'channel', 'merchant_code'), sum(e.amount),
           coalesce(sum(e.amount) FILTER (WHERE k.part = 'paid'), 0)
      FROM ledger.posting p
      JOIN ledger.entry e ON (e.municipality_id, e.posting_id) = (p.municipality_id, p.id)
      JOIN ledger.account d ON (d.municipality_id, d.id) = (e.municipality_id, e.debit_account) AND d.role = 'wallet'
      JOIN ledger.account c ON (c.municipality_id, c.id) = (e.municipality_id, e.credit_account) AND c.role = 'shop'
      JOIN ledger.lot o ON (o.municipality_id, o.id) = (e.municipality_id, e.debit_lot)
      JOIN programmes_pursekind k ON k.id = o.purse_kind
     WHERE p.municipality_id = %(m)s AND p.template = 'pay' AND (p.about ->> 'channel') IS DISTINCT FROM 'paper'
       AND p.id >= ledger.first_number(%(start)s) AND p.id < ledger.first_number(%(end)s)
     GROUP BY p.id, p.effective_at, d.owner, c.owner, p.about ORDER BY p.id LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class CampaignLeft:
    """What a person, or all customers of a shop, can still get by a campaign now, and whether it has ended.

    `left_yen` None: the campaign has no ceiling of this kind.

    `ended`: its own cap, or a fund that has to carry its part, has nothing left; with new money it goes on by itself.
    """

    campaign: UUID
    left_yen: int | None
    ended: bool


def left_for(
    holder: UUID, live: Iterable[LiveCampaign], *, municipality: int, at: datetime
) -> tuple[CampaignLeft, ...]:
    """What is left of each campaign for a person; ceilings of households, shops and areas are told with a payment."""
    return _left(live, (Drawer.PERSON,), owner=holder, area="", municipality=municipality, at=at)


def left_in_shop(
    shop: UUID, live: Iterable[LiveCampaign], *, municipality: int, at: datetime
) -> tuple[CampaignLeft, ...]:
    """What is left of each campaign in a shop, by its own ceilings and its area's. Nothing about any customer."""
    facts = all_shop_facts(municipality).get(shop)
    drawers, area = (Drawer.SHOP, Drawer.AREA), facts.area if facts else ""
    return _left(live, drawers, owner=shop, area=area or "", municipality=municipality, at=at)


def campaigns_of_shop(shop: UUID, *, municipality: int, at: datetime) -> tuple[LiveCampaign, ...]:
    """The campaigns that run or will, and that the shop's own facts leave open: those that its customers may earn by.

    A shop that is not open is in none.
    """
    live = campaigns_in_force(municipality, at)
    shops = all_shop_facts(municipality) if live else {}
    if shop not in shops:
        return ()
    facts = shop_facts_of(shops[shop])
    return tuple(
        each for each in live if not each.period.is_over(at) and not predicate.is_ruled_out(each.rule, facts)
    )  # fmt: skip


def _left(
    live: Iterable[LiveCampaign], drawers: tuple[Drawer, ...], *, owner: UUID, area: str, municipality: int,
    at: datetime,
) -> tuple[CampaignLeft, ...]:
    own = [(each, list(_drawn_by(each, drawers, owner=owner, area=area, at=at))) for each in live]
    known = {
        (ceiling.allowed, ceiling.owner): left
        for ceiling, left in ceilings_left([c for _, drawn in own for c in drawn], municipality=municipality)
    }
    funds = {fund for each, _ in own for fund in each.funds}
    budgets = Counter[UUID]()
    for balance in books.balances(funds, AccountRole.FUND, municipality=municipality):
        budgets[balance.account.owner] += balance.amount
    shares = _shares({each.agreement for each, _ in own}, municipality=municipality)
    found = []
    for each, drawn in own:
        bound = [known[c.allowed, c.owner] for c in drawn if c.of in drawers]
        caps = [known[c.allowed, c.owner] for c in drawn if c.of is Drawer.CAMPAIGN]
        is_over = any(left <= 0 for left in caps) or _has_ended(shares[each.agreement], budgets)
        found.append(CampaignLeft(each.id, max(0, min(bound)) if bound else None, is_over))
    return tuple(found)


def _shares(agreements: set[UUID], *, municipality: int) -> Mapping[UUID, Sequence[AgreementShare]]:
    found: defaultdict[UUID, list[AgreementShare]] = defaultdict(list)
    for share in AgreementShare.objects.filter(agreement_id__in=agreements, municipality=municipality):
        found[share.agreement_id].append(share)
    return found


def _has_ended(shares: Sequence[AgreementShare], budgets: Mapping[UUID, int]) -> bool:
    """Whoever has reached its cap carries nothing any more; of all others nobody pays where one has nothing left."""
    carry = [share for share in shares if share.cap_yen is None or share.granted_yen < share.cap_yen]
    return not carry or not all(budgets[share.fund_id] for share in carry)


def _drawn_by(
    each: LiveCampaign, drawers: tuple[Drawer, ...], *, owner: UUID, area: str, at: datetime
) -> Iterable[CampaignCeiling]:
    """The campaign's own caps, and the ceilings of these kinds: whoever draws on the others has no part in it."""
    bought = Bought(owner, owner, at, 0, 0, {"area": area})
    wanted = (*drawers, Drawer.CAMPAIGN)
    return (c for c in ceilings_of(each, bought, household=owner) if c.of in wanted)

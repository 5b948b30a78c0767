"""People come to shops and sponsors by an invitation that works once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from meguri.parties.models import Invitation, Shop, ShopMember, Sponsor, SponsorMember, SponsorMemberRole
from meguri.parties.rules import OFFICER_ROLES, ROLE_NAMES, require, secret_hash
from meguri.words.actor import Actor, ActorRole
from meguri.words.ids import uuid7
from meguri.words.refusal import declare

INVITATION_LASTS = timedelta(days=14)

INVITATION_UNKNOWN = declare(
    "invitation_unknown", status=404,
    ja="この招待は使えません。期限が切れたか、すでに使われています。招待した人に新しい招待を頼んでください。",
    en="This invitation does not work: it has expired or was used. Please ask for a new one.",
)
INVITATION_LEADS_NOWHERE = declare(
    "invitation_leads_nowhere", status=422,
    ja="招待する先(店か企業のどちらか一つ)と役割を選んでください。",
    en="Please choose where the invitation leads (one shop or one company) and the role.",
)
SIGN_IN_FIRST = declare(
    "sign_in_first", status=401, ja="先にサインインしてください。", en="Please sign in first."
)
MEMBER_UNKNOWN = declare(
    "member_unknown", status=404, ja="この人は登録されていません。", en="This person is no member."
)
MANAGER_NEEDED = declare(
    "sponsor_manager_needed", status=403,
    ja="閲覧者の方は見ることだけができます。会社の担当者の方に頼んでください。",
    en="As a reader you can only look. Please ask a manager of your company.",
)
LAST_OWNER_STAYS = declare(
    "last_owner_stays",
    ja="最後の{role:ja}です。先に次の人を招くか、町の担当課に頼んでください。",
    en="This is the last {role:en}. Please invite the next one first, or ask the town's department.",
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Where an invitation led. `party` is the pseudonym that the person now acts as."""

    role: ActorRole
    party: UUID
    shop: UUID | None
    sponsor: UUID | None


def invite_member(
    *, role: ActorRole, by: Actor, at: datetime, shop: UUID | None = None, sponsor: UUID | None = None,
    sponsor_role: str = "",
) -> str:
    """Invite one person as clerk or owner of a shop, or as partner of a sponsor (there as manager or reader).

    Gives the token of the link, which is shown once and kept only as a hash; it works once within 14 days.
    Raises Refusal `not_allowed`, `sponsor_manager_needed` or `invitation_leads_nowhere`.
    """
    require(by, "party.invite", owner=shop or sponsor)
    require_manager(by)
    _require_target(role, shop=shop, sponsor=sponsor, municipality=by.municipality)
    if sponsor_role and (sponsor is None or sponsor_role not in SponsorMemberRole.values):
        raise INVITATION_LEADS_NOWHERE.refusal()
    return make_invitation(role=role, by=by, at=at, shop_id=shop, sponsor_id=sponsor, sponsor_role=sponsor_role)


def require_manager(by: Actor) -> None:
    """A person who only reads for a sponsor changes nothing; programs are held by their scopes.

    Raises Refusal `sponsor_manager_needed`.
    """
    if by.role is not ActorRole.PARTNER or by.person is None or by.party is None:
        return
    held = SponsorMember.objects.filter(
        municipality=by.municipality, sponsor_id=by.party, member=by.person, valid_until=None,
        role=SponsorMemberRole.MANAGER,
    )  # fmt: skip
    if not held.exists():
        raise MANAGER_NEEDED.refusal()


def make_invitation(*, role: ActorRole, by: Actor, at: datetime, **target: UUID | str | None) -> str:
    """The row and its token, after the caller's checks."""
    token = secrets.token_urlsafe(24)
    Invitation.objects.create(
        id=uuid7(at), municipality=by.municipality, token_hash=secret_hash(token), role=role, made_by=by.party,
        made_at=at, expires_at=at + INVITATION_LASTS, **target,
    )
    return token


def _require_target(role: ActorRole, *, shop: UUID | None, sponsor: UUID | None, municipality: int) -> None:
    targets: dict[ActorRole, tuple[QuerySet[Any], UUID | None]] = {
        ActorRole.CLERK: (Shop.objects.all(), shop), ActorRole.OWNER: (Shop.objects.all(), shop),
        ActorRole.PARTNER: (Sponsor.objects.all(), sponsor),
    }
    given = [one for one in (shop, sponsor) if one is not None]
    if role not in targets or given != [targets[role][1]]:
        raise INVITATION_LEADS_NOWHERE.refusal()
    if not targets[role][0].filter(id=given[0], municipality=municipality).exists():
        raise INVITATION_LEADS_NOWHERE.refusal()


@transaction.atomic
def accept_invitation(token: str, *, by: Actor, at: datetime) -> Accepted:
    """Become what the invitation says. Order: lock the invitation, write the membership, mark it used.

    An officer's invitation names the officer by itself, so that the entrance may set the first password (then `by` may
    be a visitor). A resident's code is not for this door: see `joining.join_register`.
    Raises Refusal `invitation_unknown`, `sign_in_first`.
    """
    found = (
        Invitation.objects.select_for_update(of=("self",)).select_related("appointment")
        .filter(municipality=by.municipality, token_hash=secret_hash(token), accepted_at=None, expires_at__gt=at)
        .exclude(role=ActorRole.RESIDENT).first()
    )
    if found is None:
        raise INVITATION_UNKNOWN.refusal()
    party = _enter(found, by=by, at=at)
    found.accepted_by, found.accepted_at = party, at
    found.save(update_fields=["accepted_by", "accepted_at"])
    return Accepted(role=ActorRole(found.role), party=party, shop=found.shop_id, sponsor=found.sponsor_id)


def _enter(found: Invitation, *, by: Actor, at: datetime) -> UUID:
    role = ActorRole(found.role)
    if role in OFFICER_ROLES and found.appointment is not None:
        return found.appointment.officer
    if by.party is None:
        raise SIGN_IN_FIRST.refusal()
    if found.shop_id is not None:
        _join_shop(found.shop_id, by.party, role=role, municipality=by.municipality, at=at)
    elif found.sponsor_id is not None:
        _join_sponsor(found.sponsor_id, by.party, role=found.sponsor_role, municipality=by.municipality, at=at)
    return by.party


def _join_shop(shop: UUID, member: UUID, *, role: ActorRole, municipality: int, at: datetime) -> None:
    ShopMember.objects.get_or_create(
        shop_id=shop, member=member, role=role, valid_until=None,
        defaults={"id": uuid7(at), "municipality": municipality, "valid_from": at},
    )


def _join_sponsor(sponsor: UUID, member: UUID, *, municipality: int, at: datetime, role: str = "") -> None:
    """Who has another role already keeps it: a second invitation takes nothing away."""
    SponsorMember.objects.get_or_create(
        sponsor_id=sponsor, member=member, valid_until=None,
        defaults={
            "id": uuid7(at), "municipality": municipality, "valid_from": at, "role": role or SponsorMemberRole.MANAGER,
        },
    )  # fmt: skip


def join_shop(shop: UUID, *, member: UUID, role: ActorRole, by: Actor, at: datetime) -> None:
    """Make a person a member without an invitation; once and again is the same. Raises Refusal `not_allowed`."""
    require(by, "party.invite", owner=shop)
    _require_target(role, shop=shop, sponsor=None, municipality=by.municipality)
    _join_shop(shop, member, role=role, municipality=by.municipality, at=at)


def join_sponsor(sponsor: UUID, *, member: UUID, by: Actor, at: datetime) -> None:
    """Make a person speak for a sponsor without an invitation. Raises Refusal `not_allowed`."""
    require(by, "party.invite", owner=sponsor)
    _require_target(ActorRole.PARTNER, shop=None, sponsor=sponsor, municipality=by.municipality)
    _join_sponsor(sponsor, member, municipality=by.municipality, at=at)


@transaction.atomic
def end_membership(
    *, member: UUID, by: Actor, at: datetime, shop: UUID | None = None, sponsor: UUID | None = None
) -> None:
    """A person leaves a shop or a sponsor, at once.

    Order: lock the place, so that two owners who let each other go at one moment meet there; count who stays; end it.
    Only the town (an officer, a task) may leave a place without anybody who answers for it.
    Raises Refusal `not_allowed`, `sponsor_manager_needed`, `member_unknown`, `last_owner_stays`.
    """
    require(by, "party.invite", owner=shop or sponsor)
    require_manager(by)
    ended = 0
    if shop is not None:
        list(Shop.objects.select_for_update().filter(municipality=by.municipality, id=shop))
        of_shop = ShopMember.objects.filter(municipality=by.municipality, shop_id=shop, valid_until=None)
        _require_another(of_shop.filter(role=ActorRole.OWNER), member, by=by, role=ActorRole.OWNER)
        ended += of_shop.filter(member=member).update(valid_until=at)
    if sponsor is not None:
        list(Sponsor.objects.select_for_update().filter(municipality=by.municipality, id=sponsor))
        of_sponsor = SponsorMember.objects.filter(
            municipality=by.municipality, sponsor_id=sponsor, valid_until=None
        )
        managers = of_sponsor.filter(role=SponsorMemberRole.MANAGER)
        _require_another(managers, member, by=by, role=ActorRole.PARTNER)
        ended += of_sponsor.filter(member=member).update(valid_until=at)
    if ended == 0:
        raise MEMBER_UNKNOWN.refusal()


def _require_another(answering: QuerySet[Any], member: UUID, *, by: Actor, role: ActorRole) -> None:
    """Of those who answer for a place, somebody other than the leaving one stays."""
    if by.role in OFFICER_ROLES or by.role is ActorRole.SYSTEM:
        return
    held = set(answering.values_list("member", flat=True))
    if held == {member}:
        raise LAST_OWNER_STAYS.refusal(role=ROLE_NAMES[role])

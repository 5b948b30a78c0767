"""Whom a coming amendment concerns, and by which way each of them is told: the app, a letter, the desk, or none."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from meguri.faces.office.addressees import shielded_among
from meguri.notices.queries import written_to
from meguri.programmes import queries as programmes
from meguri.programmes.benefits import queries as benefits
from meguri.programmes.queries import Announced
from meguri.programmes.vouchers import queries as vouchers
from meguri.vault.queries import with_app, with_fields
from meguri.vault.rules import Field
from meguri.wallets.paper import sold_by

NEEDED = (Field.NAME, Field.ADDRESS)


@dataclass(frozen=True, slots=True)
class Ways:
    """Everybody whom it concerns, each in one place; pseudonyms only.

    `by_app`: have the app, where a notice lies. `by_letter`: written to. `to_write`: no app, an address, no letter yet.
    `at_the_desk`: no app and a protected address. `by_none`: no app and no address. `bearers`: covers of booklets that
    hold value and whose buyer is not known; of all other booklets the buyer is among the people. `holding`: who of the
    people holds value, in a wallet or on paper.
    """

    by_app: frozenset[UUID]
    by_letter: frozenset[UUID]
    to_write: tuple[UUID, ...]
    at_the_desk: frozenset[UUID]
    by_none: tuple[UUID, ...]
    booklets: int
    bearers: tuple[str, ...]
    holding: frozenset[UUID]


def topic_of(one: Announced) -> str:
    """Under what letters about this very version are kept."""
    return f"amended.{one.programme.id.hex}.{one.number}"


def coming_of(programme: UUID, *, municipality: int) -> Announced | None:
    """The programme's approved amendment that waits for its first day; else the one that rules since its approval."""
    waiting = programmes.announced(municipality)
    ahead = next((each for each in waiting if each.programme.id == programme), None)
    return ahead or programmes.ruling_at_once(programme, municipality=municipality)


def ways(one: Announced, *, municipality: int) -> Ways:
    """By which way each is told, as it stands now."""
    number = one.programme.id
    owners = programmes.holders(number, municipality=municipality)
    paper = sold_by(owners, municipality=municipality)
    buyers = vouchers.buyers([each.purchase for each in paper.values()], municipality=municipality)
    bearers = sorted(each.cover.shown for each in paper.values() if each.purchase not in buyers)
    holding = (owners - paper.keys()) | {buyers[each.purchase] for each in paper.values() if each.purchase in buyers}
    people = holding.union(*(of_kind.awaited_by(number, municipality=municipality) for of_kind in (vouchers, benefits)))
    by_app = with_app(list(people), municipality=municipality)
    written = written_to(topic_of(one), municipality=municipality) & people
    left = sorted(people - by_app - written)
    hidden = shielded_among(left, municipality=municipality)
    reached = with_fields([each for each in left if each not in hidden], NEEDED, municipality=municipality)
    return Ways(
        by_app=by_app - written, by_letter=written, to_write=tuple(each for each in left if each in reached),
        at_the_desk=hidden, by_none=tuple(each for each in left if each not in hidden and each not in reached),
        booklets=len(paper), bearers=tuple(bearers), holding=holding,
    )  # fmt: skip

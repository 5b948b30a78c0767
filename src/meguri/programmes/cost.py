"""What a document promises, in yen per fund. Pure.

A sale promises its units whether or not anybody comes; points promise at most what their funds hold; a benefit's
promise depends on who lives in the town, so it is counted in `programmes.preview`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from meguri.programmes.arms import dearest_face
from meguri.programmes.parts import Bundle, FacePart, MoneyPart, Sale, SaleRound, Text
from meguri.programmes.sharing import WHOLE, ShareState, divide_grant
from meguri.programmes.terms import ProgrammeTerms


def funds_of(terms: ProgrammeTerms, funded_by: str) -> tuple[str, ...]:
    """The codes of the funds behind an agreement, in its order; a fund stands for itself."""
    for agreement in terms.agreements:
        if agreement.code == funded_by:
            return tuple(share.fund for share in agreement.shares)
    return (funded_by,)


def share_states(terms: ProgrammeTerms, funded_by: str) -> list[ShareState]:
    """An agreement's shares before the first yen; a fund alone carries the whole."""
    for agreement in terms.agreements:
        if agreement.code == funded_by:
            return [ShareState(share_bp=share.share_bp, cap_yen=share.cap_yen) for share in agreement.shares]
    return [ShareState(share_bp=WHOLE)]


def divide_among_funds(terms: ProgrammeTerms, *, funded_by: str, yen: int) -> dict[str, int]:
    """Who carries `yen`: fund code -> yen. Raises Refusal `shares_exhausted` when the caps leave too little room."""
    parts, _ = divide_grant(yen, share_states(terms, funded_by))
    return dict(zip(funds_of(terms, funded_by), parts, strict=True))


def bundle_of(sale: Sale, sale_round: SaleRound) -> Bundle:
    """What one unit of a round is: the bundle that it names, else the sale's own unit, under no code.

    Raises StopIteration for a bundle that the sale lacks.
    """
    if sale_round.bundle is not None:
        return next(bundle for bundle in sale.bundles if bundle.code == sale_round.bundle)
    name = Text(ja="1口", en="One unit")
    return Bundle(code="", name=name, price_yen=sale.unit_price_yen, face=sale.face, max_units=sale.max_units)


def units_for_sale(sale: Sale) -> int:
    """All rounds together."""
    return sum(each.units for each in sale.rounds)


def promised(terms: ProgrammeTerms) -> Mapping[str, int]:
    """What a sale owes when every unit is sold: fund code -> yen. Empty for other ways of obtaining value.

    Of several premiums that lot decides it is the largest: who buys is not known, and no budget may fall short.
    """
    if not isinstance(terms.obtaining, Sale):
        return {}
    worth = [FacePart(purse=face.purse, yen=face.yen * each.units) for each in terms.obtaining.rounds if each.units
             for face in dearest_face(terms, bundle_of(terms.obtaining, each).face)]
    return worth_of(terms, worth, units=1)


def worth_of(terms: ProgrammeTerms, face: Iterable[FacePart], *, units: int) -> Mapping[str, int]:
    """Who carries so many units of a face: fund code -> yen. Raises Refusal `shares_exhausted`."""
    purses = {purse.code: purse for purse in terms.purses}
    owed: Counter[str] = Counter()
    for part in face:
        owed[purses[part.purse].funded_by] += part.yen * units
    total: Counter[str] = Counter()
    for funded_by, yen in owed.items():
        total.update(divide_among_funds(terms, funded_by=funded_by, yen=yen))
    return total


def premium_rate_bp(terms: ProgrammeTerms) -> int | None:
    """The granted part over the price of all units, in 1/100 %; None without a sale or for units given free."""
    if not isinstance(terms.obtaining, Sale):
        return None
    sold = [(bundle_of(terms.obtaining, each), each.units) for each in terms.obtaining.rounds]
    price = sum(bundle.price_yen * units for bundle, units in sold)
    granted = {purse.code for purse in terms.purses if purse.part is MoneyPart.GRANTED}
    bonus = sum(face.yen * units for bundle, units in sold for face in bundle.face if face.purse in granted)
    return bonus * WHOLE // price if price else None

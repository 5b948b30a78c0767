"""Which provider takes which way of paying: the operator's choices decide, and whether the town is invented."""

from __future__ import annotations

from django.conf import settings
from django.utils.crypto import salted_hmac

from meguri.programmes.parts import PaymentWay
from meguri.programmes.vouchers.providers.card import CardProvider
from meguri.programmes.vouchers.providers.interface import PROVIDER_UNKNOWN, Provider
from meguri.programmes.vouchers.providers.invented import InventedProvider
from meguri.programmes.vouchers.providers.slip import SlipProvider
from meguri.programmes.vouchers.slip_code import Agency

SPECIMEN = Agency(maker="000000", company="00000", name="架空の収納代行")
"""The invented town's: no GS1 company has this number, so no real till takes such a slip."""


def provider_for(way: PaymentWay, *, invented: bool) -> Provider | None:
    """Who takes this way of paying in such a town; None: nobody, so it is not offered. The counter needs nobody."""
    configured = {PaymentWay.SLIP: "slip", PaymentWay.CARD: "card"}.get(way, "")
    if configured and (provider := _configured(configured)) is not None:
        return provider
    return invented_provider() if invented and configured else None


def named_provider(code: str, *, invented: bool) -> Provider:
    """The provider of this name. Raises Refusal `payment_provider_unknown`; a real town has no test provider."""
    found = invented_provider() if code == InventedProvider.code and invented else _configured(code)
    if found is None:
        raise PROVIDER_UNKNOWN.refusal()
    return found


def agency_of(provider: str) -> Agency | None:
    """Who collects what is paid by this provider's slips; None: nobody has given the town a barcode."""
    if provider == InventedProvider.code:
        return SPECIMEN
    if provider != SlipProvider.code or not settings.SLIP_MAKER:
        return None
    return Agency(maker=settings.SLIP_MAKER, company=settings.SLIP_COMPANY, name=settings.SLIP_AGENCY)


def final_days(code: str) -> int:
    """How many days a final notice takes at this provider, also where it is not in use any more."""
    return {each.code: each.final_days for each in (SlipProvider, CardProvider, InventedProvider)}[code]


def invented_provider() -> InventedProvider:
    """Its secret follows from the installation's own and is told to nobody."""
    return InventedProvider(secret=salted_hmac("meguri.payments", "test provider", algorithm="sha256").hexdigest())


def _configured(code: str) -> Provider | None:
    if code == SlipProvider.code and settings.SLIP_SECRET:
        return SlipProvider(secret=settings.SLIP_SECRET)
    if code == CardProvider.code and settings.CARD_KEY and settings.CARD_SECRET:
        return CardProvider(address=settings.CARD_ADDRESS, key=settings.CARD_KEY, secret=settings.CARD_SECRET)
    return None

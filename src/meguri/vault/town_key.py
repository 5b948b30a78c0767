"""The town's keys, and the guard against sealing with a wrong one."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from meguri.vault.models import TownKeyMark
from meguri.vault.sealing import TownKeys, derive_keys


class WrongTownKeyError(Exception):
    """The configured key is not the one that earlier records of this municipality were sealed with."""


@lru_cache(maxsize=64)
def _derived(secret_hex: str, municipality: int) -> TownKeys:
    return derive_keys(bytes.fromhex(secret_hex), municipality)


def town_keys(municipality: int) -> TownKeys:
    """The keys of a municipality out of the setting VAULT_KEY (64 hexadecimal digits)."""
    return _derived(settings.VAULT_KEY, municipality)


def keys_for_sealing(municipality: int) -> TownKeys:
    """The same keys, after comparing their mark with the one left at the first sealing.

    A record sealed with a key that nobody kept is lost, so a wrong key must stop the work before it, loudly.
    Raises WrongTownKeyError.
    """
    keys = town_keys(municipality)
    kept, _ = TownKeyMark.objects.get_or_create(municipality=municipality, defaults={"mark": keys.mark})
    if bytes(kept.mark) != keys.mark:
        raise WrongTownKeyError(f"municipality {municipality}: VAULT_KEY is not the key of its sealed records")
    return keys

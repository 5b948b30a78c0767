"""Invariants of the vault that any night can run. Each returns sentences about what is wrong; none is good."""

from __future__ import annotations

from meguri.vault.models import Login, LookUp, SealedPhoto, SealedRecord
from meguri.vault.sealing import SealBrokenError, Sealed, open_bytes, open_record
from meguri.vault.town_key import town_keys


def sealed_records_open(municipality: int, *, sample: int = 200) -> list[str]:
    """The newest records open with the town's key; nothing is shown or kept."""
    keys = town_keys(municipality)
    rows = SealedRecord.objects.filter(municipality=municipality, forgotten_at__isnull=True).order_by("-id")
    faults = []
    for row in rows[:sample]:
        try:
            open_record(row.id, Sealed(bytes(row.wrapped_key or b""), bytes(row.ciphertext or b"")), keys=keys)
        except SealBrokenError as exc:
            faults.append(f"record {row.id}: {exc}")
    return faults


def sealed_photos_open(municipality: int, *, sample: int = 20) -> list[str]:
    """The newest photos open with the town's key; nobody looks at them."""
    keys = town_keys(municipality)
    faults = []
    for row in SealedPhoto.objects.filter(municipality=municipality).order_by("-id")[:sample]:
        try:
            open_bytes(row.id, Sealed(bytes(row.wrapped_key), bytes(row.ciphertext)), keys=keys)
        except SealBrokenError as exc:
            faults.append(f"photo {row.id}: {exc}")
    return faults


def forgotten_leave_no_trace(municipality: int) -> list[str]:
    """Nobody who was forgotten can still be found or still sign in."""
    forgotten = SealedRecord.objects.filter(municipality=municipality, forgotten_at__isnull=False)
    subjects = forgotten.values("subject")
    faults = [
        f"forgotten {subject} can still be looked up"
        for subject in LookUp.objects.filter(municipality=municipality, subject__in=subjects)
        .values_list("subject", flat=True).distinct()
    ]
    faults += [
        f"forgotten {party} still has a login"
        for party in Login.objects.filter(municipality=municipality, party__in=subjects).values_list("party", flat=True)
    ]
    faults += [
        f"forgotten {subject} still has a photo"
        for subject in SealedPhoto.objects.filter(municipality=municipality, subject__in=subjects)
        .values_list("subject", flat=True).distinct()
    ]
    return faults

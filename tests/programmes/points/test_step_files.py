"""Files of steps: what phones write, what somebody made to hurt, and what a day comes to."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from meguri.programmes.points import step_files
from meguri.programmes.points.step_files import StepFile, read_steps
from tests.programmes.vouchers.lived_town import refused, unless

TODAY = date(2025, 7, 10)
FIRST = date(2025, 7, 3)
FORM = "<!DOCTYPE HealthData [\n<!ELEMENT HealthData (Record*)>\n<!ATTLIST Broken\n x CDATA #IMPLIED\n]>\n"
ZONE = "+0900"


def read(content: bytes) -> StepFile:
    return read_steps(io.BytesIO(content), first=FIRST, today=TODAY)


def record(start: str, steps: object, *, minutes: int = 10, device: str = "iPhone", zone: str = ZONE,
           inside: str = "", kind: str = "StepCount") -> str:
    begun = datetime.fromisoformat(f"2025-{start}")
    ended = begun + timedelta(minutes=minutes)
    return (
        f'<Record type="HKQuantityTypeIdentifier{kind}" sourceName="{device}" unit="count" '
        f'startDate="{begun:%Y-%m-%d %H:%M:%S} {zone}" endDate="{ended:%Y-%m-%d %H:%M:%S} {zone}" value="{steps}">'
        f"{inside}</Record>\n"
    )  # fmt: skip


def health(*records: str, form: str = FORM) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{form}<HealthData>\n{"".join(records)}</HealthData>'.encode()


def zipped(name: str, content: bytes, *, packed: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as parcel:
        parcel.writestr("apple_health_export/export_cda.xml", b"<ClinicalDocument/>" * 10_000)
        parcel.writestr(name, content)
    return out.getvalue()


WEEK = health(
    record("07-09 08:00", 4_000), record("07-09 18:00", 5_000), record("07-09 08:00", 8_800, device="Watch"),
    record("07-10 08:00", 700), record("07-10 08:05", 650), record("07-01 08:00", 9_000),
    record("07-10 08:00", 70, kind="HeartRate"),
)  # fmt: skip


@pytest.mark.parametrize("content", [WEEK, zipped("apple_health_export/書き出したデータ.xml", WEEK)])
def test_the_larger_of_two_devices_counts_and_overlaps_count_once(content: bytes) -> None:
    found = read(content)
    assert found.days == {date(2025, 7, 9): 9_000, date(2025, 7, 10): 700}
    assert (found.source, found.older, found.ahead, len(found.digest)) == ("apple_health", True, 0, 64)


def test_days_are_those_of_japan_wherever_the_phone_was() -> None:
    abroad = record("07-08 20:00", 5_000, zone="-0700")  # noon of the 9th in Japan
    ahead, wrong = record("07-11 08:00", 9_000), record("07-09 08:00", "many")
    by_hand = record("07-09 09:00", 50_000, inside='<MetadataEntry key="HKWasUserEntered" value="1"/>')
    found = read(health(abroad, ahead, wrong, by_hand, record("07-09 07:00", -5)))
    assert found.days == {date(2025, 7, 9): 5_000}
    assert (found.ahead, found.by_hand, found.unreadable) == (1, 1, 2)


def test_ten_million_steps_are_read_as_they_are() -> None:
    assert read(health(record("07-09 08:00", 10_000_000))).days == {date(2025, 7, 9): 10_000_000}
    assert read("日付,歩数\n2025/7/9,99999999999\n".encode()).days == {date(2025, 7, 9): 10**9}


LISTS = [
    ('date,steps\n2025-07-09,8000\n2025-07-10,"1,200"\n', "utf-8", "csv"),
    ("日付,歩数\r\n2025/7/9,8,000歩\r\n", "cp932", "csv"),
    ("日付,距離,歩数\n2025年7月9日,3.2,8000\n20250710,1.0,1200\n2025-06-01,1,5\n", "utf-8-sig", "csv"),
    ("Date,Move Minutes count,Step count\n2025-07-09,40,8000.0\n2025-07-10,,1200\n", "utf-8", "google_fit"),
    ("歩数計の記録\n\n日付,歩数\n2025-07-09,3000\n2025-07-09,8000\n2025-07-10,1200\n", "cp932", "csv"),
]


@pytest.mark.parametrize(("text", "encoding", "source"), LISTS)
def test_lists_of_days_are_read_however_they_were_written(text: str, encoding: str, source: str) -> None:
    found = read(text.replace("8,000歩", '"8,000歩"').encode(encoding))
    assert found.source == source
    assert found.days.pop(date(2025, 7, 9)) == 8_000
    assert set(found.days.values()) <= {1_200}


def test_a_line_that_makes_no_sense_is_told_and_harms_no_other() -> None:
    lines = ("date,steps", "03/04/2025,5", "2025-02-31,5", "2025-07-09,about 9", "2025-07-09", "", "2025-07-11,3",
             "2025-07-10,7")  # fmt: skip
    found = read("\n".join(lines).encode())
    assert (found.days, found.unreadable, found.ahead) == ({date(2025, 7, 10): 7}, 3, 1)


LAUGHS = '<!DOCTYPE HealthData [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\0" * 2_000, b"<", b"<html></html>", b"name,age\nx,3\n", b"date,steps" + b" " * 40_000,
        health(record("07-09 08:00", 5, device="&b;"), form=LAUGHS), health("<Record>"), health("<a>" * 50),
        b"<HealthData>" + b" " * 1_100_000 + FORM.encode() + b"</HealthData>",
        health(form="<!DOCTYPE HealthData [<!ENTITY a ").replace(b"]>", b""),
        health(form=LAUGHS).decode().encode("utf-16"), zipped("export.xml", WEEK)[:-30], zipped("notes.txt", WEEK),
        zipped("export.xml", b"date;steps"), b'<HealthData><Record a="' + b"x" * 3_000_000,
    ],
)  # fmt: skip
def test_what_is_no_file_of_steps_is_refused_kindly(content: bytes) -> None:
    with refused("steps_file_unreadable"):
        read(content)


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("wrong", ["torn", "locked", "unknown"])
def test_a_broken_or_locked_or_unknown_parcel_is_refused_kindly(packed: int, wrong: str) -> None:
    parcel = bytearray(zipped("export.xml", WEEK, packed=packed))
    assert read(bytes(parcel)).days
    local, listed = parcel.rfind(b"PK\x03\x04"), parcel.rfind(b"PK\x01\x02")
    if wrong == "torn":
        inside = local + 30 + len("export.xml")
        parcel[inside + 4 : inside + 80] = b"\xff" * 76
    elif wrong == "locked":
        parcel[local + 6] |= 1
        parcel[listed + 8] |= 1
    else:
        parcel[local + 8] = parcel[listed + 10] = 99
    with refused("steps_file_unreadable"):
        read(bytes(parcel))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "-1", "1e999", "many"])
def test_a_value_that_is_no_number_of_steps_is_told_and_harms_no_other(value: str) -> None:
    found = read(health(record("07-09 08:00", value), record("07-09 09:00", 500)))
    assert (found.days, found.unreadable) == ({date(2025, 7, 9): 500}, 1)


@given(st.binary(max_size=200), st.sampled_from([b"", b"<HealthData>", b"PK\x03\x04", b"date,steps\n"]))
def test_any_bytes_are_steps_or_a_kind_refusal(content: bytes, before: bytes) -> None:
    unless("steps_file_unreadable", lambda: read(before + content))


def test_a_parcel_that_unpacks_without_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_files, "FILE_BYTES_MAX", 1_000_000)
    with refused("steps_file_too_large"):
        read(zipped("export.xml", health(" " * 5_000_000)))
    with refused("steps_file_too_large"):
        read(zipped("steps.csv", b"date,steps\n" + b"2025-07-09,5\n" * 100_000).replace(b"_cda.xml", b"_cda.xmm"))
    monkeypatch.setattr(step_files, "DIRECTORY_BYTES_MAX", 10)
    with refused("steps_file_too_large"):
        read(zipped("export.xml", WEEK))
    monkeypatch.setattr(step_files, "RECORDS_MOST", 3)
    with refused("steps_file_too_large"):
        read(WEEK)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """What a file of one thousand million bytes takes was measured with one made in the same way."""
    old, most = record("06-01 08:00", 3).encode(), []
    for times in (2_000, 20_000):
        path = tmp_path / f"{times}.xml"
        path.write_bytes(WEEK.removesuffix(b"</HealthData>") + old * times + b"</HealthData>")
        tracemalloc.start()
        with path.open("rb") as file:
            assert len(read_steps(file, first=FIRST, today=TODAY).days) == 2
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < most[0] + 2_000_000

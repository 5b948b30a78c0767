"""My photo of a deed: sent by a plain form, told what came of it, sent again when asked, taken back."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from meguri.programmes.points import operations as points
from meguri.programmes.points import queries as points_of
from meguri.programmes.points.photos import photographed
from meguri.vault.models import SealedPhoto
from meguri.vault.photo_files import PHOTO_BYTES_MAX
from meguri.words.actor import Actor
from tests.faces.office.lived import Office
from tests.faces.resident.conftest import seen, words
from tests.pictures import phone_photo, photo
from tests.town import Town


@pytest.fixture
def maker(office: Office) -> Actor:
    return office.officer("maker:planning")


@pytest.fixture
def litter(town: Town, office: Office, maker: Actor) -> UUID:
    return points.open_action(programme=office.programme("point"), code="litter", by=maker, at=town.at)


def send(phone: Client, path: str, data: bytes, **form: str) -> tuple[int, str]:
    """The status and where it leads, or what the page says."""
    file = SimpleUploadedFile("写真.jpg", data, content_type="image/jpeg")
    answer = phone.post(f"/wallet/{path}", {"photo": file, "number": str(uuid4()), **form})
    return answer.status_code, answer.headers.get("Location", "") or words(answer.content.decode())


def sent(phone: Client, litter: UUID, seed: int = 1) -> str:
    """The path of the page of a photo that was sent."""
    status, address = send(phone, f"get/photo/{litter}", phone_photo(seed), told="架空公園で拾いました")
    assert status == 302, address
    return address.removeprefix("/wallet/")


def deed_of(path: str) -> UUID:
    return UUID(path.rpartition("/")[2])


def later(town: Town) -> datetime:
    """When the office answers: the town's clock has gone on since the photo was sent."""
    return town.at + timedelta(hours=1)


def waiting(town: Town, path: str) -> UUID:
    found = photographed(deed_of(path), municipality=town.municipality).waiting
    assert found is not None
    return found.id


def test_a_photo_is_sent_waits_and_is_confirmed(
    town: Town, maker: Actor, phone: Client, neighbour: Client, litter: UUID
) -> None:
    assert "写真を送る" in seen(phone, "get/actions")
    form = phone.get(f"/wallet/get/photo/{litter}").content.decode()
    assert re.search(r'<input[^>]*type="file"[^>]*accept="image/jpeg,image/png,image/webp" capture="environment"', form)
    assert "答えの日から30日で、写真も消します" in words(form)
    path = sent(phone, litter)
    assert "写真を受け取りました" in seen(phone, path)
    assert neighbour.get(f"/wallet/{path}").status_code == 404
    assert neighbour.post(f"/wallet/{path}", {"act": "take_back"}).status_code == 404
    assert path in phone.get("/wallet/get/actions").content.decode(), "what I did leads to its photo"
    number = waiting(town, path)
    shown = points.look_at_photo(photo=number, reason="行動の写真の確認", by=maker, at=later(town))
    assert shown.told == "架空公園で拾いました"
    points.attest_action(record=deed_of(path), photo=number, by=maker, at=later(town))
    after = seen(phone, path)
    assert "認められました。20円分のポイントが入りました" in after
    assert "に消します" in after
    assert "You earned" not in after
    assert "Confirmed: ¥20" in seen(phone, path, lang="en")


def test_asked_for_another_i_read_why_and_send_it(town: Town, maker: Actor, phone: Client, litter: UUID) -> None:
    path = sent(phone, litter)
    points.ask_for_another(
        record=deed_of(path), photo=waiting(town, path), reason="ぼけていて見えません", by=maker, at=later(town)
    )
    assert "の写真をもう一枚お願いします" in seen(phone, "get/actions")
    assert path in phone.get("/wallet/get/actions").content.decode()
    told = seen(phone, path)
    assert "写真をもう一枚お願いします" in told
    assert "ぼけていて見えません" in told
    assert "Please send another photo" in seen(phone, path, lang="en")
    assert send(phone, path, b"")[0] == 422
    assert send(phone, path, phone_photo(2))[0] == 302
    assert "写真を受け取りました" in seen(phone, path, lang="ja")
    status, told = send(phone, path, phone_photo(3))
    assert (status, "いま送れる写真はありません" in told) == (409, True)
    last = waiting(town, path)
    points.decline_action(record=deed_of(path), photo=last, reason="別の物です", by=maker, at=later(town))
    after = seen(phone, path)
    assert "ポイントになりませんでした" in after
    assert "別の物です" in after


def test_taken_back_it_is_gone(town: Town, phone: Client, litter: UUID) -> None:
    path = sent(phone, litter)
    for _ in range(2):
        assert phone.post(f"/wallet/{path}", {"act": "take_back"}).status_code == 302
    told = seen(phone, path)
    assert "取り下げました" in told
    assert "写真は消しました" in told
    assert "Taken back by the person." not in told
    english = seen(phone, path, lang="en")
    assert "Taken back by the person." in english
    assert "本人が取り下げました" not in english
    seen(phone, path, lang="ja")
    assert "取り下げて、写真を消す" not in told
    assert not SealedPhoto.objects.exists()


def test_one_form_pressed_twice_sends_one_photo(town: Town, phone: Client, litter: UUID) -> None:
    number = str(uuid4())
    answers = {send(phone, f"get/photo/{litter}", phone_photo(1), number=number) for _ in range(2)}
    assert len(answers) == 1
    assert len(points_of.done_by(town.holder, municipality=town.municipality)) == 1
    status, told = send(phone, f"get/photo/{litter}", phone_photo(2))
    assert (status, "確認を待っています" in told) == (409, True)


@pytest.mark.parametrize(("data", "said"), [
    (b"", "空のファイル"), (b"%PDF-1.7 a letter", "写真ではありません"), (phone_photo(1)[:3_000], "途中で切れているか"),
    (b"\0\0\0\x18ftypheic" + b"\0" * 400, "互換性優先"), (b"\xff\xd8" + b"\0" * PHOTO_BYTES_MAX, "大きすぎます"),
    (photo(1, size=(20, 20)), "小さすぎて"),
], ids=["empty", "pdf", "cut", "heic", "large", "small"])  # fmt: skip
def test_what_is_no_photo_is_answered_kindly_and_keeps_what_was_typed(
    phone: Client, litter: UUID, data: bytes, said: str
) -> None:
    number = str(uuid4())
    file = SimpleUploadedFile("写真.jpg", data, content_type="image/jpeg")
    answer = phone.post(f"/wallet/get/photo/{litter}", {"photo": file, "number": number, "told": "架空の話"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in words(page)
    assert 'value="架空の話"' in page
    assert f'value="{number}"' in page
    assert not SealedPhoto.objects.exists()


def test_without_a_file_or_a_number_or_such_an_action_nothing_is_sent(
    phone: Client, litter: UUID, deeds: dict[str, UUID]
) -> None:
    assert phone.post(f"/wallet/get/photo/{litter}", {"number": str(uuid4())}).status_code == 422
    assert phone.post(f"/wallet/get/photo/{litter}", {"photo": "x"}).status_code == 400
    assert phone.get(f"/wallet/get/photo/{uuid4()}").status_code == 404
    bus = next(iter(deeds.values()))
    assert phone.get(f"/wallet/get/photo/{bus}").status_code == 404
    assert send(phone, f"get/photo/{bus}", phone_photo(1))[0] == 422

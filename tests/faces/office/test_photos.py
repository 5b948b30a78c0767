"""The review of photos: a reason opens it, one photo after another, an answer by a single press."""

from __future__ import annotations

import re
from uuid import UUID, uuid4

import pytest
from django.test import Client

from meguri.programmes.points import operations as points
from meguri.programmes.points.models import ActionPhoto, ActionRecord
from meguri.programmes.points.photo_rules import ASKS, DECLINES, READY
from meguri.vault.models import RevealLog, SealedPhoto
from meguri.words.actor import ActorRole
from tests.faces.office.lived import Office
from tests.faces.office.reading import address, look, page, send, sheet, words
from tests.pictures import phone_photo

REASON = "写真の確認のため"
MAKER, CHECKER = "maker:planning", "checker:planning"


@pytest.fixture
def litter(office: Office) -> UUID:
    return points.open_action(
        programme=office.programme("point"), code="litter", by=office.officer(MAKER), at=office.town.at
    )


def sent(office: Office, litter: UUID, holder: UUID | None = None, seed: int = 1) -> UUID:
    """The number of a photo that somebody sent."""
    by = office.town.actor(ActorRole.RESIDENT, party=holder or office.town.holder)
    made = points.send_photo(
        action=litter, request=uuid4(), data=phone_photo(seed), told="架空公園で", by=by, at=office.town.at
    )
    return ActionPhoto.objects.get(record=made.record).id


@pytest.fixture
def photo(office: Office, litter: UUID) -> UUID:
    return sent(office, litter)


def begun(office: Office, key: str = MAKER) -> Client:
    """A browser in which a reason was given."""
    client = office.browser(key)
    send(client, "photos", act="begin", reason=REASON)
    return client


def state(photo: UUID) -> tuple[str, str]:
    row = ActionPhoto.objects.select_related("record").get(id=photo)
    return row.record.state, row.answer


def test_no_picture_is_shown_and_no_look_logged_before_a_reason_is_given(office: Office, photo: UUID) -> None:
    client = office.browser(MAKER)
    assert "写真を見て確かめる(1件)" in words(page(client, "points"))
    assert "写真を見て確かめる(1件)" in words(page(client, "desk"))
    for text in (page(client, "photos"), page(client, "photo", photo)):
        assert "data:image" not in text
        assert "架空公園" not in text
    for act in ("yes", "no", "again"):
        assert 'name="act" value="' + act not in page(client, "photo", photo)
    answer = send(client, "photos", act="begin", reason=" ")
    assert "個人情報を見る理由を書いてください" in words(answer)
    assert not RevealLog.objects.exists()


def test_a_reason_leads_to_the_photo_and_every_look_is_logged_with_it(office: Office, photo: UUID) -> None:
    client = office.browser(MAKER)
    answer = send(client, "photos", act="begin", reason=REASON)
    text = answer.content.decode()
    assert answer.request["PATH_INFO"] == address("photo", photo)
    assert re.search(r'<img src="data:image/jpeg;base64,[A-Za-z0-9+/]{200,}', text)
    assert "架空公園で" in words(text)
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    page(client, "photo", photo)
    looks = list(RevealLog.objects.all())
    assert [(each.fields, each.by_party, each.subject) for each in looks] == [
        (["photo"], office.officer(MAKER).party, office.town.holder)
    ] * 2
    assert all(each.reason.startswith(f"{REASON}(") for each in looks)
    assert "行動の写真" in words(page(office.browser(CHECKER), "reveals"))
    assert "data:" not in look(client, "photos")["Content-Security-Policy"], "no other page shows such pictures"


def test_another_officer_in_the_same_browser_says_why_anew(office: Office, photo: UUID) -> None:
    client = begun(office)
    session = client.session
    session["photo_reason"] = [str(uuid4()), REASON]
    session.save()
    assert "data:image" not in page(client, "photo", photo)


def test_yes_grants_and_leads_to_the_next_photo(office: Office, litter: UUID, photo: UUID) -> None:
    second = sent(office, litter, office.town.other, seed=2)
    client = begun(office)
    answer = send(client, "photo", photo, act="yes")
    assert "認めました。20円分を付与しました。" in words(answer)
    assert answer.request["PATH_INFO"] == address("photo", second)
    assert state(photo) == ("granted", "yes")
    answer = send(client, "photo", second, act="yes")
    assert answer.request["PATH_INFO"] == address("photos")
    assert "いま待っている写真はありません" in words(answer)
    late = send(client, "photo", photo, act="no:used")
    assert late.status_code == 409
    assert state(photo) == ("granted", "yes")
    assert "答えは出ています" in words(page(client, "photo", photo))


def test_yes_without_having_seen_it_is_refused(office: Office, photo: UUID) -> None:
    answer = send(office.browser(MAKER), "photo", photo, act="yes")
    assert answer.status_code == 403
    assert "まだ見ていない写真は認められません" in words(answer)
    assert state(photo) == ("held", "")


@pytest.mark.parametrize("said", ASKS)
def test_another_photo_is_asked_for_by_one_press(office: Office, photo: UUID, said: str) -> None:
    answer = send(begun(office), "photo", photo, act=f"again:{said}")
    assert "もう一枚頼みました" in words(answer)
    row = ActionPhoto.objects.get(id=photo)
    assert (row.answer, row.record.state) == ("again", "held")
    assert READY[said].ja in row.reason  # type: ignore[index]  # the member's own word
    assert READY[said].en in row.reason  # type: ignore[index]


@pytest.mark.parametrize("said", DECLINES)
def test_a_no_with_a_ready_reason_is_one_press(office: Office, photo: UUID, said: str) -> None:
    answer = send(begun(office), "photo", photo, act=f"no:{said}")
    assert "理由を本人に知らせました" in words(answer)
    assert state(photo) == ("refused", "no")
    assert READY[said].ja in ActionRecord.objects.get(photos=photo).reason  # type: ignore[index]


def test_a_reason_of_ones_own_is_kept_when_it_is_missing_elsewhere(office: Office, photo: UUID) -> None:
    client = begun(office)
    for act in ("no", "again"):
        assert send(client, "photo", photo, act=act, reason=" ").status_code == 422
    assert state(photo) == ("held", "")
    send(client, "photo", photo, act="again", reason="<b>暗い</b>です")
    assert ActionPhoto.objects.get(id=photo).reason == "<b>暗い</b>です"
    assert client.post(address("photo", photo), {"act": "perhaps"}).status_code == 400


def test_one_press_counts_once(office: Office, photo: UUID) -> None:
    client, once = begun(office), str(uuid4())
    send(client, "photo", photo, act="again:blurred", once=once)
    answer = send(client, "photo", photo, act="again:blurred", once=once)
    assert "すでに受け付けています" in words(answer)
    assert ActionPhoto.objects.count() == 1


def test_what_speaks_for_a_closer_look_stands_beside_the_photo_and_in_the_list(
    office: Office, litter: UUID, photo: UUID
) -> None:
    sent(office, litter, office.town.other, seed=1)
    client = begun(office)
    for text in (page(client, "photo", photo), page(client, "photos")):
        assert "同じ写真を、ほかに1人が送っています" in words(text)
    head, *rows = sheet(client, "photos", table="photos")
    assert (len(head), len(rows)) == (5, 2)


def test_a_photo_that_is_gone_can_only_be_declined(office: Office, photo: UUID) -> None:
    SealedPhoto.objects.all().delete()
    client = begun(office)
    text = page(client, "photo", photo)
    assert "この写真はもう消してあります" in words(text)
    assert 'value="yes"' not in text
    send(client, "photo", photo, act="no:other_deed")
    assert state(photo) == ("refused", "no")


def test_nobody_judges_their_own_and_other_departments_see_nothing(office: Office, litter: UUID) -> None:
    own = office.officer(MAKER).party
    photo = sent(office, litter)
    ActionPhoto.objects.update(resident=own)
    ActionRecord.objects.filter(photos=photo).update(resident=own)
    client = begun(office)
    assert "いま待っている写真はありません" in words(page(client, "photos"))
    assert "自分の行動は自分で確認できません" in words(page(client, "photo", photo))
    assert look(office.browser("maker:commerce"), "photo", photo).status_code in (403, 404)
    assert look(office.browser(CHECKER), "photo", uuid4()).status_code == 404


def test_the_page_of_the_record_leads_on_and_the_list_confirms_nothing_unseen(office: Office, photo: UUID) -> None:
    client = begun(office)
    record = ActionRecord.objects.get(photos=photo)
    text = page(client, "points")
    assert f'name="record" value="{record.id}"' not in text
    answer = send(client, "points", act="attest", record=[record.id])
    assert state(photo) == ("held", "")
    assert answer.status_code == 409

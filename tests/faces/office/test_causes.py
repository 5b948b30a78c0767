"""The office's page of causes: proposed by one officer, found among the approvals, approved by another, with totals."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from meguri.parties.models import Sponsor
from meguri.wallets import donation_views
from meguri.words.clock import day, now
from tests.faces.office.lived import Office
from tests.faces.office.reading import ANALYST, page, send, words


def organisation(lived: Office) -> str:
    receiver = uuid4()
    Sponsor.objects.create(
        id=receiver, municipality=lived.number, name_ja="こども応援の会", name_en="Friends of Children",
        joined_on=day(now()),
    )  # fmt: skip
    return str(receiver)


def form(receiver: str, **changes: str) -> dict[str, str]:
    today = day(now())
    return {
        "act": "propose", "name_ja": "子どもの居場所", "name_en": "A place for children",
        "purpose_ja": "放課後の居場所", "purpose_en": "After school", "receiver": receiver, "receiver_kind": "fund",
        "first_day": today.isoformat(),
        "last_day": (today + timedelta(days=30)).isoformat(), "once": str(uuid4()), **changes,
    }  # fmt: skip


def test_one_officer_proposes_and_another_approves(lived: Office) -> None:
    maker, checker = lived.browser("maker:planning"), lived.browser("checker:planning")
    assert "寄付先はまだありません" in page(maker, "causes")
    said = send(maker, "causes", **form(organisation(lived)))
    assert "起票しました" in words(said)
    (found,) = donation_views.causes(lived.number, at=now())
    assert (found.state, found.receiver_kind) == ("waiting", "fund")
    own = page(maker, "cause", found.id)
    assert "別の人の承認を待っています" in words(own)
    assert "子どもの居場所" in page(checker, "approvals")
    assert "承認しました" in words(send(checker, "cause", found.id, act="approve", once=str(uuid4())))
    (found,) = donation_views.causes(lived.number, at=now())
    assert found.approval
    assert found.state in ("open", "coming", "over")
    assert "Friends of Children" in page(lived.browser(ANALYST), "cause", found.id, lang="en")


def test_what_is_missing_is_said_beside_the_form(lived: Office) -> None:
    maker, receiver = lived.browser("maker:planning"), organisation(lived)
    backwards = form(receiver, last_day="2020-01-01", first_day="2020-01-02")
    assert "始まりより後の日" in words(send(maker, "causes", **backwards))
    assert "日本語と英語" in words(send(maker, "causes", **form(receiver, name_en=" ")))
    assert donation_views.causes(lived.number, at=now()) == ()


def test_a_cause_is_sent_back_for_a_reason_or_taken_back(lived: Office) -> None:
    maker, checker = lived.browser("maker:planning"), lived.browser("checker:planning")
    receiver = organisation(lived)
    send(maker, "causes", **form(receiver))
    (found,) = donation_views.causes(lived.number, at=now())
    assert "理由を書いてください" in words(send(checker, "cause", found.id, act="send_back", note=" ", once="a"))
    assert "差し戻しました" in words(send(checker, "cause", found.id, act="send_back", note="期間", once="b"))
    assert donation_views.causes(lived.number, at=now()) == ()
    send(maker, "causes", **form(receiver))
    (again,) = donation_views.causes(lived.number, at=now())
    assert "取り下げました" in words(send(maker, "cause", again.id, act="withdraw", once="c"))

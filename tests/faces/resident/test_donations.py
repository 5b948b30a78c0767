"""Donating on a phone and at the office: proposed, approved, chosen, seen before it is given, receipted, undone."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from uuid import UUID, uuid4

from django.test import Client

from meguri.parties.models import Sponsor
from meguri.parties.rules import Both
from meguri.wallets import donation_views, donations, queries
from meguri.wallets.operations import open_wallet
from meguri.words.actor import ActorRole
from meguri.words.clock import day
from tests.faces.resident.conftest import seen, turn_clock, words
from tests.town import Town


def listed(town: Town) -> UUID:
    """A cause that two officers listed, and its id."""
    receiver = uuid4()
    Sponsor.objects.create(
        id=receiver, municipality=town.municipality, name_ja="こども応援の会", name_en="Friends of Children",
        joined_on=day(town.at),
    )  # fmt: skip
    cause = donations.propose_cause(
        name=Both("子どもの居場所", "A place for children"),
        purpose=Both("放課後の居場所", "After school"), receiver=receiver, receiver_kind="organisation",
        first=day(town.at), last=day(town.at + timedelta(days=30)), by=town.makers["planning"], at=town.at,
    )  # fmt: skip
    donations.approve_cause(cause, by=town.checkers["planning"], at=town.at)
    return cause


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, words(page)
    return unescape(found[1])


def purse_of(page: str) -> str:
    found = re.search(r'name="purse"[^>]*value="([^"]+)"', page) or re.search(r'value="([^"]+)"[^>]*name="purse"', page)
    assert found, words(page)
    return unescape(found[1])


def given(phone: Client, cause: UUID, yen: str) -> str:
    """From the form over the confirmation to the receipt; gives the receipt's page."""
    form = phone.get(f"/wallet/donate/{cause}").content.decode()
    sure = phone.post(f"/wallet/donate/{cause}", {"purse": purse_of(form), "amount_yen": yen}).content.decode()
    asked = {name: hidden(sure, name) for name in ("purse", "amount_yen", "number", "do")}
    answer = phone.post(f"/wallet/donate/{cause}", asked, follow=True)
    assert answer.status_code == 200, words(answer.content.decode())
    again = phone.post(f"/wallet/donate/{cause}", asked, follow=True)
    assert again.redirect_chain == answer.redirect_chain, "the same form again is the same donation"
    return answer.content.decode()


def total(town: Town) -> int:
    found = queries.wallet(town.holder, municipality=town.municipality, at=town.at)
    assert found is not None
    return found.total_yen


def test_from_the_wallet_to_a_receipt_and_back(town: Town, phone: Client) -> None:
    town.give("points", 1_200)
    town.give("paid", 5_000)
    assert "いま受け付けている寄付先はありません" in seen(phone, "donate")
    cause = listed(town)
    assert "ポイントを寄付する" in seen(phone, "")
    assert "子どもの居場所" in seen(phone, "donate")
    form = phone.get(f"/wallet/donate/{cause}").content.decode()
    assert "グリーン・健康ポイント" in words(form)
    assert "商品券" not in words(form), "paid value is not offered"
    sure = phone.post(f"/wallet/donate/{cause}", {"purse": purse_of(form), "amount_yen": "300"}).content.decode()
    assert "900円" in words(sure), "what remains is said before"
    assert "税の控除" in words(sure)
    assert total(town) == 6_200, "looking gives nothing"
    receipt = given(phone, cause, "300")
    assert "寄付の控え" in words(receipt)
    assert "税の控除のための領収書ではありません" in words(receipt)
    assert total(town) == 5_900
    (made,) = donation_views.donations(town.holder, municipality=town.municipality, at=town.at)
    undone = phone.post(f"/wallet/donations/{made.id}/undo", follow=True)
    assert "寄付を取り消しました" in words(undone.content.decode())
    assert total(town) == 6_200
    assert "Donation undone" in seen(phone, "history", lang="en")


def test_too_much_is_refused_beside_the_field_and_late_undoing_says_why(town: Town, phone: Client) -> None:
    town.give("points", 1_200)
    cause = listed(town)
    form = phone.get(f"/wallet/donate/{cause}").content.decode()
    answer = phone.post(f"/wallet/donate/{cause}", {"purse": purse_of(form), "amount_yen": "1,201"})
    assert answer.status_code == 409
    assert "まだ寄付していません" in words(answer.content.decode())
    wrong = phone.post(f"/wallet/donate/{cause}", {"purse": "nothing", "amount_yen": "1", "do": "give"})
    assert "この事業のお金は寄付できません" in words(wrong.content.decode())
    given(phone, cause, "200")
    (made,) = donation_views.donations(town.holder, municipality=town.municipality, at=town.at)
    turn_clock(town, town.at + timedelta(days=1, minutes=1))
    late = phone.post(f"/wallet/donations/{made.id}/undo", follow=True)
    assert late.status_code == 409
    assert "もう取り消せません" in words(late.content.decode())


def test_nobody_sees_somebody_else_s_donation(town: Town, phone: Client, neighbour: Client) -> None:
    town.give("points", 1_200)
    given(phone, listed(town), "200")
    (made,) = donation_views.donations(town.holder, municipality=town.municipality, at=town.at)
    assert neighbour.get(f"/wallet/donations/{made.id}").status_code == 404
    assert neighbour.post(f"/wallet/donations/{made.id}/undo").status_code == 404


def test_the_public_page_closes_small_counts_and_shows_large_ones(town: Town, phone: Client) -> None:
    cause = listed(town)
    assert phone.get("/public/causes").content.decode().count("0円") >= 2
    town.give("points", 1_200)
    given(phone, cause, "377")
    page = words(phone.get("/public/causes").content.decode())
    assert "子どもの居場所" in page
    assert "377" not in page, "one person's donation is nobody else's to know"
    assert "10人未満" in page
    for _ in range(9):
        who = uuid4()
        open_wallet(who, by=town.actor(ActorRole.SYSTEM), at=town.at)
        town.give("points", 100, holder=who)
        kind = town.kind("points")
        view = queries.wallet(who, municipality=town.municipality, at=town.at)
        assert view is not None
        donations.donate(
            cause=cause, holder=who, purse_kind=kind.id, expires_at=view.purses[0].expires_at, amount_yen=10,
            request="x", by=town.actor(ActorRole.RESIDENT, party=who), at=town.at,
        )  # fmt: skip
    assert "467円" in words(phone.get("/public/causes").content.decode())

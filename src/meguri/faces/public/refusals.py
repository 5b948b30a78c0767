"""The catalogue of every expected no, by the room that says it."""

from __future__ import annotations

from dataclasses import dataclass

from meguri.parties.rules import Both
from meguri.words.refusal import RefusalKind, catalogue

ROOMS = {
    "wallets": Both("財布", "Wallets"),
    "tills": Both("レジ", "Tills"),
    "programmes": Both("事業", "Programmes"),
    "programmes.vouchers": Both("商品券", "Vouchers"),
    "programmes.points": Both("ポイント", "Points"),
    "programmes.benefits": Both("給付", "Benefits"),
    "settlement": Both("精算・振込", "Settlement and transfers"),
    "parties": Both("人・店・役割", "People, shops, roles"),
    "ledger": Both("帳簿", "The ledger"),
    "vault": Both("個人情報の金庫", "The vault"),
    "notices": Both("お知らせ", "Notices"),
    "strategy": Both("計画と目標", "Plans and goals"),
    "evidence": Both("効果の検証", "Evidence"),
    "words": Both("書き方・読み取り", "How things are written"),
    "faces.resident": Both("住民の画面", "The resident's pages"),
    "faces.entrance": Both("サインイン・画面", "Signing in, pages"),
    "faces.merchant": Both("店の画面", "The shop's pages"),
    "faces.partner": Both("企業の画面", "The company's pages"),
    "faces.office": Both("役場の画面", "The town hall's pages"),
    "faces.api": Both("API", "The API"),
}
"""In the order of the page. A room that is not named here comes last, under its own name."""


@dataclass(frozen=True, slots=True)
class Group:
    """What one room may say no to."""

    key: str
    name: Both
    kinds: tuple[RefusalKind, ...]


def by_room(text: str = "") -> tuple[Group, ...]:
    """The catalogue in groups; only what holds `text` in its code or a sentence, and no empty group."""
    wanted = text.casefold()
    rooms: dict[str, list[RefusalKind]] = {key: [] for key in ROOMS}
    for kind in catalogue():
        if wanted in f"{kind.code}\n{kind.ja}\n{kind.en}".casefold():
            rooms.setdefault(_room(kind), []).append(kind)
    return tuple(
        Group(key, ROOMS.get(key, Both(key, key)), tuple(kinds)) for key, kinds in rooms.items() if kinds
    )  # fmt: skip


def _room(kind: RefusalKind) -> str:
    """`meguri.faces.office.frame` is in faces.office, `meguri.parties.rules` in parties."""
    _, *names = kind.module.split(".")
    pair = ".".join(names[:2])
    return pair if pair in ROOMS or names[:1] == ["faces"] else ".".join(names[:1])

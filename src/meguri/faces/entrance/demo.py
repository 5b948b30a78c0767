"""The people whom anybody may be in the demo: a roster of parts, filled from the invented town as it grows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from meguri.ledger import queries as ledger
from meguri.ledger.templates import AccountRole
from meguri.parties import operations as parties
from meguri.parties import queries
from meguri.parties.queries import Hat
from meguri.parties.rules import OFFICER_ROLES, Both
from meguri.vault.operations import make_login
from meguri.vault.queries import LoginView, demo_logins
from meguri.words.actor import Actor, ActorRole
from meguri.words.clock import day
from meguri.words.refusal import Refusal

DEPARTMENTS = {
    "commerce": Both("商工課", "Commerce"), "planning": Both("企画課", "Planning"),
    "welfare": Both("福祉課", "Welfare"), "accounting": Both("会計課", "Accounting"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A part to play. `line` says what to try first; `icon` is a sign of the design."""

    key: str
    role: ActorRole
    name: Both
    line: Both
    icon: str
    department: str = ""


ROSTER = (
    Part("elder", ActorRole.RESIDENT, Both("年金で暮らす住民", "A pensioner"),
         Both("財布を見て、近くの店で払ってみる", "Look into the wallet and pay at a shop nearby"), "wallet"),
    Part("parent", ActorRole.RESIDENT, Both("子どもと暮らす住民", "A parent"),
         Both("商品券を申し込み、給付の受け取り方を選ぶ", "Apply for vouchers, choose how to get a benefit"), "people"),
    Part("clerk", ActorRole.CLERK, Both("店員", "A shop clerk"),
         Both("コードを読んで代金を受け取る", "Scan a code and take a payment"), "shop"),
    Part("owner", ActorRole.OWNER, Both("店主", "A shop owner"),
         Both("売上と振込の予定を見る", "See takings and when they are paid out"), "shop"),
    Part("commerce-maker", ActorRole.MAKER, Both("商工課の起票者", "Commerce, maker"),
         Both("プレミアム商品券の事業をつくる", "Draft a premium voucher programme"), "ticket", "commerce"),
    Part("commerce-checker", ActorRole.CHECKER, Both("商工課の承認者", "Commerce, checker"),
         Both("起票された事業を確かめて始める", "Check what was drafted and launch it"), "ticket", "commerce"),
    Part("planning-maker", ActorRole.MAKER, Both("企画課の起票者", "Planning, maker"),
         Both("健康ポイントの行動を開く", "Open an action that earns points"), "leaf", "planning"),
    Part("planning-checker", ActorRole.CHECKER, Both("企画課の承認者", "Planning, checker"),
         Both("企業との共同財源を認める", "Approve co-funding with a company"), "leaf", "planning"),
    Part("welfare-maker", ActorRole.MAKER, Both("福祉課の起票者", "Welfare, maker"),
         Both("給付の名簿を取り込む", "Import a list of beneficiaries"), "hand", "welfare"),
    Part("welfare-checker", ActorRole.CHECKER, Both("福祉課の承認者", "Welfare, checker"),
         Both("支給を決めて支払う", "Decide entitlements and release them"), "hand", "welfare"),
    Part("accountant", ActorRole.ACCOUNTANT, Both("会計課の出納係", "Accounting, clerk"),
         Both("精算を締めて、振込を起こす", "Close a settlement and prepare the payout"), "yen", "accounting"),
    Part("treasurer", ActorRole.ACCOUNTANT, Both("会計管理者", "Accounting, treasurer"),
         Both("起こされた振込を確かめて認める", "Check a prepared payout and approve it"), "yen", "accounting"),
    Part("partner", ActorRole.PARTNER, Both("協賛企業の担当者", "A partner company"),
         Both("出した財源がどう使われたかを見る", "See what the company's money did"), "partner"),
    Part("analyst", ActorRole.ANALYST, Both("企画課の分析担当", "An analyst"),
         Both("事業の効果と確からしさを見る", "Look at effects and how sure they are"), "chart", "planning"),
    Part("operator", ActorRole.OPERATOR, Both("運営", "The operator"),
         Both("職員の役割を決め、店を登録する", "Appoint officers and register shops"), "settings", "planning"),
)
"""In the order of the page. A visitor needs no part: leaving is enough."""

PARTS = {part.key: part for part in ROSTER}


def demo_id(key: str, *, municipality: int, what: str) -> UUID:
    """The same id for the same part at every start (`what`: login or party)."""
    return uuid5(NAMESPACE_URL, f"meguri:demo/{municipality}/{what}/{key}")


@dataclass(frozen=True, slots=True)
class Player:
    """A part that somebody of the town plays."""

    part: Part
    login: LoginView


def players(municipality: int) -> tuple[Player, ...]:
    """The parts that can be played now, in the roster's order."""
    present = {login.id: login for login in demo_logins(municipality)}
    found = ((part, present.get(demo_id(part.key, municipality=municipality, what="login"))) for part in ROSTER)
    return tuple(Player(part, login) for part, login in found if login is not None)


def settle_demo_people(*, municipality: int, at: datetime) -> tuple[Player, ...]:
    """Fill the parts that nobody plays yet; what the town does not have yet stays open until the next call.

    Officers are made; residents, shops and the company are found in the town. The same again changes nothing.
    """
    playing = {player.part.key for player in players(municipality)}
    if len(playing) < len(ROSTER):
        _open_departments(municipality, at)
        for part in ROSTER:
            if part.key not in playing:
                _fill(part, municipality=municipality, at=at)
    return players(municipality)


def _open_departments(municipality: int, at: datetime) -> None:
    present = {department.code for department in queries.departments(municipality)}
    by = Actor(municipality, ActorRole.SYSTEM)
    for code, name in DEPARTMENTS.items():
        if code not in present:
            parties.open_department(code=code, name_ja=name.ja, name_en=name.en, by=by, at=at)


def _fill(part: Part, *, municipality: int, at: datetime) -> None:
    """Find or make the part's person and give the demo login; leave it if the town has nobody for it."""
    party = _finder(part)(part, municipality=municipality, at=at)
    if party is None:
        return
    login = demo_id(part.key, municipality=municipality, what="login")
    try:
        make_login(municipality=municipality, party=party, at=at, demo=True, login=login)
    except Refusal:
        return  # another process filled the part at the same moment


def _finder(part: Part) -> Callable[..., UUID | None]:
    find = {ActorRole.RESIDENT: _resident, ActorRole.CLERK: _member, ActorRole.OWNER: _member,
            ActorRole.PARTNER: _partner}
    return _officer if part.role in OFFICER_ROLES else find[part.role]


def restored_hat(player: Player, *, at: datetime) -> Hat:
    """The hat of the part. An operator may have ended the appointment, an owner may have let the clerk go: in the demo
    that holds until somebody plays the part again, so that nobody can take a person away from the next visitor.
    """
    found = _hat(player, at)
    if found is None:
        _finder(player.part)(player.part, municipality=player.login.municipality, at=at)
        found = _hat(player, at)
    return found or queries.hats(player.login.party, municipality=player.login.municipality, at=at)[0]


def _hat(player: Player, at: datetime) -> Hat | None:
    worn = queries.hats(player.login.party, municipality=player.login.municipality, at=at)
    part = (player.part.role, player.part.department)
    return next((hat for hat in worn if (hat.actor.role, hat.actor.department) == part), None)


def _officer(part: Part, *, municipality: int, at: datetime) -> UUID:
    party = demo_id(part.key, municipality=municipality, what="party")
    try:
        parties.appoint(
            officer=party, role=part.role, department=part.department, by=Actor(municipality, ActorRole.SYSTEM), at=at
        )
    except Refusal as known:
        if known.code != "already_appointed":
            raise
    return party


def _member(part: Part, *, municipality: int, at: datetime) -> UUID | None:
    shops = queries.shops(municipality=municipality, limit=200)
    shop = next((shop for shop in shops if shop.size_class == "street"), next(iter(shops), None))
    if shop is None:
        return None
    party = demo_id(part.key, municipality=municipality, what="party")
    parties.join_shop(shop.id, member=party, role=part.role, by=Actor(municipality, ActorRole.SYSTEM), at=at)
    return party


def _partner(part: Part, *, municipality: int, at: datetime) -> UUID | None:
    sponsor = next(iter(queries.sponsors(municipality)), None)
    if sponsor is None:
        return None
    party = demo_id(part.key, municipality=municipality, what="party")
    parties.join_sponsor(sponsor.id, member=party, by=Actor(municipality, ActorRole.SYSTEM), at=at)
    return party


AGES = {"elder": (68, 82, False), "parent": (28, 48, True)}


def _resident(part: Part, *, municipality: int, at: datetime) -> UUID | None:
    """The one with the fullest wallet among a few who fit; nobody while nobody has money."""
    least, most, children = AGES[part.key]
    fitting = queries.residents_like(
        municipality=municipality, on=day(at), least_age=least, most_age=most, with_children=children
    )
    held = dict.fromkeys(fitting, 0)
    for kept in ledger.balances(fitting, AccountRole.WALLET, municipality=municipality):
        held[kept.account.owner] += kept.amount
    richest = max(held, key=lambda person: held[person], default=None)
    return richest if richest is not None and held[richest] > 0 else None

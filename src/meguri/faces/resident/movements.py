"""What came and went, as rows that say what each was for; many point grants of one day are one line that unfolds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from uuid import UUID

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.resident.frame import shop_name
from meguri.programmes import queries as programmes
from meguri.programmes.parts import GrantByAction
from meguri.wallets.queries import Movement
from meguri.words import clock
from meguri.words.refusal import Refusal

FOLDED = 3
"""From so many point grants of one day on they are one line."""
KINDS = {
    "pay": ("支払い", "Payment"), "refund_payment": ("返金", "Refund"),
    "sell_voucher": ("商品券の購入", "Voucher bought"),
    "withdraw_purchase": ("商品券の購入の取り消し", "Purchase withdrawn"),
    "load_code": ("商品券コード", "Voucher code"),
    "reward_payment": ("お支払いへのポイント", "Points for a payment"),
    "reward_campaign": ("キャンペーンのポイント", "Points by a campaign"),
    "grant_points": ("ポイント", "Points"), "withdraw_points": ("ポイントの取消", "Points withdrawn"),
    "pay_benefit": ("給付", "Benefit"), "transfer": ("送金", "Transfer"),
    "move_wallet": ("前の財布から", "From the wallet before"), "expire": ("期限切れ", "Expired"),
    "undo_expire": ("期限切れの取消", "Expiry undone"),
    "demurrage": ("減価", "Shrunk with time"), "undo_demurrage": ("減価の取消", "Given back"),
    "extend": ("期限の延長", "Good for longer"), "undo_extend": ("期限の延長の取消", "Extension undone"),
    "wind_up": ("事業の終了", "Programme wound up"), "undo_wind_up": ("事業の終了の取消", "Given back"),
    "hold": ("取り置き", "Put on hold"), "capture": ("取り置きの残り", "Rest of a hold"),
    "void_hold": ("取り置きの取消", "Hold ended"), "give": ("贈り物を用意", "Gift made ready"),
    "take_gift": ("贈り物を受け取り", "Gift received"), "return_gift": ("贈り物がもどる", "Gift came back"),
    "donate": ("寄付", "Donation"), "undo_donation": ("寄付の取り消し", "Donation undone"),
}  # fmt: skip
REFUND_IN_PART = ("一部の返金", "Refund of a part")


@dataclass(frozen=True, slots=True)
class Row:
    """A movement: `name` says what it was for, `kind` what it was; `receipt` is the payment that it belongs to."""

    at: datetime
    amount: int
    name: str
    kind: str
    family: str
    receipt: UUID | None
    folds: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """Many small grants of one day, newest first: how much they came to and what they were for."""

    rows: tuple[Row, ...]
    today: bool

    @property
    def on(self) -> date:
        return clock.day(self.rows[0].at)

    @property
    def amount(self) -> int:
        return sum(row.amount for row in self.rows)

    @property
    def family(self) -> str:
        return self.rows[0].family

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row.name for row in self.rows))


def rows_of(request: TownRequest, moved: Iterable[Movement]) -> list[Row | Fold]:
    """Movements as rows, newest first; a shop and a programme are asked for once, however often they come."""
    shops, deeds = cache(lambda shop: shop_name(request, shop)), cache(lambda programme: _deeds(request, programme))
    campaigns = cache(lambda programme: _campaigns(request, programme))
    rows = [_row(request, each, shops=shops, deeds=deeds, campaigns=campaigns) for each in moved]
    return _folded(rows, today=clock.day(request.at))


def _row(
    request: TownRequest, each: Movement, *, shops: Callable[[UUID], str], deeds: Callable[[UUID], dict[str, str]],
    campaigns: Callable[[UUID], dict[str, str]],
) -> Row:
    about, english = each.about, request.language != "ja"
    kind = (REFUND_IN_PART if _is_in_part(each) else KINDS.get(each.template, (each.template, each.template)))[english]
    shop = shops(UUID(str(about["shop"]))) if about.get("shop") and not about.get("campaign") else ""
    code = about.get("action") or about.get("mission")
    deed = deeds(UUID(str(about["programme"]))).get(str(code)) if code else ""
    family = each.parts[0][0].family if each.parts else ""
    return Row(
        at=each.effective_at, amount=each.amount_yen, kind=kind, family=family, receipt=_receipt(each),
        name=shop or deed or _campaign(each, campaigns=campaigns) or _programme_name(each, english=english) or kind,
        folds=each.template == "grant_points" and family == "point" and "mission" not in about,
    )  # fmt: skip


def _is_in_part(each: Movement) -> bool:
    return each.template == "refund_payment" and each.about.get("asked_yen") is not None


def _receipt(each: Movement) -> UUID | None:
    """The payment that this was, or that some of was given back."""
    if each.template == "pay":
        return each.posting
    if each.template == "reward_campaign":
        return UUID(str(each.about["payment"]))
    part = each.about.get("refunds") if each.template == "refund_payment" else None
    return UUID(str(part)) if part else None


def _campaign(each: Movement, *, campaigns: Callable[[UUID], dict[str, str]]) -> str:
    """The campaign whose points came, or went back with a refund."""
    about = each.about
    return campaigns(UUID(str(about["programme"]))).get(str(about["campaign"]), "") if about.get("campaign") else ""


def _campaigns(request: TownRequest, programme: UUID) -> dict[str, str]:
    """The names of a programme's campaigns by their codes."""
    names = programmes.campaign_names([programme], municipality=request.municipality)
    return {code: name.ja if request.language == "ja" else name.en for (_, code), name in names.items()}


def _programme_name(each: Movement, *, english: bool) -> str:
    """The programmes whose money moved."""
    names = (kind.programme_name_en if english else kind.programme_name_ja for kind, _ in each.parts)
    return ("、", ", ")[english].join(dict.fromkeys(names))


def _deeds(request: TownRequest, programme: UUID) -> dict[str, str]:
    """The names of a programme's actions and missions by their codes; none for a programme that is not known here."""
    try:
        terms = programmes.terms(programme, municipality=request.municipality)
    except Refusal:
        return {}
    if not isinstance(terms.obtaining, GrantByAction):
        return {}
    named = [(each.code, each.name) for each in terms.obtaining.actions]
    named += [(each.code, each.name) for each in terms.obtaining.missions]
    return {code: name.ja if request.language == "ja" else name.en for code, name in named}


def _folded(rows: Iterable[Row], *, today: date) -> list[Row | Fold]:
    """Each day's grants stand where its newest one stood, if they are many; all else stays in its order."""
    folded: list[Row | Fold] = []
    for on, group in groupby(rows, key=lambda row: clock.day(row.at)):
        of_day = list(group)
        many = [row for row in of_day if row.folds]
        if len(many) < FOLDED:
            folded += of_day
            continue
        fold = Fold(tuple(many), today=on == today)
        folded += [fold if row is many[0] else row for row in of_day if not row.folds or row is many[0]]
    return folded

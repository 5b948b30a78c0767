"""The first page: what became of the money that the company gave, fund by fund, and what was agreed."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from meguri.faces.design.charts import MoneyPart
from meguri.faces.entrance.requests import TownRequest
from meguri.faces.partner.frame import own_funds, page, partners_only, said
from meguri.programmes import queries as programmes
from meguri.programmes.queries import Budget, FundView
from meguri.words.yen import show_yen


@dataclass(frozen=True, slots=True)
class ShareRow:
    """One funder's share of an agreement: `percent` as written, `is_ours` for the company's own."""

    name: str
    percent: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """An agreement in which the fund has a share. `cap_yen`: the most that the company carries; None: its budget.

    `adds_yen`: what the company adds to each yen of the others, where that is a whole number (1: it doubles them).
    """

    name: str
    signed_on: object
    shares: tuple[ShareRow, ...]
    granted_yen: int
    cap_yen: int | None
    adds_yen: int = 0

    @property
    def times(self) -> int:
        """How many times the others' yen residents receive."""
        return self.adds_yen + 1


@partners_only
@never_cache
@require_GET
def home(request: TownRequest) -> HttpResponse:
    """One figure line for all funds, then each fund as the sum it is."""
    funds = own_funds(request)
    if not funds:
        return page(request, "nothing", way="home")
    whole = sum_of([fund.budget for fund in funds])
    return page(
        request, "home", way="home", figures=_figures(request, whole), several=len(funds) > 1,
        parts=money_parts(request, whole), total=whole.loaded_yen, funds=[_fund(request, fund) for fund in funds],
    )  # fmt: skip


def sum_of(budgets: list[Budget]) -> Budget:
    """Several funds' yen as one."""
    names = Budget.__dataclass_fields__
    return Budget(**{name: sum(getattr(budget, name) for budget in budgets) for name in names})


def money_parts(request: TownRequest, budget: Budget, *, family: str = "sum") -> list[MoneyPart]:
    """Loaded = spent + used + reserved + left (+ expired), for the part `money_bar`; `family`: whose hue it has."""
    parts = [
        MoneyPart(said(request, "振込まで終わった", en="Paid out to shops"), budget.spent_yen, family),
        MoneyPart(said(request, "店で使われた(振込前)", en="Used, not paid out yet"), budget.used_yen, "gold"),
        MoneyPart(said(request, "住民の手もとにある", en="In residents' wallets"), budget.reserved_yen, "rest"),
        MoneyPart(said(request, "まだ配っていない", en="Not given yet"), budget.left_yen, "left"),
    ]
    if budget.expired_yen:
        parts.append(MoneyPart(said(request, "期限切れ", en="Expired"), budget.expired_yen, "sum"))
    return parts


def _figures(request: TownRequest, whole: Budget) -> list[dict[str, object]]:
    given = whole.loaded_yen - whole.left_yen
    used = whole.used_yen + whole.spent_yen
    rate = f"{used * 1000 // given / 10:.1f}%" if given else "—"
    sums = {
        said(request, "出したお金", en="Given to the town"): whole.loaded_yen,
        said(request, "住民に届いた", en="Reached residents"): given,
        said(request, "町の店で使われた", en="Spent in local shops"): used,
    }
    figures: list[dict[str, object]] = [
        {"label": label, "value": show_yen(amount, request.language)} for label, amount in sums.items()
    ]
    figures[-1]["note"] = said(request, f"届いたお金の {rate}", en=f"{rate} of what reached them")
    return figures


def _fund(request: TownRequest, fund: FundView) -> dict[str, object]:
    programme = programmes.programme(fund.programme, municipality=request.municipality)
    return {
        "it": fund, "name": said(request, fund.name_ja, en=fund.name_en),
        "programme": said(request, programme.name_ja, en=programme.name_en) if programme else "",
        "parts": money_parts(request, fund.budget, family=fund.family), "total": fund.budget.loaded_yen,
        "agreements": _agreements(request, fund),
    }  # fmt: skip


def _agreements(request: TownRequest, fund: FundView) -> list[AgreementRow]:
    """The agreements in which this fund has a share; a fund that pays alone is an agreement of one."""
    others = programmes.funds(request.municipality, programme=fund.programme)
    names = {each.id: said(request, each.name_ja, en=each.name_en) for each in others}
    rows = []
    for each in programmes.agreements(fund.programme, municipality=request.municipality):
        ours = next((share for share in each.shares if share.fund == fund.id), None)
        if ours is None or (len(each.shares) == 1 and not ours.granted_yen):
            continue
        shares = tuple(
            ShareRow(names.get(share.fund, ""), _percent(share.share_bp), share.fund == fund.id)
            for share in each.shares
        )
        name = said(request, each.name_ja, en=each.name_en)
        adds = adds_to_each_yen(ours.share_bp, others_bp=sum(share.share_bp for share in each.shares) - ours.share_bp)
        rows.append(AgreementRow(name, each.signed_on, shares, ours.granted_yen, ours.cap_yen, adds))
    return rows


def adds_to_each_yen(ours_bp: int, *, others_bp: int) -> int:
    """What comes to each yen of the others, if that is whole yen; 0: it is not, or nobody else pays."""
    return ours_bp // others_bp if others_bp and ours_bp % others_bp == 0 else 0


def _percent(basis_points: int) -> str:
    """3,000 -> `30%`, 3,333 -> `33.33%`."""
    return f"{basis_points / 100:.2f}".rstrip("0").rstrip(".") + "%"



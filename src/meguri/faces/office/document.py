"""A programme's document as people read it: sections of facts in words. The TOML file says the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from meguri.faces.design.figures import show_day
from meguri.programmes.campaign_terms import GrantByCampaign, Stacking
from meguri.programmes.mission_parts import Mission
from meguri.programmes.parts import (
    ExpiresAfter,
    ExpiresOn,
    GrantByAction,
    GrantByCode,
    GrantByList,
    GrantByPayment,
    Holder,
    IssuedOn,
    LatePayment,
    Limit,
    PaymentWay,
    Sale,
    Text,
    UnspentPaid,
    Window,
)
from meguri.programmes.points.mission_wording import KINDS
from meguri.programmes.points.mission_wording import goal as goal_of
from meguri.programmes.points.rules import EVIDENCES
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import arms
from meguri.programmes.texts.campaigns import band_words, in_words, limit_words
from meguri.programmes.texts.told import ways
from meguri.programmes.trial import Strata
from meguri.programmes.vocabularies import CAMPAIGNS, RESIDENTS, SHOPS
from meguri.words import predicate
from meguri.words.refusal import Language
from meguri.words.yen import show_yen

ISSUED = {
    IssuedOn.EARLY: ("速報で(取り消されたら戻す)", "on the shop's early notice (taken back if it is withdrawn)"),
    IssuedOn.FINAL: ("確報で", "on the final notice"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its facts (label, value)."""

    title: str
    facts: tuple[tuple[str, str], ...]


Facts = Iterator[tuple[str, str]]


def sections(terms: ProgrammeTerms, language: Language) -> list[Section]:
    """The document in the reader's language, in the order in which officers argue about it."""
    tell = _Teller(terms, language)
    parts = (
        ("めあてと根拠", "Purpose and basis", tell.basis()),
        ("対象になる人", "Who is eligible", tell.eligibility()),
        ("手に入れ方", "How value is obtained", tell.obtaining()),
        ("財布と使える店", "Purses and where they are spent", tell.purses()),
        ("使える期間と期限", "When, and until when", tell.time()),
        ("抽選で決まる条件", "What lot decides", tell.drawn()),
        ("上限と払戻し", "Limits and refunds", tell.limits()),
        ("指標と目標", "Indicators and goals", tell.goals()),
        ("効果の確かめ方", "How the effect is judged", tell.evaluation()),
    )
    told = [Section(tell(ja, en), tuple(facts)) for ja, en, facts in parts]
    return [section for section in told if section.facts]


PER = {"day": ("1日", "a day"), "month": ("1か月", "a month"), "programme": ("期間中", "in all")}
ALLOCATIONS = {
    "lottery": ("抽選", "by lottery"), "first_come": ("先着順", "first come, first served"),
    "even_share": ("均等配分", "even shares"),
}
RECEIPTS = {"bank": ("口座振込", "bank transfer"), "local_money": ("地域のお金", "local money")}
DESIGNS = {
    "lottery": ("抽選", "the lottery"), "staggered": ("段階的な開始", "a staggered start"),
    "cut_off": ("対象の境目", "an eligibility cut-off"), "before_after": ("前後の比較", "before and after"),
}
UNITS = {"yen": ("円", "yen"), "bp": ("%", "%"), "people": ("人", "people"), "times": ("回", "times"),
         "days": ("日", "days"), "shops": ("店", "shops")}  # fmt: skip
UNITS_DRAWN = {Holder.RESIDENT: ("1人ずつ", "person"), Holder.HOUSEHOLD: ("1世帯ずつ", "household")}
STRATA = {Strata.NONE: ("分けない", "none"), Strata.WARD: ("区ごと", "by ward")}
PARTS = {"paid": ("購入分", "paid part"), "granted": ("上乗せ分・付与分", "granted part")}


@dataclass(frozen=True, slots=True)
class _Teller:
    terms: ProgrammeTerms
    language: Language

    def __call__(self, ja: str, en: str) -> str:
        return ja if self.language == "ja" else en

    def text(self, both: Text) -> str:
        return self(both.ja, both.en)

    def yen(self, amount: int | None) -> str:
        return self("なし", "none") if amount is None else show_yen(amount, self.language)

    def on(self, value: date) -> str:
        return show_day(value, self.language, style="year")

    def span(self, window: Window) -> str:
        return f"{self.on(window.first_day)} – {self.on(window.last_day)}"

    def unit(self, unit: str) -> str:
        return self(*UNITS[unit]) if unit in UNITS else unit

    def measured(self, value: int, unit: str) -> str:
        """A target with its unit: basis points as per cent, yen as yen."""
        if unit == "bp":
            return f"{value / 100:g}%"
        return self.yen(value) if unit == "yen" else f"{value:,}{self('', ' ')}{self.unit(unit)}"

    def limit(self, limit: Limit) -> str:
        most = self.yen(limit.yen) if limit.yen is not None else self(f"{limit.times:,}回", f"{limit.times:,} times")
        return f"{self(*PER[limit.per])} {most}"

    def basis(self) -> Facts:
        scheme = self.terms.scheme
        yield self("めあて", "Purpose"), self.text(self.terms.purpose)
        yield self("発行者", "Issuer"), self.text(scheme.issuer)
        for each in scheme.legal_basis:
            yield self("根拠", "Legal basis"), self.text(each)
        yield self("現金の管理", "Cash held by"), self.text(scheme.cash_held_by)
        if self.terms.notice:
            yield self("ことわり", "Notice"), self.text(self.terms.notice)

    def eligibility(self) -> Facts:
        eligible = self.terms.eligibility
        yield self("条件", "Condition"), predicate.sentence(predicate.parse(eligible.who, RESIDENTS), self.language)
        yield self("判定する日", "Judged on"), self.on(eligible.on)
        if eligible.note:
            yield self("注", "Note"), self.text(eligible.note)

    def obtaining(self) -> Facts:
        match self.terms.obtaining:
            case Sale() as sale:
                yield from self._sale(sale)
            case GrantByCode(face=face, entering=window):
                yield self("コード1つ", "One code"), self.yen(sum(part.yen for part in face))
                yield self("入力できる期間", "To be entered"), self.span(window)
            case GrantByAction() as grant:
                yield from self._actions(grant)
            case GrantByPayment() as grant:
                yield from self._rates(grant)
            case GrantByCampaign() as grant:
                yield from self._campaigns(grant)
            case GrantByList() as grant:
                yield from self._list(grant)

    def _sale(self, sale: Sale) -> Facts:
        face = sum(part.yen for part in sale.face)
        yield self("1口", "One unit"), self(f"{self.yen(sale.unit_price_yen)}で{self.yen(face)}分",
                                            f"{self.yen(face)} for {self.yen(sale.unit_price_yen)}")
        each = self("1人", "person") if sale.per == "resident" else self("1世帯", "household")
        yield self("上限", "At most"), self(f"{each} {sale.max_units}口", f"{sale.max_units} units a {each}")
        for bundle in sale.bundles:
            price, value = self.yen(bundle.price_yen), self.yen(sum(part.yen for part in bundle.face))
            yield self.text(bundle.name), self(
                f"{price}で{value}分・{each} {bundle.max_units}口まで",
                f"{value} for {price}, at most {bundle.max_units} units a {each}",
            )
        for one in sale.rounds:
            how = self(*ALLOCATIONS[one.allocation])
            units = self(f"{one.units:,}口", f"{one.units:,} units")
            if one.leftovers:
                left = self("前の回の残り", "what earlier rounds left")
                units = f"{units} + {left}" if one.units else left
            times = [self(f"{units}・{how}", f"{units}, {how}")]
            if one.outsiders:
                times.append(self("町外の人も(条件は町民だけに問う)", "outsiders, too (conditions ask residents)"))
            times += [self.text(bundle.name) for bundle in sale.bundles if bundle.code == one.bundle]
            if one.application:
                times.append(self("申込 ", "apply ") + self.span(one.application))
            if one.drawn_on:
                times.append(self("抽選 ", "drawn ") + self.on(one.drawn_on))
            times.append(self("購入 ", "buy ") + self.span(one.purchase))
            yield self.text(one.name), " / ".join(times)
        yield from self._paying(sale)

    def _paying(self, sale: Sale) -> Facts:
        """How buyers pay, when they get what they paid for, and what becomes of a win that nobody pays for."""
        pay, how = sale.payment, ways(sale)
        yield self("支払い方", "Paid by"), self(how.ja, how.en)
        if set(pay.ways) != {PaymentWay.COUNTER}:
            late = self("枠が残れば渡す", "units, if some are left") if pay.late is LatePayment.UNITS_IF_LEFT else self(
                "返金", "given back")
            yield self("渡すとき", "Handed out"), self(*ISSUED[pay.issued_on])
            yield self("期限を過ぎたお金", "Paid too late"), late
        if PaymentWay.SLIP in pay.ways:
            yield self("払込票の期限", "A slip is good for"), self(f"{pay.slip_days}日", f"{pay.slip_days} days")
        if waits := sale.waiting_list:
            yield self("繰上当選", "Moving up"), self(f"次の順位の人に{waits.days_to_pay}日",
                                                   f"{waits.days_to_pay} days for whoever was drawn next")

    def _actions(self, grant: GrantByAction) -> Facts:
        yield self("期間", "Window"), self.span(grant.window)
        for action in grant.actions:
            known = EVIDENCES[action.evidence]
            limits = [self.limit(limit) for limit in action.limits]
            asked = [self.yen(action.yen), self(known.ja, known.en)]
            if action.steps is not None:
                asked.append(self(f"1日{action.steps:,}歩から", f"from {action.steps:,} steps a day"))
            if action.spot_check_bp:
                share = f"{action.spot_check_bp / 100:g}%"
                asked.append(self(f"くじで{share}を確かめる", f"{share} looked at, by lot"))
            yield self.text(action.name), " / ".join([*asked, *limits])
        for mission in grant.missions:
            yield self.text(mission.name), " / ".join(self._mission(grant, mission))
        yield self("1人の上限", "Limits per person"), " / ".join(self.limit(limit) for limit in grant.limits)

    def _mission(self, grant: GrantByAction, mission: Mission) -> Iterator[str]:
        """A mission: what must be done of which actions, the bonus and how often, and its own days."""
        what = goal_of(mission.counting)
        names = [self.text(each.name) for each in grant.actions if each.code in mission.actions]
        yield self(f"ミッション({KINDS[type(mission.counting)].ja})", f"Mission ({KINDS[type(mission.counting)].en})")
        yield f"{self('、', ', ').join(names)}: {self(what.ja, what.en)}"
        times = self(f"{mission.times:,}回まで", f"up to {mission.times:,} times")
        yield self.yen(mission.yen) + (f" ({times})" if mission.times > 1 else "")
        if mission.window:
            yield self.span(mission.window)

    def _rates(self, grant: GrantByPayment) -> Facts:
        yield self("期間", "Window"), self.span(grant.window)
        for rate in grant.rates:
            where = predicate.sentence(predicate.parse(rate.where, SHOPS), self.language)
            yield self.text(rate.name), f"{rate.rate_bp / 100:g} %: {where}"
        yield self("1人の上限", "Limits per person"), " / ".join(self.limit(limit) for limit in grant.limits)

    def _campaigns(self, grant: GrantByCampaign) -> Facts:
        yield self("期間", "Window"), self.span(grant.window)
        for each in grant.campaigns:
            said = [self.span(each.window)]
            for band in each.bands:
                among, given = band_words(band), in_words(band)
                said.append(self(f"{among.ja}: {given.ja}", f"{among.en}: {given.en}"))
            if each.when != predicate.EVERYTHING:
                said.append(predicate.sentence(predicate.parse(each.when, CAMPAIGNS), self.language))
            if each.most_yen is not None:
                said.append(self(f"1回{self.yen(each.most_yen)}まで", f"at most {self.yen(each.most_yen)} a payment"))
            said += [self(words.ja, words.en) for words in map(limit_words, each.limits)]
            if each.stacking is Stacking.EXCLUSIVE:
                said.append(self("重ねない(当たれば次は見ない)", "exclusive: those behind are not asked"))
            yield self.text(each.name), " / ".join(said)
        yield self("1人の上限", "Limits per person"), " / ".join(self.limit(limit) for limit in grant.limits)

    def _list(self, grant: GrantByList) -> Facts:
        for row in grant.amounts:
            when = predicate.sentence(predicate.parse(row.when, RESIDENTS), self.language)
            yield self.text(row.name), f"{self.yen(row.yen)}: {when}"
        for choice in grant.choices:
            bonus = self(f"(上乗せ {self.yen(choice.bonus_yen)})", f" (bonus {self.yen(choice.bonus_yen)})")
            yield self("受け取り方", "Receipt"), self(*RECEIPTS[choice.receipt]) + (bonus if choice.bonus_yen else "")
        yield self("選ぶ期間", "Time to choose"), self.span(grant.choosing)
        yield self("選ばない人", "Who does not choose"), self(*RECEIPTS[grant.otherwise])
        yield self("支払う日", "Paid on"), self.on(grant.paid_on)

    def purses(self) -> Facts:
        for purse in self.terms.purses:
            where = predicate.sentence(predicate.parse(purse.where, SHOPS), self.language)
            yield f"{self.text(purse.name)} ({self(*PARTS[purse.part])})", where

    def time(self) -> Facts:
        yield self("使える期間", "Spending"), self.span(self.terms.spending.window)
        match self.terms.expiry:
            case ExpiresOn(last_day=last_day):
                yield self("期限", "Expires"), self.on(last_day)
            case ExpiresAfter(months=months):
                yield self("期限", "Expires"), self(f"受け取りから{months}か月", f"{months} months after receipt")
            case _:
                yield self("期限", "Expires"), self("なし", "never")
        if self.terms.spending.excluded:
            names = [self.text(each.name) for each in self.terms.spending.excluded]
            yield self("買えないもの", "Not for"), self("、", ", ").join(names)

    def drawn(self) -> Facts:
        """The arms of a trial; nothing where lot decides nothing."""
        trial = self.terms.trial
        if trial is None:
            return
        yield self("理由", "Why"), self.text(trial.reason)
        yield self("抽選の日", "Drawn on"), self.on(trial.drawn_on)
        yield self("混ぜる公開の値", "Public value"), self.text(trial.public_value)
        yield self("抽選の単位", "Drawn by"), self(*UNITS_DRAWN[trial.per])
        yield self("層", "Strata"), self(*STRATA[trial.strata])
        for arm in trial.arms:
            what = arms.in_words(self.terms, arm)
            yield f"{self.text(arm.name)} ({arm.share_bp / 100:g}%)", self(what.ja, what.en)

    def limits(self) -> Facts:
        limits, refunds = self.terms.limits, self.terms.refunds
        yield self("1回の支払い", "One payment"), self.yen(limits.payment_max_yen)
        yield self("持てる額", "Holding"), self.yen(limits.balance_max_yen)
        sent = self.yen(limits.transfer_max_yen) if limits.transfer_max_yen else self("できない", "not allowed")
        yield self("人に送る", "Sending to others"), sent
        yield self("コードで贈る", "Giving by a code"), self.gifts()
        given = self("町の寄付先に、もらった分だけ", "to the town's causes, what was granted only")
        yield self("寄付", "Donating"), given if self.terms.donations else self("できない", "not allowed")
        yield self("払戻し", "Cash-out refund"), self.text(refunds.cash_out_refund)
        unspent = self("本人に返す", "owed to the holder"), self("財源に残る", "stays with its fund")
        is_kept = refunds.unspent_paid is UnspentPaid.KEPT
        yield self("終わりに残る有償分", "Paid value left at the end"), unspent[is_kept]
        yield self("店の請求の期限", "Shops claim until"), self.on(refunds.shop_claims_until)

    def gifts(self) -> str:
        """Whether and how value can be given to somebody else."""
        gifts = self.terms.gifts
        if gifts is None:
            return self("できない", "not allowed")
        told = [self(f"コードは{gifts.days}日", f"a code lasts {gifts.days} days")]
        if gifts.step_yen > 1:
            told.append(self(f"{gifts.step_yen:,}円ごと", f"in steps of {gifts.step_yen:,} yen"))
        if gifts.most_yen is not None:
            told.append(self(f"一度に{gifts.most_yen:,}円まで", f"{gifts.most_yen:,} yen at most"))
        told.append(self("町外の人も受け取れる", "also to outsiders") if gifts.outsiders
                    else self("住民だけが受け取れる", "to residents only"))  # fmt: skip
        if gifts.who != predicate.EVERYTHING:
            told.append(predicate.sentence(predicate.parse(gifts.who, RESIDENTS), self.language))
        return self("、", ", ").join(told)

    def goals(self) -> Facts:
        names = {each.code: each for each in self.terms.indicators}
        for each in names.values():
            yield self("指標", "Indicator"), f"{self.text(each.name)} ({self.unit(each.unit)})"
        for goal in self.terms.goals:
            yield self("目標", "Goal"), " ".join((
                self.text(names[goal.indicator].name), self.measured(goal.target, names[goal.indicator].unit),
                f"({self.on(goal.by)})",
            ))

    def evaluation(self) -> Facts:
        plan = self.terms.evaluation
        yield self("設計", "Design"), self(*DESIGNS[plan.design])
        yield self("見るもの", "Outcome"), self.text(plan.outcome)
        yield self("比べる相手", "Compared with"), self.text(plan.compared_with)
        yield self("追う期間", "Followed until"), self.on(plan.follow_until)
        yield self("注意", "Caution"), self.text(plan.caution)

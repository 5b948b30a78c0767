"""The texts that a department writes for a programme, drafted from its document."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from meguri.parties.rules import Both
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.texts import answers, arms, articles
from meguri.programmes.texts.clauses import clauses
from meguri.programmes.texts.sentences import DraftedText, Part, Sentence, Style, say
from meguri.programmes.texts.supplements import Change, Enforced, provisions, supplements
from meguri.programmes.texts.told import Told

Given = tuple[str, str, Iterable[Sentence]]
"""A heading in both languages and its sentences; without any, the part is left out."""


class TextKind(StrEnum):
    ORDINANCE = "ordinance"  # 要綱
    CALL = "call"  # 募集案内
    SHOP_TERMS = "shop-terms"  # 取扱店規約
    QUESTIONS = "questions"  # よくある質問
    PRESS = "press"  # 報道資料


STYLES: dict[TextKind, Style] = {
    TextKind.ORDINANCE: "articles", TextKind.CALL: "list", TextKind.SHOP_TERMS: "articles",
    TextKind.QUESTIONS: "questions", TextKind.PRESS: "list",
}
TITLES = {
    TextKind.ORDINANCE: Both("{name} 実施要綱(案)", "{name}: guideline (draft)"),
    TextKind.CALL: Both("{name} ご案内", "{name}: how to take part"),
    TextKind.SHOP_TERMS: Both("{name} 取扱店規約(案)", "{name}: terms for shops (draft)"),
    TextKind.QUESTIONS: Both("{name} よくある質問", "{name}: questions and answers"),
    TextKind.PRESS: Both("報道資料 「{name}」を行います", "Press: “{name}” begins"),
}
AMENDING = "amending"
"""The code of the text of an amendment, which is drafted from two documents."""


def draft(terms: ProgrammeTerms, kind: TextKind, *, enforced: Enforced | None = None) -> DraftedText:
    """One text. The document must be free of errors (`validation.validate`).

    `enforced`: since when it rules and what changed it, for the supplementary provisions of the ordinance; None: it is
    drafted without them.
    """
    told = Told(terms)
    given = {
        TextKind.ORDINANCE: _ordinance, TextKind.CALL: _call, TextKind.SHOP_TERMS: _shop_terms,
        TextKind.QUESTIONS: _questions, TextKind.PRESS: _press,
    }[kind](told)
    parts = [Part(Both(ja, en), tuple(sentences)) for ja, en, sentences in given]
    if kind is TextKind.ORDINANCE and enforced is not None:
        parts += supplements(terms, enforced)
    title = say(TITLES[kind].ja, TITLES[kind].en, name=told.name)
    return DraftedText(kind.value, STYLES[kind], title, tuple(part for part in parts if part.sentences))


def draft_amending(change: Change) -> DraftedText:
    """What an amendment says of the ordinance (改正文), and its own supplementary provisions. Both must be sound."""
    before, after = (draft(each, TextKind.ORDINANCE) for each in (change.before, change.after))
    title = say("{name} 実施要綱の一部を改正する要綱(案)", "{name}: amendment of the guideline (draft)",
                name=Told(change.before).name)
    parts = (
        Part(Both("改正文", "What changes"), tuple(clauses(before, after)), numbered=False),
        Part(Both("附則", "Supplementary provisions"), tuple(provisions(change)), numbered=False),
    )
    return DraftedText(AMENDING, "clauses", title, parts)


def _ordinance(told: Told) -> list[Given]:
    return [
        ("趣旨", "Purpose", articles.purpose(told)),
        ("根拠及び現金の管理", "Basis and cash", articles.basis(told)),
        ("対象者", "Who may take part", articles.eligible(told)),
        ("販売、付与又は給付", "How value is obtained", articles.obtaining(told)),
        ("使用の期間及び期限", "When it may be spent", articles.spending(told)),
        ("抽選により決める条件", "What lot decides", arms.article(told)),
        ("使用することができる店舗", "Where it may be spent", articles.shops(told)),
        ("使用することができないもの", "What it may not pay for", articles.excluded(told)),
        ("上限及び譲渡", "Ceilings and passing on", articles.ceilings(told)),
        ("返品及び取消し", "Goods that come back", articles.giving_back(told)),
        ("払戻し", "Cash back", articles.cash_out(told)),
        ("取扱店への支払", "Paying the shops", articles.claims(told)),
        ("財源", "Funds", articles.funds(told)),
        ("効果の検証", "How the effect is judged", articles.judging(told)),
        ("その他", "The rest", articles.the_rest()),
    ]


def _call(told: Told) -> list[Given]:
    return [
        ("どんな事業ですか", "What it is", answers.lead(told)),
        ("対象になる人", "Who may take part", answers.who_may(told)),
        ("受け取れるもの", "What you get", answers.what_one_gets(told)),
        ("上限", "How much", answers.how_much(told)),
        ("日程", "When", answers.when_to_come(told)),
        ("使える期間", "Until when it can be spent", answers.until_when(told)),
        ("抽選で決まること", "What lot decides", arms.answer(told)),
        ("使える店", "Where it can be spent", answers.where(told)),
        ("使えないもの", "What it cannot pay for", answers.not_for(told)),
        ("お支払いのときに", "When paying", answers.at_once(told)),
        ("ご注意", "Please note", [*answers.to_others(told), *answers.coming_back(told), *answers.notice(told)]),
        ("発行", "Issued by", answers.who_issues(told)),
    ]


def _shop_terms(told: Told) -> list[Given]:
    return [
        ("目的", "Purpose", articles.shops_purpose(told)),
        ("使用の期間及び期限", "When it may be spent", articles.spending(told)),
        ("使用することができる店舗", "Where it may be spent", articles.shops(told)),
        ("使用を断るもの", "What it may not pay for", articles.excluded(told)),
        ("1回の支払等の上限", "Ceilings", articles.ceilings(told)),
        ("返品及び取消し", "Goods that come back", articles.giving_back(told)),
        ("請求及び支払", "Claims and payment", articles.paid_to_shops(told)),
        ("取扱店の責務", "Duties of shops", articles.shops_duties()),
    ]


def _questions(told: Told) -> list[Given]:
    return [
        ("だれが参加できますか", "Who may take part?", answers.who_may(told)),
        ("何がもらえますか", "What do I get?", answers.what_one_gets(told)),
        ("どれだけ買えますか(もらえますか)", "How much may I have?", answers.how_much(told)),
        ("いつ、何をすればよいですか", "What do I do, and when?", answers.when_to_come(told)),
        ("いつまで使えますか", "Until when can I spend it?", answers.until_when(told)),
        ("人によって条件がちがうのはなぜですか", "Why do conditions differ?", arms.answer(told)),
        ("どこで使えますか", "Where can I spend it?", answers.where(told)),
        ("買えないものはありますか", "What can I not buy?", answers.not_for(told)),
        ("一度にいくらまで使えますか", "How much at once?", answers.at_once(told)),
        ("人にあげられますか", "May I give it to somebody?", answers.to_others(told)),
        ("返品や払戻しはできますか", "What if goods go back, or I want cash?", answers.coming_back(told)),
        ("残高が二つに分かれているのはなぜですか", "Why are there two balances?", answers.two_parts(told)),
        ("効果はどう確かめますか", "How do you know that it works?", answers.how_we_know(told)),
    ]


def _press(told: Told) -> list[Given]:
    return [
        ("概要", "In short", answers.lead(told)),
        ("内容", "What it gives", [*answers.what_one_gets(told), *answers.how_much(told)]),
        ("対象", "Who may take part", answers.who_may(told)),
        ("日程", "When", [*answers.when_to_come(told), *answers.until_when(told)]),
        ("財源", "Funds", answers.paid_by(told)),
        ("効果の確かめ方", "How we know", answers.how_we_know(told)),
        ("発行", "Issued by", [*answers.who_issues(told), *answers.notice(told)]),
    ]

"""Sample lists for forms and office parts of the invented town."""

from __future__ import annotations

from typing import Any

from meguri.faces.design.charts.twin import say
from meguri.words.refusal import Language

STATUSES = ("draft", "waiting", "returned", "approved", "live", "done", "refused", "suspended", "late", "closed")
STATE_KINDS = ("empty", "loading", "error", "offline", "closed", "invented")


def lists(language: Language) -> dict[str, Any]:
    """Everything below by the name that the style page uses."""
    return {
        "statuses": STATUSES,
        "state_kinds": STATE_KINDS,
        "chosen": ["mail"],
        "area_options": area_options(language),
        "receipt_options": receipt_options(language),
        "notice_options": notice_options(language),
        "form_errors": form_errors(language),
        "steps": steps(language),
        "facts": facts(language),
        "tabs": tabs(language),
        "path": path(language),
        "payments_total": [say(language, "合計", "Total"), "", 162, {"amount": 4_010}, ""],
    }


def area_options(language: Language) -> list[dict[str, Any]]:
    return [
        {"value": "a", "label": say(language, "本町", "Honcho")},
        {"value": "b", "label": say(language, "港", "Minato")},
        {"value": "c", "label": say(language, "谷", "Tani"), "disabled": True},
    ]


def receipt_options(language: Language) -> list[dict[str, Any]]:
    bonus = say(language, "30,000円に、町の店で使える1,500円がつきます", "¥30,000 and ¥1,500 more for the town's shops")
    return [
        {"value": "local", "label": say(language, "町のお金で受け取る", "As local money"), "note": bonus},
        {"value": "bank", "label": say(language, "口座に振り込む", "To my bank account"), "note": "30,000"},
    ]


def notice_options(language: Language) -> list[dict[str, Any]]:
    return [
        {"value": "mail", "label": say(language, "メール", "E-mail")},
        {"value": "letter", "label": say(language, "手紙", "Letter")},
    ]


def form_errors(language: Language) -> list[dict[str, str]]:
    return [
        {"field": "phone", "text": say(language, "電話番号の数字が足りません", "The telephone number is too short")},
        {"field": "notices", "text": say(language, "お知らせの方法を選んでください", "Choose how to be told")},
    ]


def steps(language: Language) -> list[dict[str, Any]]:
    draw = say(
        language, "落選しても申込みは二次販売に引き継がれます", "If you do not win, you stay in for the second sale"
    )
    return [
        {"name": say(language, "申し込む", "Apply"), "state": "done", "note": say(language, "6月12日", "12 June")},
        {"name": say(language, "抽選", "Draw"), "state": "now", "note": draw},
        {"name": say(language, "買う", "Buy")},
        {"name": say(language, "店で使う", "Spend at shops")},
    ]


def facts(language: Language) -> list[dict[str, Any]]:
    return [
        {"label": say(language, "発行者", "Issuer"), "value": say(language, "めぐり町", "Meguri-cho")},
        {"label": say(language, "予算", "Budget"), "amount": 50_000_000},
        {"label": say(language, "プレミアム率", "Premium"), "value": "30%"},
        {
            "label": say(language, "根拠", "Basis"),
            "value": say(language, "要綱 第12号", "Ordinance 12"),
            "url": "#basis",
        },
    ]


def tabs(language: Language) -> list[dict[str, Any]]:
    return [
        {"url": "#all", "label": say(language, "すべて", "All"), "count": 4_218, "current": True},
        {"url": "#won", "label": say(language, "当選", "Won"), "count": 3_000},
        {"url": "#lost", "label": say(language, "落選", "Lost"), "count": 1_218},
    ]


def path(language: Language) -> list[dict[str, str]]:
    return [
        {"url": "#office", "label": say(language, "商工課", "Commerce")},
        {"url": "#programmes", "label": say(language, "事業", "Programmes")},
        {"url": "", "label": say(language, "めぐり商品券", "Meguri voucher")},
    ]

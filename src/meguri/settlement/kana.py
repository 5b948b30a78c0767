"""Names as banks write them: half-width kana, capitals, digits and four signs, one byte each (JIS X 0201).

Sources, as published by banks for their customers (Keiyo Bank's input rules, the table of legal forms in the Zengin
system's rules as reprinted by several banks, Joyo Bank's notes on abbreviations at the beginning, middle and end):
no small kana, ヲ is written オ, the long vowel sign is a hyphen, ゛ and ゜ take a place of their own; legal forms are
abbreviated 「ｶ)」 before, 「(ｶ」 after and 「(ｶ)」 inside a name, without a space beside them. The middle dot is
refused on purpose: some accounts are registered with a full stop in its place, some with a space; only the bank
book knows.
"""

from __future__ import annotations

import re
import unicodedata

from meguri.words.refusal import declare

HOLDER_WIDTH = 30
"""Places for a payee's name. Banks ask for the first 30 of a longer one."""

KANA_UNWRITABLE = declare(
    "kana_unwritable", status=422,
    ja="口座名義「{name}」の「{character}」は銀行の振込データに書けません。"
       "通帳のカタカナの名義を、カナ・英数字・( ) - . と空白だけで入力してください。",
    en="“{character}” in the account name “{name}” cannot be written in a bank file. "
       "Type the name in katakana as in the bank book, using only kana, letters, digits, ( ) - . and spaces.",
)
KANA_EMPTY = declare(
    "kana_empty", status=422,
    ja="口座名義(カナ)が空です。通帳のカタカナの名義を入力してください。",
    en="The account name is empty. Type the name in katakana as in the bank book.",
)

_LEGAL_FORMS = {  # abbreviation: the forms in kanji and in kana, longest first where one contains another
    "カ": ("株式会社", "カブシキガイシャ", "カブシキカイシャ"),
    "ユ": ("有限会社", "ユウゲンガイシャ", "ユウゲンカイシャ"),
    "メ": ("合名会社", "ゴウメイガイシャ", "ゴウメイカイシャ"),
    "シ": ("合資会社", "ゴウシガイシャ", "ゴウシカイシャ"),
    "ド": ("合同会社", "ゴウドウガイシャ", "ゴウドウカイシャ"),
    "ソ": ("相互会社", "ソウゴガイシャ", "ソウゴカイシャ"),
    "イ": ("医療法人社団", "医療法人財団", "社会医療法人", "医療法人",
           "イリョウホウジンシャダン", "イリョウホウジンザイダン", "シャカイイリョウホウジン", "イリョウホウジン"),
    "ザイ": ("一般財団法人", "公益財団法人", "財団法人",
             "イッパンザイダンホウジン", "コウエキザイダンホウジン", "ザイダンホウジン"),
    "シヤ": ("一般社団法人", "公益社団法人", "社団法人",
             "イッパンシャダンホウジン", "コウエキシャダンホウジン", "シャダンホウジン"),
    "シユウ": ("宗教法人", "シュウキョウホウジン"),
    "ガク": ("学校法人", "ガッコウホウジン"),
    "フク": ("社会福祉法人", "シャカイフクシホウジン"),
    "ホゴ": ("更生保護法人", "コウセイホゴホウジン"),
    "トクヒ": ("特定非営利活動法人", "トクテイヒエイリカツドウホウジン", "NPO法人"),
    "チドク": ("地方独立行政法人", "チホウドクリツギョウセイホウジン"),
    "ドク": ("独立行政法人", "ドクリツギョウセイホウジン"),
    "ベン": ("弁護士法人", "ベンゴシホウジン"),
    "ギヨ": ("行政書士法人", "ギョウセイショシホウジン"),
    "シホウ": ("司法書士法人", "シホウショシホウジン"),
    "ゼイ": ("税理士法人", "ゼイリシホウジン"),
    "ロウム": ("社会保険労務士法人", "シャカイホケンロウムシホウジン"),
    "ダイ": ("国立大学法人", "公立大学法人", "コクリツダイガクホウジン", "コウリツダイガクホウジン"),
    "ノウ": ("農事組合法人", "ノウジクミアイホウジン"),
    "カンリ": ("管理組合法人", "カンリクミアイホウジン"),
}
_SHORT_FORMS = {
    "株": "カ", "有": "ユ", "名": "メ", "資": "シ", "同": "ド", "医": "イ", "財": "ザイ", "社": "シヤ",
    "宗": "シユウ", "学": "ガク", "福": "フク", "特非": "トクヒ", "独": "ドク", "農": "ノウ",
}
_SMALL = str.maketrans("ァィゥェォッャュョヮヵヶヲヰヱ", "アイウエオツヤユヨワカケオイエ")
_ABBREVIATION = {form.translate(_SMALL): short for short, forms in _LEGAL_FORMS.items() for form in forms}
_FORMS = "|".join(sorted(_ABBREVIATION, key=len, reverse=True))
_FORM = re.compile(rf" *(?:\(({_FORMS}|{'|'.join([*_SHORT_FORMS, *_LEGAL_FORMS])})\)|({_FORMS})) *")
"""A legal form, long or (in brackets) short, with the spaces beside it."""

_DAKUTEN, _HANDAKUTEN = "\u3099", "\u309a"  # combining, as NFKD leaves them
_HYPHENS = str.maketrans(dict.fromkeys("ー‐‒–—―−", "-"))
_VOICEABLE = frozenset("ウカキクケコサシスセソタチツテトハヒフヘホ")
_ASPIRABLE = frozenset("ハヒフヘホ")
_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF71, 0xFF9E)} | {
    _DAKUTEN: "ﾞ", _HANDAKUTEN: "ﾟ"}
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789().- ")


def bank_kana(name: str, *, field: str = "holder") -> str:
    """The name in bank kana (half-width text); legal forms are abbreviated. Nothing is cut: see `fit`.

    Raises Refusal `kana_unwritable`, naming the character, or `kana_empty`.
    """
    full = _abbreviated(_full_width(name))
    if not full:
        raise KANA_EMPTY.refusal(field=field)
    written = []
    before = ""
    for character in unicodedata.normalize("NFD", full):
        if not _is_writable(character, before):
            shown = unicodedata.normalize("NFKC", before + character) if character in _HALF else character
            raise KANA_UNWRITABLE.refusal(field=field, name=name[:60], character=shown)
        written.append(_HALF.get(character, character))
        before = character
    return "".join(written)


def fit(kana: str, width: int = HOLDER_WIDTH) -> str:
    """The first `width` places of a name in bank kana, never parting a kana from its ﾞ or ﾟ."""
    if len(kana) <= width:
        return kana
    cut = width - 1 if kana[width] in "ﾞﾟ" else width
    return kana[:cut].rstrip()


def to_bytes(kana: str) -> bytes:
    """Bank kana as JIS X 0201, one byte a character. Raises UnicodeEncodeError or ValueError for anything else."""
    written = kana.encode("shift_jis")
    if len(written) != len(kana):
        raise ValueError(f"not half-width: {kana!r}")
    return written


def _full_width(name: str) -> str:
    """One spelling for all inputs: full-width large katakana, capitals, plain hyphens, single spaces."""
    text = name.replace("゛", _DAKUTEN).replace("゜", _HANDAKUTEN)
    text = unicodedata.normalize("NFKC", text).translate(_HYPHENS).upper()
    text = "".join(chr(ord(sign) + 0x60) if "ぁ" <= sign <= "ゖ" else sign for sign in text)
    return re.sub(r"\s+", " ", text).strip().translate(_SMALL)


def _abbreviated(full: str) -> str:
    """Legal forms shortened, brackets set by their place in the name."""
    return _FORM.sub(_bracketed, full)


def _bracketed(found: re.Match[str]) -> str:
    form = found[1] or found[2]
    short = _ABBREVIATION.get(form) or _SHORT_FORMS.get(form, form)
    if found.start() == 0:
        return f"{short})"
    return f"({short}" if found.end() == len(found.string) else f"({short})"


def _is_writable(character: str, before: str) -> bool:
    if character == _DAKUTEN:
        return before in _VOICEABLE
    if character == _HANDAKUTEN:
        return before in _ASPIRABLE
    return character in _PLAIN or character in _HALF

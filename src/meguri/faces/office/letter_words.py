"""What the letters say, in Japanese with shorter English lines: to winners of a sale, and with codes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from meguri.faces.design.figures import last_day, show_day
from meguri.faces.office.letter_paper import Pair, Sheet
from meguri.parties.rules import Both
from meguri.programmes.vouchers.queries import ApplicationView, SalePage


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and the day; `link` leads to the page that goes on. `invented`: the town is no real one."""

    town: Both
    department: Both
    day: date
    link: str
    invented: bool

    @property
    def head(self) -> tuple[str, ...]:
        return (show_day(self.day, "ja", style="year"), self.town.ja, self.department.ja)

    @property
    def remark(self) -> Pair | None:
        """Said on every letter of a town that does not exist."""
        if not self.invented:
            return None
        return f"{self.town.ja}は架空の町です。この手紙も見本です。", f"{self.town.en} is invented; so is this letter."


FACTS_MOST, FACT_SIGNS_MOST = 3, 60
"""How many changes a letter about an amendment tells, and how many signs of each."""


@dataclass(frozen=True, slots=True)
class AmendedWords:
    """What a letter tells of a coming change: heading (Japanese, English) and what holds from its first day on."""

    name: Both
    first_day: date
    changes: tuple[tuple[str, str, str], ...]
    rules: bool = False


@dataclass(frozen=True, slots=True)
class ForCodes:
    """What a code letter tells of its programme: the face (yen) and until when the code can be entered."""

    name: Both
    face_yen: int
    until: date  # the last day


def said_until(one: ApplicationView) -> str:
    """The last day on which the winner can buy."""
    end = one.pay_before or one.purchase.end
    assert end is not None  # noqa: S101 - a purchase window has both ends
    return show_day(last_day(end), "ja", style="year")


def winner_sheet(
    one: ApplicationView, *, sale: SalePage, face_yen: int, sender: Sender, name: str, address: str
) -> Sheet:
    """The letter to somebody who won and has not paid yet."""
    return Sheet(
        name=f"{name} 様", address=address, head=sender.head, invented=sender.remark,
        subject=(f"{sale.programme_name.ja} 当選のお知らせ", f"{sale.programme_name.en}: you have won"),
        opening=(("次のとおり当選しました。期限までにお買い求めください。", "You may buy these until the day below."),),
        facts=(
            ("当選口数", "Units won", f"{one.units_won:,}口(1口で{face_yen:,}円分)"),
            ("お代", "To pay", f"{one.to_pay_yen:,}円"),
            ("購入期限", "Buy by", f"{said_until(one)}まで"),
        ),
        ways=(
            ("スマートフォンで: QRコードを読み取り、サインインして購入します。",
             "By phone: scan the code, sign in, buy."),
            (f"窓口で: この手紙と代金を{sender.department.ja}へお持ちください。",
             "At the counter: bring this letter and the money."),
        ),
        number_label=("受付番号", "Receipt number"), number=one.number, link=sender.link,
        qr=sender.link,
    )  # fmt: skip


def join_sheet(code: str, *, until: date, sender: Sender, name: str, address: str) -> Sheet:
    """The letter that brings a register code; the link carries it as `code_sheet` says."""
    link = f"{sender.link}#c={code.replace('-', '')}"
    return Sheet(
        name=f"{name} 様" if name else "窓口でお渡しするもの", address=address, head=sender.head,
        invented=sender.remark,
        subject=("町の財布 登録コードのお届け", "Your register code for the town's wallet"),
        opening=(("下のコードで、あなたの財布が町の登録につながります。住民向けの商品券や給付を受け取れます。",
                  "This code joins your wallet to the register: vouchers and benefits for residents come into it."),),
        facts=(
            ("確かめるもの", "We also ask", "ご本人の生年月日"),
            ("使える期限", "Use by", f"{show_day(until, 'ja', style='year')}まで"),
        ),
        ways=(
            ("スマートフォンで: QRコードを読み取り、電話番号かメールでサインインします。",
             "By phone: scan the code, then sign in by phone number or e-mail."),
            (f"スマートフォンがないときや、この手紙をなくしたときは、{sender.department.ja}へ。",
             "Without a smartphone, or if this letter is lost: please ask the department."),
        ),
        number_label=("登録コード(0・1・I・L・Oは使っていません)", "Code (never 0, 1, I, L, O)"),
        number=code, link=sender.link, qr=link,
    )  # fmt: skip


def amended_sheet(words: AmendedWords, *, holds: bool, sender: Sender, name: str, address: str) -> Sheet:
    """The letter to somebody without the app whom a change concerns, coming or in force. Three changes at most, cut to
    a line or two: all of them stand behind the link and at the desk.
    """
    own = ("いまお持ちの分にも、新しいきまりが当てはまります。手続きはいりません。",
           "What you hold goes by the new rules, too. You need not do anything.") if holds else (
           "申込みはそのまま有効です。手続きはいりません。", "Your application stands. You need not do anything.")
    ja, en = (show_day(words.first_day, language, style="year") for language in ("ja", "en"))
    subject = (f"{words.name.ja} きまりが変わります", f"{words.name.en}: the rules change")
    opening = (f"{ja}から、次のように変わります。それまでは同じです。", f"From {en} on; until then nothing changes.")
    if words.rules:
        subject = (f"{words.name.ja} きまりが変わりました", f"{words.name.en}: the rules have changed")
        opening = (f"{ja}に、次のように変わりました。", f"They changed on {en} as follows.")
    return Sheet(
        name=f"{name} 様", address=address, head=sender.head, invented=sender.remark,
        subject=subject, opening=(opening, own),
        facts=tuple((ja, en, cut(text)) for ja, en, text in words.changes[:FACTS_MOST]),
        ways=((f"くわしくは、QRコードのページか、{sender.department.ja}の窓口へ。お使いの店でも聞けます。",
               "More behind the code, at the department’s desk, or in the shops."),),
        number_label=("変わる日", "From"), number=f"{words.first_day:%Y.%m.%d}", link=sender.link, qr=sender.link,
    )  # fmt: skip


def cut(text: str) -> str:
    """As much of a text as a letter has room for."""
    return text if len(text) <= FACT_SIGNS_MOST else f"{text[:FACT_SIGNS_MOST]}…"


def code_sheet(code: str, *, of: ForCodes, sender: Sender, name: str, address: str) -> Sheet:
    """The letter that brings a code; without name and address it is handed over at the desk.

    The link carries the code behind `#`, which browsers keep to themselves: no server's log ever holds it. It waits in
    the tab while its reader signs in (`entrance/brought.js`), and stands in the field then (`entrance/codes.js`).
    """
    link = f"{sender.link}#c={code.replace('-', '')}"
    return Sheet(
        name=f"{name} 様" if name else "窓口でお渡しするもの", address=address, head=sender.head,
        invented=sender.remark,
        subject=(f"{of.name.ja} 商品券コードのお届け", f"{of.name.en}: your code"),
        opening=(("下のコードを入力すると、商品券が財布に入ります。一度だけ使えます。",
                  "Enter the code below once; the vouchers come into your wallet."),),
        facts=(
            ("商品券", "Vouchers", f"{of.face_yen:,}円分"),
            ("入力期限", "Enter by", f"{show_day(of.until, 'ja', style='year')}まで"),
        ),
        ways=(
            ("スマートフォンで: QRコードを読み取り、サインインします。", "By phone: scan the code and sign in."),
            (f"この手紙をなくしたときは、{sender.department.ja}へ。新しいコードを出し、古いものは止めます。",
             "Lost? The department gives you another code; this one stops."),
        ),
        number_label=("商品券コード(0・1・I・L・Oは使っていません)", "Code (never 0, 1, I, L, O)"),
        number=code, link=sender.link, qr=link,
    )  # fmt: skip

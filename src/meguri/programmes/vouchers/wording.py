"""What people are told about their applications, in both languages. Pure."""

from __future__ import annotations

from meguri.notices.rules import Wording
from meguri.parties.rules import Both


def received(number: str, *, programme: Both, units: int, drawn_on: Both) -> Wording:
    """An application has come in."""
    return Wording(
        title_ja="申込みを受け付けました",
        title_en="We have your application",
        text_ja=f"「{programme.ja}」{units}口の申込みを受け付けました。受付番号は{number}です。抽選は{drawn_on.ja}です。"
                "抽選の前なら、いつでも取り下げられます。",
        text_en=f"We have your application for {units} units of “{programme.en}”. Your receipt number is {number}. "
                f"The draw is on {drawn_on.en}. Until then you can withdraw at any time.",
    )  # fmt: skip


def won(number: str, *, programme: Both, units: int, price_yen: int, until: Both) -> Wording:
    """Drawn: so many units may be bought until a day."""
    return Wording(
        title_ja="当選しました",
        title_en="You have been drawn",
        text_ja=f"「{programme.ja}」に{units}口当選しました(受付番号{number})。{until.ja}までに{price_yen:,}円を"
                "お支払いください。期限を過ぎると当選は取り消され、次の販売に回ります。",
        text_en=f"You have been drawn for {units} units of “{programme.en}” (receipt number {number}). Please pay "
                f"{price_yen:,} yen by {until.en}. After that the right lapses and the units go into the next sale.",
    )  # fmt: skip


def reserved(programme: Both, *, units: int, price_yen: int, until: Both) -> Wording:
    """One's turn in the line has come: so many units are kept until a minute."""
    return Wording(
        title_ja="順番が来ました。お支払いください",
        title_en="It is your turn: please pay",
        text_ja=f"「{programme.ja}」{units}口をお取り置きしました。{until.ja}までに{price_yen:,}円をお支払いください。"
                "期限を過ぎると、列の次の方へ回ります。",
        text_en=f"{units} units of “{programme.en}” are kept for you. Please pay {price_yen:,} yen by {until.en}. "
                "After that they go to the next in the line.",
    )  # fmt: skip


def lost(number: str, *, programme: Both, applied: int, served: int) -> Wording:
    """Not drawn, said plainly, with the way to check it."""
    return Wording(
        title_ja="今回は落選でした",
        title_en="You were not drawn this time",
        text_ja=f"「{programme.ja}」は{applied:,}口の申込みに対し、{served:,}口の販売でした。受付番号{number}は今回、"
                "抽選にもれました。抽選の結果は、公開ページでどなたでも計算し直せます。",
        text_en=f"“{programme.en}”: {applied:,} units were asked for, {served:,} could be sold. "
                f"Receipt number {number} was not drawn this time. Anybody can recompute the draw on its public page.",
    )  # fmt: skip


def undrawn(number: str, *, programme: Both) -> Wording:
    """The sale ended before anybody drew: nobody won, nobody lost, and it was not the applicant's fault."""
    return Wording(
        title_ja="抽選は行われませんでした",
        title_en="There was no draw",
        text_ja=f"「{programme.ja}」の抽選が購入期限までに行われず、販売はそのまま終わりました。受付番号{number}の申込みに"
                "当落はありません。お金はいただいていません。理由は担当課へお尋ねください。",
        text_en=f"“{programme.en}” was not drawn before its purchase deadline, and the sale has ended. Your "
                f"application (receipt number {number}) neither won nor lost, and you have paid nothing. Please ask "
                "the department why.",
    )  # fmt: skip


def bought(number: str, *, programme: Both, units: int, face_yen: int, price_yen: int) -> Wording:
    """Paid: the purse is loaded."""
    return Wording(
        title_ja="商品券が使えるようになりました",
        title_en="Your vouchers are ready",
        text_ja=f"「{programme.ja}」{units}口を{price_yen:,}円でお買い上げいただきました(受付番号{number})。"
                f"{face_yen:,}円分が財布に入りました。",
        text_en=f"You bought {units} units of “{programme.en}” for {price_yen:,} yen (receipt number {number}). "
                f"{face_yen:,} yen are in your wallet.",
    )  # fmt: skip


def code_entered(*, programme: Both, face_yen: int) -> Wording:
    """A code was entered: its worth is in the wallet."""
    return Wording(
        title_ja="商品券を受け取りました",
        title_en="Your voucher has arrived",
        text_ja=f"「{programme.ja}」のコードで、{face_yen:,}円分が財布に入りました。",
        text_en=f"The code of “{programme.en}” has put {face_yen:,} yen into your wallet.",
    )


def lapsed(number: str, *, programme: Both, units: int) -> Wording:
    """Won, but not paid in time."""
    return Wording(
        title_ja="当選が取り消されました",
        title_en="Your right to buy has lapsed",
        text_ja=f"「{programme.ja}」{units}口(受付番号{number})は、期限までにお支払いがなかったため取り消されました。",
        text_en=f"{units} units of “{programme.en}” (receipt number {number}) were not paid in time and have lapsed.",
    )  # fmt: skip


def moved_up(number: str, *, programme: Both, units: int, price_yen: int, until: Both) -> Wording:
    """From the waiting list: somebody drawn earlier has not paid."""
    return Wording(
        title_ja="繰り上げで当選しました",
        title_en="You have moved up and may buy",
        text_ja=f"「{programme.ja}」で、お支払いのなかった方の分が回ってきました。{units}口に繰上当選です(受付番号{number})。"
                f"{until.ja}までに{price_yen:,}円をお支払いください。期限を過ぎると、次の方へ回ります。",
        text_en=f"“{programme.en}”: somebody drawn before you has not paid, so {units} units are yours to buy (receipt "
                f"number {number}). Please pay {price_yen:,} yen by {until.en}. After that they go to the next.",
    )  # fmt: skip


def payment_early(number: str, *, programme: Both, final_by: Both) -> Wording:
    """A shop says that it has the money; the vouchers follow with its final notice."""
    return Wording(
        title_ja="お支払いの速報が届きました",
        title_en="The shop has told us of your payment",
        text_ja=f"「{programme.ja}」のお支払いの速報が届きました(受付番号{number})。お店の確報が{final_by.ja}ごろまでに届くと、"
                "商品券が使えるようになります。もう一度払う必要はありません。",
        text_en=f"The shop has told us of your payment for “{programme.en}” (receipt number {number}). Your vouchers "
                f"come with its final notice, by about {final_by.en}. You need not pay again.",
    )  # fmt: skip


def payment_withdrawn(number: str, *, programme: Both, back_yen: int, owed_yen: int, until: Both | None) -> Wording:
    """The shop gave the money back: what was issued is taken back, what was spent is owed. `until`: may pay anew."""
    back_ja = f"入っていた{back_yen:,}円分をもどしました。" if back_yen else ""
    back_en = f"{back_yen:,} yen have been taken out of your wallet. " if back_yen else ""
    owed_ja = f"すでに使われた{owed_yen:,}円分は、お返しいただくお金として残ります。" if owed_yen else ""
    owed_en = f"{owed_yen:,} yen had been spent already and are owed. " if owed_yen else ""
    anew_ja = f"{until.ja}までなら、もう一度お支払いいただけます。" if until else "お支払いの期限は過ぎています。"
    anew_en = f"You may pay again until {until.en}." if until else "The deadline to pay has passed."
    return Wording(
        title_ja="お支払いが取り消されました",
        title_en="Your payment was withdrawn",
        text_ja=f"「{programme.ja}」のお支払いを、お店が取り消しました(受付番号{number})。{back_ja}{owed_ja}{anew_ja}",
        text_en=f"The shop has withdrawn your payment for “{programme.en}” (receipt number {number}). "
                f"{back_en}{owed_en}{anew_en}",
    )  # fmt: skip


def sale_undone(number: str, *, programme: Both, yen: int, face_yen: int) -> Wording:
    """A sale at the counter was a mistake: the cash went back, and the value out of the wallet."""
    return Wording(
        title_ja="窓口での購入が取り消されました",
        title_en="Your purchase at the desk was undone",
        text_ja=f"「{programme.ja}」の窓口での購入(受付番号{number})が取り消されました。財布の{face_yen:,}円分をもどし、"
                f"代金{yen:,}円は窓口で返します。受け取っていないときは、担当課へお知らせください。",
        text_en=f"Your purchase of “{programme.en}” at the desk (receipt number {number}) was undone: {face_yen:,} yen "
                f"were taken out of your wallet, and the {yen:,} yen you paid are given back at the desk. Please tell "
                "the department if you have not got them.",
    )  # fmt: skip


def payment_to_refund(number: str, *, programme: Both, yen: int, because: Both) -> Wording:
    """Money that bought nothing goes back."""
    return Wording(
        title_ja="お支払いのお金をお返しします",
        title_en="Your payment goes back to you",
        text_ja=f"「{programme.ja}」に払われた{yen:,}円は、{because.ja}、お返しします(受付番号{number})。"
                "返し方は、担当課からお知らせします。",
        text_en=f"The {yen:,} yen paid for “{programme.en}” (receipt number {number}) go back to you, because "
                f"{because.en}. The department will tell you how.",
    )  # fmt: skip


def payment_refunded(number: str, *, programme: Both, yen: int) -> Wording:
    """The department has given the money back."""
    return Wording(
        title_ja="お金をお返ししました",
        title_en="Your payment has been given back",
        text_ja=f"「{programme.ja}」の{yen:,}円をお返ししました(受付番号{number})。届かないときは担当課へご連絡ください。",
        text_en=f"{yen:,} yen of “{programme.en}” have been given back (receipt number {number}). Please tell the "
                "department if they do not arrive.",
    )  # fmt: skip

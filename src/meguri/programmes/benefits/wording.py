"""What people are told about their benefits, in both languages. Pure."""

from __future__ import annotations

from meguri.notices.rules import Wording
from meguri.parties.rules import Both


def decided(programme: Both, *, yen: int, choose_by: Both | None, otherwise: Both) -> Wording:
    """Entitled: how much, and by when to choose how to receive it (None: nothing to choose)."""
    if choose_by is None:
        how_ja, how_en = f"{otherwise.ja}でお支払いします。", f"It will be paid {otherwise.en}."
    else:
        how_ja = f"{choose_by.ja}までに受け取り方をお選びください。選ばれない場合は{otherwise.ja}でお支払いします。"
        how_en = f"Please choose by {choose_by.en} how to receive it; otherwise it will be paid {otherwise.en}."
    return Wording(
        title_ja="給付の支給が決まりました",
        title_en="Your benefit has been decided",
        text_ja=f"「{programme.ja}」{yen:,}円の支給が決まりました。{how_ja}手続きの電話やATMの操作をお願いすることはありません。",
        text_en=f"You will receive {yen:,} yen from “{programme.en}”. {how_en} "
                "Nobody will phone you or ask you to use a cash machine.",
    )  # fmt: skip


def paid(programme: Both, *, yen: int, bonus_yen: int) -> Wording:
    """In the wallet."""
    more_ja = f"(うち上乗せ{bonus_yen:,}円)" if bonus_yen else ""
    more_en = f" ({bonus_yen:,} yen of it on top)" if bonus_yen else ""
    return Wording(
        title_ja="給付が財布に入りました",
        title_en="Your benefit is in your wallet",
        text_ja=f"「{programme.ja}」{yen + bonus_yen:,}円分{more_ja}が財布に入りました。",
        text_en=f"{yen + bonus_yen:,} yen{more_en} from “{programme.en}” are in your wallet.",
    )


def on_its_way(programme: Both, *, yen: int) -> Wording:
    """Handed to the bank transfer."""
    return Wording(
        title_ja="給付を口座に振り込みます",
        title_en="Your benefit is on its way to your account",
        text_ja=f"「{programme.ja}」{yen:,}円の振込手続きに入りました。届くまで数営業日かかります。",
        text_en=f"{yen:,} yen from “{programme.en}” are being transferred. This takes a few business days.",
    )

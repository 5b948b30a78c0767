"""What people are told about their actions, in both languages. Pure."""

from __future__ import annotations

from meguri.notices.rules import Wording
from meguri.parties.rules import Both


def granted(action: Both, *, yen: int, cut_by: Both | None, until: Both | None) -> Wording:
    """Points came in: how many, why perhaps fewer, and until when they are good."""
    less_ja = f"{cut_by.ja}に届いたため、この分で止まりました。" if cut_by else ""
    less_en = f" You have reached {cut_by.en}, so it was cut there." if cut_by else ""
    good_ja = f"{until.ja}まで使えます。" if until else ""
    good_en = f" They are good until {until.en}." if until else ""
    return Wording(
        title_ja=f"{yen:,}円分のポイントが付きました",
        title_en=f"You earned {yen:,} yen in points",
        text_ja=f"「{action.ja}」で{yen:,}円分のポイントが付きました。{less_ja}{good_ja}",
        text_en=f"You earned {yen:,} yen in points for “{action.en}”.{less_en}{good_en}",
    )


def refused(action: Both, *, reason: str) -> Wording:
    """Whoever was to confirm the action did not."""
    return Wording(
        title_ja="行動が確認できませんでした",
        title_en="Your action could not be confirmed",
        text_ja=f"「{action.ja}」を確認できませんでした。理由: {reason}",
        text_en=f"“{action.en}” could not be confirmed. Reason: {reason}",
    )

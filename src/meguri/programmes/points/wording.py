"""What people are told about their actions, in both languages. Pure."""

from __future__ import annotations

from meguri.notices.rules import Wording
from meguri.parties.rules import Both
from meguri.programmes.parts import Action, Evidence
from meguri.programmes.points import rules

ATTESTED: dict[Evidence, Both] = {
    Evidence.PLACE_CODE: Both(
        "会場に出ているコードを読み取ると、その場で入ります。コードはその場にいる人だけが見られます。",
        "Scan the code at the place and the points come in at once. Only those who are there can see it.",
    ),
    Evidence.STAFF_CONFIRMS: Both(
        "あなたの申告を町の職員が確かめてから入ります。",
        "They come in once a member of the town's staff has confirmed it."
    ),
    Evidence.PARTNER_CONFIRMS: Both(
        "あなたの申告を会場の協力団体が確かめてから入ります。",
        "They come in once the partner at the place has confirmed it."
    ),
    Evidence.DEVICE: Both(
        "歩数計とはまだつながっていません。いまはご本人の自己申告で、町はひとつずつ確かめていません。"
        "そのため、回数と金額に上限があります。",
        "Step counters are not connected yet: this is your own report, and nobody checks each one. That is why times "
        "and yen are limited.",
    ),
    Evidence.SELF_REPORT: Both(
        "ご本人の自己申告です。町はひとつずつ確かめていません。そのため、回数と金額に上限があります。",
        "This is your own report, and nobody checks each one. That is why times and yen are limited.",
    ),
    Evidence.PHOTO: Both(
        "あなたが送る写真を、町の職員が見てから入ります。",
        "They come in once a member of the town's staff has seen the photo that you send.",
    ),
}
"""Who vouches for an action, said to whoever does it; also when nobody does."""

STEPS_ATTESTED = Both(
    "電話の歩数の記録を送ると入ります。送る前に、何が数えられるかを見られます。"
    "町は記録をひとつずつ確かめていません。そのため、回数と金額に上限があります。",
    "Send the record of your phone and they come in; you see before what counts. Nobody checks each record. "
    "That is why times and yen are limited.",
)


def attested(action: Action) -> Both:
    """Who vouches for an action, and how many of the own reports are looked at first."""
    words = ATTESTED[action.evidence] if action.steps is None else STEPS_ATTESTED
    if not action.spot_check_bp:
        return words
    share = f"{action.spot_check_bp / 100:g}%"
    return Both(f"{words.ja}くじで{share}を選び、担当者が確かめてから入れます。",
                f"{words.en} {share}, drawn by lot, are looked at first.")


STATES: dict[str, Both] = {**rules.STATES, "withdrawn": Both("取り消されました", "withdrawn")}
"""The states of a record, as people read them."""


def granted(
    action: Both, *, yen: int, cut_by: Both | None, until: Both | None, repaid_yen: int = 0
) -> Wording:
    """Points came in: how many, why perhaps fewer, what of them repaid a debt, and until when they are good."""
    rest = besides(cut_by=cut_by, until=until, repaid_yen=repaid_yen)
    return Wording(
        title_ja=f"{yen:,}円分のポイントが付きました",
        title_en=f"You earned {yen:,} yen in points",
        text_ja=f"「{action.ja}」で{yen:,}円分のポイントが付きました。{rest.ja}",
        text_en=f"You earned {yen:,} yen in points for “{action.en}”.{rest.en}",
    )


def besides(*, cut_by: Both | None, until: Both | None, repaid_yen: int) -> Both:
    """What is said behind points that came in: why no more, what of them repaid a debt, until when they are good."""
    ja = f"{cut_by.ja}に届いたため、この分で止まりました。" if cut_by else ""
    en = f" You have reached {cut_by.en}, so it was cut there." if cut_by else ""
    if repaid_yen:
        ja += f"うち{repaid_yen:,}円分は、取り消しで足りなかった分にあてました。"
        en += f" {repaid_yen:,} yen of it made up for points that were withdrawn and already spent."
    good = Both(f"{until.ja}まで使えます。", f" They are good until {until.en}.") if until else Both("", "")
    return Both(ja + good.ja, en + good.en)


def refused(action: Both, *, reason: str) -> Wording:
    """Whoever was to confirm the action did not."""
    return Wording(
        title_ja="行動が確認できませんでした",
        title_en="Your action could not be confirmed",
        text_ja=f"「{action.ja}」を確認できませんでした。理由: {reason}",
        text_en=f"“{action.en}” could not be confirmed. Reason: {reason}",
    )


def withdrawn(action: Both, *, reason: str, back_yen: int, owed_yen: int, gone_yen: int = 0) -> Wording:
    """Points were taken back: why, how many came out of the wallet, what later points have to make up for, and what had
    gone by itself before.
    """
    rest_ja = rest_en = ""
    if gone_yen:
        rest_ja = f"{gone_yen:,}円分は減価や期限切れですでに町に戻っているため、お返しは要りません。"
        rest_en = f" {gone_yen:,} yen had gone back to the town already (shrunk or expired); you owe nothing for them."
    if owed_yen:
        rest_ja += f"残りの{owed_yen:,}円分はもう使われていたため、次に付くポイントから先にあてます。"
        rest_en += f" {owed_yen:,} yen were spent already; points that you earn later make up for them first."
    return Wording(
        title_ja="ポイントが取り消されました",
        title_en="Points were withdrawn",
        text_ja=f"「{action.ja}」のポイントのうち{back_yen:,}円分を財布から戻しました。{rest_ja}理由: {reason}",
        text_en=f"{back_yen:,} yen of your points for “{action.en}” were taken back.{rest_en} Reason: {reason}",
    )

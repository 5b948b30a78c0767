"""What people are told about missions, in both languages. Pure."""

from __future__ import annotations

from meguri.notices.rules import Wording
from meguri.parties.rules import Both
from meguri.programmes.mission_parts import Comeback, Counting, FirstTime, Mission, Rally, SoOften, Span, Streak
from meguri.programmes.points.wording import besides

SPANS = {Span.DAY: Both("日", "days"), Span.WEEK: Both("週", "weeks")}
KINDS: dict[type[Counting], Both] = {
    Rally: Both("スタンプラリー", "Stamp rally"), SoOften: Both("回数", "So many times"),
    Streak: Both("連続", "In a row"), FirstTime: Both("はじめて", "First time"),
    Comeback: Both("ひさしぶり", "Welcome back"),
}  # fmt: skip

KINDS_BY_NAME = {str(kind.__struct_config__.tag): words for kind, words in KINDS.items()}


def goal(counting: Counting) -> Both:
    """What must be done, as a resident reads it."""
    match counting:
        case Rally(wanted=wanted, places=places):
            return Both(f"{places}か所のうち{wanted}か所をまわる", f"visit {wanted} of {_many(places, 'place')}")
        case SoOften(wanted=wanted):
            return Both(f"{wanted}回する", "do it once" if wanted == 1 else f"do it {wanted} times")
        case Streak(wanted=wanted, span=span, grace=grace):
            unit = SPANS[span]
            rest_ja = f"(途中で{grace}{unit.ja}まで休める)" if grace else ""
            rest_en = f" (you may leave out {grace} on the way)" if grace else ""
            week_ja = "間" if span is Span.WEEK else ""
            return Both(f"{wanted}{unit.ja}{week_ja}続ける{rest_ja}", f"{wanted} {unit.en} in a row{rest_en}")
        case FirstTime():
            return Both("はじめてする", "do it for the first time")
        case Comeback(days=days):
            lapse = _many(days, "day")
            return Both(f"{days}日以上あいたあとに、またする", f"do it again after {lapse} or more without")


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def completed(
    mission: Mission, *, yen: int, cut_by: Both | None, until: Both | None, repaid_yen: int = 0
) -> Wording:
    """A mission is done: what came in, why perhaps less, what of it repaid a debt, until when it is good."""
    rest = besides(cut_by=cut_by, until=until, repaid_yen=repaid_yen)
    return Wording(
        title_ja=f"「{mission.name.ja}」を達成しました",
        title_en=f"You completed “{mission.name.en}”",
        text_ja=f"おめでとうございます。ボーナス{yen:,}円分のポイントが付きました。{rest.ja}",
        text_en=f"Well done: a bonus of {yen:,} yen in points came in.{rest.en}",
    )


def taken_back(mission: Mission, *, reason: str, back_yen: int, owed_yen: int, gone_yen: int = 0) -> Wording:
    """An action was withdrawn and with it the bonus that it had completed with others."""
    rest_ja = rest_en = ""
    if gone_yen:
        rest_ja = f"{gone_yen:,}円分はすでに町に戻っているため、お返しは要りません。"
        rest_en = f" {gone_yen:,} yen had gone back to the town already; you owe nothing for them."
    if owed_yen:
        rest_ja += f"残りの{owed_yen:,}円分はもう使われていたため、次に付くポイントから先にあてます。"
        rest_en += f" {owed_yen:,} yen were spent already; points that you earn later make up for them first."
    return Wording(
        title_ja=f"「{mission.name.ja}」のボーナスが取り消されました",
        title_en=f"The bonus for “{mission.name.en}” was withdrawn",
        text_ja=f"もとになった行動が取り消されたため、ボーナスのうち{back_yen:,}円分を財布から戻しました。{rest_ja}"
        f"もう一度達成すると、また付きます。理由: {reason}",
        text_en=f"An action behind it was withdrawn, so {back_yen:,} yen of the bonus were taken back.{rest_en} "
        f"Complete it again and it comes again. Reason: {reason}",
    )

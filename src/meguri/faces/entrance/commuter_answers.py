"""What a person is told once an officer has looked at their word about work or school."""

from __future__ import annotations

from meguri.faces.design.figures import show_day
from meguri.faces.entrance.requests import TownRequest
from meguri.notices.operations import send
from meguri.notices.rules import Wording
from meguri.parties.commuting import KINDS
from meguri.parties.queries import CommuterView
from meguri.words.refusal import Language

LANGUAGES: tuple[Language, Language] = ("ja", "en")


def tell(request: TownRequest, answer: CommuterView) -> None:
    """Write the answer into the person's inbox, in the caller's transaction."""
    by = request.actor
    send(answer.person, wording(answer), channel="in_app", topic="commuter", by=by, at=request.at,
         department=by.department)  # fmt: skip


def wording(answer: CommuterView) -> Wording:
    """The answer in both languages: from when to when, or why not and what to do."""
    kind = KINDS[answer.kind]
    if answer.state == "refused":
        return Wording(
            title_ja=f"{kind.ja}の確認ができませんでした", title_en=f"We could not confirm that you {kind.en} here",
            text_ja=f"理由: {answer.reason} ほかの証明書があるときは、財布の「在勤・在学」から"
                    "もう一度申し出てください。",
            text_en=f"Reason: {answer.reason} If you have another proof, please say it again under “Work or study” in "
                    "your wallet.",
        )  # fmt: skip
    assert answer.first_day is not None and answer.last_day is not None  # noqa: S101, PT018 - confirmed, by constraint
    ja, en = (
        [show_day(on, language, style="year") for on in (answer.first_day, answer.last_day)] for language in LANGUAGES
    )
    return Wording(
        title_ja=f"{kind.ja}を確認しました", title_en=f"Confirmed: you {kind.en} in the town",
        text_ja=f"{ja[0]}から{ja[1]}まで、{kind.ja}の方として申し込めます。",
        text_en=f"From {en[0]} to {en[1]} you can apply as somebody for whom the town has confirmed it.",
    )

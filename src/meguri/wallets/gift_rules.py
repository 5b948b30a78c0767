"""Whether value may be given, and whether somebody may take it. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Protocol

from meguri.parties.rules import Both
from meguri.programmes.commuters import asks_commuters, lacks_confirmation, unconfirmed
from meguri.programmes.parts import GiftTerms
from meguri.programmes.rules import PurseKindView
from meguri.programmes.vocabularies import RESIDENTS
from meguri.words import predicate
from meguri.words.period import day_of, day_start
from meguri.words.predicate import EVERYTHING, Facts
from meguri.words.refusal import Language, declare

GIFT_NOT_PERMITTED = declare(
    "gift_not_permitted",
    ja="このお金は、ほかの人に贈れません。商品券や給付の多くは、ご本人だけが使えます。",
    en="This value cannot be given to others. Most vouchers and benefits are for their holder only.",
)
GIFT_AMOUNT_WRONG = declare(
    "gift_amount_wrong", status=422,
    ja="贈れるのは{step}円ごとです。金額を直してください。",
    en="Gifts come in steps of {step} yen. Please change the amount.",
)
GIFT_TOO_LARGE = declare(
    "gift_too_large", status=422,
    ja="一度に贈れるのは{most}円までです。金額を直してください。",
    en="A gift holds {most} yen at most. Please change the amount.",
)
GIFT_UNKNOWN = declare("gift_unknown", status=404, ja="この贈り物は見つかりません。", en="There is no such gift.")
GIFT_CODE_UNKNOWN = declare(
    "gift_code_unknown", status=404,
    ja="このコードの贈り物は見つかりません。もらったとおりに入力してください(あと{left}回まで試せます)。",
    en="There is no gift with this code. Please enter it as you were given it ({left} more tries).",
)
GIFT_TOO_MANY_TRIES = declare(
    "gift_too_many_tries", status=429,
    ja="まちがったコードが{most}回続きました。{minutes}分後にもう一度お試しください。",
    en="{most} codes were wrong. Please try again in {minutes} minutes.",
)
GIFT_TAKEN = declare(
    "gift_taken",
    ja="この贈り物は、もう受け取られています。", en="This gift has been taken already.",
)
GIFT_OVER = declare(
    "gift_over",
    ja="この贈り物は、もう受け取れません。くれた人のもとへもどりました。もう一度贈ってもらってください。",
    en="This gift can be taken no more. It went back to whoever gave it: please ask for another one.",
)
GIFT_OWN = declare(
    "gift_own",
    ja="これはあなたが用意した贈り物です。取りもどすには「贈り物」の画面を開いてください。",
    en="You have made this gift yourself. To have it back, please open it among your gifts.",
)
GIFT_STOPPED = declare(
    "gift_stopped",
    ja="この贈り物は、いま止められています。くれた人に聞いてください。お金は守られています。",
    en="This gift is stopped for now. Please ask whoever gave it to you; the money is safe.",
)
GIFT_NOT_ELIGIBLE = declare(
    "gift_not_eligible", status=403,
    ja="この贈り物は、決まりにより受け取れません({reasons:ja})。くれた人に伝えてください。期日がくれば、その人にもどります。",
    en="By its terms you cannot take this gift ({reasons:en}). Please tell whoever gave it; it goes back to them.",
)
GIFT_EXCEEDS_HOLDING = declare(
    "gift_exceeds_holding",
    ja="この事業で1人が持てるのは{most}円までです。いま{held}円あるので、{yen}円は受け取れません。先にお使いください。",
    en="A person may hold {most} yen of this programme. You have {held} yen, so {yen} yen do not fit. "
       "Please spend some first.",
)  # fmt: skip
RESIDENTS_ONLY: Final = Both("受け取れるのは町の住民だけです", "only residents of the town can take it")
LANGUAGES: Final[tuple[Language, Language]] = ("ja", "en")


class Ended(Protocol):
    """What tells whether a gift can still be taken."""

    @property
    def taken_by(self) -> object: ...
    @property
    def ended(self) -> object: ...
    @property
    def until(self) -> datetime: ...


def require_giveable(
    kind: PurseKindView | None, *, expires_at: datetime | None, amount_yen: int, at: datetime
) -> tuple[GiftTerms, datetime]:
    """The terms of giving from this purse, and until when the code can be taken.

    Raises Refusal `gift_not_permitted`, `gift_amount_wrong`, `gift_too_large`.
    """
    if kind is None or not is_giveable(kind, expires_at=expires_at, at=at):
        raise GIFT_NOT_PERMITTED.refusal(field="purse")
    assert kind.gifts is not None  # noqa: S101 - is_giveable says so
    terms = kind.gifts
    if amount_yen < 1 or amount_yen % terms.step_yen:
        raise GIFT_AMOUNT_WRONG.refusal(field="amount_yen", step=terms.step_yen)
    if terms.most_yen is not None and amount_yen > terms.most_yen:
        raise GIFT_TOO_LARGE.refusal(field="amount_yen", most=terms.most_yen)
    return terms, ends_at(terms, kind, expires_at=expires_at, at=at)


def is_giveable(kind: PurseKindView, *, expires_at: datetime | None, at: datetime) -> bool:
    """Whether the terms let value of this purse be given at `at`: while it can be spent, and no longer."""
    return kind.gifts is not None and at in kind.spending and (expires_at is None or at < expires_at)


def ends_at(terms: GiftTerms, kind: PurseKindView, *, expires_at: datetime | None, at: datetime) -> datetime:
    """When a code made at `at` ends: with a day, and never later than its money can be spent."""
    end = day_start(day_of(at) + timedelta(days=terms.days))
    last = good_until(kind, expires_at)
    return end if last is None else min(end, last)


def good_until(kind: PurseKindView, expires_at: datetime | None) -> datetime | None:
    """The end of spending: the money's own, or the programme's if that comes first."""
    return min((end for end in (expires_at, kind.spending.end) if end is not None), default=None)


def require_open(gift: Ended, *, at: datetime) -> None:
    """Raises Refusal `gift_taken`, `gift_over`."""
    if gift.taken_by is not None:
        raise GIFT_TAKEN.refusal()
    if gift.ended is not None or gift.until <= at:
        raise GIFT_OVER.refusal()


def require_receiver(facts: Facts | None, *, who: object, outsiders: bool, on: date) -> None:
    """Whether this person may hold it on this day, as the terms said when it was given.

    Raises Refusal `gift_not_eligible`, `commuter_unconfirmed`, `missing_fact`.
    """
    rule = predicate.parse(who, RESIDENTS)
    if facts is None or not facts["resident"]:
        if outsiders:
            return  # the town can ask nothing of them
        if lacks_confirmation(rule, facts):
            raise unconfirmed(rule, said=(), on=on)
        if facts is None or not asks_commuters(rule):
            raise GIFT_NOT_ELIGIBLE.refusal(reasons=RESIDENTS_ONLY, limit="residents")
    if rule.predicate == EVERYTHING or predicate.holds(rule, facts):
        return
    ja, en = (predicate.why_not(rule, facts, language=language) for language in LANGUAGES)
    raise GIFT_NOT_ELIGIBLE.refusal(reasons=Both("、".join(ja), "; ".join(en)), limit="who")


def require_room(kind: PurseKindView, *, held_yen: int, yen: int) -> None:
    """Raises Refusal `gift_exceeds_holding`."""
    most = kind.balance_max_yen
    if most is not None and held_yen + yen > most:
        raise GIFT_EXCEEDS_HOLDING.refusal(most=most, held=held_yen, yen=yen, limit="balance_max_yen")


def plain(who: predicate.Predicate) -> dict[str, object]:
    """A condition as it is kept beside a gift."""
    return predicate.to_document(who)

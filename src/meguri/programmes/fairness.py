"""Is a trial fair to everybody in it, and can it tell anything? Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from meguri.parties.rules import Both
from meguri.programmes import timing
from meguri.programmes.arms import differing, expiry_of, face_of, rate_bp
from meguri.programmes.arms_ahead import left_of
from meguri.programmes.findings import Findings, declare_error, declare_lint, found
from meguri.programmes.parts import ExpiresOn, GrantByList, Holder, MoneyPart, Sale
from meguri.programmes.sharing import WHOLE
from meguri.programmes.terms import ProgrammeTerms
from meguri.programmes.trial import Arm, Trial

ARM_TWICE = declare_error(
    "arm_twice", ja="群の記号「{name}」が二度使われています。", en="The arm “{name}” stands there twice."
)
ARM_SHARES_NOT_WHOLE = declare_error(
    "arm_shares_not_whole",
    ja="群の割合の合計が {total} です。10,000(100%)にしてください。",
    en="The shares of the arms add up to {total}. They must add up to 10,000 (100 %).",
)
NO_CONTROL = declare_error(
    "no_control_arm",
    ja="要綱のままの群(何も変えない群)を、ちょうど一つ置いてください(いまは{count})。",
    en="Exactly one arm changes nothing: the terms as they are (there are {count}).",
)
ARM_ALONE = declare_error(
    "arm_alone",
    ja="群が一つしかありません。比べる群を加えるか、抽選をやめてください。",
    en="There is only one arm, so nothing is compared. Add an arm, or draw nothing.",
)
ARMS_ALIKE = declare_error(
    "arms_alike",
    ja="群「{first:ja}」と「{second:ja}」は条件が同じです。違いが分かる抽選になりません。",
    en="The arms “{first:en}” and “{second:en}” have the same conditions: drawing between them tells nothing.",
)
ARM_GIVES_LESS = declare_error(
    "arm_gives_less", law="資金決済法 13条",
    ja="群「{arm:ja}」は、要綱で約束した分({was})より少なく({now})なります。要綱を少ないほうに合わせ、多い群を加えてください。",
    en="The arm “{arm:en}” gives less ({now}) than the terms promise ({was}). Promise the lesser in the terms, and add "
       "an arm that gives more.",
)
ARM_DOES_NOT_FIT = declare_error(
    "arm_does_not_fit",
    ja="群「{arm:ja}」の{what:ja}は、この事業では変えられません。紙の券でも買える販売や、要綱に定めのないものは、人ごとに変えられません。",
    en="The arm “{arm:en}” cannot change {what:en} in this programme: what is also sold on paper, or is not in the "
       "terms, cannot differ between people.",
)
STATUTORY_IS_NOT_DRAWN = declare_error(
    "statutory_benefit_is_not_drawn", law="地方自治法 10条2項、各給付の根拠法",
    ja="法律に基づく給付の条件を、抽選で変えることはできません。",
    en="The conditions of a benefit by national law are never drawn by lot.",
)
HOUSEHOLD_DRAWN_APART = declare_error(
    "household_drawn_apart",
    ja="上限か受け取る人が世帯にかかわるので、条件の抽選も世帯ごと(per を household)にしてください。",
    en="The ceiling or the recipient is a matter of the household: draw the arms by household, too (per = household).",
)
ARMS_FAR_APART = declare_lint(
    "arms_far_apart", law="地方自治法 10条2項",
    ja="使わずに持っていた10,000円が、群によって{least}円から{most}円まで違う額になります。くじの理由と、いつでも使えることを、"
       "受け取る人に前もって知らせてください。",
    en="Ten thousand yen that nobody spends become {least} yen in one arm and {most} in another. Tell people "
       "beforehand why lot decides, and that they can spend it at any time.",
)
REMINDER_SPILLS_OVER = declare_lint(
    "reminder_spills_over",
    ja="お知らせを受けた人は家族にも話します。世帯ごとに抽選すると、群どうしが混ざりません。",
    en="Who is reminded tells the family. Drawing by household keeps the arms apart.",
)

FAR_APART_YEN = 1_000
"""Of 10,000: so different may two people's shrinking be without a word."""
EXPIRY, PREMIUM, DEMURRAGE, REMINDER = (
    Both("有効期限", "the expiry"), Both("上乗せ", "the premium"), Both("減価", "the demurrage"),
    Both("期限のお知らせ", "the reminder"),
)  # fmt: skip


def wrong_arms(terms: ProgrammeTerms) -> Findings:
    """What keeps a trial from being run, or from being fair."""
    trial = terms.trial
    if trial is None:
        return
    yield from _whole(trial)
    if isinstance(terms.obtaining, GrantByList) and terms.obtaining.statutory:
        yield found(STATUTORY_IS_NOT_DRAWN, "trial")
    yield from _households(terms, trial)
    first, path = min((window.first_day, path) for path, window in timing.windows(terms) if path != "spending.window")
    if first < trial.drawn_on:
        yield found(timing.OUT_OF_ORDER, "trial.drawn_on", earlier=trial.drawn_on, later=path)
    misfits = [misfit for arm in trial.arms for misfit in _misfits(terms, arm)]
    for arm, name, what in misfits:
        yield found(ARM_DOES_NOT_FIT, f"trial.arms.{arm.code}.{name}", arm=_name(arm), what=what)
    if not misfits:
        for arm in trial.arms:
            yield from _less(terms, arm)
        yield from _alike(terms, trial)
        yield from _far_apart(terms, trial)


def _whole(trial: Trial) -> Findings:
    codes = Counter(arm.code for arm in trial.arms)
    yield from (found(ARM_TWICE, "trial.arms", name=code) for code, times in codes.items() if times > 1)
    if (total := sum(arm.share_bp for arm in trial.arms)) != WHOLE:
        yield found(ARM_SHARES_NOT_WHOLE, "trial.arms", total=total)
    if len(trial.arms) == 1:
        yield found(ARM_ALONE, "trial.arms")
    elif (controls := sum(arm.is_control for arm in trial.arms)) != 1:
        yield found(NO_CONTROL, "trial.arms", count=controls)


def _households(terms: ProgrammeTerms, trial: Trial) -> Findings:
    if trial.per is Holder.HOUSEHOLD:
        return
    by_household = isinstance(terms.obtaining, Sale) and terms.obtaining.per is Holder.HOUSEHOLD
    if by_household or isinstance(terms.obtaining, GrantByList):  # a parent receives what a child is entitled to
        yield found(HOUSEHOLD_DRAWN_APART, "trial.per")
    elif differing(trial, name="reminder_days"):
        yield found(REMINDER_SPILLS_OVER, "trial.per")


def _misfits(terms: ProgrammeTerms, arm: Arm) -> Iterator[tuple[Arm, str, Both]]:
    """What an arm would change that the document does not have, or that cannot differ between people."""
    sale = terms.obtaining if isinstance(terms.obtaining, Sale) else None
    on_paper = sale is not None and sale.paper_or_electronic  # what is printed is printed for everybody
    if arm.expiry is not None and (on_paper or type(arm.expiry) is not type(terms.expiry)):
        yield arm, "expiry", EXPIRY
    if arm.premium and (sale is None or sale.bundles or on_paper or not _is_granted(terms, arm, sale=sale)):
        yield arm, "premium", PREMIUM
    if arm.demurrage_bp is not None and terms.demurrage is None:
        yield arm, "demurrage_bp", DEMURRAGE
    if arm.reminder_days is not None and timing.last_good_day(terms, issued=timing.first_issue(terms)) is None:
        yield arm, "reminder_days", REMINDER


def _is_granted(terms: ProgrammeTerms, arm: Arm, *, sale: Sale) -> bool:
    """Whether the arm changes granted purses of the unit only, each once."""
    granted = {purse.code for purse in terms.purses if purse.part is MoneyPart.GRANTED}
    own = [part.purse for part in arm.premium]
    return len(set(own)) == len(own) and set(own) <= granted & {part.purse for part in sale.face}


def _less(terms: ProgrammeTerms, arm: Arm) -> Findings:
    """No arm gives less than was announced; a shorter life only of what nobody paid for, and never by surprise."""
    path, name = f"trial.arms.{arm.code}", _name(arm)
    if isinstance(terms.obtaining, Sale):
        for was, now in zip(terms.obtaining.face, face_of(terms.obtaining.face, arm), strict=True):
            if now.yen < was.yen:
                yield found(ARM_GIVES_LESS, f"{path}.premium", arm=name, was=was.yen, now=now.yen)
    if rate_bp(terms, arm) > rate_bp(terms, None):
        yield found(ARM_GIVES_LESS, f"{path}.demurrage_bp", arm=name, was=rate_bp(terms, None),
                    now=rate_bp(terms, arm))  # fmt: skip
    issued = timing.last_issue(terms)
    ends, own = (timing.end_of_life(expiry_of(terms, one), issued=issued) for one in (None, arm))
    if ends and own and own < ends and any(purse.part is MoneyPart.PAID for purse in terms.purses):
        yield found(ARM_GIVES_LESS, f"{path}.expiry", arm=name, was=ends, now=own)


def _alike(terms: ProgrammeTerms, trial: Trial) -> Findings:
    """Two arms under which the same happens to everybody; what ends after all spending has ended ends alike."""
    seen: dict[object, Arm] = {}
    for arm in trial.arms:
        other = seen.setdefault(_conditions(terms, arm), arm)
        if other is not arm:
            yield found(ARMS_ALIKE, f"trial.arms.{arm.code}", first=_name(other), second=_name(arm))


def _far_apart(terms: ProgrammeTerms, trial: Trial) -> Findings:
    """Whose value shrinks by lot shall know of it, where it makes much of a difference."""
    left = [yen for arm in trial.arms if (yen := left_of(terms, arm)) is not None]
    if left and max(left) - min(left) >= FAR_APART_YEN:
        arm = max(trial.arms, key=lambda each: rate_bp(terms, each))
        yield found(ARMS_FAR_APART, f"trial.arms.{arm.code}", least=f"{min(left):,}", most=f"{max(left):,}")


def _conditions(terms: ProgrammeTerms, arm: Arm) -> object:
    face = face_of(terms.obtaining.face, arm) if isinstance(terms.obtaining, Sale) else ()
    expiry = expiry_of(terms, arm)
    if isinstance(expiry, ExpiresOn):
        expiry = ExpiresOn(last_day=min(expiry.last_day, terms.spending.window.last_day))
    return arm.reminder_days, expiry, face, rate_bp(terms, arm)


def _name(arm: Arm) -> Both:
    return Both(arm.name.ja, arm.name.en)

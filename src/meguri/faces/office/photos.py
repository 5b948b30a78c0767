"""The review of photos: who waits, one photo after another, and yes, no or another one by a single press.

Photos lie in the vault. Whoever looks says why, once for a sitting; each look is logged with that reason and the deed.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from functools import partial
from typing import Any, cast
from uuid import UUID

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.desks import require_desk
from meguri.faces.office.frame import attempt, done, officers_only, page, say, short
from meguri.faces.office.tables import csv_of, on_day, table, when
from meguri.parties.rules import require
from meguri.programmes import queries as programmes
from meguri.programmes.points import operations
from meguri.programmes.points.doubts import doubts_of, score
from meguri.programmes.points.photo_rules import ASKS, DECLINES, READY, Said, ready_reason
from meguri.programmes.points.photos import Photographed, photographed, photos_waiting, record_of_photo
from meguri.vault.operations import REASON_MISSING
from meguri.vault.rules import REASON_MOST, is_reason
from meguri.words.refusal import Refusal

View = Callable[..., HttpResponse]
PHOTO_REASON = "photo_reason"
"""In the session: who gave which reason for this sitting. It ends with the sign-in."""
REASON_ROOM = REASON_MOST - 100
"""The deed's name follows the reason in the log."""
_shows_photo = cast("Callable[[View], View]", csp_update({"img-src": [SELF, "data:"]}))


@officers_only
@never_cache
def photos(request: TownRequest) -> HttpResponse:
    """What waits, without a picture; a reason begins the sitting."""
    require_desk(request, "action.attest", family="point")
    refusal, waiting = None, _waiting(request)
    if request.method == "POST":
        refusal = attempt(request, {"begin": lambda: _begin(request)})
        if refusal is None:
            return _next(request)
    facts = doubts_of([each.done for each in waiting], municipality=request.municipality)
    listed = table(
        request, "photos", caption=("答えを待っている写真", "Photos that wait for an answer"),
        columns=[("送った時", "Sent", "keep"), ("行動", "Action"), ("人", "Person", "keep"),
                 ("付与", "To be granted", "number"), ("気になる点", "What to look at")],
        rows=[
            [when(each.photos[-1].sent_at, request, style="year"), _link(request, each), short(each.done.resident),
             {"amount": each.done.asked_yen},
             "、".join(say(request, one.words.ja, one.words.en) for one in facts[each.done.id])]
            for each in sorted(waiting, key=lambda each: -score(facts[each.done.id]))
        ],
        empty=("いま待っている写真はありません", "No photo is waiting"),
    )  # fmt: skip
    return csv_of(request, listed) or page(
        request, "photos", way="points", path=_path(request), refusal=refusal, table=listed, count=len(waiting),
        reason=_reason(request) or _usual(request),
    )  # fmt: skip


def _link(request: TownRequest, each: Photographed) -> dict[str, Any]:
    name = say(request, each.done.name.ja, each.done.name.en)
    return {"url": reverse("office:photo", args=[each.photos[-1].id]), "text": name}


def _waiting(request: TownRequest) -> tuple[Photographed, ...]:
    """Of the own department's programmes; nobody judges a photo of their own."""
    own = [each.id for each in programmes.programmes(request.municipality, states=("launched", "closed"))
           if each.family == "point" and each.department == request.actor.department]  # fmt: skip
    return photos_waiting(own, municipality=request.municipality, but=request.actor.party)


def _path(request: TownRequest, *more: tuple[str, str]) -> list[tuple[str, str]]:
    start = (reverse("office:points"), say(request, "行動と場所", "Actions and places"))
    return [start, (reverse("office:photos"), say(request, "写真の確認", "Photos")), *more]


def _usual(request: TownRequest) -> str:
    return say(request, "行動の写真の確認のため", "To confirm actions by their photos")


def _reason(request: TownRequest) -> str:
    """The reason of this sitting; empty before one was given, or when another person gave it."""
    who, reason = request.session.get(PHOTO_REASON, ("", ""))
    return str(reason) if who == str(request.actor.party) else ""


def _begin(request: TownRequest) -> None:
    reason = request.POST.get("reason", "").strip()[:REASON_ROOM]
    if not is_reason(reason):
        raise REASON_MISSING.refusal(field="reason")
    request.session[PHOTO_REASON] = [str(request.actor.party), reason]


def _next(request: TownRequest) -> HttpResponse:
    """On to the photo that waits longest; to the list when none does."""
    waiting = _waiting(request)
    return redirect("office:photo", photo=waiting[0].photos[-1].id) if waiting else redirect("office:photos")


@officers_only
@never_cache
@_shows_photo
def photo(request: TownRequest, photo: UUID) -> HttpResponse:
    """One photo, large, with what is known of it; an answer leads to the next."""
    require_desk(request, "action.attest", family="point")
    found = photographed(record_of_photo(photo, municipality=request.municipality), municipality=request.municipality)
    view = programmes.programme(found.done.programme, municipality=request.municipality)
    assert view is not None  # noqa: S101 - a record has its programme
    require(request.actor, "action.attest", department=view.department)
    refusal = None
    if request.method == "POST":
        refusal = attempt(request, _acts(request, found, photo=photo))
        if refusal is None:
            return redirect("office:photo", photo=photo) if request.POST.get("act") == "begin" else _next(request)
    shown = _shown(request, found, photo=photo)
    name = say(request, found.done.name.ja, found.done.name.en)
    facts = doubts_of([found.done], municipality=request.municipality)[found.done.id]
    return page(
        request, "photo", way="points", path=_path(request, ("", name)), refusal=refusal, found=found, name=name,
        is_waiting=found.waiting is not None and found.waiting.id == photo, facts=_facts(request, found), **shown,
        doubts=[say(request, one.words.ja, one.words.en) for one in facts], count=len(_waiting(request)),
        asks=_ready(request, ASKS, act="again"), declines=_ready(request, DECLINES, act="no"), usual=_usual(request),
        state=say(request, found.done.state_words.ja, found.done.state_words.en),
    )  # fmt: skip


def _ready(request: TownRequest, reasons: tuple[Said, ...], *, act: str) -> list[dict[str, str]]:
    return [{"act": f"{act}:{one}", "label": say(request, READY[one].ja, READY[one].en)} for one in reasons]


def _shown(request: TownRequest, found: Photographed, *, photo: UUID) -> dict[str, Any]:
    """The picture and what its sender says, once a reason was given; else why there is none."""
    reason = _reason(request)
    if not reason:
        return {"asks_reason": True}
    about = f"{reason}({found.done.name.ja} {short(found.done.id)})"
    try:
        looked = operations.look_at_photo(photo=photo, reason=about, by=request.actor, at=request.at)
    except Refusal as gone:
        return {"gone": gone}
    return {"picture": f"data:image/jpeg;base64,{b64encode(looked.jpeg).decode()}", "told": looked.told}


def _facts(request: TownRequest, found: Photographed) -> list[dict[str, Any]]:
    yen = say(request, f"{found.done.asked_yen:,}円", f"¥{found.done.asked_yen:,}")
    facts: list[tuple[str, str, Any]] = [
        ("人", "Person", short(found.done.resident)), ("数える日", "Counts for", on_day(found.done.day, request)),
        ("送った時", "Sent", when(found.photos[-1].sent_at, request, style="year")),
        ("認めると付与する額", "Granted on yes", yen),
    ]  # fmt: skip
    if before := [each.reason for each in found.photos if each.answer == "again"]:
        facts.append(("前に送り直しを頼んだ理由", "Asked again before because", "、".join(before)))
    return [{"label": say(request, ja, en), "value": value} for ja, en, value in facts]


def _acts(request: TownRequest, found: Photographed, *, photo: UUID) -> dict[str, Callable[[], object]]:
    about: dict[str, Any] = {"record": found.done.id, "photo": photo, "by": request.actor, "at": request.at}
    typed = request.POST.get("reason", "")

    def yes() -> None:
        made = operations.attest_action(**about)
        done(request, f"認めました。{made.granted_yen:,}円分を付与しました。",
             f"Confirmed: ¥{made.granted_yen:,} granted.")

    def no(reason: str) -> None:
        operations.decline_action(**about, reason=reason)
        done(request, "認めませんでした。理由を本人に知らせました。", "Declined; the person was told why.")

    def again(reason: str) -> None:
        operations.ask_for_another(**about, reason=reason)
        done(request, "もう一枚頼みました。理由を本人に知らせました。",
             "Another photo was asked for; the person was told why.")

    acts: dict[str, Callable[[], object]] = {
        "begin": lambda: _begin(request), "yes": yes, "no": partial(no, typed), "again": partial(again, typed),
    }  # fmt: skip
    acts |= {f"no:{one}": partial(no, ready_reason(one)) for one in DECLINES}
    return acts | {f"again:{one}": partial(again, ready_reason(one)) for one in ASKS}

"""What the invented town has sent: mail, short messages, letters and the app's notices, newest first. Demo only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from meguri.faces.entrance.demo import players
from meguri.faces.entrance.people import municipality_here
from meguri.faces.entrance.requests import TownRequest
from meguri.notices.queries import NoticeView
from meguri.notices.queries import outbox as notices_of
from meguri.parties.rules import Both

PAGE = 30
ROUTINE = "point.granted"
"""What everybody is told every day; it would bury the rest."""

CHANNELS = {
    "push": Both("スマホへのお知らせ", "Push message"), "mail": Both("メール", "Mail"), "sms": Both("SMS", "SMS"),
    "letter": Both("郵便", "Letter"), "in_app": Both("アプリのお知らせ", "Notice in the app"),
}
STATES = {
    "waiting": Both("これから送ります", "waiting"), "sent": Both("届きました", "delivered"),
    "failed": Both("送れませんでした", "failed"), "dropped": Both("送りませんでした", "not sent"),
}
SOMEBODY = Both("町の人", "somebody in town")


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the page's filters: notices `about` a family of topics, and none of the topic `other_than`."""

    key: str
    name: Both
    about: str = ""
    other_than: str = ""


CHOICES = (
    Choice("", Both("ポイント付与のほか", "All but points granted"), other_than=ROUTINE),
    Choice("sign-in", Both("サインイン", "Signing in"), about="sign_in"),
    Choice("voucher", Both("商品券", "Vouchers"), about="voucher"),
    Choice("benefit", Both("給付", "Benefits"), about="benefit"),
    Choice("point", Both("ポイント", "Points"), about="point"),
    Choice("all", Both("すべて", "Everything")),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice with the words that its kind, its fate and its reader go by."""

    notice: NoticeView
    channel: Both
    state: Both
    reader: Both


@never_cache
@require_safe
def outbox(request: TownRequest) -> HttpResponse:
    """All that the town sent, codes included. `?about=` chooses a kind, `?after=` goes on from a notice."""
    if not settings.DEMO:
        raise Http404
    wanted = request.GET.get("about", "")
    chosen = next((choice for choice in CHOICES if choice.key == wanted), CHOICES[0])
    found = notices_of(
        municipality=municipality_here(), after=_uuid(request.GET.get("after", "")), limit=PAGE + 1,
        about=chosen.about, other_than=chosen.other_than,
    )  # fmt: skip
    readers = {player.login.party: player.part.name for player in players(municipality_here())}
    letters = [_letter(notice, readers) for notice in found[:PAGE]]
    context = {"letters": letters, "choices": CHOICES, "chosen": chosen, "more": len(found) > PAGE}
    return render(request, "entrance/outbox.html", context)


def _letter(notice: NoticeView, readers: Mapping[UUID, Both]) -> Letter:
    channel = CHANNELS.get(notice.channel, Both(notice.channel, notice.channel))
    state = STATES.get(notice.status, Both(notice.status, notice.status))
    return Letter(notice, channel, state, readers.get(notice.recipient, SOMEBODY))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

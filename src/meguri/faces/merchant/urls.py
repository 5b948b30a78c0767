"""The shop's till: take a payment, the day, settlements, the printed code, the people."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.merchant import campaigns, coming, days, members, notes, notes_back, poster, statements, taking

app_name = "merchant"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", taking.home, name="home"),
    path("latest", taking.latest, name="latest"),
    path("paid/<uuid:payment>", taking.paid, name="paid"),
    path("notes", notes.notes, name="notes"),
    path("notes/back", notes_back.notes_back, name="notes_back"),
    path("coming", coming.coming, name="coming"),
    path("campaigns", campaigns.campaigns, name="campaigns"),
    path("day", days.day, name="day"),
    path("payment/<uuid:payment>", days.payment, name="payment"),
    path("payment/<uuid:payment>/refund", days.refund, name="refund"),
    path("code", poster.code, name="code"),
    path("settlement", statements.settlement, name="settlement"),
    path("settlement/<uuid:statement>", statements.statement, name="statement"),
    path("members", members.members, name="members"),
    path("members/<uuid:member>/leave", members.leave, name="leave"),
]

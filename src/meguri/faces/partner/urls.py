"""The partner company: how it becomes one, what became of its money, where it was spent, the monthly statement."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.partner import (
    applying,
    delivering,
    deposits,
    hosting,
    keys,
    members,
    months,
    overview,
    proposals,
    spending,
    webhooks,
)

app_name = "partner"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.home, name="home"),
    path("spent", spending.spent, name="spent"),
    path("statement", months.statement, name="statement"),
    path("deposits", deposits.deposits, name="deposits"),
    path("actions", delivering.delivering, name="delivering"),
    path("proposals", proposals.proposed, name="proposals"),
    path("places", hosting.hosted, name="hosted"),
    path("places/<uuid:place>.<str:kind>", hosting.place_file, name="place_file"),
    path("keys", keys.keys, name="keys"),
    path("members", members.members, name="members"),
    path("webhooks", webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:endpoint>", webhooks.webhook, name="webhook"),
    path("apply", applying.apply, name="apply"),
    path("apply/<str:token>", applying.application, name="application"),
]

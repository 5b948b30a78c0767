"""The partner company: what became of its money, where it was spent, and the monthly statement."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.partner import months, overview, spending

app_name = "partner"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.home, name="home"),
    path("spent", spending.spent, name="spent"),
    path("statement", months.statement, name="statement"),
]

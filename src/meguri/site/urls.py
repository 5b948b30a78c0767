"""Which face answers which address."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("style/", include("meguri.faces.design.urls")),
    path("", include("meguri.faces.entrance.urls")),  # /enter and /m/<shop code> stand at the root
    path("accounts/", include("allauth.urls")),
    path("wallet/", include("meguri.faces.resident.urls")),
    path("till/", include("meguri.faces.merchant.urls")),
    path("office/", include("meguri.faces.office.urls")),
    path("partner/", include("meguri.faces.partner.urls")),
    path("api/v1/", include("meguri.faces.api.urls")),
    path("", include("meguri.faces.public.urls")),  # the public page is the root; last, because it may catch more
]

handler400 = "meguri.site.faults.unreadable"
handler403 = "meguri.site.faults.closed"
handler404 = "meguri.site.faults.unknown"
handler429 = "meguri.site.faults.too_often"  # allauth's, not Django's
handler500 = "meguri.site.faults.fault"

"""Addresses of the style page alone."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [path("style/", include("meguri.faces.design.urls"))]

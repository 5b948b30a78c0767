from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.design import views

app_name = "design"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.style, name="style"),
    path("screen/<slug:name>", views.screen, name="screen"),
]

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.entrance import joining, outbox, views

app_name = "entrance"

urlpatterns: list[URLPattern | URLResolver] = [
    path("enter/", views.people, name="people"),
    path("enter/sign-in", views.sign_in, name="sign_in"),
    path("enter/as/<slug:key>", views.be, name="be"),
    path("enter/leave", views.leave, name="leave"),
    path("enter/leave-everywhere", views.leave_everywhere, name="leave_everywhere"),
    path("enter/hats", views.hats, name="hats"),
    path("enter/after", views.after, name="after"),
    path("enter/second-factor", views.second_factor, name="second_factor"),
    path("enter/invitation/<str:token>", views.invitation, name="invitation"),
    path("enter/join", joining.join, name="join"),
    path("enter/outbox", outbox.outbox, name="outbox"),
    path("m/<str:code>", views.shop_code, name="shop_code"),
]

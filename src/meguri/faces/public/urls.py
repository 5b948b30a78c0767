"""What anybody may see: the town's ring, where money went, draws, open data, every expected no."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.public import arms, causes, draws, proof, views

app_name = "public"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.town, name="town"),
    path("note", views.note, name="note"),
    path("public/programmes", views.programmes_page, name="programmes"),
    path("public/programmes/<uuid:programme>", views.programme, name="programme"),
    path("public/draws/<uuid:sale>", draws.draw, name="draw"),
    path("public/draws/<uuid:sale>/list.txt", draws.draw_list, name="draw_list"),
    path("public/draws/<uuid:sale>/draw.json", draws.draw_facts, name="draw_facts"),
    path("public/draws/draw_check.py", draws.draw_check, name="draw_check"),
    path("public/arms/<uuid:programme>", arms.arms, name="arms"),
    path("public/arms/<uuid:programme>/list.txt", arms.arms_list, name="arms_list"),
    path("public/arms/<uuid:programme>/arms.json", arms.arms_facts, name="arms_facts"),
    path("public/causes", causes.causes, name="causes"),
    path("public/shops", views.shops, name="shops"),
    path("public/data", views.open_data, name="data"),
    path("public/refusals", views.refusals, name="refusals"),
    path("public/how-we-know", views.how_we_know, name="how_we_know"),
    path("public/log", proof.log_page, name="log"),
    path("public/log/head.txt", proof.head, name="head"),
    path("public/log/heads.json", proof.all_heads, name="heads"),
    path("public/log/witness.json", proof.witness, name="witness"),
    path("public/log/growth/<int:first>/<int:second>", proof.growth, name="growth"),
    path("public/log/receipts/<uuid:posting>", proof.receipt, name="receipt"),
    path("public/log/receipts/<uuid:posting>/file", proof.receipt_file, name="receipt_file"),
    path("public/log/check", proof.checking_page, name="checking"),
]

"""The resident's wallet: what I have, pay, get, and what happened."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.resident import (
    campaigns,
    codes,
    coming,
    commuting,
    getting,
    gifts,
    home,
    ordering,
    owing,
    paying,
    slips,
    told,
    walking,
    warned,
)

app_name = "resident"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("open", home.open_wallet, name="open"),
    path("lost", home.lost, name="lost"),
    path("history", home.history, name="history"),
    path("debt", owing.debt, name="debt"),
    path("gifts", gifts.gifts, name="gifts"),
    path("gifts/<uuid:gift>", gifts.gift, name="gift"),
    path("gifts/<uuid:gift>/back", gifts.take_gift_back, name="take_gift_back"),
    path("gift", gifts.take_gift, name="take_gift"),
    path("gift/<uuid:gift>", gifts.gift_taken, name="gift_taken"),
    path("notices", told.notices, name="notices"),
    path("notices/expiry", warned.warning, name="warning"),
    path("shops", home.shops, name="shops"),
    path("pay", paying.show_code, name="pay"),
    path("pay/code", paying.code_part, name="code"),
    path("pay/landed", paying.landed, name="landed"),
    path("pay/to", paying.find_shop, name="find_shop"),
    path("pay/<str:code>", paying.at_shop, name="at_shop"),
    path("paid/<uuid:payment>", paying.paid, name="paid"),
    path("receipt/<uuid:payment>", paying.receipt, name="receipt"),
    path("get", getting.offers, name="get"),
    path("get/vouchers/<uuid:sale>", getting.sale, name="sale"),
    path("get/vouchers/<uuid:sale>/apply", getting.apply, name="apply"),
    path("get/vouchers/withdraw/<uuid:application>", getting.withdraw, name="withdraw"),
    path("get/vouchers/purchase/<uuid:application>", getting.purchase, name="purchase"),
    path("get/vouchers/way/<uuid:application>", ordering.choose_way, name="choose_way"),
    path("get/payments/<uuid:order>", ordering.order, name="order"),
    path("get/payments/<uuid:order>/slip", slips.slip, name="slip"),
    path("get/payments/<uuid:order>/pretend", ordering.pretend, name="pretend"),
    path("get/code", codes.enter_code, name="enter_code"),
    path("get/code/<uuid:posting>", codes.code_entered, name="code_entered"),
    path("get/commuting", commuting.commuting, name="commuting"),
    path("get/coming", coming.coming, name="coming"),
    path("get/campaigns", campaigns.campaigns, name="campaigns"),
    path("get/actions", getting.actions, name="actions"),
    path("get/steps", walking.steps, name="steps"),
    path("get/steps/<uuid:brought>", walking.count, name="brought"),
    path("get/benefits/<uuid:entitlement>", getting.choose, name="choose"),
]

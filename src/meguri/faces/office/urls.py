"""The office: my desk, programmes, the three kinds' desks, accounting, evidence and strategy, people."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from meguri.faces.office import (
    benefits,
    books,
    desk,
    evidence,
    fund,
    imports,
    officer,
    paying_account,
    people,
    points,
    programme,
    programmes,
    reveals,
    runs,
    settlement,
    shop,
    shops,
    strategy,
    vouchers,
    years,
)

app_name = "office"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", desk.desk, name="desk"),
    path("programmes/", programmes.programmes, name="programmes"),
    path("programmes/new", programmes.new_programme, name="programme_new"),
    path("programmes/<uuid:programme>", programme.programme, name="programme"),
    path("programmes/<uuid:programme>.toml", programmes.programme_file, name="programme_file"),
    path("programmes/<uuid:programme>/runs", runs.runs, name="runs"),
    path("funds/<uuid:fund>", fund.fund, name="fund"),
    path("vouchers/", vouchers.vouchers, name="vouchers"),
    path("vouchers/<uuid:sale>", vouchers.sale, name="sale"),
    path("vouchers/<uuid:sale>/draw", vouchers.draw, name="draw"),
    path("points/", points.points, name="points"),
    path("points/place/<uuid:place>/screen", points.place_screen, name="place_screen"),
    path("points/place/<uuid:place>/code", points.place_code, name="place_code"),
    path("benefits/", benefits.benefits, name="benefits"),
    path("benefits/import", imports.import_list, name="import_list"),
    path("benefits/<uuid:benefit_list>", benefits.benefit_list, name="benefit_list"),
    path("benefits/entitlement/<uuid:entitlement>", benefits.entitlement, name="entitlement"),
    path("settlement/", settlement.settlements, name="settlements"),
    path("settlement/account", paying_account.paying_account, name="paying_account"),
    path("settlement/<uuid:run>", settlement.settlement, name="settlement"),
    path("settlement/<uuid:run>/file", settlement.transfer_file, name="transfer_file"),
    path("settlement/statement/<uuid:statement>", settlement.statement, name="statement"),
    path("books", books.books, name="books"),
    path("years/", years.years, name="years"),
    path("years/<int:year>", years.year, name="year"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/<uuid:programme>", evidence.evidence_programme, name="evidence_programme"),
    path("strategy/", strategy.strategy, name="strategy"),
    path("people", people.people, name="people"),
    path("people/<uuid:officer>", officer.officer, name="officer"),
    path("reveals", reveals.revealed, name="reveals"),
    path("shops/", shops.shops, name="shops"),
    path("shops/new", shops.new_shop, name="new_shop"),
    path("shops/<uuid:shop>", shop.shop, name="shop"),
    path("shops/<uuid:shop>/entry", shop.shop_entry, name="shop_entry"),
    path("approvals", people.approvals, name="approvals"),
]

"""An application on paper: an officer enters who has no phone, or sent a postcard; the number is the same kind."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from meguri.faces.entrance.requests import TownRequest
from meguri.faces.office.by_number import NOBODY_WITH_NUMBER, person_by_number
from meguri.faces.office.frame import attempt, done, officers_only, page, say
from meguri.parties.queries import resident_facts
from meguri.parties.rules import require
from meguri.programmes.vouchers import operations, queries
from meguri.programmes.vouchers.operations import Applied
from meguri.programmes.vouchers.queries import SalePage
from meguri.words.period import day_of
from meguri.words.refusal import declare
from meguri.words.wareki import parse_date
from meguri.words.yen import parse_yen

BIRTH_DATE_DIFFERS = declare(
    "paper_birth_date_differs", status=422,
    ja="この宛名番号の方の生年月日と違います。申込書の番号と生年月日を、もう一度見てください。",
    en="This is not the birth date of the person with this register number. Please look at the form again.",
)


@officers_only
@never_cache
def paper_application(request: TownRequest, sale: UUID) -> HttpResponse:
    """One form: whose number, born when, how many units. It leads to the application, with its number to be told."""
    facts = queries.sale_page(sale, municipality=request.municipality)
    require(request.actor, "voucher.apply", department=facts.department)
    refusal, made = None, list[Applied]()
    if request.method == "POST":
        refusal = attempt(request, {"apply": lambda: made.append(_apply(request, facts))})
        if made:
            return redirect(f"{reverse('office:sale', args=[sale])}?number={made[0].number}#counter")
    path = [(reverse("office:vouchers"), say(request, "販売と抽選", "Sales and draw")),
            (reverse("office:sale", args=[sale]), say(request, facts.round_name.ja, facts.round_name.en)),
            ("", say(request, "紙の申込書", "Paper form"))]  # fmt: skip
    return page(request, "paper_application", way="vouchers", path=path, refusal=refusal, sale=facts)


def _apply(request: TownRequest, facts: SalePage) -> Applied:
    """The birth date must be the person's own: a digit mistyped in the number would enter somebody else."""
    typed = request.POST
    person = person_by_number(request)
    known = resident_facts([person], municipality=request.municipality, on=day_of(request.at)).get(person)
    if known is None:
        raise NOBODY_WITH_NUMBER.refusal(field="number")
    if parse_date(typed.get("birth_date", ""), field="birth_date") != known.birth_date:
        raise BIRTH_DATE_DIFFERS.refusal(field="birth_date")
    units = parse_yen(typed.get("units", ""), field="units")
    applied = operations.apply(sale=facts.id, units=units, by=request.actor, at=request.at, resident=person)
    done(request, f"受け付けました。受付番号 {applied.number} を、申込者に伝えてください。",
         f"Taken. Please tell the applicant the receipt number {applied.number}.")  # fmt: skip
    return applied

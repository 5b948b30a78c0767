"""What may be asked about programmes. Answers are frozen."""

from meguri.programmes.queries.demurrage import Ahead, Shrink, shrinking, shrinks_next, shrunk
from meguri.programmes.queries.documents import (
    PROGRAMME_UNKNOWN,
    AdaptedView,
    ProgrammeView,
    TemplateView,
    adapted_from,
    programme,
    programme_by_code,
    programmes,
    template_list,
    terms,
)
from meguri.programmes.queries.force import purse_kind, rules_in_force
from meguri.programmes.queries.lines import BudgetLine, budget_lines
from meguri.programmes.queries.money import (
    AgreementView,
    AppropriationView,
    Budget,
    FundView,
    Lapsed,
    ShareView,
    agreement,
    agreements,
    appropriations,
    funds,
    lapsed,
    lots_by_purse,
)
from meguri.programmes.queries.pages import ProgrammePage, findings, look_ahead, programme_page
from meguri.programmes.queries.runs import RunView, days_to_run, value_runs

__all__ = [
    "PROGRAMME_UNKNOWN", "AdaptedView", "AgreementView", "Ahead", "AppropriationView", "Budget", "BudgetLine",
    "FundView", "Lapsed", "ProgrammePage", "ProgrammeView", "RunView", "ShareView", "Shrink", "TemplateView",
    "adapted_from", "agreement", "agreements", "appropriations", "budget_lines", "days_to_run", "findings", "funds",
    "lapsed", "look_ahead", "lots_by_purse", "programme", "programme_by_code", "programme_page", "programmes",
    "purse_kind", "rules_in_force", "shrinking", "shrinks_next", "shrunk", "template_list", "terms", "value_runs",
]

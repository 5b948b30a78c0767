"""What may be asked about parties. Answers are frozen; people are pseudonyms."""

from meguri.parties.queries.approvals import ApprovalView, approval, approvals, is_approved
from meguri.parties.queries.areas import areas
from meguri.parties.queries.commuters import (
    CommuterView,
    Matched,
    commuter,
    commuters,
    commuters_named,
    commuters_of,
    commuters_waiting,
    known_alike,
    match_list,
)
from meguri.parties.queries.hats import Hat, hats
from meguri.parties.queries.keys import ApiKeyView, InvitationView, api_key, api_keys, invitation, open_code
from meguri.parties.queries.officers import AppointmentView, DepartmentView, appointments, departments, officers
from meguri.parties.queries.residents import (
    AGE_SQL,
    COMMUTING_FACTS,
    COMMUTING_FACTS_SQL,
    OWN_FACTS,
    OWN_FACTS_SQL,
    REGISTER_FACTS_SQL,
    RESIDENT_FACTS_SQL,
    ResidentFacts,
    household_members,
    is_registered,
    resident_facts,
    residents_like,
    shielded,
)
from meguri.parties.queries.shops import (
    ShopFacts,
    ShopView,
    all_shop_facts,
    shop,
    shop_by_code,
    shop_facts,
    shop_members,
    shops,
)
from meguri.parties.queries.sponsors import (
    SponsorApplicationView,
    SponsorMemberView,
    SponsorView,
    sponsor,
    sponsor_application,
    sponsor_application_of,
    sponsor_applications,
    sponsor_members,
    sponsors,
)

__all__ = [
    "AGE_SQL", "COMMUTING_FACTS", "COMMUTING_FACTS_SQL", "OWN_FACTS", "OWN_FACTS_SQL", "REGISTER_FACTS_SQL",
    "RESIDENT_FACTS_SQL", "ApiKeyView", "AppointmentView", "ApprovalView", "CommuterView", "DepartmentView", "Hat",
    "InvitationView", "Matched", "ResidentFacts", "ShopFacts", "ShopView", "SponsorApplicationView",
    "SponsorMemberView", "SponsorView", "all_shop_facts", "api_key", "api_keys", "appointments", "approval",
    "approvals", "areas", "commuter", "commuters", "commuters_named", "commuters_of", "commuters_waiting",
    "departments", "hats", "household_members", "invitation", "is_approved", "is_registered", "known_alike",
    "match_list", "officers", "open_code", "resident_facts", "residents_like", "shielded", "shop", "shop_by_code",
    "shop_facts", "shop_members", "shops", "sponsor", "sponsor_application", "sponsor_application_of",
    "sponsor_applications", "sponsor_members", "sponsors",
]

"""What may be done with parties: register, invite, appoint, propose and approve, issue keys, reveal and forget."""

from meguri.parties.operations.api_keys import issue_api_key, revoke_api_key
from meguri.parties.operations.approvals import approve, propose, reject, withdraw
from meguri.parties.operations.areas import name_areas
from meguri.parties.operations.commuters import (
    confirm_commuter,
    confirm_listed,
    declare_commuter,
    end_commuter,
    record_commuter,
    refuse_commuter,
    withdraw_commuter,
)
from meguri.parties.operations.joining import Joined, invite_resident, join_register
from meguri.parties.operations.members import accept_invitation, end_membership, invite_member, join_shop, join_sponsor
from meguri.parties.operations.officers import (
    appoint,
    end_appointment,
    enrol_officer,
    name_officer,
    open_department,
    reinvite_officer,
)
from meguri.parties.operations.privacy import forget_person, require_people, reveal_people, reveal_person
from meguri.parties.operations.residents import ResidentEntry, register_residents
from meguri.parties.operations.shops import (
    ShopEntry,
    change_shop,
    register_merchant,
    register_shop,
    register_sponsor,
    set_shop_status,
)
from meguri.parties.operations.sponsors import (
    apply_as_sponsor,
    approve_sponsor,
    decline_sponsor,
    propose_sponsor,
    send_back_sponsor,
)

__all__ = [
    "Joined", "ResidentEntry", "ShopEntry", "accept_invitation", "apply_as_sponsor", "appoint", "approve",
    "approve_sponsor", "change_shop", "confirm_commuter", "confirm_listed", "declare_commuter", "decline_sponsor",
    "end_appointment", "end_commuter", "end_membership", "enrol_officer", "forget_person", "invite_member",
    "invite_resident", "issue_api_key", "join_register", "join_shop", "join_sponsor", "name_areas", "name_officer",
    "open_department", "propose", "propose_sponsor", "record_commuter", "refuse_commuter", "register_merchant",
    "register_residents", "register_shop", "register_sponsor", "reinvite_officer", "reject", "require_people",
    "reveal_people", "reveal_person", "revoke_api_key", "send_back_sponsor", "set_shop_status", "withdraw",
    "withdraw_commuter",
]

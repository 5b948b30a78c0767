"""Which refusals each operation may answer, by operationId: what its document promises, and a test holds it to.

What every operation may answer follows from how it is called (`codes_of`) and is not repeated in the table. Not listed
is what would be our fault and no caller's: a stored document that no longer reads, a posting that a template forbids.
"""

from __future__ import annotations

from meguri.faces.entrance.unusable import UNUSABLE_SIGN

ANY = f"{UNUSABLE_SIGN.code} ledger_busy ledger_unreachable"
TOKEN = "not_signed_in token_unreadable token_expired key_unknown scope_missing not_allowed town_unknown"  # noqa: S105
BODY = "body_too_large body_is_no_json"
READ = "malformed_request"
NUMBERED = "no_idempotency_key"

_APPROVED = "approval_unknown approval_closed checker_is_maker digest_differs"
_YEAR = "year_unknown year_step_wrong year_before_open year_not_over year_unpaid_wrong"
_DOCUMENT = (
    "terms_missing_field terms_syntax terms_too_deep terms_too_large terms_unknown_choice terms_unknown_field "
    "terms_wrong_value"
)
_OFFERED = "programme_unknown programme_not_launched arms_not_drawn"
_SALE = "voucher_sale_unknown voucher_programme_sells_nothing voucher_round_unknown"
_LINE = "voucher_sale_unknown voucher_no_line"
_LIST = "programme_unknown benefit_programme_pays_nothing benefit_list_unknown benefit_list_changed"
_DEED = (
    f"{_OFFERED} missing_fact action_too_early action_closed action_done_in_future action_too_long_ago "
    "action_ceiling_reached action_budget_empty shares_exhausted"
)
_PHOTO = (
    "photo_missing photo_too_large photo_too_many_pixels photo_too_small photo_heic photo_no_picture photo_broken "
    "photo_busy photo_not_asked_for photo_none_asked photo_waiting_already photo_told_too_long"
)
_GIFT = (
    "gift_code_misread gift_code_unknown gift_too_many_tries gift_taken gift_over gift_own gift_stopped "
    "gift_not_eligible commuter_unconfirmed gift_exceeds_holding wallet_unknown missing_fact"
)
_PROVED = "commuter_days_wrong commuter_proof_wrong commuter_twice"
_REGISTER = "only_in_a_rehearsal sealing_not_allowed subject_forgotten"
_BANK_FILE = (
    "pay_day_closed payer_code payer_missing transfer_amount transfer_kind transfer_name transfer_number "
    "transfer_place transfer_reference transfers_none transfers_too_many transfers_too_much"
)

MAY_REFUSE = {
    "rehearsal_token": "only_in_a_rehearsal no_such_officer",
    "rehearsal_set_clock": "only_in_a_rehearsal",
    "rehearsal_residents": f"{_REGISTER} resident_row_wrong resident_twice",
    "rehearsal_shops": f"{_REGISTER} shop_entry_wrong",
    "rehearsal_sponsors": "only_in_a_rehearsal",
    "rehearsal_tell_of_payment": "only_in_a_rehearsal payment_order_unknown payment_provider_unknown",
    "shops_close": "only_in_a_rehearsal shop_unknown shop_closed_for_good",
    "programmes_draft": f"{_DOCUMENT} code_belongs_to_others programme_not_draft",
    "programmes_submit": "programme_unknown programme_not_draft programme_has_errors programme_is_over approval_open "
    "shares_exhausted",
    "programmes_launch": "programme_unknown programme_not_proposed programme_has_errors programme_is_over "
    f"{_APPROVED} shares_exhausted",
    "budget_appropriate": "fund_unknown fund_is_buyers appropriation_day_wrong appropriation_unreasoned "
    "amount_not_positive",
    "programmes_list": "",
    "programmes_terms": "programme_unknown",
    "programmes_templates": "",
    "vouchers_open_sale": f"{_OFFERED} {_SALE} voucher_too_late voucher_value_not_named voucher_earlier_round_open "
    "voucher_nothing_left",
    "vouchers_apply": f"{_OFFERED} {_SALE} missing_fact voucher_not_drawn voucher_too_early voucher_too_late "
    "voucher_resident_unknown voucher_residents_first commuter_unconfirmed voucher_not_eligible "
    "voucher_too_many_units voucher_unit_limit_reached voucher_already_applied voucher_household_applied",
    "vouchers_close": "programme_unknown voucher_sale_unknown voucher_programme_sells_nothing voucher_not_drawn "
    "voucher_still_open",
    "vouchers_draw": f"programme_unknown {_SALE} voucher_not_drawn voucher_not_closed voucher_too_early "
    "voucher_list_changed voucher_already_drawn_otherwise voucher_value_unreadable",
    "vouchers_purchase": f"{_OFFERED} voucher_application_unknown voucher_test_payment_refused payment_under_way "
    "voucher_programme_sells_nothing voucher_nothing_to_buy voucher_too_early voucher_too_late voucher_too_many_units "
    "voucher_unit_limit_reached voucher_sold_out voucher_budget_empty shares_exhausted",
    "vouchers_sell_at_counter": f"{_OFFERED} {_SALE} missing_fact voucher_is_drawn voucher_too_early voucher_too_late "
    "voucher_resident_unknown voucher_residents_first voucher_not_eligible voucher_too_many_units "
    "voucher_unit_limit_reached voucher_already_applied voucher_household_applied voucher_nothing_to_buy "
    "payment_under_way voucher_reservation_over voucher_reserved_as_a_whole voucher_sold_out voucher_budget_empty "
    "shares_exhausted",
    "vouchers_applications": "",
    "vouchers_order": f"{_OFFERED} voucher_application_unknown voucher_programme_sells_nothing payment_nothing_due "
    "voucher_too_early voucher_too_late voucher_reservation_over payment_way_not_offered payment_under_way",
    "vouchers_prepare_page": "payment_order_unknown payment_nothing_due payment_provider_unknown "
    "payment_provider_unreachable",
    "vouchers_orders": "voucher_application_unknown",
    "vouchers_see_order": "payment_order_unknown",
    "vouchers_receipt": "voucher_application_unknown voucher_receipt_unknown",
    "line_see": _LINE,
    "line_come": f"{_OFFERED} {_LINE} missing_fact voucher_programme_sells_nothing voucher_too_early voucher_too_late "
    "voucher_too_many_units count_missing count_unreadable count_out_of_range voucher_resident_unknown "
    "voucher_residents_first commuter_unconfirmed voucher_not_eligible voucher_household_applied "
    "voucher_line_busy",
    "line_place": f"{_LINE} ticket_unreadable voucher_place_unknown",
    "vouchers_enter_code": "programme_not_launched arms_not_drawn voucher_code_misread voucher_code_unknown "
    "voucher_code_used voucher_too_early voucher_code_expired voucher_too_many_tries voucher_budget_empty "
    "shares_exhausted",
    "points_open_actions": f"{_OFFERED} action_programme_grants_nothing action_unknown action_place_name_wrong",
    "points_open_place": "action_not_open action_unknown programme_unknown action_programme_grants_nothing "
    "action_place_name_wrong",
    "points_missions": "",
    "points_place_code": "action_not_open action_place_unknown",
    "points_record_action": f"{_DEED} action_not_open action_unknown action_programme_grants_nothing "
    "action_place_unknown action_evidence_missing action_code_wrong action_resident_unknown commuter_unconfirmed "
    "action_not_eligible action_record_differs",
    "points_deliver": "",
    "points_send_photo": f"{_DEED} action_not_open action_unknown action_programme_grants_nothing "
    "action_record_differs action_resident_unknown commuter_unconfirmed action_not_eligible action_evidence_missing "
    f"action_record_unknown subject_forgotten {_PHOTO}",
    "points_photos": "",
    "points_bring_steps": "steps_no_days",
    "points_attest": f"{_DEED} action_record_unknown action_own_record action_record_judged "
    "photo_not_this photo_not_seen",
    "benefits_import": f"{_LIST} missing_fact programme_not_launched arms_not_drawn benefit_list_unreadable "
    "benefit_list_too_long benefit_list_has_faults benefit_nobody_entitled benefit_declared_differs "
    "benefit_list_not_draft approval_open",
    "benefits_decide": f"{_LIST} {_APPROVED} programme_not_launched arms_not_drawn benefit_list_not_proposed",
    "benefits_release": f"{_LIST} programme_not_launched arms_not_drawn benefit_list_not_decided "
    "benefit_maker_releases benefit_too_early benefit_budget_empty shares_exhausted",
    "benefits_choose": "benefit_entitlement_unknown benefit_not_yet_decided benefit_already_paid "
    "benefit_statutory_in_cash benefit_choice_unknown benefit_chosen_too_early benefit_chosen_too_late",
    "wallet_open": "wallet_unknown",
    "wallet_purses": "wallet_unknown",
    "wallet_history": "",
    "codes_mint": "wallet_unknown wallet_suspended",
    "wallet_report_lost_phone": "wallet_unknown",
    "wallet_transfer": "wallet_unknown wallet_suspended transfer_to_oneself transfer_not_permitted amount_not_positive "
    "insufficient key_reused key_closed",
    "gifts_give": "wallet_unknown wallet_suspended gift_not_permitted gift_amount_wrong gift_too_large insufficient "
    "key_reused",
    "gifts_list": "",
    "gifts_take_back": "gift_unknown gift_taken",
    "gifts_look": _GIFT,
    "gifts_take": _GIFT,
    "payments_pay": "amount_missing amount_unreadable amount_out_of_range code_unreadable code_mistyped code_foreign "
    "code_of_shop code_of_holder code_unknown code_expired used_once code_used_here wallet_unknown "
    "wallet_suspended shop_not_registered shop_not_accepting missing_fact payment_short key_reused key_closed "
    "split_changed split_not_of_this",
    "payments_outcome": "",
    "payments_end": "",
    "payments_refund": "payment_unknown amount_out_of_range refund_number_missing refund_exceeds_payment note_is_whole "
    "refund_exceeds_takings already_reversed reversed_in_part key_reused key_closed",
    "payments_quote": "amount_out_of_range shop_not_registered missing_fact",
    "payments_see": "payment_unknown",
    "notes_count": "notes_missing notes_too_many shop_not_registered shop_not_accepting delivery_of_others no_change "
    "missing_fact",
    "till_day": "",
    "settlement_run": "cutoff_in_future cutoff_too_early cutoff_before_last approval_open",
    "settlement_approve": f"settlement_run_unknown settlement_not_ready confirmation_differs {_APPROVED} {_BANK_FILE}",
    "settlement_hand_over": "settlement_run_unknown settlement_not_ready year_closed year_dating_late "
    "year_duty_none",
    "settlement_list": "",
    "years_list": "",
    "years_propose": f"{_YEAR} approval_open",
    "years_confirm": f"{_YEAR} {_APPROVED}",
    "years_withdraw": "year_unknown approval_unknown approval_closed",
    "years_see": "year_unknown",
    "evidence_household_spending": "panel_row_wrong panel_row_twice panel_too_large",
    "strategy_set_goals": "goal_tree_wrong goal_in_use",
    "strategy_link": "programme_unknown goal_unknown goals_missing",
    "strategy_book_cost": "programme_unknown amount_out_of_range cost_month_outside cost_wrong cost_differs",
    "commuters_list": "",
    "commuters_confirm": f"{_PROVED} commuter_unknown commuter_decided commuter_own",
    "commuters_record": f"{_PROVED} commuter_kind_missing commuter_word_wrong commuter_said_already commuter_own "
    "sealing_not_allowed",
    "notices_complain": "complaint_empty",
    "notices_inbox": "",
    "partner_events": "",
    "refusals_list": "",
}


def codes_of(operation: str, *, has_token: bool, has_body: bool, parameters: frozenset[str]) -> tuple[str, ...]:
    """All codes that an operation may answer, its own first. Raises KeyError for one that is not in the table."""
    called = {
        TOKEN: has_token, READ: has_body or bool(parameters), NUMBERED: "Idempotency-Key" in parameters, BODY: has_body,
        ANY: True,
    }  # fmt: skip
    return tuple(" ".join([MAY_REFUSE[operation], *(codes for codes, yes in called.items() if yes)]).split())

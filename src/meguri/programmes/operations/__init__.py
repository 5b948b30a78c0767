"""What may be done with programmes: draft, launch, amend, budget, share, reward, let expire or shrink, wind up."""

from meguri.programmes.operations.amending import (
    approve_amendment,
    draft_amendment,
    drop_amendment,
    send_amendment_back,
    submit_amendment,
    withdraw_amendment,
)
from meguri.programmes.operations.announcing import tell_amendment
from meguri.programmes.operations.arms import draw_arms, list_arms
from meguri.programmes.operations.beginning import (
    approve_withdrawal,
    begin_amendments,
    keep_amendment,
    propose_withdrawal,
)
from meguri.programmes.operations.budgets import (
    FundShare,
    appropriate_budget,
    hold_shares,
    open_lot,
    return_appropriation,
    share_each,
    share_grant,
    share_grants,
    take_back_grant,
)
from meguri.programmes.operations.campaign_trials import NO_CAMPAIGNS_HERE, campaigns_tried, last_month
from meguri.programmes.operations.campaigns import (
    CampaignLots,
    grant_for_payments,
    hold_campaigns,
    hold_grants,
    people_of,
    take_back_campaigns,
)
from meguri.programmes.operations.demurrage import DemurrageRun, shrink_programme, undo_demurrage
from meguri.programmes.operations.drafting import draft_programme, send_back, submit_for_launch, withdraw_proposal
from meguri.programmes.operations.dry_runs import (
    DRY_RUN_UNKNOWN,
    ask_amendment_dry_run,
    ask_dry_run,
    begin_dry_run,
    cut_dry_runs,
    end_dry_run,
    keep_day,
    stop_dry_run,
)
from meguri.programmes.operations.expiry import ExpiryRun, expire_programme, undo_expiry
from meguri.programmes.operations.holding import wait_for_holding
from meguri.programmes.operations.launching import Launched, close_programme, launch, measure_tightness
from meguri.programmes.operations.rewards import RewardRun, reward_payments
from meguri.programmes.operations.running import (
    carry_on,
    carry_out,
    close_proposal,
    order_run,
    propose_run,
    propose_undo,
)

__all__ = [
    "DRY_RUN_UNKNOWN",
    "NO_CAMPAIGNS_HERE",
    "CampaignLots",
    "DemurrageRun",
    "ExpiryRun",
    "FundShare",
    "Launched",
    "RewardRun",
    "appropriate_budget",
    "approve_amendment",
    "approve_withdrawal",
    "ask_amendment_dry_run",
    "ask_dry_run",
    "begin_amendments",
    "begin_dry_run",
    "campaigns_tried",
    "carry_on",
    "carry_out",
    "close_programme",
    "close_proposal",
    "cut_dry_runs",
    "draft_amendment",
    "draft_programme",
    "draw_arms",
    "drop_amendment",
    "end_dry_run",
    "expire_programme",
    "grant_for_payments",
    "hold_campaigns",
    "hold_grants",
    "hold_shares",
    "keep_amendment",
    "keep_day",
    "last_month",
    "launch",
    "list_arms",
    "measure_tightness",
    "open_lot",
    "order_run",
    "people_of",
    "propose_run",
    "propose_undo",
    "propose_withdrawal",
    "return_appropriation",
    "reward_payments",
    "send_amendment_back",
    "send_back",
    "share_each",
    "share_grant",
    "share_grants",
    "shrink_programme",
    "stop_dry_run",
    "submit_amendment",
    "submit_for_launch",
    "take_back_campaigns",
    "take_back_grant",
    "tell_amendment",
    "undo_demurrage",
    "undo_expiry",
    "wait_for_holding",
    "withdraw_amendment",
    "withdraw_proposal",
]

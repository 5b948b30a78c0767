"""What may be done with programmes: draft, launch, budget, share, reward payments, let value expire or shrink."""

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
from meguri.programmes.operations.demurrage import DemurrageRun, shrink_programme, undo_demurrage
from meguri.programmes.operations.drafting import draft_programme, send_back, submit_for_launch, withdraw_proposal
from meguri.programmes.operations.expiry import ExpiryRun, expire_programme, undo_expiry
from meguri.programmes.operations.launching import Launched, close_programme, launch, measure_tightness
from meguri.programmes.operations.rewards import RewardRun, reward_payments
from meguri.programmes.operations.running import carry_out, close_proposal, order_run, propose_run, propose_undo

__all__ = [
    "DemurrageRun", "ExpiryRun", "FundShare", "Launched", "RewardRun", "appropriate_budget", "carry_out",
    "close_programme", "close_proposal", "draft_programme", "expire_programme", "hold_shares", "launch",
    "measure_tightness", "open_lot", "order_run", "propose_run", "propose_undo", "return_appropriation",
    "reward_payments", "send_back",
    "share_each", "share_grant", "share_grants", "shrink_programme", "submit_for_launch", "take_back_grant",
    "undo_demurrage", "undo_expiry", "withdraw_proposal",
]

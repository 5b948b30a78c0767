"""What may be done with programmes: draft, submit, launch, appropriate budget, share a grant, reward
payments, let value expire.
"""

from meguri.programmes.operations.budgets import (
    FundShare,
    appropriate_budget,
    open_lot,
    return_appropriation,
    share_each,
    share_grant,
    share_grants,
    take_back_grant,
)
from meguri.programmes.operations.drafting import draft_programme, send_back, submit_for_launch, withdraw_proposal
from meguri.programmes.operations.expiry import ExpiryRun, expire_programme, undo_expiry
from meguri.programmes.operations.launching import Launched, close_programme, launch, measure_tightness
from meguri.programmes.operations.rewards import RewardRun, reward_payments

__all__ = [
    "ExpiryRun", "FundShare", "Launched", "RewardRun", "appropriate_budget", "close_programme", "draft_programme",
    "expire_programme", "launch", "measure_tightness", "open_lot", "return_appropriation", "reward_payments",
    "send_back", "share_each", "share_grant", "share_grants", "submit_for_launch", "take_back_grant", "undo_expiry",
    "withdraw_proposal",
]

<<<<<<< HEAD
"""What may be done with programmes: draft, submit, launch, appropriate budget, share a grant, reward
payments, let value expire.
"""
=======
"""What may be done with programmes: draft, launch, appropriate budget, share a grant, let value expire or shrink."""
>>>>>>> 9dc5207 (Granted value shrinks on its days: each balance once a day by a permanent key, late days in their order, undone as a day; two officers order a bulk and a task carries it out)

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
from meguri.programmes.operations.demurrage import DemurrageRun, shrink_programme, undo_demurrage
from meguri.programmes.operations.drafting import draft_programme, send_back, submit_for_launch, withdraw_proposal
from meguri.programmes.operations.expiry import ExpiryRun, expire_programme, undo_expiry
from meguri.programmes.operations.launching import Launched, close_programme, launch, measure_tightness
<<<<<<< HEAD
from meguri.programmes.operations.rewards import RewardRun, reward_payments

__all__ = [
    "ExpiryRun", "FundShare", "Launched", "RewardRun", "appropriate_budget", "close_programme", "draft_programme",
    "expire_programme", "launch", "measure_tightness", "open_lot", "return_appropriation", "reward_payments",
    "send_back", "share_each", "share_grant", "share_grants", "submit_for_launch", "take_back_grant", "undo_expiry",
=======
from meguri.programmes.operations.running import carry_out, close_proposal, order_run, propose_run, propose_undo

__all__ = [
    "DemurrageRun",
    "ExpiryRun",
    "FundShare",
    "Launched",
    "appropriate_budget",
    "carry_out",
    "close_programme",
    "close_proposal",
    "draft_programme",
    "expire_programme",
    "launch",
    "measure_tightness",
    "open_lot",
    "order_run",
    "propose_run",
    "propose_undo",
    "return_appropriation",
    "send_back",
    "share_grant",
    "share_grants",
    "shrink_programme",
    "submit_for_launch",
    "take_back_grant",
    "undo_demurrage",
    "undo_expiry",
>>>>>>> 9dc5207 (Granted value shrinks on its days: each balance once a day by a permanent key, late days in their order, undone as a day; two officers order a bulk and a task carries it out)
    "withdraw_proposal",
]

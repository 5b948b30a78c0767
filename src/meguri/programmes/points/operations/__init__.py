"""What may be done with everyday actions: open them and their places, record what was done, confirm or decline it."""

from meguri.programmes.points.operations.bringing import bring_steps, count_steps
from meguri.programmes.points.operations.confirming import (
    attest_action,
    attest_at_desk,
    decline_action,
    withdraw_action,
)
from meguri.programmes.points.operations.judging import Recorded, Report
from meguri.programmes.points.operations.opening import close_action, close_place, open_action, open_place
from meguri.programmes.points.operations.photographing import send_another_photo, send_photo, take_back_photo
from meguri.programmes.points.operations.recording import record_action, record_actions
from meguri.programmes.points.operations.reviewing import ask_for_another, look_at_photo

__all__ = [
    "Recorded", "Report", "ask_for_another", "attest_action", "attest_at_desk", "bring_steps", "close_action",
    "close_place", "count_steps", "decline_action", "look_at_photo", "open_action", "open_place", "record_action",
    "record_actions", "send_another_photo", "send_photo", "take_back_photo", "withdraw_action",
]

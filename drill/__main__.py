"""`python -m drill [name …]`: failure drills against a whole installation, printed as one line each.

    killed    a town is lived through the API while its database, web server, worker and the program itself are killed
    power     the power is cut while people pay; the control, with flushing off, must lose payments
    full      the disk is full while people pay
    planted   faults are planted in the books, one at a time, and the test named beside each must fail
    tampered  books and log are tampered with a thousand times behind the door's back, and the auditor comes each time

A drill ends well when the auditor proves the books and everything that was acknowledged is in them once (`killed`:
and the town was lived to the end); `planted`, when every fault was found and the untouched sources pass; `tampered`,
when every tampering was found and named. Else the exit status is 1.
"""

from __future__ import annotations

import sys

from drill import full, killed, planted, power, tampered

DRILLS = {
    "killed": killed.run, "power": power.run, "full": full.run, "planted": planted.run, "tampered": tampered.run,
}  # fmt: skip


def main(wanted: list[str]) -> int:
    """Run the named drills, or all of them."""
    results = [run() for name, run in DRILLS.items() if not wanted or name in wanted]
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

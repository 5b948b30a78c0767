"""`python -m bench [group …]`: prints one JSON object a line. Without a group, all of them."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from secrets import token_hex


def main(wanted: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    from meguri.site.postgres import EmbeddedPostgres  # settings need the server's address first

    directory = Path(tempfile.mkdtemp(prefix="meguri-bench-"))
    # An installation of its own, whatever demo this machine keeps: the servers must read the tokens signed here.
    os.environ |= {"MEGURI_DATA": str(directory), "MEGURI_SECRET_KEY": token_hex(32), "MEGURI_VAULT_KEY": token_hex(32)}
    server = EmbeddedPostgres(directory)
    os.environ["DATABASE_URL"] = server.start()
    try:
        _measure(wanted)
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)


def _measure(wanted: list[str]) -> None:
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    from bench import (
        audited,
        campaign,
        demo,
        funders,
        history,
        lottery,
        million,
        notes,
        partner,
        pay,
        post,
        preview,
        proof,
        receipts,
        sale,
    )
    from meguri.site.asgi import search_less_for_garbage
    from meguri.site.wall import as_owner

    search_less_for_garbage()  # as in the servers, whose work some groups do in this process
    groups = {
        "post": post.run, "million": million.run, "history": history.run, "audited": audited.run, "proof": proof.run,
        "http": pay.run, "campaign": campaign.run, "sale": sale.run, "preview": preview.run, "notes": notes.run,
        "receipts": receipts.run, "lottery": lottery.run, "partner": partner.run, "funders": funders.run,
        "demo": demo.run,
    }  # fmt: skip
    with as_owner():  # histories are copied in past the doors; the servers that are measured work in their own role
        for name, run in groups.items():
            if not wanted or name in wanted:
                run()


if __name__ == "__main__":
    main([name for name in sys.argv[1:] if name])

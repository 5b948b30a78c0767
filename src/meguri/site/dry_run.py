"""The process that keeps a dry run: `python -m meguri.site.dry_run MUNICIPALITY DRY_RUN`, started by the worker."""

from __future__ import annotations

import os
import sys
from uuid import UUID

import django

from meguri.site.processes import on_stop_signal


def main() -> None:
    """Keep the dry run that the command line names; a wish to stop ends it as it would any program."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meguri.site.settings")
    on_stop_signal(sys.exit)
    django.setup()
    from meguri.site.keeping import keep  # the rooms stand on models, which need Django set up

    keep(int(sys.argv[1]), UUID(sys.argv[2]))


if __name__ == "__main__":
    main()

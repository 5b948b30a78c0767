"""The process that lives a dry run: `python -m meguri.dry_runs FILE`, in a database that holds nothing else.

It reads what is wanted from the file that it is given and tells each day, then the ending, as a line of its output.
"""

from __future__ import annotations

import sys
from pathlib import Path

import django
import msgspec
from django.core.management import call_command

from meguri.programmes.dry_run import Wanted, write_line


def main() -> None:
    """Migrate the empty database, live, and tell."""
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    from meguri.dry_runs.living import live  # the rooms stand on models, which need Django set up

    wanted = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Wanted)
    for line in live(wanted):
        sys.stdout.write(write_line(line) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

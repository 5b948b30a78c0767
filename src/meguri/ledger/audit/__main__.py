import sys

from meguri.ledger.audit import main

sys.exit(main(*sys.argv[1:]))

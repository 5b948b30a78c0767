-- The log is written once, too.
SELECT ledger.guard('ledger.sequence', 'ledger.node', 'ledger.tree_head');

-- That a balance lies in a known account and lot is asked once for all that a statement makes (ledger.balance_is_known): a foreign
-- key asks row by row, and locks and logs the row it finds.
ALTER TABLE ledger.balance DROP CONSTRAINT balance_municipality_id_account_id_fkey;
ALTER TABLE ledger.balance DROP CONSTRAINT balance_municipality_id_lot_id_fkey;

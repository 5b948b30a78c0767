-- Which postings settle duties of a year that ended, so that the door itself can judge what is dated into its closing period.
ALTER TABLE ledger.template_leg ADD COLUMN settles_year boolean NOT NULL DEFAULT false;

"""Everything that could name a person leaves schema public: our own tables and allauth's addresses and keys.

Names without a schema still find them, because the connections' search path is public, vault, ledger.
"""

from __future__ import annotations

from django.db import migrations

TABLES = (
    "vault_login",
    "vault_townkeymark",
    "vault_sealedrecord",
    "vault_lookup",
    "vault_reveallog",
    "account_emailaddress",
    "account_emailconfirmation",
    "mfa_authenticator",
)

LOG_IS_APPEND_ONLY = """
CREATE FUNCTION vault.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the log of reveals is append-only' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER the_log_of_reveals_is_append_only BEFORE UPDATE OR DELETE ON vault.vault_reveallog
    FOR EACH ROW EXECUTE FUNCTION vault.refuse_change();
"""
LOG_IS_PLAIN = """
DROP TRIGGER the_log_of_reveals_is_append_only ON vault.vault_reveallog;
DROP FUNCTION vault.refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("vault", "0001_tables"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.RunSQL(sql="CREATE SCHEMA IF NOT EXISTS vault", reverse_sql=migrations.RunSQL.noop, elidable=False),
        migrations.RunSQL(
            sql=[f"ALTER TABLE {table} SET SCHEMA vault" for table in TABLES],
            reverse_sql=[f"ALTER TABLE vault.{table} SET SCHEMA public" for table in TABLES],
        ),
        migrations.RunSQL(sql=LOG_IS_APPEND_ONLY, reverse_sql=LOG_IS_PLAIN),
    ]

"""Tables that the tills keep in memory tell when they change (`tills.knowledge` listens)."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

_TABLES = ("parties_shop", "parties_merchant", "programmes_rulesversion", "ledger.lot")

_TELL = """
CREATE FUNCTION tills_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY meguri_tills;
    RETURN NULL;
END $$;
"""
_TRIGGER = """
CREATE TRIGGER the_tills_are_told AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION tills_tell();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("tills", "0001_initial"),
        ("ledger", "0001_books"),
        ("parties", "0001_tables"),
        ("programmes", "0001_tables"),
    ]
    operations: ClassVar = [
        migrations.RunSQL(
            _TELL + "".join(_TRIGGER.format(table=table) for table in _TABLES),
            "DROP FUNCTION tills_tell() CASCADE;",
        )
    ]

"""The log of the postings: a gap-free order and a Merkle tree over it."""

from importlib.resources import files

from django.db import migrations

TABLES = files("meguri.ledger").joinpath("sql/tables/0006_log.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_months")]
    operations = [migrations.RunSQL(TABLES, migrations.RunSQL.noop)]

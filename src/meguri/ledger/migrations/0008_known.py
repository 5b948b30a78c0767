"""A balance's account and lot are asked for once for all balances that a statement makes."""

from importlib.resources import files

from django.db import migrations

TABLES = files("meguri.ledger").joinpath("sql/tables/0008_known.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0007_settling")]
    operations = [migrations.RunSQL(TABLES, migrations.RunSQL.noop)]

"""The door judges what is dated into a year that is being closed."""

from importlib.resources import files

from django.db import migrations

TABLES = files("meguri.ledger").joinpath("sql/tables/0007_settling.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_log")]
    operations = [migrations.RunSQL(TABLES, migrations.RunSQL.noop)]

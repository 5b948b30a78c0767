"""Holds: who promised money to a shop, and until when."""

from importlib.resources import files

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("ledger", "0001_books"),)
    operations = (
        migrations.RunSQL(
            files("meguri.ledger").joinpath("sql/tables/0003_holds.sql").read_text(encoding="utf-8"),
            migrations.RunSQL.noop,
        ),
    )

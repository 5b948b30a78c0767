"""Entries lie in months from now on; what is written already becomes the first part."""

from importlib.resources import files

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("ledger", "0004_days"),)
    operations = (
        migrations.RunSQL(
            files("meguri.ledger").joinpath("sql/tables/0005_months.sql").read_text(encoding="utf-8"),
            migrations.RunSQL.noop,
        ),
    )

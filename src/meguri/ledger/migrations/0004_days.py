"""Sums by effective and recorded day, and the years that are closed."""

from importlib.resources import files

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("ledger", "0003_holds"),)
    operations = (
        migrations.RunSQL(
            files("meguri.ledger").joinpath("sql/tables/0004_days.sql").read_text(encoding="utf-8"),
            migrations.RunSQL.noop,
        ),
    )

"""The books: tables from numbered SQL files. What can be replaced lives in sql/code; `migrate` re-applies it."""

from importlib.resources import files

from django.db import migrations


def _table_file(name: str) -> str:
    return files("meguri.ledger").joinpath("sql/tables", name).read_text(encoding="utf-8")


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.RunSQL("CREATE SCHEMA IF NOT EXISTS ledger", migrations.RunSQL.noop),
        migrations.RunSQL(_table_file("0001_books.sql"), migrations.RunSQL.noop),
    ]

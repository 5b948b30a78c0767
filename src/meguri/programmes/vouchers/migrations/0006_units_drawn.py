"""What past draws gave: until now nobody could move up, so it is what was won. Apart from the change of the table."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("vouchers", "0005_payments"),)
    operations = (
        migrations.RunSQL(
            "UPDATE vouchers_application SET units_drawn = units_won WHERE rank IS NOT NULL", migrations.RunSQL.noop
        ),
    )

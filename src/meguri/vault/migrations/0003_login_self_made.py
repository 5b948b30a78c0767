from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0002_schema_vault")]

    operations = [
        migrations.AddField(model_name="login", name="self_made", field=models.BooleanField(default=False)),
    ]

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0003_login_self_made")]

    operations = [
        migrations.AddField(model_name="login", name="turn", field=models.PositiveIntegerField(default=0)),
    ]

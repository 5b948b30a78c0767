"""Photos that people send lie in the vault, beside what is sealed about them."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vault", "0004_login_turn")]

    operations = [
        migrations.CreateModel(
            name="SealedPhoto",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("subject", models.UUIDField()),
                ("wrapped_key", models.BinaryField()),
                ("ciphertext", models.BinaryField()),
                ("sealed_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["municipality", "subject"], name="sealed_photos_of_a_subject")],
            },
        ),
        migrations.AddField(model_name="reveallog", name="photo", field=models.UUIDField(null=True)),
        migrations.RunSQL(
            sql="ALTER TABLE vault_sealedphoto SET SCHEMA vault",
            reverse_sql="ALTER TABLE vault.vault_sealedphoto SET SCHEMA public",
        ),
    ]

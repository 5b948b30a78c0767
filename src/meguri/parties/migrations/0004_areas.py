"""Areas have an English name beside the Japanese one."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = (("parties", "0003_facts_of_few"),)
    operations = (
        migrations.CreateModel(
            name="Area",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("municipality", models.IntegerField()),
                ("name_ja", models.CharField(max_length=40)),
                ("name_en", models.CharField(max_length=40)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["municipality", "name_ja"], name="an_area_has_one_english_name"),
                    models.CheckConstraint(condition=~Q(name_en=""), name="an_area_named_in_english_has_a_name"),
                ],
            },
        ),
    )

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tills", "0002_news"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("shop", models.UUIDField()),
                ("opened_at", models.DateTimeField()),
                ("opened_by", models.UUIDField(null=True)),
                ("at_desk", models.BooleanField()),
                ("notes", models.PositiveIntegerField(default=0)),
                ("yen", models.PositiveIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["municipality", "shop", "opened_at"], name="deliveries_of_a_shop")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("notes", 0), ("yen", 0)),
                            models.Q(("notes__gte", 1), ("yen__gte", models.F("notes"))),
                            _connector="OR",
                        ),
                        name="a_delivery_has_yen_for_every_note",
                    )
                ],
            },
        ),
    ]

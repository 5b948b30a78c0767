"""Partners' programs hear what happened: endpoints, the events in their order, each try to deliver one."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

ID = models.UUIDField(primary_key=True, serialize=False)


class Migration(migrations.Migration):
    dependencies = (("notices", "0002_complaint"),)
    operations = (
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                ("id", ID),
                ("municipality", models.IntegerField()),
                ("owner", models.UUIDField()),
                ("url", models.CharField(max_length=500)),
                ("secret", models.TextField()),
                ("old_secret", models.TextField(blank=True)),
                ("old_until", models.DateTimeField(null=True)),
                ("sent_until", models.BigIntegerField(default=0)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("failing_since", models.DateTimeField(null=True)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("disabled_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(sent_until__gte=0), name="a_webhook_cursor_is_a_number"),
                    models.CheckConstraint(
                        condition=Q(old_secret="", old_until__isnull=True)
                        | (~Q(old_secret="") & Q(old_until__isnull=False)),
                        name="an_old_webhook_secret_ends",
                    ),
                    models.UniqueConstraint(
                        fields=["municipality", "owner", "url"],
                        condition=Q(ended_at__isnull=True),
                        name="one_open_webhook_endpoint_of_an_address",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerEvent",
            fields=[
                ("id", ID),
                ("municipality", models.IntegerField()),
                ("owner", models.UUIDField()),
                ("number", models.BigIntegerField()),
                ("topic", models.CharField(max_length=40)),
                ("ledger_number", models.BigIntegerField()),
                ("body", models.TextField()),
                ("made_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["municipality", "owner", "number"], name="a_partner_event_has_its_own_number"
                    ),
                    models.UniqueConstraint(
                        fields=["municipality", "owner", "topic", "ledger_number"],
                        condition=~Q(topic="fund.spent"),
                        name="a_partner_is_told_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerSum",
            fields=[
                ("id", ID),
                ("municipality", models.IntegerField()),
                ("owner", models.UUIDField()),
                ("fund", models.UUIDField()),
                ("first_day", models.DateField()),
                ("last_day", models.DateField()),
                ("spent_yen", models.BigIntegerField(default=0)),
                ("returned_yen", models.BigIntegerField(default=0)),
                ("holders", models.JSONField(default=list)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["municipality", "fund"], name="one_untold_sum_of_a_fund"),
                    models.CheckConstraint(
                        condition=Q(last_day__gte=F("first_day")), name="an_untold_sum_goes_from_a_first_day_to_a_last"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerCursor",
            fields=[
                ("municipality", models.IntegerField(primary_key=True, serialize=False)),
                ("read_until", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", ID),
                ("municipality", models.IntegerField()),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="notices.webhookendpoint",
                    ),
                ),
                (
                    "event",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="deliveries",
                        to="notices.partnerevent",
                    ),
                ),
                ("again", models.BooleanField(default=False)),
                ("state", models.CharField(max_length=9)),
                ("answered", models.PositiveSmallIntegerField(null=True)),
                ("fault", models.CharField(blank=True, max_length=200)),
                ("milliseconds", models.PositiveIntegerField(null=True)),
                ("made_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["endpoint", "id"], name="deliveries_of_an_endpoint")],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(state="waiting", tried_at__isnull=True, again=True)
                        | Q(state__in=["delivered", "failed"], tried_at__isnull=False),
                        name="a_webhook_delivery_waits_or_was_tried",
                    ),
                ],
            },
        ),
    )

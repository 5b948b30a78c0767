import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("wallets", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="PrintRun",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("number", models.PositiveIntegerField()),
                ("programme", models.UUIDField()),
                ("bundle", models.CharField(blank=True, max_length=40)),
                ("face_yen", models.PositiveIntegerField()),
                ("booklets", models.PositiveIntegerField()),
                ("sections", models.JSONField()),
                ("key_mark", models.BinaryField(max_length=8)),
                ("ordered_at", models.DateTimeField()),
                ("ordered_by", models.UUIDField(null=True)),
                ("approval", models.UUIDField()),
                ("approved_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("municipality", "number"), name="one_print_run_for_a_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("booklets__gte", 1),
                            ("booklets__lt", 1000000),
                            ("face_yen__gte", 1),
                            ("number__gte", 1),
                            ("number__lt", 10000),
                        ),
                        name="a_print_run_fits_into_its_numbers",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Booklet",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("number", models.PositiveIntegerField()),
                ("filled", models.JSONField(null=True)),
                ("handed_at", models.DateTimeField(null=True)),
                ("handed_by", models.UUIDField(null=True)),
                ("source", models.UUIDField(null=True)),
                ("replaced_at", models.DateTimeField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="printed", to="wallets.printrun"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NoteBlock",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("note", models.PositiveSmallIntegerField()),
                ("blocked_at", models.DateTimeField()),
                ("blocked_by", models.UUIDField(null=True)),
                ("because", models.CharField(max_length=200)),
                (
                    "booklet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="blocks", to="wallets.booklet"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("booklet", "note"), name="one_block_for_a_note"),
                    models.CheckConstraint(condition=models.Q(("note__gte", 1)), name="a_block_names_a_note"),
                    models.CheckConstraint(
                        condition=models.Q(("because", ""), _negated=True), name="a_note_is_blocked_for_a_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrintedFile",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("first", models.PositiveIntegerField()),
                ("last", models.PositiveIntegerField()),
                ("form", models.CharField(max_length=10)),
                ("printed_at", models.DateTimeField()),
                ("printed_by", models.UUIDField(null=True)),
                ("because", models.CharField(max_length=200)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="files", to="wallets.printrun"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("first__gte", 1), ("last__gte", models.F("first"))),
                        name="a_printed_file_holds_booklets",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("because", ""), _negated=True), name="a_print_has_a_reason"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="booklet",
            index=models.Index(fields=["run", "handed_at"], name="booklets_by_handing_over"),
        ),
        migrations.AddIndex(
            model_name="booklet",
            index=models.Index(fields=["municipality", "source"], name="booklets_of_a_sale"),
        ),
        migrations.AddConstraint(
            model_name="booklet",
            constraint=models.UniqueConstraint(fields=("run", "number"), name="one_booklet_for_a_number_of_a_run"),
        ),
        migrations.AddConstraint(
            model_name="booklet",
            constraint=models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="a_booklet_has_a_number"),
        ),
        migrations.AddConstraint(
            model_name="booklet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("filled__isnull", True), ("handed_at__isnull", True), ("source__isnull", True)),
                    models.Q(("filled__isnull", False), ("handed_at__isnull", False), ("source__isnull", False)),
                    _connector="OR",
                ),
                name="a_booklet_handed_over_says_what_filled_it",
            ),
        ),
        migrations.AddConstraint(
            model_name="booklet",
            constraint=models.CheckConstraint(
                condition=models.Q(("replaced_at__isnull", True), ("handed_at__isnull", False), _connector="OR"),
                name="only_a_booklet_handed_over_is_replaced",
            ),
        ),
    ]

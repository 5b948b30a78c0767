"""Who works or studies in the town; the facts for eligibility know them, residents or not."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import F, Q

COMMUTER_FACTS = """
CREATE FUNCTION commuter_facts(of_municipality integer, on_day date, of_people uuid[] DEFAULT NULL)
RETURNS TABLE (person uuid, works_in_town boolean, studies_in_town boolean, birth_date date)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.person, bool_or(c.kind = 'work'), bool_or(c.kind = 'study'), min(c.birth_date)
      FROM parties_commuter c
     WHERE c.municipality = of_municipality AND c.state = 'confirmed'
       AND c.valid_from <= on_day AND on_day < c.valid_until
       AND (of_people IS NULL OR c.person = ANY (of_people))
     GROUP BY c.person
$$;
"""
RESIDENT_FACTS = """
DROP FUNCTION resident_facts(integer, date, uuid[]);
CREATE FUNCTION resident_facts(of_municipality integer, on_day date, of_people uuid[] DEFAULT NULL)
RETURNS TABLE (
    person uuid, household uuid, resident boolean, age integer, birth_date date, ward text, tax_class text,
    moved_in date, moved_out date, resident_days integer, household_size bigint, household_exempt boolean,
    children bigint, shielded boolean, works_in_town boolean, studies_in_town boolean
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH members AS (
        SELECT r.* FROM parties_resident r WHERE r.municipality = of_municipality AND of_people IS NULL
        UNION ALL
        SELECT r.* FROM parties_resident r
         WHERE r.municipality = of_municipality
           AND r.household_id = ANY (ARRAY(
                   SELECT p.household_id FROM parties_resident p
                    WHERE p.municipality = of_municipality AND p.id = ANY (of_people)))
    ), chosen AS (
        SELECT m.*, m.moved_in <= on_day AND (m.moved_out IS NULL OR on_day < m.moved_out) AS here FROM members m
    ), homes AS (
        SELECT c.household_id,
               count(*) AS members,
               bool_and(c.tax_class = 'exempt') AS exempt,
               count(*) FILTER (WHERE c.birth_date > on_day - interval '18 years') AS minors
          FROM chosen c WHERE c.here GROUP BY c.household_id
    ), everybody AS (
        SELECT c.id, c.household_id, c.here, c.birth_date, c.ward::text, c.tax_class::text, c.moved_in, c.moved_out,
               c.shielded
          FROM chosen c
        UNION ALL
        SELECT k.person, k.person, false, k.birth_date, '', NULL, NULL, NULL, false
          FROM commuter_facts(of_municipality, on_day, of_people) k
         WHERE NOT EXISTS (SELECT FROM parties_resident r WHERE r.municipality = of_municipality AND r.id = k.person)
    )
    SELECT c.id, c.household_id, c.here, extract(year FROM age(on_day, c.birth_date))::integer, c.birth_date,
           c.ward, c.tax_class, c.moved_in, c.moved_out,
           greatest(0, least(on_day, coalesce(c.moved_out, on_day)) - c.moved_in)::integer,
           coalesce(h.members, 0), coalesce(h.exempt, false), coalesce(h.minors, 0), c.shielded,
           coalesce(k.works_in_town, false), coalesce(k.studies_in_town, false)
      FROM everybody c LEFT JOIN homes h ON h.household_id = c.household_id
      LEFT JOIN commuter_facts(of_municipality, on_day, of_people) k ON k.person = c.id
     WHERE of_people IS NULL OR c.id = ANY (of_people)
$$;
"""


class Migration(migrations.Migration):
    dependencies = (("parties", "0004_areas"),)
    operations = (
        migrations.CreateModel(
            name="Commuter",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("municipality", models.IntegerField()),
                ("person", models.UUIDField()),
                ("kind", models.CharField(choices=[("work", "Work"), ("study", "Study")], max_length=5)),
                ("birth_date", models.DateField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"), ("confirmed", "Confirmed"), ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                        ],
                        default="waiting", max_length=9,
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("proof", models.CharField(blank=True, max_length=13)),
                ("valid_from", models.DateField(null=True)),
                ("valid_until", models.DateField(null=True)),
                ("decided_by", models.UUIDField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("reason", models.CharField(blank=True, max_length=400)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["municipality", "person"], name="commuters_of_a_person"),
                    models.Index(fields=["municipality", "state", "id"], name="commuters_of_a_state"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=Q(kind__in=["work", "study"]), name="a_commuter_works_or_studies"),
                    models.CheckConstraint(
                        condition=Q(state__in=["waiting", "confirmed", "refused", "withdrawn"]),
                        name="a_commuter_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="confirmed")
                        | Q(proof__in=["employee_card", "student_card", "certificate", "list"],
                            valid_from__isnull=False, valid_until__isnull=False, decided_by__isnull=False,
                            decided_at__isnull=False),
                        name="a_confirmed_commuter_has_proof_days_and_judge",
                    ),
                    models.CheckConstraint(
                        condition=~Q(state="refused")
                        | (~Q(reason="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                        name="a_refused_commuter_is_told_why",
                    ),
                    models.CheckConstraint(
                        condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                        name="a_commuter_comes_no_longer_after_coming_first",
                    ),
                    models.CheckConstraint(
                        condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("person")),
                        name="nobody_confirms_oneself",
                    ),
                    models.UniqueConstraint(
                        fields=["municipality", "person", "kind"], condition=Q(state="waiting"),
                        name="one_waiting_commuter_of_a_person_and_kind",
                    ),
                ],
            },
        ),
        migrations.RunSQL(sql=COMMUTER_FACTS + RESIDENT_FACTS, reverse_sql=migrations.RunSQL.noop),
    )

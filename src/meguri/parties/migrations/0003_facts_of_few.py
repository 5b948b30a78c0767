"""The facts of a few people are found through their households: the register is not read as a whole for one of them."""

from __future__ import annotations

from django.db import migrations

RESIDENT_FACTS = """
CREATE OR REPLACE FUNCTION resident_facts(of_municipality integer, on_day date, of_people uuid[] DEFAULT NULL)
RETURNS TABLE (
    person uuid, household uuid, resident boolean, age integer, birth_date date, ward text, tax_class text,
    moved_in date, moved_out date, resident_days integer, household_size bigint, household_exempt boolean,
    children bigint, shielded boolean
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
    )
    SELECT c.id, c.household_id, c.here, extract(year FROM age(on_day, c.birth_date))::integer, c.birth_date,
           c.ward::text, c.tax_class::text, c.moved_in, c.moved_out,
           greatest(0, least(on_day, coalesce(c.moved_out, on_day)) - c.moved_in)::integer,
           coalesce(h.members, 0), coalesce(h.exempt, false), coalesce(h.minors, 0), c.shielded
      FROM chosen c LEFT JOIN homes h ON h.household_id = c.household_id
     WHERE of_people IS NULL OR c.id = ANY (of_people)
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("parties", "0002_resident_facts")]
    operations = [migrations.RunSQL(sql=RESIDENT_FACTS, reverse_sql=migrations.RunSQL.noop)]

-- Yen per fund, pair of roles and template. Everything that is added up about money is added up from these rows.
SELECT fund, programme, source_role, target_role, template, sum(amount)::bigint AS yen
  FROM moves GROUP BY fund, programme, source_role, target_role, template

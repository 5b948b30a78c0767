-- People who received and people who paid; a row with in_all counts a person in several programmes once.
WITH seen AS (
    SELECT programme, target AS holder, true AS received FROM moves
     WHERE source_role IN ('fund', 'cash_received') AND target_role IN ('wallet', 'payable') AND NOT undone
    UNION
    SELECT programme, holder, false FROM payments WHERE NOT undone
), several AS (
    SELECT holder FROM seen WHERE NOT received GROUP BY holder HAVING count(DISTINCT programme) > 1
)
SELECT grouping(programme) = 1 AS in_all, programme,
       count(DISTINCT seen.holder) FILTER (WHERE received) AS receivers,
       count(DISTINCT seen.holder) FILTER (WHERE NOT received) AS payers,
       count(DISTINCT seen.holder) FILTER (WHERE NOT received AND several.holder IS NOT NULL) AS payers_of_several
  FROM seen LEFT JOIN several USING (holder)
 GROUP BY GROUPING SETS ((programme), ())

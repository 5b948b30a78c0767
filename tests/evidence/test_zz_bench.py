from __future__ import annotations
import time
import pytest
from django.db import connection
from meguri.evidence import queries, circulation, snapshot, reading
from meguri.settlement.takings import takings
from tests.settlement.books import AT, DAY, SmallTown, small_town

def test_bench(db: None) -> None:
    town = small_town()
    p = [town.programme(f) for f in ("voucher", "point", "benefit")]
    shops = [town.shop(area="abcdefgh"[i % 8], trade=("58","76","60")[i%3], bank=False) for i in range(200)]
    people = [town.resident(ward="abcdefgh"[i % 8]) for i in range(2000)]
    m = town.municipality
    with connection.cursor() as c:
        c.execute("""CREATE TEMP TABLE h AS SELECT row_number() OVER () AS n, id FROM ledger.account WHERE municipality_id=%s AND role='wallet'""", [m])
        c.execute("""CREATE TEMP TABLE s AS SELECT row_number() OVER () AS n, id FROM ledger.account WHERE municipality_id=%s AND role='shop'""", [m])
        for k, prog in enumerate(p):
            c.execute("SELECT id FROM ledger.account WHERE municipality_id=%s AND owner=%s AND role='fund'", [m, prog.fund]); fund = c.fetchone()[0]
            c.execute("SELECT takings_lot FROM ledger.lot WHERE id=%s", [prog.lot]); tk = c.fetchone()[0]
            for tpl, n in (("grant_points", 10000), ("pay", 66667)):
                c.execute("CREATE TEMP TABLE x AS SELECT i, gen_random_uuid() AS id, %s::timestamptz + i * interval '60 seconds' AS at FROM generate_series(1,%s) i", [AT, n])
                c.execute("""INSERT INTO ledger.posting (municipality_id,id,template,template_version,effective_at,recorded_at,by,about) SELECT %s,id,%s,1,at,at,'x','{}' FROM x""", [m, tpl])
                if tpl == "pay":
                    c.execute("""INSERT INTO ledger.entry SELECT %s,x.id,1,1,h.id,%s,s.id,%s,100,at FROM x JOIN h ON h.n=1+i%%2000 JOIN s ON s.n=1+(i*7)%%200""", [m, prog.lot, tk])
                else:
                    c.execute("""INSERT INTO ledger.entry SELECT %s,x.id,1,1,%s,%s,h.id,%s,1000,at FROM x JOIN h ON h.n=1+i%%2000""", [m, fund, prog.own_lot, prog.lot])
                c.execute("DROP TABLE x")
        c.execute("ANALYZE ledger.entry"); c.execute("ANALYZE ledger.posting"); c.execute("ANALYZE ledger.account")
        c.execute("SELECT count(*) FROM ledger.entry WHERE municipality_id=%s", [m]); print("entries", c.fetchone())
    for name in ("fund_flows", "shop_takings", "reach", "spending_times", "weeks"):
        t = time.perf_counter(); r = reading.Reader(m).rows(name); print(name, len(r), round(time.perf_counter() - t, 2))
    for name in ("places", "banked"):
        t = time.perf_counter(); r = reading.Reader(m).rows(name, by="area"); print(name, len(r), round(time.perf_counter() - t, 2))
    t = time.perf_counter(); queries.indicators(queries.snapshot(m)); print("snapshot", round(time.perf_counter() - t, 2))
    t = time.perf_counter(); circulation.picture(m); print("picture", round(time.perf_counter() - t, 2))
    t = time.perf_counter(); takings(m, cutoff=AT + 30 * DAY); print("takings", round(time.perf_counter() - t, 2))

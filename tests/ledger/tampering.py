"""What a rogue administrator might do to books and log, by chance; each says which names betray it.

The guards are off, as they are for somebody who owns the tables, and on again when the auditor comes.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg

from meguri.ledger import heads, log, operations
from meguri.ledger.audit import log as audited
from meguri.ledger.audit.claims import answers
from meguri.ledger.audit.reserve import prove_reserve
from meguri.ledger.rules import Leg, Limit
from tests.ledger.conftest import AT, Books, open_books


@dataclass
class Rogue:
    """Somebody with every right in the database, and the dice."""

    connection: psycopg.Connection[Any]
    town: int
    chance: random.Random

    def do(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        cursor = self.connection.execute(statement.replace("OF_TOWN", f"municipality_id = {self.town}"), values)
        return cursor.fetchall() if cursor.description else []

    def pick(self, statement: str, *values: object) -> tuple[Any, ...]:
        return self.chance.choice(self.do(statement, *values))

    def posting(self) -> tuple[UUID, int]:
        """A numbered posting and its number."""
        return self.pick("SELECT posting_id, number FROM ledger.sequence WHERE OF_TOWN ORDER BY number")  # type: ignore[return-value]

    def entry(self) -> tuple[UUID, int]:
        return self.pick("SELECT posting_id, entry_no FROM ledger.entry WHERE OF_TOWN ORDER BY 1, 2")  # type: ignore[return-value]


def guards(connection: psycopg.Connection[Any], switch: str) -> None:
    """Switch the triggers that refuse rewriting."""
    for book in ("posting", "entry", "posting_key", "sequence", "node", "tree_head"):
        connection.execute(f"ALTER TABLE ledger.{book} {switch} TRIGGER USER")


Names = Iterable[object]
"""At least one of these must stand in the auditor's answer."""

AT_ENTRY = "WHERE OF_TOWN AND posting_id = %s AND entry_no = %s"
ENTRY_CHANGES = {
    "an amount is raised": "amount = amount + 1",
    "an amount is multiplied": "amount = amount * 10",
    "both ends change places":
        "(debit_account, debit_lot, credit_account, credit_lot) ="
        " (credit_account, credit_lot, debit_account, debit_lot)",
    "value comes from another": "debit_account = (SELECT min(id) FROM ledger.account a WHERE a.municipality_id ="
        " entry.municipality_id AND a.role = 'wallet' AND a.id NOT IN (entry.debit_account, entry.credit_account))",
    "value goes to another": "credit_account = (SELECT max(id) FROM ledger.account a WHERE a.municipality_id ="
        " entry.municipality_id AND a.role = 'wallet' AND a.id NOT IN (entry.debit_account, entry.credit_account))",
    "value changes its lot": "credit_lot = (SELECT max(id) FROM ledger.lot o WHERE o.municipality_id ="
        " entry.municipality_id AND o.id <> entry.credit_lot AND o.id <> entry.debit_lot)",
    "an entry changes its leg": "leg_no = leg_no + 1",
    "an entry gets another number": "entry_no = entry_no + 1000",
    "an entry takes effect on another day": "effective_at = effective_at - interval '1 day'",
}  # fmt: skip
POSTING_CHANGES = {
    "another template": "template = CASE template WHEN 'pay' THEN 'refund_payment' ELSE 'pay' END",
    "another version": "template_version = template_version + 1",
    "another effective time": "effective_at = effective_at + interval '1 microsecond'",
    "another recorded time": "recorded_at = recorded_at - interval '1 hour'",
    "somebody else": "by = by || '0'",
    "another reason": """about = about || '{"reason": "none"}'""",
    "it undoes something": "reverses = gen_random_uuid()",
}


def change_entry(what: str) -> Callable[[Rogue], Names]:
    def change(rogue: Rogue) -> Names:
        posting, number = rogue.entry()
        rogue.do(f"UPDATE ledger.entry SET {ENTRY_CHANGES[what]} {AT_ENTRY}", posting, number)
        return [posting]

    return change


def change_posting(what: str) -> Callable[[Rogue], Names]:
    def change(rogue: Rogue) -> Names:
        posting, _ = rogue.posting()
        rogue.do(f"UPDATE ledger.posting SET {POSTING_CHANGES[what]} WHERE OF_TOWN AND id = %s", posting)
        return [posting]

    return change


def remove_entry(rogue: Rogue) -> Names:
    posting, number = rogue.entry()
    rogue.do(f"DELETE FROM ledger.entry {AT_ENTRY}", posting, number)
    return [posting]


def insert_entry(rogue: Rogue) -> Names:
    posting, number = rogue.entry()
    rogue.do(
        "INSERT INTO ledger.entry SELECT municipality_id, posting_id, entry_no + 1000, leg_no, debit_account,"
        f" debit_lot, credit_account, credit_lot, 1, effective_at FROM ledger.entry {AT_ENTRY}", posting, number,
    )  # fmt: skip
    return [posting]


def move_entry(rogue: Rogue) -> Names:
    (posting, number), (other, _) = rogue.entry(), rogue.posting()
    if posting == other:
        return move_entry(rogue)
    rogue.do(f"UPDATE ledger.entry SET posting_id = %s, entry_no = 1000 {AT_ENTRY}", other, posting, number)
    return [posting, other]


def remove_posting(rogue: Rogue, *, books: tuple[str, ...] = (), numbered: bool = False) -> Names:
    posting, number = rogue.posting()
    rogue.do("DELETE FROM ledger.posting WHERE OF_TOWN AND id = %s", posting)
    for book in books:
        rogue.do(f"DELETE FROM ledger.{book} WHERE OF_TOWN AND posting_id = %s", posting)
    if numbered:
        rogue.do("DELETE FROM ledger.sequence WHERE OF_TOWN AND number = %s", number)
    return [f"number {number}"] if numbered else [posting]


def shift(rogue: Rogue, start: int, *, by: int) -> None:
    """Everything from a number on stands one number on (or back)."""
    rogue.do("UPDATE ledger.sequence SET number = number + 1000000 WHERE OF_TOWN AND number >= %s", start)
    rogue.do("UPDATE ledger.sequence SET number = number - 1000000 + %s WHERE OF_TOWN AND number > 900000", by)


def remove_posting_and_close_the_gap(rogue: Rogue) -> Names:
    names = remove_posting(rogue, books=("entry", "posting_key"), numbered=True)
    (name,) = names
    number = int(str(name).removeprefix("number "))
    shift(rogue, number + 1, by=-1)
    return names


def forge(rogue: Rogue) -> tuple[UUID, int]:
    """A posting like another one, entries and key and all, dated back and never numbered."""
    (model, number), forged = rogue.posting(), uuid4()
    rogue.do(
        "INSERT INTO ledger.posting SELECT municipality_id, %s, template, template_version, effective_at, recorded_at,"
        " by, about, NULL, written_by FROM ledger.posting WHERE OF_TOWN AND id = %s", forged, model,
    )  # fmt: skip
    rogue.do(
        "INSERT INTO ledger.entry SELECT municipality_id, %s, entry_no, leg_no, debit_account, debit_lot,"
        " credit_account, credit_lot, amount, effective_at FROM ledger.entry WHERE OF_TOWN AND posting_id = %s",
        forged, model,
    )  # fmt: skip
    rogue.do(
        "INSERT INTO ledger.posting_key SELECT municipality_id, %s || key, payload, %s, recorded_at"
        " FROM ledger.posting_key WHERE OF_TOWN AND posting_id = %s", f"forged:{forged}", forged, model,
    )  # fmt: skip
    return forged, number


def insert_posting(rogue: Rogue) -> Names:
    return [forge(rogue)[0]]


def insert_posting_as_the_newest(rogue: Rogue) -> Names:
    forged, _ = forge(rogue)
    rogue.do(
        "INSERT INTO ledger.sequence SELECT municipality_id, max(number) + 1, %s, '' FROM ledger.sequence"
        " WHERE OF_TOWN GROUP BY 1", forged,
    )  # fmt: skip
    return [forged]


def insert_posting_between(rogue: Rogue) -> Names:
    forged, number = forge(rogue)
    shift(rogue, number, by=1)
    rogue.do("INSERT INTO ledger.sequence VALUES (%s, %s, %s, '')", rogue.town, number, forged)
    return [forged]


def swap(rogue: Rogue, *, leaves: bool) -> Names:
    (one, first), (other, second) = rogue.posting(), rogue.posting()
    if first == second:
        return swap(rogue, leaves=leaves)
    for number, new in ((first, 0), (second, first), (0, second)):
        rogue.do("UPDATE ledger.sequence SET number = %s WHERE OF_TOWN AND number = %s", new or 10**6, number or 10**6)
        if leaves:
            rogue.do(
                "UPDATE ledger.node SET position = %s WHERE OF_TOWN AND level = 0 AND position = %s",
                (new or 10**6) - 1, (number or 10**6) - 1,
            )  # fmt: skip
    return [one, other]


def rename_posting(rogue: Rogue) -> Names:
    (posting, _), new = rogue.posting(), uuid4()
    for book in ("entry", "posting_key", "sequence"):
        rogue.do(f"UPDATE ledger.{book} SET posting_id = %s WHERE OF_TOWN AND posting_id = %s", new, posting)
    rogue.do("UPDATE ledger.posting SET id = %s WHERE OF_TOWN AND id = %s", new, posting)
    return [new]


def change_account(rogue: Rogue) -> Names:
    (account,) = rogue.pick("SELECT DISTINCT debit_account FROM ledger.entry WHERE OF_TOWN ORDER BY 1")
    rogue.do("UPDATE ledger.account SET owner = gen_random_uuid() WHERE OF_TOWN AND id = %s", account)
    touched = "SELECT posting_id FROM ledger.entry WHERE OF_TOWN AND %s IN (debit_account, credit_account)"
    return [row[0] for row in rogue.do(touched, account)]


def change_lot(rogue: Rogue) -> Names:
    (lot,) = rogue.pick(
        "SELECT DISTINCT debit_lot FROM ledger.entry e JOIN ledger.lot o ON (o.municipality_id, o.id) ="
        " (e.municipality_id, e.debit_lot) WHERE e.OF_TOWN AND o.unit = 'money' ORDER BY 1"
    )
    column, value = rogue.chance.choice(
        [("expires_at", "now()"), ("fund", "gen_random_uuid()"), ("purse_kind", "gen_random_uuid()")]
    )
    rogue.do(f"UPDATE ledger.lot SET {column} = {value} WHERE OF_TOWN AND id = %s", lot)
    touched = "SELECT posting_id FROM ledger.entry WHERE OF_TOWN AND %s IN (debit_lot, credit_lot)"
    return [row[0] for row in rogue.do(touched, lot)]


def change_balance(rogue: Rogue) -> Names:
    account, lot = rogue.pick(
        "SELECT account_id, lot_id FROM ledger.balance WHERE OF_TOWN AND amount > 0 ORDER BY 1, 2"
    )
    where = "WHERE OF_TOWN AND account_id = %s AND lot_id = %s"
    how = rogue.chance.choice(["UPDATE ledger.balance SET amount = amount + 1", "DELETE FROM ledger.balance"])
    rogue.do(f"{how} {where}", account, lot)
    return [account]


def remove_key(rogue: Rogue) -> Names:
    posting, _ = rogue.posting()
    rogue.do("DELETE FROM ledger.posting_key WHERE OF_TOWN AND posting_id = %s", posting)
    return [posting]


def change_node(rogue: Rogue) -> Names:
    level, position = rogue.pick("SELECT level, position FROM ledger.node WHERE OF_TOWN ORDER BY 1, 2")
    where = "WHERE OF_TOWN AND level = %s AND position = %s"
    how = rogue.chance.choice(["UPDATE ledger.node SET hash = sha256(hash)", "DELETE FROM ledger.node"])
    rogue.do(f"{how} {where}", level, position)
    return [f"node {level}/{position}", f"number {position + 1}"] if level == 0 else [f"node {level}/{position}"]


HEAD_CHANGES = (
    "size = size + 1", "root = sha256(root)", "signed_at = signed_at + interval '1 second'", "origin = origin || '0'",
    "public_key = sha256(public_key)", "signature = set_byte(signature, 5, 255 - get_byte(signature, 5))",
)  # fmt: skip


def change_head(rogue: Rogue) -> Names:
    (number,) = rogue.pick("SELECT number FROM ledger.tree_head WHERE OF_TOWN ORDER BY 1")
    what = rogue.chance.choice(HEAD_CHANGES)
    rogue.do(f"UPDATE ledger.tree_head SET {what} WHERE OF_TOWN AND number = %s", number)
    return [f"head {number}"]


def remove_head(rogue: Rogue) -> Names:
    """Not the last one: without a witness nobody can tell that the log was longer."""
    (number,) = rogue.pick(
        "SELECT number FROM ledger.tree_head WHERE OF_TOWN AND number < (SELECT max(number) FROM ledger.tree_head"
        " WHERE OF_TOWN) ORDER BY 1"
    )
    rogue.do("DELETE FROM ledger.tree_head WHERE OF_TOWN AND number = %s", number)
    return [f"head {number + 1}"]


def rewrite_history(rogue: Rogue, *, heads: bool) -> Names:
    """Change an amount, then make everything fit that can be computed without the key."""
    posting, number = rogue.posting()
    rogue.do("UPDATE ledger.entry SET amount = amount + 1 WHERE OF_TOWN AND posting_id = %s", posting)
    rogue.do("DELETE FROM ledger.balance WHERE OF_TOWN")
    rogue.do(
        "INSERT INTO ledger.balance SELECT m, a, l, sum(amount), true FROM ("
        " SELECT municipality_id AS m, credit_account AS a, credit_lot AS l, amount FROM ledger.entry WHERE OF_TOWN"
        " UNION ALL SELECT municipality_id, debit_account, debit_lot, -amount FROM ledger.entry WHERE OF_TOWN"
        ") AS moved GROUP BY 1, 2, 3"
    )
    rogue.do("UPDATE ledger.sequence SET marks = ledger.marks(content) FROM ledger.leaf l WHERE sequence.OF_TOWN"
             " AND l.id = posting_id AND posting_id = %s", posting)  # fmt: skip
    rogue.do("UPDATE ledger.node SET hash = sha256('\\x00' || convert_to(content, 'UTF8')) FROM ledger.leaf l"
             " WHERE node.OF_TOWN AND level = 0 AND position = %s AND l.id = %s", number - 1, posting)  # fmt: skip
    levels = audited.levels_over(audited.read(rogue.connection, rogue.town).kept[0])
    for level, hashes in enumerate(levels):
        for position in range(len(hashes) // 32):
            new = hashes[32 * position : 32 * position + 32]
            rogue.do("UPDATE ledger.node SET hash = %s WHERE OF_TOWN AND level = %s AND position = %s AND hash <> %s",
                     new, level, position, new)  # fmt: skip
    names: list[object] = [("covers", number)]
    if heads:
        for head, size in rogue.do("SELECT number, size FROM ledger.tree_head WHERE OF_TOWN AND size >= %s", number):
            root = audited.root_at(size, levels)
            rogue.do("UPDATE ledger.tree_head SET root = %s WHERE OF_TOWN AND number = %s", root, head)
            names.append(f"head {head}")
    return names


KINDS: dict[str, Callable[[Rogue], Names]] = {
    **{what: change_entry(what) for what in ENTRY_CHANGES},
    **{what: change_posting(what) for what in POSTING_CHANGES},
    "an entry is removed": remove_entry,
    "an entry is inserted": insert_entry,
    "an entry is moved to another posting": move_entry,
    "a posting is removed": remove_posting,
    "a posting is removed with entries and keys": lambda r: remove_posting(r, books=("entry", "posting_key")),
    "a posting is removed with its number": lambda r: remove_posting(r, books=("entry", "posting_key"), numbered=True),
    "a posting is removed and the gap closed": remove_posting_and_close_the_gap,
    "a posting is inserted": insert_posting,
    "a posting is inserted as the newest": insert_posting_as_the_newest,
    "a posting is inserted between others": insert_posting_between,
    "a posting is renamed": rename_posting,
    "two postings change places": lambda r: swap(r, leaves=False),
    "two postings and their leaves change places": lambda r: swap(r, leaves=True),
    "an account changes its owner": change_account,
    "a lot changes": change_lot,
    "a balance changes": change_balance,
    "a key is removed": remove_key,
    "a node of the tree changes": change_node,
    "a head changes": change_head,
    "a head is removed": remove_head,
    "history is rewritten": lambda r: rewrite_history(r, heads=False),
    "history is rewritten up to the heads": lambda r: rewrite_history(r, heads=True),
}


def live(payments: int) -> Books:
    """Books with history: budget, sale against cash, grants under a ceiling, payments, refunds, a settlement."""
    town = open_books()
    others = [uuid4() for _ in range(3)]
    operations.open_accounts([town.account(one, "wallet") for one in others], municipality=town.municipality)
    ceiling = operations.allowance_lot(municipality=town.municipality, allowed=uuid4(), unit="yen", opening=40_000)
    town.appropriate(100_000)
    town.grant(30_000, limits=(Limit(town.account(town.holder, "allowance"), ceiling),))
    for one in others:
        leg = Leg(town.account(town.fund, "fund"), town.account(one, "wallet"), 2_000, (town.own_lot,), town.lot)
        town.post("grant_points", leg)
    sell(town)
    for number in range(payments):
        paid = town.pay(1 + number % 90)
        if number % 7 == 3:
            operations.reverse(
                paid.posting, municipality=town.municipality, template="refund_payment", key=f"back:{paid.posting}",
                at=AT, by="test", about={"reason": "返品"},
            )  # fmt: skip
        if number % 4 == 0:
            keep(town, later=number)
    town.post("settle", town.leg("shop", "payable", 20, lots=(town.takings(),)))
    keep(town, later=payments)
    return town


def keep(town: Books, *, later: int) -> None:
    log.number_postings(municipality=town.municipality)
    heads.sign_head(municipality=town.municipality, at=AT + timedelta(seconds=later))


def sell(town: Books) -> None:
    """A voucher against cash: the buyers' own money is a fund apart."""
    buyers = uuid4()
    accounts = [town.account(buyers, role) for role in ("cash_received", "fund")]
    operations.open_accounts(accounts, municipality=town.municipality)
    lot = operations.money_lot(municipality=town.municipality, fund=buyers, purse_kind=town.kind, expires_at=None)
    leg = Leg(accounts[0], town.account(town.holder, "wallet"), 5_000, (lot,), lot)
    town.post("sell_voucher", leg)


def audit_all(connection: psycopg.Connection[Any], town: int) -> list[tuple[Any, ...]]:
    """Every offender that the auditor finds, on the transaction in which it was tampered."""
    proofs = [*answers(connection), *audited.prove_log(connection, town), prove_reserve(connection)]
    return [(proof.claim.name, *offender) for proof in proofs for offender in proof.offenders]


def is_named(names: Names, offenders: Iterable[tuple[Any, ...]]) -> bool:
    """Whether one of the names stands in the answer; ("covers", n): a range of numbers that holds n."""
    said = {str(field) for offender in offenders for field in offender}
    ranges = [field.split()[1::2] for field in said if field.startswith("numbers ")]
    covered = [name[1] for name in names if isinstance(name, tuple)]
    return any(str(name) in said for name in names) or any(
        int(first) <= number <= int(last) for first, last in ranges for number in covered
    )


def missed(connection: psycopg.Connection[Any], town: int, *, seed: int, times: int) -> list[str]:
    """Tamper so many times, one after the other, each undone; return those that were not found or not named."""
    chance, unseen = random.Random(seed), []
    kinds = [*KINDS] * (times // len(KINDS) + 1)
    for step, what in enumerate(kinds[:times]):
        guards(connection, "DISABLE")
        names = [*KINDS[what](Rogue(connection, town, chance))]
        guards(connection, "ENABLE")
        offenders = audit_all(connection, town)
        if not is_named(names, offenders):
            unseen.append(f"{step}: {what}: {names} not in {offenders}")
        connection.rollback()
    return unseen


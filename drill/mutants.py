"""Mutation testing of the books' pure rules: every small change to them must make one of their tests fail.

A mutant is one change inside a function: a comparison at its edge or turned round, + for -, `and` for `or`, a number
one larger, a condition turned round, a call left out. The `strict` of a zip stays: it speaks only of our own mistakes.
Those that change nothing (the register is `equivalent.toml`, each with the reason) are expected to survive, and nobody
else.
"""

from __future__ import annotations

import ast
import copy
import random
import shutil
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drill.planted import FAILED, answer_of_pytest, copied
from meguri.site.postgres import THROW_AWAY, EmbeddedPostgres

REGISTER = Path(__file__).with_name("equivalent.toml")
TESTS = {
    "ledger/rules.py": ("tests/ledger/test_bad_input.py", "tests/ledger/test_operations.py"),
    "ledger/refunds.py": ("tests/ledger/test_refunds.py", "tests/ledger/test_algebra.py"),
    "ledger/debts.py": ("tests/ledger/test_debts.py", "tests/ledger/test_algebra.py"),
    "ledger/holds.py": ("tests/ledger/test_holds.py",),
    "ledger/years.py": ("tests/ledger/test_years.py",),
    "ledger/merkle.py": ("tests/ledger/test_merkle.py",),
    "programmes/sharing.py": ("tests/programmes/test_sharing.py", "tests/programmes/test_sharing_within.py"),
}
"""The rules, and the tests that must see every change to them."""

LONG_S = 300
"""A mutant that lets its tests run for so long is seen: it would never have ended."""

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_COUNTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
Change = Callable[[ast.AST], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One changed source. `line` is what stood there, `says` what became of it."""

    file: str
    line: str
    says: str
    text: str


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module, one change each."""
    tree, lines = ast.parse(source), source.splitlines()
    inside = {id(node) for function in ast.walk(tree) if isinstance(function, ast.FunctionDef)
              for statement in function.body for node in ast.walk(statement)}  # fmt: skip
    inside -= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "strict"}
    for place, node in enumerate(ast.walk(tree)):
        for says, change in _changes(node) if id(node) in inside else ():
            changed = copy.deepcopy(tree)
            change(list(ast.walk(changed))[place])
            stands = node.iter if isinstance(node, ast.comprehension) else node
            line = lines[getattr(stands, "lineno", 1) - 1].strip()
            yield Mutant(file, line, says, ast.unparse(ast.fix_missing_locations(changed)))


def _changes(node: ast.AST) -> Iterator[tuple[str, Change]]:
    match node:
        case ast.Compare(ops=[op, *_]) if type(op) in _COMPARED:
            yield _said(op, _COMPARED[type(op)]()), lambda it: it.ops.__setitem__(0, _COMPARED[type(op)]())  # type: ignore[attr-defined]
        case ast.BinOp(op=op) if type(op) in _COUNTED:
            yield _said(op, _COUNTED[type(op)]()), lambda it: setattr(it, "op", _COUNTED[type(op)]())
        case ast.BoolOp(op=op):
            other = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield _said(op, other), lambda it: setattr(it, "op", other)
        case ast.Constant(value=bool(value)):
            yield f"{value} -> {not value}", lambda it: setattr(it, "value", not value)
        case ast.Constant(value=int(value)):
            yield f"{value} -> {value + 1}", lambda it: setattr(it, "value", value + 1)
        case ast.If() | ast.IfExp() | ast.While():
            yield "condition turned round", lambda it: setattr(it, "test", _turned(it.test))  # type: ignore[attr-defined]
        case ast.comprehension(ifs=[_, *_]):
            yield "filter turned round", lambda it: it.ifs.__setitem__(0, _turned(it.ifs[0]))  # type: ignore[attr-defined]
        case ast.Expr(value=ast.Call()):
            yield "left out", lambda it: setattr(it, "value", ast.Constant(value=None))


def _said(old: ast.AST, new: ast.AST) -> str:
    return f"{type(old).__name__} -> {type(new).__name__}"


def _turned(condition: ast.expr) -> ast.expr:
    return ast.UnaryOp(op=ast.Not(), operand=condition)


def survives(mutant: Mutant, folder: Path, *, dsn: str = "") -> bool:
    """Whether no test of its rules sees it; the tree is as it was afterwards. `dsn`: a server that stands meanwhile."""
    path = folder / "src/meguri" / mutant.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(mutant.text, encoding="utf-8")
    try:
        return all(answer_of_pytest(folder, test, seconds=LONG_S, dsn=dsn) != FAILED for test in TESTS[mutant.file])
    finally:
        path.write_text(whole, encoding="utf-8")


def equivalent() -> set[tuple[str, str, str]]:
    """Mutants that change nothing: file, line, what became of it."""
    rows = tomllib.loads(REGISTER.read_text(encoding="utf-8")).get("mutant", [])
    return {(row["file"], row["line"], row["says"]) for row in rows}


def run(seed: int, *, files: tuple[str, ...] = tuple(TESTS), most: int | None = None) -> dict[str, object]:
    """All mutants of these files, in an order of chance, or so many of them."""
    known, survivors = equivalent(), []
    with copied() as folder, standing() as dsn:
        made = [m for file in files for m in mutants(file, (folder / "src/meguri" / file).read_text(encoding="utf-8"))]
        made = [mutant for mutant in made if (mutant.file, mutant.line, mutant.says) not in known]
        chosen = random.Random(seed).sample(made, len(made))[:most]  # noqa: S311 - no secret
        for number, mutant in enumerate(chosen, 1):
            lives = survives(mutant, folder, dsn=dsn)
            told = f"{mutant.file}: {mutant.says}: {mutant.line}"
            sys.stderr.write(f"  {number}/{len(chosen)} {'SURVIVED' if lives else 'killed'} {told}\n")
            survivors += [told] if lives else []
        tests = {test for file in files for test in TESTS[file]}
        sound = answer_of_pytest(folder, *sorted(tests), dsn=dsn) == 0  # nobody died of what a mutant left behind
    well = sound and not survivors
    return {"name": "drill.mutants", "well": well, "mutants": len(chosen), "survived": survivors, "sound": sound}


@contextmanager
def standing() -> Iterator[str]:
    """A server whose test database is made once: the rules are pure, no mutant changes a table."""
    directory = Path(tempfile.mkdtemp(prefix="meguri-mutants-"))
    server = EmbeddedPostgres(directory, settings=THROW_AWAY)
    try:
        yield server.start()
    finally:
        server.stop()
        shutil.rmtree(directory, ignore_errors=True)

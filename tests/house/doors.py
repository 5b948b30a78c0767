"""What leads from one file or room to another: imports, signals, foreign keys, names of files."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePath

from tests.house.source import Module

BANNED = re.compile(r"(utils?|helpers?|common|services?|managers?|core|misc)", re.IGNORECASE)
"""Names that say nothing about what is inside."""

SIGNALS = re.compile(r"django\.dispatch|django\.(db|core|contrib)\..*signals|.*\.signals$|django\.test\.signals")


def banned_names(paths: Iterable[PurePath]) -> list[str]:
    """Files and folders with a name that says nothing."""
    return [str(path) for path in paths if any(BANNED.fullmatch(part.partition(".")[0]) for part in path.parts)]


def imports(module: Module) -> Iterator[tuple[str, ast.Import | ast.ImportFrom]]:
    """Everything that the module imports anywhere, as dotted names (`from a import b` gives `a.b`)."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node


def circles(modules: Iterable[Module]) -> list[str]:
    """Circles of imports, those inside functions counted."""
    known = {module.name: module for module in modules}
    graph = {name: sorted(_targets(module, known)) for name, module in known.items()}
    return [" -> ".join([*circle, circle[0]]) for circle in _strong_components(graph) if len(circle) > 1]


def _targets(module: Module, known: Mapping[str, Module]) -> set[str]:
    found = set()
    for name, _ in imports(module):
        target = name if name in known else name.rpartition(".")[0]
        if target in known and target != module.name:
            found.add(target)
    return found


def _strong_components(graph: Mapping[str, list[str]]) -> list[list[str]]:
    """Groups of nodes that all reach each other (Kosaraju's two passes)."""
    order: list[str] = []
    _visit_all(graph, order)
    back: dict[str, list[str]] = {name: [] for name in graph}
    for name, targets in graph.items():
        for target in targets:
            back[target].append(name)
    seen: set[str] = set()
    found = []
    for name in reversed(order):
        if name not in seen:
            group: list[str] = []
            _visit(back, name, seen, group)
            found.append(sorted(group))
    return found


def _visit_all(graph: Mapping[str, list[str]], order: list[str]) -> None:
    seen: set[str] = set()
    for name in graph:
        if name not in seen:
            _visit(graph, name, seen, order)


def _visit(graph: Mapping[str, list[str]], start: str, seen: set[str], order: list[str]) -> None:
    seen.add(start)
    stack = [(start, iter(graph[start]))]
    while stack:
        name, targets = stack[-1]
        fresh = next((target for target in targets if target not in seen), None)
        if fresh is None:
            order.append(name)
            stack.pop()
        else:
            seen.add(fresh)
            stack.append((fresh, iter(graph[fresh])))


def unreasoned_inner_imports(modules: Iterable[Module]) -> list[str]:
    """Imports inside functions without a comment on their line or the line above that says why."""
    found = []
    for module in modules:
        for function, _ in module.functions():
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    line, above = module.lines[node.lineno - 1], module.lines[node.lineno - 2]
                    if "#" not in line and not above.lstrip().startswith("#"):
                        found.append(f"{module.place}:{node.lineno} imports inside {function.name} without a reason")
    return sorted(set(found))


def signals(modules: Iterable[Module]) -> list[str]:
    """Imports of signals: they call from room to room unseen. The site alone sends Django's own of a request."""
    return [
        f"{module.place}:{node.lineno} uses the signals of {name}"
        for module in modules
        for name, node in imports(module)
        if SIGNALS.match(name.rpartition(".")[0]) and not _of_a_request(name, module)
    ]


def _of_a_request(name: str, module: Module) -> bool:
    return module.room == "meguri.site" and name.startswith("django.core.signals")


RELATIONS = frozenset({"ForeignKey", "OneToOneField", "ManyToManyField"})


def written_relations_out(modules: Iterable[Module]) -> list[str]:
    """Relations whose target is written as the name of another room's table, or imported from another room."""
    found = []
    for module in modules:
        came_from = {name.rpartition(".")[2]: name for name, _ in imports(module)}
        for call in ast.walk(module.tree):
            if isinstance(call, ast.Call) and _called(call) in RELATIONS:
                target = _target(call)
                label, dot, _ = target.rpartition(".")
                foreign = came_from.get(target, "")
                if (dot and label != module.room.rpartition(".")[2]) or _other_room(foreign, module):
                    found.append(f"{module.place}:{call.lineno} refers to {target} across rooms")
    return found


def _other_room(imported: str, module: Module) -> bool:
    if not imported.startswith("meguri."):
        return False
    return Module(name=imported.rpartition(".")[0], place="", text="").room != module.room


def _called(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _target(call: ast.Call) -> str:
    """What the relation points to, as written: `Model`, `label.Model` or `settings.AUTH_USER_MODEL`."""
    given = next((k.value for k in call.keywords if k.arg == "to"), call.args[0] if call.args else None)
    if isinstance(given, ast.Constant):
        return str(given.value)
    if isinstance(given, ast.Attribute) and given.attr == "AUTH_USER_MODEL":
        return "vault.Login"
    return given.id if isinstance(given, ast.Name) else ""

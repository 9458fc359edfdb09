"""What was filled in is read as a form, and a step is named by its object (填写内容、步骤名).

`tools.house` says what this finds. Three things are looked for in the syntax of `casework/` and
`state_machines/`: a signature of a guard, fact, effect, door or part of a document that has the
input of a step as a dictionary; such a file that takes an input apart by its keys; and a bare text
that names a step, outside the declarations and the forms beside which the names stand.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from pathlib import Path

from rulebook.tree import ROOT

# Where law is decided, carried out and printed.
JUDGING = ("guards.py", "facts.py", "collect.py", "effects.py", "door.py", "papers.py")
DECLARING = ("process.py", "part.py", "forms.py")
# They take the input of every form as it comes, and ask nothing of a step by its name.
_ANY_FORM = ("casework/kernel",)
_OF_LANGUAGE = ("state_machines/language", "state_machines/verification")
_DICTIONARIES = frozenset({"dict", "Mapping", "MutableMapping", "JsonObject"})
# Attributes under which an act or a case holds what was filled in, as it came.
_RAW = frozenset({"data", "input"})
# What is asked with the name of a step.
_ASKING = frozenset(
    {"latest", "last", "at", "needed", "step", "told", "printed", "without", "given"}
)


def findings(steps: Collection[str], root: Path = ROOT) -> Iterator[str]:
    """What is out of place, one line each, beginning with path and line; `steps` are the names of
    every step that a process has."""
    for room in ("casework", "state_machines"):
        for file in sorted((root / room).rglob("*.py")):
            path = file.relative_to(root).as_posix()
            tree = ast.parse(file.read_text(encoding="utf-8"))
            found = list(bare_names(tree, steps)) if _may_name_no_step(path, tree) else []
            if file.name in JUDGING and not path.startswith(_ANY_FORM):
                found += [*signatures(tree), *taken_apart(tree)]
            if file.name == "facts.py":
                found += facts(tree)
            yield from (f"{path}:{line}: {text}" for line, text in sorted(found))


def _may_name_no_step(path: str, tree: ast.Module) -> bool:
    """Whether a file neither declares steps nor speaks of them all."""
    declares = any(_called(node) == "Step" for node in ast.walk(tree))
    return not declares and not path.endswith(DECLARING) and not path.startswith(_OF_LANGUAGE)


def signatures(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The functions that have a dictionary of anything where a form belongs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            told = [argument.annotation for argument in arguments]
            if any(_is_dictionary(one) for one in (*told, node.returns)):
                yield node.lineno, f"{node.name}: an input in the signature is its form, no dict"


def facts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The fields of facts that have a dictionary of anything."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and _is_dictionary(node.annotation):
            yield node.lineno, "an input in a fact is its form, no dict"


def _is_dictionary(annotation: ast.expr | None) -> bool:
    """Whether an annotation has somewhere a dictionary whose values may be anything."""
    nodes = list(ast.walk(annotation)) if annotation else []
    lists = [node for node in nodes if isinstance(node, ast.Subscript)]
    said = {id(node.value): node.slice for node in lists}  # what stands in brackets after a name
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in _DICTIONARIES:
            kinds = said.get(id(node))
            value = kinds.elts[-1] if isinstance(kinds, ast.Tuple) else None
            if value is None or _named(value) in ("Any", "object"):
                return True
    return False


def taken_apart(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Where what an act or a case holds is asked for by keys, as it came."""
    text = "ask for what was filled in by its form (act.inputs, act.filled)"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr == "input":
            yield node.lineno, text
        held: ast.expr | None = None
        if isinstance(node, ast.Subscript) or (
            isinstance(node, ast.Attribute) and node.attr in ("get", "items", "values")
        ):
            held = node.value
        elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In | ast.NotIn):
            held = node.comparators[0]
        if isinstance(held, ast.Attribute) and held.attr == "data" and not _is_column(held):
            yield node.lineno, text


def _is_column(node: ast.Attribute) -> bool:
    """Whether it is a column of a table, in a statement for the database."""
    return isinstance(node.value, ast.Name) and node.value.id[:1].isupper()


def bare_names(tree: ast.Module, steps: Collection[str]) -> Iterator[tuple[int, str]]:
    """The texts that name a step: of several words wherever they stand, of one word where nothing
    else can be meant."""
    meant = {id(text) for node in ast.walk(tree) for text in _texts_of_steps(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            continue
        if node.value in steps and ("_" in node.value or id(node) in meant):
            yield node.lineno, f"“{node.value}” names a step: use its StepName"


def _texts_of_steps(node: ast.AST) -> Iterator[ast.expr]:
    """The texts that stand where a step is named: in brackets after data or dates, in what is asked
    with a name, and compared with the name of a step."""
    if isinstance(node, ast.Subscript) and _named(node.value) in (*_RAW, "dates"):
        yield from _texts(node.slice)
    elif isinstance(node, ast.Call) and _called(node) in _ASKING:
        yield from (text for argument in node.args for text in _texts(argument))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "get" and _named(node.func.value) in (*_RAW, "dates"):
            yield from (text for argument in node.args[:1] for text in _texts(argument))
    elif isinstance(node, ast.Compare):
        sides = (node.left, *node.comparators)
        if any(_is_name_of_step(side) for side in sides):
            yield from (text for side in sides for text in _texts(side))


def _is_name_of_step(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        of_step = node.attr == "name" and _named(node.value) == "step"
        return of_step or node.attr in (*_RAW, "inputs")
    if isinstance(node, ast.Subscript):  # of a row of the log
        return isinstance(node.slice, ast.Constant) and node.slice.value == "name"
    if isinstance(node, ast.Call):
        return _called(node) == "latest" or (
            isinstance(node.func, ast.Attribute) and _is_name_of_step(node.func.value)
        )
    return isinstance(node, ast.Name) and node.id in ("step", "inputs")


def _texts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.Constant):
        yield node
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for element in node.elts:
            yield from _texts(element)


def _named(node: ast.expr) -> str:
    """The last name of what is named: `data` of `act.case.data`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _called(node: ast.AST) -> str:
    return _named(node.func) if isinstance(node, ast.Call) else ""

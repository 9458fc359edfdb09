"""What a function reads of a case's input (读取的填写项), told from its code.

A fact or a part of a document that takes `act.inputs.application(Lead).act_on`, or
`act.data["application"]["act_on"]`, cannot do without that field; `nuoxin check` asks of every
process that uses it whether its forms have it. Only what is read whatever the case is counts: not
what stands behind a condition, or after a return under one.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from pydantic import BaseModel

from state_machines.language.step_names import StepName

_ROOM = __name__.partition(".")[0]
_MATERIAL = "material"
# What an act holds of its case's input, and what such an attribute is called here.
_HOLDERS = {"data": "data", "inputs": "data", "dates": "date"}
# How the input of a step that must be there is asked for (`Inputs`).
_OPENING, _NEEDED = "application", "needed"


def reads_of(function: Callable[..., Any]) -> frozenset[str]:
    """What the function cannot do without, as `application.address`, or `date:submit`, the day of a
    step. Its first parameter is the act. What the very step says is no more than asked for
    (`act.filled`)."""
    found: set[str] = set()
    if isinstance(function, FunctionType):
        _Reader(function, found).run(("act",))
    return frozenset(found)


def materials_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The items of the materials that the function asks for by key: in what was handed in, of the
    column of that name, or as an argument of that name."""
    if not isinstance(function, FunctionType):
        return ()
    found: list[ast.expr] = []
    for node in ast.walk(_code_of(function)):
        if isinstance(node, ast.Compare) and _is_of_materials(node):
            found += [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            called = function.__globals__.get(node.func.id)
            if isinstance(called, FunctionType):
                names = inspect.signature(called).parameters
                given = zip(names, node.args, strict=False)
                found += [argument for name, argument in given if name == _MATERIAL]
    keys = (one.value for one in found if isinstance(one, ast.Constant))
    return tuple(dict.fromkeys(key for key in keys if isinstance(key, str)))


def _code_of(function: FunctionType) -> ast.FunctionDef | ast.Lambda:
    """The syntax of a function, found in its file by its first line."""
    wanted = ast.Lambda if function.__name__ == "<lambda>" else ast.FunctionDef
    first = function.__code__.co_firstlineno
    for node in ast.walk(_file(inspect.getfile(function))):
        if isinstance(node, wanted):
            begins = min(
                [node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))]
            )
            if begins == first:
                return node
    raise ValueError(f"no code of {function.__qualname__} in its file")


@cache
def _file(path: str) -> ast.Module:
    return ast.parse(Path(path).read_text(encoding="utf-8"))


def _is_of_materials(node: ast.Compare) -> bool:
    other = node.comparators[0]
    if isinstance(other, ast.Call) and isinstance(other.func, ast.Name):
        return other.func.id == "handed_in"
    return isinstance(node.left, ast.Attribute) and node.left.attr == _MATERIAL


# The forms as which something was asked for, by their names in a path.
_FORMS: dict[str, type[BaseModel]] = {}


def _form_path(form: type[BaseModel], step: str) -> str:
    name = f"{form.__module__}.{form.__qualname__}"
    _FORMS[name] = form
    return f"{name}/{step}"


def _always_has(path: str, field: str) -> bool:
    """Whether that is a field of the form that a path stands for, and one that is never left out:
    what a form may say is no more than asked for."""
    form, _, step = path.partition("/")
    known = _FORMS[form].model_fields.get(field) if form in _FORMS and "/" not in step else None
    return known is not None and (known.is_required() or known.default is not None)


@dataclass
class _Reader:
    """Follows one function; `known` says what its names stand for."""

    function: FunctionType
    found: set[str]
    known: dict[str, str] = field(default_factory=dict)
    behind: frozenset[str] = frozenset()

    def run(self, given: Sequence[str | None]) -> None:
        """Read the function as it is called with these arguments."""
        node = _code_of(self.function)
        names = [argument.arg for argument in node.args.args]
        self.known = {name: path for name, path in zip(names, given, strict=False) if path}
        if isinstance(node, ast.Lambda):
            self._look(node.body)
        else:
            self._block(node.body)

    def _block(self, statements: Sequence[ast.stmt]) -> bool:
        """Read what is done in any case; false once it may not be gone on with."""
        for statement in statements:
            if isinstance(statement, ast.Assign):
                self._look(statement.value)
                for target in statement.targets:
                    self._bind(target, statement.value)
            elif isinstance(statement, ast.AnnAssign) and statement.value:
                self._look(statement.value)
                self._bind(statement.target, statement.value)
            elif isinstance(statement, ast.If | ast.While):
                self._look(statement.test)
                if any(isinstance(n, ast.Return | ast.Raise) for n in ast.walk(statement)):
                    return False
            elif isinstance(statement, ast.For):
                self._look(statement.iter)
            elif isinstance(statement, ast.With):
                if not self._block(statement.body):
                    return False
            elif isinstance(statement, ast.Return | ast.Expr):
                self._look(statement.value)
                if isinstance(statement, ast.Return):
                    return False
            elif isinstance(statement, ast.Try | ast.Raise):
                return False
        return True

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=False))
        for name, bound in pairs:
            if isinstance(name, ast.Name):
                self.known.pop(name.id, None)
                if path := self._path(bound):
                    self.known[name.id] = path

    def _look(self, node: ast.expr | None) -> None:
        """Read an expression, and follow the functions of this room that it calls in any case."""
        if node is None or isinstance(node, ast.Lambda):
            return
        path = self._path(node)
        if path and not isinstance(node, ast.Name):
            self._note(path)
        if isinstance(node, ast.IfExp):
            self._look(node.test)
        elif isinstance(node, ast.BoolOp):
            self._look(node.values[0])
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            self._look(node.generators[0].iter)
        else:
            if isinstance(node, ast.Call):
                self._follow(node)
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self._look(child)
                elif isinstance(child, ast.keyword):
                    self._look(child.value)

    def _note(self, path: str) -> None:
        root, *names = path.split("/")
        if (root == "data" or root in _FORMS) and names:
            self.found.add(".".join(names[:2]))
        elif root == "date" and names:
            self.found.add(f"date:{names[0]}")

    def _path(self, node: ast.expr) -> str | None:
        """What an expression stands for: `act`, or of its input, as `data/application/name`, or
        with that form for `data` where it was asked for as a form."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        if isinstance(node, ast.Attribute):
            held = self._path(node.value)
            if held == "act":
                return _HOLDERS.get(node.attr) or ("case" if node.attr == "case" else None)
            if held == "case":
                return "data" if node.attr == "data" else None
            return f"{held}/{node.attr}" if held and _always_has(held, node.attr) else None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            return self._form(node.func, node.args)
        if isinstance(node, ast.Subscript):
            held, key = self._path(node.value), self._key(node.slice)
            return f"{held}/{key}" if held and key and held not in ("act", "case") else None
        return None

    def _key(self, node: ast.expr) -> str | None:
        """The name that stands in brackets, as a text or as that of a step."""
        key = node.value if isinstance(node, ast.Constant) else self._named(node)
        return key if isinstance(key, str) else None

    def _form(self, asked: ast.Attribute, given: Sequence[ast.expr]) -> str | None:
        """What `inputs.application(form)` and `inputs.needed(step)` give."""
        if self._path(asked.value) != "data" or not given:
            return None
        told = self._named(given[0])
        if asked.attr == _OPENING and isinstance(told, type):
            return _form_path(told, _OPENING)
        if asked.attr == _NEEDED and isinstance(told, StepName):
            return _form_path(told.form, told)
        return None

    def _follow(self, node: ast.Call) -> None:
        called = self._called(node.func)
        if called is None or called.__qualname__ in self.behind:
            return
        given = [self._path(argument) for argument in node.args]
        if any(given):
            behind = self.behind | {self.function.__qualname__}
            _Reader(called, self.found, behind=behind).run(given)

    def _called(self, node: ast.expr) -> FunctionType | None:
        found = self._named(node)
        room = getattr(found, "__module__", "").partition(".")[0]
        return found if isinstance(found, FunctionType) and room == _ROOM else None

    def _named(self, node: ast.expr) -> Any:
        """What a name of the module, or of one that it imports, stands for."""
        names: Mapping[str, Any] = self.function.__globals__
        if isinstance(node, ast.Name):
            return names.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            holder = names.get(node.value.id)
            return getattr(holder, node.attr, None) if inspect.ismodule(holder) else None
        return None

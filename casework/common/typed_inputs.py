"""What was filled in at the steps of a case (填写内容), read as the forms of these steps.

It was judged at the door, by the form of the version that the case ran under then. So nothing is
judged here: a value is taken as it stands, and only brought into the type that the form gives it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel

from state_machines.language.step_names import F, StepName

_OPENING = "application"
# By what was given and the form: both what was given and what was read, so that the one stays.
_Read = dict[tuple[int, type[BaseModel]], tuple[Mapping[str, Any], BaseModel]]


def read(form: type[F], given: Mapping[str, Any]) -> F:
    """What was given, as that form.

    Nothing is refused, and what is no part of the form is left out. A field that was not filled in
    has its default; without one a text and a choice are empty, a list has nothing in it, a
    yes-or-no says no, a number is nought, and a day is None. `model_fields_set` says what was
    filled in.
    """
    known = _fields(form)
    filled = {name: known[name][0](value) for name, value in given.items() if name in known}
    blank = {name: make() for name, (_, make) in known.items() if make and name not in filled}
    return form.model_construct(_fields_set=set(filled), **{**blank, **filled})


class Inputs:
    """What a case was opened with, and what was filled in last at each of its steps, in the order
    in which these were last taken. What is read is kept; `data` may go on."""

    def __init__(self, data: Mapping[str, Any], read_before: _Read | None = None) -> None:
        self.data = data
        self._read: _Read = {} if read_before is None else read_before

    def __contains__(self, step: str) -> bool:
        return step in self.data

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def application(self, form: type[F]) -> F:
        """What the case was opened with."""
        return self.of(form, self.data[_OPENING])

    def at(self, step: StepName[F]) -> F | None:
        """What was filled in last at the step; None if it was not taken."""
        return self.of(step.form, self.data[step]) if step in self.data else None

    def needed(self, step: StepName[F]) -> F:
        """The same, of a step that was taken. Raises KeyError if it was not."""
        return self.of(step.form, self.data[step])

    def latest(self, steps: Iterable[StepName[F]]) -> StepName[F] | None:
        """Which of these steps was taken last."""
        known = {str(step): step for step in steps}
        return next((known[name] for name in reversed(list(self.data)) if name in known), None)

    def last(self, steps: Iterable[StepName[F]]) -> F | None:
        """What was filled in at whichever of these steps was taken last; None if none was."""
        step = self.latest(steps)
        return None if step is None else self.at(step)

    def told(self, form: type[F], step: str | None) -> F | None:
        """What was filled in at a step that a declaration names, read as a form that it has in
        common with others; None if it was not taken."""
        return self.of(form, self.data[step]) if step and step in self.data else None

    def saying(self, form: type[F]) -> list[F]:
        """What was filled in wherever all that the form must have was asked for, the application
        included, in order."""
        wanted = {name for name, field in form.model_fields.items() if field.is_required()}
        return [self.of(form, given) for given in self.data.values() if wanted <= set(given)]

    def printed(self, step: str) -> dict[str, Any]:
        """What was filled in at a step, whatever its form, as letters print it."""
        return dict(self.data.get(step, {}))

    def without(self, step: str) -> Inputs:
        """The same without what was filled in at that step."""
        others = {name: given for name, given in self.data.items() if name != step}
        return Inputs(others, self._read)

    def until(self, step: str) -> Inputs:
        """The same without what came after that step."""
        names = list(self.data)
        return Inputs({n: self.data[n] for n in names[: names.index(step) + 1]}, self._read)

    def of(self, form: type[F], given: Mapping[str, Any]) -> F:
        """What was given, as that form; read once."""
        key = (id(given), form)
        if key not in self._read:
            self._read[key] = (given, read(form, given))
        return cast(F, self._read[key][1])


_Reader = Callable[[Any], Any]


@cache
def _fields(form: type[BaseModel]) -> Mapping[str, tuple[_Reader, Callable[[], Any] | None]]:
    """By the name of each field how a value is read, and what it is without one."""
    return {
        name: (_reader(field.annotation), _blank(field.annotation) if field.is_required() else None)
        for name, field in form.model_fields.items()
    }


def _reader(kind: Any) -> _Reader:
    kind = _plain(kind)
    if get_origin(kind) is list:
        inner = _reader(get_args(kind)[0])
        return lambda value: [inner(one) for one in value] if isinstance(value, list) else value
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return lambda value: read(kind, value) if isinstance(value, Mapping) else value
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda value: kind(value) if value in set(kind) else value
    return _day if kind is date else lambda value: value


def _blank(kind: Any) -> Callable[[], Any]:
    kind = _plain(kind)
    if get_origin(kind) is Literal:
        kind = type(get_args(kind)[0])
    if get_origin(kind) is list:
        return list
    if kind in (bool, int):
        return cast(Callable[[], Any], kind)
    return str if isinstance(kind, type) and issubclass(kind, str) else lambda: None


def _plain(kind: Any) -> Any:
    """A type without its annotations, and without being left out."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        kind = next(inner for inner in get_args(kind) if inner is not NoneType)
    return kind


def _day(value: Any) -> date | None:
    """A date from its text; None for what is none."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        return None

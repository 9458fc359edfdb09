"""Names of steps (步骤名), each with the form that is filled in at it.

Whoever refers to a step names it by the object that its topic declares beside the forms, never by a
bare text. So a misspelt name is no name at all, and what was filled in is known to be that form.
"""

from __future__ import annotations

from typing import Generic, TypeVar

from pydantic import BaseModel

F = TypeVar("F", bound=BaseModel)
_Form = TypeVar("_Form", bound=BaseModel, covariant=True)


class StepName(str, Generic[_Form]):
    """A step's name, and what is filled in at it: that form or one that asks for more, in some
    process that has such a step. `nuoxin check` finds a name that none has; one that only cases of
    older versions know is `former`."""

    form: type[_Form]
    former: bool

    def __new__(cls, name: str, form: type[_Form], *, former: bool = False) -> StepName[_Form]:
        """The name of the step that is filled in on that form."""
        step_name = super().__new__(cls, name)
        step_name.form, step_name.former = form, former
        return step_name

    def __getnewargs_ex__(self) -> tuple[tuple[str, type[_Form]], dict[str, bool]]:
        return (str(self), self.form), {"former": self.former}

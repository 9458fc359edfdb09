"""Parts of documents (文书要素): what stands under one first name in a Word template.

A part is declared once, where it is made: the type that its function returns says what it supplies,
its code what it cannot do without. Templates are checked against both (`nuoxin check`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from casework.acts.act import Act
from casework.common.fields_read import reads_of
from state_machines.language.topics import modules_named
from state_machines.language.vocabulary import Guard
from state_machines.verification import PartKnowledge, Presence


@dataclass(frozen=True)
class Part:
    """A part: `read` makes it for an act; with a `presence` it is an empty text where that does not
    hold; one of the `guards` refuses a step where it is not there. `prints` are steps whose input
    stands under it as well. `sources` says where single fields come from that are left out where
    nothing gives them."""

    read: Callable[[Act], Any]
    presence: Presence | None = None
    prints: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    guards: tuple[Guard, ...] = ()

    @property
    def known(self) -> PartKnowledge:
        """What a verification has to know of it."""
        returned = get_type_hints(self.read)["return"]
        fields = None if returned is Any else frozenset(_fields(returned, ""))
        reads = reads_of(self.read)
        guards = tuple(guard.name for guard in self.guards)
        return PartKnowledge(fields, self.prints, self.sources, reads, self.presence, guards)


Parts = Mapping[str, Part]


def _fields(kind: Any, path: str) -> Iterator[str]:
    """The paths that a type has below it."""
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        for arg in get_args(kind):
            yield from _fields(arg, path)
    elif is_typeddict(kind):
        for name, inner in get_type_hints(kind).items():
            yield from _fields(inner, f"{path}.{name}")
    elif origin in (list, tuple):
        yield path
        yield from _fields(get_args(kind)[0], f"{path}[]")
    elif origin is dict:
        yield from _fields(get_args(kind)[1], f"{path}.*")
    elif path:
        yield path


@cache
def parts() -> Parts:
    """Every part by its first name: what the `papers.py` of the topics bring."""
    topics = modules_named("papers", "casework")
    return {name: part for topic in topics for name, part in topic.PARTS.items()}

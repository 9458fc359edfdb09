"""What a verification gives back, and what it has to be told about the rest of the house."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from state_machines.language.vocabulary import Guard
from state_machines.verification.hints import HINTS

# What the back office adds to the input of every step: its legal date, and what was issued by then.
ADDED_FIELDS = frozenset({"on", "checked_on", "documents"})

# The name under which a process keeps the input of the form that opened it.
OPENING = "application"


@dataclass(frozen=True, order=True)
class Finding:
    """One hole in a declaration: where, of what kind (a stable code), and the story of it.

    `file` is where to put it right, as a path from the root of the tree; `hint` says how.
    """

    process: str
    kind: str
    message: str
    file: str = ""

    @property
    def hint(self) -> str:
        """What to do about it."""
        return HINTS[self.kind]

    def __str__(self) -> str:
        where = f"{self.file}: {self.process}" if self.file else self.process
        return f"{where}: {self.message} [{self.kind}] → {self.hint}"


@dataclass(frozen=True)
class DocumentKnowledge:
    """What is known of a document (文书) in the catalogue.

    `template_fields` are the dotted fields its Word template prints, as in
    `request_supplement.items[].what`; a bare `recheck` is a question whether that step was taken.
    None when the template is missing. `style` names its series of numbers, `matter` whose authority
    issues it, `label` is its title.
    """

    template_fields: frozenset[str] | None
    style: str = "none"
    matter: str = ""
    label: str = ""


@dataclass(frozen=True)
class Presence:
    """When a part of a document is there: if one of these holds on every way to the step.

    `steps`: one of them was taken. `forms`: a step was taken whose form has one of these fields.
    `documents`: one of them was issued. `fields`: the opening form has one of them. `relations`:
    there is such a related case, or the case is one. `styles`: the document bears a number of such
    a series. `matter`: the case is about a matter. `opens`, `extends`: the very step opens a case,
    or extends a clock.
    """

    steps: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()
    matter: bool = False
    opens: bool = False
    extends: bool = False


@dataclass(frozen=True)
class PartKnowledge:
    """What the back office supplies to documents under one first name (文书要素), whatever the
    process. Every other first name in a template is a step, whose input it prints.

    `fields` are the paths below it, as `.name` or `[].title`, a `*` for any name; None if it prints
    what a file holds. `prints` are the steps whose own fields stand under it as well. `sources`
    says of single fields where they come from, `application.field` or the name of a step, one of
    which is enough. `reads` is what the part cannot do without (`FactKnowledge`). Without
    `presence` it is always there. A step under one of the `guards`, by name, is refused where it is
    not.
    """

    DRAFTS: ClassVar = "drafts"  # stands for every step that gives a draft to be approved
    PERSON: ClassVar = "a person"  # a source: that some person takes the step

    fields: frozenset[str] | None
    prints: tuple[str, ...] = ()
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reads: frozenset[str] = frozenset()
    presence: Presence | None = None
    guards: tuple[str, ...] = ()


@dataclass(frozen=True)
class FactKnowledge:
    """What gathers one type of fact: what it cannot do without, as `application.field`,
    `step.field` or `date:step`; and the `materials` it looks for."""

    reads: frozenset[str] = frozenset()
    materials: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """All that declarations name and do not hold themselves.

    Of the rulebook: keys of `limits`, of `reminders` and of other `settings`, `documents` with the
    fields of their templates, `matters`, the items of each list of `materials`, `place_kinds`,
    `credit_kinds`, and the `series` of numbers that there is a pattern for. Of the back office:
    `parts` of documents, what gathers each type of fact (`facts`), `registers` of publication,
    `carried_out` effects, and the processes by which public places are licensed or filed, by the
    treatment of their kind (`place_processes`). Of the law: the kinds of evidence, and the `gates`,
    conditions that every version has, by `process.step`.
    """

    limits: Collection[str]
    reminders: Collection[str]
    documents: Mapping[str, DocumentKnowledge]
    settings: Collection[str]
    matters: Collection[str]
    materials: Mapping[str, Collection[str]]
    place_kinds: Collection[str]
    credit_kinds: Collection[str]
    series: Collection[str]
    parts: Mapping[str, PartKnowledge]
    facts: Mapping[type, FactKnowledge]
    registers: Collection[str]
    carried_out: Collection[str]
    place_processes: Mapping[str, str]
    evidence_kinds: Collection[str]
    gates: Mapping[str, tuple[Guard, ...]]

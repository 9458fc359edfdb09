"""The start page of a party (我的事): what is its turn now, its licences, what is under way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.html.site import Visit, acting
from api.portal import plain
from casework import reading
from casework.licensing.licence_renewal.chain import licences_of
from casework.parts.promise.reading import awaiting_promise
from casework.people import kept_forms
from casework.reading import CaseLine, Wanted
from casework.reading.inbox import unread
from rulebook.models import PlaceKind
from state_machines.language.vocabulary import Role
from state_machines.licensing.treatments import PLACE_PROCESSES
from state_machines.parts.promise.forms import COMMIT, STUDY
from state_machines.processes import PROCESSES

_SHOWN = 50


@dataclass(frozen=True)
class Task:
    """Something that waits for the party: its case, and what is to be done."""

    line: CaseLine
    what: str


def show(visit: Visit) -> Response:
    """The start page of somebody who acts for parties only."""
    office, actor = visit.office, acting(visit)
    with visit.session() as session:
        wanted = Wanted(queue="open", licences=False)
        page = reading.cases(office, session, actor, wanted, limit=_SHOWN)
        held = licences_of(office, session, actor)
        tasks = _tasks(session, page.cases)
        drafts = kept_forms.drafts_counted(session, actor.person_id, visit.now)
        messages = unread(office, session, actor)
        kinds = office.rules.current(session).place_kinds(visit.today, "")
    busy = {task.line.number for task in tasks}
    return visit.page(
        "my_start.html",
        tasks=tasks,
        held=held,
        under_way=_said(visit, [line for line in page.cases if line.number not in busy]),
        further=page.next_cursor is not None,
        kinds=_kinds(kinds),
        messages=messages,
        drafts=drafts,
        begins_with=not (held or page.cases),
    )


def _said(visit: Visit, lines: Sequence[CaseLine]) -> list[tuple[CaseLine, str]]:
    return [(line, plain.sentence(line, visit.today)) for line in lines]


def _tasks(session: Session, lines: Sequence[CaseLine]) -> list[Task]:
    """What waits for the party, in the order given."""
    awaited = {line.number: _awaited(line) for line in lines if line.mine}
    promising = {
        number for number, steps in awaited.items() if steps and set(steps) <= {STUDY, COMMIT}
    }
    due = awaiting_promise(session, promising) if promising else frozenset()
    return [
        Task(line, _what(line, awaited[line.number]))
        for line in lines
        if awaited.get(line.number) and (line.number not in promising or line.number in due)
    ]


def _awaited(line: CaseLine) -> Mapping[str, str]:
    """The steps that a case waits for from its party, each with what it is called."""
    process = PROCESSES.get(line.process)  # none for what only an older release declared
    return {
        step.name: step.label
        for step in (process.every_step if process else ())
        if step.awaited_in(line.state) and Role.APPLICANT in step.roles_in(line.state)
    } or {"": plain.told(line)}


def _what(line: CaseLine, steps: Mapping[str, str]) -> str:
    """What is to be done, in plain words."""
    if COMMIT in steps:
        return "阅读告知书，签署承诺书"
    if line.state == "draft":
        return f"上传材料，{next(iter(steps.values()))}"
    return "、".join(steps.values())


def _kinds(kinds: Sequence[PlaceKind]) -> list[tuple[str, list[tuple[PlaceKind, str]]]]:
    """The kinds of place by their group, each with the process that it begins with, if any."""
    return [
        (group, [(kind, PLACE_PROCESSES.get(kind.treatment, "")) for kind in some])
        for group, some in groupby(kinds, key=lambda kind: kind.group)
    ]

"""The draft of a decision beside the one before it (送审稿对照), for who reviews or decides it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import find
from casework.acts.actors import Actor
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import read
from casework.kernel.office import Office
from casework.models import Case, LogRow
from state_machines.language.vocabulary import Binding, Process
from state_machines.parts.approvals.measures import Measure, in_words
from state_machines.parts.panel.forms import VOTE

_MARKS = re.compile(r"[0-9.]+|.", re.DOTALL)  # what changes as a whole: a sum, or one character


@dataclass(frozen=True)
class DraftPart:
    """One part of the draft: as it is now, as it was, and whether the two differ."""

    title: str
    now: str
    was: str
    changed: bool

    @property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """The part as it is now, with what was struck out and put in since: texts, each `kept`,
        `out` or `in`."""
        found: list[tuple[str, str]] = []
        was, now = _MARKS.findall(self.was), _MARKS.findall(self.now)
        match = SequenceMatcher(None, was, now, autojunk=False)
        for kind, a, b, c, d in match.get_opcodes():
            before, after = "".join(was[a:b]), "".join(now[c:d])
            if kind == "equal":
                found.append(("kept", after))
            else:
                found += [change for change in (("out", before), ("in", after)) if change[1]]
        return tuple(found)


@dataclass(frozen=True)
class DraftView:
    """The draft as it stands, with the step and legal date it comes from, and the one before."""

    label: str
    on: date
    parts: tuple[DraftPart, ...]
    previous_label: str
    previous_on: date | None


def draft_view(
    office: Office, session: Session, actor: Actor, number: str, step: str
) -> DraftView | None:
    """The draft that a step of the case looks at; None for the party, and for steps that look at
    none. Raises NotFound."""
    case, reader = find(office, session, actor, number)
    process = office.versions.by_digest(session, case.version_digest)
    binds = bindings_of(process, step)
    if not reader.serves(case) or not binds:
        return None
    rows = _drafted(session, case, binds)
    if not rows:
        return None
    now, was = rows[0], rows[1] if len(rows) > 1 else None
    parts = dict.fromkeys(part for bind in binds for part in bind.parts)
    form = (process.step(now.header["name"]).form or {}).get("properties", {})
    before = was.payload.get("input", {}) if was else {}
    return DraftView(
        label=_label(process, now),
        on=_day(now),
        parts=tuple(
            _part(
                str(form.get(part, {}).get("title", part)),
                now.payload.get("input", {}),
                before,
                part,
            )
            for part in parts
        ),
        previous_label=_label(process, was) if was else "",
        previous_on=_day(was) if was else None,
    )


def latest_draft(
    session: Session, case: Case, binds: Sequence[Binding]
) -> Mapping[str, Any] | None:
    """What the draft that an approval looks at says now; None if there is none yet."""
    rows = _drafted(session, case, binds)
    draft: Mapping[str, Any] = rows[0].payload.get("input", {}) if rows else {}
    return draft or None


def _drafted(session: Session, case: Case, binds: Sequence[Binding]) -> Sequence[LogRow]:
    """The rows of the latest draft and of the one before it."""
    drafting = {name for bind in binds for name in bind.drafts}
    return session.scalars(
        select(LogRow)
        .where(
            LogRow.case_id == case.id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(drafting),
        )
        .order_by(LogRow.seq.desc())
        .limit(2)
    ).all()


def bindings_of(process: Process, step: str) -> list[Binding]:
    """What binds the decision that a step approves, votes on, ends or takes; nothing for a step
    that looks at no draft."""
    decisions = {
        name
        for bind in process.binds
        if step == VOTE or step in (*bind.by, *bind.lapses, *bind.bound)
        for name in bind.bound
    }
    return [bind for bind in process.binds if decisions & set(bind.bound)]


def _part(title: str, now: Mapping[str, Any], before: Mapping[str, Any], part: str) -> DraftPart:
    is_now, was = _text(now.get(part, "")), _text(before.get(part, ""))
    return DraftPart(title, is_now, was, bool(before) and is_now != was)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "\n".join(in_words(read(Measure, one)) for one in value)
    return str(value)


def _label(process: Process, row: LogRow) -> str:
    return process.step(row.header["name"]).label


def _day(row: LogRow) -> date:
    """The legal date of a row."""
    return legal_date(datetime.fromisoformat(row.header["effective_at"]))

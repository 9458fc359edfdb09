"""The draft of a decision beside the one before it (送审稿对照), for who reviews or decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import find
from casework.acts.actors import Actor
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import read
from casework.kernel.office import Office
from casework.models import LogRow
from state_machines.language.vocabulary import Binding, Process
from state_machines.parts.approvals.measures import Measure, in_words
from state_machines.parts.panel.forms import VOTE


@dataclass(frozen=True)
class DraftPart:
    """One part of the draft: as it is now, as it was, and whether the two differ."""

    title: str
    now: str
    was: str
    changed: bool


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
    binds = _concerning(process, step)
    if not reader.serves(case) or not binds:
        return None
    drafting = {name for bind in binds for name in bind.drafts}
    rows = session.scalars(
        select(LogRow)
        .where(
            LogRow.case_id == case.id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(drafting),
        )
        .order_by(LogRow.seq.desc())
        .limit(2)
    ).all()
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


def _concerning(process: Process, step: str) -> list[Binding]:
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

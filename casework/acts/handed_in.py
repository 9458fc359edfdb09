"""What was handed in for a case (申请材料), as several topics read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from casework.acts.act import Act
from casework.models import Attachment, LogRow
from rulebook.models import Material
from state_machines.language.vocabulary import Role

# By whose hand a paper of the party comes: its own, or over the counter.
OF_PARTY = (Role.APPLICANT, Role.WINDOW_CLERK)


# What officers put on file, or the party later on: no application lacks it.
NOT_APPLIED_WITH = ("look_picture", "conditions_proof")
# Made once: to make an alias costs as much as a small statement.
_SCAN: Any = aliased(Attachment)


def listed(act: Act) -> tuple[Material, ...]:
    """The items of the materials list that the process goes by."""
    if act.process.materials is None:
        return ()
    return act.rules.materials(act.process.materials, act.day, act.region).items


def handed_in(act: Act) -> set[str]:
    """Keys of the items for which something came in."""
    return {attachment.material for attachment in act.dossier.attachments}


def handed_in_since(act: Act, header: Mapping[str, Any]) -> set[str]:
    """Keys of the items for which something came in after a row of the log was written."""
    recorded = datetime.fromisoformat(header["recorded_at"])
    return {
        attachment.material
        for attachment in act.dossier.attachments
        # By the order of the log, where clocks may tell another one; what was kept before the log
        # told of files has no place in it.
        if (attachment.log_seq is not None and attachment.log_seq > header["seq"])
        or attachment.received_at >= recorded
    }


def kept_since(act: Act, material: str, seq: int) -> list[Attachment]:
    """The files for that item that came in after a row of the log, in order.

    What was kept before the log told of files has no place in it, and proves nothing later.
    """
    return [
        attachment
        for attachment in act.dossier.attachments
        if attachment.material == material
        and attachment.log_seq is not None
        and attachment.log_seq > seq
    ]


def used_elsewhere(
    act: Act, kept: Sequence[Attachment], steps: Collection[str], *which: ColumnElement[bool]
) -> dict[str, str]:
    """When another case first took one of these steps on one of these scans, by the scan's digest;
    `which` says more of the rows of these steps. A case that merely holds it used nothing."""
    if not kept:
        return {}
    recorded = LogRow.header["recorded_at"].as_string()
    entries = (
        select(_SCAN.digest, recorded)
        .join(LogRow, LogRow.case_id == _SCAN.case_id)
        .where(
            _SCAN.material.in_({attachment.material for attachment in kept}),
            _SCAN.digest.in_([attachment.digest for attachment in kept]),
            _SCAN.case_id != act.case.id,
            LogRow.seq > _SCAN.log_seq,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(steps),
            *which,
        )
        .order_by(LogRow.id.desc())
    )
    return dict(act.session.execute(entries).tuples().all())


def of_this_matter(
    act: Act, kept: Sequence[Attachment], steps: Collection[str]
) -> list[Attachment]:
    """Those of these scans by which no case of another matter took one of these steps: a paper
    proves what it is of, and nothing else besides."""
    family = [relative.id for relative in act.dossier.family]
    used = used_elsewhere(act, kept, steps, LogRow.case_id.not_in(family))
    return [attachment for attachment in kept if attachment.digest not in used]


def labels(act: Act) -> dict[str, str]:
    """What each item of the materials list is called."""
    return {item.key: item.label for item in listed(act)}


def day_of(text: str | None) -> date | None:
    """A date as a form carries it, or None if it was left empty."""
    return date.fromisoformat(text) if text else None

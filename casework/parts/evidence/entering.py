"""Entering evidence (登记、更换、撤回证据): by the one door, and never silently over another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from casework.acts.act import Act
from casework.acts.actors import Actor
from casework.common.problems import BadInput, NotFound, StaleVersion
from casework.documents.attachments import checked
from casework.kernel import engine
from casework.kernel.office import Office
from casework.models import Case, Evidence
from casework.parts.evidence.collect import certified
from casework.parts.evidence.register import KeptFile, latest, put, rows_of
from state_machines.language.vocabulary import Step
from state_machines.parts.evidence.forms import Aspect, Review, Withdrawal
from state_machines.parts.evidence.part import ADD, REPLACE, REVIEW, WITHDRAW


def add(
    office: Office,
    actor: Actor,
    number: str,
    item: Any,
    file: tuple[str, bytes] | None = None,
    *,
    key: str | None = None,
) -> Evidence:
    """Enter a new item, with its file (name and bytes) or the description of a thing.

    Raises a Problem that says what is wrong: NotFound, NotAllowed, BadInput, TooLarge, or
    GuardRefused with the article.
    """
    return _enter(office, actor, number, None, ADD, item, file, key)


def replace(
    office: Office,
    actor: Actor,
    number: str,
    n: int,
    item: Any,
    file: tuple[str, bytes] | None = None,
    *,
    key: str | None = None,
) -> Evidence:
    """Enter a later version of item `n`, with the reason; what it takes the place of stays.

    Raises as `add`, and StaleVersion if `replaces` is not the latest version of the item.
    """
    return _enter(office, actor, number, n, REPLACE, item, file, key)


def withdraw(
    office: Office, actor: Actor, number: str, n: int, given: Any, *, key: str | None = None
) -> Evidence:
    """Withdraw item `n`, with the reason; it stays in the register. Raises as `replace`."""
    return _enter(office, actor, number, n, WITHDRAW, given, None, key)


def review(
    office: Office, actor: Actor, number: str, n: int, given: Any, *, key: str | None = None
) -> Evidence:
    """Enter that somebody else looked at what a device recorded, in law or in technique. Raises as
    `replace`."""
    return _enter(office, actor, number, n, REVIEW, given, None, key)


def _enter(
    office: Office,
    actor: Actor,
    number: str,
    n: int | None,
    entry: Step,
    given: Any,
    upload: tuple[str, bytes] | None,
    key: str | None,
) -> Evidence:
    file = KeptFile(*checked(*upload), upload[1]) if upload else None
    beside: dict[str, Any] = {"item": n, "file": None}
    if file:
        beside["file"] = {"filename": file.filename, "sha256": file.digest}

    def work(act: Act) -> None:
        before = _item(act, n) if n is not None else None
        said = dict(act.input)
        for name in beside:
            said.pop(name)
        if entry is WITHDRAW and before is not None:
            put(
                act,
                n,
                {**before.said, "reason": said["reason"]},
                withdrawn=True,
            )
        elif entry is REVIEW and before is not None:
            put(act, n, _reviewed(act, before), file=_same_file(act, before))
        else:
            said.pop("replaces", None)
            blank = {"reason": "", "legal_review": "", "technical_review": ""}
            put(act, n, {**blank, **said, "collectors": certified(act)}, file=file)
        engine.tell(act, "evidence", {"input": {}})

    outcome = office.enter(number, entry, given, actor, work, beside=beside, key=key)
    with office.database.session() as session:
        evidence = session.scalars(
            select(Evidence)
            .join(Case, Case.id == Evidence.case_id)
            .where(Case.number == number, Evidence.case_version == outcome.version)
        ).one()
        session.expunge(evidence)
        return evidence


def _reviewed(act: Act, before: Evidence) -> dict[str, Any]:
    """What is said of the item, with what its reviewer says."""
    [reviewer] = act.execution.officers
    said = act.filled(Review)
    aspect, opinion = said.aspect.value, said.opinion
    field = "legal_review" if said.aspect == Aspect.LEGAL else "technical_review"
    return {
        **before.said,
        field: f"{reviewer.name}，{act.day.isoformat()}：{opinion}",
        "reviewers": {**before.said.get("reviewers", {}), aspect: reviewer.name},
        "reason": aspect,
    }


def _same_file(act: Act, before: Evidence) -> KeptFile | None:
    kept = act.session.get_one(Evidence, before.id, options=[undefer(Evidence.content)])
    if kept.content is None:
        return None
    return KeptFile(kept.filename or "", kept.media_type or "", kept.digest or "", kept.content)


def _item(act: Act, n: int) -> Evidence:
    """The latest version of an item, if that is what the entry is about. Raises NotFound,
    StaleVersion, and BadInput for one that was withdrawn."""
    row = latest(rows_of(act.session, act.case.id)).get(n)
    if row is None:
        raise NotFound(f"本案证据登记中没有 {n} 号证据")
    if row.withdrawn:
        raise BadInput(f"{n} 号证据已经撤回，不能再变动；需要的，另行登记", law=act.step.law)
    if row.version != act.filled(Withdrawal).replaces:
        raise StaleVersion(
            f"{n} 号证据已由他人更换为第 {row.version} 版，请刷新后核对", current=row.version
        )
    return row

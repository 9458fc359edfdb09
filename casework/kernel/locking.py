"""Locking a case (锁定) with its relatives, in order of id, so that nobody waits in a circle."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from casework.acts.act import Context
from casework.acts.dossier import forget_all
from casework.common.database import is_held
from casework.common.problems import CaseBusy, no_such_case
from casework.kernel.doors import families_moved
from casework.models import Case
from state_machines.language.vocabulary import Process

# Statements that every step sends, put together once.
_ITSELF = aliased(Case)
_FAMILY = (
    select(func.coalesce(_ITSELF.family_id, _ITSELF.id))
    .where(_ITSELF.number == bindparam("number"))
    .scalar_subquery()
)
LOCK_ELDEST = select(Case.id).where(Case.id == _FAMILY).with_for_update(of=Case, skip_locked=True)
_OF_FAMILY = (Case.id == _FAMILY) | (Case.family_id == _FAMILY)


def _locking(which: ColumnElement[bool]) -> Select[tuple[Case]]:
    """The query that locks these cases, in order of id, and reads them anew."""
    return (
        select(Case)
        .where(which)
        .order_by(Case.id)
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    )


_LOCK_FAMILY = _locking(_OF_FAMILY)


def locked(context: Context, number: str, step: str = "") -> tuple[Case, Sequence[Case], Process]:
    """The case and all its relatives, locked in order of id: a step may move them, and what it
    judges or prints of them must be as up to date as the case itself. With them those of other
    families that taking this step may move.

    Raises NotFound if there is no such case, CaseBusy if somebody else holds one of them.
    """
    lock = _LOCK_FAMILY
    if tied := families_moved(context.session, number, step):
        others = Case.id.in_(tied) | Case.family_id.in_(tied)
        lock = _locking(_OF_FAMILY | others)
    try:
        cases = context.session.scalars(lock, {"number": number}).all()
    except DBAPIError as error:
        if is_held(error):
            raise CaseBusy(number) from error
        raise
    forget_all(context.session)  # what was read before is not what the lock found
    case = next((case for case in cases if case.number == number), None)
    if case is None:
        raise no_such_case(number)
    return case, cases, context.versions.by_digest(context.session, case.version_digest)

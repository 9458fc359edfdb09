"""Lists of cases (案件列表): a desk's queue by urgency, or all one may see, newest first."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.finding import is_among
from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.common.database import MOST_COUNTED
from casework.kernel.office import Office
from casework.models import Case, Party
from casework.reading.lists.case_lines import CaseLine, shown_in_order
from casework.reading.lists.narrowing import MOST_EXPORTED, way_to
from casework.reading.lists.places import Place, Way, places
from casework.reading.lists.wanted import ALL, ALWAYS, Wanted, bad, near_spans

MOST = 100
MOST_FOUND = 200  # of what somebody typed, no more are counted
MOST_SORTED = 2000  # cases that are put by what no index has them in order of


@dataclass(frozen=True)
class CasePage:
    """A page of a list. `next_cursor` asks for the one after it; None on the last."""

    cases: tuple[CaseLine, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Counts:
    """How many open cases of a list are late, due today, due later this week, and how many there
    are in all; each counted no further than to one more than `most`."""

    late: int
    today: int
    week: int
    total: int
    most: int


@dataclass(frozen=True)
class WorkPage(CasePage):
    """A page of a list with what its desk wants to know of the whole: `counts` whatever last days
    are wanted, `found` cases that meet all that is wanted (as far as counted), and whether only the
    first `MOST_SORTED` were put in order."""

    counts: Counts
    found: int
    cut: bool


def cases(
    office: Office,
    session: Session,
    actor: Actor,
    wanted: Wanted = ALL,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> CasePage:
    """The cases the actor may see, as wanted. Raises BadInput."""
    reader = reader_of(office, session, actor)
    way = way_to(office, session, reader, wanted)
    after, size = _read_cursor(cursor), max(1, min(limit, MOST))
    found, _ = _in_order(session, way, wanted, after, size + 1)
    lines = shown_in_order(office, session, reader, found[:size])
    return CasePage(lines, _cursor_after(found, size))


def worklist(
    office: Office,
    session: Session,
    actor: Actor,
    wanted: Wanted,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> WorkPage:
    """The same with what there is in all. Raises BadInput."""
    reader = reader_of(office, session, actor)
    way = way_to(office, session, reader, wanted)
    counts, first_ones = _counted(session, way, wanted.q)
    after, size = _read_cursor(cursor), max(1, min(limit, MOST))
    if after or way.due or way.by != "due" or _resorted(wanted, way):
        found, cut = _in_order(session, way, wanted, after, size + 1)
    else:
        found, cut = first_ones[: size + 1], False
    lines = shown_in_order(office, session, reader, found[:size])
    total = _total(session, way, wanted, counts)
    return WorkPage(lines, _cursor_after(found, size), counts, total, cut)


def exported(
    office: Office, session: Session, actor: Actor, wanted: Wanted
) -> tuple[tuple[CaseLine, ...], bool]:
    """The lines of a list in its order, and whether there are more than the `MOST_EXPORTED` that
    are given. Raises BadInput."""
    reader = reader_of(office, session, actor)
    way = way_to(office, session, reader, wanted)
    found, cut = _in_order(session, way, wanted, None, MOST_EXPORTED + 1)
    lines = shown_in_order(office, session, reader, found[:MOST_EXPORTED])
    return lines, cut or len(found) > MOST_EXPORTED


def places_of(
    office: Office, session: Session, reader: Reader, wanted: Wanted, most: int
) -> list[int]:
    """The ids of the cases of a list, most urgent or newest first, at most so many."""
    way = way_to(office, session, reader, wanted)
    return [case_id for _, case_id in places(session, way, wanted.q, None, most)]


def count_late(office: Office, session: Session, actor: Actor) -> int:
    """How many cases that the actor may see are late, no further than one more than
    `MOST_COUNTED`."""
    reader = reader_of(office, session, actor)
    return len(places_of(office, session, reader, Wanted(due="late"), MOST_COUNTED + 1))


def _resorted(wanted: Wanted, way: Way) -> bool:
    """Whether it is put by what no index has it in order of."""
    return wanted.sort == "party" or (wanted.sort == "opened" and way.by != "opened")


def _in_order(
    session: Session, way: Way, wanted: Wanted, after: Place | None, most: int
) -> tuple[list[Place], bool]:
    """The next places of the list as it is to be put, and whether only the first were."""
    if not _resorted(wanted, way):
        return places(session, way, wanted.q, after, most), False
    found = places(session, way, wanted.q, None, MOST_SORTED + 1)
    known = {
        case_id: put_by for put_by, case_id in [*found[:MOST_SORTED], *([after] if after else [])]
    }
    rows = session.execute(
        select(Case.id, Case.opened_at, Party.name)
        .join(Party, Party.id == Case.party_id)
        .where(is_among(Case.id, known))
    ).all()
    by_name = wanted.sort == "party"
    # In this code the common characters stand by their sound, as in a telephone book.
    rows = sorted(
        rows, key=lambda row: (row.name.encode("gb18030") if by_name else row.opened_at, row.id)
    )
    if not by_name:
        rows.reverse()
    ids = [row.id for row in rows]
    rest = ids[ids.index(after[1]) + 1 :] if after and after[1] in ids else ids
    return [(known[one], one) for one in rest[:most]], len(found) > MOST_SORTED


def _counted(session: Session, way: Way, q: str | None) -> tuple[Counts, list[Place]]:
    """How many open cases there are, and the first of them in order."""
    most = MOST_FOUND if q and q.strip() else MOST_COUNTED
    opened = way.on(ALWAYS)
    if not way.queue:
        still = [*way.narrow, Case.ended_at.is_(None)]
        opened = replace(opened, queue="open", by="due", narrow=still)
    found = places(session, opened, q, None, most + 1)
    today = way.reader.today
    near = near_spans(today)
    if len(found) <= most:
        numbers = {due: sum(day in days for day, _ in found) for due, days in near.items()}
    else:
        numbers = {
            due: len(places(session, opened.on(days), q, None, most + 1))
            for due, days in near.items()
        }
    return Counts(**numbers, total=len(found), most=most), found


def _total(session: Session, way: Way, wanted: Wanted, counts: Counts) -> int:
    """How many cases meet all that is wanted."""
    if way.queue and wanted.due is None:
        return counts.total
    if wanted.due in ("late", "today", "week"):
        return int(getattr(counts, wanted.due))
    return len(places(session, way, wanted.q, None, counts.most + 1))


def _cursor_after(found: Sequence[Place], size: int) -> str | None:
    """What asks for the page after the first so many; None if that was all."""
    if len(found) <= size:
        return None
    put_by, case_id = found[size - 1]
    return urlsafe_b64encode(json.dumps([put_by.isoformat(), case_id]).encode()).decode()


def _read_cursor(cursor: str | None) -> Place | None:
    """The place after which a page begins. Raises BadInput."""
    if not cursor:
        return None
    try:
        said, number = json.loads(urlsafe_b64decode(cursor.encode()))
        if not (isinstance(number, int) and 0 < number < 2**63):
            raise ValueError
        put_by = datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said)
        return put_by, number
    except (ValueError, TypeError):
        raise bad("cursor", "翻页标记无效，请从第一页重新查看") from None

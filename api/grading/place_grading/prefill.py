"""What officers need not type (预填) on the scoring sheet of a place (量化分级评分表)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.cases.prefilling import Desk
from api.html.form_fields import Guide, Option
from api.html.site import Visit
from casework.models import Authority, Case
from casework.reading import CaseView
from rulebook.models import GradingItem
from state_machines.grading.place_grading.process import PLACE_GRADING


def labels(visit: Visit, session: Session, case: CaseView) -> dict[str, dict[str, str]]:
    """What the items of the sheet are called, by key."""
    if case.process != PLACE_GRADING.key:
        return {}
    return {"item": {item.key: _label(item) for item in _items(visit, session, case)}}


def _sheet(desk: Desk) -> Guide:
    """Every item that this kind of place is scored by; after it was sent back, as it was."""
    items = _items(desk.visit, desk.session, desk.case)
    before = desk.given("score")
    return Guide(
        begin=before or {"marks": [{"item": item.key} for item in items]},
        options={"marks.*.item": [Option(item.key, _label(item)) for item in items]},
        fixed=frozenset({"marks.*.item"}),
        note="※为关键项，只能评满分或者0分，有一项不符合即不予评级。场所没有的项目（注明“可以缺项”的）"
        "得分不填。扣分的写明现场情况。",
    )


def _items(visit: Visit, session: Session, case: CaseView) -> list[GradingItem]:
    authority = session.scalars(
        select(Authority)
        .join(Case, Case.authority_id == Authority.id)
        .filter(Case.number == case.number)
    ).one()
    table, _ = visit.office.rules.current(session).grading_table(visit.today, authority.region)
    kind = case.data.get("application", {}).get("place_kind", "")
    return [item for part in table.parts_for(kind) for item in part.items]


def _label(item: GradingItem) -> str:
    mark = "※" if item.vital else ""
    return f"{mark}{item.text}（满分{item.points}分{'，可以缺项' if item.optional else ''}）"


STEPS: Mapping[str, Callable[[Desk], Guide]] = {f"{PLACE_GRADING.key}.score": _sheet}

"""What a legal review begins with (预填): its questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.cases.prefilling import Desk, Prefiller
from api.html.form_fields import Guide


def _review(desk: Desk) -> Guide:
    return Guide(
        begin={"checklist": _questions(desk), "opinion": "审核通过"},
        fixed=frozenset({"checklist.*.item"}),
        whole=frozenset({"checklist"}),
        hints={"checklist": "逐项作出结论；有一项不符合的，不能通过，应当退回"},
    )


def _return(desk: Desk) -> Guide:
    return Guide(
        begin={"checklist": _questions(desk)},
        fixed=frozenset({"checklist.*.item"}),
        whole=frozenset({"checklist"}),
        hints={"checklist": "标明不符合的项目和理由"},
    )


def _questions(desk: Desk) -> list[dict[str, Any]]:
    """What every legal review answers (国办发〔2018〕118号), by the authority's rule."""
    visit = desk.visit
    rules = visit.office.rules.current(desk.session)
    region = desk.given("application").get("region", "")
    return [{"item": item} for item in rules.value("review.checklist", visit.today, region)]


STEPS: Mapping[str, Prefiller] = {
    "pass_review": _review,
    "pass_early_review": _review,
    "review_undoing": _review,
    "return_review": _return,
    "return_early_review": _return,
}

"""Firms that go on under another code (主体代码变更的故事), each claim left at another stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from casework.common.timekeeping import legal_date
from casework.people import parties
from demo import penalty_stories
from demo.citizens import made_up_code
from demo.place import Place
from demo.promise_stories import Story

_Steps = tuple[tuple[str, str, Mapping[str, Any]], ...]
_SENT: _Steps = (("submit_claim", "window", {}),)
_CONFIRMED = {"opinion": "经与登记机关核对，两个代码属于同一主体"}
_REFUSED = {"opinion": "证明文件没有载明变更前的代码，无法核实为同一主体"}
_WAYS: Mapping[str, _Steps] = {
    "received": (),
    "filed": _SENT,
    "confirmed": (*_SENT, ("confirm_succession", "reviewer", _CONFIRMED)),
    "not_confirmed": (*_SENT, ("refuse_succession", "credit", _REFUSED)),
    "withdrawn": (*_SENT, ("withdraw_claim", "window", {"reason": "证明文件有误，重新开具"})),
}


def _register_as_before(place: Place) -> Place:
    """Put the firm down under the code that it bore before; gives the place as it was then."""
    firm = replace(place.firm, code=made_up_code(place.about["region"], place.about["formerly"]))
    with place.office.database.session() as session:
        parties.register(
            place.office,
            session,
            place.people[f"window{place.suffix}"],
            code_kind="uscc",
            code=firm.code,
            name=firm.name,
            representative=firm.representative,
            address=place.about["address"],
            phone=firm.phone,
        )
    return replace(place, firm=firm)


def _claim(place: Place, old_code: str) -> None:
    """The clerk takes in what the firm says, with the registrar's paper."""
    today = legal_date(place.office.time.now())
    said = {
        "old_code": old_code,
        "ground": "登记机关换发统一社会信用代码",
        "changed_on": (today - timedelta(days=12)).isoformat(),
        "paper": f"登记通知书（崇川登字〔{today.year}〕第{place.about['formerly']}号）",
    }
    clerk = place.people[f"window{place.suffix}"]
    place.at_counter = True
    place.number = place.office.open_case("code_change", said, clerk, party=place.firm.code).number
    place.hand_in("change_proof")


def _way(steps: _Steps, *, recorded: bool = False) -> Callable[[Place], Story]:
    """A claim taken so far; of a firm that was `recorded` with a penalty under its old code."""

    def story(place: Place) -> Story:
        before = _register_as_before(place)
        if recorded:
            yield from penalty_stories.STORIES["penalty_on_the_spot"](before)
            yield 10
        _claim(place, before.firm.code)
        for step, by, given in steps:
            # Whoever acts under the old code still may object first.
            yield 7 if step == "confirm_succession" else 1
            place.take(step, by, given)

    return story


STORIES: Mapping[str, Callable[[Place], Story]] = {
    f"code_{state}": _way(steps, recorded=state == "confirmed") for state, steps in _WAYS.items()
}

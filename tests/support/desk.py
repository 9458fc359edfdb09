"""The handlers' desk: steps of enforcement over HTTP, and what they are refused for."""

from __future__ import annotations

import json
from contextlib import nullcontext
from typing import Any

from casework.rules.rendering import printed_text
from tests.support import exemptions, penalties
from tests.support.former import under_former_versions
from tests.support.front import Front, refused
from tests.support.history import remembered, step_by_step
from tests.support.penalties import another_act, hearing_on, inputs_of
from tests.support.signed import png
from tests.support.town import Town


def opened(front: Front, process: str, *, party: str = exemptions.FIRM, **changes: Any) -> str:
    """A lead that an officer registers over HTTP, about another act than any before; its number."""
    day = front.town.time.now().date().isoformat()
    lead = exemptions.lead if process == "first_offence_exemption" else penalties.lead
    data = {**lead(), **another_act(front.town), "filed_on": day, **changes}
    if process != "penalty":
        data.pop("filed_on")
    answer = front.post("handler1", "/cases", {"process": process, "data": data, "party": party})
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


class Desk:
    """Steps of penalties over HTTP."""

    def __init__(self, front: Front) -> None:
        self.front, self.town = front, front.town
        self._logged_in_at = front.town.time.instant

    def open(self, process: str = "penalty", *, former: bool = False, **changes: Any) -> str:
        """A lead that an officer registers, under a `former` version if that is asked; gives its
        number."""
        with under_former_versions(self.town) if former else nullcontext():
            return self._open(process, **changes)

    @remembered
    def _open(self, process: str, **changes: Any) -> str:
        self._come_back()
        return opened(self.front, process, **changes)

    def take(self, number: str, step: str, by: str, given: Any) -> Any:
        """Take a step, and have a second officer sign it; the answer."""
        self._come_back()
        first, _, second = by.partition("+")
        version = self.town.case(number).version
        answer = self.front.step(first, number, step, given)
        if second and answer.status_code == 202:
            version = answer.json()["version"]
            answer = self.front.sign(second, number, step, version=version)
        return answer

    def go(self, number: str, *steps: tuple[str, str], **inputs: Any) -> str:
        """Take steps in order, each of which must succeed; gives the state they lead to. `wait`
        lets so many days go by, `fail_order` finds that what was ordered was not done."""

        def take(step: str, by: str) -> None:
            if step == "wait":
                self.wait(number, days=int(by))
                return
            if step == "fail_order":
                order = self.town.relative(number, "correction").number
                self.go(order, ("find_not_corrected", by), **inputs)
                return
            penalties.register(self.town, number, *penalties.PROVED_BY.get(step, ()))
            if step == "hold_hearing":
                self.town.time.go_to(hearing_on(self.town, number))
            answer = self.take(number, step, by, inputs_of(self.town, number, step, inputs))
            assert answer.status_code == 200, (step, answer.text)

        step_by_step(self.town, ("desk", number), steps, inputs, take)
        return str(self.town.case(number).state)

    def register(self, number: str, title: str, by: str = "handler1", **changes: Any) -> None:
        """Enter an item in the evidence register."""
        self.front.log_in_again()
        said = {
            "kind": "当事人陈述",
            "title": title,
            "origin": "执法人员收集、调取",
            "collectors": ["handler1", "handler2"],
            "collected_on": self.town.time.now().date().isoformat(),
            "place": "南通滨江宾馆洗消间",
            "proves": "毛巾未按规定清洗消毒",
            "storage": "本案卷",
            **changes,
        }
        files = {"file": ("笔录.png", png(title))}
        data = {"item": json.dumps(said)}
        answer = self.front.ask(by, "POST", f"/cases/{number}/evidence", data=data, files=files)
        assert answer.status_code == 201, answer.text

    def state(self, number: str) -> str:
        """Where a case stands."""
        self._come_back()
        answer = self.front.get("handler1", f"/cases/{number}")
        assert answer.status_code == 200, answer.text
        found: str = answer.json()["state"]
        return found

    def paper(self, number: str, key: str) -> str:
        """The text of the latest letter of a kind that a case issued."""
        self._come_back()
        papers = self.front.get("handler1", f"/cases/{number}").json()["documents"]
        found = [one["id"] for one in papers if one["key"] == key]
        answer = self.front.get("handler1", f"/cases/{number}/documents/{found[-1]}")
        assert answer.status_code == 200, answer.text
        return printed_text(answer.content)

    def wait(self, number: str, **span: float) -> str:
        """Let time go by; gives the state that the clocks led to."""
        self.town.time.pass_(**span)
        self.town.office.catch_up(self.town.case(number).id)
        return self.state(number)

    def _come_back(self) -> None:
        """Log in anew where time has gone by."""
        if self._logged_in_at != self.town.time.instant:
            self.front.log_in_again()
            self._logged_in_at = self.town.time.instant

    def refused(self, number: str, step: str, by: str, given: Any, code: str) -> str:
        """A step that must be refused for that reason; gives what is said."""
        problem = refused(self.take(number, step, by, given), 409, "guard-refused")
        found = {one["code"]: one["text"] for one in problem["reasons"]}
        assert code in found, found
        return str(found[code])


def payment(town: Town, amount: str, voucher: str = "A-1", **changes: Any) -> dict[str, Any]:
    """A payment at the bank today."""
    return {
        "way": "到指定银行缴纳",
        "amount": amount,
        "on": town.time.now().date().isoformat(),
        "voucher": voucher,
        **changes,
    }

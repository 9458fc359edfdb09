"""One place of the demo city, and what its people do: every act goes through `Office`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from casework.actors import Actor
from casework.attachments import store
from casework.demo.paper import pdf
from casework.demo.people import Firm
from casework.models import Case
from casework.office import Office
from casework.timekeeping import legal_date, start_of
from rulebook.models import Quiz

_PAPERS = {
    "application_form": "卫生许可证申请表",
    "identity": "负责人身份证明",
    "plans": "平面布局图",
    "test_report": "卫生检测报告",
    "management_rules": "卫生管理制度",
}


@dataclass
class Place:
    """A place with its latest application under `number`; `end` is where its story stops.

    `suffix` is what the accounts of the district's staff end in.
    """

    office: Office
    people: Mapping[str, Actor]
    firm: Firm
    about: Mapping[str, Any]
    suffix: str
    end: datetime
    number: str = ""

    def open(self) -> None:
        """The firm begins an application."""
        about = self.about
        data = {
            "place_name": about["name"],
            "place_kind": about["kind"],
            "region": about["region"],
            "address": about["address"],
            "area_m2": about["area_m2"],
            "representative": self.firm.representative,
            "contact_name": self.firm.representative,
            "contact_phone": self.firm.phone,
        }
        actor = self.people[self.firm.account]
        self.number = self.office.open_case("instant_licence", data, actor).number

    def hand_in(self, *papers: str) -> None:
        """The firm hands in papers of the materials list, all five if none is named."""
        today = legal_date(self.office.time.now())
        for material in papers or _PAPERS:
            title = _PAPERS[material]
            lines = [title, self.firm.name, self.about["name"], f"{today:%Y-%m-%d}", "演示材料"]
            actor = self.people[self.firm.account]
            store(self.office, actor, self.number, material, f"{title}.pdf", pdf(lines))

    def hand_in_without(self, missing: str) -> None:
        """The firm hands in all papers but one."""
        self.hand_in(*(material for material in _PAPERS if material != missing))

    def take(self, step: str, by: str, given: Mapping[str, Any] | None = None) -> None:
        """A step of the application, by `applicant` or an officer, or two joined by `+`."""
        self._take(self._case(None), step, by, given)

    def quiz(self) -> Quiz:
        """The pre-licence education that the firm reads."""
        office = self.office
        with office.database.session() as session:
            rules = office.rules.current(session)
            today = legal_date(office.time.now())
            return rules.quiz("public_place_hygiene", today, self.about["region"])

    def check(self, step: str, by: str, given: Mapping[str, Any] | None = None) -> None:
        """A step of the check that the grant opened."""
        self._take(self._case("check"), step, by, given)

    def licence(self, step: str, by: str, given: Mapping[str, Any] | None = None) -> None:
        """A step of the licence that was granted."""
        self._take(self._case("licence"), step, by, given)

    def inspectors(self) -> list[str]:
        """The accounts of the district's inspectors."""
        return [f"inspector1{self.suffix}", f"inspector2{self.suffix}"]

    def valid_until(self) -> datetime:
        """The beginning of the last day on which the licence is valid."""
        application = self._case("licence").data["application"]
        return start_of(date.fromisoformat(application["valid_until"]))

    def _case(self, relation: str | None) -> Case:
        with self.office.database.session() as session:
            own = session.scalars(select(Case).where(Case.number == self.number)).one()
            if relation is None:
                return own
            return session.scalars(
                select(Case).where(Case.origin_id == own.id, Case.relation == relation)
            ).one()

    def _take(self, case: Case, step: str, by: str, given: Mapping[str, Any] | None) -> None:
        first, _, second = by.partition("+")
        data = dict(given or {})
        self.office.advance(case.number, step, data, self._actor(first), version=case.version)
        if second:
            self.office.sign(case.number, step, self._actor(second), version=case.version)

    def _actor(self, who: str) -> Actor:
        if who == "applicant":
            return self.people[self.firm.account]
        return self.people[who + self.suffix]

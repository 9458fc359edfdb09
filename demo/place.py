"""One place of the demo city, and what its people do: every act goes through `Office`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from casework.acts.actors import Actor
from casework.common.timekeeping import legal_date, start_of
from casework.documents.attachments import store_pile
from casework.kernel.office import Office
from casework.models import Case, CreditEvent, Mandate, Party
from casework.parts.evidence import entering as evidence
from demo.citizens import Firm
from demo.paper import pdf
from rulebook.models import Material, Quiz
from state_machines.credit.repair.forms import REPAIRS
from state_machines.door.acts import PENALTY_PAPER, in_writing
from state_machines.door.proofs import COMMISSION, PERFORMED, REMEDY, SLIP, proof_of
from state_machines.language.vocabulary import Step
from state_machines.licensing.instant_licence.forms import DELIVER
from state_machines.radiation.one_matter.forms import DELIVER_PART

# What is signed on a receipt.
_DECIDED_ON_FINDINGS = ("instant_licence", "licence_renewal", "licence_change")
_SIGNED = ("直接送达", "留置送达", "委托送达", "转交送达")
# What is scanned before a step that is entered by a paper.
_PAPERS = {
    REMEDY: "复议、诉讼文书",
    SLIP: "缴款、退款凭证",
    PERFORMED: "履行情况的凭据",
    COMMISSION: "委托书",
}


@dataclass
class Place:
    """A place with its latest application under `number`; `end` is where its story stops.

    `suffix` is what the accounts of the district's staff end in; `at_counter`: the firm comes to
    the window, where a clerk acts for it.
    """

    office: Office
    people: Mapping[str, Actor]
    firm: Firm
    about: Mapping[str, Any]
    suffix: str
    end: datetime
    number: str = ""
    at_counter: bool = False

    def open(self, process: str = "instant_licence") -> None:
        """The firm begins an application, online or at the counter."""
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
        self.number = self.begin(process, data)

    def open_joint(self, *, verify_in: int = 300) -> None:
        """The firm, a clinic, begins a joint application for its X-ray machine, `verify_in` days
        before its institution's licence is verified again."""
        today = legal_date(self.office.time.now())
        data = {
            "place_name": self.about["name"],
            "institution_kind": self.about["kind"],
            "institution_licence": f"PDY{self.firm.code[2:8]}{self.about['area_m2']:08d}",
            "verify_by": (today + timedelta(days=verify_in)).isoformat(),
            "region": self.about["region"],
            "address": self.about["address"],
            "representative": self.firm.representative,
            "equipment": [
                {
                    "name": "医用X射线摄影系统（DR）",
                    "model": "DR-500",
                    "use": "X射线影像诊断",
                    "device_class": "Ⅲ类射线装置",
                    "room": "一楼DR室",
                }
            ],
            "radiation_staff": 3,
            "contact_name": self.firm.representative,
            "contact_phone": self.firm.phone,
        }
        self.number = self.begin("one_matter", data)

    def apply_for(self, process: str, asked: Mapping[str, Any]) -> None:
        """The firm begins an application about its licence, with its papers."""
        data = {
            "licence": self.case("licence").data["application"]["number"],
            "contact_name": self.firm.representative,
            "contact_phone": self.firm.phone,
            **asked,
        }
        self.begin(process, data)
        self.hand_in(of=process)

    def hand_in(self, *papers: str, of: str = "") -> None:
        """The firm hands in papers of a case's list, all that are required if none is named. Raises
        a Problem if one is not taken."""
        case = self.case(of)
        listed = self._listed(case)
        today = legal_date(self.office.time.now())
        actor, _ = self._party()
        pile = []
        for material in papers or [item.key for item in listed.values() if item.required]:
            # A supplement list may ask for what is on no materials list.
            title = listed[material].label if material in listed else "补充材料"
            lines = [title, self.firm.name, self.about["name"], f"{today:%Y-%m-%d}", "演示材料"]
            pile.append((material, f"{title}.pdf", pdf(lines)))
        for problem in store_pile(self.office, actor, case.number, pile).values():
            raise problem

    def hand_in_without(self, missing: str) -> None:
        """The firm hands in all required papers but one."""
        listed = self._listed(self.case("")).values()
        self.hand_in(*(item.key for item in listed if item.required and item.key != missing))

    def take(self, step: str, by: str, given: Mapping[str, Any] | None = None) -> None:
        """A step of the application, by `applicant` or an officer, or two joined by `+`."""
        self.relative("", step, by, given)

    def quiz(self) -> Quiz:
        """The pre-licence education that the firm reads."""
        office = self.office
        with office.database.session() as session:
            rules = office.rules.current(session)
            today = legal_date(office.time.now())
            return rules.quiz("public_place_hygiene", today, self.about["region"])

    def conditions(self) -> list[str]:
        """What the firm promises of the place, condition by condition."""
        with self.office.database.session() as session:
            rules = self.office.rules.current(session)
            today = legal_date(self.office.time.now())
            matter = rules.matter("public_place_hygiene", today, self.about["region"])
            return [condition.text for condition in matter.conditions_for(self.about["kind"])]

    def review_items(self) -> list[str]:
        """What a legal review answers."""
        with self.office.database.session() as session:
            rules = self.office.rules.current(session)
            today = legal_date(self.office.time.now())
            return list(rules.value("review.checklist", today, self.about["region"]))

    def receipt(self) -> dict[str, Any]:
        """What an officer brought to the place, and the head of the firm signed for."""
        return {
            "way": "直接送达",
            "place": self.about["address"],
            "recipient": self.firm.representative,
            "receiver": "法定代表人、主要负责人",
            "signed": True,
        }

    def passed_review(self, opinion: str = "事实清楚，程序合法，同意") -> dict[str, Any]:
        """A legal review that found nothing."""
        checklist = [{"item": item, "ok": True, "note": ""} for item in self.review_items()]
        return {"checklist": checklist, "opinion": opinion}

    def check(self, step: str, by: str, given: Mapping[str, Any] | None = None) -> None:
        """A step of the check that the grant opened."""
        self.relative("check", step, by, given)

    def licence(self, step: str, by: str, given: Mapping[str, Any] | None = None) -> None:
        """A step of the licence that was granted."""
        self.relative("licence", step, by, given)

    def relative(
        self, relation: str, step: str, by: str, given: Mapping[str, Any] | None = None
    ) -> None:
        """A step of a related case, or of the application itself with no relation."""
        self._act(self.case(relation), step, by, given)

    def act(self, number: str, step: str, by: str, given: Mapping[str, Any] | None = None) -> None:
        """A step of the case of that number."""
        with self.office.database.session() as session:
            case = session.scalars(select(Case).where(Case.number == number)).one()
        self._act(case, step, by, given)

    def _act(self, case: Case, step: str, by: str, given: Mapping[str, Any] | None) -> None:
        data = dict(given or {})
        first, _, second = by.partition("+")
        actor, mandate = self._party() if first == "applicant" else (self._officer(first), None)
        if step in (DELIVER, DELIVER_PART):
            data["recipient"] = self.firm.representative
        if "receiver" in data and data.get("way") in _SIGNED:
            self.keep_scan(case.number, actor, "signed_receipt", "送达回证")
        elif step.startswith("record_try"):
            self.keep_scan(case.number, actor, "try_proof", "未能送达的证明")
        elif step == "terminate" and "ground" in data and first == "window":
            self.keep_scan(case.number, actor, "ending_proof", "注销证明")
        elif step.startswith("announce") and "medium" in data:
            self.keep_scan(case.number, actor, "announcement_copy", "送达公告")
        elif step == "annul_filing":
            self.keep_scan(case.number, actor, "ending_proof", "检测机构的核实函")
        elif step.startswith(("deregister", "decide_ending")) and "ground" in data:
            self.keep_scan(case.number, actor, "ending_proof", "注销依据")
        elif step.startswith("refuse") and case.process in _DECIDED_ON_FINDINGS:
            self.keep_scan(case.number, actor, "refusal_finding", "书面审查意见")
        elif step.startswith("refuse") and case.process in REPAIRS:
            self.keep_scan(case.number, actor, "repair_finding", "复查记录")
        elif step == "accept" and self.about["story"].endswith("_not_accepted"):
            # What is told to go to the next district was granted here, for that district.
            self.keep_scan(case.number, actor, "jurisdiction_paper", "委托书")
        elif case.process == "licence" and "source" in data:
            self.keep_scan(case.number, actor, PENALTY_PAPER, "处罚决定书及送达回证")
        elif proof := proof_of(self._step(case, step)):
            self.keep_scan(case.number, actor, proof.item, _PAPERS[proof])
        elif mandate is not None and (paper := in_writing(self._step(case, step))):
            self.keep_scan(case.number, actor, paper, "书面声明")
        self.office.advance(case.number, step, data, actor, version=case.version, mandate=mandate)
        if second:
            self.office.sign(case.number, step, self._officer(second), version=case.version)

    def _step(self, case: Case, name: str) -> Step:
        with self.office.database.session() as session:
            process = self.office.versions.by_digest(session, case.version_digest)
        return next(step for step in process.every_step if step.name == name)

    def keep_scan(self, number: str, actor: Actor, material: str, title: str) -> None:
        """An officer scans a paper that somebody signed, and keeps it with the case. Raises a
        Problem if it is not taken."""
        now = self.office.time.now()
        lines = [title, self.firm.name, self.about["name"], f"{now:%Y-%m-%d %H:%M}", "演示材料"]
        pile = [(material, f"{title}.pdf", pdf([*lines, number, str(now.timestamp())]))]
        for problem in store_pile(self.office, actor, number, pile).values():
            raise problem

    def register(self, kind: str, title: str, proves: str, of: str = "") -> None:
        """Two handlers enter a paper in the evidence register of the case, or of that one."""
        today = legal_date(self.office.time.now())
        item = {
            "kind": kind,
            "title": title,
            "origin": "执法人员收集、调取",
            "collectors": ["handler1", "handler2"],
            "collected_on": today.isoformat(),
            "place": self.about["address"],
            "proves": proves,
            "storage": "本案卷",
        }
        lines = [title, self.firm.name, self.about["name"], f"{today:%Y-%m-%d}", "演示材料"]
        file = (f"{title}.pdf", pdf(lines))
        evidence.add(self.office, self._officer("handler1"), of or self.number, item, file)

    def related(self, relation: str) -> str:
        """The number of the newest case of that relation."""
        return self.case(relation).number

    def begin(self, process: str, data: Mapping[str, Any]) -> str:
        """The firm opens a case besides its application; gives its number."""
        actor, mandate = self._party()
        return self.office.open_case(process, dict(data), actor, mandate=mandate).number

    def record(self, kind: str) -> int:
        """The newest entry of that kind in the firm's credit file."""
        with self.office.database.session() as session:
            return session.scalars(
                select(CreditEvent.id)
                .join(Party, Party.id == CreditEvent.party_id)
                .where(Party.code == self.firm.code, CreditEvent.kind == kind)
                .order_by(CreditEvent.id.desc())
                .limit(1)
            ).one()

    def workday(self, n: int, since: date | None = None) -> date:
        """The n-th working day from that day, or from today."""
        day = since or legal_date(self.office.time.now())
        with self.office.database.session() as session:
            calendar = self.office.rules.current(session).calendar
        while n:
            day += timedelta(days=1)
            n -= calendar.day(day).working
        return day

    def inspectors(self) -> list[str]:
        """The accounts of the district's inspectors."""
        return [f"inspector1{self.suffix}", f"inspector2{self.suffix}"]

    def valid_until(self) -> datetime:
        """The beginning of the last day on which the licence is valid."""
        application = self.case("licence").data["application"]
        return start_of(date.fromisoformat(application["valid_until"]))

    def case(self, relation: str) -> Case:
        """The application, or the newest case of that relation to it."""
        with self.office.database.session() as session:
            own = session.scalars(select(Case).where(Case.number == self.number)).one()
            if not relation:
                return own
            return session.scalars(
                select(Case)
                .where(Case.family_id == own.id, Case.relation == relation)
                .order_by(Case.id.desc())
                .limit(1)
            ).one()

    def _listed(self, case: Case) -> dict[str, Material]:
        with self.office.database.session() as session:
            process = self.office.versions.by_digest(session, case.version_digest)
            rules = self.office.rules.current(session)
            today = legal_date(self.office.time.now())
            listed = rules.materials(process.materials or "", today, self.about["region"])
        return {item.key: item for item in listed.items}

    def _party(self) -> tuple[Actor, int | None]:
        """Who acts for the firm: its representative, or the clerk for the representative."""
        representative = self.people[self.firm.account]
        if not self.at_counter:
            return representative, None
        with self.office.database.session() as session:
            mandate = session.scalars(
                select(Mandate.id).where(Mandate.person_id == representative.person_id)
            ).one()
        return self._officer("window"), mandate

    def _officer(self, who: str) -> Actor:
        return self.people[who + self.suffix]

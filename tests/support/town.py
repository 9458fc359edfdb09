"""A small town for tests: two district authorities, their staff, two firms, on a real database."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from sqlalchemy import bindparam, select, text
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.codes import normalise
from casework.common.database import Database, engine_for
from casework.common.problems import GuardRefused
from casework.common.timekeeping import ZONE
from casework.credit.training.sittings import paper, sittings
from casework.documents import attachments
from casework.kernel.office import Office, Outcome
from casework.models import (
    Account,
    Authority,
    Case,
    CreditEvent,
    Delegation,
    Mandate,
    Party,
    Person,
    Post,
)
from casework.operations.migration import migrate
from casework.people import parties
from casework.rules.counting import WorkCalendar, working_day
from rulebook.shipped import RULES, shipped_editions
from state_machines.processes import PROCESSES
from tests.support.history import History, remembered
from tests.support.plots import Plot, Settled
from tests.support.serving import RECEIPT
from tests.support.signed import kept_by, material_for, pdf, scan

SETTLED = "town"  # the database that every town is a copy of
START = datetime(2026, 9, 1, 9, 0, tzinfo=ZONE)  # a Tuesday
LONG_AGO = date(2020, 1, 1)
CERTIFICATE_ENDS = date(2032, 12, 31)

APPLICANT = "91440300708461136T"  # the firm of `applicant`
# Codes that nobody bears yet, with right check digits.
CODES = ("91320602MA1W01000L", "91320602MA1W01190K", "91320602MA1W012707", "91320602MA1W01350T")
# What the window may decide in the place of the head, by its written delegation.
WINDOW_DECIDES = ("instant_licence.grant", "licence_renewal.grant", "licence_change.grant")
STAFF = {
    "window": "window_clerk",
    "reviewer": "reviewer",
    "approver": "approver",
    "inspector1": "inspector",
    "inspector2": "inspector",
    "legal": "legal_reviewer",
    "supervisor": "supervisor",
    "credit": "credit_officer",
    "chair": "hearing_chair",
    "head1": "panel_member",
    "head2": "panel_member",
    "head3": "panel_member",
    "handler1": "case_handler",
    "handler2": "case_handler",
    "admin": "admin",
}
DEFERRED = ("management_rules",)
ECO_STAFF = {
    "eco": "eco_reviewer",
    "eco2": "eco_reviewer",
    "eco_approver": "eco_approver",
    "eco_supervisor": "supervisor",
}


def _required(process: str) -> tuple[str, ...]:
    """What has to be handed in with each application, by the shipped list."""
    listed = ("materials", PROCESSES[process].materials)
    lists = [one.content for one in shipped_editions() if (one.kind, one.key) == listed]
    items = lists[-1]["items"] if lists else ()
    return tuple(one["key"] for one in items if one["required"] and one.get("asked", True))


# What is handed in for a case, by its process. What may follow later is one of these.
MATERIALS = {**{process: _required(process) for process in PROCESSES}, "deferral": DEFERRED}


@dataclass
class StoppedTime:
    """A clock that stands until it is moved."""

    instant: datetime = START

    def now(self) -> datetime:
        return self.instant

    def pass_(self, **span: float) -> None:
        """Let `timedelta(**span)` go by."""
        self.instant += timedelta(**span)

    def go_to(self, day: date, hour: int = 9) -> None:
        """Move to an hour of a day, never backwards."""
        wanted = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
        assert wanted >= self.instant
        self.instant = wanted


_VERSION = select(Case.version).where(Case.number == bindparam("number"))


@dataclass
class Town:
    """The town: `office` is the one door; `people` are actors by account name."""

    url: str
    database: Database
    time: StoppedTime
    office: Office
    people: dict[str, Actor] = field(default_factory=dict)
    history: History | None = None

    def session(self) -> AbstractContextManager[Session]:
        """A session in one transaction."""
        return self.database.session()

    def case(self, number: str) -> Case:
        """A case as it stands."""
        with self.session() as session:
            return session.scalars(select(Case).where(Case.number == number)).one()

    def _version(self, number: str) -> int:
        with self.session() as session:
            return session.scalars(_VERSION, {"number": number}).one()

    def relative(self, number: str, relation: str) -> Case:
        """The case of the same family under that relation."""
        case = self.case(number)
        with self.session() as session:
            return session.scalars(
                select(Case).where(
                    Case.family_id == (case.family_id or case.id), Case.relation == relation
                )
            ).one()

    @remembered
    def apply(self, *, by: str = "applicant", **changes: Any) -> str:
        """Open an application; gives its number."""
        return self.office.open_case(
            "instant_licence", {**application(), **changes}, self.people[by]
        ).number

    @remembered
    def file(self, process: str, data: dict[str, Any], *, by: str = "applicant") -> str:
        """Open an application of any process, with its required materials; gives its number."""
        number = self.office.open_case(process, data, self.people[by]).number
        self.attach(number, by=by)
        return number

    def licence_of(self, number: str) -> dict[str, Any]:
        """What the licence says that an application led to."""
        said: dict[str, Any] = self.relative(number, "licence").data["application"]
        return said

    @remembered
    def attach(self, number: str, *materials: str, by: str = "applicant") -> None:
        """Hand in a small PDF for each material; all required ones if none is named. What is
        handed in at another time is another file."""
        case = self.case(number)
        data = pdf(self.time.now().isoformat())
        for material in materials or MATERIALS[case.process]:
            attachments.store(
                self.office, self.people[by], number, material, f"{material}.pdf", data
            )

    def take(self, number: str, step: str, by: str, _input: Any = None, **options: Any) -> Outcome:
        """Take a step at the case's present version; a step for two officers with both names
        joined by `+`. A signed paper that is wanted is handed in first."""
        first, _, second = by.partition("+")
        version = self._version(number)

        def advance() -> Outcome:
            return self.office.advance(
                number, step, _input or {}, self.people[first], version=version, **options
            )

        try:
            outcome = advance()
        except GuardRefused as refused:
            item = material_for(step, (one["code"] for one in refused.extra["reasons"]))
            if not item:
                raise
            paper = scan(self.case(number), self.time.now(), first)
            keeper = self.people[kept_by(item, first)]
            attachments.store(self.office, keeper, number, item, f"{item}.pdf", paper)
            version = self._version(number)  # what fell due meanwhile has happened
            outcome = advance()
        if second:
            outcome = self.office.sign(number, step, self.people[second], version=version)
        return outcome

    @remembered
    def joint(self, **changes: Any) -> str:
        """A joint application handed in and looked at by both departments; gives its number."""
        number = self.file("one_matter", joint_application(**changes))
        self.take(number, "submit", "applicant")
        self.take(number, "check_health", "reviewer", {})
        self.take(number, "check_eco", "eco", {})
        return number

    @remembered
    def dispatched(self, **changes: Any) -> str:
        """A joint application taken to both departments' examination; gives its number."""
        number = self.joint(**changes)
        self.take(number, "accept", "window")
        self.take(number, "dispatch", "window")
        return number

    @remembered
    def granted(self, **changes: Any) -> str:
        """An application taken to its grant by promise; gives its number."""
        number = self.committed(**changes)
        self.take(number, "grant", "window")
        return number

    @remembered
    def committed(self, **changes: Any) -> str:
        """An application taken to its signed promise; gives its number."""
        by = changes.pop("by", "applicant")
        number = self.apply(by=by, **changes)
        self.attach(number, by=by)
        self.take(number, "submit", by)
        self.take(number, "accept", "window", ACCEPTED)
        self.take(number, "inform", "window")
        self.take(number, "study", by, answers())
        self.take(number, "commit", by, promise(self.people[by].name))
        return number

    def broken(self, number: str) -> Case:
        """The check of a granted application, taken to the finding that the promise is broken."""
        check = self.relative(number, "check")
        self.take(check.number, "assign", "supervisor", INSPECTORS)
        self.take(check.number, "inspect", "inspector1+inspector2", look(met=False))
        self.take(check.number, "order_rectification", "inspector1", order())
        self.take(check.number, "serve_order", "inspector1", RECEIPT)
        self.time.pass_(days=40)
        self.take(check.number, "recheck", "inspector1+inspector2", look(met=False))
        self.take(check.number, "find_broken", "inspector1+inspector2", {"reason": "逾期未整改"})
        return self.case(check.number)

    def breached(self, number: str) -> Case:
        """The check of a granted application, taken to the decision that the promise was broken:
        the licence is spared, and the breach is on record."""
        check = self.reviewed(number)
        self.take(check.number, "record_breach", "approver", {**NOTICE, "spared_because": "已改正"})
        self.take(check.number, "serve_breach", "inspector1", RECEIPT)
        return self.case(check.number)

    def reviewed(self, number: str) -> Case:
        """The check of a granted application, taken to the pass of what was told and proposed."""
        check = self.broken(number)
        self.take(check.number, "notify_revocation", "inspector1+inspector2", NOTICE)
        self.take(check.number, "serve_notice", "inspector1", RECEIPT)
        self.time.pass_(days=20)
        self.take(check.number, "submit_review", "inspector1", {"defence_considered": "未提出"})
        self.take(check.number, "pass_review", "legal", review())
        return self.case(check.number)

    def newest(self, process: str) -> str:
        """The number of the newest case of a process."""
        with self.session() as session:
            found = select(Case.number).where(Case.process == process).order_by(Case.id.desc())
            return str(session.scalars(found.limit(1)).one())

    @remembered
    def object(self, by: str = "applicant", kind: str = "promise_broken") -> str:
        """An objection, in draft, to the newest record of that kind of the firm; its number."""
        with self.session() as session:
            event = session.scalars(
                select(CreditEvent.id)
                .join(Mandate, Mandate.party_id == CreditEvent.party_id)
                .where(
                    Mandate.person_id == self.people[by].person_id,
                    CreditEvent.kind == kind,
                )
                .order_by(CreditEvent.id.desc())
                .limit(1)
            ).one()
        data = {
            "region": "320613",
            "event": event,
            "reason": "已经按期整改",
            "contact_name": "李敏",
            "contact_phone": "13800000001",
        }
        return self.office.open_case("credit_objection", data, self.people[by]).number

    @remembered
    def plan_talk(self, code: str = "91440300708461136T") -> str:
        """A talk that the credit officer has put down for a firm; gives its number."""
        data = {"reason": "信用等级降为D级（严重失信）"}
        officer = self.people["credit"]
        return self.office.open_case("credit_talk", data, officer, party=code).number

    @remembered
    def plan_grading(self, granted: str, by: str = "supervisor", **said: Any) -> str:
        """A grading that is to be done at the place of a granted application; gives its number."""
        data = {"licence": self.licence_of(granted)["number"], **said}
        return self.office.open_case("place_grading", data, self.people[by]).number

    def register(self, code: str, name: str = "南通江风酒店有限公司") -> str:
        """A firm that the clerk registers under a code; gives the code."""
        with self.session() as session:
            parties.register(
                self.office, session, self.people["window"], code_kind="uscc", code=code,
                name=name, representative="顾明远", address="南通市崇川区工农路9号",
                phone="13800000002",
            )  # fmt: skip
        return code

    @remembered
    def claim(self, old: str, new: str, **said: Any) -> str:
        """A claim that the party of one code goes on under another, with its proof; its number."""
        data = {
            "old_code": old,
            "ground": "登记机关换发统一社会信用代码",
            "changed_on": "2026-08-03",
            "paper": "登记通知书（崇川登字〔2026〕第12号）",
            **said,
        }
        self.one_subject(old, new)
        clerk = self.people["window"]
        number = self.office.open_case("code_change", data, clerk, party=new).number
        self.attach(number, "change_proof", by="window")
        return number

    def agree(self, number: str) -> None:
        """The head of the old code, who heads the new one too, agrees to a claim online, if there
        is one with an account."""
        with self.session() as session:
            case = session.scalars(select(Case).where(Case.number == number)).one()
            old = normalise(case.data["application"]["old_code"])
            head = session.scalar(
                select(Mandate.person_id)
                .join(Party)
                .where(Party.code == old, Mandate.capacity == "representative")
            )
            if head is None:
                return
            mandate = {"capacity": "representative", "scope": [], "valid_from": LONG_AGO}
            session.add(Mandate(party_id=case.party_id, person_id=head, **mandate))
        by = next(name for name, who in self.people.items() if who.person_id == head)
        self.attach(number, "former_consent", by=by)

    def one_subject(self, *codes: str) -> None:
        """Let the later registered of two parties bear the name and the head of the former."""
        with self.session() as session:
            of_these = select(Party).where(Party.code.in_(map(normalise, codes)))
            elder, *younger = session.scalars(of_these.order_by(Party.id)).all()
            for one in younger:
                one.name, one.representative = elder.name, elder.representative

    @remembered
    def enrol(self, by: str = "applicant") -> str:
        """A training case in which nothing was learnt yet; gives its number."""
        data = {"region": "320613", "learner": "李敏"}
        return self.office.open_case("credit_training", data, self.people[by]).number

    def sheet(self, number: str, wrong: int = 0) -> dict[str, Any]:
        """An answer sheet for the paper of a sitting, with so many answers wrong."""
        with self.session() as session:
            case = session.scalars(select(Case).where(Case.number == number)).one()
            rules = self.office.rules.current(session)
            questions = paper(rules, sittings(session, case)[-1], "320613")
        return {
            "answers": [
                {"question": q.key, "choice": (q.answer + (n < wrong)) % len(q.options)}
                for n, q in enumerate(questions)
            ]
        }

    @remembered
    def certified(self, by: str = "applicant") -> str:
        """A training case taken to its certificate; gives its number."""
        number = self.enrol(by)
        self.take(number, "start_exam", by)
        self.take(number, "submit_paper", by, self.sheet(number))
        self.take(number, "certify", by)
        return number

    def revoked(self, number: str) -> Case:
        """The check of a granted application, taken to the revocation of the licence."""
        check = self.reviewed(number)
        self.take(check.number, "revoke", "approver", NOTICE)
        return self.case(check.number)


def repair_promise(signer: str = "陈志远") -> dict[str, Any]:
    """A credit commitment with every statement made."""
    said = ("true_material", "corrected", "accepts_liability", "consents_to_publication")
    return {**dict.fromkeys(said, True), "signer": signer}


ACCEPTED = {"name_difference": "分店招牌名称"}
INSPECTORS = {"inspectors": ["inspector1", "inspector2"]}
NOTICE = {
    "facts": "经两次核查，室内空气质量未经检测",
    "basis": "《中华人民共和国行政许可法》第六十九条第一款第四项",
    "reasons": "未履行告知承诺书载明的承诺，逾期未改正",
}


def application(**changes: Any) -> dict[str, Any]:
    """A hotel's application."""
    return {
        "place_name": "南通滨江宾馆",
        "place_kind": "hotel",
        "region": "320613",
        "address": "南通市崇川区人民中路88号",
        "area_m2": 860.5,
        "representative": "陈志远",
        "contact_name": "李敏",
        "contact_phone": "13800000001",
        **changes,
    }


def joint_application(**changes: Any) -> dict[str, Any]:
    """A clinic's joint application, with one machine that both departments may license here."""
    return {
        "place_name": "南通滨江口腔门诊部",
        "institution_kind": "口腔门诊部",
        "institution_licence": "PDY00012332061317D1522",
        "verify_by": "2027-03-31",
        "region": "320613",
        "address": "南通市崇川区人民中路90号",
        "representative": "陈志远",
        "equipment": [machine()],
        "radiation_staff": 3,
        "contact_name": "李敏",
        "contact_phone": "13800000001",
        **changes,
    }


def machine(**changes: Any) -> dict[str, Any]:
    """A dental X-ray machine of class Ⅲ."""
    return {
        "name": "口腔颌面锥形束计算机体层摄影设备",
        "model": "CBCT-2000",
        "use": "X射线影像诊断",
        "device_class": "Ⅲ类射线装置",
        "room": "一楼CBCT室",
        **changes,
    }


def opinion(conclusion: str = "符合法定条件、标准") -> dict[str, Any]:
    """A department's examination."""
    return {"findings": "材料齐全，场所防护检测合格", "conclusion": conclusion}


PERMIT = {"scope": "X射线影像诊断；使用Ⅲ类射线装置"}
NOT_PERMITTED = {
    "ground": "不符合法定条件、标准",
    "facts": "机房防护检测不合格",
    "reasons": "不符合放射防护标准",
}


def promise(signer: str = "陈志远", **changes: Any) -> dict[str, Any]:
    """A promise with every statement made."""
    said = ("knows_notice", "meets_conditions", "true_will", "accepts_liability")
    signed = {"consents_to_publication": True, "signer": signer}
    return {**dict.fromkeys(said, True), **signed, **changes}


def answers() -> dict[str, Any]:
    """Every question of the pre-licence education answered right, whichever are asked."""
    questions = tomllib.loads((RULES / "education.toml").read_text("utf-8"))["quiz"][0]["questions"]
    return {"answers": [{"question": q["key"], "choice": q["answer"]} for q in questions]}


AIR = "场所内空气流通，室内空气质量符合国家卫生标准和要求"


@cache
def _conditions() -> tuple[str, ...]:
    """What every kind of public place has to meet."""
    matters = tomllib.loads((RULES / "matters.toml").read_text("utf-8"))["matter"]
    [hygiene] = [one for one in matters if one["key"] == "public_place_hygiene"]
    return tuple(one["text"] for one in hygiene["conditions"])


def look(*, met: bool) -> dict[str, Any]:
    """What two officers found, condition by condition; `met`, whether the air is clean."""
    return {
        "place_contact": "李敏",
        "results": [
            {"clause": clause, "met": True, "finding": "已查看"}
            if clause != AIR
            else {"clause": clause, "met": met, "finding": "已检测" if met else "未检测"}
            for clause in _conditions()
        ],
        "summary": "符合承诺" if met else "一项不符合承诺",
    }


def sheet(kind: str = "hotel", **points: int | None) -> dict[str, Any]:
    """A scoring sheet with full points for every item of a kind of place, but for those named."""
    table = tomllib.loads((RULES / "grading.toml").read_text("utf-8"))["grading_table"][0]
    marks = [
        {
            "item": item["key"],
            "points": points.get(item["key"], item["points"]),
            "finding": "已查看",
        }
        for part in table["parts"]
        if kind in part.get("applies_to", [kind])
        for item in part["items"]
    ]
    return {"place_contact": "李敏", "marks": marks, "summary": "按评分表逐项检查"}


def order() -> dict[str, Any]:
    """What must be put right."""
    return {"items": [{"clause": AIR, "requirement": "委托检测并提交报告"}]}


def review() -> dict[str, Any]:
    """A legal review that finds nothing wrong."""
    keys = tomllib.loads((RULES / "decisions.toml").read_text("utf-8"))["key"]
    asked = next(one["value"] for one in keys if one["key"] == "review.checklist")
    return {
        "checklist": [{"item": item, "ok": True, "note": ""} for item in asked],
        "opinion": "同意拟作出的决定",
    }


def workday_from(day: date) -> date:
    """The day itself, or the next one on which an office works."""
    return working_day(day, _calendar())


@cache
def _calendar() -> WorkCalendar:
    return WorkCalendar(one for one in shipped_editions() if one.kind == "calendar")


def hearing(on: str = "2026-09-18", **changes: Any) -> dict[str, Any]:
    """When and where a hearing is to be, and before whom."""
    return {
        "on": on,
        "time": "09:00",
        "room": "本机关三楼听证室",
        "chair": "chair",
        "recorder": "甲记录",
        **changes,
    }


def hearing_record(**changes: Any) -> dict[str, Any]:
    """What was said at a hearing."""
    return {
        "present": "当事人代表陈志远，调查人员甲inspector1、甲inspector2",
        "accusation": "经两次核查，室内空气质量未经检测",
        "answer": "已委托检测，报告尚未出具",
        "closing": "双方坚持各自意见",
        "opinion": "事实清楚，建议维持拟作出的决定",
        **changes,
    }


_OF_ECOLOGY = "radiation_safety"


def _of_health() -> tuple[str, ...]:
    """Every matter that a process is about, but that of the ecology bureau."""
    found = {process.matter for process in PROCESSES.values()}
    found |= {track.matter for process in PROCESSES.values() for track in process.tracks}
    return tuple(sorted({matter for matter in found if matter} - {_OF_ECOLOGY}))


def settle(session: Session) -> dict[str, Actor]:
    """Put authorities, staff and firms into an empty, migrated database."""
    people = {}
    for code, region, name, suffix, staff, matters in (
        ("CC", "320613", "崇川区卫生健康委员会", "", STAFF, _of_health()),
        ("TZ", "320612", "通州区卫生健康委员会", "_b", STAFF, ("public_place_hygiene",)),
        ("CS", "320613", "崇川生态环境局", "", ECO_STAFF, (_OF_ECOLOGY,)),
    ):
        authority = Authority(
            code=code,
            name=f"南通市{name}",
            short=name.removesuffix("员会").replace("卫生健康委", "卫健委"),
            region=region,
            matters=list(matters),
            address=f"南通市{name}政务路1号",
            phone="0513-80000000",
            reconsideration_body=f"南通市{name[:3]}人民政府",
            reconsideration_online="https://fy.example.invalid",
            court=f"南通市{name[:3]}人民法院",
        )
        session.add(authority)
        session.flush()
        for username, role in staff.items():
            actor = _person(session, f"{username}{suffix}")
            people[f"{username}{suffix}"] = actor
            session.add(
                Post(
                    person_id=actor.person_id,
                    authority_id=authority.id,
                    role=role,
                    valid_from=LONG_AGO,
                    certificate_number=f"ZF-{actor.person_id:05d}",
                    certificate_expires=CERTIFICATE_ENDS,
                    law_qualification="A20183206020001" if role == "legal_reviewer" else None,
                )
            )
        if "window" in staff:
            session.add(
                Delegation(
                    authority_id=authority.id,
                    person_id=people[f"window{suffix}"].person_id,
                    granted_by=people[f"approver{suffix}"].person_id,
                    number=f"{code}授〔2020〕1号",
                    signed_on=LONG_AGO,
                    scope=list(WINDOW_DECIDES),
                    valid_from=LONG_AGO,
                    valid_to=CERTIFICATE_ENDS,
                )
            )
    firms = {
        "applicant": ("91440300708461136T", "南通滨江宾馆有限公司"),
        "applicant2": ("91110000802100433B", "南通云水浴场有限公司"),
    }
    for username, (uscc, name) in firms.items():
        party = Party(
            code_kind="uscc", code=uscc, name=name, representative="陈志远",
            address="南通市崇川区人民中路88号", phone="13800000001",
        )  # fmt: skip
        session.add(party)
        session.flush()
        actor = _person(session, username, party.representative)
        people[username] = actor
        session.add(
            Mandate(
                party_id=party.id,
                person_id=actor.person_id,
                capacity="representative",
                scope=[],
                valid_from=LONG_AGO,
            )
        )
    return people


def _person(session: Session, username: str, name: str = "") -> Actor:
    person = Person(name=name or f"甲{username}")
    session.add(person)
    session.flush()
    account = Account(person_id=person.id, username=username, password_hash="-", active=True)
    session.add(account)
    session.flush()
    return Actor(account.id, person.id, person.name)


_serial = count(1)
_free: dict[str, list[Plot]] = defaultdict(list)  # plots in order, by the server's URL


@contextmanager
def fresh_town(server: str, people: dict[str, Actor]) -> Iterator[Town]:
    """A town as it was settled, on a database that no other has meanwhile."""
    plot = _free[server].pop() if _free[server] else _new_plot(server)
    time = StoppedTime()
    try:
        office = plot.office(time)
        yield Town(plot.url, plot.database, time, office, dict(people), plot.history())
    finally:
        if plot.put_in_order():
            _free[server].append(plot)
        else:
            plot.leave()


def _new_plot(server: str) -> Plot:
    name = f"town_{next(_serial)}"
    _copy(server, SETTLED, name)
    return Plot(_settled(server), _beside(server, name))


@cache
def _settled(server: str) -> Settled:
    return Settled.read(_beside(server, SETTLED))


def _beside(server: str, name: str) -> str:
    """The URL of another database of a server."""
    return server.replace("/postgres?", f"/{name}?")


def lay_out(server: str, name: str) -> dict[str, Actor]:
    """Make a migrated database of that name with the town's people in it; gives the people."""
    _as_owner(server, f'CREATE DATABASE "{name}"')
    url = _beside(server, name)
    migrate(url, START)
    database = Database(url)
    with database.session() as session:
        people = settle(session)
    database.close()
    return people


@contextmanager
def fresh_copy(server: str, template: str, name: str) -> Iterator[str]:
    """A copy of the template database under that name, dropped afterwards; gives its URL."""
    _copy(server, template, name)
    yield _beside(server, name)
    _as_owner(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _copy(server: str, template: str, name: str) -> None:
    _as_owner(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


def _as_owner(server: str, statement: str) -> None:
    owner = engine_for(server, role=None)
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
    owner.dispose()

"""The first small offences of the demo city (首违不罚): a hundred and eleven let off with a lesson,
of seventy-three firms, as a district reported for a year, and a case in every other state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Any

from casework.acts.actors import Actor
from casework.common.timekeeping import in_chinese, legal_date
from casework.documents.attachments import store
from casework.kernel.office import Office
from casework.models import Case
from casework.parts.evidence import entering
from casework.people import parties
from demo.citizens import made_up_code
from demo.paper import pdf
from demo.promise_stories import Story
from demo.records import scene
from demo.telling import Tale

FIRMS, EXEMPTED = 73, 111
_REGION = "320613"
_FIRST_CODE = 500  # codes of made-up firms before it belong to the firms of city.toml
_NAMES = ("海棠", "金鼎", "如意", "春晖", "江风", "云栖", "明珠", "瑞和", "佳友", "长乐", "文峰")
_KINDS = ("宾馆", "美发店", "浴室", "酒店", "棋牌室", "口腔诊所", "健身馆")
_STREETS = ("人民中路", "青年路", "工农路", "跃龙路", "姚港路", "城山路", "洪江路", "濠北路")


@dataclass(frozen=True)
class _Act:
    """A small violation, the list that names it, and the fine that it would have cost."""

    code: str
    door: str
    listed: str
    stage: str
    fine: str
    found: str
    clause: str
    requirement: str


_ACTS = (
    _Act("GC012", "minor", "no_penalty.01", "uncorrected", "2200", "大厅未公示卫生检测结果",
         "公示检测结果", "在醒目位置公示"),
    _Act("GC005", "minor", "no_penalty.02", "uncorrected", "2600", "卫生管理档案缺培训记录",
         "卫生管理档案", "补齐档案"),
    _Act("GC003", "first", "no_penalty.06", "at_once", "600", "卫生检测逾期一个月",
         "卫生检测", "委托检测并提交报告"),
    _Act("GC008", "minor", "no_penalty.04", "uncorrected", "2400", "防蝇设施数量不足",
         "病媒生物防制设施", "补装防蝇设施"),
    _Act("GC013", "first", "no_penalty.08", "at_once", "1800", "一名从业人员健康合格证明过期",
         "健康合格证明", "体检合格后上岗"),
    _Act("GC009", "minor", "no_penalty.03", "uncorrected", "1600", "一种洗涤用品未索取检验合格证明",
         "索证", "补齐检验合格证明"),
    _Act("GC006", "first", "no_penalty.09", "uncorrected", "2800", "一名新员工未经卫生知识培训上岗",
         "卫生知识培训", "培训考核合格"),
    _Act("XD004", "first", "no_penalty.10", "at_once", "1500", "一种消毒产品进货未登记",
         "进货检查验收", "补登记并建立制度"),
    _Act("GC004", "first", "no_penalty.07", "at_once", "500", "茶具未按规定消毒",
         "茶具消毒", "重新清洗消毒并登记"),
    _Act("YL017", "minor", "no_penalty.05", "uncorrected", "2900", "医疗废物登记缺交接人签名",
         "医疗废物登记", "补全登记项目"),
)  # fmt: skip


@dataclass
class Offender:
    """A firm with its case; `n` makes it different from the others."""

    office: Office
    people: Mapping[str, Actor]
    n: int
    act: _Act
    number: str = ""

    @property
    def name(self) -> str:
        """What the firm is called."""
        names = list(product(_KINDS, _NAMES))
        kind, name = names[self.n % len(names)]
        return f"南通{name}{kind}有限公司"

    @property
    def address(self) -> str:
        """Where it is."""
        return f"南通市崇川区{_STREETS[self.n % len(_STREETS)]}{100 + self.n}号"

    def found(self, evidence: bool = True) -> None:
        """An inspector comes upon it, registers the firm if need be, and the lead."""
        code, today = made_up_code(_REGION, _FIRST_CODE + self.n), self._today
        inspector = self.people["inspector1"]
        with self.office.database.session() as session:
            parties.register(
                self.office,
                session,
                inspector,
                code_kind="uscc",
                code=code,
                name=self.name,
                representative=f"{'陈李王张刘杨赵黄'[self.n % 8]}建华",
                address=self.address,
                phone=f"0513-8522{self.n:04d}",
            )
        lead = {
            "source": ("监督检查", "投诉举报")[self.n % 7 == 0],
            "violation": self.act.code,
            "description": f"检查发现{self.act.found}",
            "found_on": today,
            "act_on": today,
            "place_name": self.name.removesuffix("有限公司"),
            "address": self.address,
        }
        self.number = self.office.open_case(
            "first_offence_exemption", lead, inspector, party=code
        ).number
        if evidence:
            text = [f"{self.act.clause}改正证据", self.name, today, "演示材料"]
            store(
                self.office,
                inspector,
                self.number,
                "correction_evidence",
                "改正证据.pdf",
                pdf(text),
            )

    def take(self, step: str, by: str, given: Mapping[str, Any]) -> None:
        """A step by an officer, or two joined by `+`."""
        first, _, second = by.partition("+")
        with self.office.database.session() as session:
            version = session.query(Case.version).filter_by(number=self.number).scalar()
        actor = self.people[first]
        self.office.advance(self.number, step, dict(given), actor, version=version)
        if second:
            self.office.sign(self.number, step, self.people[second], version=version)

    def register(self, title: str, proves: str) -> None:
        """Two handlers enter a paper in the evidence register of the case."""
        item = {
            "kind": "书证",
            "title": title,
            "origin": "执法人员收集、调取",
            "collectors": ["handler1", "handler2"],
            "collected_on": self._today,
            "place": self.address,
            "proves": proves,
            "storage": "本案卷",
        }
        file = (f"{title}.pdf", pdf([title, self.name, self._today, "演示材料"]))
        entering.add(self.office, self.people["handler1"], self.number, item, file)

    @property
    def _today(self) -> str:
        return legal_date(self.office.time.now()).isoformat()

    # -- what its officers write ---------------------------------------------------------------

    def seen(self) -> dict[str, Any]:
        """The record of what was found on the spot."""
        return scene(self.address, "当班负责人", self.act.found)

    def looked_into(self) -> dict[str, Any]:
        """What was found, and proves it."""
        today = legal_date(self.office.time.now())
        return {
            "facts": f"{in_chinese(today)}检查，{self.name}{self.act.found}",
            "evidence": [{"item": "现场照片", "proves": self.act.found}],
            "statement": "对检查情况没有异议，愿意改正",
        }

    def ordered(self) -> list[dict[str, str]]:
        """What must be put right."""
        return [{"clause": self.act.clause, "requirement": self.act.requirement}]

    def results(self, *, met: bool) -> list[dict[str, Any]]:
        """What a second look found."""
        finding = "已按要求改正" if met else "仍未改正"
        return [{"clause": self.act.clause, "met": met, "finding": finding}]

    def checked(self) -> tuple[str, dict[str, Any]]:
        """The checklist of its door."""
        if self.act.door == "minor":
            return "check_minor", {
                "slight": True,
                "slight_reasons": "情节轻微，持续时间短",
                "harm": "没有造成危害后果",
                "harm_reasons": "未发现对顾客健康的影响",
                "listed": self.act.listed,
            }
        return "check_first", {
            "searched": ["卫生监督信息系统", "信用中国"],
            "recorded_elsewhere": False,
            "harm": "危害后果轻微",
            "harm_reasons": "及时改正，未造成健康损害",
            "listed": self.act.listed,
            "reasons": "初次违法，主动改正，配合调查",
        }

    def proposed(self) -> dict[str, Any]:
        """The proposal, with the fine that there would have been."""
        slight = "违法行为轻微并已及时改正，没有造成危害后果"
        first = "系初次违法，危害后果轻微并已及时改正"
        return {
            "violation": self.act.code,
            "facts": f"{self.name}{self.act.found}",
            "evidence": "现场笔录；当事人陈述；改正证据",
            "stage": self.act.stage,
            "weight": "lighter",
            "would_be_fine": self.act.fine,
            "reasons": slight if self.act.door == "minor" else first,
        }


# -- stories -------------------------------------------------------------------------------------


def _lead(firm: Offender) -> Story:
    firm.found()
    yield 1


def _filed(firm: Offender) -> Story:
    yield from _lead(firm)
    filing = {"handlers": ["handler1", "handler2"], "basis": "符合立案标准"}
    firm.take("file", "handler1", {**filing, "facts": f"检查发现{firm.act.found}"})
    yield 1


def _investigating(firm: Offender) -> Story:
    yield from _filed(firm)
    firm.take("approve_filing", "approver", {"opinion": "同意立案"})
    firm.take("record_scene", "handler1+handler2", firm.seen())
    firm.take("investigate", "handler1+handler2", firm.looked_into())
    yield 1


def _received(firm: Offender) -> dict[str, Any]:
    """A letter that the firm signed for, with the slip on file."""
    day = legal_date(firm.office.time.now()).isoformat()
    store(
        firm.office,
        firm.people["handler1"],
        firm.number,
        "signed_receipt",
        "送达回证.pdf",
        pdf(["送达回证", firm.name, firm.address, firm.number, day, "演示材料"]),
    )
    received = {"recipient": "当班负责人", "receiver": "单位负责收件的人", "signed": True}
    return {"way": "直接送达", "place": firm.address, **received}


def _ordered(firm: Offender) -> Story:
    yield from _investigating(firm)
    until = (firm.office.time.now() + timedelta(days=20)).date()
    firm.take(
        "order_correction",
        "handler1",
        {"items": firm.ordered(), "facts": firm.act.found, "until": until.isoformat()},
    )
    firm.take("serve_order", "handler1", _received(firm))
    yield 4


def _corrected(firm: Offender) -> Story:
    yield from _ordered(firm)
    today = legal_date(firm.office.time.now()).isoformat()
    seen = {"results": firm.results(met=True), "corrected_on": today, "summary": "已经改正"}
    firm.take("recheck", "handler1+handler2", seen)
    yield 1


def _not_corrected(firm: Offender) -> Story:
    yield from _ordered(firm)
    yield 12
    seen = {"results": firm.results(met=False), "refused": False, "summary": "逾期未改正"}
    firm.take("find_not_corrected", "handler1+handler2", seen)
    yield 1


def _converted(firm: Offender) -> Story:
    yield from _not_corrected(firm)
    firm.take("convert", "handler1", {"reason": "逾期未改正，依法应当给予行政处罚"})


def _not_filed(firm: Offender) -> Story:
    yield from _lead(firm)
    reason = {"ground": "不构成违法行为", "reason": "经核实，检测结果已在电子屏公示"}
    firm.take("refuse_filing", "approver", reason)


def _terminated(firm: Offender) -> Story:
    yield from _investigating(firm)
    ground = {"ground": "当事人终止且没有权利义务承受人", "evidence": "注销登记通知书"}
    firm.register("注销登记通知书", "当事人已注销登记")
    firm.take("terminate", "approver", ground)


def _on_the_spot(firm: Offender) -> Story:
    firm.found()
    firm.take("record_scene", "inspector1+inspector2", firm.seen())
    looked = firm.looked_into()
    seen = {"items": firm.ordered(), "corrected": firm.act.requirement, "present": "当班负责人"}
    firm.take("correct_on_the_spot", "inspector1+inspector2", {**looked, **seen})
    yield 1


def _reviewed(firm: Offender) -> Story:
    # Every eighth case is filed and rechecked in full, the others were put right on the spot.
    yield from _corrected(firm) if firm.n % 8 == 0 else _on_the_spot(firm)
    firm.take(firm.checked()[0], "handler1", firm.checked()[1])
    firm.take("propose_exemption", "handler1", firm.proposed())
    yield 1


def _exempted(firm: Offender) -> Story:
    yield from _reviewed(firm)
    firm.take("exempt", "approver", {"opinion": "同意不予行政处罚，加强教育"})
    yield 2


def _educated(firm: Offender) -> Story:
    yield from _exempted(firm)
    taught = {"taught": "当班负责人", "position": "店长", "response": "接受教育，今后严格遵守"}
    content = {"content": f"讲解{firm.act.clause}的规定和法律责任", "pledged": firm.n % 2 == 0}
    firm.take("educate", "handler1", {**taught, **content})


def _served(firm: Offender) -> Story:
    yield from _educated(firm)
    firm.take("serve", "handler1", _received(firm))
    yield 30


def _revisited(firm: Offender) -> Story:
    yield from _served(firm)
    seen = {"results": firm.results(met=True), "opinion": "感谢指导", "summary": "保持合规"}
    firm.take("revisit", "handler1", seen)


def _closed(firm: Offender) -> Story:
    yield from _revisited(firm)
    firm.take("close", "handler1", {"filed": True})


_RECENT = ((_exempted, 10), (_educated, 7), (_served, 20), (_served, 25), (_revisited, 62))
# How many days before the end each of these begins.
_UNDER_WAY = (
    (_lead, 2), (_filed, 4), (_investigating, 6), (_ordered, 9), (_corrected, 12),
    (_not_corrected, 36), (_reviewed, 5), (_converted, 48), (_not_filed, 30), (_terminated, 35),
)  # fmt: skip
_AT_ONCE = (_lead, _filed, _investigating, _reviewed)


def tales() -> Iterator[Tale]:
    """Every case of a small offence, each as a story of its own."""
    for n in range(EXEMPTED):
        # The second case of a firm is about another act: else it would not be its first.
        act = _ACTS[(n + n // FIRMS) % len(_ACTS)]
        # Found on a few inspection days, as an inspection of a street finds several.
        story, ago = _RECENT[n] if n < len(_RECENT) else (_closed, 75 + n // 9 * 18)
        yield _tale(f"exempted/{n}", story, ago, n % FIRMS, act)
    for n, (story, ago) in enumerate(_UNDER_WAY):
        yield _tale(f"small_offence/{n}", story, ago, FIRMS + n, _ACTS[n % 2])


def _tale(name: str, story: Callable[[Offender], Story], ago: int, n: int, act: _Act) -> Tale:
    return Tale(
        name,
        ago,
        lambda office, people, end: story(Offender(office, people, n, act)),
        at_once=story in _AT_ONCE,
    )

"""Cases of the first small offence: what each step is given, and the way to each state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.history import remembered
from tests.support.scenes import SCENE
from tests.support.serving import RECEIPT
from tests.support.town import Town

FIRM = "91440300708461136T"
HANDLERS = "handler1+handler2"


def lead(**changes: Any) -> dict[str, Any]:
    """A hotel that does not show its licence."""
    return {
        "source": "监督检查",
        "reference": "检查记录 2026-118",
        "violation": "GC012",
        "description": "大堂未公示卫生检测结果",
        "found_on": "2026-09-01",
        "act_on": "2026-09-01",
        "place_name": "南通滨江宾馆",
        "address": "南通市崇川区人民中路88号",
        **changes,
    }


def results(*, met: bool) -> list[dict[str, Any]]:
    """What was found about the one thing ordered."""
    found = "已在大堂公示" if met else "仍未公示"
    return [{"clause": "公示卫生检测结果", "met": met, "finding": found}]


ORDERED = [{"clause": "公示卫生检测结果", "requirement": "在醒目位置公示"}]
EVIDENCE = [{"item": "现场照片", "proves": "未公示"}]
MINOR = {
    "slight": True,
    "slight_reasons": "仅检测结果一项未公示，持有有效许可证",
    "harm": "没有造成危害后果",
    "harm_reasons": "检测合格，未影响顾客健康",
    "listed": "no_penalty.01",
}
FIRST = {
    "searched": ["卫生监督信息系统", "信用中国"],
    "recorded_elsewhere": False,
    "harm": "危害后果轻微",
    "harm_reasons": "补检合格",
    "reasons": "初次违法，主动补检",
}
NO_FAULT = {
    "proof": "供应商出具的虚假检验报告和查验记录",
    "duties": "进货时查验资质、索取报告",
    "proved": True,
    "reasons": "已尽到合理注意义务",
}
UNPROVEN = {"ground": "违法事实不能成立（第五十七条）", "evidence": "复核检测合格"}
PROPOSAL = {
    "violation": "GC012",
    "facts": "2026年9月1日检查发现，大堂未公示卫生检测结果",
    "evidence": "现场笔录、照片",
    "stage": "uncorrected",
    "weight": "lighter",
    "would_be_fine": "1000.00",
    "reasons": "违法行为轻微，当日改正，没有造成危害后果",
}
# Under `process.step` in the table of usual inputs.
INPUTS: Mapping[str, Any] = {
    "file": {
        "handlers": ["handler1", "handler2"],
        "facts": "大堂未公示检测结果",
        "basis": "实施细则第三十七条",
    },
    "approve_filing": {"opinion": "同意立案"},
    "refuse_filing": {"ground": "不构成违法行为", "reason": "检测结果已在电子屏公示"},
    "send_transfer": {
        "kind": "不属于本机关管辖，移送有管辖权的机关",
        "to": "南通市通州区卫生健康委员会",
        "reason": "违法行为发生地在通州区",
        "materials": "线索材料一份",
    },
    "correct_on_the_spot": {
        "facts": "大堂未公示检测结果",
        "items": ORDERED,
        "corrected": "当场张贴公示",
        "statement": "没有异议",
        "present": "李敏",
        "evidence": EVIDENCE,
    },
    "record_scene": SCENE,
    "investigate": {
        "facts": "大堂未公示检测结果",
        "evidence": EVIDENCE,
        "statement": "工作疏忽，愿意改正",
    },
    "order_correction": {"items": ORDERED, "facts": "大堂未公示检测结果", "until": "2026-09-10"},
    "serve_order": RECEIPT,
    "report_correction": {"statement": "已公示，附照片"},
    "recheck": {
        "results": results(met=True),
        "corrected_on": "2026-09-01",
        "summary": "已改正",
    },
    "find_not_corrected": {
        "results": results(met=False),
        "refused": True,
        "summary": "当事人拒绝改正",
    },
    "check_minor": MINOR,
    "check_first": FIRST,
    "check_no_fault": NO_FAULT,
    "check_other": UNPROVEN,
    "propose_exemption": PROPOSAL,
    "exempt": {"opinion": "同意不予处罚"},
    "return_proposal": {"opinion": "补充改正证据"},
    "extend_decision": {"opinion": "案情复杂，同意延长"},
    "convert": {"reason": "逾期未改正，应当给予处罚"},
    "terminate": {"ground": "当事人终止且没有权利义务承受人", "evidence": "注销登记证明"},
    "educate": {
        "taught": "李敏",
        "position": "店长",
        "content": "讲解公示义务和法律责任",
        "response": "接受教育，今后按规定公示",
    },
    "serve": RECEIPT,
    "revisit": {
        "results": results(met=True),
        "opinion": "没有意见",
        "summary": "持续公示，未再违法",
    },
    "close": {"filed": True},
}

_FILED = (("file", "handler1"), ("approve_filing", "approver"))
_ORDERED = (
    *_FILED,
    ("record_scene", HANDLERS),
    ("investigate", HANDLERS),
    ("order_correction", "handler1"),
)
CORRECTED = (*_ORDERED, ("recheck", HANDLERS))
_PROPOSED = (*CORRECTED, ("check_minor", "handler1"), ("propose_exemption", "handler1"))
EXEMPTED = (*_PROPOSED, ("exempt", "approver"))
_AFTER = (
    ("educate", "handler1"),
    ("serve", "handler1"),
    ("revisit", "handler1"),
    ("close", "handler1"),
)
WAYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "lead": (),
    "filed": _FILED[:1],
    "investigating": _FILED,
    "ordered_to_correct": _ORDERED,
    "corrected": CORRECTED,
    "not_corrected": (*_ORDERED, ("find_not_corrected", HANDLERS)),
    "exemption_review": _PROPOSED,
    "exempted": EXEMPTED,
    "educated": (*EXEMPTED, *_AFTER[:1]),
    "served": (*EXEMPTED, *_AFTER[:2]),
    "revisited": (*EXEMPTED, *_AFTER[:3]),
    "closed": (*EXEMPTED, *_AFTER),
    "converted": (*_ORDERED, ("find_not_corrected", HANDLERS), ("convert", "handler1")),
    "not_filed": (("refuse_filing", "approver"),),
    "terminated": (*_FILED, ("terminate", "approver")),
}


@remembered
def open_lead(town: Town, *, by: str = "handler1", party: str = FIRM, **changes: Any) -> str:
    """A lead against a firm, with the evidence of its correction in the file; its number."""
    day = town.time.now().date().isoformat()
    data = {**lead(found_on=day, act_on=day), **changes}
    number = town.office.open_case(
        "first_offence_exemption", data, town.people[by], party=party
    ).number
    town.attach(number, "correction_evidence", by=by)
    return number

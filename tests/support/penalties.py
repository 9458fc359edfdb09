"""Cases of penalty: what each step is given, and the way to each state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import select

from casework.common.timekeeping import ZONE
from casework.models import Case
from casework.parts.evidence import entering
from casework.parts.same_act.same_act import PROCESSES
from rulebook.shipped import shipped_editions
from tests.support.exemptions import EVIDENCE, FIRM, HANDLERS, ORDERED, results
from tests.support.exemptions import lead as _lead
from tests.support.history import remembered, step_by_step
from tests.support.scenes import INTERVIEW, SCENE
from tests.support.serving import ANNOUNCEMENT, CONSENT, RECEIPT, TRY
from tests.support.signed import png
from tests.support.town import Town, hearing, hearing_record, review, workday_from

Way = tuple[tuple[str, str], ...]
# Before which day a case is opened that is to wait for the end of the time to sue.
LONG_BEFORE = datetime(2025, 9, 1, 9, 0, tzinfo=ZONE)
FACTS = "2026年9月1日检查发现宾馆毛巾未按规定清洗消毒，有现场笔录为证"
# Six times what is lawful at once: what the law has if nothing was corrected, and the place fails.
FAILED = {
    "stage": "uncorrected",
    "weight": "standard",
    "facts": f"{FACTS}；毛巾细菌总数不符合卫生标准，有卫生检测报告为证",
}
PROVED = [{"item": "现场笔录", "proves": "毛巾未按规定清洗消毒"}]
WARNING = {"kind": "警告", "amount": "", "days": 0, "detail": ""}


def fine(amount: str = "1000.00") -> dict[str, Any]:
    """A fine of so much."""
    return {"kind": "罚款", "amount": amount, "days": 0, "detail": ""}


CLOSURE = {"kind": "责令停产停业", "amount": "", "days": 10, "detail": "洗消间整改期间"}


def lead(**changes: Any) -> dict[str, Any]:
    """A hotel that does not clean its towels."""
    return {
        **_lead(violation="GC004", description="毛巾未按规定清洗消毒"),
        "filed_on": "2026-09-01",
        **changes,
    }


# What the article has only for a grave case (情节严重), and what makes this one grave.
ONLY_IF_GRAVE = ("责令停产停业", "吊销许可证件")
GRAVE = "洗消间停用三周，两百余名顾客用未消毒的毛巾，现场笔录为证"


@cache
def basis_of(code: str) -> str:
    """The punishing article of a violation, as the shipped catalogue has it."""
    laws = (
        one.law for one in shipped_editions() if (one.kind, one.key) == ("violation", code.lower())
    )
    return next(laws, "《公共场所卫生管理条例实施细则》第三十六条第二项")


def sentence(*measures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What is proposed: by default a warning and a fine of the middle step, 600 to 1400 yuan. What
    only a grave case may have comes with what makes it grave."""
    grave = any(one["kind"] in ONLY_IF_GRAVE for one in measures)
    return {
        "violation": "GC004",
        "gravity": GRAVE if grave else "",
        "facts": FACTS,
        "basis": basis_of(changes.get("violation", "GC004")),
        "reasons": "初次查处，情节一般",
        "measures": list(measures) or [WARNING, fine()],
        "stage": "at_once",
        "weight": "standard",
        **changes,
    }


def _founded(said: dict[str, Any]) -> dict[str, Any]:
    """A sentence whose basis is that of its violation, where it was given none of its own."""
    if said["basis"] != basis_of("GC004"):
        return said
    return {**said, "basis": basis_of(said["violation"])}


def decision(*measures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A decision of it; a small fine is of the lightest class (since April 2026, 令36)."""
    return _founded({**sentence(*measures), "publicity": "minor", "shown": True, **changes})


def reconsidered(*measures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The same after the party was heard."""
    return _founded({**sentence(*measures), "defence_considered": "所述不影响事实认定", **changes})


def spot(*measures: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A penalty on the spot."""
    return _founded(
        {
            **sentence(*measures),
            "proof": "现场笔录",
            "certificates_shown": True,
            "rights_told": True,
            "defence": "当事人没有异议",
            "recipient": "李敏",
            **changes,
        }
    )


MILDER = "400.00"
VARIED = {
    "number": "〔2026〕崇行复21号",
    "result": "变更",
    "measures": [WARNING, fine(MILDER)],
    "reasons": "处罚明显不当，罚款过重",
}
OVERTURNED = {"number": "〔2026〕崇行复21号", "result": "撤销", "reasons": "事实不清，证据不足"}
PAYMENT = {"way": "到指定银行缴纳", "amount": "1000.00", "on": "2026-09-01", "voucher": "P-0"}
PLAN = {
    "parts": [{"due": "2026-10-10", "amount": "400.00"}, {"due": "2026-11-10", "amount": "600.00"}],
    "until": "2026-11-10",
    "reason": "当事人停业整改，经营困难",
}
UNDOING = {
    "kind": "撤销",
    "facts": "裁量档适用错误",
    "basis": "《行政处罚法》第七十五条第二款",
    "reasons": "裁量档适用错误，处罚明显不当",
    "instead": "撤销原决定，另行处理",
}
_SERVED = {
    f"{step}{suffix}": given
    for suffix in (
        "",
        "_notice",
        "_hearing",
        "_order",
        "_release",
        "_urging",
        "_correction",
        "_undoing",
    )
    for step, given in (
        ("serve", RECEIPT),
        ("record_receipt", {**RECEIPT, "documents": ["penalty_decision"]}),
        ("record_try", TRY),
        ("announce", ANNOUNCEMENT),
    )
}
# By which title a paper of criminal justice, or an agreement and what was mended, is on file.
JUSTICE_PAPER = "司法机关文书"
MENDED = "改正情况的照片"
AGREEMENT_PAPER, REMEDY = "执行协议书（双方签章）", "整改报告"
INPUTS: Mapping[str, Any] = {
    "file": {
        "handlers": ["handler1", "handler2"],
        "facts": "毛巾未按规定清洗消毒",
        "basis": "《公共场所卫生管理条例实施细则》第三十六条",
    },
    "approve_filing": {"opinion": "同意立案"},
    "refuse_filing": {"ground": "不构成违法行为", "reason": "复检合格"},
    "hand_over": {"handlers": ["handler1", "handler2"], "reason": "原承办人外出学习"},
    "record_scene": SCENE,
    "record_interview": INTERVIEW,
    "investigate": {"facts": FACTS, "evidence": EVIDENCE, "statement": "承认未按规定消毒"},
    "order_correction": {"items": ORDERED, "facts": FACTS, "until": "2026-09-10"},
    "serve_order": RECEIPT,
    "suspend": {"ground": "适用法律须请有权机关解释或者确认", "reason": "已请示省卫生健康委"},
    "transfer": {"received": "受移送机关已签收，出具回执"},
    "send_transfer": {
        "kind": "不属于本机关管辖，移送有管辖权的机关",
        "to": "南通市通州区卫生健康委员会",
        "reason": "违法行为发生地在通州区",
        "materials": "案卷一册",
    },
    "refer_crime": {
        "to": "南通市公安局崇川分局",
        "reason": "涉嫌妨害传染病防治罪",
        "materials": "案卷一册",
    },
    "take_back": {
        "outcome": "人民检察院决定不起诉",
        "authority": "南通市崇川区人民检察院",
        "number": "通崇检不诉〔2026〕21号",
        "paper": JUSTICE_PAPER,
        "on": "2026-09-01",
    },
    "record_justice_receipt": {"authority": "南通市公安局崇川分局", "on": "2026-09-01"},
    "end_with_justice": {
        "authority": "南通市崇川区人民法院",
        "number": "（2026）苏0613刑初21号",
        "result": "判处罚金",
        "paper": JUSTICE_PAPER,
    },
    "terminate": {"ground": "当事人终止且没有权利义务承受人", "evidence": "注销登记证明"},
    "close_investigation": {
        "facts": FACTS,
        "evidence": PROVED,
        "statement": "承认未按规定消毒",
        "suggestion": "建议给予警告、罚款1000元",
    },
    "investigate_further": {"opinion": "补充检测报告"},
    "propose": {**sentence(), "members": "甲handler1、甲handler2", "discussion": "意见一致"},
    "notify": sentence(),
    "state_defence": {"text": "已安排整改，请求从宽"},
    "request_hearing": {"reasons": "对停业有异议"},
    "schedule_hearing": hearing(),
    "ask_earlier_hearing": {"reason": "停业损失大，请求提前举行"},
    "adjourn_hearing": {
        "on": "2026-10-20",
        "time": "09:00",
        "room": "二楼听证室",
        "reason": "须通知新的证人到场，已当场告知当事人",
    },
    "hold_hearing": hearing_record(),
    "abandon_hearing": {"circumstances": "经通知无正当理由未到场"},
    "reconsider": reconsidered(),
    "submit_review": {"defence_considered": "不予采纳"},
    "pass_review": review(),
    "return_review": {"kind": "退回补充证据", "opinion": "补充检测材料"},
    "vote": {"choice": "同意", "opinion": "同意拟作出的处罚"},
    "conclude_panel": {
        "room": "三楼会议室",
        "presiding": "甲approver",
        "recorder": "甲记录",
        "report": "案情、证据和拟处罚意见",
        "conclusion": "同意",
    },
    "reject_in_panel": {
        "room": "三楼会议室",
        "presiding": "甲approver",
        "recorder": "甲记录",
        "report": "案情、证据和拟处罚意见",
        "conclusion": "不同意",
    },
    "decide": decision(),
    "release": {
        "ground": "违法行为轻微，依法可以不予行政处罚（第五十七条第一款第二项）",
        "facts": f"{FACTS}；已经改正，有{MENDED}为证",
        "reasons": "违法行为轻微并及时改正，没有造成危害后果",
    },
    "extend_decision": {"opinion": "案情复杂，同意延长"},
    **_SERVED,
    "confirm_address": CONSENT,
    "record_payment": PAYMENT,
    "correct_payment": {
        "voucher": "P-0",
        "on": "2026-09-01",
        "amount": "2.00",
        "reason": "银行回单载明的金额与登记不一致",
    },
    "record_refund": {
        "amount": "1.00",
        "voucher": "TK-1",
        "account": "南通滨江宾馆有限公司0001",
        "on": "2026-09-01",
    },
    "draw_up_account": {"on": "2026-09-01"},
    "make_agreement": {
        "paper": AGREEMENT_PAPER,
        "parts": [],
        "remission": "全部减免",
        "remit": "",
        "remedy": f"已经整改，见{REMEDY}",
        "lapses": False,
        "harmless": True,
    },
    "record_performance": {"proof": "警告决定已送达"},
    "ask_for_time": {"reason": "停业整改，资金困难", "plan": "分两期缴纳"},
    "grant_instalments": PLAN,
    "defer_payment": {"until": "2026-12-01", "reason": "当事人停业整改"},
    "urge": {"duty": "缴纳罚款及加处罚款"},
    "apply_to_court": {"claims": "强制执行罚款和加处罚款", "property": "银行账户一个"},
    "hand_over_execution": {
        "to": "南通市崇川区人民政府",
        "reason": "经催告仍不缴纳变更后的罚款",
        "materials": "处罚决定书、复议决定书、催告书",
    },
    "record_execution": {
        "amount": "2000.00",
        "on": "2026-09-01",
        "ruling": "（2026）苏0613行审1号",
    },
    "suspend_execution": {"ground": "当事人履行确有困难或者暂无履行能力", "evidence": "法院裁定"},
    "end_execution": {
        "ground": "法人或者其他组织终止，无财产可供执行，又无义务承受人",
        "evidence": "注销登记证明",
    },
    "close": {"performance": "已经执行", "corrected": "已经改正", "opinion": "建议结案"},
    "file_reconsideration": {"body": "南通市崇川区人民政府", "number": "〔2026〕崇行复21号"},
    "end_reconsideration": {"number": "〔2026〕崇行复21号", "result": "维持原决定"},
    "vary_by_reconsideration": VARIED,
    "change_by_reconsideration": OVERTURNED,
    "file_litigation": {"body": "南通市崇川区人民法院", "number": "（2026）苏0613行初21号"},
    "end_litigation": {"number": "（2026）苏0613行初21号", "result": "申请人（原告）撤回"},
    "record_judgment": {
        "number": "（2026）苏0613行初21号",
        "result": "撤销",
        "on": "2026-09-01",
    },
    "appeal": {"by": "本机关", "body": "南通市中级人民法院", "number": "（2026）苏06行终9号"},
    "withdraw_appeal": {"number": "（2026）苏06行终9号"},
    "vary_by_litigation": {**VARIED, "number": "（2026）苏06行终9号", "instance": "二审"},
    "change_by_litigation": {**OVERTURNED, "instance": "二审"},
    "correct": {
        "document": "penalty_decision",
        "items": [{"field": "当事人地址", "wrong": "人民中路", "right": "人民东路"}],
        "reason": "地址录入有误",
    },
    "propose_undoing": UNDOING,
    "review_undoing": review(),
    "undo_decision": UNDOING,
    "archive": {"volume": "2026-罚-001", "pages": 86, "complete": True},
    "punish": spot(),
    "refer": {"reason": "案情复杂"},
    "report_penalty": {"note": "报本机关备案"},
    "report_correction": {"statement": "已经清洗消毒，附照片"},
    "recheck": {"results": results(met=True), "corrected_on": "2026-09-01", "summary": "已改正"},
    "find_not_corrected": {"results": results(met=False), "refused": True, "summary": "拒绝改正"},
}

_HEAVY = (WARNING, fine(), CLOSURE)
# What the steps of a case with a right to a hearing are given.
HEAVY: Mapping[str, Any] = {
    "propose": {**INPUTS["propose"], **sentence(*_HEAVY)},
    "notify": sentence(*_HEAVY),
    "reconsider": reconsidered(*_HEAVY),
    "decide": decision(*_HEAVY, publicity="serious"),
}

# And of one that ends in a mere warning.
WARNED: Mapping[str, Any] = {
    "propose": {**INPUTS["propose"], **sentence(WARNING)},
    "notify": sentence(WARNING),
    "reconsider": reconsidered(WARNING),
    "decide": decision(WARNING, shown=False, outstanding=""),
}

_FILED: Way = (("file", "handler1"), ("approve_filing", "approver"))
_INVESTIGATED: Way = (
    *_FILED,
    ("record_scene", HANDLERS),
    ("investigate", HANDLERS),
    ("order_correction", "handler1"),
    ("close_investigation", HANDLERS),
)
# An order that was served, ran out, and was found not to be carried out (逾期不改正).
UNCORRECTED: Way = (
    *_INVESTIGATED[:-1],
    ("serve_order", "handler1"),
    ("wait", "11"),
    ("fail_order", HANDLERS),
    _INVESTIGATED[-1],
)
OPINION: Way = (*_INVESTIGATED, ("propose", HANDLERS))
_ISSUED: Way = (*OPINION, ("notify", "handler1"))
NOTIFIED: Way = (*_ISSUED, ("serve_notice", "handler1"))
_STATED: Way = (*NOTIFIED, ("state_defence", "applicant"))
_ASKED: Way = (*NOTIFIED, ("request_hearing", "applicant"))
SCHEDULED: Way = (*_ASKED, ("schedule_hearing", "handler1"))
TOLD_OF_HEARING: Way = (*SCHEDULED, ("serve_hearing", "handler1"))
# Who only makes a statement has its time until the last day.
RECONSIDERED: Way = (*NOTIFIED, ("waive_defence", "applicant"), ("reconsider", "handler1"))
_SUBMITTED: Way = (*RECONSIDERED, ("submit_review", "handler1"))
_PANEL: Way = (*RECONSIDERED, ("forgo_review", "handler1"))
_PENDING: Way = (*_PANEL, ("forgo_panel", "approver"))
DECIDED: Way = (*_PENDING, ("decide", "approver"))
SERVED: Way = (*DECIDED, ("serve", "handler1"))
UNDONE: Way = (
    *SERVED,
    ("propose_undoing", "handler1"),
    ("review_undoing", "legal"),
    ("undo_decision", "approver"),
)
_RELEASED: Way = (*RECONSIDERED, ("release", "approver"))
PUNISHED: Way = (("record_scene", HANDLERS), ("punish", HANDLERS))


_UPHELD: Way = (("file_reconsideration", "legal"), ("end_reconsideration", "legal"))
_SUED: Way = (("file_litigation", "legal"),)
# A judgment of first instance, appealed against on the day on which it was served.
JUDGED: Way = (("record_judgment", "legal"), ("appeal", "legal"))
# From a decision that was served to the states of both remedies, which lie over it side by side.
CONTESTED: Mapping[tuple[str, ...], Way] = {
    ("under_reconsideration",): _UPHELD[:1],
    ("reconsideration_upheld", "under_litigation"): (*_UPHELD, *_SUED),
    ("litigated",): (*_UPHELD, *_SUED, ("end_litigation", "legal")),
    ("reconsideration_varied",): (_UPHELD[0], ("vary_by_reconsideration", "legal")),
    ("judgment_served",): (*_SUED, *JUDGED[:1]),
    ("appeal_withdrawn",): (*_SUED, *JUDGED, ("withdraw_appeal", "legal")),
    ("litigation_varied",): (*_SUED, *JUDGED, ("vary_by_litigation", "legal")),
    ("reconsideration_changed",): (_UPHELD[0], ("change_by_reconsideration", "legal")),
    ("litigation_changed",): (*_SUED, *JUDGED, ("change_by_litigation", "legal")),
}


def _announced(way: Way, suffix: str) -> Way:
    """That way, and then an announcement after two ways that failed."""
    return (
        *way,
        (f"record_try{suffix}", "handler1"),
        (f"record_try{suffix}", "handler1+by_post"),
        (f"announce{suffix}", "handler1"),
    )


def _collected(owed: Way, contestable: int, *before_closing: tuple[str, str]) -> Mapping[str, Way]:
    """From a penalty that is owed to each state of its collection; it may be contested for so many
    days."""
    asked = (*owed, ("ask_for_time", "applicant"))
    overdue = (*owed, ("wait", "20"))
    issued = (*overdue, ("urge", "handler1"))
    urged = (*issued, ("serve_urging", "handler1"))
    applied = (*urged, ("wait", str(contestable)), ("apply_to_court", "approver"))
    paid = (*owed, ("record_payment", "handler1"))
    closed = (*paid, *before_closing, ("close", "handler1"))
    return {
        "instalment": (*asked, ("grant_instalments", "approver")),
        "deferred": (*asked, ("defer_payment", "approver")),
        "overdue": overdue,
        "urging_issued": issued,
        "urging_announced": _announced(issued, "_urging"),
        "urged": urged,
        "court_applied": applied,
        "exec_suspended": (*applied, ("suspend_execution", "approver")),
        "executed": (*applied, ("record_execution", "handler1")),
        "exec_ended": (*owed, ("end_execution", "approver")),
        "paid": paid,
        "closed": closed,
        "archived": (*closed, ("archive", "handler1")),
    }


WAYS: Mapping[str, Way] = {
    "lead": (),
    "filed": _FILED[:1],
    "investigating": _FILED,
    "suspended": (*_FILED, ("suspend", "approver")),
    "investigated": _INVESTIGATED,
    "opinion": OPINION,
    "notice_issued": _ISSUED,
    "notice_announced": _announced(_ISSUED, "_notice"),
    "notified": NOTIFIED,
    "statement_heard": _STATED,
    "hearing_requested": _ASKED,
    "hearing_scheduled": SCHEDULED,
    "hearing_held": (*TOLD_OF_HEARING, ("hold_hearing", "chair")),
    "hearing_abandoned": (*SCHEDULED, ("withdraw_hearing", "applicant")),
    "reconsidered": RECONSIDERED,
    "legal_review": _SUBMITTED,
    "review_returned": (*_SUBMITTED, ("return_review", "legal")),
    "panel_discussion": _PANEL,
    "decision_pending": _PENDING,
    "decided": DECIDED,
    "decision_announced": _announced(DECIDED, ""),
    "served": SERVED,
    "not_punished": _RELEASED,
    "release_announced": _announced(_RELEASED, "_release"),
    "release_served": (*_RELEASED, ("serve_release", "handler1")),
    "decision_undone": UNDONE,
    "undoing_announced": _announced(UNDONE, "_undoing"),
    "undoing_served": (*UNDONE, ("serve_undoing", "handler1")),
    **_collected(SERVED, 200, ("look_again", HANDLERS)),
    "not_filed": (("refuse_filing", "approver"),),
    "with_justice": (*_FILED, ("refer_crime", "approver")),
    "taken_by_justice": (
        *_FILED,
        ("refer_crime", "approver"),
        ("record_justice_receipt", "handler1"),
    ),
    "transferred": (*_FILED, ("send_transfer", "approver"), ("transfer", "approver")),
    "terminated": (*_FILED, ("terminate", "approver")),
}
SPOT_WAYS: Mapping[str, Way] = {
    "lead": (),
    "punished": PUNISHED,
    **_collected(PUNISHED, 60, ("report_penalty", "handler1")),
    "referred": (("refer", HANDLERS.partition("+")[0]),),
}
_HEARINGS = ("hearing_requested", "hearing_scheduled", "hearing_held", "hearing_abandoned")
# For which time has to go by.
TIMED = (
    "hearing_held",
    "overdue",
    "urging_issued",
    "urging_announced",
    "urged",
    "court_applied",
    "exec_suspended",
    "executed",
)


def another_act(town: Town) -> dict[str, str]:
    """When and where an act was found that is none of those that a town knows already: the first
    is found today at the hotel, each further one was found on an earlier day and next door."""
    said = Case.data["application"]
    with town.session() as session:
        known = session.execute(
            select(said["found_on"].as_string(), said["act_on"].as_string()).where(
                Case.process.in_(PROCESSES)
            )
        ).all()
    n, days = len(known), {day for row in known for day in row}
    day = town.time.now().date() - timedelta(days=n)
    while day.isoformat() in days:
        day -= timedelta(days=1)
    on = day.isoformat()
    return {"found_on": on, "act_on": on, "address": f"南通市崇川区人民中路{88 + n}号"}


@remembered
def open_lead(town: Town, process: str = "penalty", *, party: str = FIRM, **changes: Any) -> str:
    """A lead against a firm about another act than any before; its number."""
    day = town.time.now().date().isoformat()
    data = {**lead(filed_on=day), **another_act(town), **changes}
    if process != "penalty":
        data.pop("filed_on")
    return town.office.open_case(process, data, town.people["handler1"], party=party).number


def go(town: Town, number: str, *steps: tuple[str, str], **inputs: Any) -> None:
    """Take steps in order, each with its usual input unless `inputs` says otherwise; days are
    those of the town. `wait` lets so many of them go by, `look_again` rechecks what was ordered."""

    def take(step: str, by: str) -> None:
        if step == "wait":
            town.time.pass_(days=int(by))
            town.office.catch_up(town.case(number).id)
            return
        if step in ("look_again", "fail_order"):
            correct(town, number, "recheck" if step == "look_again" else "find_not_corrected")
            return
        given = inputs_of(town, number, step, inputs)
        if by.endswith("+by_post"):
            by, given = by.partition("+")[0], {**given, "way": "邮寄送达"}
        register(town, number, *PROVED_BY.get(step, ()))
        if step == "hold_hearing":
            town.time.go_to(hearing_on(town, number))
        town.take(number, step, by, given)

    step_by_step(town, ("go", number), steps, inputs, take)


# What has to be in the evidence register before a step: its titles.
PROVED_BY: Mapping[str, tuple[str, ...]] = {
    "find_not_corrected": ("当事人拒绝改正的记录", "卫生检测报告"),
    "end_execution": ("注销登记证明",),
    "terminate": ("注销登记证明",),
    "confiscate": ("（2026）苏0613刑初9号刑事判决书",),
    "make_agreement": (AGREEMENT_PAPER, REMEDY),
    "take_back": (JUSTICE_PAPER,),
    "release": (MENDED,),
    "end_with_justice": (JUSTICE_PAPER,),
}


def register(town: Town, number: str, *titles: str) -> None:
    """Enter papers in the evidence register of a case; those of an order where it was given."""
    case = town.case(number)
    if case.process == "correction_order":
        number = case.data["application"]["origin"]
    for title in titles:
        item = {
            "kind": "书证",
            "title": title,
            "origin": "执法人员收集、调取",
            "collectors": ["handler1", "handler2"],
            "collected_on": town.time.now().date().isoformat(),
            "place": "南通市崇川区行政审批局",
            "proves": f"{title}所载事实",
            "storage": "本案卷",
        }
        file = (f"{title}.png", png(f"{number}{title}"))
        entering.add(town.office, town.people["handler1"], number, item, file)


def hearing_on(town: Town, number: str) -> date:
    """The day of the hearing, by its notice or as it was put off since."""
    data = town.case(number).data
    named = next(name for name in reversed(data) if name in ("schedule_hearing", "adjourn_hearing"))
    return date.fromisoformat(data[named]["on"])


def inputs_of(town: Town, number: str, step: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """What a step is given: the usual, with the days of the town, or what `inputs` says instead."""
    said = {**INPUTS.get(step, {}), **dated(town, number, step), **inputs.get(step, {})}
    return _founded(said) if "stage" in said and "basis" in said else said


def dated(town: Town, number: str, step: str) -> dict[str, Any]:
    """Of what a step is given, that which is told from the days of the town."""
    today = town.time.now().date()

    def after(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    if step == "record_payment":
        return {"on": today.isoformat(), "voucher": f"{number}/{town.case(number).version}"}
    if step == "correct_payment":
        known = town.case(number).data["record_payment"]["voucher"]
        return {"on": today.isoformat(), "voucher": known}
    if step == "record_scene":
        address = town.case(number).data["application"].get("address") or "当事人经营场所"
        return {"place": f"{address}洗消间"}
    if step == "decide":
        # Until then there was no lighter class for what is shown (令58).
        return {"publicity": "general"} if today < date(2026, 4, 1) else {}
    if step == "order_correction":
        return {"until": after(10)}
    if step in ("schedule_hearing", "adjourn_hearing"):
        return {"on": workday_from(today + timedelta(days=17)).isoformat()}
    if step == "grant_instalments":
        parts = [{"due": after(30), "amount": "400.00"}, {"due": after(60), "amount": "600.00"}]
        return {"parts": parts, "until": after(60)}
    if step == "defer_payment":
        return {"until": after(60)}
    if step in ("draw_up_account", "record_refund", "take_back", "record_justice_receipt"):
        return {"on": today.isoformat()}
    if step in ("record_execution", "recheck"):
        return {"on" if step == "record_execution" else "corrected_on": today.isoformat()}
    if step == "record_judgment":
        return {"on": today.isoformat()}
    if step == "confirm_address":
        return {"signed_on": today.isoformat()}
    return {}


def correct(town: Town, number: str, step: str = "recheck") -> str:
    """Recheck what a case ordered to be corrected; gives the number of that order."""
    order = town.relative(number, "correction").number
    go(town, order, (step, HANDLERS))
    return order


def penalty_to(town: Town, state: str, **changes: Any) -> str:
    """A penalty taken to a state; its number. For those of `TIMED` time goes on."""
    number = open_lead(town, **changes)
    go(town, number, *WAYS[state], **(HEAVY if state in _HEARINGS else {}))
    return number


def spot_to(town: Town, state: str, **changes: Any) -> str:
    """A penalty on the spot taken to a state; its number."""
    number = open_lead(town, "simple_penalty", **changes)
    go(town, number, *SPOT_WAYS[state])
    return number


def penalties_everywhere(town: Town) -> dict[tuple[str, str], str]:
    """A penalty in every state, as of the town's time, with the orders to correct."""
    at: dict[tuple[str, str], str] = {}
    now = town.time.instant
    for state in TIMED:
        # An announcement runs for thirty days, and this one is still to run.
        since = now - timedelta(days=25) if state == "urging_announced" else LONG_BEFORE
        town.time.instant = since
        at["penalty", state] = penalty_to(town, state)
        if state in SPOT_WAYS:
            town.time.instant = since
            at["simple_penalty", state] = spot_to(town, state)
    town.time.instant = now
    for state in WAYS:
        if state not in TIMED:
            at["penalty", state] = penalty_to(town, state)
    for state in SPOT_WAYS:
        if state not in TIMED:
            at["simple_penalty", state] = spot_to(town, state)
    for process, to in (("penalty", penalty_to), ("simple_penalty", spot_to)):
        owed = "served" if process == "penalty" else "punished"
        for state in ("not_reconsidered", "not_litigated"):
            at[process, state] = at[process, owed]
        for states, steps in CONTESTED.items():
            number = to(town, owed)
            go(town, number, *steps)
            at |= {(process, state): number for state in states}
    corrected = (("correct", "handler1"),)
    at["penalty", "nothing_corrected"] = at["penalty", "served"]
    for state, over, steps in (
        ("correction_unserved", "under_reconsideration", corrected),
        ("correction_announced", "under_litigation", _announced(corrected, "_correction")),
        ("correction_served", "litigated", (*corrected, ("serve_correction", "handler1"))),
    ):
        at["penalty", state] = at["penalty", over]
        go(town, at["penalty", state], *steps)
    at["correction_order", "ordered"] = _order_of(town, at["penalty", "decided"])
    at["correction_order", "corrected"] = correct(town, at["penalty", "opinion"])
    at["correction_order", "not_corrected"] = correct(
        town, at["penalty", "investigated"], "find_not_corrected"
    )
    return at


# What time does to them: so many days after, their steps by law have been taken.
FALLING_DUE = (
    *(
        ("penalty", state)
        for state in (
            "notice_announced",
            "decision_announced",
            "release_announced",
            "correction_announced",
            "undoing_announced",
        )
    ),
    *(
        (process, state)
        for process in ("penalty", "simple_penalty")
        for state in ("urging_announced", "instalment", "deferred")
    ),
)


def take_the_rest(town: Town, at: Mapping[tuple[str, str], str]) -> None:
    """The steps of penalties that no way to a state needs, from cases in every state."""

    def penalty(state: str) -> str:
        return at["penalty", state]

    go(town, penalty("opinion"), ("investigate_further", "handler1"), ("serve_order", "handler1"))
    for state, suffix in (("opinion", "_order"), ("hearing_scheduled", "_hearing")):
        go(town, penalty_to(town, state), *_announced((), suffix))
    go(town, penalty("legal_review"), ("pass_review", "legal"))
    votes = tuple(("vote", head) for head in ("head1", "head2", "head3"))
    go(town, penalty("legal_review"), *votes, ("conclude_panel", "approver"))
    against = {"choice": "不同意", "opinion": "事实不清"}
    go(
        town,
        penalty("panel_discussion"),
        *votes,
        ("reject_in_panel", "approver"),
        vote=against,
    )
    go(town, at["correction_order", "ordered"], ("report_correction", "applicant"))
    go(town, penalty("decided"), ("record_receipt", "handler1"))
    go(town, penalty("correction_unserved"), ("record_receipt_correction", "handler1"))
    warned = open_lead(town)
    go(town, warned, *SERVED, ("record_performance", "handler1"), **WARNED)
    for to, paid in ((penalty_to, "paid"), (spot_to, "paid")):
        go(town, to(town, paid), ("correct_payment", "handler1+handler2"))
        accounted = (("record_payment", "handler1"), ("record_refund", "handler1"))
        go(town, to(town, paid), *accounted, ("draw_up_account", "handler1"))
    for process in ("penalty", "simple_penalty"):
        go(town, at[process, "overdue"], ("make_agreement", "approver"))
    go(town, penalty("with_justice"), ("take_back", "approver"))
    go(town, penalty_to(town, "with_justice"), ("end_with_justice", "approver"))
    warned = open_lead(town, "simple_penalty")
    go(town, warned, *PUNISHED, ("record_performance", "handler1"), punish=spot(WARNING))
    unheard = penalty("hearing_scheduled")
    go(town, unheard, ("ask_earlier_hearing", "applicant"), ("serve_hearing", "handler1"))
    town.time.go_to(hearing_on(town, unheard))
    next_day = workday_from(town.time.now().date() + timedelta(days=1)).isoformat()
    go(town, unheard, ("adjourn_hearing", "chair"), adjourn_hearing={"on": next_day})
    town.time.go_to(hearing_on(town, unheard))
    go(town, unheard, ("abandon_hearing", "chair"))
    examined = (("reconsider", "handler1"), ("submit_review", "handler1"), ("pass_review", "legal"))
    go(
        town,
        unheard,
        *examined,
        *votes,
        ("conclude_panel", "approver"),
        ("decide", "approver"),
        **HEAVY,
    )
    # What is varied to a mere fine is repaired on the terms of that.
    fined = {"measures": [WARNING, fine()], "publicity": "minor"}
    go(town, unheard, ("file_reconsideration", "legal"))
    go(town, unheard, ("vary_by_reconsideration", "legal"), vary_by_reconsideration=fined)
    varied = (("file_reconsideration", "legal"), ("vary_by_reconsideration", "legal"))
    for process in ("penalty", "simple_penalty"):
        go(town, at[process, "urged"], *varied)
    town.time.pass_(days=38)  # beyond the time to sue, which ends after National Day
    for process in ("penalty", "simple_penalty"):
        go(town, at[process, "urged"], ("hand_over_execution", "approver"))
    for process, to in (("penalty", penalty_to), ("simple_penalty", spot_to)):
        go(town, at[process, "exec_suspended"], ("resume_execution", "approver"))
        pay_by_parts(town, to(town, "instalment"))
        revive(town, to(town, "punished" if process == "simple_penalty" else "served"))


def pay_by_parts(town: Town, number: str) -> None:
    """Miss the first instalment and pay it late, then the last one, and then the fee."""
    go(town, number, ("wait", "40"))
    for amount in ("400.00", "600.00", "999.00"):
        go(town, number, ("record_payment", "handler1"), record_payment={"amount": amount})


def revive(town: Town, number: str) -> None:
    """Have a decision quashed, and a court give it back its force."""
    quashed = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    go(town, number, *quashed, *_SUED, *JUDGED)
    decided = town.case(number).data
    restored = {
        "measures": next(decided[name] for name in ("decide", "punish") if name in decided)[
            "measures"
        ],
        "heavier_because": "撤销复议决定，恢复原处罚决定的效力",
    }
    go(town, number, ("vary_by_litigation", "legal"), vary_by_litigation=restored)


def _order_of(town: Town, number: str) -> str:
    return town.relative(number, "correction").number

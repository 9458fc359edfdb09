"""Ways to every state: what each step is given, and a town with a case standing in each state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from casework.common.timekeeping import ZONE
from casework.models import Case
from tests.support import exemptions, penalties
from tests.support.history import remembered, step_by_step
from tests.support.processes import journeys_of
from tests.support.processes.interested_party import INTERESTED, OWN_MOTION
from tests.support.scenes import INTERVIEW, SCENE
from tests.support.serving import ANNOUNCEMENT, CONSENT, RECEIPT, TRY
from tests.support.town import (
    ACCEPTED,
    APPLICANT,
    CODES,
    INSPECTORS,
    NOT_PERMITTED,
    NOTICE,
    PERMIT,
    START,
    Town,
    answers,
    hearing,
    hearing_record,
    joint_application,
    look,
    opinion,
    order,
    promise,
    repair_promise,
    review,
    sheet,
)

Numbers = dict[tuple[str, str], str]

PAUSE = {
    "kind": "检验检测",
    "days": 10,
    "expected_until": "2026-09-15",
    "reason": "机房防护需要重新检测",
}
ASKED = {"items": [{"material": "staff_list", "what": "请补充剂量监测报告"}]}
# In which a party that is no more is proved by the evidence register.
_PENAL = ("penalty", "first_offence_exemption")
# What is served besides a decision, by the suffix of its steps.
_SERVED = ("", "_undoing", "_correction")
# Decisions that take something from its holder.
_TAKING = (
    "_withdrawal", "_annulment", "_ending", "_breach", "_decision", "_extension", "_refuse_health",
    "_refuse_eco",
)  # fmt: skip
_PRIOR = ("_prior", "_prior_eco")
_REACHED = (*_SERVED, "_order", "_notice", "_hearing", "_exemption", *_PRIOR, *_TAKING)
BODIES = {"reconsideration": "崇川区人民政府", "litigation": "崇川区人民法院"}
OVERTURNED = {"number": "〔2026〕21号", "result": "撤销", "reasons": "事实不清，证据不足"}
ENDED = {"ground": "被许可人申请注销", "reason": "停止使用"}
UNLICENSED = {
    "violation": "GC001",
    "description": "许可撤销后继续营业",
    "found_on": "2026-09-01",
    "act_on": "2026-09-01",
}

# What a party is told of before it is decided.
FORGED = {"facts": "经向检测机构核实，报告系伪造", "basis": "国家发展改革委令第36号"}
TAKEN_ELSEWHERE = {
    "facts": "辐射安全许可证已被依法吊销，决定书已经送达",
    "basis": "《行政许可法》第七十条第四项",
}
FORGERY_TOLD = {
    "facts": "检测报告系伪造",
    "basis": "《中华人民共和国行政许可法》第七十八条",
    "proposed": "不予许可；一年内不得再次申请该项许可",
    "reasons": "提供虚假材料申请许可",
}
REPLANNED = {"facts": "所在区域规划调整", "basis": "《中华人民共和国行政许可法》第八条第二款"}

CORRECTION = {
    "document": "revocation_decision",
    "items": [{"field": "当事人地址", "wrong": "人民中路", "right": "人民东路"}],
    "reason": "录入有误",
}
UNDOING = {
    "kind": "撤销",
    "facts": "复查发现检测报告在核查前已经出具，原决定认定的事实有误",
    "basis": "《中华人民共和国行政许可法》第六十九条",
    "reasons": "原决定事实认定有误",
    "instead": "恢复该卫生许可证的效力",
}

THINGS = [{"name": "消毒液", "spec": "500毫升，批号 20260701", "quantity": "12瓶"}]
CUSTODY = {
    "measure": "先行登记保存",
    "things": THINGS,
    "address": "南通市崇川区人民中路88号洗消间",
    "grounds": "涉嫌使用不合格消毒产品，证据可能灭失",
    "basis": "《中华人民共和国行政处罚法》第五十六条",
    "lawful_object": True,
}
SEIZURE = {
    **CUSTODY,
    "measure": "扣押",
    "basis": "《中华人民共和国传染病防治法》第九十九条",
}
TAKING = {
    "things": THINGS,
    "keeper": "周卫国",
    "storage": "本机关证据室 3 号柜",
    "person": "李敏",
    "certificates_shown": True,
}

# What is asked for where the list has no plans.
_SUPPLEMENTS = {
    "one_matter": "staff_list",
    "licence_renewal": "test_report",
    "licence_change": "identity",
    "place_filing": "identity",
    "food_standard": "standard_text",
}
# A penalty of the city's commission, which is not kept in this system.
DECIDED_ELSEWHERE = {
    "source": "其他机关作出",
    "decision_number": "通市卫公罚〔2026〕3号",
    "decided_on": "2026-08-26",
    "facts": "转让卫生许可证",
    "basis": "《公共场所卫生管理条例》第十四条",
    "issuer": "南通市卫生健康委员会",
    "served_on": "2026-08-28",
    "verified": "已收到移送的决定书、送达回证原件",
}

# A valid input for each step that has a form; under `process.step` where forms differ.
_INPUTS: Mapping[str, Any] = {
    "not_accept": {
        "ground": "依法不属于本行政机关职权范围",
        "explanation": "场所位于通州区",
        "competent_body": "南通市通州区卫生健康委员会",
    },
    "request_supplement": {"items": [{"material": "plans", "what": "请补充平面图"}]},
    "instant_licence.accept": ACCEPTED,
    "study": answers(),
    "commit": promise(),
    "turn_to_ordinary": {
        "ground": "核实的情况与承诺的许可条件不符或者存疑",
        "reason": "平面图与营业执照地址的房屋用途不符，须实地核查",
    },
    "withdraw_commitment": {"reason": "检测报告尚未出具"},
    "check_site": look(met=True),
    "pause": {
        "kind": "专家评审",
        "days": 10,
        "expected_until": "2026-09-15",
        "reason": "空调系统需要专家评审",
    },
    "extend_decision": {"reason": "案情复杂"},
    "register_interested": INTERESTED,
    "call_hearing": OWN_MOTION,
    "refuse": {
        "ground": "不符合法定条件、标准",
        "facts": "室内空气质量不符合标准",
        "reasons": "不具备许可条件",
    },
    "deliver": {"recipient": "陈志远"},
    "withdraw": {"reason": "不再经营"},
    "terminate": {"ground": "申请人依法终止", "evidence": "注销登记证明"},
    "assign": INSPECTORS,
    "inspect": look(met=False),
    "record_unreachable": {"tries": ["9月2日电话无人接听", "9月3日上门无人", "9月4日上门无人"]},
    "order_rectification": order(),
    "recheck": look(met=False),
    "find_false": {"reason": "承诺时即不具备条件"},
    "find_broken": {"reason": "逾期未整改"},
    "notify_revocation": NOTICE,
    "state_defence": {"text": "已安排检测，请求从宽"},
    "submit_review": {"defence_considered": "当事人放弃陈述申辩"},
    "request_hearing": {"reasons": "检测报告即将出具，要求当面说明"},
    "schedule_hearing": hearing(),
    "hold_hearing": hearing_record(),
    "serve_notice": RECEIPT,
    "serve_order": RECEIPT,
    "serve_hearing": RECEIPT,
    "ask_earlier_hearing": {"reason": "检测报告已经出具，请求提前举行"},
    "adjourn_hearing": {
        "on": "2026-10-20",
        "time": "09:00",
        "room": "二楼听证室",
        "reason": "须通知新的证人到场，已当场告知当事人",
    },
    "abandon_hearing": {"circumstances": "经通知无正当理由未到场"},
    "pass_review": review(),
    "return_review": {"kind": "退回补充证据", "opinion": "补充检测材料"},
    "commitment_check.revoke": NOTICE,
    "commitment_check.refer_penalty": UNLICENSED,
    "ask_recusal": {
        "officer": "甲inspector2",
        "ground": "与案件有直接利害关系",
        "facts": "其配偶持有当事人的股份",
    },
    "decide_recusal": {"officer": "inspector2", "recused": False, "reasons": "经查所述不实"},
    "hand_over": {**INSPECTORS, "reason": "原承办人外出学习"},
    "spare": {"reason": "撤销可能损害公共利益"},
    "correct": CORRECTION,
    "propose_undoing": UNDOING,
    "review_undoing": review(),
    "undo_decision": UNDOING,
    **{f"serve{of}": RECEIPT for of in (*_SERVED, *_TAKING)},
    **{f"record_receipt{of}": {**RECEIPT, "documents": ["erratum_notice"]} for of in _SERVED},
    **{f"record_try{of}": TRY for of in _REACHED},
    **{f"announce{of}": ANNOUNCEMENT for of in _REACHED},
    "confirm_address": CONSENT,
    **{f"file_{name}": {"body": body, "number": "〔2026〕21号"} for name, body in BODIES.items()},
    "end_reconsideration": {"number": "〔2026〕21号", "result": "维持原决定"},
    "change_by_reconsideration": OVERTURNED,
    "bring_back": OVERTURNED,
    # Who takes a suit back ends it at once; of a judgment there may be an appeal.
    "end_litigation": {"number": "〔2026〕21号", "result": "申请人（原告）撤回"},
    "record_judgment": {"number": "〔2026〕21号", "result": "撤销", "on": "2026-09-01"},
    "appeal": {"by": "本机关", "body": "南通市中级人民法院", "number": "〔2026〕22号"},
    "withdraw_appeal": {"number": "〔2026〕22号"},
    "change_by_litigation": {**OVERTURNED, "number": "〔2026〕22号", "instance": "二审"},
    "book_look": {
        "mode": "视频核查",
        "on": "2026-09-02",
        "time": "14:30",
        "contact": "李敏",
        "means": "视频会议 123 456",
    },
    "prove_conditions": {"statement": "清洗消毒间已经建成"},
    "request_closure": {"reason": "不再经营", "returned": True},
    "keep_open": {"reason": "继续经营"},
    "withdraw_by_authority": {
        "ground": "准予许可所依据的客观情况发生重大变化",
        **REPLANNED,
        "heard": "已听取意见，持证人同意",
        "compensation": "依法补偿装修损失",
    },
    "cancel": DECIDED_ELSEWHERE,
    "suspend": {**DECIDED_ELSEWHERE, "days": 30, "until": "2026-09-27"},
    "licence.give_back": {"decision": "〔2026〕21号行政复议决定书", "reason": "处罚决定已被撤销"},
    "lift_suspension": {"decision": "〔2026〕21号行政复议决定书", "reason": "处罚决定已被撤销"},
    "licence_renewal.refuse": {"facts": "检测不合格", "reasons": "不再符合许可条件"},
    "licence_change.refuse": {"facts": "材料不实", "reasons": "不符合变更条件"},
    "return_items": {"what": "制度未盖章"},
    "licence.deregister": {"ground": "有效期届满未延续", "reason": "有效期届满未申请延续"},
    "deregister_revoked": {"reason": "许可被撤销"},
    "one_matter.request_supplement": ASKED,
    **{
        f"{process}.request_supplement": {"items": [{"material": item, "what": "请重新提交"}]}
        for process, item in _SUPPLEMENTS.items()
        if process != "one_matter"
    },
    "check_health": {},
    "pass_health": opinion(),
    "pass_eco": opinion(),
    "fail_health": opinion("不符合防护标准"),
    "fail_eco": opinion("不符合防护标准"),
    "pause_health": PAUSE,
    "pause_eco": PAUSE,
    "extend_health": {"reason": "需要补充检测"},
    "extend_eco": {"reason": "需要补充检测"},
    "extend_joint": {
        "approved_by": "区人民政府分管负责人",
        "approved_on": "2026-09-01",
        "reason": "需要跨部门会商",
    },
    "decide_health": PERMIT,
    "decide_eco": PERMIT,
    "refuse_health": NOT_PERMITTED,
    "refuse_eco": NOT_PERMITTED,
    "ask_to_hold": {"until": "2026-10-20", "reason": "整改后一并领取"},
    "deliver_part": {"recipient": "陈志远"},
    "drop_health": {"reason": "暂不开展诊疗"},
    "drop_eco": {"reason": "设备由他人持证"},
    "pass_verification": {"result": "校验合格", "next_due": "2028-03-31"},
    "report": {"year": 2026, "summary": "运行正常"},
    "diagnosis_licence.deregister": ENDED,
    "safety_licence.deregister": ENDED,
    "deregister_expired": {"ground": "有效期届满未延续", "reason": "有效期届满未申请延续"},
    "record_scene": SCENE,
    "record_interview": INTERVIEW,
    "request_custody": CUSTODY,
    "evidence_custody.approve": {"opinion": "同意"},
    "evidence_custody.reject": {"opinion": "证据不会灭失，不予批准"},
    "preserve": TAKING,
    "seize": TAKING,
    "seize_at_once": TAKING,
    "give_up": {"opinion": "当事人已主动提供"},
    "send_for_test": {
        "what": "消毒液一瓶，检测有效氯含量",
        "institution": "南通市疾病预防控制中心",
        "expected_until": "2026-09-11",
    },
    "receive_result": {"report": "检字第12号", "result": "有效氯含量不合格"},
    "extend": {"reason": "需要向生产企业核实"},
    "release": {"ground": "已采取记录、复制、拍照、录像等证据保全措施"},
    "lift": {"ground": "当事人没有违法行为"},
    "confiscate": {"decision_number": "（2026）苏0613刑初9号", "decided_on": "2026-08-31"},
    "give_back": {
        "things": THINGS,
        "recipient": "陈志远",
        "id_document": "居民身份证 11010519491231002X",
    },
    **{f"first_offence_exemption.{step}": given for step, given in exemptions.INPUTS.items()},
    **{
        f"{process}.{step}": given
        for process in ("penalty", "simple_penalty", "correction_order")
        for step, given in penalties.INPUTS.items()
    },
    "report_self_check": {
        "items": [{"item": "室内空气质量检测", "finding": "未按期检测", "put_right": True}],
        "plan": "每季度委托检测一次",
        "signer": "陈志远",
    },
    "record_performance": {"proof": "缴款凭证 0001", "performed_on": "2026-09-01"},
    "apply": {
        "reason": "已委托检测并整改到位",
        "contact_name": "李敏",
        "contact_phone": "13800000001",
    },
    "credit_repair.commit": repair_promise(),
    "submit_rectification": {"measures": "已完成检测，结果合格", "finished_on": "2026-01-05"},
    "credit_repair.verify": look(met=True),
    "fail_verification": look(met=False),
    "recommend": {"opinion": "符合修复条件，建议准予修复"},
    "credit_repair.refuse": {"facts": "整改未完成", "reasons": "不符合修复条件"},
    "request_removal": {"sites": ["信用中国（江苏南通）"]},
    "synchronise": {"lifted": "恢复适用告知承诺；已同步本机关网站"},
    "credit_repair.withdraw": {"reason": "补充整改后再申请"},
    "find_false_material": {
        **FORGED,
        "material": "检测报告",
        "considered": "当事人放弃陈述申辩",
    },
    "credit_repair.give_prior_notice": {
        **FORGED,
        "proposed": "认定提供虚假材料，不予修复，记入信用档案",
        "reasons": "提供虚假材料申请信用修复",
    },
    "licence.give_prior_notice": {
        **REPLANNED,
        "proposed": "撤回卫生许可并依法补偿",
        "reasons": "为了公共利益的需要",
    },
    "diagnosis_licence.give_prior_notice": {
        "proposed": "注销放射诊疗许可证",
        "facts": "已经停止诊疗活动一年以上",
        "basis": "《放射诊疗管理规定》第十八条",
        "reasons": "符合应当注销的情形",
    },
    "licence.decide_ending": {
        **REPLANNED,
        "ground": "涂改、转让、倒卖有效卫生许可证",
        "considered": "已听取意见",
    },
    "diagnosis_licence.decide_ending": {
        "ground": "歇业或者停止诊疗科目连续一年以上",
        "facts": "已经停止诊疗活动一年以上",
        "basis": "《放射诊疗管理规定》第十八条",
        "considered": "已听取意见",
    },
    "safety_licence.give_prior_notice": {
        **TAKEN_ELSEWHERE,
        "proposed": "注销辐射安全许可证",
        "reasons": "许可证件已经依法吊销",
    },
    "safety_licence.decide_ending": {
        **TAKEN_ELSEWHERE,
        "ground": "许可依法被撤销、撤回，或者许可证件依法被吊销",
        "considered": "已听取意见",
    },
    **{
        f"{process}.give_prior_notice": FORGERY_TOLD
        for process in ("instant_licence", "one_matter", "single_health", "single_eco")
    },
    **{
        f"{step}{suffix}": said
        for suffix in ("", "_eco")
        for step, said in (
            ("serve_prior_notice", RECEIPT),
            ("answer_prior_notice", {"text": "请求延长过渡期"}),
        )
    },
    "one_matter.give_prior_notice_eco": FORGERY_TOLD,
    "review_prior_notice": review(),
    "record_breach": {**NOTICE, "spared_because": "撤销可能损害公共利益"},
    "submit_paper": {"answers": []},  # what is left out counts as wrong
    "leave": {"reason": "暂不参加"},
    "file_nationally": repair_promise(),
    "extend_result": {"reason": "需要核实整改情况"},
    "refuse_filing": {"facts": "整改未完成", "reasons": "不符合修复条件"},
    "withdraw_filing": {"reason": "补充材料后再申请"},
    "ask_others": {"whom": "崇川区市场监督管理局", "what": "登记信息是否变更"},
    "uphold": {"findings": "记录有误", "conclusion": "异议成立，予以更正"},
    "credit_objection.reject": {"findings": "记录属实", "conclusion": "异议不成立，维持原记录"},
    "invite": {
        "day": "2026-08-25",
        "time": "09:00",
        "room": "二楼约谈室",
        "invited": "法定代表人",
        "matters": "核对失信记录，商定整改要求",
        "contact_name": "郑诚",
        "contact_phone": "0513-80000000",
    },
    "note_absence": {"reason": "临时外出，已电话说明"},
    "hold_talk": {
        "attending": "李敏（总经理）",
        "recorder": "缪佳",
        "told": "未履行告知承诺，扣15分；整改后可以申请信用修复",
        "answer": "将按要求整改",
        "demands": "完成检测，建立台账",
    },
    "report_improvement": {"measures": "已完成检测", "reporter": "李敏"},
    "settle": {"conclusion": "整改到位，同意办结"},
    "call_off": {"reason": "信用等级已经回升"},
    "score": sheet(),
    "send_back": {"reason": "通风一项扣分没有写明依据"},
    "award": {"opinion": "评分属实，同意评定"},
    "leave_unrated": {"opinion": "关键项不符合，不予评级"},
    "place_grading.call_off": {"reason": "场所停业装修"},
    "withdraw_claim": {"reason": "证明文件有误，重新开具"},
    "confirm_succession": {"opinion": "经与登记机关核对，两个代码属于同一主体"},
    "refuse_succession": {"opinion": "证明文件没有载明变更前的代码"},
}
OFFICERS = "inspector1+inspector2"


# Two tell the holder of what is to be taken away.
_TOLD_BY_TWO = ("licence", "diagnosis_licence", "safety_licence", "food_standard")


def told_before(by: str, party: str = "applicant") -> tuple[tuple[str, str], ...]:
    """The steps before a decision of which the party is told by an officer, and gives up its
    time."""
    return (
        ("give_prior_notice", by),
        ("serve_prior_notice", by),
        ("waive_prior_notice", party),
        ("review_prior_notice", "legal"),
    )


_TO_RECHECK = (
    ("assign", "supervisor"),
    ("inspect", OFFICERS),
    ("order_rectification", "inspector1"),
    ("serve_order", "inspector1"),
    ("recheck", OFFICERS),
)
# By a promise that was broken: one that was false would bar the firm from applying again.
_TO_REVIEW = (
    *_TO_RECHECK,
    ("find_broken", OFFICERS),
    ("notify_revocation", "inspector1+inspector2"),
    ("waive_defence", "applicant"),
    ("waive_hearing", "applicant"),
    ("submit_review", "inspector1"),
)
_TOLD = _TO_REVIEW[:-3]
_TO_HEARING = (*_TOLD, ("request_hearing", "applicant"), ("schedule_hearing", "inspector1"))
_TO_REVOCATION = (*_TO_REVIEW, ("pass_review", "legal"), ("revoke", "approver"))
# A judgment of first instance, appealed against on the day on which it was served.
JUDGED = (("record_judgment", "legal"), ("appeal", "legal"))
_CONTESTED = (
    *_TO_REVOCATION,
    ("serve", "inspector1"),
    ("file_reconsideration", "legal"),
    ("file_litigation", "legal"),
)


def _announcing(suffix: str = "") -> tuple[tuple[str, str], ...]:
    """Two ways that fail, as an announcement wants, and the announcement."""
    steps = (f"record_try{suffix}", f"try_by_post{suffix}", f"announce{suffix}")
    return tuple((step, "inspector1") for step in steps)


_REVOCATION_SERVED = (*_TO_REVOCATION, ("serve", "inspector1"))
_UNDONE = (
    *_REVOCATION_SERVED,
    ("propose_undoing", "inspector1"),
    ("review_undoing", "legal"),
    ("undo_decision", "approver"),
)
_CORRECTED = (*_REVOCATION_SERVED, ("correct", "inspector1"))

# From the check that a grant opens to each of its states.
_CHECK: Mapping[str, tuple[tuple[str, str], ...]] = {
    "task_created": (),
    "assigned": _TO_RECHECK[:1],
    "unreachable": (("assign", "supervisor"), ("record_unreachable", OFFICERS)),
    "inspected": _TO_RECHECK[:2],
    "rectification_ordered": _TO_RECHECK[:3],
    "rechecked": _TO_RECHECK,
    "broken": (*_TO_RECHECK, ("find_broken", OFFICERS)),
    "false_commitment": (*_TO_RECHECK[:2], ("find_false", OFFICERS)),
    "revocation_notified": _TOLD,
    "hearing_requested": _TO_HEARING[:-1],
    "hearing_scheduled": _TO_HEARING,
    "hearing_held": (*_TO_HEARING, ("serve_hearing", "inspector1"), ("hold_hearing", "chair")),
    "hearing_abandoned": (
        *_TOLD,
        ("waive_defence", "applicant"),
        *_TO_HEARING[len(_TOLD) :],
        ("withdraw_hearing", "applicant"),
    ),
    "legal_review": _TO_REVIEW,
    "review_passed": _TO_REVOCATION[:-1],
    "breach_decided": (*_TO_REVOCATION[:-1], ("record_breach", "approver")),
    "breach_recorded": (
        *_TO_REVOCATION[:-1],
        ("record_breach", "approver"),
        ("serve_breach", "inspector1"),
    ),
    "review_returned": (*_TO_REVIEW, ("return_review", "legal")),
    "revoked": _TO_REVOCATION,
    "revocation_announced": (*_TO_REVOCATION, *_announcing()),
    "revocation_served": _REVOCATION_SERVED,
    "correction_unserved": _CORRECTED,
    "correction_announced": (*_CORRECTED, *_announcing("_correction")),
    "correction_served": (*_CORRECTED, ("serve_correction", "inspector1")),
    "decision_undone": _UNDONE,
    "undoing_announced": (*_UNDONE, *_announcing("_undoing")),
    "undoing_served": (*_UNDONE, ("serve_undoing", "inspector1")),
    "deregistered": (*_REVOCATION_SERVED, ("deregister", "approver")),
    "under_reconsideration": _CONTESTED,
    "reconsideration_upheld": (
        *_CONTESTED,
        ("end_reconsideration", "legal"),
        ("end_litigation", "legal"),
    ),
    "reconsideration_changed": (
        *_CONTESTED,
        ("change_by_reconsideration", "legal"),
        *JUDGED,
        ("change_by_litigation", "legal"),
    ),
    "judgment_served": (*_CONTESTED, *JUDGED[:1]),
    "appeal_withdrawn": (*_CONTESTED, *JUDGED, ("withdraw_appeal", "legal")),
    "kept": (("assign", "supervisor"), ("inspect", OFFICERS), ("find_kept", OFFICERS)),
    "closed": (
        ("assign", "supervisor"),
        ("inspect", OFFICERS),
        ("find_kept", OFFICERS),
        ("close", "supervisor"),
    ),
}
# Where else such a case stands: both remedies are overlays, side by side.
_ALSO_IN = {
    "not_reconsidered": "revoked",
    "not_litigated": "revoked",
    "nothing_corrected": "revocation_served",
    "under_litigation": "under_reconsideration",
    "litigated": "reconsideration_upheld",
    "litigation_changed": "reconsideration_changed",
    "reinstated": "reconsideration_changed",
}
_LOOK_THAT_FINDS_ALL_KEPT = ("kept", "closed")

# From an application with its materials to each of its states.
_APPLICATION: Mapping[str, tuple[tuple[str, str], ...]] = {
    "received": (("submit", "applicant"),),
    "awaiting_supplement": (("submit", "applicant"), ("request_supplement", "window")),
    "supplemented": (
        ("submit", "applicant"),
        ("request_supplement", "window"),
        ("supply", "applicant"),
    ),
    "accepted": (("submit", "applicant"), ("accept", "window")),
    "informed": (("submit", "applicant"), ("accept", "window"), ("inform", "window")),
    "committed": (
        ("submit", "applicant"),
        ("accept", "window"),
        ("inform", "window"),
        ("study", "applicant"),
        ("commit", "applicant"),
    ),
    "ordinary_review": (
        ("submit", "applicant"),
        ("accept", "window"),
        ("inform", "window"),
        ("decline", "applicant"),
    ),
    "paused_technical": (
        ("submit", "applicant"),
        ("accept", "window"),
        ("inform", "window"),
        ("decline", "applicant"),
        ("pause", "reviewer"),
    ),
    "not_accepted": (("submit", "applicant"), ("not_accept", "window")),
    "refused": (("submit", "applicant"), ("accept", "window"), ("refuse", "approver")),
    "withdrawn": (("submit", "applicant"), ("withdraw", "applicant")),
    "terminated": (("submit", "applicant"), ("terminate", "window")),
}


APPLIED = tuple(_APPLICATION)
CHECKED = tuple(_CHECK)


def supplement_of(process: str) -> str:
    """An item of its list that the window usually asks for."""
    return _SUPPLEMENTS.get(process, "plans")


def usual(process: str, step: str) -> Any:
    """A valid input for a step."""
    if process in journeys_of() and step in journeys_of()[process].INPUTS:
        return journeys_of()[process].INPUTS[step]
    return _INPUTS.get(f"{process}.{step}", _INPUTS.get(step, {}))


def address(n: int) -> str:
    """An address that no other case of the town has."""
    return f"南通市崇川区人民中路{1000 + n}号"


def place_for(state: str, n: int) -> str:
    """The same; of what is not this authority's to accept, in the district next to it."""
    return address(n).replace("崇川区", "通州区") if state == "not_accepted" else address(n)


def apply_to(town: Town, state: str, where: str) -> str:
    """An application at that address, taken to a state before its grant; gives its number."""
    number = town.apply(address=where)
    if state == "draft":
        return number
    town.attach(number)
    follow(town, number, *_APPLICATION[state])
    return number


def turned_to_filing(town: Town, where: str) -> str:
    """An application for a place that only needs a filing, turned into one; its number."""
    number = town.apply(place_kind="bookshop", address=where)
    follow(town, number, ("submit", "applicant"), ("turn_to_filing", "window"))
    return number


def check_to(town: Town, number: str, state: str, **inputs: Any) -> str:
    """The check of a granted application, taken to a state; gives its number."""
    check = town.relative(number, "check").number
    found = look(met=state in _LOOK_THAT_FINDS_ALL_KEPT)
    follow(town, check, *_CHECK[state], inspect=found, **inputs)
    return check


def follow(town: Town, number: str, *steps: tuple[str, str], **inputs: Any) -> None:
    """Take steps in order, each with its usual input unless `inputs` says otherwise.

    A hearing is held on its day: time goes on to it.
    """
    process = town.case(number).process

    def take(step: str, by: str) -> None:
        given = inputs.get(step)
        if step == "hold_hearing":
            on = date.fromisoformat(town.case(number).data["schedule_hearing"]["on"])
            town.time.go_to(on)
        if step == "supply":
            town.attach(number, supplement_of(process))
        elif step == "hand_in":
            town.attach(number)
        elif step.startswith("try_by_post"):  # a second way that fails
            tried = step.replace("try_by_post", "record_try")
            town.take(number, tried, by, {**TRY, "way": "邮寄送达"})
            return
        elif step in ("confiscate", "find_not_corrected") or (
            step == "terminate" and process in _PENAL
        ):
            penalties.register(town, number, *penalties.PROVED_BY[step])
        elif step == "submit_rectification":
            town.attach(number, "rectification_report", by=by)
        elif step == "submit_paper" and given is None:
            given = town.sheet(number)
        elif step == "report" and given is None:  # on the year before that in which it is due
            due = date.fromisoformat(town.case(number).data["application"]["report_by"])
            given = {**usual(process, step), "year": due.year - 1}
        elif step == "give_prior_notice" and process in _TOLD_BY_TWO and "+" not in by:
            by += "+eco2" if by == "eco" else "+inspector1"
        town.take(number, step, by, usual(process, step) if given is None else given)

    step_by_step(town, ("follow", number), steps, inputs, take)


@remembered
def renewal_of(town: Town, number: str, **changes: Any) -> str:
    """An application to renew the licence that an application led to, in draft; its number."""
    return town.file(
        "licence_renewal", {**_about(town, number), "conditions_kept": True, **changes}
    )


@remembered
def change_of(town: Town, number: str, **changes: Any) -> str:
    """An application for another copy of that licence, in draft, or for what `changes` say."""
    asked = {"kind": "遗失、毁损补发", "reason": "不慎遗失"}
    by = changes.pop("by", "applicant")
    return town.file("licence_change", {**_about(town, number), **asked, **changes}, by=by)


@remembered
def deferred(town: Town, where: str) -> str:
    """An application granted without the management rules, promised for later; its number."""
    number = town.apply(address=where)
    town.attach(number, "application_form", "identity", "plans", "test_report")
    accepted = {**ACCEPTED, "deferred": ["management_rules"]}
    follow(town, number, *_APPLICATION["committed"], ("grant", "window"), accept=accepted)
    return number


@remembered
def promised_for_later(town: Town, where: str, ready_by: str = "2026-12-01") -> str:
    """An application granted on conditions that are still to be met by a day; its number."""
    number = apply_to(town, "informed", where)
    later = promise(ready_by=ready_by)
    follow(
        town, number, ("study", "applicant"), ("commit", "applicant"), ("grant", "window"),
        commit=later,
    )  # fmt: skip
    return number


def _about(town: Town, number: str) -> dict[str, Any]:
    said = town.licence_of(number)
    return {"licence": said["number"], "contact_name": "李敏", "contact_phone": "13800000001"}


_RECEIVED = (("submit", "applicant"),)
_SUPPLEMENT = (*_RECEIVED, ("request_supplement", "window"))
# What goes on from a licence is promised as the licence was.
PROMISING = (("inform", "window"), ("study", "applicant"), ("commit", "applicant"))
_RENEWAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "received": _RECEIVED,
    "awaiting_supplement": _SUPPLEMENT,
    "supplemented": (*_SUPPLEMENT, ("supply", "applicant")),
    "accepted": (*_RECEIVED, ("accept", "window")),
    "paused_technical": (*_RECEIVED, ("accept", "window"), ("pause", "reviewer")),
    "granted": (*_RECEIVED, ("accept", "window"), *PROMISING, ("grant", "window")),
    "delivered": (
        *_RECEIVED,
        ("accept", "window"),
        *PROMISING,
        ("grant", "window"),
        ("deliver", "window"),
    ),
    "refused": (
        *_RECEIVED,
        ("accept", "window"),
        *PROMISING,
        ("withdraw_commitment", "applicant"),
        ("commit", "applicant"),
        ("turn_to_ordinary", "approver"),
        ("refuse", "approver"),
    ),
    "not_accepted": (*_RECEIVED, ("not_accept", "window")),
    "withdrawn": (*_RECEIVED, ("withdraw", "applicant")),
    "terminated": (*_RECEIVED, ("terminate", "window")),
}
_CHANGE = {**_RENEWAL, "granted": (*_RECEIVED, ("accept", "window"), ("reissue", "window"))}
_CHANGE["refused"] = (*_RECEIVED, ("accept", "window"), ("refuse", "approver"))
_CHANGE["delivered"] = (*_CHANGE["granted"], ("deliver", "window"))
_DEFERRAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "awaiting_materials": (),
    "handed_in": (("hand_in", "applicant"),),
    "completed": (("hand_in", "applicant"), ("confirm", "window")),
}
ENDING_SERVED = (
    *told_before("reviewer"),
    ("decide_ending", "approver"),
    ("serve_ending", "reviewer"),
)
# The bureau's lawyers do not work here, and review nothing.
SAFETY_ENDING_SERVED = (
    *told_before("eco")[:-1],
    ("decide_ending", "eco_approver"),
    ("serve_ending", "eco"),
)
_LICENCE: Mapping[str, tuple[tuple[str, str], ...]] = {
    # Its holder has been told that it may be withdrawn, and is to be heard.
    "valid": (
        ("give_prior_notice", "reviewer"),
        ("serve_prior_notice", "reviewer"),
        ("request_hearing", "applicant"),
        ("schedule_hearing", "reviewer"),
    ),
    "closure_requested": (("request_closure", "applicant"),),
    "withdrawn_by_authority": (
        *told_before("reviewer"),
        ("withdraw_by_authority", "approver"),
    ),
    "cancelled": (("cancel", "approver"),),
    "suspended": (("suspend", "approver"),),
    "ending_decided": ENDING_SERVED[:-1],
    "ending_served": ENDING_SERVED,
}


_JOINT_SUBMITTED = (("submit", "applicant"),)
_JOINT_CHECKED = (*_JOINT_SUBMITTED, ("check_health", "reviewer"), ("check_eco", "eco"))
_JOINT_ASKED = (*_JOINT_CHECKED, ("request_supplement", "window"))
_JOINT_ACCEPTED = (*_JOINT_CHECKED, ("accept", "window"))
_DISPATCHED = (*_JOINT_ACCEPTED, ("dispatch", "window"))
_BOTH_PASSED = (*_DISPATCHED, ("pass_health", "reviewer"), ("pass_eco", "eco"))
_ONE_FAILED = (*_DISPATCHED, ("pass_health", "reviewer"), ("fail_eco", "eco"))
_BOTH_GRANTED = (*_BOTH_PASSED, ("decide_health", "approver"), ("decide_eco", "eco_approver"))
_MADE = (*_BOTH_GRANTED, ("make_certificates", "window"))
_PART_MADE = (
    *_ONE_FAILED,
    ("decide_health", "approver"),
    ("refuse_eco", "eco_approver"),
    ("make_certificates", "window"),
)
# From a joint application with its materials to each state of the case and of its tracks.
JOINT: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "submitted": _JOINT_SUBMITTED,
    "health_checking": _JOINT_SUBMITTED,
    "eco_checking": _JOINT_SUBMITTED,
    "health_checked": _JOINT_CHECKED[:2],
    "eco_checked": (*_JOINT_SUBMITTED, ("check_eco", "eco")),
    "precheck": _JOINT_CHECKED,
    "awaiting_merged_supplement": _JOINT_ASKED,
    "supplemented": (*_JOINT_ASKED, ("supply", "applicant")),
    "accepted": _JOINT_ACCEPTED,
    "dispatched": _DISPATCHED,
    "health_reviewing": _DISPATCHED,
    "eco_reviewing": _DISPATCHED,
    "health_paused": (*_DISPATCHED, ("pause_health", "reviewer")),
    "eco_paused": (*_DISPATCHED, ("pause_eco", "eco")),
    "health_passed": (*_DISPATCHED, ("pass_health", "reviewer")),
    "eco_passed": (*_DISPATCHED, ("pass_eco", "eco")),
    "health_failed": (*_DISPATCHED, ("fail_health", "reviewer")),
    "eco_failed": (*_DISPATCHED, ("fail_eco", "eco")),
    "both_passed": _BOTH_PASSED,
    "health_undecided": _BOTH_PASSED,
    "eco_undecided": _BOTH_PASSED,
    "health_granted": (*_BOTH_PASSED, ("decide_health", "approver")),
    "eco_granted": (*_BOTH_PASSED, ("decide_eco", "eco_approver")),
    "health_refused": (*_BOTH_PASSED, ("refuse_health", "approver")),
    "eco_refused": (*_ONE_FAILED, ("refuse_eco", "eco_approver")),
    "not_all_passed": _ONE_FAILED,
    "decided": _BOTH_GRANTED,
    "certs_ready": _MADE,
    "held_on_request": (*_PART_MADE, ("ask_to_hold", "applicant")),
    "delivered_together": (*_MADE, ("deliver", "window")),
    "partial_refusal": (*_PART_MADE, ("deliver_part", "window")),
    "refused": (*_ONE_FAILED, ("refuse_health", "approver"), ("refuse_eco", "eco_approver")),
    "converted_single": (*_JOINT_ACCEPTED, ("drop_eco", "applicant")),
    "not_accepted": (*_JOINT_SUBMITTED, ("not_accept", "window")),
    "withdrawn": (*_DISPATCHED, ("withdraw", "applicant")),
    "terminated": (*_JOINT_ACCEPTED, ("terminate", "window")),
}
JOINT_DELIVERED = JOINT["delivered_together"]


def _single(item: str, reviewer: str, approver: str, desk: str) -> Mapping[str, Any]:
    passed = ((f"pass_{item}", reviewer),)
    granted = (*passed, (f"decide_{item}", approver))
    return {
        "reviewing": (),
        "paused_technical": ((f"pause_{item}", reviewer),),
        "passed": passed,
        "failed": ((f"fail_{item}", reviewer),),
        "granted": granted,
        "delivered": (*granted, ("deliver", desk)),
        "refused": ((f"fail_{item}", reviewer), (f"refuse_{item}", approver)),
        "withdrawn": (("withdraw", "applicant"),),
    }


_APPLIED_FOR_REPAIR = (("apply", "applicant"),)
_PROMISED = (*_APPLIED_FOR_REPAIR, ("commit", "applicant"))
_TRAINED = (*_PROMISED, ("finish_training", "applicant"))
_VERIFYING = (*_TRAINED, ("submit_rectification", "applicant"))
_VERIFIED = (*_VERIFYING, ("verify", OFFICERS))
_APPROVED = (*_VERIFIED, ("recommend", "credit"), ("approve", "approver"))
_PUSHED = (*_APPROVED, ("request_removal", "credit"))
_REMOVED = (*_PUSHED, ("end_publicity", "credit"))
_SYNCED = (*_REMOVED, ("synchronise", "credit"))
# From a repair that may be applied for, with the training done, to each of its states.
REPAIR: Mapping[str, tuple[tuple[str, str], ...]] = {
    "eligible": (),
    "applied": _APPLIED_FOR_REPAIR,
    "commitment_made": _PROMISED,
    "training": _PROMISED,
    "rectifying": _PROMISED,
    "trained": _TRAINED,
    "rectified": (*_PROMISED, ("submit_rectification", "applicant")),
    "verifying": _VERIFYING,
    "failed": (*_VERIFYING, ("fail_verification", OFFICERS)),
    "verified": _VERIFIED,
    "approved": _APPROVED,
    "removal_requested": _PUSHED,
    "removed": _REMOVED,
    "synced": _SYNCED,
    "closed": (*_SYNCED, ("close", "credit")),
    "withdrawn": (*_APPLIED_FOR_REPAIR, ("withdraw", "applicant")),
    "refused": (*_VERIFIED, ("refuse", "approver")),
    "false_material": (*_SYNCED, *told_before("credit"), ("find_false_material", "approver")),
}
_IN_EXAM = (("start_exam", "applicant"),)
TRAINING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "learning": (),
    "in_exam": _IN_EXAM,
    "handed_over": (*_IN_EXAM, ("submit_paper", "applicant")),
    "certified": (*_IN_EXAM, ("submit_paper", "applicant"), ("certify", "applicant")),
    "left": (("leave", "applicant"),),
}


_SENT = (("accept_filing", "credit"), ("send_to_authority", "credit"))
NATIONAL: Mapping[str, tuple[tuple[str, str], ...]] = {
    "filed": (),
    "accepted": _SENT[:1],
    "sent": _SENT,
    "ended": (*_SENT, ("end_national_publicity", "approver")),
    "refused": (*_SENT, ("refuse_filing", "approver")),
    "withdrawn": (("withdraw_filing", "applicant"),),
}
_OBJECTED = (("file_objection", "applicant"),)
OBJECTION: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "filed": _OBJECTED,
    "asking_others": (*_OBJECTED, ("ask_others", "credit")),
    "rejected": (*_OBJECTED, ("reject", "credit")),
    "withdrawn": (("drop_objection", "applicant"),),
    # Last: what was corrected is not objected to again.
    "upheld": (*_OBJECTED, ("uphold", "credit")),
}

_INVITED = (("invite", "credit"),)
_TALKED = (*_INVITED, ("hold_talk", "credit"))
TALK: Mapping[str, tuple[tuple[str, str], ...]] = {
    "planned": (),
    "invited": _INVITED,
    "talked": _TALKED,
    "settled": (*_TALKED, ("settle", "credit")),
    "called_off": (*_INVITED, ("note_absence", "credit"), ("call_off", "credit")),
}


def talk_to(town: Town, state: str) -> str:
    """A talk with the firm, taken to a state; its number. It is told of before its day, and time
    goes on to the day after."""
    town.time.instant = datetime(2026, 8, 20, 9, 0, tzinfo=ZONE)
    number = town.plan_talk()
    for step, by in TALK[state]:
        if step in ("hold_talk", "note_absence"):
            town.time.instant = datetime(2026, 8, 26, 9, 0, tzinfo=ZONE)
        follow(town, number, (step, by))
    return number


_SENT_TO_SCORE = (("assign", "supervisor"),)
_SCORED = (*_SENT_TO_SCORE, ("score", OFFICERS))
GRADING: Mapping[str, tuple[tuple[str, str], ...]] = {
    "planned": (),
    "assigned": _SENT_TO_SCORE,
    "scored": _SCORED,
    "graded": (*_SCORED, ("award", "approver")),
    "not_rated": (*_SCORED, ("leave_unrated", "approver")),
    "called_off": (("call_off", "supervisor"),),
}


def grading_to(town: Town, granted: str, state: str) -> str:
    """A grading of the place that an application led to a licence for, taken to a state; its
    number. One that is not rated fails a vital item."""
    number = town.plan_grading(granted)
    found = sheet(cups_disinfected=0) if state == "not_rated" else sheet()
    follow(town, number, *GRADING[state], score=found)
    return number


_CLAIMED = (("submit_claim", "window"),)
CODE_CHANGE: Mapping[str, tuple[tuple[str, str], ...]] = {
    "received": (),
    "filed": _CLAIMED,
    "not_confirmed": (*_CLAIMED, ("refuse_succession", "reviewer")),
    "withdrawn": (("withdraw_claim", "window"),),
    # Last: what is continued is not claimed again.
    "confirmed": (*_CLAIMED, ("confirm_succession", "reviewer")),
}


def code_change_to(town: Town, state: str, old: str, new: str) -> str:
    """A claim that a party goes on under another code, taken to a state; its number."""
    number = town.claim(old, new)
    town.agree(number)
    follow(town, number, *CODE_CHANGE[state])
    return number


def national_to(town: Town, repair: str, state: str) -> str:
    """A filing with 信用中国 about a repair, taken to a state; its number."""
    follow(town, repair, ("file_nationally", "applicant"))
    number = town.newest("national_repair")
    follow(town, number, *NATIONAL[state])
    return number


def objection_to(town: Town, state: str, by: str = "applicant", kind: str = "inspected") -> str:
    """An objection to the newest record of that kind of a firm, taken to a state; its number."""
    number = town.object(by, kind)
    follow(town, number, *OBJECTION[state])
    return number


def repair_to(town: Town, granted: str, state: str) -> str:
    """The repair that a revocation of a granted licence opens, taken to a state; its number.

    Time goes on by the three months that it takes to become eligible.
    """
    check_to(town, granted, "revoked")
    repair = town.relative(granted, "repair").number
    town.time.pass_(days=100)
    return _repaired_to(town, repair, state)


def _repaired_to(town: Town, repair: str, state: str) -> str:
    town.office.catch_up(town.case(repair).id)
    follow(town, repair, *REPAIR[state])
    return repair


def repairs_everywhere(town: Town, places: Iterator[int]) -> Numbers:
    """A repair in every state, and a training, as of `START`. What was promised later than these
    records is older in the town's books, so they bar none of it."""
    at: Numbers = {}
    town.time.instant = datetime(2026, 1, 12, 9, 0, tzinfo=ZONE)
    granted = {state: town.granted(address=address(next(places))) for state in REPAIR}
    for number in granted.values():
        check_to(town, number, "revoked")
    repairs = {state: town.relative(number, "repair").number for state, number in granted.items()}
    town.time.instant = datetime(2026, 8, 27, 9, 0, tzinfo=ZONE)
    at["credit_training", "certified"] = training_to(town, "certified")
    town.office.catch_up(town.case(repairs["eligible"]).id)
    for state in ("ended", "refused", "withdrawn", "filed"):
        at["national_repair", state] = national_to(town, repairs["eligible"], state)
    for state, of in (("accepted", "closed"), ("sent", "withdrawn")):
        town.office.catch_up(town.case(repairs[of]).id)
        at["national_repair", state] = national_to(town, repairs[of], state)
    for state in OBJECTION:
        at["credit_objection", state] = objection_to(town, state)
    for state, repair in repairs.items():
        at["credit_repair", state] = _repaired_to(town, repair, state)
    for state in TALK:
        at["credit_talk", state] = talk_to(town, state)
    town.time.instant = START
    for state in TRAINING:
        at.setdefault(("credit_training", state), training_to(town, state))
    return at


def training_to(town: Town, state: str, by: str = "applicant") -> str:
    """A training case taken to a state; its number."""
    number = town.enrol(by)
    steps = tuple((step, by) for step, _ in TRAINING[state])
    follow(town, number, *steps)
    return number


_SINGLES = {
    "single_health": ("drop_eco", _single("health", "reviewer", "approver", "window")),
    "single_eco": ("drop_health", _single("eco", "eco", "eco_approver", "eco")),
}


def joint_to(town: Town, state: str, where: str, **changes: Any) -> str:
    """A joint application at that address, taken to a state; gives its number."""
    number = town.file("one_matter", joint_application(address=where, **changes))
    follow(town, number, *JOINT[state])
    return number


def single_to(town: Town, process: str, state: str, where: str) -> str:
    """What goes on alone of a joint application, taken to a state; gives its number."""
    drop, ways = _SINGLES[process]
    number = joint_to(town, "dispatched", where)
    follow(town, number, (drop, "applicant"))
    single = town.relative(number, process).number
    follow(town, single, *ways[state])
    return single


def joint_everywhere(town: Town, places: Iterator[int]) -> Numbers:
    """A case in every state of the joint matter and of what comes of it, as of `START`."""
    at: Numbers = {}

    def licence(of: str, relation: str) -> str:
        return town.relative(of, relation).number

    def since(year: int, month: int, verify_by: str) -> str:
        """One that was granted then, to an institution that was to be verified by that day."""
        town.time.instant = datetime(year, month, 10, 9, 0, tzinfo=ZONE)
        return joint_to(town, "delivered_together", address(next(places)), verify_by=verify_by)

    for state, year, month in (("expired", 2021, 8), ("report_overdue", 2025, 12)):
        old = since(year, month, f"{year + 2}-03-31")
        at["safety_licence", state] = licence(old, "safety_licence")
    unverified = since(2026, 8, "2026-08-31")
    town.time.instant = START
    for state in ("expired", "report_overdue"):
        town.office.catch_up(town.case(at["safety_licence", state]).id)
    for state in JOINT:
        at["one_matter", state] = joint_to(town, state, place_for(state, next(places)))
    for process, (_, ways) in _SINGLES.items():
        for state in ways:
            at[process, state] = single_to(town, process, state, address(next(places)))
    at["diagnosis_licence", "unverified"] = licence(unverified, "diagnosis_licence")
    town.office.catch_up(town.case(at["diagnosis_licence", "unverified"]).id)
    for state, rest in (("ending_decided", 1), ("ending_served", 0)):
        joint = joint_to(town, "delivered_together", address(next(places)))
        for process, steps in (
            ("diagnosis_licence", ENDING_SERVED),
            ("safety_licence", SAFETY_ENDING_SERVED),
        ):
            at[process, state] = licence(joint, process)
            follow(town, at[process, state], *steps[: len(steps) - rest])
    valid, ended = (joint_to(town, "delivered_together", address(next(places))) for _ in range(2))
    for process, approver in (
        ("diagnosis_licence", "approver"),
        ("safety_licence", "eco_approver"),
    ):
        at[process, "valid"] = licence(valid, process)
        at[process, "deregistered"] = licence(ended, process)
        asked = ("request_closure", "applicant")
        follow(town, at[process, "deregistered"], asked, ("deregister", approver))
    return at


_PRESERVED = (("approve", "approver"), ("preserve", OFFICERS))
_SEIZED = (("approve", "approver"), ("seize", OFFICERS))
_TEST = ("send_for_test", "inspector1")
_RELEASED = (*_PRESERVED, ("release", "approver"))
# From the request for custody to each state, and what was asked for.
CUSTODIES: Mapping[str, tuple[Mapping[str, Any], tuple[tuple[str, str], ...]]] = {
    "requested": (CUSTODY, ()),
    "approved": (CUSTODY, _PRESERVED[:1]),
    "preserved": (CUSTODY, _PRESERVED),
    "seized": (SEIZURE, _SEIZED),
    "seized_urgently": ({**SEIZURE, "urgent": True}, (("seize_at_once", OFFICERS),)),
    "testing": (SEIZURE, (*_SEIZED, _TEST)),
    "sent_for_test": (CUSTODY, (*_PRESERVED, _TEST)),
    "tested": (CUSTODY, (*_PRESERVED, _TEST, ("receive_result", "inspector1"))),
    "released": (CUSTODY, _RELEASED),
    "returned": (CUSTODY, (*_RELEASED, ("give_back", OFFICERS))),
    "confiscated": (SEIZURE, (*_SEIZED, ("confiscate", "approver"))),
    "not_approved": (CUSTODY, (("reject", "approver"),)),
    "not_carried_out": (CUSTODY, (("give_up", "inspector1"),)),
}


def custody_to(town: Town, check: str, state: str) -> str:
    """Things in custody for a check, taken to a state; gives the custody's number."""
    asked, steps = CUSTODIES[state]
    # Other things each time: the same ones are not taken twice.
    before = _custodies(town, check)
    things = [{**one, "name": f"第{before}批{one['name']}"} for one in THINGS] if before else THINGS
    asked, taken = {**asked, "things": things}, {**TAKING, "things": things}
    back = {**usual("evidence_custody", "give_back"), "things": things}
    follow(town, check, ("request_custody", OFFICERS), request_custody=asked)
    number = custody_of(town, check)
    follow(town, number, *steps, preserve=taken, seize=taken, seize_at_once=taken, give_back=back)
    return number


def _custodies(town: Town, check: str) -> int:
    """How many custodies a case has opened."""
    with town.session() as session:
        of = select(Case.id).where(Case.number == check).scalar_subquery()
        opened = (Case.process == "evidence_custody") & (Case.origin_id == of)
        return session.scalar(select(func.count()).where(opened)) or 0


def custody_of(town: Town, check: str) -> str:
    """The latest custody that a case opened."""
    with town.session() as session:
        return (
            session.scalars(
                select(Case.number)
                .where(Case.origin_id == town.case(check).id, Case.relation == "custody")
                .order_by(Case.id.desc())
            ).first()
            or ""
        )


def exemption_to(town: Town, state: str, **changes: Any) -> str:
    """A case of the first small offence, taken to a state by the door `minor`; its number. It is
    about an act of another day than what the checks of the town find."""
    days = {name: penalties.another_act(town)[name] for name in ("found_on", "act_on")}
    number = exemptions.open_lead(town, **{**days, **changes})
    follow(town, number, *exemptions.WAYS[state])
    return number


def _lapsed(town: Town) -> Numbers:
    """A repair, and what was asked for nationally beside it, of a penalty that was quashed."""
    town.time.instant = datetime(2026, 8, 20, 9, 0, tzinfo=ZONE)
    penalty = penalties.open_lead(town)
    penalties.go(
        town,
        penalty,
        *penalties.WAYS["paid"],
        ("look_again", "handler1+handler2"),
        decide={"publicity": "minor"},
    )
    town.time.pass_(days=3)
    repair = town.relative(penalty, "repair").number
    town.office.catch_up(town.case(repair).id)
    national = national_to(town, repair, "filed")
    quashed = (("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    penalties.go(town, penalty, *quashed)
    town.time.instant = START
    return {("credit_repair", "lapsed"): repair, ("national_repair", "lapsed"): national}


def everywhere(town: Town) -> Numbers:
    """A case in every state of every process, side by side: its number by process and state.

    The licences that are to be renewed were granted four years before. States of tracks are there
    too, each by a case that stands in it.
    """
    places = iter(range(300))
    at = joint_everywhere(town, places)

    def old(year: int, month: int, day: int, state: str = "") -> str:
        town.time.instant = datetime(year, month, day, 9, 0, tzinfo=ZONE)
        return town.granted(address=place_for(state, next(places)))

    graded_place = old(2026, 3, 2)
    for state, on in (("expired", (2022, 8, 1)), ("expiring", (2022, 9, 20))):
        at["licence", state] = town.relative(old(*on), "licence").number
    # Undecided when the old term ended, in time and late by a rule that lets late ones in.
    deemed = old(2022, 6, 10)
    late = [deferred(town, address(next(places))) for _ in range(2)]
    town.time.instant = datetime(2026, 4, 20, 9, 0, tzinfo=ZONE)
    town.office.catch_up(town.relative(deemed, "licence").id)
    at["licence_renewal", "deemed"] = renewal_of(town, deemed)
    follow(town, at["licence_renewal", "deemed"], *_RECEIVED)
    at["licence", "deemed_renewed"] = town.relative(deemed, "licence").number
    to_renew = {state: old(2022, 10, 20, state) for state in _RENEWAL}
    town.time.instant = START
    for state in ("expired", "expiring", "deemed_renewed"):
        town.office.catch_up(town.case(at["licence", state]).id)
    for state, granted in zip(("lapsed", "referred"), late, strict=True):
        at["deferral", state] = town.relative(granted, "deferral").number
        town.office.catch_up(town.case(at["deferral", state]).id)
    follow(town, at["deferral", "referred"], ("refer", "window"))
    for state, granted in to_renew.items():
        town.office.catch_up(town.relative(granted, "licence").id)
        at["licence_renewal", state] = renewal_of(town, granted)
        follow(town, at["licence_renewal", state], *_RENEWAL[state])
    at["licence", "renewal_pending"] = town.relative(to_renew["received"], "licence").number

    # Every promise is signed before the first check finds one false: that bars the next.
    granted_for = {state: town.granted(address=address(next(places))) for state in _CHECK}
    granted_for["hearing_held"] = old(2026, 7, 20)
    town.time.instant = START
    to_change = {state: town.granted(address=place_for(state, next(places))) for state in _CHANGE}
    to_end = {state: town.granted(address=address(next(places))) for state in _LICENCE}
    for state in ("draft", *_APPLICATION):
        at["instant_licence", state] = apply_to(town, state, place_for(state, next(places)))
    for process, journeys in journeys_of().items():
        for state, number in journeys.everywhere(town, places).items():
            at[process, state] = number
    for state, steps in _DEFERRAL.items():
        granted = deferred(town, address(next(places)))
        at["deferral", state] = town.relative(granted, "deferral").number
        follow(town, at["deferral", state], *steps)
    granted = promised_for_later(town, address(next(places)))
    at["licence", "not_ready"] = town.relative(granted, "licence").number
    at["instant_licence", "filing_route"] = turned_to_filing(town, address(next(places)))
    for state, granted in to_change.items():
        at["licence_change", state] = change_of(town, granted)
        follow(town, at["licence_change", state], *_CHANGE[state])
    at["licence", "amended"] = town.relative(to_change["granted"], "licence").number
    for state, granted in granted_for.items():
        if state != "hearing_held":
            at["commitment_check", state] = check_to(town, granted, state)
    # A hearing takes place a while after it was told of, so this one was told of before.
    town.time.instant = datetime(2026, 7, 20, 9, 0, tzinfo=ZONE)
    told = hearing("2026-08-03")
    at["commitment_check", "hearing_held"] = check_to(
        town, granted_for["hearing_held"], "hearing_held", schedule_hearing=told
    )
    town.time.instant = START
    for state in CUSTODIES:
        at["evidence_custody", state] = custody_to(town, at["commitment_check", "inspected"], state)
    for state, stands_in in _ALSO_IN.items():
        at["commitment_check", state] = at["commitment_check", stands_in]
    at["instant_licence", "granted"] = granted_for["task_created"]
    at["instant_licence", "delivered"] = granted_for["closed"]
    follow(town, granted_for["closed"], ("deliver", "window"))
    for state, of in (("revoked", "revoked"), ("deregistered", "deregistered")):
        at["licence", state] = town.relative(granted_for[of], "licence").number
    for state, granted in to_end.items():
        check_to(town, granted, "closed")
        at["licence", state] = town.relative(granted, "licence").number
        follow(town, at["licence", state], *_LICENCE[state])
    for state in GRADING:
        at["place_grading", state] = grading_to(town, graded_place, state)
    old = town.register(CODES[0])
    for state in CODE_CHANGE:
        at["code_change", state] = code_change_to(town, state, old, APPLICANT)
    at["licence", "not_suspended"] = at["licence", "valid"]
    for state in exemptions.WAYS:
        at["first_offence_exemption", state] = exemption_to(town, state)
    at |= penalties.penalties_everywhere(town)
    at |= _lapsed(town)
    at["credit_repair", "not_eligible"] = town.relative(granted_for["revoked"], "repair").number
    return at | repairs_everywhere(town, places)

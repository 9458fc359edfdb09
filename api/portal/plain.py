"""Plain words (通俗说法) for the party: where its matter stands, without the office's own terms.

Only what has another name inside the office stands here; any other state is said by its label.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from api.html.dates import as_date
from casework.reading import CaseLine, CaseView, TrackingView
from state_machines.language.vocabulary import Role
from state_machines.licences import LICENCES
from state_machines.processes import PROCESSES

# What the authority does meanwhile, by state, or `process.state` where one is not like the others.
_MEANWHILE: Mapping[str, str] = {
    "received": "正在核对您交的材料",
    "supplemented": "正在核对您补交的材料",
    "precheck": "正在核对您交的材料",
    "submitted": "正在核对您交的材料",
    "accepted": "已经受理，正在审查",
    "instant_licence.accepted": "已经受理，正在准备告知书",
    "dispatched": "两个部门正在分别审查",
    "informed": "已经把许可条件和责任告诉您，等您决定是否承诺",
    "committed": "已经收到承诺书，正在核对、制作许可证",
    "ordinary_review": "正在审查，会派两名工作人员核查现场",
    "paused_technical": "正在等检验、听证等结果，这段时间不计入期限",
    "both_passed": "两个部门都已通过，正在作出决定",
    "not_all_passed": "审查已经结束，正在作出决定",
    "decided": "已经作出决定，正在制作证书",
    "certs_ready": "证书已经做好，请到窗口领取或者等待送达",
    "held_on_request": "证书按您的要求暂存，等另一项一并领取",
    "granted": "已经准予，正在把证书交给您",
    "deemed": "已经视为准予延续，正在把证书交给您",
    "awaiting_supplement": "请您补交材料",
    "awaiting_merged_supplement": "请您补交材料",
    "draft": "还没有提交",
    "asking_others": "正在请其他单位协助核实",
    "credit_objection.filed": "正在核实您提出的异议",
    "national_repair.sent": "正在请作出认定的单位办理",
    "not_eligible": "还没有到可以申请修复的日子",
    "eligible": "可以申请信用修复了",
    "applied": "已经收到申请，请您作出信用承诺",
    "commitment_made": "请您完成培训和整改",
    "verifying": "正在核实整改情况",
    "failed": "核实没有通过，请继续整改",
    "verified": "核实已经通过，正在作出决定",
    "credit_repair.approved": "已经准予修复，正在撤下公示",
    "removal_requested": "已经请各公示网站撤下",
    "removed": "公示已经撤下，正在更新信用记录",
    "synced": "信用记录已经更新",
    "task_created": "将在一段时间内到现场核对承诺是否做到",
    "assigned": "已经安排人员，将到现场核对承诺是否做到",
    "unreachable": "没有联系上您，请保持电话畅通",
    "inspected": "已经到现场看过，正在得出结论",
    "rectification_ordered": "要求您改正，到期后会再来看",
    "rechecked": "已经再次看过，正在得出结论",
    "kept": "核对结果：承诺做到了",
    "broken": "认为承诺没有做到，正在处理",
    "false_commitment": "认为承诺与事实不符，正在处理",
    "revocation_notified": "告诉您打算撤销许可，您可以说明理由",
    "revoked": "已经作出撤销许可的决定",
    "breach_decided": "已经作出失信认定",
    "investigating": "正在调查",
    "suspended": "调查暂时停下",
    "investigated": "调查已经结束，正在研究怎样处理",
    "opinion": "调查已经结束，正在研究怎样处理",
    "reconsidered": "正在研究您的意见",
    "legal_review": "正在审核拟作出的决定",
    "review_passed": "正在作出决定",
    "review_returned": "正在进一步核实",
    "panel_discussion": "正在集体研究怎样处理",
    "decision_pending": "正在作出决定",
    "notice_issued": "正在把告知书送给您",
    "notified": "告诉您打算怎样处理，您可以说明理由",
    "told": "告诉您打算怎样处理，您可以说明理由",
    "statement_heard": "已经听取您的意见",
    "hearing_requested": "已经收到听证申请，正在安排",
    "hearing_scheduled": "听证已经安排，见听证通知书",
    "hearing_held": "听证已经举行，正在研究",
    "hearing_abandoned": "不举行听证，正在研究怎样处理",
    "penalty.decided": "已经作出处罚决定，正在送给您",
    "penalty.served": "处罚决定已经送达，请按决定履行",
    "punished": "已经当场作出处罚决定，请按决定履行",
    "penalty.not_punished": "决定不予处罚",
    "instalment": "准许分期缴纳",
    "deferred": "准许延期缴纳",
    "overdue": "缴款的期限已过，请尽快缴纳",
    "urging_issued": "正在把催告书送给您",
    "urged": "已经催告，请尽快履行",
    "court_applied": "已经申请法院强制执行",
    "paid": "罚款已经缴清",
    "ordered": "要求您改正",
    "ordered_to_correct": "要求您改正",
    "corrected": "认为您已经改正",
    "not_corrected": "认为您没有按期改正",
    "exemption_review": "正在研究可否不予处罚",
    "exempted": "决定不予处罚",
    "educated": "决定不予处罚",
    "first_offence_exemption.served": "不予处罚决定已经送达",
    "revisited": "已经回访",
    "commitment_check.reinstated": "许可已经恢复",
    "commitment_check.breach_recorded": "已经记入失信记录",
    "place_grading.planned": "准备派人到现场评分",
    "place_grading.assigned": "准备派人到现场评分",
    "place_grading.scored": "已经评分，正在评定等级",
    "closed": "已经办结",
    "archived": "已经办结",
    "handed_in": "正在核对您补交的材料",
    "awaiting_materials": "请您补交当时欠缺的材料",
    "licence.lapsed": "没有按期补交",
    "preserved": "物品先行登记保存",
    "seized": "物品已经查封、扣押",
    "seized_urgently": "物品已经查封、扣押",
    "delivered": "证书已经交给您",
    "filing_route": "不用许可，改为备案",
}
_HANDED_OVER = ("granted", "deemed", "certs_ready")


def told(case: CaseView | CaseLine | TrackingView) -> str:
    """What is going on, in a few words."""
    said = _MEANWHILE.get(f"{case.process}.{case.state}") or _MEANWHILE.get(case.state)
    return said or case.state_label


def sentence(case: CaseLine, today: date) -> str:
    """Where a matter stands, as one sentence: by whom, what, and until when at the latest.

    A day of the authority's that has gone by is not told: it is no news to whoever waits.
    """
    if case.ended or case.mine or case.process in LICENCES:
        return told(case)
    return f"{case.authority}{told(case)}{_until(case, today)}"


def _until(case: CaseLine, today: date) -> str:
    """Until when an application is answered; other limits are no answer to it."""
    process = PROCESSES.get(case.process)  # none for what only an older release declared
    asked_for = process is not None and Role.APPLICANT in process.opened_by
    own = case.next_day is not None and case.next_day.day == case.due_on
    if case.due_on is None or case.due_on < today or own or not asked_for:
        return ""
    when = "今天" if case.due_on == today else f" {as_date(case.due_on)} "
    return f"，最迟{when}{'交到' if case.state in _HANDED_OVER else '答复'}"

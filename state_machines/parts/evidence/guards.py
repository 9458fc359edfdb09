"""The evidence register (证据): how items are come by, and what a review has seen of them."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.evidence.facts import (
    CollectionDay,
    Collectors,
    DeviceRecord,
    DeviceReviewer,
    EvidenceOnFile,
    EvidenceTold,
    ReviewedEvidence,
    Substance,
)


@guard(needs_input=True)
def collectors_may_collect(collectors: Collectors) -> Refusal | None:
    """What officers collect is collected by two of them, with certificates that held that day."""
    law = "《行政处罚法》第四十二条、第四十六条"
    if collectors.uncertified:
        names = "、".join(collectors.uncertified)
        return Refusal("certificate_invalid", f"收集证据当日没有有效执法证件的人员：{names}", law)
    if collectors.persons < collectors.wanted:
        return Refusal("two_officers", "执法人员收集证据不得少于两人，请填写两名执法人员", law)
    return None


@guard(needs_input=True)
def collected_before_entered(day: CollectionDay) -> Refusal | None:
    """Nothing is entered before it was collected."""
    if day.collected_on <= day.entered_on:
        return None
    return Refusal(
        "collected_later",
        f"收集日期 {day.collected_on:%Y-%m-%d} 晚于今日，不能登记尚未收集的证据",
        "《行政处罚法》第四十六条",
    )


@guard(needs_input=True)
def device_record_is_reviewed(record: DeviceRecord) -> Refusal | None:
    """What a device recorded is evidence once its law and its technique were looked at."""
    if not record.by_device or (record.legally_reviewed and record.technically_reviewed):
        return None
    return Refusal(
        "device_not_reviewed",
        "电子技术监控设备记录须经法制审核和技术审核，未经审核不得作为证据",
        "《行政处罚法》第四十一条",
    )


@guard(needs_input=True)
def evidence_has_substance(substance: Substance) -> Refusal | None:
    """An item is a file, or a thing that is described."""
    if substance.file or substance.described:
        return None
    return Refusal(
        "evidence_without_substance",
        "请上传证据的电子文件；实物没有电子文件的，填写实物描述",
        "《行政处罚法》第四十六条",
    )


@guard()
def evidence_is_as_reviewed(evidence: ReviewedEvidence) -> Refusal | None:
    """What is decided rests on the evidence that the legal review saw: none came or went since."""
    if not evidence.passed or evidence.passed == evidence.now:
        return None
    return Refusal(
        "evidence_changed",
        f"法制审核通过后证据有变化（{'、'.join(evidence.changed)}），须重新送法制审核",
        "《行政处罚法》第五十八条、国办发〔2018〕118号",
    )


@guard()
def evidence_is_on_file(evidence: EvidenceOnFile) -> Refusal | None:
    """Nothing is told, reviewed or decided on an empty register: at least the scene or what the
    party said, or its refusal, is on record."""
    if evidence.records:
        return None
    return Refusal(
        "evidence_missing",
        "证据登记中没有现场笔录、询问笔录或者当事人拒绝的记录：请先办理“制作现场笔录”或者“制作询问笔录”，"
        "已有纸质笔录的，在“证据登记”中登记",
        evidence.law,
    )


@guard()
def cited_evidence_is_registered(evidence: EvidenceOnFile) -> Refusal | None:
    """Whatever is cited as evidence stands in the register."""
    if not evidence.unregistered:
        return None
    return Refusal(
        "evidence_not_registered",
        f"引用的证据没有登记：{'、'.join(evidence.unregistered)}。"
        "请先在“证据登记”中登记，或者改正引用的名称",
        evidence.law,
    )


@guard(needs_input=True)
def reviewed_by_another(reviewer: DeviceReviewer) -> Refusal | None:
    """What a device recorded is looked at by somebody who neither collected nor entered it: its law
    by a legal reviewer, its technique by another officer."""
    law = "《行政处罚法》第四十一条"
    if not reviewer.by_device:
        return Refusal("not_of_a_device", "只有电子技术监控设备记录须作法制审核和技术审核", law)
    if reviewer.collected_it:
        text = "收集、录入该记录的人员不能自己审核，请由其他人员审核"
        return Refusal("reviews_own_evidence", text, law)
    if not reviewer.fit:
        text = "法制审核由法制审核人员办理，技术审核由其他执法人员办理"
        return Refusal("not_its_reviewer", text, law)
    return None


@guard()
def evidence_was_told(evidence: EvidenceTold) -> Refusal | None:
    """What is decided rests on what the party was told of and could answer."""
    if not evidence.since:
        return None
    return Refusal(
        "evidence_not_told",
        f"事先告知后登记、更换的证据（{'、'.join(evidence.since)}）没有告知当事人，不能作为决定的根据："
        "请重新办理事先告知，或者撤回该证据",
        evidence.law,
    )

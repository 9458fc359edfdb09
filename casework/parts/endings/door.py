"""The end of a book entry (注销): its ground is one that the licence's state and its file show.

What ends a licence by the authority's own finding is told to its holder before, who is heard. A
case that is handed over ends when it has come to the other authority.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.deliveries import entry_of, papers_in, waiting
from casework.acts.handed_in import kept_since, used_elsewhere
from casework.acts.party_kinds import may_die, may_dissolve
from casework.models import LogRow
from casework.parts.evidence.register import on_file
from casework.parts.intake.door import elsewhere
from casework.parts.promise.door import found_against
from state_machines.enforcement.exemption.forms import REFUSE_FILING, NotFiled, NotFiledGround
from state_machines.enforcement.penalty.forms import (
    RECORD_JUSTICE_RECEIPT,
    REFER_CRIME,
    SEND_TRANSFER,
    TRANSFER,
    TransferKind,
)
from state_machines.language.vocabulary import RecordService, Refusal
from state_machines.licensing.food_standard.forms import ANNUL_FILING, STRIKE_OFF
from state_machines.licensing.licence.forms import (
    DEREGISTER,
    KEEP_OPEN,
    REQUEST_CLOSURE,
    Deregistration,
)
from state_machines.parts.endings.forms import DECIDE_ENDING
from state_machines.parts.endings.grounds import ENDINGS, LAW, PROOF
from state_machines.parts.endings.part import SERVED
from state_machines.parts.evidence.forms import Kind
from state_machines.radiation.forms import DEREGISTER_EXPIRED

RECEIPT = "transfer_receipt"
ACCEPTANCE = "transfer_acceptance"
_CHECKED = "《行政许可法》第六十九条、第七十九条"
_SERVED_FIRST = "《行政许可法》第七十条第四项、《民事诉讼法》第八十七条"
_WITHDRAWAL = RecordService(
    of="withdrawal", documents=("withdrawal_decision",), kind="receipt", completes=True
)
_ELSEWHERE = "《行政处罚法》第二十二条、第二十五条"
# What ends the filing of a standard has its proof on file.
_FILING_ENDS: Mapping[str, str] = {
    STRIKE_OFF: "登记机关的注销证明等材料",
    ANNUL_FILING: "证明备案材料虚假的检测、核实材料",
}
_ENDING = (DEREGISTER, DEREGISTER_EXPIRED, DECIDE_ENDING)


def refusals(act: Act) -> list[Refusal]:
    """What stands against ending the entry on the ground that the form names, or a case by handing
    it over."""
    if act.step.name == TRANSFER:
        return _of_handing_over(act)
    if act.step.name == RECORD_JUSTICE_RECEIPT:
        return _of_receipt(act)
    if act.step.name == REFUSE_FILING and act.process.keeps_evidence:
        return _of_no_case(act)
    if act.step.name in _FILING_ENDS and not kept_since(act, PROOF, -1):
        text = f"“{act.step.label}”须先上传{_FILING_ENDS[act.step.name]}（材料“注销依据”）"
        return [Refusal("ending_unproved", text, act.step.law)]
    grounds = ENDINGS.get(act.process.key)
    ground = act.filled(Deregistration).ground
    if not grounds or not ground or act.step.name not in _ENDING:
        return []
    ending = grounds.get(ground)
    if ending is None:
        text = f"{act.process.label}不能以“{ground}”为由注销"
        return [Refusal("ground_differs", text, LAW)]
    if ending.told and act.step.name != DECIDE_ENDING:
        return _of_unserved(act, ground, ending.law)
    found = []
    if ending.states and act.case.state not in ending.states:
        label = act.process.state(act.case.state).label
        text = f"许可证当前状态为“{label}”，不能以“{ground}”为由注销"
        found.append(Refusal("ground_differs", text, ending.law))
    if act.case.state == "withdrawn_by_authority" and _is_unserved(act):
        text = (
            "撤回行政许可决定书没有送达被许可人，不能注销：请先办理“登记撤回行政许可决定书送达”；"
            "被许可人下落不明的，公告送达"
        )
        found.append(Refusal("withdrawal_not_served", text, _SERVED_FIRST))
    ends_so = {"": True, "person": may_die(act.party), "firm": may_dissolve(act.party)}
    if not ends_so[ending.of]:
        text = f"被许可人不会以“{ground}”的方式终止，请核对被许可人是公民还是法人、其他组织"
        found.append(Refusal("holder_end_wrong", text, ending.law))
    if ending.told and (checks := found_against(act)):
        text = (
            f"事后核查已认定未履行承诺、虚假承诺，尚未办结（{'、'.join(checks)}），"
            "办结以前不能以此注销许可证"
        )
        found.append(Refusal("check_found_broken", text, _CHECKED))
    asked = act.latest((REQUEST_CLOSURE, KEEP_OPEN)) == REQUEST_CLOSURE
    if ending.asked and not asked:
        text = (
            "被许可人没有申请注销，不能以此注销：由被许可人在网上办理“申请注销”，"
            "或者由窗口凭其签名（盖章）的书面声明代为登记后再办理"
        )
        found.append(Refusal("closure_not_requested", text, ending.law))
    if ending.proof and not kept_since(act, PROOF, -1):
        text = f"以“{ground}”为由注销的，请先上传{ending.proof}（材料“注销依据”）"
        found.append(Refusal("ending_unproved", text, ending.law))
    return found


def _of_unserved(act: Act, ground: str, law: str) -> list[Refusal]:
    """What the authority finds itself is decided first, and that is served: then the entry ends."""
    decided = act.before.at(DECIDE_ENDING)
    if act.case.state == SERVED and decided and decided.ground == ground:
        return []
    text = (
        f"以“{ground}”为由注销的，须先事先告知、听取意见，再办理“决定注销（依职权认定）”，"
        "决定书送达被许可人后办理注销"
    )
    return [Refusal("ending_not_served", text, law)]


def _is_unserved(act: Act) -> bool:
    """Whether the decision that withdrew the licence has still to reach its holder."""
    papers = papers_in(act.session, act.case, _WITHDRAWAL)
    receipts = entry_of(act.case.data, _WITHDRAWAL.of)["receipts"]
    return not papers or bool(waiting(papers, receipts))


def _of_no_case(act: Act) -> list[Refusal]:
    """What is another authority's is handed to it, and not dropped (不属于本机关管辖); and nothing
    is "without evidence" of which officers made a record: that must be weighed (处罚法54)."""
    ground = act.filled(NotFiled).ground
    if ground == NotFiledGround.NOT_OURS:
        return _of_handing_over(act)
    records = [
        str(evidence.said["title"])
        for evidence in on_file(act.session, act.case)
        if evidence.said["kind"] == Kind.RECORD.value
    ]
    if ground != NotFiledGround.NO_EVIDENCE or not records:
        return []
    text = (
        f"案卷已登记“{'、'.join(records)}”，不能以“没有证据证明有违法事实”为由不予立案：符合立案标准的"
        "应当立案；记录的情况不构成违法的，选择“不构成违法行为”并说明理由"
    )
    return [Refusal("evidence_is_there", text, "《行政处罚法》第五十四条第二款")]


def _of_handing_over(act: Act) -> list[Refusal]:
    """A case ends here once its letter went out to the authority whose it is, and has come, or was
    sent, to whom it names. One paper is of one case. What goes to criminal justice does not end
    with that (`refer_crime`), nor what the supervisory authority is told of an official: the
    party's act is still this authority's."""
    letter = _letter(act)
    if not letter:
        text = (
            "请先办理“制作移送函，移送其他机关”（情形：不属于本机关管辖），送出移送函，再上传凭证"
            "（材料“移送回执”）办结；移送监察机关、司法机关的，本案不因此办结；"
            "没有凭证的，本机关继续办理"
        )
        return [Refusal("no_transfer_letter", text, _ELSEWHERE)]
    taken = _free(act, ACCEPTANCE, -1)
    if not taken and not elsewhere(act):
        text = (
            "案卷写明的地址没有写明位于其他行政区，不能只凭移送函办结：请上传受移送机关同意接收的复函，"
            "或者上级机关指定管辖的决定（材料“同意接收、指定管辖的文书”）；没有的，本机关继续办理"
        )
        return [Refusal("transfer_unaccepted", text, _ELSEWHERE)]
    if _free(act, ACCEPTANCE, letter) or _free(act, RECEIPT, letter):
        return []
    text = (
        "移送案件须有受移送机关签收的回执、同意接收的复函，或者移送函的邮寄凭证，本案才在本机关办结："
        "请在移送函送出后上传凭证（材料“移送回执”，其他案件用过的不能再用）；"
        "没有凭证的，本机关继续办理"
    )
    return [Refusal("no_transfer_receipt", text, _ELSEWHERE)]


def _of_receipt(act: Act) -> list[Refusal]:
    """Criminal justice has a case once it signed for it (国令310号)."""
    if _free(act, RECEIPT, act.dossier.row_of(REFER_CRIME)):
        return []
    text = (
        "涉嫌犯罪案件以司法机关在移送书回执上签字为移送：请先上传移送以后取得的回执"
        "（材料“移送回执”，其他案件用过的不能再用）再登记"
    )
    law = "《行政执法机关移送涉嫌犯罪案件的规定》第七条、《行政处罚法》第二十七条"
    return [Refusal("no_transfer_receipt", text, law)]


def _letter(act: Act) -> int:
    """The row of the latest letter to the authority whose the case is; 0 if there is none."""
    rows = (
        select(LogRow.seq)
        .where(
            LogRow.case_id == act.case.id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string() == SEND_TRANSFER,
            LogRow.payload["input"]["kind"].as_string() == TransferKind.JURISDICTION.value,
        )
        .order_by(LogRow.seq.desc())
        .limit(1)
    )
    return act.session.scalar(rows) or 0


def _free(act: Act, material: str, seq: int) -> bool:
    """Whether such a paper came in after that row that no other case was ended by."""
    kept = kept_since(act, material, seq)
    used = used_elsewhere(act, kept, (TRANSFER, REFUSE_FILING, RECORD_JUSTICE_RECEIPT))
    return any(attachment.digest not in used for attachment in kept)

"""More time is more time, letters ask for what is owed, and what ends execution came after the
decision, in cases of every version."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from casework.acts.act import Act
from casework.common.numerals import NUMBER, read
from casework.common.texts import folded
from casework.common.timekeeping import in_chinese
from casework.enforcement.fines import debt as fines
from casework.enforcement.penalty.door import SPOKEN_OF
from casework.parts.evidence.register import registered_since
from casework.parts.proofs.door import has_free_paper
from casework.parts.remedies import decision_in_force as standing
from state_machines.door.proofs import SLIP
from state_machines.enforcement.fines.forms import (
    APPLY_TO_COURT,
    CORRECT_PAYMENT,
    DEFER_PAYMENT,
    END_EXECUTION,
    GRANT_INSTALMENTS,
    MAKE_AGREEMENT,
    RECORD_REFUND,
    URGE,
    CourtApplication,
    Deferral,
    ExecutionAgreement,
    ExecutionEnd,
    ExecutionEndGround,
    Plan,
    RefundMade,
    Remission,
    Urging,
)
from state_machines.language.vocabulary import Refusal
from state_machines.parts.approvals.measures import MeasureKind, money

_TIME = "《行政处罚法》第六十六条第二款、第六十七条第三款"
_SUM = re.compile(rf"(?P<n>{NUMBER})\s*[元圆](?:(?P<jiao>{NUMBER})角)?(?:(?P<fen>{NUMBER})分)?")
# What an account may say besides its holder: numbers, and which bank keeps it.
# A bank is named after what marks one, or begins as one of those that there are: else the name of
# anybody would pass as that of a bank.
_HAN = r"(?:(?!代|转|委托|由)[\u4e00-\u9fff])"
_KEPT_BY = r"(?:银行|农商行|信用社|联社|分行|支行|营业部|分理处|储蓄所)"
_BANKS = (
    "中国|中信|工商|农业|建设|交通|邮政|邮储|招商|光大|浦东|浦发|民生|兴业|平安|华夏|广发|恒丰|浙商|渤海"
    "|江苏|南京|苏州|南通|无锡|常州|扬州|泰州|盐城|如东|如皋|海门|海安|启东|崇川"
)
# Atomic: what was read once is not read again another way, of which there are very many.
_ACCOUNT = re.compile(
    r"(?>[0-9*x()\[\]:;、/\-]|户名|收款人|收款单位|账户名称|单位名称|[账帐]号|[账帐]户|卡号|尾号"
    rf"|(?:开户(?:银?行)?:?{_HAN}{{0,20}}?|(?:{_BANKS}){_HAN}{{0,20}}?){_KEPT_BY}"
    rf"(?:{_HAN}{{0,12}}?(?:分行|支行|营业部|分理处|储蓄所))*+|开户银?行)*+"
)


def refusals(act: Act) -> list[Refusal]:
    """What an act of collecting would take from the party beyond what is owed, or its time."""
    step = act.step.name
    if step in (DEFER_PAYMENT, GRANT_INSTALMENTS):
        return list(_of_time(act))
    if step == URGE:
        return list(_of_sums(act, act.filled(Urging).duty))
    if step == APPLY_TO_COURT:
        return list(_of_sums(act, act.filled(CourtApplication).claims))
    if step == MAKE_AGREEMENT:
        return list(_of_remedy(act))
    if step == RECORD_REFUND:
        return list(_of_refund(act))
    if step == END_EXECUTION:
        return list(_of_end(act))
    if step == CORRECT_PAYMENT:
        return list(_of_correction(act))
    return []


def _of_time(act: Act) -> Iterator[Refusal]:
    """Nothing is due before the day on which all of it would have been."""
    due = next((run.due_on for run in reversed(act.runs) if run.name == "payment"), None)
    days = (
        [act.filled(Deferral).until]
        if act.step.name == DEFER_PAYMENT
        else [part.due for part in act.filled(Plan).parts]
    )
    early = [day for day in days if due is not None and day < due]
    if early and due is not None and act.day <= due:
        text = (
            f"决定书载明的缴款期限至{in_chinese(due)}届满，准予延期、分期的期限"
            f"（{in_chinese(min(early))}）不能早于该日：延期、分期只能延长当事人的时间"
        )
        yield Refusal("time_is_shortened", text, _TIME)


def _of_sums(act: Act, words: str) -> Iterator[Refusal]:
    """A letter that names a sum names one that is owed."""
    owed = fines.owed_on(act, act.day)
    stands = [money(measure.amount) for measure in standing.in_force(act.inputs)]
    known = {
        owed.fine, owed.confiscated, owed.late_fee, owed.left, owed.paid, owed.fine_open,
        owed.confiscated_open, owed.late_fee_open, owed.cap, *stands,
        owed.fine_open + owed.confiscated_open, owed.fine + owed.confiscated,
    }  # fmt: skip
    kinds = {measure.kind for measure in standing.in_force(act.inputs)}
    # A late fee (加处罚款) is spoken of where there is no fine; of sums see below.
    added = [
        word
        for word, of in SPOKEN_OF.items()
        if word in words and kinds.isdisjoint(of) and MeasureKind.FINE not in of
    ]
    if added:
        text = f"写有“{'、'.join(added)}”，处罚决定没有该种处罚：只能催告、申请执行决定确定的义务"
        yield Refusal("words_add_to_decision", text, "《行政强制法》第三十五条、第五十三条")
    strange = [said for said, sum_ in _sums_in(words) if sum_ not in known]
    if strange:
        text = (
            f"“{'、'.join(strange)}”不是案卷中应缴的金额（罚款{owed.fine:.2f}元、没收"
            f"{owed.confiscated:.2f}元、加处罚款{owed.late_fee:.2f}元，尚欠{owed.left:.2f}元），请核对"
        )
        yield Refusal(
            "sum_not_owed", text, "《行政强制法》第三十五条、第五十五条、《行政处罚法》第七十二条"
        )


def _sums_in(words: str) -> Iterator[tuple[str, Decimal]]:
    for found in _SUM.finditer(words):
        yuan, jiao, fen = (read(found[part] or "") or 0 for part in ("n", "jiao", "fen"))
        yield found[0], yuan + Decimal(jiao) / 10 + Decimal(fen) / 100


def _of_remedy(act: Act) -> Iterator[Refusal]:
    """What the party mended, it mended after it was punished: the file of the act proves nothing
    of that."""
    execution_agreement = act.filled(ExecutionAgreement)
    if not registered_since(act, execution_agreement.paper, _decided(act)):
        text = "执行协议书应当是处罚决定作出以后签订、登记的，决定以前的证据不是执行协议"
        yield Refusal("agreement_before_decision", text, "《行政强制法》第四十二条第一款")
        return
    if execution_agreement.remission == Remission.NONE or registered_since(
        act, execution_agreement.remedy, _decided(act)
    ):
        return
    text = (
        "补救措施的证明材料应当是处罚决定作出以后登记的：决定以前的证据不能证明当事人采取了补救措施，"
        "请先登记证明材料并写明它的名称"
    )
    yield Refusal("remedy_before_decision", text, "《行政强制法》第四十二条第一款")


def _of_refund(act: Act) -> Iterator[Refusal]:
    """What was paid too much goes back to the party, and to nobody else."""
    before, party, after = folded(act.filled(RefundMade).account).partition(folded(act.party.name))
    if not party or not (_ACCOUNT.fullmatch(before) and _ACCOUNT.fullmatch(after)):
        text = f"应当退还给当事人{act.party.name}：“退至”须写明当事人的户名和账号，不能退给他人"
        yield Refusal("refund_to_another", text, "《国家赔偿法》第三十六条")


def _of_correction(act: Act) -> Iterator[Refusal]:
    """What is put right against the party is proved by what the bank said after the entry: the slip
    that proved it proves nothing against it."""
    wrong = fines.worsened(act)
    if wrong is None or has_free_paper(act, SLIP, wrong.seq):
        return
    text = (
        "减少缴款金额、推迟缴款日期对当事人不利，原来的凭证不能再用：请先上传该笔登记以后取得、没有"
        "用过的代收机构或者财政部门凭证（对账单、退票通知等，材料“缴款、退款凭证”）再更正"
    )
    yield Refusal("no_later_slip", text, "《行政处罚法》第六十七条、第七十四条")


def _of_end(act: Act) -> Iterator[Refusal]:
    """Why execution ends came about after the decision; a fine is not remitted by ending what
    nobody began (强制法42: of the late fee only, by agreement)."""
    execution_end = act.filled(ExecutionEnd)
    quashed = execution_end.ground == ExecutionEndGround.REVOKED
    if not quashed and not registered_since(act, execution_end.evidence, _decided(act)):
        text = (
            "终结执行的证明材料应当是处罚决定作出以后登记的：违法行为的证据不能证明终结执行的情形，"
            "请先登记证明材料并写明它的名称"
        )
        yield Refusal("end_before_decision", text, "《行政强制法》第三十九条第二款、第四十条")
    elif execution_end.ground == ExecutionEndGround.OTHER and APPLY_TO_COURT not in act.before:
        text = (
            "尚未申请人民法院强制执行，不能以“其他情形”终结执行：罚款本金不得减免，当事人有困难的，"
            "可以准予延期、分期，或者催告后申请人民法院强制执行，由人民法院裁定"
        )
        law = "《行政强制法》第四十条第五项、第四十二条、第五十三条"
        yield Refusal("end_before_court", text, law)


def _decided(act: Act) -> int:
    return act.dossier.row_of(*fines.DECISIONS)

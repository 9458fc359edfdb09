"""Which step is entered by which paper (凭据): nobody's word does what another body, a court or a
bank has on paper.

Asked of cases of every version. One paper proves one entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from state_machines.credit.repair.forms import RECORD_PERFORMANCE
from state_machines.enforcement.custody.forms import SEND_FOR_TEST
from state_machines.enforcement.fines.forms import (
    CORRECT_PAYMENT,
    PAY_INSTALMENT,
    PAY_LAST_INSTALMENT,
    RECORD_EXECUTION,
    RECORD_PAYMENT,
    RECORD_REFUND,
)
from state_machines.enforcement.penalty.forms import VARY_BY_LITIGATION, VARY_BY_RECONSIDERATION
from state_machines.language.vocabulary import Step
from state_machines.licensing.instant_licence.forms import PAUSE
from state_machines.parts.interested_party.forms import CALL_HEARING
from state_machines.parts.remedies.forms import (
    APPEAL,
    BRING_BACK,
    CHANGE_BY_LITIGATION,
    CHANGE_BY_RECONSIDERATION,
    END_LITIGATION,
    END_RECONSIDERATION,
    FILE_LITIGATION,
    FILE_RECONSIDERATION,
    RECORD_JUDGMENT,
    WITHDRAW_APPEAL,
)
from state_machines.radiation.forms import PAUSE_ECO, PAUSE_HEALTH


@dataclass(frozen=True)
class Proof:
    """A kind of paper: the `item` of the list `listed` under which officers keep it, and what a
    step is refused with that lacks it. What comes `later` is kept after the case has ended too;
    what is `of_one_case` is the paper of no other."""

    listed: str
    item: str
    code: str
    wanted: str
    law: str
    later: bool = False
    of_one_case: bool = False


# What a body of 行政复议 or a court has on paper: that it was asked, and what it said.
REMEDY = Proof(
    "remedies",
    "remedy_paper",
    "no_remedy_paper",
    "以复议机关、人民法院的文书为准：请先上传该文书（材料“行政复议、行政诉讼文书”）再登记；"
    "每份文书只证明一次登记",
    "《行政复议法》第七十五条、《行政诉讼法》第七十八条、第九十四条",
    later=True,
)
# What the bank, the treasury or the court has on paper: that money came in, or went out.
SLIP = Proof(
    "money",
    "payment_slip",
    "no_payment_slip",
    "以代收机构、财政部门、人民法院的凭证为准：请先上传本次的凭证（材料“缴款、退款凭证”）再登记；"
    "每份凭证只证明一次登记，其他案件登记时用过的不能再用",
    "《行政处罚法》第六十七条、第七十条、第七十四条",
    later=True,
    of_one_case=True,
)
# What shows that a duty was performed that is none of money: looked at again, a receipt, pictures.
PERFORMED = Proof(
    "performance",
    "performance_record",
    "no_performance_record",
    "以履行凭据为准：请先上传本次的凭据（材料“履行情况的凭据”，如复查记录、回执）再登记；"
    "每份凭据只证明一次登记",
    "《行政处罚法》第六十六条第一款、国家发展改革委令第36号",
)
# What shows that the public was told of a hearing that nobody asked for.
ANNOUNCED = Proof(
    "own_hearing",
    "hearing_announcement",
    "no_hearing_announcement",
    "应当向社会公告：请先上传听证公告（材料“听证公告”）再办理",
    "《行政许可法》第四十六条",
)
# What shows that somebody was asked for the test or the review for which a limit is to rest.
COMMISSION = Proof(
    "commissions",
    "commission_letter",
    "no_commission_letter",
    "以检验、检测、检疫、鉴定、专家评审的委托书为准：请先上传委托书（或者送检单、聘请专家的通知，"
    "材料“检验、评审的委托书”）再中止计时；每份委托书只证明一次中止，其他案件用过的不能再用",
    "《行政许可法》第四十五条、《行政强制法》第二十五条第三款",
    of_one_case=True,
)
_PROOFS: Mapping[Proof, frozenset[str]] = {
    REMEDY: frozenset(
        {
            FILE_RECONSIDERATION,
            END_RECONSIDERATION,
            VARY_BY_RECONSIDERATION,
            CHANGE_BY_RECONSIDERATION,
            FILE_LITIGATION,
            RECORD_JUDGMENT,
            APPEAL,
            WITHDRAW_APPEAL,
            END_LITIGATION,
            VARY_BY_LITIGATION,
            CHANGE_BY_LITIGATION,
            BRING_BACK,
        }
    ),
    SLIP: frozenset(
        {
            RECORD_PAYMENT,
            PAY_INSTALMENT,
            PAY_LAST_INSTALMENT,
            CORRECT_PAYMENT,
            RECORD_REFUND,
            RECORD_EXECUTION,
        }
    ),
    PERFORMED: frozenset({RECORD_PERFORMANCE}),
    ANNOUNCED: frozenset({CALL_HEARING}),
    COMMISSION: frozenset({PAUSE, PAUSE_HEALTH, PAUSE_ECO, SEND_FOR_TEST}),
}
# Items that officers may keep with a case that has ended.
LATER = frozenset(proof.item for proof in _PROOFS if proof.later)


def proof_of(step: Step) -> Proof | None:
    """The paper by which a step is entered; None if it needs none."""
    return next((proof for proof, names in _PROOFS.items() if step.name in names), None)


def proved_by(proof: Proof) -> frozenset[str]:
    """The steps that are entered by that kind of paper."""
    return _PROOFS[proof]


def lists_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """The lists of papers that these steps need, each once."""
    found = (proof.listed for proof in map(proof_of, steps) if proof)
    return tuple(dict.fromkeys(found))

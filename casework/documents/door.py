"""What is asked of a party's act that somebody else enters (代录): its own signed paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from casework.acts.act import COUNTER, ONLINE, Act
from casework.acts.handed_in import kept_since
from casework.common.timekeeping import in_chinese, legal_date
from casework.models import MandatePaper
from casework.rules.versions import as_released
from state_machines.door import acts
from state_machines.enforcement.fines.forms import ASK_FOR_TIME
from state_machines.language.vocabulary import Refusal, Role
from state_machines.licensing.licence.forms import REQUEST_CLOSURE
from state_machines.parts.delivery.forms import CONFIRM_ADDRESS
from state_machines.parts.hearing.forms import (
    ASK_EARLIER_HEARING,
    WAIVE_DEFENCE,
    WAIVE_HEARING,
    WITHDRAW_HEARING,
)
from state_machines.parts.prior_notice.forms import WAIVE_PRIOR_NOTICE, WAIVE_PRIOR_NOTICE_ECO
from state_machines.parts.prior_notice.part import telling_of
from state_machines.parts.promise.forms import DECLINE, WITHDRAW_COMMITMENT

# By this guard it is asked who signs a promise for the party.
SIGNING = "may_sign_promise"
_LAWS: Mapping[str, str] = {
    CONFIRM_ADDRESS: "《行政处罚法》第六十一条第二款、《民事诉讼法》第九十条",
    REQUEST_CLOSURE: "《行政许可法》第七十条",
    DECLINE: "国办发〔2020〕42号",
    WITHDRAW_COMMITMENT: "国办发〔2020〕42号",
    ASK_FOR_TIME: "《行政处罚法》第六十六条第二款",
}
_WAIVING = "《行政处罚法》第四十五条、第六十四条；《行政许可法》第四十七条"
_LAW = "《行政许可法》第二十九条第三款"
_HEARD = (
    WAIVE_DEFENCE,
    WAIVE_HEARING,
    WAIVE_PRIOR_NOTICE,
    WAIVE_PRIOR_NOTICE_ECO,
    WITHDRAW_HEARING,
    ASK_EARLIER_HEARING,
)


def refusals(act: Act) -> list[Refusal]:
    """What the party gives up or agrees to, and somebody else enters, is on a paper that the party
    signed and that whoever enters it has seen and kept; an agent's power to do so is on file."""
    _, released = as_released(act.process, act.step)
    item = acts.in_writing(released)
    signs = any(guard.name == SIGNING for guard in released.guards)
    if (item or signs) and (unproved := _power_unproved(act, gives_up=bool(item))):
        return [unproved]
    if unproved := _day_unproved(act):
        return [unproved]
    by_itself = act.execution.channel == ONLINE or act.execution.role.automatic
    if not item or by_itself or act.execution.role is Role.RELATED:
        return []
    enterers = {officer.person_id for officer in act.execution.officers}
    since = _since(act, act.step.name)
    if any(row.person_id in enterers for row in kept_since(act, item, since)):
        return []
    what = "送达地址确认书" if item != acts.STATEMENT else "书面声明"
    text = (
        f"“{released.label}”须由当事人在网上自行办理，或者凭其签名（盖章）的{what}办理："
        f"请录入人核对原件后，先上传{what}再办理"
    )
    law = _WAIVING if act.step.name in _HEARD else _LAWS.get(act.step.name, _LAW)
    return [Refusal("no_signed_statement", text, law)]


def _day_unproved(act: Act) -> Refusal | None:
    """What a clerk enters for a party as of an earlier day is on a paper that came that day."""
    counted = act.execution.channel == COUNTER and act.execution.mandate is not None
    if not counted or act.day >= legal_date(act.context.now):
        return None
    if acts.STATEMENT not in {acts.in_writing(step) for step in act.process.every_step}:
        return None
    enterers = {officer.person_id for officer in act.execution.officers}
    since = _since(act, act.step.name)
    if any(row.person_id in enterers for row in kept_since(act, acts.STATEMENT, since)):
        return None
    text = (
        f"“{act.step.label}”以{in_chinese(act.day)}登记的，须有当事人当日提交、签名的书面材料："
        "请录入人核对收件日期后，先上传书面声明再办理"
    )
    return Refusal("no_dated_paper", text, "《行政处罚法》第四十七条、《行政许可法》第二十九条")


def _power_unproved(act: Act, *, gives_up: bool) -> Refusal | None:
    """Whether an agent acts online of whose power nothing is kept but a clerk's word (授权委托书);
    at the counter the paper that the party signed is asked for. Whom the firm's contact confirmed
    by a code may promise for it, but gives nothing up."""
    mandate = act.execution.mandate if act.execution.channel == ONLINE else None
    if mandate is None or mandate.capacity != "agent":
        return None
    by_code = mandate.registered_by is None and mandate.registered_at is not None
    if mandate.registered_by is None and not (by_code and gives_up):
        return None
    kept = select(MandatePaper.id).where(MandatePaper.mandate_id == mandate.id).limit(1)
    if act.session.scalar(kept) is not None:
        return None
    text = (
        f"代理人的授权委托书没有扫描留存，不能代为“{act.step.label}”（放弃、变更当事人的权利，或者代为承诺）："
        "请窗口核对原件后先留存授权委托书"
    )
    return Refusal("power_not_on_file", text, "《民法典》第一百六十五条、《行政许可法》第二十九条")


def _since(act: Act, step: str) -> int:
    """The log row after which the paper must have come: the latest notice, or the same step."""
    names: Iterable[str] = [step]
    if step in _HEARD:
        told = (name for bind in act.process.binds if bind.name == "notice" for name in bind.by)
        names = [step, telling_of(act.process, step, act.before).give, *told]
    return act.dossier.row_of(*names)

"""What falls, falls whole (一并落空): what came of a decision is brought in line with what stands.

A decision that was quashed, varied or given back its force takes with it, in the same transaction,
credit records and rating, the repair that is open for them, and what was done to a licence; its
debt is derived (`fines`), its publication withdrawn by an effect of its own. A payment made in time
and entered late leaves no record of a delay. Nothing is deleted: each is a new row.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from sqlalchemy import select

from casework.acts import notices
from casework.acts.act import Act
from casework.acts.successions import lock_line
from casework.common.problems import GuardRefused, Problem, StepNotOfState
from casework.common.typed_inputs import Inputs
from casework.credit.repair.collect import LEFT
from casework.documents import marks
from casework.enforcement.fines import debt as fines
from casework.enforcement.fines.late_fees import Statement
from casework.enforcement.offence_records import relying_on
from casework.kernel.engine import move
from casework.licensing.penalised import standing_licence as penalised_licences
from casework.models import Case, CreditEvent, Document
from casework.parts.credit_file import CORRECTED, REOPENED, mark, marks_on
from casework.parts.remedies import decision_in_force as standing
from casework.parts.same_act.collect import fined_besides
from rulebook.money import in_yuan
from state_machines.credit.national_repair.forms import END_NATIONAL_PUBLICITY
from state_machines.credit.repair.forms import APPROVE, LAPSE, RECLASS, RepairCase
from state_machines.enforcement.fines.forms import CORRECT_PAYMENT, RECORD_PAYMENT
from state_machines.language.vocabulary import BringInLine, Role
from state_machines.parts.approvals.measures import MeasureKind
from state_machines.parts.corrections.forms import OwnRevocation
from state_machines.parts.remedies.forms import ANNUL, BRING_BACK, Overturned, Quashed

_URGING = "urging_notice"
_REPAIR, _NATIONAL = "credit_repair", "national_repair"
# A record of a wrong of its own, which does not fall with the penalty that was to be repaired.
_OWN_WRONG = "false_material"
_REFUND_LAW = "《国家赔偿法》第三十六条"


def pressing_is_over(act: Act, effect: BringInLine) -> None:
    """Mark the letter that urged the party, where it turns out that nothing was late."""
    came = _Aftermath(act, effect)
    wrong = [event for event in came.events if event.kind in effect.delays and came.falls(event)]
    urged = select(Document.id).where(Document.case_id == act.case.id, Document.key == _URGING)
    if wrong and act.session.scalar(urged.limit(1)) is not None:
        why = f"处罚决定{came.fallen}" if came.fallen else "当事人已按期缴款"
        marks.mark(act, (_URGING,), f"{why}，催告不再执行")


def bring_in_line(act: Act, effect: BringInLine) -> bool:
    """Bring in line with what stands now; gives whether the party's credit file has changed. What
    follows by itself from a step that did so finds nothing left to do."""
    if act.execution.role is Role.RELATED:
        return False
    came = _Aftermath(act, effect)
    lock_line(act.session, act.case.party_id, act.day)
    changed = False
    for event in came.events:
        if came.falls(event) or came.stands_again(event):
            mark(act, event, CORRECTED if came.falls(event) else REOPENED)
            changed = True
    act.session.flush()  # a class is put right after that
    came.end_repairs()
    came.reclass_repairs()
    came.give_back_licences()
    came.bring_back_licences_that_are_gone()
    came.tell_who_relies_on_it()
    came.tell_refund()
    came.tell_of_two_fines()
    came.note_what_is_left()
    came.tell_of_repairs_without_ground()
    return changed


class _Aftermath:
    """The act, and what came of its case's decision so far."""

    def __init__(self, act: Act, effect: BringInLine) -> None:
        self.act, self.effect = act, effect
        self.fallen = standing.overturned(act.inputs)
        said = select(CreditEvent).where(
            CreditEvent.case_id == act.case.id,
            CreditEvent.kind.in_((*effect.kinds, *effect.delays)),
        )
        self.events = act.session.scalars(said.order_by(CreditEvent.id)).all()
        self._marks = marks_on(act.session, [event.id for event in self.events])

    @cached_property
    def owed(self) -> Statement:
        return fines.owed_after(self.act)

    @property
    def _falls_now(self) -> bool:
        """Whether it is by this very act that the decision falls."""
        return bool(self.fallen) and self.act.step.name in standing.ENDS

    def _right(self, event: CreditEvent) -> bool:
        """Whether the item belongs into the file by what is known now."""
        if self.fallen:
            return False
        return event.kind not in self.effect.delays or self.owed.delayed

    def falls(self, event: CreditEvent) -> bool:
        """Whether an item is to be corrected."""
        credit_mark = self._marks.get(event.id)
        return not self._right(event) and (credit_mark is None or credit_mark.kind != CORRECTED)

    def stands_again(self, event: CreditEvent) -> bool:
        """Whether an item fell with the decision, and the decision stands again."""
        credit_mark = self._marks.get(event.id)
        if (
            credit_mark is None
            or credit_mark.kind != CORRECTED
            or credit_mark.case_id != self.act.case.id
        ):
            return False
        return self._right(event) and self._fell_at(credit_mark.log_seq)

    def _fell_at(self, seq: int) -> bool:
        return any(
            header["seq"] == seq and header["name"] in (*standing.ENDS, ANNUL)
            for header in self.act.dossier.headers
        )

    def _moves(self, process: str) -> Iterator[str]:
        for name in self.effect.takes:
            key, _, step = name.partition(".")
            if key == process:
                yield step

    @cached_property
    def _paper(self) -> str:
        """What varied or quashed the decision, as letters name it."""
        told, undone = self.act.filled(Overturned), self.act.filled(OwnRevocation)
        return f"{told.number or '本机关撤销决定'}（{told.result or undone.kind}）"

    @cached_property
    def _repairs(self) -> list[Case]:
        """The repairs of the family, by either channel."""
        family = self.act.case.family_id or self.act.case.id
        rows = self.act.session.scalars(
            select(Case)
            .where(
                (Case.family_id == family) | (Case.id == family),
                Case.process.in_((_REPAIR, _NATIONAL)),
            )
            .order_by(Case.id.desc())
        )
        return list(rows)

    @cached_property
    def _of_record(self) -> list[Case]:
        """Those of them that are about the record of the decision, and not about a wrong of its
        own."""
        return [
            case
            for case in self._repairs
            if case.process == _REPAIR
            and (repair_case := Inputs(case.data).application(RepairCase)).source
            == self.act.case.number
            and repair_case.category != _OWN_WRONG
        ]

    def end_repairs(self) -> None:
        """A record that is no more needs no repair, whether the version of its case says so or
        not."""
        if not self.fallen:
            return
        ended = {case.id for case in self._of_record}
        reason = f"产生记录的决定{self.fallen}：{self._paper}，记录已经更正，无须修复"
        for case in self._repairs:
            if {case.id, case.origin_id} & ended:
                self._move_repair(case, LAPSE, {"reason": reason})

    def reclass_repairs(self) -> None:
        """The record of a decision that was varied is repaired on the terms of what stands of it
        (处罚法48, 令36)."""
        if self.fallen or self.act.step.name not in standing.VARIED_BY:
            return
        stands = standing.class_in_force(self.act.inputs)
        reason = f"产生记录的决定已变更：{self._paper}"
        for case in self._of_record:
            if Inputs(case.data).application(RepairCase).category != stands:
                self._move_repair(case, RECLASS, {"category": stands, "reason": reason})

    def _move_repair(self, case: Case, step: str, given: dict[str, str]) -> None:
        """Take the step of a repair that has not ended, if it knows it where it stands."""
        if case.ended_at is not None:
            return
        process = self.act.context.versions.by_digest(self.act.session, case.version_digest)
        if any(one.name == step and case.state in one.moves for one in process.steps):
            move(self.act, case, step, given)
            self._moved(case, step)

    def give_back_licences(self) -> None:
        """What was done to a licence by a decision, or by a part of it, that stands no more."""
        reason = f"处罚决定{self.fallen or '已变更'}"
        held = penalised_licences.taken_of(self.act.session, self.act.case)
        for licence, taken in held if self.effect.takes else ():
            step, given = penalised_licences.given_back(self.act.case, licence, taken, self.act.day)
            if step not in set(self._moves("licence")):
                continue
            given = given or {"decision": self._paper, "reason": reason}
            try:
                with self.act.session.begin_nested():
                    move(self.act, licence, step, given)
            except (GuardRefused, StepNotOfState) as refused:
                # The judgment stands all the same: somebody has to clear the way.
                self.act.session.refresh(licence)
                self._tell(
                    Role.APPROVER.value,
                    "licence",
                    f"许可证待恢复：{licence.number}",
                    f"{reason}（{self._paper}），许可证{licence.number}应当恢复，但不能自动办理："
                    f"{refused.detail}",
                    besides=f"/{licence.id}",
                )
            else:
                self._moved(licence, step)

    def bring_back_licences_that_are_gone(self) -> None:
        """A licence that was struck off since on that decision stands again, unless something else
        took it or its place was licensed anew: then its approver has to see to it."""
        if not self._falls_now:
            return
        session, case = self.act.session, self.act.case
        own = self.act.related("licence") if case.process == "commitment_check" else None
        gone = penalised_licences.deregistered_after(session, case)
        overturned, undone = self.act.filled(Overturned), self.act.filled(OwnRevocation)
        given = {
            "number": overturned.number or "本机关撤销决定",
            "result": overturned.result or Quashed.QUASHED,
            "reasons": overturned.reasons or undone.reasons,
        }
        for licence in [*gone, *([own] if own and own.state == "deregistered" else [])]:
            try:
                with session.begin_nested():
                    move(self.act, licence, BRING_BACK, given)
            except Problem as refused:  # the judgment stands all the same
                session.refresh(licence)
                self._tell(
                    Role.APPROVER.value,
                    "licence",
                    f"许可证已注销：{licence.number}",
                    f"决定{self.fallen}（{self._paper}），许可证{licence.number}已据此注销，"
                    f"不能自动恢复：{refused.detail}。可以恢复的，请在该许可证上办理“恢复效力（原决定"
                    "已被撤销）”；场所已另行许可的，依法采取补救措施（《国家赔偿法》第三十六条）。",
                    besides=f"/{licence.id}",
                )
            else:
                self._moved(licence, BRING_BACK)

    def tell_who_relies_on_it(self) -> None:
        """Cases that were decided more gravely for this one, or that it opened, are looked at
        again by whoever handles them (处罚法75)."""
        if not self._falls_now:
            return
        for case in relying_on(self.act.session, self.act.case):
            process = self.act.context.versions.by_digest(self.act.session, case.version_digest)
            self.act.rows.append(
                notices.notice_of(
                    self.act.session,
                    case,
                    process,
                    key=f"relies/{case.id}/{self.act.case.id}/{self.act.case.head_seq + 1}",
                    kind="step",
                    to=Role.CASE_HANDLER.value,
                    subject=f"所依据的案件已被撤销：{case.number}",
                    body=f"{process.label}（{case.number}）以案件{self.act.case.number}为依据"
                    f"（从重情节或者案件来源），该案的决定{self.fallen}（{self._paper}）。"
                    "请复核本案的定性和裁量，有错误的依法纠正（《行政处罚法》第七十五条第二款）。",
                    now=self.act.context.now,
                )
            )

    def tell_of_two_fines(self) -> None:
        """A decision that is in force again, while another fine for the same act is: one of them
        must fall (处罚法29)."""
        besides = fined_besides(self.act) if not self.fallen else ()
        for to in (Role.APPROVER, Role.SUPERVISOR, Role.CASE_HANDLER) if besides else ():
            self._tell(
                to.value,
                "two_fines",
                f"同一违法行为有两项罚款：{self.act.case.number}",
                f"{self.act.process.label}（{self.act.case.number}）的罚款有效，"
                f"同一违法行为另有罚款（{'；'.join(besides)}）。请依法撤销其中一项，"
                "撤销以前两项都不得催告、申请强制执行或者结案（《行政处罚法》第二十九条）。",
            )

    def note_what_is_left(self) -> None:
        """Put down with a payment what is left to pay: a case that is closed does not show it by
        its state, and a repair asks (`credit/repair`)."""
        if self.act.step.name in (RECORD_PAYMENT, CORRECT_PAYMENT):
            self.act.note(LEFT, {"sum": f"{self.owed.left:.2f}"})

    def tell_of_repairs_without_ground(self) -> None:
        """A payment that was put right was less: whoever granted repair because all had been paid
        looks at it again. One that is not carried out yet goes no further (`credit/repair/door`).
        """
        act = self.act
        if act.step.name != CORRECT_PAYMENT or self.fallen:
            return
        if fines.owed_before(act).left or not self.owed.left:
            return
        for case in self._granted():
            process = act.context.versions.by_digest(act.session, case.version_digest)
            for to in (Role.CREDIT_OFFICER, Role.APPROVER):
                notice = notices.notice_of(
                    act.session,
                    case,
                    process,
                    key=f"unpaid/{case.id}/{act.case.id}/{act.case.head_seq + 1}/{to.value}",
                    kind="step",
                    to=to.value,
                    subject=f"信用修复须复核：{case.number}",
                    body=f"处罚案件{act.case.number}的缴款登记已更正，尚欠罚没款"
                    f"{in_yuan(self.owed.left)}，{process.label}（{case.number}）准予修复时"
                    "义务没有履行完毕。请复核：尚未同步的，缴清以前不再办理；已经修复的，"
                    "依法纠正（国家发展改革委令第36号）。",
                    now=act.context.now,
                )
                act.rows.append(notice)

    def _granted(self) -> list[Case]:
        """The repairs of the record that were granted, by either channel."""
        own = {
            case.id
            for case in self._repairs
            if case.process == _REPAIR
            and Inputs(case.data).application(RepairCase).source == self.act.case.number
        }
        return [
            case
            for case in reversed(self._repairs)
            if {case.id, case.origin_id} & own
            and (APPROVE in Inputs(case.data) or END_NATIONAL_PUBLICITY in Inputs(case.data))
            and case.state not in ("lapsed", "false_material")
        ]

    def tell_refund(self) -> None:
        """The party and the authority learn of what is to be given back."""
        told = []
        over = self.owed.overpaid if self.effect.delays else 0
        if over and over != fines.owed_before(self.act).overpaid:
            told.append(f"多缴的罚没款{in_yuan(self.owed.overpaid)}应当退还")
        goods = MeasureKind.CONFISCATE_GOODS
        stood = standing.before(self.act.inputs, self.act.step.name)
        stands = standing.in_force(self.act.inputs)
        had, has = (any(measure.kind == goods for measure in these) for these in (stood, stands))
        if had and not has:
            told.append("没收的财物应当返还")
        for to in ("party", Role.CASE_HANDLER.value) if told else ():
            self._tell(
                to,
                "refund",
                f"应予退还：{self.act.case.number}",
                f"{self.act.process.label}（{self.act.case.number}）：{'；'.join(told)}"
                f"（{_REFUND_LAW}）。",
            )

    def _moved(self, case: Case, step: str) -> None:
        said = {"relation": case.relation or case.process, "case": case.number, "step": step}
        self.act.note("moved", said)

    def _tell(self, to: str, kind: str, subject: str, body: str, besides: str = "") -> None:
        act = self.act
        act.rows.append(
            notices.notice_of(
                act.session,
                act.case,
                act.process,
                key=f"{kind}/{act.case.id}/{act.case.head_seq + 1}/{to}{besides}",
                kind="step",
                to=to,
                subject=subject,
                body=body,
                now=act.context.now,
            )
        )

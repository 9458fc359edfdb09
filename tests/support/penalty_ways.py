"""Ways through enforcement (处罚、责令改正、免罚), walked over HTTP by those who take the steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from casework.models import Case
from tests.support import penalties
from tests.support.exemptions import HANDLERS
from tests.support.front import Front
from tests.support.journeys import usual
from tests.support.penalties import hearing_on
from tests.support.signed import pdf
from tests.support.ways import Walker

_APPROVER = (
    "approve_filing refuse_filing suspend resume send_transfer transfer conclude_panel "
    "reject_in_panel forgo_panel decide release extend_decision terminate decide_recusal "
    "grant_instalments defer_payment make_agreement refer_crime take_back end_with_justice "
    "apply_to_court hand_over_execution suspend_execution resume_execution "
    "end_execution annul undo_decision exempt return_proposal"
)
_PARTY = (
    "state_defence waive_defence request_hearing waive_hearing withdraw_hearing ask_for_time "
    "ask_recusal report_correction ask_earlier_hearing"
)
_LEGAL = (
    "pass_review return_review review_undoing "
    "file_reconsideration end_reconsideration vary_by_reconsideration change_by_reconsideration "
    "file_litigation record_judgment appeal withdraw_appeal end_litigation vary_by_litigation "
    "change_by_litigation"
)
_TWO = (
    "investigate close_investigation propose record_scene record_interview request_custody "
    "recheck find_not_corrected correct_on_the_spot punish correct_payment"
)
# Who takes a step, where it is not the first handler.
_BY: Mapping[str, str] = {
    **dict.fromkeys(_APPROVER.split(), "approver"),
    **dict.fromkeys(_PARTY.split(), "applicant"),
    **dict.fromkeys(_LEGAL.split(), "legal"),
    **dict.fromkeys(_TWO.split(), HANDLERS),
    **dict.fromkeys(("hold_hearing", "abandon_hearing", "adjourn_hearing"), "chair"),
    "hand_over": "supervisor",
}
# The clock whose end is the law's own step.
_WAITED_FOR = {
    **{
        f"deem_served{suffix}": f"announcement{suffix}"
        for suffix in ("", "_notice", "_release", "_urging", "_correction", "_undoing")
    },
    "become_overdue": "payment",
    "lapse_deferral": "deferral",
    "miss_instalment": "instalments",
}
# What is uploaded before a step, and by whom.
_PROOF = {
    "confirm_address": ("handler1", "address_confirmation"),
    "check_minor": ("handler1", "correction_evidence"),
    "check_first": ("handler1", "correction_evidence"),
    "check_no_fault": ("applicant", "no_fault_proof"),
}


class Prosecution(Walker):
    """Somebody who takes a case of enforcement along a way.

    The steps of 行政复议 and 行政诉讼, which overlie the case, leave it in the state it is in.
    """

    def __init__(self, front: Front, number: str) -> None:
        super().__init__(front, number, reader="handler1")
        self._answered = ""
        # What followed by itself from the step just taken: each step, and where it led.
        self._followed: list[tuple[str, str]] = []

    def state(self) -> str:
        """Where the case stands, as the step just taken was answered."""
        return self._answered or super().state()

    def log(self) -> list[tuple[str, str, str]]:
        """The steps that the log says were taken, with the state of the case before and after."""
        taken, at = [], ""
        for line in self.front.get(self.reader, f"/cases/{self.number}/log").json():
            source, target = (at, at) if line["track"] else (line["source"], line["target"])
            at = target
            if line["kind"] == "step":
                taken.append((source, line["name"], target))
        return taken

    def _step(self, step: str, given: Any) -> None:
        if self._followed:
            name, self._answered = self._followed.pop(0)
            assert name == step
            return
        case = self.front.town.case(self.number)
        self._answered = ""
        if step in _WAITED_FOR:
            self.await_end(_WAITED_FOR[step])
            return
        if step in ("hold_hearing", "abandon_hearing", "adjourn_hearing"):
            self._turn_to(hearing_on(self.front.town, self.number))
        if step in _PROOF:
            who, material = _PROOF[step]
            proof = pdf(f"{step} {case.version}")
            answer = self.front.upload(who, self.number, material, data=proof)
            assert answer.status_code == 201, answer.text
        penalties.register(self.front.town, self.number, *penalties.PROVED_BY.get(step, ()))
        if step == "close":
            self._look_again(case)
        self._take(self.number, step, given)

    def _take(self, number: str, step: str, given: Any = None) -> None:
        case = self.front.town.case(number)
        first, _, second = self._who(case, step).partition("+")
        answer = self.front.step(first, number, step, self._input(case, step, given))
        assert answer.status_code == (202 if second else 200), f"{step}: {answer.text}"
        if second:
            answer = self.front.sign(second, number, step)
            assert answer.status_code == 200, f"{step}: {answer.text}"
        if number == self.number:
            self._answered = answer.json()["state"]
            if answer.json()["version"] > case.version + 1:
                taken = self.log()[case.version :]
                self._answered = taken[0][2]
                self._followed = [(name, target) for _, name, target in taken[1:]]

    def _who(self, case: Case, step: str) -> str:
        if step == "vote":
            return f"head{sum(name == 'vote' for _, name, _ in self.log()) % 3 + 1}"
        if step == "convert" and case.state == "exemption_review":
            return "approver"
        return _BY.get(step, "handler1")

    def _input(self, case: Case, step: str, given: Any) -> Any:
        if case.process == "first_offence_exemption":
            today = self.front.town.time.now().date()
            dated = {
                "order_correction": {"until": (today + timedelta(days=9)).isoformat()},
                "recheck": {"corrected_on": today.isoformat()},
            }
            said = {**usual(case.process, step), **dated.get(step, {}), **(given or {})}
        else:
            said = penalties.inputs_of(self.front.town, case.number, step, {step: given or {}})
        if step.startswith("record_try"):
            # The second way that fails is another one.
            tried = any(name == step for _, name, _ in self.log())
            said["way"] = "邮寄送达" if tried else said["way"]
        return said or usual(case.process, step)

    def _look_again(self, case: Case) -> None:
        """Recheck what the case ordered to be corrected, if it did."""
        orders = self.front.get(self.reader, f"/cases/{case.number}").json()["related"]
        for order in orders:
            if order["process"] == "correction_order" and not order["ended"]:
                self._take(order["number"], "recheck")

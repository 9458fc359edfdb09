"""Promise (告知承诺): who may make it, education before it, conditions that follow it."""

from __future__ import annotations

from casework.acts.act import COUNTER, Act
from casework.acts.handed_in import handed_in
from casework.acts.successions import lock_line
from casework.kernel.facts import FactTable
from casework.models import Person
from casework.parts.credit_file import file_of, revoked_before, unrepaired
from casework.parts.promise.education import drawn
from casework.rules.counting import count
from state_machines.language.vocabulary import Role
from state_machines.licensing.licence.forms import PROVE_CONDITIONS
from state_machines.parts.interested_party.forms import REGISTER_INTERESTED
from state_machines.parts.promise.facts import (
    ConditionsReported,
    CreditStanding,
    Education,
    GrantedBy,
    Informed,
    PaperPromise,
    Proof,
    QuizAnswers,
    ReadyBy,
    Signatory,
)
from state_machines.parts.promise.forms import (
    CHECK_SITE,
    COMMIT,
    DECLINE,
    INFORM,
    STUDY,
    TURN_TO_ORDINARY,
    WITHDRAW_COMMITMENT,
    Answers,
    Commitment,
)


def _credit_standing(act: Act) -> CreditStanding:
    """What of the party's record bears on its promise; its line is locked if that decides."""
    if act.deciding:
        lock_line(act.session, act.case.party_id, act.day)
    file = file_of(act.session, act.rules, act.case.party_id, act.day)
    return CreditStanding(
        unrepaired(file),
        revoked_before(file),
        bool(act.rules.value("licensing.repair_restores_promise_route", act.day, act.region)),
    )


def _signatory(act: Act) -> Signatory:
    mandate = act.execution.mandate
    if mandate is None:
        return Signatory(None, may_promise=False, name="", signs=False)
    empowered = mandate.capacity == "representative" or "promise" in mandate.scope
    here = {officer.person_id: officer.name for officer in act.execution.officers}
    name = here.get(mandate.person_id) or act.session.get_one(Person, mandate.person_id).name
    return Signatory(mandate.capacity, empowered, name, act.filled(Commitment).signer == name)


def _quiz_answers(act: Act) -> QuizAnswers:
    quiz = act.rules.quiz(act.process.matter or "", act.day, act.region)
    chosen = {answer.question: answer.choice for answer in act.filled(Answers).answers}
    questions = drawn(quiz, act.case.number)
    return QuizAnswers(
        len(questions),
        tuple(
            act.rules.with_limits(
                f"“{question.text}”{question.why}（{question.law}）", act.day, act.region
            )
            for question in questions
            if chosen.get(question.key) != question.answer
        ),
    )


def _education(act: Act) -> Education:
    required = act.rules.value("licensing.education_before_promise", act.day, act.region)
    return Education(bool(required), STUDY in act.inputs)


def _ready_by(act: Act) -> ReadyBy:
    limit, _ = act.rules.limit("licensing.ready_within", act.day, act.region)
    latest = count(limit, act.day, (), act.rules.calendar).due or act.day
    return ReadyBy(act.filled(Commitment).ready_by, act.day, latest)


def _paper_promise(act: Act) -> PaperPromise:
    # A look at the log and not at `data`: the channel of the act stands there only.
    made = act.dossier.last(COMMIT)
    at_counter = made is not None and made["channel"] == COUNTER
    return PaperPromise(_proof(act).promised and at_counter, "signed_promise" in handed_in(act))


def _conditions_reported(act: Act) -> ConditionsReported:
    return ConditionsReported(PROVE_CONDITIONS in act.inputs)


def is_promised(act: Act) -> bool:
    """Whether the case rests on a promise that was made and not taken back. Where others are to be
    heard, or the authority turned it to the ordinary procedure, nothing is granted on a promise."""
    if REGISTER_INTERESTED in act.inputs or TURN_TO_ORDINARY in act.before:
        return False
    return is_signed(act)


def is_signed(act: Act) -> bool:
    """Whether a promise was made and not taken back, whatever the authority made of it."""
    return act.latest((COMMIT, WITHDRAW_COMMITMENT, DECLINE)) == COMMIT


def _proof(act: Act) -> Proof:
    check = act.inputs.at(CHECK_SITE)
    return Proof(
        is_promised(act),
        check is not None,
        check is not None and all(result.met for result in check.results),
    )


def _informed(act: Act) -> Informed:
    return Informed(INFORM in act.before)


def _granted_by(act: Act) -> GrantedBy:
    return GrantedBy(act.execution.role is Role.WINDOW_CLERK, is_promised(act))


FACTS: FactTable = {
    ConditionsReported: _conditions_reported,
    CreditStanding: _credit_standing,
    Education: _education,
    GrantedBy: _granted_by,
    Informed: _informed,
    PaperPromise: _paper_promise,
    Proof: _proof,
    QuizAnswers: _quiz_answers,
    ReadyBy: _ready_by,
    Signatory: _signatory,
}

"""Taking personal data away (删除个人信息): one officer proposes it, the head of the authority
confirms, and nobody gets it back.

What is proposed, and the paper that asks for it, stand in the log from the proposal on; the texts
themselves do not: a proposal names places, and what was there is gone with the act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from casework.acts.act import Context, Execution, act_beside
from casework.acts.actors import Actor, involvement_of
from casework.acts.dossier import forget
from casework.acts.journal import canonical, new_salt, payload_digest
from casework.acts.notices import notice_of
from casework.acts.redactions import (
    ASKED,
    BASES,
    CONFIRMED_BY,
    GROUND,
    LAW,
    PROPOSE,
    PROPOSED_BY,
    REDACT,
    REDACTED,
    RETURN,
    STEPS,
    Place,
    Removed,
    Taken,
    redactions_of,
    without,
)
from casework.audit.roots import leaf_of
from casework.common.inputs import typed
from casework.common.problems import GuardRefused, SecondSignatureProblem, bad_field
from casework.documents import chosen_files
from casework.documents.attachments import as_told, checked
from casework.kernel import engine
from casework.kernel.office import Office
from casework.kernel.replaying import replay
from casework.kernel.signatures import leave_for_second, nothing_to_confirm, signatures_of
from casework.kernel.who_acts import against_taking, execution_of
from casework.models import Attachment, Case, Document, LogRow, PendingSignature, Person, Push
from casework.people import kept_forms
from casework.redaction.personal_data import Group, against_redacting, chosen, found_in
from state_machines.language.vocabulary import Process, Role

LONGEST = 400
_TAKE_AWAY = text("SELECT redact_log_row(:case, :seq, CAST(:left AS json), :salt)")
_REMOVE = text("SELECT redact_file(:case, :table, :id)")


@dataclass(frozen=True)
class _Desk:
    """A case before an officer, locked, and all that fell due by now done."""

    session: Session
    context: Context
    case: Case
    process: Process

    def execution(self, actor: Actor, name: str, roles: tuple[Role, ...]) -> Execution:
        """In which role somebody does it. Raises NotAllowed, GuardRefused for whoever has a side
        in the case or stands aside."""
        involvement = involvement_of(self.session, actor.person_id, actor.name, self.case)
        step, now = STEPS[name], self.context.now
        execution = execution_of(self.context, self.process, roles, step, now, involvement, actor)
        act = act_beside(self.context, self.case, self.process, step, execution)
        if against := against_taking(act, involvement):
            raise GuardRefused(against)
        return execution

    def tell(
        self,
        name: str,
        kind: str,
        execution: Execution,
        said: dict[str, Any],
        files: Sequence[Attachment] = (),
        also: Mapping[str, Any] | None = None,
    ) -> None:
        """Append to the log what was done."""
        act = act_beside(self.context, self.case, self.process, STEPS[name], execution)
        for file in files:
            act.note("files", as_told(file))
        engine.tell(act, kind, said, also)

    def notify(self, to: Role, subject: str, body: str) -> None:
        """Tell a post of what its newest row of the log says."""
        key = f"redaction/{self.case.id}/{self.case.head_seq}"
        self.session.add(
            notice_of(
                self.session,
                self.case,
                self.process,
                key=key,
                kind="step",
                to=to.value,
                subject=subject,
                body=body,
                now=self.context.now,
            )
        )

    def waiting(self, proposal: int) -> PendingSignature:
        """That proposal, which waits for the second person. Raises SecondSignatureProblem if it
        does not, or another one does."""
        found = signatures_of(self.session, self.case).get(REDACT)
        if found is None or found.id != proposal:
            raise nothing_to_confirm()
        return found

    def refuse_open(self) -> None:
        """Raise GuardRefused while the case goes on, or is contested."""
        if against := against_redacting(self.session, self.case):
            raise GuardRefused([against])


def propose(
    office: Office,
    actor: Actor,
    number: str,
    *,
    basis: str,
    document: str,
    reason: str,
    ids: Sequence[str],
    filename: str,
    content: bytes,
) -> None:
    """Propose to take away what these `ids` name (`found_in`), on the paper that asks for it; that
    is kept with the case, and the head confirms.

    Raises NotFound, NotAllowed for anybody but a supervisor or a legal reviewer of the authority,
    BadInput, TooLarge, GuardRefused for a case that goes on and for what must be kept,
    SecondSignatureProblem if a proposal waits already.
    """

    def work(session: Session) -> None:
        desk = _desk_at(office, session, number, actor)
        execution = desk.execution(actor, PROPOSE, PROPOSED_BY)
        desk.refuse_open()
        if basis not in BASES:
            raise bad_field("basis", "删除的依据", "请从列表中选择")
        paper = typed("document", "申请书、裁判文书的名称和文号", document, most=LONGEST)
        why = typed("reason", "理由", reason, most=LONGEST)
        name, media_type, digest = checked(filename, content)
        groups = chosen(found_in(desk.context, desk.case), ids, basis)
        row = Attachment(
            case_id=desk.case.id,
            material=GROUND,
            filename=name,
            media_type=media_type,
            size=len(content),
            digest=digest,
            content=content,
            log_seq=desk.case.head_seq + 1,
            person_id=actor.person_id,
            received_at=desk.context.now,
        )
        session.add(row)
        session.flush([row])
        said = {"basis": basis, "document": paper, "reason": why, "sha256": digest}
        desk.tell(PROPOSE, ASKED, execution, {**said, "what": _what(groups)}, files=[row])
        given = {**said, "ids": list(ids), "what": _what(groups)}
        step = STEPS[REDACT]
        act = act_beside(desk.context, desk.case, desk.process, step, execution, given)
        leave_for_second(act, actor, None)
        desk.notify(
            Role.APPROVER,
            f"删除个人信息待确认（{number}）",
            f"{number}有人提出删除个人信息。请对照申请书（裁判文书）核对后确认或者退回，"
            "在案件页面的“个人信息”办理。",
        )

    office.database.in_transaction(work)


def confirm(office: Office, actor: Actor, number: str, proposal: int) -> None:
    """Take away what waits to be, as its second person, who has seen that `proposal`: it cannot be
    taken back.

    Raises NotFound, NotAllowed for anybody but the head, SecondSignatureProblem if that does not
    wait, the same person proposed it, or the file has more of it by now, GuardRefused and BadInput
    as `propose`.
    """

    def work(session: Session) -> None:
        desk = _desk_at(office, session, number, actor)
        second = desk.execution(actor, REDACT, CONFIRMED_BY)
        pending = desk.waiting(proposal)
        if pending.person_id == actor.person_id:
            raise SecondSignatureProblem(
                "删除个人信息须由另一人确认，同一人不能以任何账号确认自己的提议", law=LAW
            )
        desk.refuse_open()
        name = session.get_one(Person, pending.person_id).name
        proposer = Actor(pending.account_id, pending.person_id, name)
        first = desk.execution(proposer, PROPOSE, PROPOSED_BY)
        given = dict(pending.input)
        seen = given.pop("what", None)  # what an earlier release left waiting has none
        groups = chosen(found_in(desk.context, desk.case), given.pop("ids"), given["basis"])
        if _what(groups) != seen:
            raise SecondSignatureProblem(
                "提出以后案卷中又登记了同样的内容，请退回，由提出的人核对后重新提出", law=LAW
            )
        _take_away(desk, replace(first, officers=first.officers + second.officers), given, groups)
        session.delete(pending)

    office.database.in_transaction(work)


def give_back(office: Office, actor: Actor, number: str, proposal: int, reason: str) -> None:
    """Take a proposal back, or send it back (退回). Raises NotFound, NotAllowed,
    SecondSignatureProblem if it does not wait, BadInput without a reason."""

    def work(session: Session) -> None:
        desk = _desk_at(office, session, number, actor)
        execution = desk.execution(actor, RETURN, (*CONFIRMED_BY, *PROPOSED_BY))
        pending = desk.waiting(proposal)
        why = typed("reason", "退回理由", reason, most=LONGEST)
        session.delete(pending)
        desk.tell(RETURN, ASKED, execution, {"reason": why, "signed_by": pending.person_id})
        if actor.person_id != pending.person_id:
            desk.notify(
                Role(_proposed(desk).header["role"]),
                f"删除个人信息的提议被退回（{number}）",
                f"{number}删除个人信息的提议没有确认：{why}。需要的，核对后在案件页面的"
                "“个人信息”重新提出。",
            )

    office.database.in_transaction(work)


def _desk_at(office: Office, session: Session, number: str, actor: Actor) -> _Desk:
    """The case, locked and brought up to now, for whoever redacts it. Raises NotFound."""
    return _Desk(session, *office.brought_up(session, number, actor))


def _proposed(desk: _Desk) -> LogRow:
    """The row that tells of the newest proposal."""
    found = select(LogRow).where(
        LogRow.case_id == desk.case.id,
        LogRow.header["kind"].as_string() == ASKED,
        LogRow.header["name"].as_string() == PROPOSE,
    )
    return desk.session.scalars(found.order_by(LogRow.seq.desc()).limit(1)).one()


def _take_away(
    desk: _Desk, both: Execution, said: Mapping[str, Any], groups: Sequence[Group]
) -> None:
    """Write the row of the redaction, and then take the texts out of the rows that it names and out
    of what the case holds of them."""
    session, case = desk.session, desk.case
    log = select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
    rows = session.scalars(log).all()
    earlier = redactions_of(rows)
    taken, left = [], []
    for row in rows:
        places = _places(groups, row.seq)
        if not places:
            continue
        payload, salt = without(row.payload, places), new_salt()
        digest = payload_digest(salt, payload)
        what = tuple(dict.fromkeys(one.found.label for one in groups if row.seq in one.places))
        taken.append(Taken(row.seq, places, what, earlier.digest(row), digest))
        left.append({"case": case.id, "seq": row.seq, "left": canonical(payload), "salt": salt})
    files = [_leaving(session, one.file, case.head_seq + 1) for one in groups if one.file]
    signed = [officer.name for officer in both.officers]
    also = {"redacts": [one.as_told for one in taken], "removes": [asdict(one) for one in files]}
    desk.tell(REDACT, REDACTED, both, {**said, "signed": signed}, also=also)
    for one in left:
        session.execute(_TAKE_AWAY, one)
    for file in files:
        session.execute(_REMOVE, {"case": case.id, "table": file.table, "id": file.id})
    if any(file.table == Document.__tablename__ for file in files):  # what was pushed is of them
        session.execute(update(Push).where(Push.case_id == case.id).values(said={}, amended={}))
    session.expire_all()
    case.data = replay(desk.process, session.scalars(log).all()).data
    kept_forms.forget_case(session, case.number)
    chosen_files.forget_case(session, case)
    forget(session, case)


def _leaving(session: Session, file: Removed, seq: int) -> Removed:
    """A file as the redaction in the row `seq` tells of it. With a document goes what it was
    rendered from, which the daily roots seal."""
    if file.table != Document.__tablename__:
        return file
    left = leaf_of(session, "document", file.id, context=f'{{"redacted":{seq}}}')
    return replace(file, was=leaf_of(session, "document", file.id), left=left)


def _places(groups: Sequence[Group], seq: int) -> tuple[Place, ...]:
    return tuple(place for one in groups for place in one.places.get(seq, ()))


def _what(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """What is proposed to go, without the texts themselves."""
    return [{"label": one.found.label, "rows": list(one.found.rows)} for one in groups]

"""Forgeries that agree with themselves: of each what is done, and what the roots that left the
house tell of it. Without these roots there is nothing to be found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.orm import Session

from casework.acts.journal import sm3
from casework.audit.sealed_columns import LABELS
from casework.grading.draws.draw_book import again
from casework.models import (
    Account,
    AdminEntry,
    Attachment,
    Authority,
    Backfill,
    Base,
    Case,
    CatalogueImport,
    CreditEvent,
    CreditRating,
    Delegation,
    DeskAddress,
    Document,
    Draw,
    EditionRow,
    ElectronicService,
    Evidence,
    LogRow,
    Mandate,
    MandatePaper,
    Message,
    Notice,
    NumberCounter,
    NumberEntry,
    Outlet,
    Party,
    PartyChange,
    PartyPaper,
    Person,
    Place,
    Post,
    Publication,
    PublicationLine,
    PublicationReceipt,
)
from rulebook.models import Edition
from tests.support.forging import (
    administer_otherwise,
    draw_otherwise,
    log_of,
    newest,
    rewrite,
    swap,
    tell_otherwise,
)
from tests.support.signed import pdf
from tests.support.town import APPLICANT

Forgery = Callable[[Session], None]

_OTHER = "另一个理由"
_DAY = timedelta(days=1)
# The accounts of the town that took no act of any case.
_IDLE = "head3"


def _case(session: Session, process: str, **where: Any) -> Case:
    return newest(
        session, Case, Case.process == process, *(getattr(Case, k) == v for k, v in where.items())
    )


def _check(session: Session) -> Case:
    """The check that ended with the revocation of a licence."""
    return _case(session, "commitment_check")


def _draft(session: Session) -> Case:
    """An application with one paper, not handed in yet."""
    return _case(session, "instant_licence", state="draft")


def _studied(session: Session) -> Case:
    """An application of which the last act is that its firm has studied."""
    return _case(session, "instant_licence", state="informed")


def _penalty(session: Session) -> Case:
    """A penalty on the spot, paid."""
    return _case(session, "simple_penalty")


# -- the log of a case -----------------------------------------------------------------------------


def _filled(case: Case, step: str, **said: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    """Something else that was filled in at a step."""
    case.data = {**case.data, step: {**case.data[step], **said}}

    def change(header: dict[str, Any], payload: dict[str, Any]) -> None:
        if header["name"] == step or (header["kind"] == "open" and step == "application"):
            payload["input"].update(said)

    return change


def _give_another_reason(session: Session) -> None:
    case = _check(session)
    rewrite(session, case, _filled(case, "find_broken", reason=_OTHER))


def _raise_payment(session: Session) -> None:
    case = _penalty(session)
    rewrite(session, case, _filled(case, "record_payment", amount="900.00"))


def _fill_in_otherwise(session: Session) -> None:
    case = _draft(session)
    rewrite(session, case, _filled(case, "application", area_m2=99.5))


def _header(step: str, **said: Any) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def change(header: dict[str, Any], _: dict[str, Any]) -> None:
        if header["name"] == step:
            header.update(said)

    return change


def _enter_earlier(session: Session) -> None:
    case = _studied(session)
    [row] = [row for row in log_of(session, case) if row.header["name"] == "study"]
    before = row.header["recorded_at"].replace("T09:", "T08:")
    rewrite(session, case, _header("study", recorded_at=before))


def _act_as_another(session: Session) -> None:
    account = session.scalars(select(Account).where(Account.username == "reviewer")).one()
    said = {"officers": [account.person_id], "account": account.id}
    rewrite(session, _studied(session), _header("inform", **said))


def _come_to_the_window(session: Session) -> None:
    rewrite(session, _studied(session), _header("study", channel="counter"))


def _salt_anew(session: Session) -> None:
    case = _check(session)
    for row in log_of(session, case):
        row.salt = sm3(row.salt)[:32]
    rewrite(session, case)


def _see_other_facts(session: Session) -> None:
    def change(header: dict[str, Any], payload: dict[str, Any]) -> None:
        if header["name"] == "find_broken":
            payload["facts"] = {}

    rewrite(session, _check(session), change)


def _undo_the_last_act(session: Session) -> None:
    case = _studied(session)
    session.delete(log_of(session, case)[-1])
    session.flush()
    case.version -= 1
    case.data = {name: said for name, said in case.data.items() if name != "study"}
    rewrite(session, case)


def _take_an_act_again(session: Session) -> None:
    """Under a key that is free among those that were sealed."""
    case = _studied(session)
    last = log_of(session, case)[-1]
    header = {**last.header, "seq": last.seq + 1}
    kept = {"salt": "00" * 16, "payload_digest": "", "previous": "", "hash": ""}
    row = LogRow(
        id=-1, case_id=case.id, seq=last.seq + 1, header=header, payload=last.payload, **kept
    )
    session.add(row)
    session.flush()
    case.version += 1
    rewrite(session, case)


# -- the case itself -------------------------------------------------------------------------------


def _remove_case(session: Session) -> None:
    case = _draft(session)
    for table in Base.metadata.sorted_tables:
        if "case_id" in table.c:
            session.execute(delete(table).where(table.c.case_id == case.id))
    session.execute(delete(Case).where(Case.id == case.id))
    session.expunge(case)


def _put_in_a_case(session: Session) -> None:
    """A copy of another one, under keys that are free among those that were sealed."""
    case, key, number = _draft(session), 0, "CC-GC-2026-000000"
    for table, own in ((Case.__table__, "id"), (LogRow.__table__, "case_id")):
        first = select(table).where(table.c[own] == case.id).order_by(table.c.id).limit(1)
        row = session.execute(first).mappings().one()
        said = {**row, own: key, **({"id": -1} if own == "case_id" else {"number": number})}
        session.execute(table.insert().values(**said))
    session.execute(
        text(
            "INSERT INTO case_search (case_id, number, said, authorities)"
            " SELECT :key, number, said, authorities FROM case_search WHERE case_id = :of"
        ),
        {"key": key, "of": case.id},
    )
    copied = session.get_one(Case, key)
    rewrite(session, copied, lambda header, _: header.update(case=number))


def _change_numbers(session: Session) -> None:
    one, other = _draft(session), _studied(session)
    numbers = one.number, other.number
    one.number = "-"
    session.flush()
    other.number, one.number = numbers
    for case in (one, other):
        rewrite(session, case, lambda header, _, number=case.number: header.update(case=number))


def _belongs_to(name: str, value: Callable[[Session, Case], Any]) -> Forgery:
    """The draft belongs to another party, or place."""

    def forgery(session: Session) -> None:
        case = _draft(session)
        found = value(session, case)
        setattr(case, name, found)

        def change(header: dict[str, Any], payload: dict[str, Any]) -> None:
            if header["kind"] == "open":
                payload["belongs_to"][name] = found

        rewrite(session, case, change)

    return forgery


def _another(model: type[Any], name: str) -> Callable[[Session, Case], int]:
    return lambda session, case: newest(session, model, model.id != getattr(case, name)).id


def _track_by_another_code(session: Session) -> None:
    case = _draft(session)
    case.tracking_code = "ABCDEFGHJKLMNPQR"

    def change(header: dict[str, Any], payload: dict[str, Any]) -> None:
        if header["kind"] == "open":
            payload["belongs_to"]["tracking"] = sm3(case.tracking_code)

    rewrite(session, case, change)


# -- files, letters, evidence ----------------------------------------------------------------------


def _file_otherwise(**said: str) -> Forgery:
    """The paper of the draft is called otherwise, or is another one."""

    def forgery(session: Session) -> None:
        case = _draft(session)
        row = newest(session, Attachment, Attachment.case_id == case.id)
        for name, value in said.items():
            setattr(row, name, value)
        if not said:
            swap(row, pdf("另一份"))
        told = {"material": row.material, "filename": row.filename}
        told |= {"size": row.size, "sha256": row.digest}
        tell_otherwise(session, case, "files", lambda item: item.update(told))

    return forgery


def _take_paper_away(session: Session) -> None:
    case = _draft(session)
    session.delete(newest(session, Attachment, Attachment.case_id == case.id))
    session.delete(log_of(session, case)[-1])
    session.flush()
    rewrite(session, case)


def _letter(session: Session) -> Document:
    return newest(session, Document, Document.case_id == _check(session).id)


def _exchange_letter(session: Session) -> None:
    row = _letter(session)
    before, now = swap(row, b"PK\x03\x04 another letter")

    def change(item: dict[str, Any]) -> None:
        if item["sha256"] == before:
            item["sha256"] = now

    tell_otherwise(session, _check(session), "documents", change)


def _entitle_letter(session: Session) -> None:
    row = _letter(session)
    row.title = "另一份文书"

    def change(item: dict[str, Any]) -> None:
        if item["sha256"] == row.digest:
            item["title"] = row.title

    tell_otherwise(session, _check(session), "documents", change)


def _numbered(session: Session) -> tuple[NumberEntry, NumberEntry]:
    """The last two numbers of a series, each borne by a letter of the kind that it is named for."""
    borne = exists().where(
        Document.key == NumberEntry.series,
        Document.case_id == NumberEntry.case_id,
        Document.number == NumberEntry.text,
    )
    rows = session.scalars(select(NumberEntry).where(borne).order_by(NumberEntry.n.desc())).all()
    for last in rows:
        for before in rows:
            if (before.series, before.n) == (last.series, last.n - 1):
                return last, before
    raise AssertionError("no two letters of a kind bear numbers")


def _bear(session: Session, entry: NumberEntry, number: str) -> None:
    """The letter that bears a number bears another one."""
    before = entry.text
    letter = newest(
        session,
        Document,
        Document.key == entry.series,
        Document.case_id == entry.case_id,
        Document.number == before,
    )
    letter.number = number

    def change(item: dict[str, Any]) -> None:
        if (item["key"], item["number"]) == (entry.series, before):
            item["number"] = number

    tell_otherwise(session, session.get_one(Case, letter.case_id), "documents", change)


def _number_otherwise(session: Session) -> None:
    last, _ = _numbered(session)
    number = last.text.replace("2026", "2025")
    _bear(session, last, number)
    last.text = number


def _number_twice(session: Session) -> None:
    last, before = _numbered(session)
    _bear(session, last, before.text)
    last.text = before.text


def _take_number_back(session: Session) -> None:
    last, _ = _numbered(session)
    _bear(session, last, "")
    key = (last.authority_id, last.series, last.year)
    session.get_one(NumberCounter, key).last -= 1
    session.delete(last)


def _evidence_otherwise(session: Session) -> None:
    row = newest(session, Evidence)
    before, row.said = row.said, {**row.said, "proves": "另一个事实"}

    def change(item: dict[str, Any]) -> None:
        if item["said"] == before:
            item["said"] = row.said

    tell_otherwise(session, session.get_one(Case, row.case_id), "evidence", change)


# -- credit, publicity -----------------------------------------------------------------------------


def _forget_ratings(session: Session) -> None:
    session.execute(delete(CreditRating))


def _clear_record(session: Session) -> None:
    """Nothing is on record of what was decided, and nobody was ever rated."""
    row = newest(session, CreditEvent, CreditEvent.case_id == _check(session).id)

    def change(_: dict[str, Any], payload: dict[str, Any]) -> None:
        if kept := payload.get("caused", {}).get("credit"):
            kept[:] = [item for item in kept if item["kind"] != row.kind]

    rewrite(session, _check(session), change)
    session.execute(delete(CreditRating))
    session.execute(
        delete(CreditEvent).where(CreditEvent.case_id == row.case_id, CreditEvent.kind == row.kind)
    )


def _publish_nothing(session: Session) -> None:
    row = newest(session, Publication, Publication.case_id == _check(session).id)
    line = PublicationLine.publication_id == row.id
    assert session.scalar(select(func.count()).select_from(PublicationLine).where(line)) == 0

    def change(header: dict[str, Any], payload: dict[str, Any]) -> None:
        if header["seq"] == row.log_seq:
            kept = payload["caused"]["publications"]
            kept[:] = [item for item in kept if item["register"] != row.register]

    rewrite(session, _check(session), change)
    session.delete(row)


def _exchange_receipt(session: Session) -> None:
    """The scan by which something was published in a channel, and its name, which is its digest."""
    line = newest(session, PublicationLine)
    content, before = pdf("另一份回执"), line.receipt
    line.receipt = now = sha256(content).hexdigest()
    session.execute(
        update(PublicationReceipt)
        .where(PublicationReceipt.digest == before)
        .values(digest=now, content=content, size=len(content))
    )

    def change(_: dict[str, Any], payload: dict[str, Any]) -> None:
        payload["caused"] = _replaced(payload.get("caused", {}), before, now)

    rewrite(session, session.get_one(Case, line.case_id), change)


def _replaced(value: Any, before: Any, now: Any) -> Any:
    """The same with another value for one wherever it stands."""
    if isinstance(value, dict):
        return {key: _replaced(one, before, now) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, before, now) for one in value]
    return now if value == before else value


# -- parties, and who acts for them ----------------------------------------------------------------


def _applicant(session: Session) -> Party:
    return session.scalars(select(Party).where(Party.code == APPLICANT)).one()


def _hide_corrections(session: Session) -> None:
    """The entry stands as it was before, and nobody ever corrected it."""
    party = _applicant(session)
    rows = select(PartyChange).where(PartyChange.party_id == party.id).order_by(PartyChange.id)
    for row in reversed(session.scalars(rows).all()):
        for field, (before, _) in row.changes.items():
            if field in ("name", "representative", "address", "phone"):
                setattr(party, field, before)
        session.delete(row)


def _correct_by_another_scan(session: Session) -> None:
    row = newest(session, PartyChange, PartyChange.changes["paper"].as_string().is_not(None))
    scan = session.scalars(
        select(PartyPaper).where(
            PartyPaper.party_id == row.party_id, PartyPaper.digest == row.changes["paper"][1]
        )
    ).one()
    before, now = swap(scan, pdf("另一份营业执照"))
    for change in session.scalars(select(PartyChange)):
        change.changes = _replaced(change.changes, before, now)


def _set(model: type[Any], *where: Any, **said: Any) -> Forgery:
    """A column of the newest row, of which nothing else tells; of a function, what it gives of what
    stood there."""

    def forgery(session: Session) -> None:
        row = newest(session, model, *where)
        for name, value in said.items():
            before = getattr(row, name)
            setattr(row, name, value(before) if callable(value) else value)
            assert getattr(row, name) != before

    return forgery


def _scan_anew(model: type[Any]) -> Forgery:
    """Another scan, of which nothing else tells."""

    def forgery(session: Session) -> None:
        swap(newest(session, model), pdf("另一份"))

    return forgery


# -- the house -------------------------------------------------------------------------------------


def _administer(model: type[Any], *where: Any, **said: Any) -> Forgery:
    """A column of the newest row, and so it is told in the log of administration."""

    def forgery(session: Session) -> None:
        _set(model, *where, **said)(session)
        administer_otherwise(session, newest(session, model, *where))

    return forgery


def _of(username: str) -> Any:
    person = select(Account.person_id).where(Account.username == username).scalar_subquery()
    return Post.person_id == person


def _bind_to_another(session: Session) -> None:
    account = session.scalars(select(Account).where(Account.username == _IDLE)).one()
    account.person_id = newest(session, Person, Person.id != account.person_id).id
    administer_otherwise(session, account)


def _exchange_ground(session: Session) -> None:
    row = newest(session, Outlet)
    administer_otherwise(session, row, lambda said: said.update(ground=_OTHER))


def _exchange_record_of_outage(session: Session) -> None:
    row = newest(session, Backfill)
    swap(row, pdf("另一份停运记录"))
    administer_otherwise(session, row)


def _undo_the_last_entry(session: Session) -> None:
    row = newest(session, DeskAddress)
    last = newest(session, AdminEntry, AdminEntry.authority_id == row.authority_id)
    assert last.said["kind"] == "desk_address_closed"
    row.closed_at = None
    session.delete(last)


def _take_back_draw(session: Session) -> None:
    session.delete(newest(session, Draw))


def _draw_anew(session: Session) -> None:
    draw = newest(session, Draw)
    said = {**draw.said, "seed": sm3(draw.said["seed"])}
    found, officers = again(said)
    draw_otherwise(session, draw, {**said, "object": found, "officers": list(officers)})


def _draw_as_another(session: Session) -> None:
    draw = newest(session, Draw)
    draw.drawn_by = newest(session, Person, Person.id != draw.drawn_by).id
    draw_otherwise(session, draw)


def _own_rule(session: Session) -> EditionRow:
    return newest(session, EditionRow, EditionRow.source == "本机关")


def _rule_otherwise(**said: Any) -> Forgery:
    def forgery(session: Session) -> None:
        row = _own_rule(session)
        for name, value in said.items():
            setattr(row, name, value)
        if "valid_from" not in said:
            row.content = {**row.content, "label": row.content["label"] + "（改）"}
        row.digest = Edition(
            row.kind, row.key, row.scope, row.valid_from, row.valid_to, row.content, row.law,
            row.mark, row.source,
        ).digest  # fmt: skip

    return forgery


def _remove_rule(session: Session) -> None:
    session.delete(_own_rule(session))


def _remove_notice(session: Session) -> None:
    row = newest(session, Notice)
    session.execute(delete(Message).where(Message.notice_id == row.id))
    session.delete(row)


_LOG, _LETTERS, _FILES = LABELS["case"], LABELS["document"], LABELS["attachment"]
_HOUSE = LABELS["administration"]

FORGERIES: Mapping[str, tuple[Forgery, str]] = {
    "a decision gets another reason": (_give_another_reason, _LOG),
    "a payment is raised": (_raise_payment, _LOG),
    "an application is filled in otherwise": (_fill_in_otherwise, _LOG),
    "an act is entered earlier": (_enter_earlier, _LOG),
    "an act is another officer's": (_act_as_another, _LOG),
    "an act online was at the window": (_come_to_the_window, _LOG),
    "a log is salted anew": (_salt_anew, _LOG),
    "guards saw other facts": (_see_other_facts, _LOG),
    "the last act is undone": (_undo_the_last_act, _LOG),
    "an act is put in": (_take_an_act_again, _LOG),
    "a case is removed": (_remove_case, _LOG),
    "a case is put in": (_put_in_a_case, _LOG),
    "two cases change their numbers": (_change_numbers, _LOG),
    "a case is given to another party": (
        _belongs_to("party_id", _another(Party, "party_id")), _LOG,
    ),
    "a case is moved to another place": (
        _belongs_to("place_id", _another(Place, "place_id")), _LOG,
    ),
    "a case is followed by another code": (_track_by_another_code, _LOG),
    "a paper is called otherwise": (_file_otherwise(filename="另一份.pdf"), _FILES),
    "a paper is for something else": (_file_otherwise(material="plans"), _FILES),
    "a paper is exchanged": (_file_otherwise(), _FILES),
    "a paper is taken away": (_take_paper_away, _FILES),
    "a paper came earlier": (_set(Attachment, received_at=lambda at: at - _DAY), _FILES),
    "a letter is exchanged": (_exchange_letter, _LETTERS),
    "a letter is entitled otherwise": (_entitle_letter, _LETTERS),
    "a letter says that it was made of something else": (
        _set(Document, context=lambda said: {**said, "made": _OTHER}), _LETTERS,
    ),
    "a letter is of another template": (_set(Document, template_digest="0" * 64), _LETTERS),
    "a letter bears another number": (_number_otherwise, LABELS["number"]),
    "a number is given twice": (_number_twice, LABELS["number"]),
    "a number is taken back": (_take_number_back, LABELS["number"]),
    "a proof proves something else": (_evidence_otherwise, LABELS["evidence"]),
    "a record is called otherwise": (_set(CreditEvent, label=_OTHER), LABELS["credit_event"]),
    "a record is cleared": (_clear_record, LABELS["credit_event"]),
    "ratings are forgotten": (_forget_ratings, LABELS["rating"]),
    "a rating is of another moment": (
        _set(CreditRating, reckoned_at=lambda at: at + timedelta(seconds=1)), LABELS["rating"],
    ),
    "nothing is to be published": (_publish_nothing, _LOG),
    "the receipt of a channel is exchanged": (_exchange_receipt, _LOG),
    "an entry of a party never corrected is another": (
        _set(Party, Party.code != APPLICANT, phone="13911111111"), LABELS["party"],
    ),
    "corrections are hidden": (_hide_corrections, LABELS["change"]),
    "a correction has another reason": (_set(PartyChange, reason=_OTHER), LABELS["change"]),
    "a correction holds from an earlier day": (
        _set(PartyChange, effective_on=lambda on: on - _DAY), LABELS["change"],
    ),
    "a correction rests on another scan": (_correct_by_another_scan, LABELS["change"]),
    "an agent may do more": (
        _set(Mandate, Mandate.capacity == "agent", scope=["file", "promise"]), LABELS["mandate"],
    ),
    "an agent acts since an earlier day": (
        _set(Mandate, Mandate.capacity == "agent", valid_from=lambda on: on - _DAY),
        LABELS["mandate"],
    ),
    "a mandate's scan is exchanged": (_scan_anew(MandatePaper), LABELS["mandate_paper"]),
    "an agent has another number": (
        _set(Person, Person.id_code.is_not(None), id_code="110105194912310011"), LABELS["person"],
    ),
    "an account has another telephone": (_set(Account, phone="13922222222"), LABELS["account"]),
    "an account is bound to another person": (_bind_to_another, _HOUSE),
    "a place is somewhere else": (_set(Place, address="南通市崇川区工农路1号"), LABELS["place"]),
    "a post is another one": (_administer(Post, _of(_IDLE), role="hearing_chair"), LABELS["post"]),
    "a post is back-dated": (
        _administer(Post, _of(_IDLE), valid_from=date(2019, 1, 1)), LABELS["post"],
    ),
    "an officer has another certificate": (
        _administer(Post, _of(_IDLE), certificate_number="ZF-00000"), _HOUSE,
    ),
    "a delegation is wider": (
        _administer(Delegation, scope=["licence_renewal.grant"]), LABELS["delegation"],
    ),
    "an authority bears another name": (_administer(Authority, name="另一个机关"), _HOUSE),
    "an entry of administration has another ground": (_exchange_ground, _HOUSE),
    "the last entry of administration is undone": (_undo_the_last_entry, _HOUSE),
    "the record of an outage is exchanged": (_exchange_record_of_outage, _HOUSE),
    "messages go out by another way": (_administer(Outlet, address="mail.example.org:465"), _HOUSE),
    "the last draw is taken back": (_take_back_draw, LABELS["draw"]),
    "a draw is drawn anew": (_draw_anew, LABELS["draw"]),
    "a draw is another officer's": (_draw_as_another, LABELS["draw"]),
    "a rule of the authority is another": (_rule_otherwise(), LABELS["edition"]),
    "a rule of the authority holds since an earlier day": (
        _rule_otherwise(valid_from=date(2026, 1, 1)), LABELS["edition"],
    ),
    "a rule of the authority is removed": (_remove_rule, LABELS["edition"]),
    "a rule of the authority was loaded earlier": (
        _set(EditionRow, EditionRow.source == "本机关", loaded_at=lambda at: at - _DAY),
        LABELS["edition"],
    ),
    "a catalogue is taken from another paper": (
        _set(CatalogueImport, source="另一份文件"), LABELS["import"],
    ),
    "a notice says something else": (_set(Notice, body=_OTHER), LABELS["notice"]),
    "a notice went to another party": (
        _set(Notice, Notice.to_party_id.is_not(None), to_party_id=lambda key: key + 1),
        LABELS["notice"],
    ),
    "a notice is back-dated": (_set(Notice, created_at=lambda at: at - _DAY), LABELS["notice"]),
    "a notice is removed": (_remove_notice, LABELS["notice"]),
    "a letter was served at another address": (
        _set(ElectronicService, address="another@example.cn"), LABELS["electronic_service"],
    ),
    "an address was agreed to earlier": (
        _set(ElectronicService, consented_on=lambda on: on - _DAY), LABELS["electronic_service"],
    ),
    "a message says something else": (_set(Message, text=_OTHER), LABELS["message"]),
    "a message went somewhere else": (_set(Message, address="13933333333"), LABELS["message"]),
}  # fmt: skip

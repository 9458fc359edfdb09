"""Taking personal data out of a case that has ended (删除个人信息), over HTTP: by whom, when, what
must be kept, and that the log, the roots and the court file go on proving all else."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from casework.acts.journal import payload_digest
from casework.acts.redactions import GROUND, MARK, without
from casework.audit.court_file import court_file
from casework.audit.court_file_proof import verify_file
from casework.audit.proof import verify_case, verify_database
from casework.audit.roots import Kept, registered, verify_roots
from casework.common.database import engine_for
from casework.common.sealed_zip import unpacked
from casework.duties.daily_proof import seal_day
from casework.models import (
    Attachment,
    Case,
    ChosenFile,
    Document,
    KeptForm,
    LogRow,
    Mandate,
    PendingSignature,
)
from casework.people import kept_forms
from casework.redaction import redacting
from casework.rules.versions import VersionCache
from nuoxin import main
from tests.support.front import Front, refused
from tests.support.people import appoint
from tests.support.pushing import Exchange, folder_of
from tests.support.redactions import confirm, ended, give_back, named, propose, redact, seen
from tests.support.town import Town

PHONE, NAME = "13800000001", "李敏"
_HELD = text(
    "SELECT count(*) FROM (SELECT payload::text AS said FROM case_log WHERE case_id = :case"
    " UNION ALL SELECT data::text FROM case_file WHERE id = :case"
    " UNION ALL SELECT input::text FROM pending_signature WHERE case_id = :case) AS held"
    " WHERE said LIKE '%' || :value || '%'"
)


def _held(front: Front, number: str, value: str) -> int:
    """In how many rows of the log, or of what the case holds itself, a text stands."""
    with front.town.session() as session:
        case = front.town.case(number).id
        return int(session.scalar(_HELD, {"case": case, "value": value}) or 0)


def _rows(front: Front, number: str) -> list[LogRow]:
    with front.town.session() as session:
        case = front.town.case(number)
        found = select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
        return list(session.scalars(found))


def _exported(front: Front, number: str) -> bytes:
    with front.town.session() as session:
        return court_file(front.town.office, session, front.town.people["window"], number).content


def _codes(answer: Any) -> list[str]:
    problem = refused(answer, 409, "guard-refused")
    assert "个人信息保护法" in problem["law"]
    return [one["code"] for one in problem["reasons"]]


def test_what_was_asked_for_is_gone_and_all_else_is_proved(front: Front, tmp_path: Path) -> None:
    number = ended(front)
    seal_day(front.town.office, tmp_path)
    before = {row.seq: row.hash for row in _rows(front, number)}
    assert _held(front, number, PHONE) >= 2
    others = front.town.case(number).data["application"]

    answer = propose(front, number, named(front, number, "联系电话", "联系人"))
    assert answer.status_code == 204, answer.text
    # Nothing is gone yet, and the proposal itself repeats nothing.
    assert _held(front, number, PHONE) >= 2
    waiting = seen(front, number, "approver")["waiting"]
    assert [one["value"] for one in waiting["chosen"]] == [NAME, PHONE]
    assert not waiting["mine"]
    answer = confirm(front, number)
    assert answer.status_code == 204, answer.text

    assert _held(front, number, PHONE) == _held(front, number, NAME) == 0
    left = front.town.case(number).data["application"]
    assert left == {**others, "contact_name": MARK, "contact_phone": MARK}
    rows = _rows(front, number)
    assert before.items() <= {row.seq: row.hash for row in rows}.items()
    row = rows[-1]
    assert (row.header["kind"], row.header["name"]) == ("redacted", "redact")
    people = front.town.people
    assert row.header["officers"] == [people[who].person_id for who in ("supervisor", "approver")]
    assert row.header["redacts"][0]["what"] == ["联系人", "联系电话"]
    with front.town.session() as session:
        assert not session.scalars(select(PendingSignature)).all()

    # The proof, the roots of before, and those of the days to come.
    seal_day(front.town.office, tmp_path)
    with front.town.session() as session:
        assert verify_case(session, front.town.case(number), VersionCache()) == []
        report = verify_database(session, VersionCache())
        roots = registered(session)
        assert len(roots) == 2
        assert verify_roots(session, Kept(roots))[0] == []
    assert (report.faults, report.breaches) == ((), ())
    [line] = report.redactions
    for said in (number, f"第 {row.seq} 行", "第四十七条", "联系电话", "2026年9月1日的删除申请书"):
        assert said in line

    # What people read of it.
    log = front.get("window", f"/cases/{number}/log").json()
    assert log[-1]["label"] == "删除个人信息"
    assert "核对了身份证件" in log[-1]["note"]
    assert f"联系人、联系电话已依法删除（第{row.seq}条）" in log[0]["note"]
    assert PHONE not in str(log)
    assert PHONE not in str(seen(front, number)["found"])
    [done] = seen(front, number)["done"]
    assert done["seq"] == row.seq
    scan = front.get("approver", f"/cases/{number}/redaction/papers/{done['paper']}")
    assert scan.content.endswith(b"% request")


def test_the_court_file_proves_alike(
    front: Front, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = ended(front)
    redact(front, number, "联系电话")
    data = _exported(front, number)
    report = verify_file(data)
    assert report.faults == ()
    [line] = report.redactions
    assert "联系电话" in line
    members = ZipFile(BytesIO(data))
    log = members.read(f"log/{number}.jsonl").decode()
    assert PHONE not in log
    file = tmp_path / "file.zip"
    file.write_bytes(data)
    assert main(["verify", str(file)]) == 0
    said = capsys.readouterr()
    assert "全部相符" in said.out
    assert line in said.err


def test_what_somebody_was_still_typing_about_the_case_goes_with_it(front: Front) -> None:
    number = ended(front)
    now, clerk = front.town.time.now(), front.town.people["window"].person_id
    other = f"/cases/{number}1/steps/correct"
    at_counter = f"/counter/sitting/{number}"
    pages = [f"/cases/{number}/steps/correct", at_counter, f"{at_counter}/{PHONE}", other]
    with front.town.session() as session:
        _choose(session, number)
        for page in pages:
            kept_forms.save(
                session, clerk, page, "更正", {"a": [PHONE]}, [], now, timedelta(days=1)
            )
        kept_forms.keep(session, clerk, pages[0], {"a": [PHONE]}, [], now)
    redact(front, number, "联系电话")
    with front.town.session() as session:
        assert session.scalars(select(KeptForm.page)).all() == [other]
        assert session.scalars(select(ChosenFile.id)).all() == []


def _choose(session: Session, number: str) -> None:
    """A file that the party of a case chose and never handed in."""
    case = session.scalars(select(Case).where(Case.number == number)).one()
    session.add(
        ChosenFile(
            case_id=case.id,
            person_id=session.scalars(select(Mandate.person_id)).first(),
            material="",
            filename=f"{PHONE}.pdf",
            size=4,
            digest="",
            content=b"%PDF",
            chosen_at=case.opened_at,
            expires_at=case.opened_at + timedelta(days=999),
        )
    )


def test_nothing_goes_before_the_case_has_ended(front: Front) -> None:
    number = front.town.granted()
    view = seen(front, number)
    assert "尚未办结" in view["against"]
    answer = propose(front, number, named(front, number, "联系电话"))
    assert _codes(answer) == ["redaction_open"]


def test_what_a_decision_rests_on_is_kept_until_its_time_is_over(front: Front) -> None:
    """《个人信息保护法》第四十七条第二款; a court may say otherwise."""
    number = ended(front)
    [kept] = [one for one in seen(front, number)["found"] if one["label"] == "签收人"]
    assert "仍然有效的许可" in kept["kept_because"]
    signer = named(front, number, "签收人")
    assert _codes(propose(front, number, signer)) == ["redaction_kept"]
    _judgment(front, number, "签收人")
    row = _rows(front, number)[-1]
    assert row.payload["basis"] == "judgment"
    with front.town.session() as session:
        report = verify_database(session, VersionCache())
    assert report.faults == ()
    assert "依生效裁判" in report.redactions[0]


def test_a_file_need_not_be_kept_for_ever(front: Front) -> None:
    """Of an application that led to nothing the time runs from its end."""
    town = front.town
    number = town.apply()
    town.attach(number)
    town.take(number, "submit", "applicant")
    town.take(number, "withdraw", "applicant", {"reason": "不再经营"})
    [kept] = [one for one in seen(front, number)["found"] if one["label"] == "法定代表人或负责人"]
    assert "至2056年9月1日（全部办结后30年）" in kept["kept_because"]
    assert _codes(propose(front, number, [kept["id"]])) == ["redaction_kept"]


@pytest.mark.parametrize(
    ("who", "status"),
    [("window", 403), ("admin", 403), ("inspector1", 403), ("applicant", 403), ("window_b", 404)],
)
def test_only_those_whose_business_it_is(quiet: Front, who: str, status: int) -> None:
    number = quiet.town.granted(address=f"人民路{len(who)}{status}号")
    at = f"/cases/{number}/redaction"
    assert quiet.get(who, at).status_code == status
    for answer in (
        propose(quiet, number, ["1/input/contact_phone"], by=who),
        quiet.post(who, f"{at}/confirmation", {"proposal": 1}),
        quiet.post(who, f"{at}/return", {"proposal": 1, "reason": "x"}),
    ):
        assert answer.status_code == status, answer.text


def test_two_persons_and_neither_in_the_other_s_place(front: Front) -> None:
    number, town = ended(front), front.town
    ids = named(front, number, "联系电话")
    refused(confirm(front, number), 409, "second-signature")
    assert propose(front, number, ids, by="approver").status_code == 403
    assert confirm(front, number, by="supervisor").status_code == 403
    # One person with both posts is one person.
    appoint(town, "approver", "supervisor")
    assert propose(front, number, ids, by="approver").status_code == 204
    problem = refused(confirm(front, number), 409, "second-signature")
    assert "另一人" in problem["detail"]
    refused(propose(front, number, ids), 409, "second-signature")
    # Given back, and proposed anew by somebody else.
    refused(give_back(front, number, " "), 422, "bad-input")
    assert give_back(front, number, "身份没有核实").status_code == 204
    assert seen(front, number)["waiting"] is None
    assert _held(front, number, PHONE) >= 2
    assert propose(front, number, ids, by="legal").status_code == 204
    assert confirm(front, number).status_code == 204
    labels = [line["label"] for line in front.get("window", f"/cases/{number}/log").json()]
    assert labels[-4:] == [
        "提出删除个人信息", "退回删除个人信息的提议", "提出删除个人信息", "删除个人信息"
    ]  # fmt: skip
    with town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def test_the_head_confirms_what_he_has_seen(front: Front) -> None:
    """Between his look and his word the proposal may have become another one."""
    number = ended(front)
    assert propose(front, number, named(front, number, "联系电话")).status_code == 204
    looked_at = seen(front, number, "approver")["waiting"]["id"]
    assert give_back(front, number, "另行提出", by="supervisor").status_code == 204
    more = named(front, number, "联系电话", "联系人", "签收人")
    paper = "（2026）苏0613行初8号行政判决书"
    assert propose(front, number, more, basis="judgment", document=paper).status_code == 204
    refused(confirm(front, number, proposal=looked_at), 409, "second-signature")
    back = {"proposal": looked_at, "reason": "x"}
    refused(
        front.post("approver", f"/cases/{number}/redaction/return", back), 409, "second-signature"
    )
    assert _held(front, number, PHONE) >= 2
    assert confirm(front, number).status_code == 204


def test_nothing_goes_that_did_not_stand_in_the_proposal(front: Front) -> None:
    """The file may have more of it by now; what waits since an earlier release names nothing."""
    number = ended(front)
    assert propose(front, number, named(front, number, "联系电话")).status_code == 204
    for told in ([], None):
        with front.town.session() as session:
            [waiting] = session.scalars(select(PendingSignature)).all()
            waiting.input = {**waiting.input, "what": told}
            if told is None:
                del waiting.input["what"]
        problem = refused(confirm(front, number), 409, "second-signature")
        assert "重新提出" in problem["detail"]
    assert _held(front, number, PHONE) >= 2


def test_who_proposed_it_is_told_that_it_came_back(front: Front) -> None:
    number = ended(front)
    ids = named(front, number, "联系电话")

    def told(who: str) -> list[str]:
        said = [one["body"] for one in front.get(who, "/notices").json()]
        return [one for one in said if "重新提出" in one]

    assert propose(front, number, ids).status_code == 204
    assert give_back(front, number, "另行提出", by="supervisor").status_code == 204
    assert told("supervisor") == []  # he knows
    assert propose(front, number, ids, by="legal").status_code == 204
    assert give_back(front, number, "身份没有核实").status_code == 204
    [body] = told("legal")
    assert "身份没有核实" in body
    assert told("supervisor") == []


def test_another_signature_that_waits_is_left_alone(front: Front) -> None:
    number = ended(front)
    case = front.town.case(number)
    person = front.town.people["inspector1"]
    with front.town.session() as session:
        other = PendingSignature(
            case_id=case.id, case_version=case.version, step="correct_payment", input={},
            effective_at=case.effective_at, person_id=person.person_id,
            account_id=person.account_id, signed_at=case.effective_at,
        )  # fmt: skip
        session.add(other)
    redact(front, number, "联系电话")
    with front.town.session() as session:
        [left] = session.scalars(select(PendingSignature)).all()
    assert left.step == "correct_payment"


def test_a_row_loses_what_its_redaction_names_and_its_salt(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the program does: the database lets nothing else change with it."""
    number = ended(front)
    before = _rows(front, number)[0]
    assert propose(front, number, named(front, number, "联系电话")).status_code == 204
    waiting = seen(front, number)["waiting"]["id"]

    def more(payload: Any, places: Any) -> Any:
        left = without(payload, places)
        left["input"]["representative"] = "赵六"
        return left

    head = front.town.people["approver"]
    with monkeypatch.context() as patched:
        patched.setattr(redacting, "without", more)
        with pytest.raises(DBAPIError, match="the log only grows"):
            redacting.confirm(front.town.office, head, number, waiting)
    assert confirm(front, number).status_code == 204
    row = _rows(front, number)[0]
    assert row.salt != before.salt
    # Nobody finds out what was there by trying.
    assert payload_digest(row.salt, before.payload) != row.payload_digest


def test_what_is_not_there_or_badly_said_is_refused(front: Front) -> None:
    number = ended(front)
    ids = named(front, number, "联系电话")
    for wrong in (
        {"ids": ["1/input/place_name"]},
        {"ids": ["x"]},
        {"basis": "whim"},
        {"reason": " "},
        {"document": " "},
        {"content": b"not a pdf"},
    ):
        answer = propose(front, number, **{"ids": ids, **wrong})
        problem = refused(answer, 422, "bad-input")
        assert problem["detail"], wrong
    redact(front, number, "联系电话")
    assert named(front, number, "联系电话") == []
    refused(propose(front, number, ids), 422, "bad-input")


def _judgment(front: Front, number: str, *labels: str) -> None:
    paper = "（2026）苏0613行初8号行政判决书"
    redact(front, number, *labels, basis="judgment", document=paper, reason="判决主文")


def test_a_file_goes_whole_by_judgment_and_all_else_is_proved(front: Front, tmp_path: Path) -> None:
    town = front.town
    number = ended(front)
    seal_day(town.office, tmp_path)
    links = Exchange(town)
    links.connect("city_credit", str(folder_of(tmp_path / "share")))
    links.run()
    assert [push.said["XK_XDR_SHXYM"] for push in links.pushes()] == ["91440300708461136T"]
    papers = named(front, number, "出具的文书", "提交的材料")
    # While the file must be kept, its person cannot have it taken away.
    assert set(_codes(propose(front, number, papers))) == {"redaction_kept"}
    _judgment(front, number, "出具的文书", "提交的材料")
    with town.session() as session:
        case = town.case(number).id
        documents = session.execute(
            select(Document.id, Document.content, Document.context).where(Document.case_id == case)
        ).all()
        files = session.execute(
            select(Attachment.id, Attachment.content, Attachment.material)
            .where(Attachment.case_id == case)
            .order_by(Attachment.id)
        ).all()
    seq = _rows(front, number)[-1].seq
    assert {(content, str(context)) for _, content, context in documents} == {
        (b"", str({"redacted": seq}))
    }
    assert {content for _, content, material in files if material != GROUND} == {b""}
    assert [push.said for push in links.pushes()] == [{}]
    assert [bool(content) for _, content, material in files if material == GROUND] == [True]

    # Nobody has them any more, and who asks learns why.
    for who, at in (
        ("window", f"documents/{documents[0].id}"),
        ("applicant", f"documents/{documents[0].id}"),
        ("applicant", f"documents/{documents[0].id}.pdf"),
        ("applicant", f"documents/{documents[0].id}/pages/1.png"),
        ("window", f"attachments/{files[0].id}"),
    ):
        problem = refused(front.get(who, f"/cases/{number}/{at}"), 404, "not-found")
        assert "依法删除" in problem["detail"]
        assert "第四十七条" in problem["law"]
    shown = front.get("window", f"/cases/{number}").json()["documents"]
    assert all("内容已依法删除" in "；".join(one["marks"]) for one in shown)

    # The proof, the roots of before and after, and the court file.
    seal_day(town.office, tmp_path)
    with town.session() as session:
        report = verify_database(session, VersionCache())
        roots = registered(session)
        assert len(roots) == 2
        assert verify_roots(session, Kept(roots))[0] == []
    assert report.faults == ()
    assert "行政判决书" in report.redactions[0]
    data = _exported(front, number)
    found = verify_file(data)
    assert found.faults == ()
    assert len(found.redactions) == 1
    listed = {name: content for name, content in unpacked(data) if name[:2].isdigit()}
    assert [bool(content) for content in listed.values()].count(True) == 1  # the judgment


@pytest.fixture(scope="module")
def gone(module_front: Front, tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town in which the files of a case are gone by law, sealed before."""
    number = ended(module_front, address="人民中路1号")
    seal_day(module_front.town.office, tmp_path_factory.mktemp("roots"))
    _judgment(module_front, number, "出具的文书", "提交的材料")
    return module_front.town


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE document SET content = 'x' WHERE content = ''", "文书"),
        ("UPDATE attachment SET content = 'x' WHERE content = ''", "材料"),
        ("UPDATE document SET template_digest = repeat('0', 64) WHERE content = ''", "与存证时"),
        ("UPDATE document SET context = '{}' WHERE content = ''", "与存证时"),
        ("DELETE FROM attachment WHERE content = ''", "材料"),
    ],
)
def test_under_cover_of_a_file_that_is_gone_nothing_changes(
    gone: Town, change: str, said: str
) -> None:
    with gone.session() as session:
        roots = Kept(registered(session))
    engine = engine_for(gone.url, role=None)
    with Session(engine) as session:
        assert session.execute(text(change)).rowcount > 0  # type: ignore[attr-defined]
        faults = [
            *verify_database(session, VersionCache()).faults,
            *verify_roots(session, roots)[0],
        ]
        session.rollback()
    engine.dispose()
    assert any(said in str(fault) for fault in faults), faults


def test_a_row_may_lose_something_twice(front: Front) -> None:
    number = ended(front)
    redact(front, number, "联系电话")
    redact(front, number, "联系人")
    first = _rows(front, number)[0]
    assert first.payload["input"]["contact_name"] == MARK
    with front.town.session() as session:
        report = verify_database(session, VersionCache())
    assert report.faults == ()
    assert len(report.redactions) == 2
    assert verify_file(_exported(front, number)).faults == ()


def test_the_party_does_not_read_who_asked(front: Front) -> None:
    number = ended(front)
    redact(front, number, "联系电话")
    log = front.get("applicant", f"/cases/{number}/log").json()
    assert "核对了身份证件" not in str(log)
    assert "删除申请书" not in str(log)
    assert log[-1]["note"] == "依个人申请（《个人信息保护法》第四十七条第一款）"
    [done] = seen(front, number)["done"]
    for who in ("applicant", "window"):
        assert "删除申请书.pdf" not in front.get(who, f"/cases/{number}").text
    at = f"/cases/{number}/attachments/{done['paper']}"
    for who in ("applicant", "window", "inspector1", "approver"):
        assert front.get(who, at).status_code == 404, who
    other = ended(front, address="南通市崇川区青年东路9号")
    at = f"/cases/{other}/redaction/papers/{done['paper']}"
    assert front.get("approver", at).status_code == 404


def test_the_case_s_next_day_may_still_be_recounted(front: Front) -> None:
    """What goes on by itself after a redaction finds the case as it was."""
    number = ended(front)
    redact(front, number, "联系电话", "联系人")
    front.town.time.go_to(date(2026, 9, 1) + timedelta(days=100))
    front.town.office.catch_up(front.town.case(number).id)
    with front.town.session() as session:
        assert verify_database(session, VersionCache()).faults == ()


def test_the_application_changes_no_row_but_by_a_redaction(front: Front) -> None:
    number = ended(front)
    redact(front, number, "联系电话")
    case = front.town.case(number).id
    remove = text("SELECT redact_file(:case, 'document', (SELECT min(id) FROM document))")
    with (
        pytest.raises(DBAPIError, match="only a redaction"),
        front.town.session() as session,
    ):
        session.execute(remove, {"case": case})
    for seq in (1, 2):  # also of a row that an earlier redaction named
        change = text("SELECT redact_log_row(:case, :seq, '{}', '')")
        with (
            pytest.raises(DBAPIError, match="the log only grows"),
            front.town.session() as session,
        ):
            session.execute(change, {"case": case, "seq": seq})

"""Documents as sealed PDFs, over HTTP: who gets one, that it is sealed once and valid to others,
and what the public page says of it."""

from __future__ import annotations

import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import undefer

from casework.audit.sealed_papers_proof import faults_of_sealed_papers
from casework.common.database import engine_for
from casework.documents.electronic.sealed import UNSEALED, pdf_of
from casework.documents.electronic.seals import DEMO
from casework.models import Authority, Case, Document, SealedPaper
from demo import home_made_seals
from demo.home_made_seals import home_made, make_seals
from tests.support.front import Front, refused
from tests.support.journeys import address, joint_to
from tests.support.penalties import go, penalty_to
from tests.support.redactions import confirm, ended, propose, seen
from tests.support.sealing import give_seals
from tests.support.signed import SMALL_PDF
from tests.support.town import Town


@pytest.fixture
def sealing(town: Town, front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Front:
    """The front door of a town whose authorities have certificates."""
    give_seals(town, tmp_path, monkeypatch)
    return front


def _document(front: Front, number: str, key: str, by: str = "window") -> Any:
    documents = front.get(by, f"/cases/{number}").json()["documents"]
    return next(one for one in documents if one["key"] == key)


def _at(front: Front, number: str, key: str = "certificate") -> str:
    return f"/cases/{number}/documents/{_document(front, number, key)['id']}"


def _present(front: Front, pdf: bytes) -> Any:
    answer = front.ask(None, "POST", "/verify", files={"file": ("证.pdf", pdf)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def _kept(town: Town) -> list[SealedPaper]:
    with town.session() as session:
        found = select(SealedPaper).options(undefer(SealedPaper.content))
        return list(session.scalars(found))


def _faults(town: Town) -> list[str]:
    with town.session() as session:
        return [str(fault) for fault in faults_of_sealed_papers(session)]


def test_a_certificate_is_sealed_once_and_kept(sealing: Front, town: Town) -> None:
    number = town.granted()
    at = _at(sealing, number)
    answer = sealing.get("applicant", f"{at}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert unquote(answer.headers["content-disposition"]).endswith("号.pdf")
    assert sealing.get("window", f"{at}.pdf").content == answer.content
    (kept,) = _kept(town)
    assert kept.content == answer.content
    assert kept.digest == sha256(answer.content).hexdigest()
    assert kept.sealed_at == town.time.now()
    assert _faults(town) == []


def test_two_who_ask_at_once_get_the_same(sealing: Front, town: Town) -> None:
    at = _at(sealing, town.granted())
    sealing.identity("applicant")
    with ThreadPoolExecutor(4) as visitors:
        answers = list(visitors.map(lambda _: sealing.get("applicant", f"{at}.pdf"), range(4)))
    assert [answer.status_code for answer in answers] == [200] * 4
    assert len({answer.content for answer in answers}) == 1
    assert len(_kept(town)) == 1


def test_others_find_it_valid_and_a_changed_byte(
    sealing: Front, town: Town, tmp_path: Path
) -> None:
    number = town.granted()
    pdf = sealing.get("applicant", f"{_at(sealing, number)}.pdf").content
    whole = _verdict(pdf)
    assert (whole.valid, whole.intact, whole.coverage.name) == (True, True, "ENTIRE_FILE")
    assert DEMO in whole.signing_cert.subject.human_friendly
    assert whole.signer_reported_dt == town.time.now()
    place = pdf.index(b"stream\n", len(pdf) // 3) + 30
    changed = pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :]
    assert not _verdict(changed).intact
    if which("pdfsig"):
        assert "Signature is Valid" in _pdfsig(pdf, tmp_path)
        assert "Total document signed" in _pdfsig(pdf, tmp_path)
        assert "Digest Mismatch" in _pdfsig(changed, tmp_path)

    same, other = _present(sealing, pdf), _present(sealing, changed)
    document = _document(sealing, number, "certificate")
    with town.session() as session:
        name = session.get_one(Authority, town.case(number).authority_id).name
    said = {
        "title": document["title"],
        "number": document["number"],
        "issued_on": document["issued_on"],
        "authority": name,
        "marks": [],
    }
    assert same == {"verdict": "same", **said}
    assert other == {"verdict": "changed", **said}
    assert _present(sealing, pdf + b"\n% more")["verdict"] == "changed"
    nothing = dict.fromkeys(("title", "number", "authority"), "")
    unknown = {"verdict": "unknown", **nothing, "issued_on": None, "marks": []}
    assert _present(sealing, SMALL_PDF) == unknown


def _verdict(pdf: bytes) -> Any:
    """What pyHanko says of the one signature."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    roots = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    with ThreadPoolExecutor(1) as apart:  # a browser's loop may run in this one
        return apart.submit(validate_pdf_signature, signature, roots).result()


def _pdfsig(pdf: bytes, folder: Path) -> str:
    file = folder / "presented.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdfsig", file], capture_output=True, check=False).stdout.decode()


def test_an_rsa_certificate_with_a_password_seals_as_well(
    sealing: Front, town: Town, tmp_path: Path
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    (tmp_path / "CC.p12").write_bytes(home_made("南通市崇川区卫生健康委员会", key, b"a b"))
    secret = tmp_path / "CC.password"
    secret.touch(mode=0o600)
    secret.write_text("a b\n", encoding="utf-8")
    pdf = sealing.get("applicant", f"{_at(sealing, town.granted())}.pdf").content
    assert _verdict(pdf).intact
    assert _faults(town) == []


def test_each_department_seals_what_it_issues_itself(sealing: Front, town: Town) -> None:
    number = joint_to(town, "delivered_together", address(1))
    for key, name in (
        ("diagnosis_certificate", "南通市崇川区卫生健康委员会"),
        ("safety_certificate", "南通市崇川生态环境局"),
    ):
        pdf = sealing.get("applicant", f"{_at(sealing, number, key)}.pdf").content
        assert name in _verdict(pdf).signing_cert.subject.human_friendly
        assert _present(sealing, pdf)["authority"] == name


def test_who_may_not_see_a_document_gets_none_of_it(sealing: Front, town: Town) -> None:
    at = _at(sealing, town.granted())
    for path in (f"{at}.pdf", f"{at}/pages/1.png"):
        refused(sealing.get(None, path), 401, "not-logged-in")
        for stranger in ("window_b", "applicant2"):
            refused(sealing.get(stranger, path), 404, "not-found")
        assert sealing.get("applicant", path).status_code == 200
    assert sealing.get("applicant", f"{at}/pages/1.png").content.startswith(b"\x89PNG")
    refused(sealing.get("applicant", f"{at}/pages/2.png"), 404, "not-found")


def test_what_has_no_certificate_is_not_sealed_and_says_so(front: Front, town: Town) -> None:
    number = town.granted()
    answer = front.get("applicant", f"{_at(front, number)}.pdf")
    assert UNSEALED in unquote(answer.headers["content-disposition"])
    assert b"/ByteRange" not in answer.content
    assert _kept(town) == []
    if which("pdftotext"):
        program = ["pdftotext", "-", "-"]
        read = subprocess.run(program, input=answer.content, capture_output=True, check=True)
        assert UNSEALED in read.stdout.decode()
    assert _present(front, answer.content)["verdict"] == "unknown"


def test_what_is_signed_by_hand_and_what_stays_inside_bears_no_seal(
    sealing: Front, town: Town
) -> None:
    number = town.committed()
    at = _at(sealing, number, "commitment_letter")
    answer = sealing.get("applicant", f"{at}.pdf")
    assert UNSEALED not in unquote(answer.headers["content-disposition"])
    assert b"/ByteRange" not in answer.content
    penalty = penalty_to(town, "investigating")
    answer = sealing.get("handler1", f"{_at(sealing, penalty, 'case_filing')}.pdf")
    assert answer.status_code == 200, answer.text
    assert b"/ByteRange" not in answer.content
    assert _kept(town) == []


@pytest.mark.parametrize(
    ("content", "mode", "said"), [(b"", 0o600, "打不开"), (None, 0o644, "chmod 600")]
)
def test_a_certificate_that_is_none_or_open_to_others_seals_nothing(
    sealing: Front, town: Town, tmp_path: Path, content: bytes | None, mode: int, said: str
) -> None:
    at = _at(sealing, town.granted())
    for file in tmp_path.glob("*.p12"):
        if content is not None:
            file.write_bytes(content)
        file.chmod(mode)
    assert said in refused(sealing.get("applicant", f"{at}.pdf"), 409, "misconfigured")["detail"]
    assert _kept(town) == []


@pytest.mark.parametrize(
    ("begun", "days", "sealed"), [(2020, 365, 0), (2027, 365, 0), (2026, 365, 1)]
)
def test_a_certificate_seals_while_it_is_valid_and_not_before_or_after(
    sealing: Front,
    town: Town,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    begun: int,
    days: int,
    sealed: int,
) -> None:
    monkeypatch.setattr(home_made_seals, "_BEFORE", datetime(begun, 1, 1, tzinfo=UTC))
    monkeypatch.setattr(home_made_seals, "_VALID", timedelta(days=days))
    give_seals(town, tmp_path, monkeypatch)
    answer = sealing.get("applicant", f"{_at(sealing, town.granted())}.pdf")
    assert (UNSEALED in unquote(answer.headers["content-disposition"])) is not bool(sealed)
    assert len(_kept(town)) == sealed


def test_what_is_taken_away_meanwhile_is_sealed_no_more(sealing: Front, town: Town) -> None:
    number = town.granted()
    key = _document(sealing, number, "certificate")["id"]
    with town.session() as session:
        case = session.get_one(Case, town.case(number).id)
        paper = session.get_one(Document, key, options=[undefer(Document.content)])
        with engine_for(town.url, role=None).begin() as owner:
            owner.execute(update(Document).where(Document.id == key).values(content=b""))
        assert pdf_of(town.office, session, case, paper).content == b""
    assert _kept(town) == []


def test_who_presents_a_decision_that_fell_is_told_so(sealing: Front, town: Town) -> None:
    number = penalty_to(town, "decided")
    go(town, number, ("serve", "handler1"))
    pdf = sealing.get("applicant", f"{_at(sealing, number, 'penalty_decision')}.pdf").content
    assert _present(sealing, pdf)["marks"] == []
    go(town, number, ("file_reconsideration", "legal"), ("change_by_reconsideration", "legal"))
    found = _present(sealing, pdf)
    assert found["verdict"] == "same"
    assert found["marks"] == ["已被行政复议改变（2026-09-01）"]


def test_a_redaction_takes_the_sealed_pdf_too(sealing: Front, town: Town) -> None:
    number = ended(sealing)
    at = _at(sealing, number)
    pdf = sealing.get("applicant", f"{at}.pdf").content
    key = at.rsplit("/", 1)[1]
    answer = propose(sealing, number, [f"document/{key}"], basis="judgment")
    assert answer.status_code == 204, answer.text
    assert confirm(sealing, number).status_code == 204
    (kept,) = _kept(town)
    assert kept.content == b""
    _overwrite(town, content=pdf)
    [left] = _faults(town)
    assert "没有随文书一并删除" in left
    _overwrite(town, content=b"")
    for path in (f"{at}.pdf", f"{at}/pages/1.png"):
        refused(sealing.get("applicant", path), 404, "not-found")
    assert _faults(town) == []
    # What was handed out before is still known.
    assert _present(sealing, pdf)["verdict"] == "same"
    assert seen(sealing, number)


def test_the_application_may_change_no_sealed_pdf_and_the_proof_finds_who_did(
    sealing: Front, town: Town
) -> None:
    sealing.get("applicant", f"{_at(sealing, town.granted())}.pdf")
    for change in ("UPDATE sealed_paper SET digest = ''", "DELETE FROM sealed_paper"):
        with pytest.raises(ProgrammingError), town.session() as session:
            session.execute(text(change))
    (kept,) = _kept(town)
    at = kept.content.index(b"stream\n", len(kept.content) // 3) + 30
    forged = kept.content[:at] + bytes([kept.content[at] ^ 1]) + kept.content[at + 1 :]
    digest = sha256(forged).hexdigest()
    longer = kept.content + b"\n% more"
    signed = _signed_by_nobody(kept.content)
    for values in (
        {"content": forged},
        {"content": forged, "digest": digest},
        {"content": SMALL_PDF, "digest": sha256(SMALL_PDF).hexdigest()},
        {"content": longer, "digest": sha256(longer).hexdigest()},
        {"content": signed, "digest": sha256(signed).hexdigest()},
        {"content": b""},
        {"certificate": "1"},
        {"sealed_at": kept.sealed_at.replace(year=2020)},
    ):
        _overwrite(town, **values)
        assert len(_faults(town)) == 1, values
        _overwrite(town, **{name: getattr(kept, name) for name in values})
    assert _faults(town) == []


def _overwrite(town: Town, **values: Any) -> None:
    """Change the sealed PDFs as whoever owns the database can."""
    with engine_for(town.url, role=None).begin() as owner:
        owner.execute(update(SealedPaper).values(**values))


def _signed_by_nobody(pdf: bytes) -> bytes:
    """The same with another signature under the same statements."""
    from asn1crypto.cms import ContentInfo

    found = re.search(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)", pdf)
    assert found is not None
    start, end = (int(one) for one in found.groups())
    info = ContentInfo.load(bytes.fromhex(pdf[start + 1 : end - 1].decode()))
    signer = info["content"]["signer_infos"][0]
    said = signer["signature"].native
    signer["signature"] = said[:-1] + bytes([said[-1] ^ 1])
    digits = info.dump(force=True).hex().encode().ljust(end - start - 2, b"0")
    return pdf[: start + 1] + digits + pdf[end - 1 :]


@pytest.mark.parametrize(("file", "status"), [(b"", 422), (b"MZ" * 99, 422), (b"<html>", 422)])
def test_what_is_no_pdf_is_said_to_be_none(quiet: Front, file: bytes, status: int) -> None:
    refused(
        quiet.ask(None, "POST", "/verify", files={"file": ("x.pdf", file)}), status, "bad-input"
    )


def test_nobody_presents_files_without_end(quiet: Front) -> None:
    files = {"file": ("x.pdf", SMALL_PDF)}
    answers = [quiet.ask(None, "POST", "/verify", files=files).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]


def test_the_demo_makes_its_own_seals_once_for_nobody_else_to_read(tmp_path: Path) -> None:
    folder = make_seals(tmp_path)
    made = {file: file.read_bytes() for file in folder.iterdir()}
    assert made
    assert {file.stat().st_mode & 0o777 for file in made} == {0o600}
    assert {file: file.read_bytes() for file in make_seals(tmp_path).iterdir()} == made

"""The court file: complete, in order, the same every time, and checked with nothing but itself."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import docx
import pytest
from sqlalchemy import text

from casework.acts.journal import FIRST, canonical, payload_digest, row_hash, sm3
from casework.audit.court_file import MANIFEST, SEAL, court_file
from casework.audit.court_file_proof import verify_file
from casework.common.database import engine_for
from casework.common.paging import pages_of
from casework.common.problems import NotFound
from casework.common.sealed_zip import packed, unpacked
from casework.parts.evidence import entering as evidence
from nuoxin import main
from state_machines.language.vocabulary import GUARDS
from tests.casework.test_evidence import PHOTO, item, newer
from tests.support.journeys import OFFICERS, address, check_to, custody_to, follow
from tests.support.refusals import refused
from tests.support.signed import SMALL_PDF
from tests.support.town import NOTICE, Town

# Its pages are among other objects.
PAGELESS = SMALL_PDF.replace(b"/Type/Page/", b"/Type/ObjStm/")


@pytest.fixture(scope="module")
def told(module_town: Town) -> tuple[Town, str]:
    """A revocation with records, evidence in two versions, one withdrawn, and things in custody."""
    town = module_town
    officer = town.people["inspector1"]
    number = check_to(town, town.granted(address=address(1)), "inspected")
    follow(town, number, ("record_scene", OFFICERS), ("record_interview", OFFICERS))
    evidence.add(town.office, officer, number, item(), PHOTO)
    evidence.replace(town.office, officer, number, 5, newer(), ("原始照片.png", PHOTO[1] + b"raw"))
    evidence.add(town.office, officer, number, item(title="检测报告"), ("报告.pdf", PAGELESS))
    given = {"replaces": 1, "reason": "与本案无关"}
    evidence.withdraw(town.office, officer, number, 6, given)
    thing = item(kind="物证", title="塑料桶", description="白色塑料桶一只")
    evidence.add(town.office, officer, number, thing)
    custody_to(town, number, "returned")
    follow(
        town,
        number,
        ("find_false", OFFICERS),
        ("notify_revocation", "inspector1+inspector2"),
        ("waive_defence", "applicant"),
        ("waive_hearing", "applicant"),
        ("submit_review", "inspector1"),
        ("pass_review", "legal"),
    )
    town.take(number, "revoke", "approver", NOTICE)
    return town, number


def export(town: Town, number: str, by: str = "inspector1") -> bytes:
    """The file of a case."""
    with town.session() as session:
        return court_file(town.office, session, town.people[by], number).content


@pytest.fixture(scope="module")
def data(told: tuple[Town, str]) -> bytes:
    return export(*told)


def test_the_file_has_everything_in_the_order_of_a_case(data: bytes) -> None:
    names = [name for name, _ in unpacked(data)]
    assert names[:2] == ["卷内目录.docx", "证据目录.docx"]
    assert names[-2:] == [MANIFEST, SEAL]
    papers = [name for name in names if name[:2].isdigit()]
    told = [name.partition("/")[2].rpartition(".")[0] for name in papers]
    assert told == [
        "001-核查记录",
        "002-现场笔录",
        "003-询问笔录",
        "004-先行登记保存证据决定书",
        "005-物品清单",
        "006-洗消间现场照片",
        "007-洗消间现场照片",
        "008-检测报告",
        "009-撤销行政许可事先告知书",
        "010-法制审核意见书",
        "011-撤销行政许可决定书",
        "012-解除先行登记保存证据决定书",
        "013-物品退还清单",
    ]
    stages = list(dict.fromkeys(name.partition("/")[0] for name in papers))
    assert stages == ["02-调查取证", "03-告知与陈述申辩", "04-审核", "05-决定", "07-执行"]
    logs = [name for name in names if name.startswith("log/") and name.endswith(".jsonl")]
    assert len(logs) == 2  # of the check, and of the custody


def test_the_contents_list_every_paper_with_its_pages(data: bytes) -> None:
    members = dict(unpacked(data))
    rows = [
        [cell.text for cell in row.cells]
        for row in docx.Document(io.BytesIO(members["卷内目录.docx"])).tables[1].rows
    ]
    assert [row[0] for row in rows[1:]] == [str(n) for n in range(1, 14)]
    assert {row[2] for row in rows} >= {"现场笔录", "撤销行政许可决定书"}
    numbered = [row[5] for row in rows[1:] if row[5] != "页数另计"]
    page = 1
    for pages in numbered:
        first, _, last = pages.partition("-")
        assert int(first) == page
        page = int(last or first) + 1
    # A PDF that says nothing of its pages is left out of the count, and says so.
    assert [row[2] for row in rows[1:] if row[5] == "页数另计"] == ["检测报告"]
    assert "证据 5 号，第 1 版，已更换或者撤回" in {row[6] for row in rows}
    listed = docx.Document(io.BytesIO(members["证据目录.docx"])).tables[1].rows
    assert [row.cells[0].text for row in listed[1:]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert "检测报告（已撤回）" in listed[6].cells[1].text


def test_the_same_case_gives_the_same_bytes(told: tuple[Town, str], data: bytes) -> None:
    assert export(*told) == data
    assert export(*told, by="supervisor") == data


@pytest.mark.parametrize("by", ["applicant", "applicant2", "window_b", "inspector1_b", "eco"])
def test_only_staff_of_its_authority_take_the_file_away(told: tuple[Town, str], by: str) -> None:
    town, number = told
    refused(town, NotFound, lambda: export(town, number, by))


def test_an_untouched_file_verifies(data: bytes, told: tuple[Town, str]) -> None:
    town, number = told
    report = verify_file(data)
    assert report.faults == ()
    assert (report.case, report.head) == (number, town.case(number).head_hash)
    assert report.rows > 20


def test_every_kind_of_byte_that_changes_is_found(data: bytes) -> None:
    """A bit of each member's name, header, content, of the directory and the end, and at random."""
    places = {0, len(data) - 1}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            begin = entry.header_offset
            places |= {begin + n for n in (4, 6, 8, 10, 14, 18, 26, 30)}
            content = begin + 30 + len(entry.filename.encode())
            places |= {content, content + entry.file_size // 2, content + entry.file_size - 1}
        directory = archive.start_dir
    places |= set(range(directory, len(data), 7)) | set(range(directory, directory + 120))
    places |= set(range(len(data) - 22, len(data)))
    places |= {random.Random(1).randrange(len(data)) for _ in range(60)}
    missed = []
    for at in sorted(places):
        changed = bytearray(data)
        changed[at] ^= 1
        if verify_file(bytes(changed)).faults == ():
            missed.append(at)
    assert missed == []


def _without(name: str) -> Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]:
    return lambda members: [one for one in members if not one[0].endswith(name)]


def _renamed(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(name.replace("现场笔录", "现场记录"), content) for name, content in members]


def _added(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [*members[:5], ("02-调查取证/099-补充.pdf", SMALL_PDF), *members[5:]]


def _reordered(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [members[0], members[2], members[1], *members[3:]]


def _swapped(members: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    two, three = members[2], members[3]
    return [*members[:2], (two[0], three[1]), (three[0], two[1]), *members[4:]]


@pytest.mark.parametrize(
    "change",
    [
        _without("卷内目录.docx"),
        _without("现场笔录.docx"),
        _without("现场照片.png"),
        _without(".jsonl"),
        _without(MANIFEST),
        _without(SEAL),
        _renamed,
        _added,
        _reordered,
        _swapped,
    ],
)
def test_a_member_dropped_added_renamed_or_moved_is_found(
    data: bytes, change: Callable[[list[tuple[str, bytes]]], list[tuple[str, bytes]]]
) -> None:
    assert verify_file(packed(change(unpacked(data)))).faults != ()


def test_a_comment_or_anything_around_the_file_is_found(data: bytes) -> None:
    commented = io.BytesIO(data)
    with zipfile.ZipFile(commented, "a") as archive:
        archive.comment = "已核对".encode()
    for changed in (commented.getvalue(), data + b"\0", b"\0" + data, data[:-1], b"", b"PK"):
        assert verify_file(changed).faults != ()


def _forged(data: bytes, path: str, content: bytes) -> bytes:
    """A file in which one paper is another one, and manifest and seal say so too."""
    members = dict(unpacked(data))
    members[path] = content
    manifest = json.loads(members[MANIFEST])
    for one in manifest["members"]:
        if one["path"] == path:
            one |= {"sha256": sha256(content).hexdigest(), "size": len(content)}
    sealed = f"{canonical(manifest)}\n"
    members[MANIFEST] = sealed.encode()
    members[SEAL] = f"{sm3(sealed)}\n".encode()
    return packed(members.items())


@pytest.mark.slow
def test_a_forger_who_also_writes_the_manifest_is_held_to_the_log(data: bytes) -> None:
    for name, content in unpacked(data):
        if name[:2].isdigit():
            (fault,) = verify_file(_forged(data, name, content + b"\n")).faults
            assert "不是日志记载的那一份" in fault
    (log,) = [n for n, _ in unpacked(data) if n.startswith("log/CC-HC") and n.endswith("jsonl")]
    before = dict(unpacked(data))[log]
    lines = before.decode().split("\n")
    row = json.loads(lines[3])
    row["payload"]["input"] = {"reason": "换一个"}
    lines[3] = canonical(row)
    assert verify_file(_forged(data, log, "\n".join(lines).encode())).faults != ()
    assert verify_file(_forged(data, log, "\n".join(lines[:-2]).encode() + b"\n")).faults != ()


def test_a_payload_that_was_taken_away_is_found_in_the_file_too(told: tuple[Town, str]) -> None:
    """Whatever replaces a payload is a forgery, unless a redaction tells of it."""
    town, number = told
    engine = engine_for(town.url, role=None)
    change = text("UPDATE case_log SET payload = :said WHERE case_id = :case AND seq = 4")
    with engine.connect() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        case, kept = (
            town.case(number).id,
            "SELECT payload::text FROM case_log WHERE case_id = :case AND seq = 4",
        )
        before = connection.scalar(text(kept), {"case": case})
        for said in ('{"redacted": true}', "{}"):
            connection.execute(change, {"case": case, "said": said})
            connection.commit()
            assert f"{number} 第 4 行：日志内容被改动" in verify_file(export(town, number)).faults
        connection.execute(change, {"case": case, "said": before})
        connection.commit()
    engine.dispose()
    assert verify_file(export(town, number)).faults == ()


def test_it_verifies_where_the_code_of_a_guard_is_gone(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A court has another release: where steps lead is told without their guards."""
    declared = json.loads(
        next(c for n, c in unpacked(data) if n.startswith("log/process-") and b'"HC"' in c)
    )
    for step in declared["steps"]:
        for key in step["guards"]:
            monkeypatch.delitem(GUARDS, key, raising=False)
    assert verify_file(data).faults == ()


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda row: row["header"].pop("clock"),
        lambda row: row["header"].update(name="fly"),
        lambda row: row["header"].update(effective_at="2026-13-01"),
        lambda row: row["payload"].update(caused=5),
        lambda row: row["payload"].update(caused={"documents": [5]}),
        lambda row: row["payload"].update(caused={"evidence": [{}]}),
        lambda row: row.update(payload=[]),
        lambda row: row.update(salt=5),
    ],
)
def test_nonsense_in_a_log_that_was_chained_anew_names_case_and_row(
    told: tuple[Town, str], data: bytes, rewrite: Callable[[dict[str, Any]], Any]
) -> None:
    _, number = told
    members = dict(unpacked(data))
    rows = [json.loads(line) for line in members[f"log/{number}.jsonl"].decode().splitlines()]
    previous = FIRST
    for row in rows:
        if row["seq"] == 4:
            rewrite(row)
        if isinstance(row["salt"], str):
            row["payload_digest"] = payload_digest(row["salt"], row["payload"])
        row["previous"] = previous
        row["hash"] = previous = row_hash(row["header"], row["payload_digest"], previous)
    manifest = json.loads(members[MANIFEST])
    for one in manifest["cases"]:
        if one["number"] == number:
            one["head_hash"] = previous
    members[MANIFEST] = canonical(manifest).encode()
    log = "".join(f"{canonical(row)}\n" for row in rows).encode()
    faults = verify_file(_forged(packed(members.items()), f"log/{number}.jsonl", log)).faults
    assert any(f"{number} 第 4 行" in fault for fault in faults), faults


def test_the_command_checks_the_file_alone(
    data: bytes,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NUOXIN_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    good = tmp_path / "案卷.zip"
    good.write_bytes(data)
    assert main(["verify", str(good)]) == 0
    assert "全部相符" in capsys.readouterr().out
    bad = tmp_path / "改过.zip"
    bad.write_bytes(data[:-40] + bytes([data[-40] ^ 1]) + data[-39:])
    assert main(["verify", str(bad)]) == 1
    assert "核验不通过" in capsys.readouterr().out
    assert main(["verify", str(tmp_path / "没有.zip")]) == 2


@pytest.mark.parametrize(
    ("media_type", "content", "pages"),
    [
        ("image/png", PHOTO[1], 1),
        ("application/pdf", b"%PDF-1.4 1 0 obj<</Type/Page>> 2 0 obj<</Type /Page /X 1>>", 2),
        ("application/pdf", b"%PDF-1.4 <</Type /Pages /Count 9>>", None),
        ("application/msword", b"no word file", None),
    ],
)
def test_pages_are_counted_where_the_bytes_tell(
    media_type: str, content: bytes, pages: int | None
) -> None:
    assert pages_of(media_type, content) == pages

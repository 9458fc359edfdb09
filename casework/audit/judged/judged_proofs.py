"""Whether what a case says is proved by its file (决定所据在卷): evidence that is cited, and the
service of every letter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from casework.audit.case_book import Row
from casework.audit.case_file import (
    CaseFile,
    by_itself,
    effective,
    input_of,
    receipts_told,
    service_in,
)
from casework.common.texts import folded
from casework.common.timekeeping import legal_date
from casework.models import Attachment, Evidence
from state_machines.door import acts
from state_machines.door.gates import guards_of
from state_machines.enforcement.exemption.forms import CHECK_OTHER, OtherGround
from state_machines.parts.delivery.forms import Way
from state_machines.parts.evidence.facts import EvidenceOnFile
from state_machines.parts.evidence.forms import Aspect, Kind, Origin

_SIGNED = (Way.DIRECT, Way.LEFT, Way.ENTRUSTED, Way.FORWARDED)
_PROOFS: Mapping[str, str] = {
    **dict.fromkeys(_SIGNED, "signed_receipt"),
    Way.POST: "return_slip",
}
_RECORDS = (Kind.RECORD.value, Kind.STATEMENT.value, Kind.WITNESS.value)
_CITING = ("facts", "evidence", "proof")


def evidence_is_on_file(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """What is told, reviewed or decided rests on a record that is kept, and on each proof that it
    names."""
    for row in file.rows:
        step = file.step_of(row)
        if not any(EvidenceOnFile in guard.facts for guard in guards_of(file.process, step)):
            continue
        if _nothing_is_proved(file, row):
            continue
        items = _items(file, row)
        if not items:
            yield row, f"“{step.label}”时证据登记为空"
        elif not any(item.said["kind"] in _RECORDS and item.digest for item in items):
            yield row, f"“{step.label}”时没有登记现场笔录、询问笔录等记录"
        titles = [folded(str(item.said["title"])) for item in items]
        cited = file.rules.value("evidence.cited_records", legal_date(effective(row)), file.region)
        said = "\n".join(str(input_of(row).get(name, "")) for name in _CITING)
        for name in cited:
            if items and name in said and not any(folded(name) in title for title in titles):
                yield row, f"“{step.label}”引用的{name}没有登记"
        for item in items:
            if item.said.get("origin") == Origin.DEVICE.value and not _reviewed(item):
                title = item.said["title"]
                yield row, f"“{step.label}”时，电子技术监控设备记录“{title}”没有经法制和技术审核"


def _nothing_is_proved(file: CaseFile, row: Row) -> bool:
    """That nothing is proved rests on no proof (处罚法57)."""
    checks = [one for one in file.before(row) if one.header["name"] == CHECK_OTHER]
    return bool(checks) and input_of(checks[-1]).get("ground") == OtherGround.UNPROVEN


def _items(file: CaseFile, row: Row) -> list[Evidence]:
    """The items that stood in the register before a row, with those that were handed over."""
    own = {one.n: one for one in file.book.kept(Evidence) if one.log_seq < row.seq}
    origin = file.book.case.origin_id
    theirs: dict[int, Evidence] = {}
    if origin is not None:
        found = select(Evidence).where(Evidence.case_id == origin).order_by(Evidence.id)
        theirs = {evidence.n: evidence for evidence in file.session.scalars(found)}
    return [one for one in (*theirs.values(), *own.values()) if not one.withdrawn]


def _reviewed(item: Evidence) -> bool:
    """In law and in technique, by somebody who did not collect it (处罚法41)."""
    reviewers: Mapping[str, str] = item.said.get("reviewers", {})
    collectors = {one["name"] for one in item.said["collectors"]}
    by = [reviewers.get(aspect.value) for aspect in (Aspect.LEGAL, Aspect.TECHNICAL)]
    return all(by) and collectors.isdisjoint(by)


def service_is_proved(file: CaseFile) -> Iterator[tuple[Row, str]]:
    """Whatever is said to have been served was, by a paper of its own: one scan proves one service
    (民诉法87, 90, 91)."""
    last: dict[str, int] = {}
    for row in file.rows:
        step = file.step_of(row)
        effect = service_in(step)
        if by_itself(row) or effect is None or effect.kind != "receipt":
            continue
        receipts = receipts_told(row.payload, effect.of)
        if not receipts or not acts.proves_service(step):
            continue
        since = max([last.get(effect.of, 0), *(p["seq"] for p in receipts[-1]["documents"])])
        last[effect.of] = row.seq
        if why := _unproved(file, row, receipts, since):
            yield row, f"“{step.label}”{why}"


def _unproved(file: CaseFile, row: Row, receipts: Sequence[Mapping[str, Any]], since: int) -> str:
    way = receipts[-1].get("way") or receipts[-1].get("method") or ""
    if way == Way.ELECTRONIC:
        return "" if receipts[-1].get("arrival", {}).get("receipt") else "没有系统发送并到达的记录"
    wanted = _PROOFS.get(way, "")
    proved = any(
        one.material == wanted and one.log_seq and since < one.log_seq < row.seq
        for one in file.book.kept(Attachment)
    )
    return "" if not wanted or proved else f"（{way}）没有送达回证或者邮件回执"

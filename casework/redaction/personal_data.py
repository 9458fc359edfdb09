"""What personal data a case holds, and which of it may be taken away when (删除的范围).

The rule is data: `redaction.fields` may go once the case has ended, `redaction.kept` only once its
file need not be kept any more, or if a court says so. What is in neither stays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casework.acts.act import Context
from casework.acts.redactions import GROUND, MARK, REDACTED, Place, Removed, texts_in
from casework.common.problems import GuardRefused, bad_field
from casework.common.timekeeping import in_chinese, legal_date
from casework.models import Attachment, Authority, Case, Document, Evidence, LogRow
from state_machines.language.vocabulary import Refusal
from state_machines.parts.remedies.part import PENDING

_KEPT_LAW = "《个人信息保护法》第四十七条第二款、《档案法》第二十一条"
_OPEN_LAW = "《个人信息保护法》第十三条第一款第三项、第四十七条第一款"
_FOR_EVER = 999


@dataclass(frozen=True)
class Found:
    """A text that is personal data, or a file: in which rows of the log it stands under that name,
    why it may not be taken away because its person asks (empty if it may), and `elsewhere`, in
    which rows it stands within other texts, which stay."""

    id: str
    label: str
    value: str
    rows: tuple[int, ...]
    kept_because: str
    elsewhere: tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """What was found: each place in which a text stands, by row; or the file that it is."""

    found: Found
    places: Mapping[int, Sequence[Place]]
    file: Removed | None = None


def against_redacting(session: Session, case: Case) -> Refusal | None:
    """Why nothing may be taken out of a case now: it has not ended, or a body or court that is
    asked about it, or about a case of its family, has still to see what it rests on."""
    if case.ended_at is not None:
        return _contested(session, case)
    text = (
        "案件尚未办结，当事人和有关人员的信息是履行法定职责所必需的，现在不能删除；"
        "请告知申请人，办结后再办理"
    )
    return Refusal("redaction_open", text, _OPEN_LAW)


def _contested(session: Session, case: Case) -> Refusal | None:
    family = case.family_id or case.id
    contested = [
        number
        for number, tracks in session.execute(
            select(Case.number, Case.tracks)
            .where((Case.family_id == family) | (Case.id == family))
            .order_by(Case.id)
        ).tuples()
        if not PENDING.isdisjoint(tracks.values())
    ]
    if not contested:
        return None
    text = (
        f"{'、'.join(contested)}正在行政复议、行政诉讼，案卷和证据应当完整提交复议机关、人民法院，"
        "审结以前不能删除；请告知申请人，审结后再办理"
    )
    law = "《行政诉讼法》第三十四条、第五十九条第一款第二项、《行政复议法》第四十四条"
    return Refusal("redaction_contested", text, f"{law}、{_OPEN_LAW}")


def found_in(context: Context, case: Case) -> dict[str, Group]:
    """The personal data that stand in the log of a case, by id."""
    session = context.session
    region = session.get_one(Authority, case.authority_id).region
    today = legal_date(context.now)
    free = context.rules.value("redaction.fields", today, region)
    kept = context.rules.value("redaction.kept", today, region)
    because = _kept_because(context, case, today, region)
    rows = session.scalars(
        select(LogRow).where(LogRow.case_id == case.id).order_by(LogRow.seq)
    ).all()
    texts = [
        (row.seq, row.header["name"], place, text)
        for row in rows
        if row.header["kind"] != REDACTED
        for place, text in texts_in(row.payload)
        if text not in ("", MARK)
    ]
    places: dict[tuple[str, str], dict[int, list[Place]]] = {}
    for seq, step, place, text in texts:
        field = _name(place)
        name = f"{step}.{field}" if any(f"{step}.{field}" in one for one in (free, kept)) else field
        if free.get(name) or kept.get(name):
            places.setdefault((name, text), {}).setdefault(seq, []).append(place)
    groups = {}
    for (name, value), where in places.items():
        first, [place, *_] = next(iter(where.items()))
        elsewhere = {
            seq
            for seq, _, other, text in texts
            if value in text and other not in where.get(seq, ()) and len(value) > 1
        }
        found = Found(
            "/".join(map(str, (first, *place))),
            free.get(name) or kept[name],
            value,
            tuple(where),
            "" if name in free else because,
            tuple(sorted(elsewhere)),
        )
        groups[found.id] = Group(found, where)
    for file, label in _files(context, case):
        key = f"{file.table}/{file.id}"
        found = Found(key, label, file.what, (file.of["seq"],), because, ())
        groups[key] = Group(found, {}, file)
    return groups


def _files(context: Context, case: Case) -> Iterator[tuple[Removed, str]]:
    """The files of a case whose content is there, and what kind of file each is. The papers that
    redactions rest on stay."""
    session = context.session
    of = {"case": case.number}

    def rows(model: type[Any]) -> Sequence[Any]:
        there = select(model).where(model.case_id == case.id, func.length(model.content) > 0)
        return session.scalars(there.order_by(model.id)).all()

    for row in rows(Document):
        identity = {**of, "kind": "document", "seq": row.log_seq, "key": row.key}
        name = f"文书“{' '.join(part for part in (row.title, row.number) if part)}”"
        yield Removed("document", row.id, identity, name, row.digest), "出具的文书"
    for row in rows(Attachment):
        if row.material == GROUND or row.log_seq is None:
            continue
        names = {"material": row.material, "filename": row.filename}
        identity = {**of, "kind": "file", "seq": row.log_seq, **names}
        yield (
            Removed("attachment", row.id, identity, f"材料“{row.filename}”", row.digest),
            "提交的材料",
        )
    for row in rows(Evidence):
        names = {"n": row.n, "version": row.version}
        identity = {**of, "kind": "evidence", "seq": row.log_seq, **names}
        name = f"证据{row.n}号第{row.version}版的文件"
        yield Removed("evidence", row.id, identity, name, row.digest), "证据"


def chosen(groups: Mapping[str, Group], ids: Sequence[str], basis: str) -> list[Group]:
    """What somebody wants to take away. Raises BadInput if there is no such thing, GuardRefused for
    what must be kept."""
    if not ids:
        raise bad_field("chosen", "要删除的内容", "请至少选择一项")
    if not set(ids) <= groups.keys():
        raise bad_field("chosen", "要删除的内容", "案卷中已经没有所选的内容，请刷新后重新选择")
    picked = [groups[one] for one in dict.fromkeys(ids)]
    if basis != "judgment" and (
        against := [
            Refusal("redaction_kept", f"{one.found.label}：{one.found.kept_because}", _KEPT_LAW)
            for one in picked
            if one.found.kept_because
        ]
    ):
        raise GuardRefused(against)
    return picked


def _name(place: Place) -> str:
    """What the field is called that a text stands in; an item of a list has its list's name."""
    return next((str(key) for key in reversed(place) if isinstance(key, str)), "")


def _kept_because(context: Context, case: Case, today: date, region: str) -> str:
    """Why what decisions and their service rest on may not go yet; empty once it may."""
    family = case.family_id or case.id
    ends = context.session.scalars(
        select(Case.ended_at).where((Case.family_id == family) | (Case.id == family))
    ).all()
    instead = "不能依申请删除，只能停止除存储和采取必要的安全保护措施之外的处理；依生效裁判可以删除"
    if not all(ends):
        return f"本案的关联案件（包括仍然有效的许可）尚未全部办结，保存期限没有届满，{instead}"
    years: Any = context.rules.value("redaction.keeping_years", today, region)
    last = max(legal_date(end) for end in ends if end)
    if years >= _FOR_EVER:
        return f"本案案卷永久保管，{instead}"
    # On the last of February there may be no such day.
    until = date(last.year + years, last.month, min(last.day, 28) if last.month == 2 else last.day)
    if today > until:
        return ""
    return f"案卷保管期限至{in_chinese(until)}（全部办结后{years}年），保存期限没有届满，{instead}"

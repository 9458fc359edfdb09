"""Loading editions of the violation catalogue and the lists of leniency (案由、清单导入).

Nothing that was loaded is ever changed: what comes in is a new edition for the region of whoever
loads it, all of a file or nothing. What already stands so is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.common.inputs import near, typed
from casework.common.problems import BadInput, NotAllowed, TooLarge, bad_field
from casework.common.tables.spreadsheet import decoded
from casework.common.tables.workbooks import Unreadable
from casework.common.timekeeping import in_chinese, legal_date
from casework.documents.attachments import checked
from casework.documents.files import File
from casework.enforcement.catalogue import table as catalogue_table
from casework.enforcement.catalogue.soundness import faults
from casework.enforcement.catalogue.statutory import beyond
from casework.enforcement.catalogue.violations import region_of
from casework.kernel.office import Office
from casework.models import Authority, CatalogueImport, EditionRow
from casework.rules.rule_cache import Rules
from rulebook.models import Edition, Leniency, RulebookError, Violation, parse_content
from rulebook.shipped import read_text, refuse_overlaps
from state_machines.language.vocabulary import Role

LARGEST = 2 * 1024 * 1024
_KINDS = ("violation", "leniency")


@dataclass(frozen=True)
class Imported:
    """What an import does: codes of the entries that are new editions, and of those that stood.
    It `awaits` a second person under that number; none if it was confirmed, or only looked at."""

    loaded: tuple[str, ...]
    unchanged: tuple[str, ...]
    awaits: int | None = None


def import_file(
    office: Office,
    actor: Actor,
    filename: str,
    data: bytes,
    *,
    source: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
    check_only: bool = False,
    paper: File | None = None,
) -> Imported:
    """Enter a table (.csv or .xlsx, which holds from `valid_from`) or a rule file (.toml, dated by
    entry), which a second person confirms (`confirming.confirm`).

    `source` names the document it was taken from (依据文件), `paper` is its scan. With `check_only`
    nothing is kept. Raises NotAllowed for anyone but an administrator, BadInput naming every row
    that is wrong.
    """

    def work(session: Session) -> Imported:
        reader = reader_of(office, session, actor)
        post = next((one for one in reader.posts if one.role == Role.ADMIN.value), None)
        if post is None:
            raise NotAllowed("案由库和清单由系统管理员导入")
        authority = session.get_one(Authority, post.authority_id)
        document = typed("source", "依据文件", source, most=200)
        if len(data) > LARGEST:
            raise TooLarge(f"文件超过 {LARGEST // 1024 // 1024} MB")
        row = CatalogueImport(
            authority_id=authority.id,
            source=document,
            filename=filename,
            content=data,
            valid_from=valid_from,
            valid_to=valid_to,
            entered_by=actor.person_id,
            entered_at=office.time.now(),
        )
        imported, _ = judged(office, session, row, authority.region, f"{actor.name}导入")
        if check_only or not imported.loaded:
            return imported
        if paper is None:
            raise bad_field("paper", "依据文件扫描件", "请上传依据文件的扫描件，供另一人核对后确认")
        row.paper_name, row.paper_type, row.paper_digest = checked(paper.filename, paper.content)
        row.paper = paper.content
        session.add(row)
        session.flush()
        return replace(imported, awaits=row.id)

    return office.database.in_transaction(work)


def judged(
    office: Office, session: Session, row: CatalogueImport, region: str, by: str
) -> tuple[Imported, list[Edition]]:
    """What a file would do as of now, and the editions that are new. Raises BadInput naming every
    row that is wrong."""
    rules, today = office.rules.current(session), legal_date(office.time.now())
    origin = f"{row.source}（{by}）"
    editions = _editions(
        rules, row.filename, row.content, region, origin, row.valid_from, row.valid_to, today
    )
    for one in editions:
        near("valid_from", f"{one.key} 的生效日期", one.valid_from, today)
        near("valid_to", f"{one.key} 的失效日期", one.valid_to, today)
    _judge_references(rules, editions, region)
    _judge_ranges(rules, editions, region, today)
    _judge_days(rules, editions, region, today, legal_date(row.entered_at))
    new = [edition for edition in editions if _says_something_new(session, rules, edition, region)]
    codes = {
        id(edition): edition.key.upper() if edition.kind == "violation" else edition.key
        for edition in editions
    }
    loaded = tuple(codes[id(one)] for one in new)
    return Imported(loaded, tuple(code for code in codes.values() if code not in loaded)), new


def table_in_force(office: Office, session: Session, actor: Actor) -> str:
    """The catalogue in force at the actor's authority as a table, which `import_file` takes."""
    region = region_of(session, reader_of(office, session, actor))
    rules, today = office.rules.current(session), legal_date(office.time.now())
    known = rules.known("violation", today, region)
    return catalogue_table.write(rules.violation(key, today, region)[0] for key in known)


def _editions(
    rules: Rules,
    filename: str,
    data: bytes,
    region: str,
    source: str,
    valid_from: date | None,
    valid_to: date | None,
    today: date,
) -> list[Edition]:
    """What a file holds, a table or a file of rules, as editions for the region. Raises
    BadInput."""
    suffix = PurePosixPath(filename).suffix.lower()
    if suffix not in (".csv", ".xlsx", ".toml"):
        raise bad_field("file", "文件", "只接受表格（.csv、.xlsx）或者规则文件（.toml）")
    if suffix == ".toml":
        if valid_from is not None or valid_to is not None:
            text = "规则文件逐条写明生效、失效日期，这里填写的不会采用，请不要填写"
            raise bad_field("valid_from", "生效日期", text)
        return _from_rules(rules, data, region, source, today)
    if valid_from is None:
        raise bad_field("valid_from", "生效日期", "表格须填写生效日期")
    if valid_to is not None and valid_to < valid_from:
        raise bad_field("valid_to", "失效日期", "不能早于生效日期")
    try:
        found = catalogue_table.read(data)
        _judge_rows(rules, found, valid_from, region, today)
    except catalogue_table.RowsWrong as wrong:
        errors = [{"field": f"row.{n}", "label": f"第 {n} 行", "text": t} for n, t in wrong.errors]
        raise BadInput(f"表格有误，没有导入：{wrong}", errors) from None
    return [
        Edition.of("violation", violation, region, valid_from, valid_to, source)
        for violation in found.values()
    ]


def _judge_rows(
    rules: Rules, found: dict[int, Violation], on: date, region: str, today: date
) -> None:
    """Put the entry in force in the place of one that the table tells the same of, so that nothing
    is lost of what a table has no column for; judge the others. Raises RowsWrong where something
    would be lost, or nobody could decide by what is told."""
    known = rules.known("violation", on, region)
    errors = []
    for row, one in found.items():
        if one.key in known:
            current, _ = rules.violation(one.key, on, region)
            violation = catalogue_table.as_told(current)
            if one == violation:
                found[row] = current
                continue
            if violation != current:
                text = "现行案由有表格不能表达的内容（如裁量档的金额），请用规则文件（.toml）修改"
                errors.append((row, text))
        errors += [(row, text) for text in faults(one, _findings(rules, max(on, today), region))]
    if errors:
        raise catalogue_table.RowsWrong(errors)


def _judge_rule(rules: Rules, one: Violation, on: date, region: str, today: date) -> None:
    """The same of an entry of a rule file, which can tell everything. Raises RulebookError."""
    if one.key in rules.known("violation", on, region):
        current, _ = rules.violation(one.key, on, region)
        if one == current:
            return
    if found := list(faults(one, _findings(rules, max(on, today), region))):
        raise RulebookError(f"案由“{one.key}”：{'；'.join(found)}")


def _findings(rules: Rules, on: date, region: str) -> Mapping[str, Any]:
    """What an entry may ask to be found besides. Of one that begins in the past that is what is
    known today: whoever decides by it decides from now on."""
    known: Mapping[str, Any] = rules.value("penalty.findings", on, region)
    return known


def _from_rules(rules: Rules, data: bytes, region: str, source: str, today: date) -> list[Edition]:
    """What a file of rules holds, as editions for the region. Raises BadInput."""
    try:
        read = read_text(decoded(data), "规则文件")
        editions = []
        for edition in read:
            if edition.kind not in _KINDS:
                raise RulebookError(f"这里只导入 violation 和 leniency，不导入“{edition.kind}”")
            if edition.scope not in (None, region):
                raise RulebookError(f"“{edition.key}”的适用地区 scope 不是本机关所在的 {region}")
            rule = parse_content(edition.kind, edition.content)
            if isinstance(rule, Violation):
                _judge_rule(rules, rule, edition.valid_from, region, today)
            editions.append(
                Edition.of(edition.kind, rule, region, edition.valid_from, edition.valid_to, source)
            )
        if not editions:
            raise RulebookError("规则文件中没有记录")
        refuse_overlaps(editions)
    except (RulebookError, Unreadable) as error:
        raise bad_field("file", "文件", str(error)) from None
    return editions


def _judge_references(rules: Rules, editions: list[Edition], region: str) -> None:
    """A list may name only violations that the catalogue knows, before or with this file."""
    coming = {edition.key for edition in editions if edition.kind == "violation"}
    for edition in editions:
        rule = parse_content(edition.kind, edition.content)
        if isinstance(rule, Leniency):
            known = coming.union(rules.known("violation", edition.valid_from, region))
            if unknown := [key for key in rule.violations if key not in known]:
                told = f"清单“{rule.key}”所列案由不在案由库中：{'、'.join(unknown)}"
                raise bad_field("file", "文件", told)


def _judge_days(
    rules: Rules, editions: list[Edition], region: str, today: date, entered_on: date
) -> None:
    """Acts of before today are judged by what was in force then, or by what is milder (处罚法37):
    nothing that is heavier is dated back, also where it was entered in time and is confirmed late.
    """
    for edition, rule in _violations(editions):
        for day in _judged_on(edition, today):
            if edition.valid_from > today or rule.key not in rules.known("violation", day, region):
                continue
            if _is_heavier(rule, rules.violation(rule.key, day, region)[0]):
                text = (
                    f"案由{rule.code}的处罚种类、幅度重于当时有效的规定，只能自明日起生效，不溯及以前的行为"
                    "（《行政处罚法》第三十七条）"
                )
                if edition.valid_from > entered_on:
                    text += (
                        f"。它录入时定于{in_chinese(edition.valid_from)}生效，没有在该日以前确认："
                        "请退回，由系统管理员以明日以后的生效日期重新录入，并在生效以前确认"
                    )
                raise bad_field("valid_from", "生效日期", text)


def _judge_ranges(rules: Rules, editions: list[Edition], region: str, today: date) -> None:
    """What an office lays down keeps within what its article allows (处罚法4、34)."""
    for edition, rule in _violations(editions):
        for day in _judged_on(edition, today):
            if found := beyond(rules, rule, day, region):
                text = (
                    f"案由{rule.code}的{found}超出同一条文的法定范围：裁量基准只能在法定的种类、幅度内"
                    "细化（《行政处罚法》第四条、第三十四条）；条文本身已修改的，由系统升级载入"
                )
                raise bad_field("file", "文件", text)


def _violations(editions: list[Edition]) -> Iterator[tuple[Edition, Violation]]:
    for edition in editions:
        rule = parse_content(edition.kind, edition.content)
        if isinstance(rule, Violation):
            yield edition, rule


def _judged_on(edition: Edition, today: date) -> Iterable[date]:
    """The days on which an edition is compared with what holds: its first, and today, if it holds
    already. What begins before anything was known is no older law."""
    holds = edition.valid_from <= today and (edition.valid_to is None or today <= edition.valid_to)
    return dict.fromkeys((edition.valid_from, today if holds else edition.valid_from))


_SUMS = ("least", "most", "least_times", "most_times", "income_floor", "ceiling")


def _is_heavier(new: Violation, old: Violation) -> bool:
    """Whether it has a kind of penalty that the old one has not, a range that goes higher, or is
    pursued for longer, or that asks for less proof."""
    known = {(band.stage, band.income_from): band for band in old.fines}
    for band in new.fines:
        former = known.get((band.stage, band.income_from))
        if former is None or any(
            (getattr(band, name) or 0) > (getattr(former, name) or 0) for name in _SUMS
        ):
            return True
        if former.ceiling is not None and band.ceiling is None:
            return True
        # Less has to be proved for it: one of none, or one of more.
        if former.also and (not band.also or set(band.also) - set(former.also)):
            return True
    longer = new.life_health and not old.life_health
    return longer or bool(set(new.penalties) - set(old.penalties))


def _says_something_new(session: Session, rules: Rules, edition: Edition, region: str) -> bool:
    """Whether it is not loaded yet and says something else than what is in force, as one with a
    last day always does."""
    known = select(EditionRow.id).where(EditionRow.digest == edition.digest)
    if session.scalar(known) is not None:
        return False
    if edition.valid_to is not None or edition.key not in rules.known(
        edition.kind, edition.valid_from, region
    ):
        return True
    of = rules.violation if edition.kind == "violation" else rules.leniency
    return of(edition.key, edition.valid_from, region)[0] != parse_content(
        edition.kind, edition.content
    )


def load(session: Session, office: Office, edition: Edition) -> None:
    """Put an edition among those that hold."""
    session.execute(
        insert(EditionRow)
        .values(
            kind=edition.kind,
            key=edition.key,
            scope=edition.scope,
            valid_from=edition.valid_from,
            valid_to=edition.valid_to,
            content=edition.content,
            blob=None,
            law=edition.law,
            mark=edition.mark,
            source=edition.source,
            digest=edition.digest,
            loaded_at=office.time.now(),
        )
        .on_conflict_do_nothing(index_elements=["digest"])
    )

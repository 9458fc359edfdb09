"""Proving that rules are what their hashes say, and that those of this release are there.

Rules, templates and versions of processes bear the hash of their content as their name. Whoever
changes one together with its hash takes away the one that was there: of what this release ships
that is seen at once, of what an authority loaded itself only by a root that was kept (`roots`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session, undefer

from casework.audit.faults import Fault
from casework.audit.salvage import salvaged
from casework.common.texts import reason
from casework.models import EditionRow, ProcessVersion
from casework.rules.rendering import template_digest
from rulebook.models import DocumentKind, Edition, parse_content
from rulebook.shipped import shipped_editions
from rulebook.tree import DOCUMENT_TEMPLATES
from state_machines.language.canonical import digest, digest_of, to_json
from state_machines.language.vocabulary import Process
from state_machines.processes import PROCESSES

_RUN_MIGRATE = "不在数据库中：被改动或者删除（刚换上新版本的，请先运行 nuoxin migrate）"


def faults_of_rules(session: Session) -> list[Fault]:
    """What is wrong with rules, templates, calendars and versions. None if all is well."""
    return [*_editions(session), *_versions(session)]


def _editions(session: Session) -> Iterator[Fault]:
    """Rules, templates and calendars that are not what their hash says, cannot be read, or are
    missing of those that this release ships."""

    def load(ids: Sequence[int]) -> Mapping[int, EditionRow]:
        wanted = select(EditionRow).where(EditionRow.id.in_(ids))
        return {
            edition.id: edition
            for edition in session.scalars(wanted.options(undefer(EditionRow.blob)))
        }

    known = set()
    for key, row in salvaged(session, EditionRow.id, load):
        try:
            if isinstance(row, Exception):
                raise row
            known.add(row.digest)
            wrong = "".join(_wrong_with(row))
        except Exception as error:  # whatever a forger put there
            wrong = f"不能读取（{reason(error)}）"
        if wrong:
            yield Fault("规则、模板和日历", key, wrong)
    for edition in shipped_editions():
        if edition.digest not in known:
            name = f"规则 {edition.kind} {edition.key}（自 {edition.valid_from} 起）"
            yield Fault(name, None, f"本系统版本自带，{_RUN_MIGRATE}")
    templates = {
        rule.template
        for edition in shipped_editions()
        if isinstance(rule := parse_content(edition.kind, edition.content), DocumentKind)
    }
    for name in sorted(templates):
        if template_digest(name, (DOCUMENT_TEMPLATES / name).read_bytes()) not in known:
            yield Fault(f"模板 {name}", None, f"本系统版本自带，{_RUN_MIGRATE}")


def _wrong_with(row: EditionRow) -> Iterator[str]:
    name = f"{row.kind} {row.key}"
    if row.blob is not None or row.kind == "template":
        file = row.content["file"]
        found = template_digest(file, row.blob or b"")
        if (row.digest, row.key) != (found, file.removesuffix(".docx")):
            yield f"模板“{name}”的内容与校验值不一致"
        return
    rule = parse_content(row.kind, row.content)
    edition = Edition(
        row.kind, row.key, row.scope, row.valid_from, row.valid_to, row.content, rule.law,
        rule.mark, row.source,
    )  # fmt: skip
    if edition.digest != row.digest:
        yield f"规则“{name}”的内容与校验值不一致"
    elif (rule.key, rule.law, rule.mark) != (row.key, row.law, row.mark):
        yield f"规则“{name}”登记的依据与内容不一致"


def _versions(session: Session) -> Iterator[Fault]:
    shipped = {digest(process): process for process in PROCESSES.values()}
    known = set()
    columns = (ProcessVersion.digest, ProcessVersion.process)
    texts = (cast(ProcessVersion.effective_from, Text), cast(ProcessVersion.declaration, Text))
    for found, process, effective_from, text in session.execute(
        select(*columns, *texts).order_by(ProcessVersion.digest)
    ).all():
        known.add(found)
        name = f"程序版本 {process} {str(found)[:12]}"
        try:
            declared = _declared(text)
            if declared.digest != found:
                yield Fault(name, None, "程序声明与校验值不一致")
            elif (declared.key, declared.since) != (process, date.fromisoformat(effective_from)):
                yield Fault(name, None, "登记的程序或者生效日期与声明不一致")
            elif found in shipped and declared.whole != _as_kept(shipped[found]):
                yield Fault(
                    name,
                    None,
                    "文字与本系统版本的不一致（刚换上新版本的，请先运行 nuoxin migrate）",
                )
        except Exception as error:  # whatever a forger put there
            yield Fault(name, None, f"程序声明不能读取（{reason(error)}）")
    for found, declaration in sorted(shipped.items()):
        if found not in known:
            yield Fault(
                f"程序版本 {declaration.key} {found[:12]}", None, f"本系统版本自带，{_RUN_MIGRATE}"
            )


@dataclass(frozen=True)
class _Declared:
    """What a kept declaration says, labels and all (`whole`), and the hash that it should bear."""

    key: str
    since: date
    digest: str
    whole: str


# The same text says the same however often a database is proved.
@lru_cache(maxsize=256)
def _declared(text: str) -> _Declared:
    """Raises whatever a forger's text raises."""
    declared = json.loads(text)
    since = date.fromisoformat(declared["effective_from"])
    return _Declared(declared["key"], since, digest_of(declared), _in_one_form(declared))


@cache
def _as_kept(process: Process) -> str:
    """A declaration as it comes back from the database."""
    return _in_one_form(to_json(process))


def _in_one_form(declared: Any) -> str:
    return json.dumps(declared, sort_keys=True)

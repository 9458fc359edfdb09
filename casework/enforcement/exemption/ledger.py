"""The ledger of exemptions (免罚台账): cases, firms and sums, each counted for itself.

It is read from the cases and their logs, so there is nothing beside them that could say otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.access.readers import Reader, reader_of
from casework.acts.actors import Actor
from casework.common.problems import Misconfigured, NotAllowed, bad_field
from casework.common.tables.spreadsheet import table
from casework.common.timekeeping import legal_date
from casework.common.typed_inputs import Inputs
from casework.enforcement.catalogue.violations import region_of
from casework.enforcement.exemption.collect import CHECKLISTS
from casework.kernel.office import Office
from casework.models import Case, Document, LogRow, Party
from casework.rules.rule_cache import Rules
from rulebook.money import yuan
from state_machines.enforcement.exemption.forms import (
    EXEMPT,
    PROPOSE_EXEMPTION,
)
from state_machines.language.vocabulary import Role

DOORS = {"minor": "轻微不罚", "first": "首违不罚", "no_fault": "无主观过错"}
READERS = frozenset(
    {
        Role.CREDIT_OFFICER,
        Role.SUPERVISOR,
        Role.LEGAL_REVIEWER,
        Role.APPROVER,
        Role.CASE_HANDLER,
    }
)
_COLUMNS = (
    "决定日期", "决定书文号", "案件编号", "当事人", "证件号码", "案由代码", "案由", "领域", "类别",
    "免罚金额（元）", "状态",
)  # fmt: skip


@dataclass(frozen=True)
class LedgerLine:
    """One exemption. `would_be_fine` (免罚金额) is in yuan, exact, as text."""

    case: str
    decision: str
    decided_on: date
    party: str
    party_code: str
    violation: str
    violation_label: str
    field: str
    door: str
    door_label: str
    would_be_fine: str
    state_label: str


@dataclass(frozen=True)
class Total:
    """Cases, different parties, and the sum of the fines there would have been, in yuan."""

    cases: int
    firms: int
    sum: str


@dataclass(frozen=True)
class LedgerView:
    """The exemptions of a time, newest first, counted in all and by door and by field."""

    lines: tuple[LedgerLine, ...]
    total: Total
    by_door: dict[str, Total]
    by_field: dict[str, Total]
    fields: tuple[str, ...]


def ledger(
    office: Office,
    session: Session,
    actor: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    door: str = "",
    field: str = "",
) -> LedgerView:
    """The exemptions decided from `since` to `until` by the authorities the reader works for.

    Raises NotAllowed for whoever has no business with it, BadInput.
    """
    reader = reader_of(office, session, actor)
    if not READERS & reader.roles:
        raise NotAllowed("免罚台账供信用管理、督办、法制审核、承办人和机关负责人查看")
    if since and until and since > until:
        raise bad_field("until", "截止日期", "不能早于起始日期")
    if door and door not in DOORS:
        raise bad_field("door", "类别", f"可选：{'、'.join(DOORS)}")
    every = [
        line
        for line in _lines(office, session, reader)
        if (since is None or since <= line.decided_on)
        and (until is None or line.decided_on <= until)
    ]
    ledger_lines = [line for line in every if door in ("", line.door) and field in ("", line.field)]
    return LedgerView(
        lines=tuple(ledger_lines),
        total=_total(ledger_lines),
        by_door={
            label: _total(ledger_line for ledger_line in ledger_lines if ledger_line.door == key)
            for key, label in DOORS.items()
            if any(ledger_line.door == key for ledger_line in ledger_lines)
        },
        by_field={
            name: _total(ledger_line for ledger_line in ledger_lines if ledger_line.field == name)
            for name in dict.fromkeys(ledger_line.field for ledger_line in ledger_lines)
        },
        fields=tuple(dict.fromkeys(ledger_line.field for ledger_line in every)),
    )


def as_table(view: LedgerView) -> str:
    """The ledger for a spreadsheet (CSV), the totals below it."""
    rows = (
        (
            line.decided_on.isoformat(),
            line.decision,
            line.case,
            line.party,
            line.party_code,
            line.violation,
            line.violation_label,
            line.field,
            line.door_label,
            line.would_be_fine,
            line.state_label,
        )
        for line in view.lines
    )
    total = view.total
    below = ("合计", f"{total.cases}件", f"{total.firms}家", *[""] * 6, total.sum)
    return table(_COLUMNS, (*rows, below))


def _lines(office: Office, session: Session, reader: Reader) -> list[LedgerLine]:
    rules, today = office.rules.current(session), legal_date(office.time.now())
    region = region_of(session, reader)
    rows = session.execute(
        select(Case, Party, LogRow.header, Document.number)
        .join(Party, Case.party_id == Party.id)
        .join(LogRow, LogRow.case_id == Case.id)
        .join(Document, (Document.case_id == Case.id) & (Document.log_seq == LogRow.seq))
        .where(
            Case.process == "first_offence_exemption",
            Case.authority_id.in_(reader.authorities),
            LogRow.header["name"].as_string() == EXEMPT,
            Document.key == "no_penalty_decision",
        )
        .order_by(Case.id.desc())
    )
    ledger_lines = []
    for case, party, header, decision in rows:
        inputs = Inputs(case.data)
        door = (inputs.latest(CHECKLISTS) or "").removeprefix("check_")
        if door not in DOORS:
            continue  # another ground of law: nobody was let off
        proposal = inputs.needed(PROPOSE_EXEMPTION)
        label, field = _named(rules, proposal.violation, today, region)
        process = office.versions.by_digest(session, case.version_digest)
        ledger_lines.append(
            LedgerLine(
                case=case.number,
                decision=decision,
                decided_on=legal_date(datetime.fromisoformat(header["effective_at"])),
                party=party.name,
                party_code=party.code,
                violation=proposal.violation.upper(),
                violation_label=label,
                field=field,
                door=door,
                door_label=DOORS[door],
                would_be_fine=f"{yuan(proposal.would_be_fine):f}",
                state_label=process.state(case.state).label,
            )
        )
    return sorted(ledger_lines, key=lambda line: line.decided_on, reverse=True)


def _named(rules: Rules, code: str, on: date, region: str) -> tuple[str, str]:
    """What a violation is called and its field; an entry that has run out keeps its code."""
    try:
        rule, _ = rules.violation(code.casefold(), on, region)
    except Misconfigured:
        return code, ""
    return rule.label, rule.field


def _total(lines: Iterable[LedgerLine]) -> Total:
    counted = list(lines)
    sums = sum((yuan(line.would_be_fine) for line in counted), Decimal(0))
    return Total(len(counted), len({line.party_code for line in counted}), f"{sums:.2f}")

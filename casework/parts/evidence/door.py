"""What the party handed in stays in the file (处罚法45): no handler strikes it out, nor puts
something else in its place. And what officers collect is collected by two (处罚法42), of whom each
answers for it himself. In cases of every version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import deeds
from casework.models import Account, Evidence, Person
from casework.parts.evidence.register import latest, rows_of
from state_machines.checks.commitment_check.forms import NOTIFY_REVOCATION
from state_machines.enforcement.exemption.forms import PROPOSE_EXEMPTION
from state_machines.enforcement.penalty.forms import NOTIFY
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import Refusal
from state_machines.parts.evidence.forms import BY_OFFICERS, Entry, Item, Origin
from state_machines.parts.evidence.part import REPLACE, WITHDRAW
from state_machines.parts.legal_review.forms import PASS_REVIEW, SUBMIT_REVIEW

_LAW = "《行政处罚法》第四十五条、第四十六条"
_TWO = "《行政处罚法》第四十二条第一款、第四十六条"
# Where the register has to carry what is told, proposed or reviewed.
_CARRIED = (NOTIFY, PUNISH, PROPOSE_EXEMPTION, NOTIFY_REVOCATION, SUBMIT_REVIEW, PASS_REVIEW)


def refusals(act: Act) -> list[Refusal]:
    """What stands against changing an item of the evidence register, or against resting on it."""
    step = act.step.name
    if step in _CARRIED and act.process.keeps_evidence:
        return list(_of_collectors(act))
    if step not in (REPLACE.name, WITHDRAW.name):
        return []
    return _of_the_partys(act)


def _of_collectors(act: Act) -> Iterator[Refusal]:
    """A name that somebody typed is no second officer: each collector signed an inquiry of the
    matter with another, or entered a version of the item himself. Whoever passes a review sends
    back what came since it was handed in; the rest was asked of the handlers."""
    rows = rows_of(act.session, act.case.id)
    since = act.dossier.row_of(SUBMIT_REVIEW) if act.step.name == PASS_REVIEW else 0
    asked = (row for row in latest(rows).values() if not row.withdrawn and row.log_seq > since)
    named = {row.n: _accounts(row) for row in asked}
    accounts = {one for item in named.values() for one in item}
    if not accounts:
        return
    done = deeds(act.session, act.case)
    inquired = {
        one for _, _, header in done if len(header["officers"]) > 1 for one in header["officers"]
    }
    signed = inquired | {officer.person_id for officer in act.execution.officers}
    people = act.session.execute(
        select(Account.username, Person.id, Person.name)
        .join(Person, Account.person_id == Person.id)
        .where(Account.username.in_(accounts), Person.id.not_in(signed))
    ).all()
    left = [
        (name, numbers)
        for username, person, name in people
        if (numbers := _not_entered(username, person, named, rows))
    ]
    # Who is to sign second is not known at the first signature; it may be the one who is named.
    if act.step.two_officers and len(act.execution.officers) < 2 and len(left) == 1:
        return
    for name, numbers in left:
        text = (
            f"{numbers}证据登记由{name}收集，{name}没有在本案的任何调查记录上签名，不能证明由两人收集："
            f"请{name}与另一人制作、签署现场笔录等调查记录，或者由{name}本人登记该证据（并撤回原登记），"
            "或者更正收集人"
        )
        yield Refusal("collector_did_not_sign", text, _TWO)


def _not_entered(
    username: str, person: int, named: Mapping[int, set[str]], rows: Sequence[Evidence]
) -> str:
    """The items of which that person is said to be a collector, and entered no version."""
    entered = {row.n for row in rows if row.person_id == person}
    left = (n for n, item in named.items() if username in item and n not in entered)
    return "、".join(f"{n}号" for n in sorted(left))


def _accounts(row: Evidence) -> set[str]:
    """Who is named for what officers collected; a record that two signed names no accounts."""
    if row.said.get("origin") not in {origin.value for origin in BY_OFFICERS}:
        return set()
    return {one["account"] for one in row.said["collectors"] if "account" in one}


def _of_the_partys(act: Act) -> list[Refusal]:
    step = act.step.name
    row = latest(rows_of(act.session, act.case.id)).get(act.filled(Entry).item or 0)
    if row is None or row.said.get("origin") != Origin.PARTY.value:
        return []
    item, file = act.filled(Item), act.filled(Entry).file
    # What is said of it may be put right; a better copy is registered beside it.
    same = (file.sha256 if file else None, item.description) == (
        row.digest,
        row.said.get("description", ""),
    )
    if step == REPLACE.name and item.origin == Origin.PARTY and same:
        return []
    text = (
        f"“{row.said['title']}”由当事人提交，不得撤回、改变内容或者换成其他来源的材料："
        "登记有误的，附原文件更正；另有材料的，另行登记；不采纳的，在复核意见、决定书中说明理由"
    )
    return [Refusal("party_evidence_stays", text, _LAW)]

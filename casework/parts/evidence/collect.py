"""The evidence register (证据)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.handed_in import day_of
from casework.acts.proposals import draft_of
from casework.common.texts import folded
from casework.kernel.facts import FactTable
from casework.models import Account, LogRow, Person, Post
from casework.parts.evidence.register import changed_since, latest, on_file, rows_of
from state_machines.enforcement.exemption.forms import OtherGround
from state_machines.language.vocabulary import Role
from state_machines.parts.evidence.facts import (
    CollectionDay,
    Collectors,
    DeviceRecord,
    DeviceReviewer,
    EvidenceOnFile,
    EvidenceTold,
    ReviewedEvidence,
    Substance,
)
from state_machines.parts.evidence.forms import BY_OFFICERS, Aspect, Kind, Origin

_BY_OFFICERS = frozenset(origin.value for origin in BY_OFFICERS)
# What was seen on the spot, and what the party or somebody else said, or would not say.
_RECORDS = frozenset({Kind.RECORD.value, Kind.STATEMENT.value, Kind.WITNESS.value})
# Fields in which facts and what proves them are written down.
_CITING = ("facts", "evidence", "proof")
_PUNISHING = "《行政处罚法》第四十条、第四十六条、第五十五条"
_LAWS = {"commitment_check": "《行政许可法》第六十一条第二款"}


def certified(act: Act) -> list[dict[str, str]]:
    """The persons named as collectors whose certificate held on the day, each once, with its
    number; of an authority that the case is of."""
    day = day_of(act.input.get("collected_on")) or act.day
    rows = act.session.execute(
        select(Account.username, Person.id, Person.name, Post.certificate_number)
        .join(Person, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.username.in_(act.input.get("collectors", ())),
            Post.authority_id == act.case.authority_id,
            Post.valid_from <= day,
            Post.valid_to.is_(None) | (Post.valid_to >= day),
            Post.certificate_number.is_not(None),
            Post.certificate_expires >= day,
        )
        .order_by(Account.username, Post.id)
    )
    persons: dict[int, dict[str, str]] = {}
    for username, person, name, certificate in rows:
        persons.setdefault(person, {"account": username, "name": name, "certificate": certificate})
    return list(persons.values())


def _collectors(act: Act) -> Collectors:
    held = certified(act)
    named = set(act.input.get("collectors", ()))
    named_accounts = select(Account).where(Account.username.in_(named))
    known = {account.username: account.person_id for account in act.session.scalars(named_accounts)}
    fit = {known[one["account"]] for one in held}
    return Collectors(
        persons=len(held),
        wanted=2 if act.input.get("origin") in _BY_OFFICERS else 1,
        uncertified=tuple(sorted(name for name in named if known.get(name) not in fit)),
    )


def _collection_day(act: Act) -> CollectionDay:
    return CollectionDay(day_of(act.input.get("collected_on")) or act.day, act.day)


def _device_record(act: Act) -> DeviceRecord:
    recorded = [row for row in on_file(act.session, act.case) if _by_device(row.said)]
    return DeviceRecord(
        bool(recorded),
        all(_reviewed_by(row.said, Aspect.LEGAL) for row in recorded),
        all(_reviewed_by(row.said, Aspect.TECHNICAL) for row in recorded),
    )


def _by_device(said: Mapping[str, Any]) -> bool:
    return bool(said.get("origin") == Origin.DEVICE.value)


def _reviewed_by(said: Mapping[str, Any], aspect: Aspect) -> bool:
    return aspect.value in said.get("reviewers", {})


def _device_reviewer(act: Act) -> DeviceReviewer:
    rows = rows_of(act.session, act.case.id)
    versions = [row for row in rows if row.n == act.input.get("item")]
    if not versions:
        return DeviceReviewer(by_device=False, collected_it=False, fit=False)
    said = versions[-1].said
    accounts = {one.get("account", "") for one in said["collectors"]}
    busy = set(act.session.scalars(select(Account.person_id).where(Account.username.in_(accounts))))
    reviews = [row.said.get("reviewers", {}) for row in versions]
    by_review = [
        now and now != before for before, now in zip([{}, *reviews], reviews, strict=False)
    ]
    busy |= {
        row.person_id
        for row, review in zip(versions, by_review, strict=True)
        if row.person_id and not review
    }
    legal = act.input.get("aspect") == Aspect.LEGAL.value
    return DeviceReviewer(
        by_device=_by_device(said),
        collected_it=any(officer.person_id in busy for officer in act.hand.officers),
        fit=(act.hand.role is Role.LEGAL_REVIEWER) == legal,
    )


def _told(act: Act) -> EvidenceTold:
    law = _LAWS.get(act.process.key, _PUNISHING)
    names = [name for one in act.process.binds if one.name == "notice" for name in one.by]
    told = act.session.scalars(
        select(LogRow.seq).where(
            LogRow.case_id == act.case.id,
            LogRow.header["kind"].as_string() == "step",
            LogRow.header["name"].as_string().in_(names),
        )
    )
    seq = max(told, default=None)
    if seq is None:
        return EvidenceTold((), law)
    rows = rows_of(act.session, act.case.id)
    before = {row.n: row for row in rows if row.log_seq <= seq}
    return EvidenceTold(
        tuple(
            f"{row.n}号 {row.said['title']}"
            for row in latest(rows).values()
            if row.log_seq > seq
            and not row.withdrawn
            and row.said["origin"] != Origin.PARTY.value
            # A later look at what was told adds nothing to it.
            and not (row.n in before and before[row.n].digest == row.digest and row.digest)
        ),
        law,
    )


def _substance(act: Act) -> Substance:
    return Substance(bool(act.input.get("file")), bool(act.input.get("description", "").strip()))


def _reviewed(act: Act) -> ReviewedEvidence:
    if act.latest(("pass_review", "return_review", "submit_review")) != "pass_review":
        return ReviewedEvidence("", "", ())
    rows = act.session.execute(
        select(LogRow.seq, LogRow.header).where(LogRow.case_id == act.case.id).order_by(LogRow.seq)
    )
    seq = max(seq for seq, header in rows if header["name"] == "pass_review")
    return ReviewedEvidence(*changed_since(act.session, act.case.id, seq))


def _on_file(act: Act) -> EvidenceOnFile:
    law = _LAWS.get(act.process.key, _PUNISHING)
    if act.data.get("check_other", {}).get("ground") == OtherGround.UNPROVEN:
        return EvidenceOnFile(1, (), law)  # that nothing is proved rests on no proof
    items = on_file(act.session, act.case)
    titles = [folded(str(item.said["title"])) for item in items]
    return EvidenceOnFile(
        sum(item.said["kind"] in _RECORDS and item.digest is not None for item in items),
        tuple(
            name
            for name in dict.fromkeys(_cited(act))
            if not any(_is_called(title, folded(name)) for title in titles)
        ),
        law,
    )


def _is_called(title: str, name: str) -> bool:
    """Whether an item of that title is cited by that name, in full or by the greater part of it
    (`现场照片` for `现场照片三张`)."""
    return name in title or (title in name and len(title) * 2 > len(name))


def _cited(act: Act) -> Iterator[str]:
    """What the case cites as evidence, by its name: what the report on the inquiry lists, and the
    records that are named in the text of what is told, reviewed or decided."""
    for item in act.data.get("close_investigation", {}).get("evidence", ()):
        yield item["item"]
    said = act.input if "facts" in act.input else _drafted(act)
    text = "\n".join(str(said.get(name, "")) for name in _CITING)
    for name in act.rules.value("evidence.cited_records", act.day, act.region):
        if name in text:
            yield name


def _drafted(act: Act) -> Mapping[str, Any]:
    return draft_of(act) or act.data.get("propose_exemption", {})


FACTS: FactTable = {
    CollectionDay: _collection_day,
    Collectors: _collectors,
    DeviceRecord: _device_record,
    DeviceReviewer: _device_reviewer,
    EvidenceOnFile: _on_file,
    EvidenceTold: _told,
    ReviewedEvidence: _reviewed,
    Substance: _substance,
}

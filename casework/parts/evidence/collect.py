"""The evidence register (证据)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.actors import in_force
from casework.acts.proposals import draft_of
from casework.common.texts import folded
from casework.kernel.facts import FactTable
from casework.models import Account, Evidence, Person, Post
from casework.parts.evidence.register import changed_since, is_called, latest, on_file, rows_of
from state_machines.enforcement.exemption.forms import (
    CHECK_OTHER,
    PROPOSE_EXEMPTION,
    OtherGround,
)
from state_machines.enforcement.penalty.forms import CLOSE_INVESTIGATION, UNPROVED, Release
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
from state_machines.parts.evidence.forms import (
    BY_OFFICERS,
    Aspect,
    Citing,
    Entry,
    Item,
    Kind,
    Origin,
    Review,
)
from state_machines.parts.legal_review.forms import PASS_REVIEW, RETURN_REVIEW, SUBMIT_REVIEW

# What was seen on the spot, and what the party or somebody else said, or would not say.
_RECORDS = frozenset({Kind.RECORD.value, Kind.STATEMENT.value, Kind.WITNESS.value})
_PUNISHING = "《行政处罚法》第四十条、第四十六条、第五十五条"
_LAWS = {"commitment_check": "《行政许可法》第六十一条第二款"}


def certified(act: Act) -> list[dict[str, str]]:
    """The persons named as collectors whose certificate held on the day, each once, with its
    number; of an authority that the case is of."""
    item = act.filled(Item)
    day = item.collected_on or act.day
    rows = act.session.execute(
        select(Account.username, Person.id, Person.name, Post.certificate_number)
        .join(Person, Account.person_id == Person.id)
        .join(Post, Post.person_id == Person.id)
        .where(
            Account.username.in_(item.collectors),
            Post.authority_id == act.case.authority_id,
            in_force(day, Post),
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
    item = act.filled(Item)
    named = set(item.collectors)
    named_accounts = select(Account).where(Account.username.in_(named))
    known = {account.username: account.person_id for account in act.session.scalars(named_accounts)}
    fit = {known[one["account"]] for one in held}
    return Collectors(
        persons=len(held),
        wanted=2 if item.origin in BY_OFFICERS else 1,
        uncertified=tuple(sorted(name for name in named if known.get(name) not in fit)),
    )


def _collection_day(act: Act) -> CollectionDay:
    return CollectionDay(act.filled(Item).collected_on or act.day, act.day)


def _device_record(act: Act) -> DeviceRecord:
    recorded = [row for row in on_file(act.session, act.case) if _by_device(row)]
    return DeviceRecord(
        bool(recorded),
        all(_reviewed_by(row, Aspect.LEGAL) for row in recorded),
        all(_reviewed_by(row, Aspect.TECHNICAL) for row in recorded),
    )


def _by_device(row: Evidence) -> bool:
    return bool(row.said.get("origin") == Origin.DEVICE.value)


def _reviewed_by(row: Evidence, aspect: Aspect) -> bool:
    return aspect.value in row.said.get("reviewers", {})


def _device_reviewer(act: Act) -> DeviceReviewer:
    rows = rows_of(act.session, act.case.id)
    versions = [row for row in rows if row.n == act.filled(Entry).item]
    if not versions:
        return DeviceReviewer(by_device=False, collected_it=False, fit=False)
    accounts = {one.get("account", "") for one in versions[-1].said["collectors"]}
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
    legal = act.filled(Review).aspect == Aspect.LEGAL
    return DeviceReviewer(
        by_device=_by_device(versions[-1]),
        collected_it=any(officer.person_id in busy for officer in act.execution.officers),
        fit=(act.execution.role is Role.LEGAL_REVIEWER) == legal,
    )


def _told(act: Act) -> EvidenceTold:
    law = _LAWS.get(act.process.key, _PUNISHING)
    names = [name for bind in act.process.binds if bind.name == "notice" for name in bind.by]
    told = act.dossier.last_step(*names)
    if told is None:
        return EvidenceTold((), law)
    seq = told["seq"]
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
    has_file = act.filled(Entry).file is not None
    return Substance(has_file, bool(act.filled(Item).description.strip()))


def _reviewed(act: Act) -> ReviewedEvidence:
    if act.latest((PASS_REVIEW, RETURN_REVIEW, SUBMIT_REVIEW)) != PASS_REVIEW:
        return ReviewedEvidence("", "", ())
    passed = act.dossier.last(PASS_REVIEW)
    return ReviewedEvidence(
        *changed_since(act.session, act.case.id, passed["seq"] if passed else 0)
    )


def _on_file(act: Act) -> EvidenceOnFile:
    law = _LAWS.get(act.process.key, _PUNISHING)
    checked = act.inputs.at(CHECK_OTHER)
    unproved = act.filled(Release).ground == UNPROVED
    if unproved or (checked and checked.ground == OtherGround.UNPROVEN):
        return EvidenceOnFile(1, (), law)  # that nothing is proved rests on no proof
    items = on_file(act.session, act.case)
    titles = [folded(str(item.said["title"])) for item in items]
    return EvidenceOnFile(
        sum(item.said["kind"] in _RECORDS and item.digest is not None for item in items),
        tuple(
            name
            for name in dict.fromkeys(_cited(act))
            if not any(is_called(title, folded(name)) for title in titles)
        ),
        law,
    )


def _cited(act: Act) -> Iterator[str]:
    """What the case cites as evidence, by its name: what the report on the inquiry lists, and the
    records that are named in the text of what is told, reviewed or decided."""
    closed = act.inputs.at(CLOSE_INVESTIGATION)
    for item in closed.evidence if closed else ():
        yield item.item
    citing = act.filled(Citing)
    if "facts" not in citing.model_fields_set:
        citing = _drafted(act) or citing
    text = "\n".join(map(str, (citing.facts, citing.evidence, citing.proof)))
    for name in act.rules.value("evidence.cited_records", act.day, act.region):
        if name in text:
            yield name


def _drafted(act: Act) -> Citing | None:
    return draft_of(act, Citing) or act.inputs.told(Citing, PROPOSE_EXEMPTION)


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

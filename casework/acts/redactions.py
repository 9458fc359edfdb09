"""Redaction (删除个人信息) as the log tells of it: what was taken out of which row, by which act.

The act's own row names in its header (`redacts`), of each row that lost something: its `seq`, the
`places` in its payload, `what` these are called, the digest of the payload as it `was`, and of what
is `left`, with a salt of its own. The chain goes on holding, since a row's hash covers the digest
of what was there; the former salt is gone, so that nobody finds out by trying what that was.
Files whose bytes were taken away stand beside (`removes`), whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from casework.acts.journal import canonical
from state_machines.language.vocabulary import Role, Step

# The kind of row that takes something away, and of those that propose it or give it back.
REDACTED, ASKED = "redacted", "redaction"
# What stands where something was taken away.
MARK = "（已依法删除）"
# What is left of a file, and its digest.
NOTHING = sha256(b"").hexdigest()
# The item under which the paper is kept that it rests on.
GROUND = "redaction_ground"
LAW = "《个人信息保护法》第四十七条"
BASES = {
    "request": "依个人申请（《个人信息保护法》第四十七条第一款）",
    "judgment": "依生效裁判",
}
PROPOSED_BY = (Role.SUPERVISOR, Role.LEGAL_REVIEWER)
CONFIRMED_BY = (Role.APPROVER,)
PROPOSE, REDACT, RETURN = "propose_redaction", "redact", "return_redaction"
STEPS = {
    PROPOSE: Step(PROPOSE, "提出删除个人信息", {}, PROPOSED_BY),
    REDACT: Step(REDACT, "删除个人信息", {}, CONFIRMED_BY),
    RETURN: Step(RETURN, "退回删除个人信息的提议", {}, (*PROPOSED_BY, *CONFIRMED_BY)),
}

# A place in a payload: the keys that lead to a text.
Place = tuple[str | int, ...]
# Where a payload says what somebody filled in, and what was read from that.
_BRANCHES: tuple[Place, ...] = (
    ("input",), ("facts",), ("caused", "amended"), ("caused", "registered")
)  # fmt: skip


class Row(Protocol):
    """A row of a log, from the database or from a court file."""

    @property
    def seq(self) -> int: ...
    @property
    def header(self) -> Mapping[str, Any]: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...
    @property
    def payload_digest(self) -> str: ...


@dataclass(frozen=True)
class Taken:
    """What a redaction took out of one row."""

    seq: int
    places: tuple[Place, ...]
    what: tuple[str, ...]
    was: str
    left: str

    @property
    def as_told(self) -> dict[str, Any]:
        """As the header of the redaction's row has it."""
        return {
            "seq": self.seq,
            "places": [list(place) for place in self.places],
            "what": list(self.what),
            "was": self.was,
            "left": self.left,
        }


@dataclass(frozen=True)
class Removed:
    """A file whose bytes a redaction took away: its row of a table, `of` which paper of the court
    file it is, and the row's leaf in the daily roots as it `was` and as it is `left`, if what they
    seal went as well."""

    table: str
    id: int
    of: Mapping[str, Any]
    what: str
    sha256: str
    was: str = ""
    left: str = ""

    @property
    def claim(self) -> str:
        """Which paper of the court file it is, as canonical JSON."""
        return canonical(self.of)


@dataclass(frozen=True)
class Redactions:
    """What the redactions of one log say: by row what they took, one after the other, the files
    that they `removed`, and what is wrong with their own rows."""

    taken: Mapping[int, Sequence[Taken]] = field(default_factory=dict)
    removed: Sequence[Removed] = ()
    wrong: Sequence[tuple[int, str]] = ()

    def digest(self, row: Row) -> str:
        """The digest that the payload of a row must have by now."""
        return self.taken[row.seq][-1].left if row.seq in self.taken else row.payload_digest

    def still_there(self, row: Row) -> bool:
        """Whether anything stands yet in a row that was taken away."""
        places = [place for one in self.taken.get(row.seq, ()) for place in one.places]
        return any(_at(row.payload, place) != MARK for place in places)


def texts_in(payload: Mapping[str, Any]) -> Iterator[tuple[Place, str]]:
    """Each text that was filled in, or read from what was, with its place."""
    for branch in _BRANCHES:
        yield from _texts(_at(payload, branch), branch)


def without(payload: Mapping[str, Any], places: Sequence[Place]) -> dict[str, Any]:
    """The payload with nothing but the mark at these places."""
    left = deepcopy(dict(payload))
    for *way, last in places:
        _at(left, tuple(way))[last] = MARK
    return left


def redactions_of(log: Sequence[Row]) -> Redactions:
    """What the redactions of a log say, and what is wrong with the rows that say it: whoever forges
    one row hides no other."""
    taken: dict[int, list[Taken]] = {}
    removed: list[Removed] = []
    wrong: list[tuple[int, str]] = []
    before: dict[int, Row] = {}
    for row in log:
        if isinstance(row.header, Mapping) and row.header.get("kind") == REDACTED:
            try:
                parts, files = taken_by(row.header), removed_by(row.header)
                if not (parts or files):
                    wrong.append((row.seq, "删除个人信息没有写明删除了哪些内容"))
                removed += files
                wrong += [(row.seq, text) for text in _wrong(row.header, parts, before, taken)]
                for part in parts:
                    taken.setdefault(part.seq, []).append(part)
            except (TypeError, KeyError, ValueError, AttributeError):
                wrong.append((row.seq, "删除个人信息的记载不能读取"))
        else:
            before[row.seq] = row
    return Redactions(taken, removed, wrong)


def taken_by(header: Mapping[str, Any]) -> list[Taken]:
    """What the row of a redaction says it took. Raises an exception if it says none of that."""
    return [
        Taken(
            one["seq"],
            tuple(tuple(place) for place in one["places"]),
            tuple(one["what"]),
            one["was"],
            one["left"],
        )
        for one in header.get("redacts", ())
    ]


def removed_by(header: Mapping[str, Any]) -> list[Removed]:
    """The files that the row of a redaction says it took away. Raises as `taken_by`."""
    return [Removed(**one) for one in header.get("removes", ())]


def gone_by(header: Mapping[str, Any]) -> list[tuple[int, str]]:
    """What the row of a redaction says is gone, for people: of which rows, and what."""
    texts = [(one.seq, "、".join(one.what)) for one in taken_by(header)]
    return [*texts, *((one.of["seq"], one.what) for one in removed_by(header))]


def told(number: str, row: Row) -> str:
    """A redaction in one line, for whoever proves the log."""
    payload = row.payload
    parts = "；".join(f"第 {seq} 行{what}" for seq, what in gone_by(row.header))
    by = "、".join(payload["signed"])
    return (
        f"{number} 第 {row.seq} 行{BASES[payload['basis']]}删除了个人信息（{parts}），"
        f"{by}办理，依据“{payload['document']}”"
    )


def _wrong(
    header: Mapping[str, Any],
    parts: Sequence[Taken],
    before: Mapping[int, Row],
    taken: Mapping[int, Sequence[Taken]],
) -> Iterator[str]:
    officers = header["officers"]
    if len(officers) != 2 or len(set(officers)) != 2:
        yield "删除个人信息没有由两人提出和确认"
    if header["role"] not in PROPOSED_BY:
        yield "删除个人信息不是由有权的岗位提出的"
    if len({one.seq for one in parts}) != len(parts):
        yield "删除个人信息把一行写了两次"
    for one in parts:
        row = before.get(one.seq)
        if row is None or not one.places:
            yield f"所删除的第 {one.seq} 行不是可以删除的记载"
            continue
        former = taken.get(one.seq)
        if one.was != (former[-1].left if former else row.payload_digest):
            yield f"所删除的第 {one.seq} 行与删除以前的内容不一致"
        if not all(any(place[: len(way)] == way for way in _BRANCHES) for place in one.places):
            yield f"所删除的第 {one.seq} 行不是填写的内容"


def _at(value: Any, place: Place) -> Any:
    """What stands at a place; None if there is no such place."""
    for key in place:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return None
    return value


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _texts(inner, (*place, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from _texts(inner, (*place, n))

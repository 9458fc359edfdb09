"""The rules in force: editions from the database, by key, place and date.

Rows are immutable, so they are read once and again only when a new one has come.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, TypeVar, cast

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer

from casework.common.problems import Misconfigured
from casework.models import EditionRow
from casework.rules.counting import WorkCalendar
from casework.rules.rendering import Template, compile_template
from rulebook.models import (
    Course,
    CreditItem,
    DocumentKind,
    Edition,
    GradingTable,
    GuidanceList,
    KeySetting,
    Leniency,
    Limit,
    Materials,
    Matter,
    PlaceKind,
    Platform,
    Quiz,
    RatingTable,
    Region,
    Register,
    Rule,
    Violation,
    parse_content,
)

R = TypeVar("R", bound=Rule)

_MOST_FOUND = 20_000  # answers kept at hand by one state of the rules

_LIMIT_IN_TEXT = re.compile(r"\{([a-z_.]+)\}")


@dataclass(frozen=True)
class Held:
    """One edition in memory."""

    edition: Edition
    digest: str
    blob: bytes | None

    def holds_on(self, day: date) -> bool:
        """Whether it is valid on that day."""
        last = self.edition.valid_to
        return self.edition.valid_from <= day and (last is None or day <= last)

    @cached_property
    def rule(self) -> Rule:
        return parse_content(self.edition.kind, self.edition.content)

    @cached_property
    def template(self) -> Template:
        if self.blob is None:
            raise Misconfigured(f"模板“{self.edition.key}”没有内容")
        return compile_template(self.blob, self.edition.key)


class Rules:
    """All editions that were known at one moment."""

    def __init__(self, held: Iterable[Held]) -> None:
        self._by_key: dict[tuple[str, str], list[Held]] = defaultdict(list)
        self._by_digest: dict[str, Held] = {}
        for one in held:  # later rows later: of two that hold, the one loaded last wins
            self._by_key[one.edition.kind, one.edition.key].append(one)
            self._by_digest[one.digest] = one
        # One step asks for the same dozens of times, and what is known here never changes.
        self._find: Callable[[str, str, date, str], Held] = lru_cache(_MOST_FOUND)(self._sought)

    def keys(self, kind: str) -> list[str]:
        """Every key of a kind."""
        return [key for a_kind, key in self._by_key if a_kind == kind]

    def limit(self, key: str, on: date, region: str) -> tuple[Limit, str]:
        """The limit in force and the digest of its edition. Raises Misconfigured."""
        held = self._find("limit", key, on, region)
        return _typed(held, Limit), held.digest

    def limit_by_digest(self, digest: str) -> Limit:
        """The limit of a known edition, as pinned by a running clock."""
        return _typed(self._by_digest[digest], Limit)

    def setting(self, key: str, on: date, region: str) -> KeySetting:
        """A configuration key with its law. Raises Misconfigured."""
        return _typed(self._find("key", key, on, region), KeySetting)

    def with_limits(self, text: str, on: date, region: str) -> str:
        """The wording with each `{limit.key}` as the length in force: figures stand in one place.

        Raises Misconfigured for a limit that is not there.
        """

        def length(found: re.Match[str]) -> str:
            limit, _ = self.limit(found[1], on, region)
            return limit.text

        return _LIMIT_IN_TEXT.sub(length, text)

    def value(self, key: str, on: date, region: str) -> Any:
        """The value of a configuration key. Raises Misconfigured."""
        return self.setting(key, on, region).value

    def matter(self, key: str, on: date, region: str) -> Matter:
        """A licensing matter. Raises Misconfigured."""
        return _typed(self._find("matter", key, on, region), Matter)

    def materials(self, key: str, on: date, region: str) -> Materials:
        """The materials list of a matter. Raises Misconfigured."""
        return _typed(self._find("materials", key, on, region), Materials)

    def quiz(self, key: str, on: date, region: str) -> Quiz:
        """The pre-licence education of a matter. Raises Misconfigured."""
        return _typed(self._find("quiz", key, on, region), Quiz)

    def guidance(self, key: str, on: date, region: str) -> GuidanceList:
        """The guidance list to compliance. Raises Misconfigured."""
        return _typed(self._find("guidance", key, on, region), GuidanceList)

    def register(self, key: str, on: date, region: str) -> Register:
        """What the ledger of publication calls a register. Raises Misconfigured."""
        return _typed(self._find("register", key, on, region), Register)

    def platforms(self, on: date, region: str) -> list[Platform]:
        """The systems of other authorities that decisions are pushed to that day, from there."""
        found = []
        for key in self.keys("platform"):
            with suppress(Misconfigured):  # one that another place, or another day, has
                found.append(_typed(self._find("platform", key, on, region), Platform))
        return found

    def place_kind(self, key: str, on: date, region: str) -> PlaceKind:
        """How the law treats a kind of place. Raises Misconfigured."""
        return _typed(self._find("place_kind", key, on, region), PlaceKind)

    def place_kinds(self, on: date, region: str) -> list[PlaceKind]:
        """Every kind of place known that day, in the rulebook's order."""
        return [self.place_kind(key, on, region) for key in self.keys("place_kind")]

    def violation(self, key: str, on: date, region: str) -> tuple[Violation, Edition]:
        """A violation (案由), and the edition it stands in. Raises Misconfigured."""
        held = self._find("violation", key, on, region)
        return _typed(held, Violation), held.edition

    def leniency(self, key: str, on: date, region: str) -> tuple[Leniency, Edition]:
        """An entry of a list of leniency, and its edition. Raises Misconfigured."""
        held = self._find("leniency", key, on, region)
        return _typed(held, Leniency), held.edition

    def known(self, kind: str, on: date, region: str) -> list[str]:
        """The keys of a kind of which an edition holds there on that day."""
        found = []
        for key in self.keys(kind):
            with suppress(Misconfigured):
                self._find(kind, key, on, region)
                found.append(key)
        return found

    def document(self, key: str, on: date, region: str) -> DocumentKind:
        """A document of the catalogue. Raises Misconfigured."""
        return _typed(self._find("document", key, on, region), DocumentKind)

    def credit_item(self, key: str, on: date, region: str) -> CreditItem:
        """What the catalogue says of a kind of credit event. Raises Misconfigured."""
        return _typed(self._find("credit_item", key, on, region), CreditItem)

    def courses(self, on: date, region: str) -> list[Course]:
        """Every course of the credit training, in the rulebook's order."""
        return [
            _typed(self._find("course", key, on, region), Course) for key in self.keys("course")
        ]

    def rating_table(self, on: date, region: str) -> tuple[RatingTable, str]:
        """The rating table in force and the digest of its edition. Raises Misconfigured."""
        held = self._find("rating_table", "credit", on, region)
        return _typed(held, RatingTable), held.digest

    def grading_table(self, on: date, region: str) -> tuple[GradingTable, str]:
        """The table by which places are graded, and the digest of its edition. Raises
        Misconfigured."""
        held = self._find("grading_table", "public_places", on, region)
        return _typed(held, GradingTable), held.digest

    def template(self, key: str, on: date, region: str) -> tuple[Template, str]:
        """A document's Word template and the digest of its edition. Raises Misconfigured."""
        file = self.document(key, on, region).template
        held = self._find("template", file.removesuffix(".docx"), on, region)
        return held.template, held.digest

    def edition(self, digest: str) -> Edition | None:
        """The edition of that digest, whenever it held; None if there is none."""
        held = self._by_digest.get(digest)
        return held.edition if held else None

    def template_by_digest(self, digest: str) -> Template:
        """The template of a known edition, as a document was issued with it."""
        return self._by_digest[digest].template

    def region(self, code: str) -> Region:
        """An administrative region. Raises Misconfigured."""
        found = self._by_key.get(("region", code))
        if not found:
            raise Misconfigured(f"没有行政区划“{code}”")
        return _typed(found[-1], Region)

    def chain(self, code: str) -> Iterator[str]:
        """The region and those above it: 区, 市, 省."""
        at: str | None = code
        while at and (("region", at) in self._by_key):
            yield at
            at = self.region(at).parent

    @cached_property
    def calendar(self) -> WorkCalendar:
        """The working-day calendar from every edition known."""
        editions = (held.edition for held in self._by_key.get(("calendar", "china"), []))
        return WorkCalendar(editions)

    def editions(self, kind: str, key: str, region: str) -> list[Edition]:
        """All editions of a key that are for a region or a place around it, the latest first."""
        scopes = {*self.chain(region), None}
        held = (one.edition for one in self._by_key.get((kind, key), []))
        return sorted(
            (edition for edition in held if edition.scope in scopes),
            key=lambda edition: edition.valid_from,
            reverse=True,
        )

    def _sought(self, kind: str, key: str, on: date, region: str) -> Held:
        """The edition in force on the day, of the region or the nearest above it; of two that hold
        there the one that was loaded last. One that was loaded again from its first day on, say
        with its last day, holds no more. Raises Misconfigured."""
        known = self._by_key.get((kind, key), [])
        for scope in (*self.chain(region), None):
            said: set[date] = set()
            for held in reversed(known):
                first = held.edition.valid_from
                if held.edition.scope != scope or first in said:
                    continue
                if held.holds_on(on):
                    return held
                said.add(first)
        raise Misconfigured(f"规则库中没有 {on:%Y-%m-%d} 有效的“{kind} {key}”，请由管理员补充")


def _typed(held: Held, kind: type[R]) -> R:
    """The rule of an edition. Raises Misconfigured if it is of another kind."""
    rule = held.rule
    if not isinstance(rule, kind):
        raise Misconfigured(f"“{held.edition.kind} {held.edition.key}”的内容类型不符")
    return rule


_SEEN = select(func.max(EditionRow.id), func.count())


class RuleCache:
    """Keeps the latest `Rules` at hand; safe for threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen = (-1, 0)
        self._rules = Rules(())

    def current(self, session: Session) -> Rules:
        """The rules as this transaction first saw them; one short statement when nothing is new."""
        if known := session.info.get("rules"):
            return cast(Rules, known)
        session.info["rules"] = rules = self._current(session)
        return rules

    def _current(self, session: Session) -> Rules:
        # The count as well: a row may become visible after one with a higher id.
        newest, number = session.execute(_SEEN).one()
        seen = (newest or 0, number)
        with self._lock:
            if seen != self._seen:
                self._rules = Rules(_held(session))
                self._seen = seen
            return self._rules


# What bears one digest is the same in every database (`verify` sees to that), so it is read and
# compiled once a process.
_HELD: dict[str, Held] = {}


def _held(session: Session) -> list[Held]:
    """Every edition in the database, in the order in which they were loaded."""
    digests = session.scalars(select(EditionRow.digest).order_by(EditionRow.id)).all()
    if unknown := set(digests) - _HELD.keys():
        rows = session.scalars(
            select(EditionRow)
            .where(EditionRow.digest.in_(unknown))
            .options(undefer(EditionRow.blob))
        )
        _HELD.update({row.digest: as_held(row) for row in rows})
    return [_HELD[digest] for digest in digests]


def as_held(row: EditionRow) -> Held:
    """An edition as it is held in memory."""
    edition = Edition(
        kind=row.kind,
        key=row.key,
        scope=row.scope,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        content=row.content,
        law=row.law,
        mark=row.mark,  # type: ignore[arg-type]  # only validated editions are loaded
        source=row.source,
    )
    return Held(edition, row.digest, row.blob)

"""Finding cases (查找案件) by what somebody typed: exact keys first, then names and addresses.

Width, case and blanks do not matter, since the database makes both sides comparable by one function
(`search_text`, migration 0013); blanks separate words that must all be there. Whole keys are a
case's number, a party's code and the number of a licence or document. Names of parties and places,
and addresses, are found by the characters and pairs of characters in them, which are indexed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from unicodedata import normalize

from sqlalchemy import BigInteger, ColumnElement, Text, any_, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.access.readers import Reader
from casework.common.codes import normalise
from casework.models import Case, CaseSearch, NumberEntry, Party

# Up to so many cases are gathered and put in order. What is in more of them is met soon enough by
# going on through the list.
MANY = 5000
# Of the pairs of characters in a long word so many are looked up, as few of so many cases have.
_TELLING = 4
# Words are common that so many of the latest cases hold: among a million, more than are gathered.
_LATEST = 1000
_COMMON = 10
# Fewer of a number's last digits are in too many numbers.
_SHORTEST_END = 4
_ESCAPE = "\\"


@dataclass(frozen=True)
class Words:
    """What was typed, ready to be compared: the words, all of which must be there, and by which
    of their `grams` they are looked up."""

    words: tuple[str, ...]
    grams: tuple[str, ...]

    def held_in(self, said: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Whether a text made by `search_text` holds them."""
        return _all(said.like(f"%{_plain(word)}%", escape=_ESCAPE) for word in self.words)

    def indexed_in(
        self, said: ColumnElement[str] | InstrumentedAttribute[str]
    ) -> ColumnElement[bool]:
        """As `held_in`, by an index on the text's `search_grams`."""
        indexed = func.search_grams(said, type_=ARRAY(Text)).contains(list(self.grams))
        return indexed & self.held_in(said)


def words_of(session: Session, typed: str) -> Words:
    """The words of what was typed."""
    word = func.unnest(literal(typed.split(), ARRAY(Text))).column_valued("word")
    found = session.scalars(select(func.search_text(word)))
    words = tuple(word for word in found if word)
    return Words(words, _grams(words))


def holding(session: Session, cases: Sequence[int], typed: str, words: Words) -> frozenset[int]:
    """Which of these cases hold the words in a name or an address, or end in what was typed."""
    rows = session.scalars(
        select(CaseSearch.case_id).where(
            is_among(CaseSearch.case_id, cases),
            or_(words.held_in(CaseSearch.said), *_ends_in(typed)),
        )
    )
    return frozenset(rows)


def is_among(column: InstrumentedAttribute[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a key is among these, which go to the database as one value, however many."""
    return column == any_(literal(sorted(ids), ARRAY(BigInteger)))


def by_key(session: Session, typed: str) -> ColumnElement[bool] | None:
    """The condition for cases that bear what was typed as a key; None if it is none."""
    folded = normalize("NFKC", typed)
    party = session.scalar(select(Party.id).where(Party.code == normalise(folded)))
    if party is not None:
        return Case.party_id == party
    keys = {typed, folded, folded.upper()}
    ids = set(session.scalars(select(Case.id).where(Case.number.in_(keys))))
    numbered = session.execute(
        select(Case.id, func.coalesce(Case.family_id, Case.id))
        .join(NumberEntry, NumberEntry.case_id == Case.id)
        .where(NumberEntry.text.in_(keys))
    ).all()
    if numbered:
        ids |= {case_id for case_id, _ in numbered}
        # The licence bears the number that the application's document was given.
        ids |= set(
            session.scalars(
                select(Case.id).where(
                    Case.family_id.in_({family for _, family in numbered}),
                    Case.data["application"]["number"].as_string().in_(keys),
                )
            )
        )
    return is_among(Case.id, ids) if ids else None


def by_words(
    session: Session, reader: Reader, typed: str, words: Words
) -> ColumnElement[bool] | None:
    """The condition for cases, of those that the reader may see and others, that hold the words in
    a name or an address, or end in what was typed; None if there are too many of them."""
    ways = [select(CaseSearch.case_id).where(end) for end in _ends_in(typed)]
    if reader.authorities:
        of_mine = CaseSearch.authorities.overlap(sorted(reader.authorities))
        ways.append(select(CaseSearch.case_id).where(of_mine, words.indexed_in(CaseSearch.said)))
    if reader.parties:
        ways.append(
            select(CaseSearch.case_id)
            .join(Case, Case.id == CaseSearch.case_id)
            .where(Case.party_id.in_(reader.parties), words.held_in(CaseSearch.said))
        )
    found: set[int] = set()
    for way in ways:
        found |= set(session.scalars(way.limit(MANY + 1)))
        if len(found) > MANY:
            return None
    return is_among(Case.id, found)


def _ends_in(typed: str) -> list[ColumnElement[bool]]:
    """The condition on `CaseSearch` under which a case's number ends in what was typed, if that is
    long enough to tell cases apart."""
    end = normalize("NFKC", typed).upper()
    if len(end) < _SHORTEST_END:
        return []
    return [func.reverse(CaseSearch.number).like(f"{_plain(end[::-1])}%", escape=_ESCAPE)]


def telling(session: Session, words: Words) -> tuple[Words, bool]:
    """The words, looked up by those of their pairs of characters only that fewest of the latest
    cases have, and whether even so they are common. To look up what very many cases have takes
    longer than to go through the list until enough of them were met."""
    latest = select(CaseSearch.said).order_by(CaseSearch.case_id.desc()).limit(_LATEST).subquery()
    held = select(func.count()).where(words.held_in(latest.c.said)).scalar_subquery()
    gram = func.unnest(literal(list(words.grams), ARRAY(Text))).column_valued("gram")
    times = select(func.count()).where(func.strpos(latest.c.said, gram) > 0).scalar_subquery()
    rows = session.execute(
        select(gram, times.label("times"), held.label("held"))
        .order_by(text("times"), gram)
        .limit(_TELLING)
    ).all()
    return replace(words, grams=tuple(row.gram for row in rows)), rows[0].held >= _COMMON


def _grams(words: Iterable[str]) -> tuple[str, ...]:
    """What the index knows of words: their pairs of characters, of one alone that one."""
    pairs = {word[n : n + 2] for word in words for n in range(max(1, len(word) - 1))}
    return tuple(sorted(pairs))


def _plain(word: str) -> str:
    """A word in which no sign is a pattern."""
    for sign in (_ESCAPE, "%", "_"):
        word = word.replace(sign, _ESCAPE + sign)
    return word


def _all(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    """All of these conditions as one; there is at least one."""
    first, *others = conditions
    for condition in others:
        first = first & condition
    return first

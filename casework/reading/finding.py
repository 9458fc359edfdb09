"""Finding cases (查找案件) by what somebody typed: exact keys first, then names and addresses.

Width, case and blanks do not matter, since the database makes both sides comparable by one function
(`search_text`, migration 0013); blanks separate words that must all be there. Whole keys are a
case's number, a party's code and the number of a licence or document. Names of parties and places,
and addresses, are found by the characters and pairs of characters in them, which are indexed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from sqlalchemy import BigInteger, ColumnElement, Text, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, Session

from casework.codes import normalise
from casework.models import Case, CaseSearch, NumberEntry, Party
from casework.reading.access import Reader

# Up to so many cases are gathered and put in order. What is in more of them is met soon enough by
# going through the list itself.
MANY = 2000
# Fewer of a number's last digits are in too many numbers.
_SHORTEST_END = 4
_ESCAPE = "\\"


@dataclass(frozen=True)
class Words:
    """What was typed, ready to be compared: the words, all of which must be there."""

    words: tuple[str, ...]

    def held_in(self, text: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[bool]:
        """Whether a text made by `search_text` holds them."""
        return _all(text.like(f"%{_plain(word)}%", escape=_ESCAPE) for word in self.words)

    def indexed_in(
        self, text: ColumnElement[str] | InstrumentedAttribute[str]
    ) -> ColumnElement[bool]:
        """As `held_in`, by an index on the text's `search_grams`."""
        grams = {gram for word in self.words for gram in _grams(word)}
        indexed = func.search_grams(text, type_=ARRAY(Text)).contains(sorted(grams))
        return indexed & self.held_in(text)


@dataclass(frozen=True)
class Found:
    """The cases looked for: those that meet `condition`, or if that is None, because there are too
    many, those whose `said` holds the `words`."""

    condition: ColumnElement[bool] | None
    words: Words


def words_of(session: Session, typed: str) -> Words:
    """The words of what was typed."""
    word = func.unnest(literal(typed.split(), ARRAY(Text))).column_valued("word")
    found = session.scalars(select(func.search_text(word)))
    return Words(tuple(word for word in found if word))


def find_cases(session: Session, reader: Reader, typed: str) -> Found:
    """The cases that somebody means, of those that the reader may see and others."""
    words = words_of(session, typed)
    exact = _by_key(session, typed.strip())
    if exact is not None:
        return Found(exact, words)
    ids = _by_words(session, reader, words, typed.strip())
    return Found(None if ids is None else is_among(Case.id, ids), words)


def holding(session: Session, cases: Sequence[int], words: Words) -> frozenset[int]:
    """Which of these cases hold the words in a name or an address."""
    rows = session.scalars(
        select(CaseSearch.case_id).where(
            is_among(CaseSearch.case_id, cases), words.held_in(CaseSearch.said)
        )
    )
    return frozenset(rows)


def is_among(column: InstrumentedAttribute[int], ids: Iterable[int]) -> ColumnElement[bool]:
    """Whether a key is among these, which go to the database as one value, however many."""
    return column == any_(literal(sorted(ids), ARRAY(BigInteger)))


def _by_key(session: Session, typed: str) -> ColumnElement[bool] | None:
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


def _by_words(session: Session, reader: Reader, words: Words, typed: str) -> frozenset[int] | None:
    """The cases that hold the words; None if there are too many."""
    if not words.words:
        return frozenset()
    ways = []
    if reader.authorities:
        of_mine = CaseSearch.authorities.overlap(sorted(reader.authorities))
        ways.append(select(CaseSearch.case_id).where(of_mine, words.indexed_in(CaseSearch.said)))
    if reader.parties:
        ways.append(
            select(CaseSearch.case_id)
            .join(Case, Case.id == CaseSearch.case_id)
            .where(Case.party_id.in_(reader.parties), words.held_in(CaseSearch.said))
        )
    end = normalize("NFKC", typed).upper()
    if len(end) >= _SHORTEST_END:
        backwards = func.reverse(CaseSearch.number).like(f"{_plain(end[::-1])}%", escape=_ESCAPE)
        ways.append(select(CaseSearch.case_id).where(backwards))
    found: set[int] = set()
    for way in ways:
        found |= set(session.scalars(way.limit(MANY + 1)))
        if len(found) > MANY:
            return None
    return frozenset(found)


def _grams(word: str) -> Iterable[str]:
    """What the index knows of a word: its pairs of characters, or its only one."""
    return (word[n : n + 2] for n in range(max(1, len(word) - 1)))


def _plain(word: str) -> str:
    """A word in which no sign is a pattern."""
    for sign in (_ESCAPE, "%", "_"):
        word = word.replace(sign, _ESCAPE + sign)
    return word


def _all(conditions: Iterable[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *others = conditions
    for condition in others:
        first = first & condition
    return first

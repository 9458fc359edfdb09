"""Finding cases: the same as a plain search through all of them would, and each list in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import and_, event, exists, or_, select, text

from casework import reading
from casework.access import finding
from casework.access.readers import Reader, reader_of, visible
from casework.common.database import engine_for
from casework.duties.reminders import send_reminders
from casework.grading.place_grading.reading import published_grades
from casework.models import (
    Case,
    CaseSearch,
    CaseWaiting,
    NumberEntry,
    Participant,
    Party,
    Place,
    Post,
)
from casework.people import parties
from casework.publicity import publications
from casework.reading.lists import places
from casework.reading.lists.wanted import NOBODY, Days, Wanted
from rulebook.tree import ROOT
from state_machines.language.vocabulary import Role
from tests.support.journeys import Numbers, usual
from tests.support.people import proof_of
from tests.support.town import APPLICANT, INSPECTORS, Town

# Outside the BMP, of both widths, with blanks, and all that a pattern could take for something.
NAMES = (
    "滨江宾馆", "滨江大酒店", "江滨宾馆", "𠮷祥𡈽菜馆", "𠮷野家", "ＡＢＣ Ｈｏｔｅｌ", "abc旅店",
    "100%好店", "1000_好店", "a\\b店", "ﬁt健身café", "7天（人民路）", "7天(人民路)店", "喆",
    "南通　滨　江", "'; --", "宾馆宾馆",
)  # fmt: skip
_PIECES = sorted({piece for name in NAMES for piece in (*name, *re.findall("..", name))})


@pytest.fixture(scope="module")
def named_town(module_town: Town) -> Town:
    """A town of places, parties and streets with those names, each combined with another."""
    town = module_town
    for n, name in enumerate(NAMES):
        number = town.apply(
            address=f"{NAMES[-n - 1]}路{n}号", by=("applicant", "applicant2")[n % 2]
        )
        if n % 3:
            town.attach(number, by=("applicant", "applicant2")[n % 2])
            town.take(number, "submit", ("applicant", "applicant2")[n % 2])
        with town.session() as session:
            case = session.scalars(select(Case).where(Case.number == number)).one()
            said = case.data["application"] | {"place_name": name}
            case.data = {**case.data, "application": said}
    with town.session() as session:
        for n, party in enumerate(session.scalars(select(Party).order_by(Party.id))):
            party.name = f"{party.name}{NAMES[n % len(NAMES)]}"
    return town


def numbers(town: Town, who: str, limit: int = 100, **wanted: Any) -> list[str]:
    """What somebody is shown, all pages of it."""
    found: list[str] = []
    cursor = None
    while True:
        with town.session() as session:
            page = reading.cases(
                town.office,
                session,
                town.people[who],
                Wanted(**wanted),
                cursor=cursor,
                limit=limit,
            )
        found += [line.number for line in page.cases]
        cursor = page.next_cursor
        if cursor is None:
            return found


def comparable(said: str) -> str:
    return re.sub(r"\s", "", normalize("NFKC", said)).lower()


def plainly(town: Town, who: str, typed: str) -> list[str]:
    """What a plain search through all that somebody sees finds, newest first."""
    words = [comparable(word) for word in typed.split()]
    with town.session() as session:
        reader = reader_of(town.office, session, town.people[who])
        rows = session.execute(
            select(Case, Party.name, Place.address)
            .join(Party, Party.id == Case.party_id)
            .outerjoin(Place, Place.id == Case.place_id)
            .where(visible(reader))
            .order_by(Case.id.desc())
        )
        return [
            case.number
            for case, party, street in rows
            if all(
                any(
                    word in comparable(said or "")
                    for said in (party, case.data["application"].get("place_name"), street)
                )
                for word in words
            )
        ]


typed = st.one_of(
    st.sampled_from(NAMES),
    st.lists(st.sampled_from(_PIECES), min_size=1, max_size=3).map("".join),
    st.lists(st.sampled_from([*NAMES, *_PIECES]), min_size=2, max_size=2).map("　".join),
    st.text(st.sampled_from("".join(NAMES)), min_size=1, max_size=4),
).filter(str.strip)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("many", "common"),
    [(2000, 1000), (3, 1000), (0, 1000), (0, 1)],
    ids=["few", "some", "too many", "common"],
)
def test_a_search_finds_what_a_plain_one_would(
    named_town: Town, monkeypatch: pytest.MonkeyPatch, many: int, common: int
) -> None:
    monkeypatch.setattr(finding, "MANY", many)
    monkeypatch.setattr(finding, "_COMMON", common)
    monkeypatch.setattr(places, "_SOON", 6)
    monkeypatch.setattr(places, "_FIRST", 2)
    monkeypatch.setattr(places, "_BATCH", 4)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(typed, st.sampled_from(["window", "applicant", "window_b"]))
    def same(words: str, who: str) -> None:
        assert numbers(named_town, who, q=words, limit=3) == plainly(named_town, who, words)

    same()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("abc", 2),  # full width, and in capitals
        ("ＡＢＣ", 2),
        ("𠮷", 2),
        ("7天(人民路)", 2),
        ("滨江", 3),  # blanks of any width do not matter
        ("fit CAFÉ", 1),
        ("%", 1),
        ("\\", 1),
        ("  ", len(NAMES)),
        ("查无此店", 0),
    ],
)
def test_width_case_and_signs_are_as_one_expects(named_town: Town, words: str, found: int) -> None:
    own = [*numbers(named_town, "applicant", q=words), *numbers(named_town, "applicant2", q=words)]
    with named_town.session() as session:
        names = [
            case.data["application"]["place_name"]
            for case in session.scalars(select(Case).where(Case.number.in_(own)))
        ]
    wanted = [comparable(word) for word in words.split()]
    assert len([one for one in names if all(w in comparable(one) for w in wanted)]) == found


class TestKeys:
    """Whole keys come first, and find what they are of."""

    def test_the_number_of_case_licence_or_document(self, town: Town) -> None:
        number = town.granted()
        licence = town.relative(number, "licence")
        said = licence.data["application"]["number"]
        for who in ("window", "applicant"):
            assert numbers(town, who, q=number) == [number]
            assert numbers(town, who, q=f" {number.lower()} ") == [number]
            assert numbers(town, who, q=number[-6:]) == [number]
            assert numbers(town, who, q=said) == [licence.number, number]
        with town.session() as session:
            entries = session.execute(
                select(NumberEntry.text, Case.number).join(Case, Case.id == NumberEntry.case_id)
            ).all()
        for entry, of in entries:
            assert of in numbers(town, "window", q=entry)
            assert numbers(town, "window_b", q=entry) == numbers(town, "applicant2", q=entry) == []

    def test_a_code_finds_all_cases_of_its_party_and_no_other(self, town: Town) -> None:
        number = town.granted()
        other = town.apply(by="applicant2", address="南通市崇川区濠北路2号")
        wide = APPLICANT.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789T"})
        for code in (APPLICANT, APPLICANT.lower(), f"{APPLICANT[:6]} {APPLICANT[6:]}", wide):
            found = numbers(town, "applicant", q=code)
            assert number in found
            assert len(found) == 3
            assert other not in numbers(town, "window", q=code)

    def test_narrowing_and_queues_hold_for_what_is_found(self, town: Town) -> None:
        number = town.granted()
        for q in (number, APPLICANT, "滨江"):
            assert numbers(town, "window", q=q, queue="mine_to_do") == [number]
            assert numbers(town, "inspector1", q=q, queue="mine_to_do") == []
            assert number in numbers(town, "inspector1", q=q, queue="open")
            assert numbers(town, "window", q=q, state="refused") == []
            assert numbers(town, "window", q=q, process="instant_licence") == [number]


class TestKeptByItself:
    """What is searched follows the case, its party and its place, whoever writes them."""

    def test_a_party_that_is_renamed_is_found_by_its_new_name(self, town: Town) -> None:
        number = town.granted()
        with town.session() as session:
            parties.correct(
                town.office, session, town.people["window"], APPLICANT,
                name="南通紫琅宾馆有限公司", representative="陈志远", address="南通",
                phone="13800000000", dissolved_on=None, reason="更名",
                effective_on=date(2026, 9, 1), paper=proof_of(town, session, APPLICANT),
            )  # fmt: skip
        assert number in numbers(town, "window", q="紫琅宾馆有限")
        assert numbers(town, "window", q="滨江宾馆有限") == []

    def test_a_place_that_is_renamed_or_readdressed_is_found_there(self, town: Town) -> None:
        number = town.apply()
        with town.session() as session:
            case = session.scalars(select(Case).where(Case.number == number)).one()
            case.data = {"application": {**case.data["application"], "place_name": "云水浴场"}}
            session.get_one(Place, case.place_id).address = "南通市崇川区学田路9号"
        assert numbers(town, "applicant", q="云水") == numbers(town, "applicant", q="学田路9号")
        assert numbers(town, "applicant", q="云水") == [number]
        assert numbers(town, "applicant", q="人民中路") == []

    def test_a_guest_finds_a_case_for_as_long_as_it_takes_part(self, town: Town) -> None:
        number = town.granted()
        case = town.case(number)
        with town.session() as session:
            theirs = session.scalars(
                select(Post).where(Post.person_id == town.people["window_b"].person_id)
            ).one()
            session.add(
                Participant(
                    case_id=case.id, authority_id=theirs.authority_id, track="",
                    valid_from=date(2026, 9, 1), valid_to=date(2026, 9, 10),
                )
            )  # fmt: skip
        for wanted in (
            {"q": "滨江"},
            {"q": number},
            {},
            {"queue": "open"},
            {"queue": "mine_to_do"},
        ):
            assert numbers(town, "window_b", **wanted) == [number], wanted
        town.time.go_to(date(2026, 9, 11))
        for wanted in (
            {"q": "滨江"},
            {"q": number},
            {},
            {"queue": "open"},
            {"queue": "mine_to_do"},
        ):
            assert numbers(town, "window_b", **wanted) == [], wanted

    @pytest.mark.slow
    def test_nothing_else_is_kept_than_what_follows(self, town: Town) -> None:
        """The tables beside the cases are what they would be if made anew."""
        number = town.dispatched()
        town.granted(address="南通市崇川区濠北路2号")
        town.take(number, "pass_health", "reviewer", usual("one_matter", "pass_health"))
        with town.session() as session:
            for case in session.scalars(select(Case)):
                party = session.get_one(Party, case.party_id)
                place = session.get(Place, case.place_id) if case.place_id else None
                said = (
                    party.name,
                    case.data["application"].get("place_name"),
                    place.address if place else None,
                )
                guests = session.scalars(
                    select(Participant.authority_id).where(Participant.case_id == case.id)
                )
                found = session.get_one(CaseSearch, case.id)
                assert found.said.split("\n") == [comparable(one) for one in said if one]
                assert found.number == case.number
                assert set(found.authorities) == {case.authority_id, *guests}
                waiting = session.scalars(select(CaseWaiting).where(CaseWaiting.case_id == case.id))
                shown = case.ended_at is None and not case.private
                assert {(row.role, row.authority_id, row.due_on) for row in waiting} == {
                    (role, authority, case.due_on or date(9999, 12, 31))
                    for role in ("", *case.awaiting)
                    for authority in found.authorities
                    if shown
                }


# -- every list, for everybody ---------------------------------------------------------------------


def by_going_through_all(town: Town, who: str, queue: str | None) -> list[str]:
    """A list as its words have it, without any help of an index."""
    with town.session() as session:
        reader = reader_of(town.office, session, town.people[who])
        query = select(Case).where(visible(reader))
        if queue:
            query = query.where(Case.ended_at.is_(None))
        if queue == "mine_to_do":
            query = query.where(or_(*_waits_for(reader)))
        found = session.scalars(query).all()
    if queue:
        found = sorted(found, key=lambda case: (case.due_on or date.max, case.id))
    else:
        found = sorted(found, key=lambda case: -case.id)
    return [case.number for case in found]


def _waits_for(reader: Reader) -> Iterator[Any]:
    for post in reader.posts:
        guest = exists().where(
            Participant.case_id == Case.id,
            Participant.authority_id == post.authority_id,
            Participant.valid_from <= reader.today,
        )
        mine = (Case.authority_id == post.authority_id) | guest
        yield and_(mine, Case.awaiting.contains([post.role]), ~Case.private)
    yield and_(Case.party_id.in_(reader.parties), Case.awaiting.contains([Role.APPLICANT.value]))


@pytest.mark.parametrize("queue", ["mine_to_do", "open", None])
def test_every_list_is_what_going_through_all_cases_gives(
    full_town: tuple[Town, Numbers], queue: str | None
) -> None:
    town, _ = full_town
    shown = 0
    for n, who in enumerate(town.people):
        wanted = by_going_through_all(town, who, queue)
        # In pages of several sizes, but not in very many.
        size = max(1, min(100, len(wanted) // (n % 4 + 1)))
        assert numbers(town, who, queue=queue, limit=size) == wanted, who
        shown += len(wanted)
    assert shown > 100


# -- nothing is looked for by going through all ----------------------------------------------------

_LARGE = {
    "case_file", "case_search", "case_waiting", "case_handler", "case_clock", "case_log",
    "party", "place", "notice", "participant", "publication", "number_entry",
    "credit_event", "credit_rating", "document",
}  # fmt: skip


def scans(plan: Any) -> Iterator[str]:
    """The large tables that a plan goes through from end to end."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in _LARGE:
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from scans(part)


_MONTH = Days(date(2026, 9, 1), date(2026, 9, 30))


def asked(town: Town) -> Iterator[tuple[str, Any]]:
    """Everything that desks and sweeps look for among many."""
    office, people = town.office, town.people

    def cases(who: str, **wanted: Any) -> Any:
        return lambda session: reading.worklist(office, session, people[who], Wanted(**wanted))

    for who in ("window", "eco", "applicant"):
        for wanted in (
            {}, {"queue": "open"}, {"queue": "mine_to_do"}, {"process": "penalty"},
            {"state": "granted"}, {"q": "滨江"}, {"q": "CC-GC-2026-000001"}, {"q": APPLICANT},
            {"q": "滨"}, {"q": "000001"}, {"q": "滨江", "queue": "mine_to_do"},
            {"due": "late"}, {"due": "late_more"}, {"due": "none", "matter": "radiation_joint"},
            {"officer": "inspector1"}, {"officer": "inspector1", "queue": "open"},
            {"officer": NOBODY, "due": "late"}, {"mine": True, "queue": "mine_to_do"},
            {"matter": "public_place_hygiene"}, {"part": "own"}, {"part": "joint"},
            {"opened": _MONTH}, {"opened": _MONTH, "queue": "open"}, {"ended": _MONTH},
            {"breached": _MONTH}, {"sort": "opened"}, {"sort": "party", "queue": "open"},
            {"sort": "party", "q": "滨江", "matter": "public_place_hygiene"},
            {"q": "苏卫公证字〔2026〕第320613-000001号"},
        ):  # fmt: skip
            yield f"cases of {who}: {wanted}", cases(who, **wanted)
    yield "overview", lambda s: reading.supervisor_overview(office, s, people["supervisor"])
    yield "notices", lambda s: reading.notices_of(office, s, people["window"])
    yield "notices of a party", lambda s: reading.notices_of(office, s, people["applicant"])
    yield "parties", lambda s: parties.search(office, s, people["window"], "滨江")
    yield "grades", lambda s: published_grades(office, s, "滨江")
    yield "ledger", lambda s: publications.ledger(office, s, people["supervisor"])
    yield "month", lambda s: publications.ledger(office, s, people["supervisor"], "2026-09")
    yield "reminders", lambda _: send_reminders(office)


@pytest.mark.slow
def test_no_list_or_search_goes_through_all(town: Town) -> None:
    town.granted()
    town.dispatched()
    engine = town.database.engine
    for label, ask in asked(town):
        sent: list[tuple[str, Any]] = []

        def heard(_c: Any, _cur: Any, said: str, given: Any, *_: Any, to: Any = sent) -> None:
            if said.lstrip().startswith(("SELECT", "WITH")):
                to.append((said, given))

        event.listen(engine, "before_cursor_execute", heard)
        with town.session() as session:
            ask(session)
        event.remove(engine, "before_cursor_execute", heard)
        assert sent, label
        for said, values in sent:
            assert list(plan_of(town, said, values)) == [], (label, said)


def plan_of(town: Town, said: str, values: Any) -> Sequence[str]:
    """What a statement would go through, if it may choose an index."""
    with town.session() as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        raw = session.connection().connection
        [(plan,)] = raw.cursor().execute(f"EXPLAIN (FORMAT JSON) {said}", values).fetchall()
        return list(scans(plan[0]["Plan"]))


def test_what_was_there_before_is_taken_over(town: Town) -> None:
    """An upgrade makes of old rows what is kept of new ones."""
    town.granted()
    town.dispatched()
    town.time.go_to(date(2026, 9, 12))  # a certificate is to be delivered by the fifteenth
    assert send_reminders(town.office).done
    check = town.relative(town.granted(address="南通市崇川区濠北路2号"), "check").number
    town.take(check, "assign", "supervisor", INSPECTORS)
    kept = [
        "SELECT * FROM case_search ORDER BY case_id",
        "SELECT * FROM case_waiting ORDER BY 1, 2, 3",
        "SELECT * FROM case_handler ORDER BY 1, 2",
        "SELECT id, reminded FROM case_clock ORDER BY id",
    ]
    owner = engine_for(town.url, role=None)
    with owner.begin() as connection:
        before = [connection.execute(text(one)).all() for one in kept]
        assert all(before)
        assert any(row.reminded for row in before[3])
        for emptied in (
            "DELETE FROM case_search",
            "DELETE FROM case_waiting",
            "DELETE FROM case_handler",
            "UPDATE case_clock SET reminded = '{}'",
        ):
            connection.execute(text(emptied))
        for statement in _migration("0013_find_among_a_million")._WHAT_WAS_THERE:
            connection.execute(text(statement))
        connection.execute(text(_migration("0036_know_who_handles_a_case")._WHAT_WAS_THERE))
        assert [connection.execute(text(one)).all() for one in kept] == before
    owner.dispose()


def _migration(name: str) -> Any:
    file = ROOT / "migrations" / "versions" / f"{name}.py"
    spec = spec_from_file_location("upgrade", file)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

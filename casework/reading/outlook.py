"""What taking a step would bring about (办理后果), in words: read before it is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from casework.acts.clocks import Run
from casework.acts.foresight import Foreseen
from casework.common.timekeeping import ZONE, legal_date
from casework.kernel.office import Office
from casework.models import Authority, Case
from casework.rules.rule_cache import Rules
from rulebook.models import in_words
from state_machines.door.irrevocable import Ground, given_up, grounds
from state_machines.language.vocabulary import OpenCase, Process, RecordCredit, Step


@dataclass(frozen=True)
class LimitAhead:
    """A limit of the case: how long it is, and its last day (with the hour where minutes count;
    none while it rests), as it is after the step or, of one that ends with it, as it was.
    `of_party`: it is the party's own; `says` what it means to the party; `since` is the day from
    which it counts."""

    label: str
    length: str
    until: str
    of_party: bool
    says: str
    law: str
    since: date | None = None


@dataclass(frozen=True)
class WayLost:
    """A step that the party gives up, and the authority's limit that taking it would have begun."""

    name: str
    label: str
    limit: str
    length: str


@dataclass(frozen=True)
class Outlook:
    """What a step would bring about.

    `begun` and `ended` are limits, `moved` those that get another last day, `going_on` those that
    simply run on. `lost` are the ways that its party gives up. `also` names what else it does:
    cases opened, entries published or put down. `grounds` are why it cannot be taken back.
    """

    source_label: str
    target_label: str
    documents: tuple[tuple[str, bytes], ...]
    begun: tuple[LimitAhead, ...]
    ended: tuple[LimitAhead, ...]
    moved: tuple[LimitAhead, ...]
    going_on: tuple[LimitAhead, ...]
    lost: tuple[WayLost, ...]
    also: tuple[str, ...]
    grounds: tuple[Ground, ...]


def outlook(
    office: Office, session: Session, number: str, step: Step, foreseen: Foreseen
) -> Outlook:
    """What was foreseen of a step of a case, in words."""
    case = session.scalars(select(Case).where(Case.number == number)).one()
    process = office.versions.by_digest(session, case.version_digest)
    region = session.get_one(Authority, case.authority_id).region
    rules, today = office.rules.current(session), legal_date(office.time.now())
    live = [run for run in foreseen.runs if run.live]
    was = {(run.name, run.number): run for run in foreseen.before}
    now = {(run.name, run.number): run for run in live}

    def told(runs: list[Run]) -> tuple[LimitAhead, ...]:
        return tuple(_limit(process, run) for run in runs)

    return Outlook(
        source_label=process.state(foreseen.source).label,
        target_label=process.state(foreseen.target).label,
        documents=tuple((document.title, document.content) for document in foreseen.documents),
        begun=told([run for key, run in now.items() if key not in was]),
        ended=told([run for key, run in was.items() if key not in now]),
        moved=told([r for k, r in now.items() if k in was and r.due_on != was[k].due_on]),
        going_on=told(
            [r for k, r in now.items() if k in was and r.due_on == was[k].due_on and r.due_on]
        ),
        lost=tuple(_lost(process, step, foreseen, rules, today, region)),
        also=tuple(_also(office, session, step, foreseen, today)),
        grounds=grounds(process, step, foreseen.source),
    )


def _limit(process: Process, run: Run) -> LimitAhead:
    clock = process.clock(run.name)
    until = f"{run.due_on}" if run.due_on else ""
    told = run.derivation or {}
    length = ""
    if "limit" in told:
        _, _, n, unit, _ = told["limit"]
        length = in_words(n, unit)
    elif "minutes" in told and run.fires_at:
        length = in_words(told["minutes"], "min")
        until = f"{run.fires_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    said = clock.says.replace("{day}", until) if run.due_on else ""
    since = legal_date(run.started_at)
    return LimitAhead(clock.label, length, until, clock.binds == "party", said, clock.law, since)


def _lost(
    process: Process, step: Step, foreseen: Foreseen, rules: Rules, today: date, region: str
) -> Iterator[WayLost]:
    """What the party can no longer do, and by which limit it would have been served instead."""
    running = {run.name for run in (*foreseen.runs, *foreseen.before) if run.live}
    for way in given_up(process, step, foreseen.source):
        led_to = way.moves[foreseen.source]
        begun = (
            (clock.label, rules.limit(clock.limit, today, region)[0].text)
            for clock in process.every_clock
            if led_to in clock.runs_in and clock.name not in running
            if clock.binds == "authority" and clock.limit and "{" not in clock.limit
        )
        yield WayLost(way.name, way.label, *next(begun, ("", "")))


def _also(
    office: Office, session: Session, step: Step, foreseen: Foreseen, today: date
) -> Iterator[str]:
    """What else the step does, as its log row would tell it."""
    caused = foreseen.caused
    opens = {e.relation: e.process for e in step.effects if isinstance(e, OpenCase)}
    for entry in caused.get("opened", ()):
        process, _ = office.versions.in_force(session, opens[entry["relation"]], today)
        yield f"开立关联案件：{process.label}"
    for entry in caused.get("publications", ()):
        again = "再次列入公示" if "of" in entry else "列入公示"
        what = "撤下已公示的内容" if "reasons" in entry else again
        yield f"{what}，最迟 {entry['due']}"
    labels = {e.kind: e.label for e in step.effects if isinstance(e, RecordCredit)}
    for entry in caused.get("credit", ()):
        yield f"记入信用记录：{labels.get(entry['kind'], entry['kind'])}"

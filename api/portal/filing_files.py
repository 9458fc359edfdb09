"""Files that come with a form of the party's (选好的材料): kept, sorted, handed in, submitted."""

from __future__ import annotations

from datetime import date

from fastapi.responses import Response
from sqlalchemy.orm import Session

from api.html.site import Visit, acting, go, whole_number
from api.portal import party_case
from casework import reading
from casework.common.problems import BadInput, Problem
from casework.documents import chosen_files
from casework.kernel.office import Office
from rulebook.models import Material
from state_machines.language.vocabulary import Process
from state_machines.parts.intake.forms import SUBMIT

FILES, SORTED = "files", "sort."
THEN = "_then"  # with which step what is chosen is handed in
Wrong = list[tuple[str, Problem]]


def keep(visit: Visit, number: str) -> Wrong:
    """Keep what was chosen and said in the form; gives the names of the files that could not be
    kept, each with what is wrong with it. Raises NotFound, BadInput."""
    office, actor, posted = visit.office, acting(visit), visit.posted
    said = {
        key: posted.text(name)
        for name in posted.values
        if name.startswith(SORTED) and (key := whole_number(name.removeprefix(SORTED)))
    }
    if said:
        chosen_files.sort(office, actor, number, said)
    chosen = [*(("", upload) for upload in posted.piles.get(FILES, ())), *posted.of_items]
    pile = [(material, upload.name, upload.content) for material, upload in chosen]
    return chosen_files.choose(office, actor, number, pile) if pile else []


def hand_in(visit: Visit, number: str, *, whole: bool) -> Wrong:
    """Hand in what was chosen, if it is `whole` only once nothing is unsorted or missing; gives
    what stands against it. Raises NotFound, BadInput."""
    office, actor = visit.office, acting(visit)
    with visit.session() as session:
        case = reading.case_view(office, session, actor, number)
        chosen = chosen_files.chosen_of(session, case.number)
    papers = party_case.papers_of(case, (), chosen)
    if unsorted := papers.chosen_for(""):
        text = "没有认出是哪项材料，请在下面选择"
        return [(file.filename, BadInput(text)) for file in unsorted]
    if whole and papers.missing:
        return [("", BadInput(f"还缺 {len(papers.missing)} 项材料：{'、'.join(papers.missing)}"))]
    wrong = chosen_files.hand_in(office, actor, number)
    return [(key, problem) for key, problem in wrong.items()]


def submit(visit: Visit, number: str, step: str, key: str | None) -> None:
    """Take the step with which it is handed in. Raises Problem."""
    office, actor = visit.office, acting(visit)
    with visit.session() as session:
        case = reading.case_view(office, session, actor, number)
    office.advance(number, step, {}, actor, version=case.version, key=key)


def asked_for(
    office: Office, session: Session, process: Process, today: date
) -> tuple[Material, ...]:
    """What applicants hand in with an application of a process."""
    if process.materials is None:
        return ()
    listed = office.rules.current(session).materials(process.materials, today, "").items
    return tuple(item for item in listed if item.asked)


def file_with(visit: Visit, number: str) -> Response:
    """An application that was just opened, with the files that came with it: handed in and
    submitted if nothing stands against it, else its page says what does."""
    try:
        wrong = keep(visit, number) or hand_in(visit, number, whole=True)
        if not wrong and visit.posted.text(THEN) == SUBMIT:
            key = visit.posted.text("_key")
            submit(visit, number, SUBMIT, f"{key}/{SUBMIT}" if key else None)
    except Problem as problem:
        wrong = [("", problem)]
    if wrong:
        return party_case.show(visit, number, wrong)
    return go(f"/cases/{number}", "submitted")

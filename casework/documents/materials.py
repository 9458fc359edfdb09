"""Which papers are kept with a case: what its process asks for, and what proves that it served."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from casework.acts.backfilling import takes_papers
from casework.acts.dossier import dossier_of
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.kernel.turning_back import expiry_of
from casework.models import Authority, Case
from rulebook.models import Material
from state_machines.checks.commitment_check.forms import ORDER_RECTIFICATION
from state_machines.credit.repair.forms import REPAIRS
from state_machines.door import acts, proofs
from state_machines.enforcement.exemption.forms import REFUSE_FILING
from state_machines.enforcement.penalty.forms import TRANSFER
from state_machines.language.vocabulary import Process
from state_machines.licensing.instant_licence.forms import REFUSE
from state_machines.parts.endings.grounds import ENDINGS
from state_machines.parts.intake.forms import NOT_ACCEPT, TERMINATE
from state_machines.parts.interested_party.forms import REGISTER_INTERESTED
from state_machines.radiation.forms import REFUSE_ECO, REFUSE_HEALTH

SERVICE, ENDING, INTEREST = "service", "ending", "interest"
ELSEWHERE, RECTIFICATION = "penalty_elsewhere", "rectification"
BACKFILL, TRANSFERS, REFUSAL = "backfill", "transfer", "refusal"
REPAIR_REFUSAL = "repair_refusal"
JURISDICTION = "jurisdiction"
# What rests on a finding in writing.
_FOUNDED: frozenset[str] = frozenset((REFUSE, REFUSE_HEALTH, REFUSE_ECO, NOT_ACCEPT))


def listed_for(
    office: Office, session: Session, case: Case, process: Process, *, as_officer: bool
) -> tuple[Material, ...]:
    """The items under which a file may be kept: of the process's list, and by officers
    those of the file."""
    asked = (process.materials,) if process.materials else ()
    own = tuple(item for key in asked for item in _items(office, session, case, key))
    return (*own, *papers_of_the_file(office, session, case, process)) if as_officer else own


def proved_in(process: Process, case: Case) -> frozenset[str]:
    """The open tracks in which something is served, or entered by a paper: whoever takes part by
    one keeps that."""
    return frozenset(
        track.name
        for track in process.tracks
        if track.name in case.tracks
        and any(acts.proves_service(step) or proofs.proof_of(step) for step in track.steps)
    )


def papers_of_tracks(
    office: Office, session: Session, case: Case, process: Process
) -> tuple[Material, ...]:
    """The items of the file that whoever takes part by an open track keeps: what proves a service,
    and what a step of such a track is entered by."""
    steps = [step for track in process.tracks if track.name in case.tracks for step in track.steps]
    lists = (SERVICE, *proofs.lists_of(steps))
    return tuple(item for key in lists for item in _items(office, session, case, key))


def papers_of_service(office: Office, session: Session, case: Case) -> tuple[Material, ...]:
    """The items of the file that prove a service."""
    return _items(office, session, case, SERVICE)


def kept_after_the_end(
    office: Office, session: Session, case: Case, process: Process
) -> Callable[[str], bool]:
    """For which items officers keep a file once the case has ended: of a remedy, or of money; of
    the service of what ended it; and whatever shows that a limit was met whose end ended it."""
    met = expiry_of(process, dossier_of(session, case).headers) is not None
    serves = any(case.state in step.moves and acts.proves_service(step) for step in process.steps)
    served = {item.key for item in papers_of_service(office, session, case)} if serves else set()
    return lambda key: met or key in proofs.LATER or key in served


def papers_of_the_file(
    office: Office, session: Session, case: Case, process: Process
) -> tuple[Material, ...]:
    """The items of the file that are not the party's to hand in: of what proves a service, where
    the process records any, of what the party signs at the counter, of what a step is entered by,
    of what ends a licence or an application, of what a decision rests on, and of what is entered
    afterwards."""
    steps = process.every_step
    lists = [SERVICE] if any(map(acts.proves_service, steps)) else []
    written = {acts.in_writing(step) for step in steps}
    lists += [acts.STATEMENT] if acts.STATEMENT in written else []
    names = {step.name for step in steps}
    # What ends a case that keeps an evidence register is entered there.
    ends = process.key in ENDINGS or (TERMINATE in names and not process.keeps_evidence)
    lists += [ENDING] if ends else []
    lists += proofs.lists_of(steps)
    lists += [ELSEWHERE] if any(acts.moves_by_penalty(process, one) for one in steps) else []
    lists += [RECTIFICATION] if ORDER_RECTIFICATION in names else []
    lists += [INTEREST] if REGISTER_INTERESTED in names else []
    hands_over = TRANSFER in names or (REFUSE_FILING in names and process.keeps_evidence)
    lists += [TRANSFERS] if hands_over else []
    lists += [JURISDICTION] if names & acts.TAKEN_UP else []
    lists += [REFUSAL] if names & _FOUNDED and process.matter else []
    lists += [REPAIR_REFUSAL] if process.key in REPAIRS else []
    lists += [BACKFILL] if takes_papers(session, case) else []
    return tuple(item for key in lists for item in _items(office, session, case, key))


def _items(office: Office, session: Session, case: Case, key: str) -> tuple[Material, ...]:
    region = session.get_one(Authority, case.authority_id).region
    today = legal_date(office.time.now())
    return office.rules.current(session).materials(key, today, region).items

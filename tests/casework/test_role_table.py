"""Role × step × state: tests/data/processes, by hand from the rulebook, tried whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from casework.acts.act import Act
from casework.common.problems import GuardRefused, NotAllowed, NotFound, Problem, StepNotOfState
from casework.kernel import engine
from casework.kernel.carrying_out import carry_out
from casework.kernel.office import Office
from casework.models import Case
from state_machines.parts.delivery.forms import SERVE_DECISION
from state_machines.processes import PROCESSES
from tests.support.journeys import Numbers, usual
from tests.support.rehearsal import rehearsing
from tests.support.town import Town
from tools.expectations import expected_processes

# Who tries: the account, and the role it holds towards the case. "" is nothing to it at all.
TRIERS = {
    "applicant": "applicant",
    "window": "window_clerk",
    "reviewer": "reviewer",
    "approver": "approver",
    "inspector1": "inspector",
    "legal": "legal_reviewer",
    "supervisor": "supervisor",
    "credit": "credit_officer",
    "chair": "hearing_chair",
    "handler1": "case_handler",
    "head1": "panel_member",
    "eco": "eco_reviewer",
    "eco_approver": "eco_approver",
    "applicant2": "",
    "window_b": "",
    "approver_b": "",
}
STRANGERS = ("window", "eco", "applicant2")
# Where the ecology bureau takes part, and where the case is its own.
_WITH_ECO = ("one_matter", "single_eco", "safety_licence")
_OF_ECO = ("single_eco", "safety_licence")
# Whose case it is, where it is not the applicant's.
_PARTY_OF = {"interested_party": "applicant2"}
_SERVED_AFTERWARDS = (
    SERVE_DECISION,
    "serve_refuse_health",
    "serve_refuse_eco",
    "serve_extension",
)


def _table() -> dict[tuple[str, str], dict[str, set[str]]]:
    """By process and state: each step the state knows, with the roles that may take it."""
    table: dict[tuple[str, str], dict[str, set[str]]] = {}
    for key, expected in expected_processes().items():
        for name, step in expected.steps.items():
            for state in step.roles:
                table.setdefault((key, state), {})[name] = step.people(state)
    return table


ALLOWED = _table()


class _Allowed(Exception):
    """A step has passed its role and its guards, and is about to be carried out."""


def _go_no_further(act: Act) -> None:
    if not act.by_law:
        raise _Allowed
    carry_out(act)  # what fell due meanwhile happens


@pytest.fixture(scope="module")
def rehearsed(full_town: tuple[Town, Numbers]) -> Iterator[tuple[Town, Office, Numbers]]:
    """A town with a case in every state, and an office that only rehearses: what a step causes is
    looked at elsewhere (`test_effects`)."""
    town, numbers = full_town
    with rehearsing(town) as office, pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine, "carry_out", _go_no_further)
        yield town, office, numbers


def test_the_table_knows_every_state_that_has_steps(
    rehearsed: tuple[Town, Office, Numbers],
) -> None:
    _, _, numbers = rehearsed
    assert set(ALLOWED) <= set(numbers)
    every = {
        (process.key, state)
        for process in PROCESSES.values()
        for part in (process, *process.tracks)
        for state in part.states
    }
    assert set(numbers) == {(key, state.name) for key, state in every}
    # Nothing is done any more in an end, nor once a remedy against the decision has had its end.
    over = {
        (key, state.name)
        for key, state in every
        if not any(state.name in step.moves for step in PROCESSES[key].every_step)
    }
    # But money is taken, and a slip put right, even when the file was put away.
    paid = {("penalty", "archived"), ("simple_penalty", "archived")}
    # And what was taken comes back if that is quashed, however long it is over.
    brought_back = {
        (key, state)
        for key, process in PROCESSES.items()
        for step in process.every_step
        if step.name == "bring_back"
        for state in step.moves
        if process.state(state).end
    }
    assert len(brought_back) >= 4
    # A decision that ended its case, or was not served before, is served afterwards; and what was
    # false may come to light.
    served = {
        (key, state)
        for key, process in PROCESSES.items()
        for step in process.every_step
        if step.name in _SERVED_AFTERWARDS
        for state in step.moves
    }
    assert len(served) >= 20
    ends = {(key, state.name) for key, state in every if state.end}
    assert ends - over == paid | brought_back | (served & ends)
    assert set(numbers) - set(ALLOWED) == over


# Whoever may take a step always tries it; of those who may not, one in so many and at least one,
# and of the steps that a state does not know one in so many; or in a proof all. What a page offers
# each of them in each state is looked at below.
_ONE_IN = [pytest.param(4, id="in part"), pytest.param(1, id="all", marks=pytest.mark.heavy)]


@pytest.mark.parametrize("one_in", _ONE_IN)
@pytest.mark.parametrize("process", sorted(PROCESSES))
def test_each_step_in_each_state_by_each_role_is_as_the_rulebook_says(
    rehearsed: tuple[Town, Office, Numbers], process: str, one_in: int
) -> None:
    """By everybody; where a step is not of the state, by a stranger."""
    wrong = _wrong(rehearsed, process, one_in)
    assert not wrong, "\n".join(wrong)


def _wrong(rehearsed: tuple[Town, Office, Numbers], process: str, one_in: int) -> list[str]:
    """What came out otherwise than the table says, over all states of a process."""
    town, office, numbers = rehearsed
    every_step = sorted(
        {step for (of, _), steps in ALLOWED.items() if of == process for step in steps}
    )
    wrong: list[str] = []
    tried: set[frozenset[str]] = set()
    for (of, state), number in numbers.items():
        if of != process:
            continue
        case = town.case(number)
        assert state in _places(case)
        if frozenset(_places(case)) in tried:
            continue  # another case stands just there
        tried.add(frozenset(_places(case)))
        known = _known(case)
        for n, step in enumerate(every_step, start=len(tried)):
            if step not in known and n % one_in:
                continue
            # Whose step it is says nothing where it is nobody's: one stranger after the other.
            triers = TRIERS if step in known else (STRANGERS[n % len(STRANGERS)],)
            turned_away = False
            for m, account in enumerate(triers):
                expected = _expected(case, step, _role(of, account))
                first = expected == "not for this role" and not turned_away
                if step in known and expected != "allowed" and (n + m) % one_in and not first:
                    continue
                turned_away = turned_away or first
                found = _tried(town, office, case, step, account)
                if found != expected:
                    wrong.append(f"{state}/{step} by {account}: {found}, not {expected}")
    return wrong


@pytest.mark.parametrize("process", sorted(PROCESSES))
def test_what_a_page_offers_is_what_the_table_allows(
    rehearsed: tuple[Town, Office, Numbers], process: str
) -> None:
    town, office, numbers = rehearsed
    for (of, state), number in numbers.items():
        if of != process:
            continue
        case = town.case(number)
        known = _known(case)
        for account in TRIERS:
            role = _role(of, account)
            with town.session() as session:
                verdicts = office.verdicts(session, case, town.people[account])
            offered = {
                v.step.name: {r.code for r in v.reasons}
                for v in verdicts
                if not all(role.automatic for role in v.roles)
            }
            counter = {v.step.name for v in verdicts if v.at_counter}
            assert counter == {
                step
                for step, roles in known.items()
                if role == "window_clerk" and "applicant" in roles and state != "draft"
            }
            assert set(offered) == {step for step, roles in known.items() if roles}, (of, state)
            for step, reasons in offered.items():
                stranger = role not in known[step] and step not in counter
                assert ("not_your_role" in reasons) == stranger, (
                    f"{state}/{step} by {account}: {reasons}"
                )


def _places(case: Case) -> set[str]:
    return {case.state, *case.tracks.values()}


def _known(case: Case) -> dict[str, set[str]]:
    """The steps of the case's state and of its tracks' states, with who may take them."""
    known: dict[str, set[str]] = {}
    for place in _places(case):
        known |= ALLOWED.get((case.process, place), {})
    return known


def _role(process: str, account: str) -> str:
    """What the account is to the cases of a process: nothing, where its authority has no part."""
    if account in ("applicant", "applicant2"):
        return "applicant" if account == _PARTY_OF.get(process, "applicant") else ""
    if account.startswith("eco"):
        return TRIERS[account] if process in _WITH_ECO else ""
    return "" if process in _OF_ECO else TRIERS[account]


def _expected(case: Case, step: str, role: str) -> str:
    if not role or (case.state == "draft" and role != "applicant"):
        return "unseen"  # a draft is its author's own
    if role == "applicant" and PROCESSES[case.process].state(case.state).confidential:
        return "unseen"  # a lead is the authority's own
    steps = _known(case)
    if step not in steps:
        return "not of this state"
    return "allowed" if role in steps[step] else "not for this role"


def _tried(town: Town, office: Office, case: Case, step: str, account: str) -> str:
    given = usual(case.process, step)
    try:
        office.advance(case.number, step, given, town.people[account], version=case.version)
    except NotFound:
        return "unseen"
    except StepNotOfState:
        return "not of this state"
    except NotAllowed:
        return "not for this role"
    except (GuardRefused, _Allowed):
        return "allowed"  # the role may; the law's other conditions are judged elsewhere
    except Problem as problem:
        return f"{problem.type}: {problem.detail}"
    return "allowed"

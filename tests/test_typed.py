"""What was filled in is read as a form, and steps are named by objects: each slip is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from state_machines.language.fields import Blank, Form
from state_machines.language.step_names import StepName
from state_machines.processes import PROCESSES
from state_machines.verification import check_step_names
from tools import typed

STEPS = {step.name for process in PROCESSES.values() for step in process.every_step}


def _found(tmp_path: Path, path: str, code: str) -> list[str]:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(code, encoding="utf-8")
    return list(typed.findings(STEPS, tmp_path))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("state_machines/x/guards.py", "def f(given: Mapping[str, Any]) -> None: ..."),
        ("state_machines/x/guards.py", "def f(given: JsonObject) -> None: ..."),
        ("state_machines/x/facts.py", "class Fact:\n    said: dict[str, Any]"),
        ("casework/x/collect.py", "def f(act: Act, given: dict[str, object]) -> int: ..."),
        ("casework/x/collect.py", "def f(act: Act) -> list[dict[str, Any]]: ..."),
        ("casework/x/papers.py", "def f(*, said: Mapping | None) -> str: ..."),
    ],
)
def test_a_dictionary_of_an_input_in_a_signature_is_found(
    tmp_path: Path, path: str, code: str
) -> None:
    [found] = _found(tmp_path, path, code)
    assert found.startswith(f"{path}:")
    assert "no dict" in found


@pytest.mark.parametrize(
    "code",
    [
        'act.input["reason"]',
        'act.input.get("reason")',
        'act.data["application"]',
        'act.data.get("application", {})',
        'Case.data["application"], case.data["application"]',
        '"application" in act.case.data',
        "[said for said in act.data.values()]",
    ],
)
def test_an_input_that_is_taken_apart_is_found(tmp_path: Path, code: str) -> None:
    found = _found(tmp_path, "casework/x/collect.py", code)
    assert found == [
        "casework/x/collect.py:1: ask for what was filled in by its form (act.inputs, act.filled)"
    ]


@pytest.mark.parametrize(
    "code",
    [
        '_ASKED = ("waive_hearing",)',
        '{"vary_by_litigation": 1}',
        'act.step.name == "punish"',
        'act.latest(("notify",)) == DECIDE',
        'act.latest((NOTIFY,)) == "decide"',
        'act.dates.get("decide", act.day)',
        'header["name"] in ("decide", DECIDE)',
        'LogRow.header["name"].as_string() == "exempt"',
        'inputs.printed("notify")',
    ],
)
def test_a_bare_name_of_a_step_is_found(tmp_path: Path, code: str) -> None:
    [found] = _found(tmp_path, "casework/x/anything.py", code)
    assert found.endswith("names a step: use its StepName")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        # A word that also names a step means something else here.
        ("casework/x/a.py", '{"file": upload, "score": 3}; clock.name == "appeal"'),
        # A docstring that quotes, and a register that is kept beside the inputs.
        ("casework/x/a.py", '"""Says waive_hearing."""'),
        ("casework/x/collect.py", 'entry_of(act.data, "notice"); Case.data["application"]'),
        ("casework/x/collect.py", "def f(act: Act, labels: Mapping[str, str]) -> Any: ..."),
        # Declarations, and the forms beside which the names stand.
        ("state_machines/x/process.py", 'Step("waive_hearing")'),
        ("state_machines/x/shared.py", 'Step("waive_hearing")'),
        ("state_machines/x/forms.py", 'W = StepName("waive_hearing", Blank)'),
    ],
)
def test_what_is_no_slip_is_left_alone(tmp_path: Path, path: str, code: str) -> None:
    assert _found(tmp_path, path, code) == []


class Extra(Form):
    more: str


class _Names:
    """As a module of forms declares them."""

    __name__ = "state_machines.x.forms"

    def __init__(self, **names: StepName[Form]) -> None:
        vars(self).update(names)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (StepName("waive_haering", Blank), "unknown_step"),
        (StepName("waive_hearing", Extra), "step_form_differs"),
    ],
)
def test_a_name_that_leads_nowhere_is_found_by_check(name: StepName[Form], kind: str) -> None:
    module = _Names(WAIVE=name, RIGHT=StepName("waive_hearing", Blank))
    [found] = check_step_names([module], PROCESSES)  # type: ignore[list-item]
    assert (found.process, found.kind, found.file) == ("WAIVE", kind, "state_machines/x/forms.py")
    assert found.hint


def test_what_only_older_versions_know_is_said_to_be_so() -> None:
    module = _Names(GONE=StepName("pay_instalment", Blank, former=True))
    assert list(check_step_names([module], PROCESSES)) == []  # type: ignore[list-item]

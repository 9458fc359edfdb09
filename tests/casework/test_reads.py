"""What a function cannot do without is told from its code, and no more than that."""

from __future__ import annotations

from typing import Any, TypedDict

from casework.acts.act import Act
from casework.acts.handed_in import handed_in
from casework.common.fields_read import materials_of, reads_of
from casework.documents.paper_parts import Part
from casework.models import Attachment
from casework.operations.knowledge import known_facts
from state_machines.enforcement.exemption.forms import Lead
from state_machines.enforcement.penalty.forms import DECIDE
from state_machines.parts.intake.facts import PlaceKind
from state_machines.parts.officers import forms
from state_machines.parts.officers.forms import ASK_RECUSAL


def _plain(act: Act) -> Any:
    said, day = act.data["application"], act.dates["submit"]
    return said["address"], said.get("kind"), act.input["officer"], day  # the step's own is not


def _typed(act: Act) -> Any:
    lead, inputs = act.inputs.application(Lead), act.inputs
    asked, maybe = inputs.needed(ASK_RECUSAL), inputs.at(DECIDE)
    return lead.act_on, "act_on" in lead.model_fields_set, asked.ground, maybe, act.filled(Lead)


def _conditional(act: Act) -> Any:
    said = act.data["application"]
    if said.get("late"):
        return said["reason"]
    return said["address"]


def _chosen(act: Act) -> Any:
    first = act.data["first"]["one"] if act.input.get("early") else act.data["second"]["two"]
    return first, [act.data["third"]["three"] for _ in range(2)]


def _elsewhere(said: Any) -> Any:
    return said["phone"]


def _through_another(act: Act) -> Any:
    case = act.case
    return _elsewhere(case.data["application"])


def _around(act: Act) -> Any:
    return _around(act), act.data["application"]["name"]


def _came(act: Act, material: str) -> bool:
    return material in handed_in(act)


def _papers(act: Act) -> Any:
    return "plans" in handed_in(act), _came(act, "slip"), Attachment.material == "picture"


def test_what_is_read_in_any_case_is_told() -> None:
    assert reads_of(_plain) == {
        "application",
        "application.address",
        "date:submit",
    }
    assert reads_of(lambda act: act.data["recheck"]["on"]) == {"recheck", "recheck.on"}


def test_what_is_read_as_a_form_is_told_as_well() -> None:
    assert reads_of(_typed) == {
        "application",
        "application.act_on",
        "ask_recusal",
        "ask_recusal.ground",
    }
    assert reads_of(lambda act: act.inputs.needed(forms.ASK_RECUSAL)) == {"ask_recusal"}


def test_what_stands_behind_a_condition_is_not() -> None:
    assert reads_of(_conditional) == {"application"}
    assert reads_of(_chosen) == set()


def test_functions_of_this_room_are_followed_and_others_are_not() -> None:
    # Those of the tests are none of this room.
    assert reads_of(_through_another) == {"application"}
    assert reads_of(_around) == {"application", "application.name"}
    assert "application.place_kind" in known_facts()[PlaceKind].reads


def test_items_of_the_materials_are_told() -> None:
    assert set(materials_of(_papers)) == {"plans", "slip", "picture"}


class _Inner(TypedDict):
    label: str


class _Whole(TypedDict, total=False):
    name: str
    basis: list[str]
    items: list[_Inner]


def _of_a_type(_act: Act) -> _Whole:
    return {}


def _by_name(_act: Act) -> dict[str, _Inner]:
    return {}


def _listed(_act: Act) -> list[_Inner]:
    return []


def _unsaid(_act: Act) -> Any:
    return {}


def test_a_part_supplies_what_its_type_says() -> None:
    whole = {".name", ".basis", ".basis[]", ".items", ".items[].label"}
    assert Part(_of_a_type).known.fields == whole
    assert Part(_by_name).known.fields == {".*.label"}
    assert Part(_listed).known.fields == {"", "[].label"}
    assert Part(_unsaid).known.fields is None

"""Slips of the pen in a new process: each is found by `nuoxin check` or `make check` before a case
falls into it, and told with the file and with what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field

from casework.operations.knowledge import knowledge
from casework.operations.release import findings, shipped_rules
from demo.citizens import read_city
from rulebook.shipped import shipped_editions
from rulebook.strangers import strangers
from state_machines.language.fields import Note
from state_machines.language.vocabulary import (
    Amend,
    BringInLine,
    CorrectCredit,
    Effect,
    Escalate,
    Fire,
    Guard,
    Issue,
    KeepEvidence,
    Mark,
    MoveRelated,
    Notify,
    OpenCase,
    Proceed,
    Process,
    Publish,
    RecordCredit,
    RecordService,
    Recuse,
    Refusal,
    Remind,
    RepairCredit,
    Role,
    State,
    Step,
    Stop,
    Withdraw,
    schema,
)
from state_machines.processes import FILES, PROCESSES
from state_machines.verification import DocumentKnowledge, Finding, Knowledge, verify
from state_machines.verification.hints import HINTS
from tools import completeness, expectations
from tools.expectations import expected_processes

KEY = "place_filing"
FILE = FILES[KEY]
FILING = PROCESSES[KEY]


@cache
def known() -> Knowledge:
    found, faults = knowledge(shipped_rules())
    assert faults == []
    return found


# What the filing may name of others; verified with it so that this takes no time.
_BESIDE = {name: PROCESSES[name] for name in ("instant_licence", "licence", KEY)}


def _verified(
    changed: Mapping[str, Process], of: Knowledge | None = None, *, key: str = KEY
) -> list[Finding]:
    beside = PROCESSES if key in PROCESSES and key != KEY else _BESIDE
    found = verify({**beside, **changed}, of or known(), FILES)
    # What hangs on the broken process elsewhere is told there as well.
    return [one for one in found if one.process == key]


def process(**changes: Any) -> dict[str, Process]:
    return {KEY: replace(FILING, **changes)}


def step(name: str, **changes: Any) -> dict[str, Process]:
    steps = tuple(replace(s, **changes) if s.name == name else s for s in FILING.steps)
    assert name in [s.name for s in steps]
    return process(steps=steps)


def causing(*effects: Effect) -> dict[str, Process]:
    """The filing, with more effects when it is put on record."""
    return step("record", effects=(*FILING.step("record").effects, *effects))


def clock(**changes: Any) -> dict[str, Process]:
    return process(clocks=(replace(FILING.clocks[0], **changes), *FILING.clocks[1:]))


def printing(*fields: str, document: str = "filing_receipt") -> Knowledge:
    """The house, with a template that prints more."""
    there = known().documents[document]
    printed = frozenset({*(there.template_fields or ()), *fields})
    changed = replace(there, template_fields=printed)
    return replace(known(), documents={**known().documents, document: changed})


@dataclass(frozen=True)
class Unheard:
    """A fact that nobody gathers."""

    loud: bool


def _is_loud(fact: Unheard) -> Refusal | None:
    return None if fact.loud else Refusal("quiet", "太轻")


IS_LOUD = Guard("is_loud", 1, _is_loud, (Unheard,))


class Untitled(BaseModel):
    colour: str


class Factory(BaseModel):
    """An application that knows no kind of public place."""

    factory_kind: str = Field(title="企业类别")
    place_name: str = Field(title="名称")
    region: str = Field(title="区")
    address: str = Field(title="地址")
    representative: str = Field(title="负责人")
    contact_name: str = Field(title="联系人")
    contact_phone: str = Field(title="电话")


@dataclass(frozen=True)
class Slip:
    """A slip: the broken process, or the house around it, and what is found."""

    kind: str
    changed: Mapping[str, Process]
    says: str
    house: Knowledge | None = None
    key: str = KEY


def _numbered(style: str) -> Knowledge:
    there = replace(known().documents["filing_receipt"], style=style)
    return replace(known(), documents={**known().documents, "filing_receipt": there})


def _without_item() -> Knowledge:
    lists = known().materials
    kept = set(lists["exemption"]) - {"no_fault_proof"}
    return replace(known(), materials={**lists, "exemption": kept})


@cache
def slips() -> dict[str, Slip]:
    """Every slip by its name; the ten first."""
    pages = known().documents
    exemption = PROCESSES["first_offence_exemption"]
    served = RecordService(of="receipt", documents=("ode",), kind="try")
    return {
        # 1
        "matter unknown": Slip(
            "unknown_matter", process(matter="public_place_hygeine"), "about public_place_hygeine"
        ),
        # 2
        "materials unknown": Slip(
            "unknown_materials", process(materials="public_place_filling"), "public_place_filling"
        ),
        "material misspelt": Slip(
            "unknown_material",
            {},
            "looks for no_fault_proof: the materials of exemption have no such item",
            _without_item(),
            exemption.key,
        ),
        # 3
        "fact without gatherer": Slip(
            "fact_not_gathered",
            step("record", guards=(*FILING.step("record").guards, IS_LOUD)),
            "guard is_loud of step record asks for Unheard, which nobody gathers",
        ),
        # 4
        "register without name": Slip(
            "unknown_register",
            causing(Publish("fillings", "publicity.double")),
            "step record publishes in fillings",
        ),
        "number without pattern": Slip(
            "unknown_series", {}, "whose number is a docet", _numbered("docet")
        ),
        # 5
        "template prints what no form has": Slip(
            "document_field_unknown",
            {},
            "issues filing_receipt, which prints application.colour: no form of",
            printing("application.colour"),
        ),
        "template prints what no part has": Slip(
            "document_field_unknown",
            {},
            "which prints party.colour: the back office supplies no such thing",
            printing("party.colour"),
        ),
        "template prints a kind of place that the form does not ask for": Slip(
            "document_field_not_given",
            process(form=schema(Factory)),
            "which prints place.kind: it comes from application.place_kind or "
            "application.institution_kind or application.premises_kind, which this process",
        ),
        # 6
        "step of a clock misspelt": Slip(
            "unknown_step", clock(on_expiry=Fire("recrod")), "takes recrod"
        ),
        "step of an extension misspelt": Slip(
            "unknown_step", clock(anchor="sumbit.on"), "anchored to sumbit.on, no step"
        ),
        "step kept apart from misspelt": Slip(
            "unknown_step", step("record", apart_from=("sumbit",)), "apart from sumbit"
        ),
        "step that follows misspelt": Slip(
            "unknown_step", causing(Proceed(("publsih",))), "goes on by publsih"
        ),
        "step of a condition misspelt": Slip(
            "unknown_field",
            causing(Notify("party", when="recrod.note")),
            "asks whether recrod.note",
        ),
        "field of a condition misspelt": Slip(
            "unknown_field", causing(Notify("party", when="record.note2")), "no form has"
        ),
        "step of a source misspelt": Slip(
            "unknown_source",
            causing(Amend({"opened_on": "@date:sumbit"})),
            "amends the case with opened_on = @date:sumbit: no step sumbit",
        ),
        "step of another case misspelt": Slip(
            "unknown_step", causing(BringInLine(takes=("licence.revok",))), "by licence.revok"
        ),
        "condition of every version misspelt": Slip(
            "gate_unknown_step",
            {},
            "asked of place_filing.recrod, no step",
            replace(known(), gates={**known().gates, "place_filing.recrod": ()}),
        ),
        # 7
        "state that nothing leads to": Slip(
            "unreachable_state",
            process(states=(*FILING.states, State("shown", "公示中", unattended="测试"))),
            "no way leads from 草稿 to 公示中",
        ),
        # 10
        "kind of place unknown": Slip(
            "unknown_place_kind",
            causing(Amend({"place_kind": "=hotle"})),
            "fills in place_kind = hotle",
        ),
        "kind of public place in another matter": Slip(
            "place_kind_elsewhere",
            {
                "joint_filing": replace(
                    FILING, key="joint_filing", code="JF", matter="radiation_joint"
                )
            },
            "asks for place_kind, a kind of public place, and the matter is radiation_joint",
            key="joint_filing",
        ),
        "fact reads a kind of place that the form does not ask for": Slip(
            "fact_field_missing",
            process(form=schema(Factory)),
            "needs_only_filing of step submit asks for PlaceKind, which reads "
            "application.place_kind, which no form of",
        ),
        # siblings
        "limit unknown": Slip("unknown_limit", clock(limit="filing.handlign"), "filing.handlign"),
        "limit of a publication unknown": Slip(
            "unknown_limit", causing(Publish("filings", "publicity.dobule")), "publicity.dobule"
        ),
        "reminder unknown": Slip(
            "unknown_reminder",
            clock(remind=(Remind(Role.WINDOW_CLERK, "reminder.duo"),)),
            "reminds by reminder.duo",
        ),
        "setting of a stop unknown": Slip(
            "unknown_setting",
            clock(stops=(Stop("x", "中止", ("awaiting_supplement",), alone="filing.alone"),)),
            "alone by filing.alone",
        ),
        "document unknown": Slip("unknown_document", causing(Issue("filing_reciept")), "reciept"),
        "document without template": Slip(
            "document_without_template",
            {},
            "issues filing_receipt, which has no template",
            replace(
                known(), documents={**pages, "filing_receipt": DocumentKnowledge(None, "docket")}
            ),
        ),
        "document that is marked was never issued": Slip(
            "document_never_issued", causing(Mark(documents=("ode",), label="作废")), "about ode"
        ),
        "document that is served was never issued": Slip(
            "document_never_issued", causing(served), "about ode, which no step of"
        ),
        "part that is not there": Slip(
            "document_part_absent",
            {},
            "which prints sentence.facts: nothing in this process makes it be there",
            printing("sentence.facts"),
        ),
        "day of a step that was never taken": Slip(
            "document_field_not_given",
            {},
            "which prints case.accepted_on: it comes from accept or deem_accepted",
            printing("case.accepted_on"),
        ),
        "role of a notice unknown": Slip(
            "unknown_recipient", causing(Notify("clerk")), "notifies clerk, which is nobody"
        ),
        "role told of an expiry is nobody": Slip(
            "unknown_recipient", clock(on_expiry=Escalate(Role.JOIN)), "tells join"
        ),
        "state in which nobody may take a step": Slip(
            "unknown_state", step("record", only={"recieved": (Role.ADMIN,)}), "only recieved"
        ),
        "related process unknown": Slip(
            "unknown_process", causing(OpenCase("licnce", "licnce")), "opens licnce"
        ),
        "relation unknown": Slip(
            "unknown_relation", causing(MoveRelated("licnce", "revoke")), "'licnce'"
        ),
        "credit event unknown": Slip(
            "unknown_credit_kind", causing(RecordCredit("fild", "备案")), "writes of fild"
        ),
        "corrected credit event unknown": Slip(
            "unknown_credit_kind", causing(CorrectCredit(kinds=("fild",))), "writes of fild"
        ),
        "evidence of no kind": Slip(
            "unknown_evidence_kind",
            {
                KEY: replace(
                    causing(KeepEvidence("照片", "备案表", document="filing_receipt"))[KEY],
                    keeps_evidence=True,
                )
            },
            "of the kind 照片",
        ),
        "evidence without a register": Slip(
            "evidence_without_register",
            causing(KeepEvidence("书证", "备案表", document="filing_receipt")),
            "the process keeps none",
        ),
        "field of a repair misspelt": Slip(
            "unknown_field", causing(RepairCredit("application.sauce")), "application.sauce"
        ),
        "field of a recusal misspelt": Slip(
            "unknown_field", causing(Recuse("record.officer")), "reads record.officer"
        ),
        "field of a withdrawal misspelt": Slip(
            "unknown_field",
            causing(Withdraw(register="filings", limit="publicity.withdrawal", reasons="record.y")),
            "reads record.y",
        ),
        "day in a field that is no date": Slip(
            "unknown_field",
            step("supply", dated_by="on"),
            "bears the day of on, no date of its form",
        ),
        "effect that nothing carries out": Slip(
            "effect_not_carried_out",
            {},
            "has the effect publish@1",
            replace(known(), carried_out=set(known().carried_out) - {"publish@1"}),
        ),
        "state without a label": Slip(
            "label_missing",
            process(states=(replace(FILING.states[0], label=" "), *FILING.states[1:])),
            "state draft has no label",
        ),
        "step without a label": Slip("label_missing", step("record", label=""), "step record"),
        "field without a title": Slip(
            "form_field_without_title",
            step("record", form=schema(Untitled)),
            "the form of step record has the field colour without a title",
        ),
        "code of case numbers taken": Slip(
            "code_taken_twice", process(code=PROCESSES["licence"].code), "numbers of its cases"
        ),
        "key malformed": Slip(
            "key_malformed",
            {"Filing": replace(FILING, key="Filing", code="FX")},
            "'Filing'",
            key="Filing",
        ),
    }


@pytest.mark.parametrize("name", slips())
def test_each_slip_is_found_with_file_and_hint(name: str) -> None:
    slip = slips()[name]
    found = _verified(slip.changed, slip.house, key=slip.key)
    told = [one for one in found if one.kind == slip.kind]
    assert told, "\n".join(map(str, found))
    assert any(slip.says in one.message for one in told), "\n".join(map(str, told))
    for one in told:
        assert one.file == FILES.get(slip.key, "")
        assert str(one).startswith(one.file)
        assert str(one).endswith(HINTS[slip.kind])


def test_the_release_has_no_slip() -> None:
    assert findings() == []
    assert completeness.findings() == []


def test_processes_are_found_where_they_are_declared() -> None:
    assert set(FILES) == set(PROCESSES)
    for key, file in FILES.items():
        text = (completeness.ROOT / file).read_text(encoding="utf-8")
        assert f'key="{key}"' in text or key in ("single_health", "single_eco")


def test_a_hint_names_only_files_that_are_there() -> None:
    for hint in HINTS.values():
        for path in re.findall(r"(?:\w+/)+(?:\w+\.\w+)?", hint):
            assert (completeness.ROOT / path).exists(), hint


# What stands beside the declarations.


def test_a_process_without_a_story_is_found() -> None:
    alone = replace(FILING, key="alone")
    (found,) = completeness.stories({**PROCESSES, "alone": alone}, completeness.demo_texts())
    assert (found.kind, found.process, found.file) == (
        "story_missing",
        "alone",
        f"{completeness.DEMO}/",
    )
    opened = {**PROCESSES, **causing(OpenCase("alone", "alone")), "alone": alone}
    assert list(completeness.stories(opened, completeness.demo_texts())) == []


def test_a_step_of_which_nothing_is_expected_is_found() -> None:
    more = Step("look_again", "再看", {"filed": "filed"}, (Role.WINDOW_CLERK,), form=schema(Note))
    changed = {**PROCESSES, KEY: replace(FILING, steps=(*FILING.steps, more))}
    (found,) = completeness.unexpected(changed, expected_processes())
    assert found.kind == "expectation_missing"
    assert found.file == f"tests/data/processes/{KEY}.toml"
    assert "step look_again in state filed" in str(found)
    less = {**PROCESSES, KEY: replace(FILING, steps=FILING.steps[:-1])}
    found_here = list(completeness.unexpected(less, expected_processes()))
    assert {one.kind for one in found_here} == {"expectation_unknown"}


def test_a_process_of_which_nothing_is_expected_is_found() -> None:
    others = {key: one for key, one in expected_processes().items() if key != KEY}
    found = list(completeness.unexpected(PROCESSES, others))
    assert {(one.process, one.kind) for one in found} == {(KEY, "expectation_missing")}


def test_a_misspelt_word_in_what_is_expected_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text('[steps.file]\nlable = "立案"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"small\.toml: (?s:.)*lable"):
        expectations.read(tmp_path / "small.toml")


def test_a_place_of_an_unknown_kind_or_story_is_found() -> None:
    city = read_city()
    first, *others = city.firms
    for changes, kind in (
        ({"kind": "nobodys_kind"}, "unknown_place_kind"),
        ({"story": "fild"}, "story_unknown"),
    ):
        place = {**first.places[0], **changes}
        broken = replace(city, firms=(replace(first, places=(place,)), *others))
        (found,) = completeness.places(PROCESSES, broken)
        assert (found.kind, found.file) == (kind, completeness.CITY)
        assert found.hint
    foreign = {**PROCESSES, KEY: replace(FILING, matter="nobodys_matter")}
    (found,) = completeness.places(foreign, city)
    assert (found.kind, found.process) == ("authority_missing", KEY)


def test_a_prefilled_step_that_is_not_there_is_found() -> None:
    keys = ("record", "place_filing.record", "recrod", "place_filing.accept")
    found = list(completeness.prefilled(PROCESSES, keys))
    assert [one.kind for one in found] == ["prefill_unknown_step"] * 2
    assert found[0].file == completeness.PREFILL


@pytest.mark.parametrize(
    ("code", "what", "name"),
    [
        ('x = act.data["recrod"]', "step", "recrod"),
        ('x = act.data.get("recrod", {})', "step", "recrod"),
        ('x = "recrod" in act.data', "step", "recrod"),
        ('x = act.dates["recrod"]', "step", "recrod"),
        ('x = act.latest(("decide", "recrod"))', "step", "recrod"),
        ('x = process.step("recrod")', "step", "recrod"),
        ('x = desk.given("recrod")', "step", "recrod"),
        ('_ENDING = ("decide", "punish", "recrod")', "step", "recrod"),
        ('_ENDING = {"decide": 1, "punish": 2, "recrod": 3}', "step", "recrod"),
        ('x = case.state == "fild"', "state", "fild"),
        ('x = Case.state.in_(("filed", "fild"))', "state", "fild"),
        ('x = case.process == "place_filling"', "process", "place_filling"),
        ('x = act.related("licnce")', "relation", "licnce"),
        ('x = act.rules.limit("penalty.paymnt", act.day, act.region)', "rule", "penalty.paymnt"),
        ('x = act.rules.value("penalty.paye", act.day, act.region)', "rule", "penalty.paye"),
        ('x = act.rules.document("recipt", act.day, act.region)', "rule", "recipt"),
        ('office.open_case("place_filling", {}, actor)', "process", "place_filling"),
    ],
)
def test_a_name_in_code_that_leads_nowhere_is_found(code: str, what: str, name: str) -> None:
    source = completeness.Source("casework/new.py", f"\n{code}\n")
    (found,) = completeness.named_in_code(PROCESSES, [source])
    assert found.kind == f"code_names_no_{what}"
    assert found.file == "casework/new.py"
    assert "line 2" in str(found)
    assert repr(name) in found.message


# In the rulebook itself.


@pytest.mark.parametrize(
    ("content", "of", "name"),
    [
        ({"conditions": [{"key": "x", "applies_to": ["hotle"]}]}, "place_kind", "hotle"),
        ({"duties": ["在{check.frist}内办理"]}, "limit", "check.frist"),
        ({"items": [{"key": "x", "matter": "radiaton"}]}, "matter", "radiaton"),
        ({"violations": ["gc999"]}, "violation", "gc999"),
    ],
)
def test_a_rule_that_names_none_is_found(content: dict[str, Any], of: str, name: str) -> None:
    shipped = shipped_editions()
    one = next(edition for edition in shipped if edition.kind == "matter")
    broken = replace(one, content={**one.content, **content})
    (found,) = strangers((*shipped, broken))
    assert (found.of, found.name, found.file) == (of, name, one.source)

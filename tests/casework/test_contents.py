"""The compulsory contents of documents (必备内容): each stands in its template, a slip is found."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from casework.documents.contents import unsaid
from casework.operations.knowledge import knowledge
from casework.operations.release import shipped_rules
from casework.rules.rendering import compile_template, printed_text
from rulebook.models import DocumentContents, DocumentKind
from state_machines.language.vocabulary import RecordService
from state_machines.processes import PROCESSES
from tests.support.contents import left_empty
from tests.templates.context import full_context
from tests.templates.test_documents import FOLDER

RULES = shipped_rules()
CONTENTS = {rule.key: rule for _, rule in RULES if isinstance(rule, DocumentContents)}
KINDS = {rule.key: rule for _, rule in RULES if isinstance(rule, DocumentKind)}


def template(key: str) -> bytes:
    return (FOLDER / KINDS[key].template).read_bytes()


def told(key: str, data: bytes) -> list[str]:
    return list(unsaid(CONTENTS[key], compile_template(data, key).fields, printed_text(data)))


def without(data: bytes, text: str) -> bytes:
    """A template, as somebody saves it who has taken out every mention of a text."""
    document = docx.Document(io.BytesIO(data))
    for run in document.element.body.iter(qn("w:t")):
        run.text = (run.text or "").replace(text, "")
    saved = io.BytesIO()
    document.save(saved)
    return saved.getvalue()


# Told apart in the file: by the matter, or where one template serves for several names.
TOLD_APART = {
    "certificate",
    "diagnosis_certificate",
    "inform_notice",
    "commitment_letter",
    "prior_notice_eco",
    "radiation_deregistration",
    "safety_certificate",
    "seizure_decision",
    "seizure_extension",
    "payment_plan",
    "penalty_notice",
    "undoing_decision",
}


@pytest.mark.parametrize("key", sorted(set(CONTENTS) - TOLD_APART))
def test_a_letter_bears_the_name_by_which_others_cite_it(key: str) -> None:
    paragraphs = docx.Document(io.BytesIO(template(key))).paragraphs

    assert KINDS[key].label in {paragraph.text for paragraph in paragraphs}


def test_at_least_twenty_kinds_have_their_contents_listed() -> None:
    assert len(CONTENTS) >= 40
    assert set(CONTENTS) <= set(KINDS)


def test_whatever_is_served_has_its_contents_listed() -> None:
    served = {
        document
        for process in PROCESSES.values()
        for step in process.every_step
        for effect in step.effects
        if isinstance(effect, RecordService)
        for document in effect.documents
    }
    assert served - set(CONTENTS) == set()


@pytest.mark.parametrize("key", sorted(CONTENTS))
def test_every_content_stands_in_the_template(key: str) -> None:
    assert told(key, template(key)) == []


@pytest.mark.parametrize("key", sorted(CONTENTS))
def test_each_field_and_each_word_that_is_taken_out_is_found(key: str) -> None:
    data = template(key)
    fields, text = compile_template(data, key).fields, printed_text(data)
    for item in CONTENTS[key].items:
        for field in (name for each in item.fields for name in each.split("|")):
            found = list(unsaid(CONTENTS[key], fields - {field}, text))
            assert any(item.what in line and field in line for line in found), field
        for words in item.words:
            found = list(unsaid(CONTENTS[key], fields, text.replace(words, "")))
            assert any(item.what in line and words in line for line in found), words


@pytest.mark.parametrize(
    ("key", "slip", "content"),
    [
        ("penalty_decision", "{{ authority.court }}", "行政复议、行政诉讼的途径和期限"),
        ("penalty_decision", "六个月内", "行政复议、行政诉讼的途径和期限"),
        ("penalty_notice", "{{ notice.defence }}", "陈述、申辩的权利和期限"),
        ("urging_notice", "{{ sums.left_capitals }}", "明确的金额和给付方式"),
        ("seizure_decision", "{{ clocks.seizure.due|date_cn }}", "期限（起止日期）"),
        ("certificate", "{{ party.code }}", "被许可的单位及其身份代码"),
        ("revocation_decision", "{{ notice.number }}", "告知书的文号和日期"),
        ("breach_decision", "{{ told.number }}", "告知书的文号和日期"),
        ("breach_decision", "{{ authority.court }}", "行政复议、行政诉讼的途径和期限"),
    ],
)
def test_a_slip_in_word_is_found(key: str, slip: str, content: str) -> None:
    found = told(key, without(template(key), slip))

    assert [line for line in found if content in line]


def test_the_check_tells_template_content_and_article() -> None:
    item = CONTENTS["urging_notice"].items[0].model_copy(update={"fields": ("party.shoe_size",)})
    wrong = CONTENTS["urging_notice"].model_copy(update={"items": (item,)})
    rest = [(kind, rule) for kind, rule in RULES if rule is not CONTENTS["urging_notice"]]

    _, faults = knowledge([*rest, ("contents", wrong)])

    assert faults == [
        "templates/docs/urging_notice.docx: 必备内容 当事人的名称、身份代码和地址"
        "（《行政强制法》第三十五条）：模板中没有字段 party.shoe_size"
    ]
    stray = wrong.model_copy(update={"key": "no_such_letter"})
    _, faults = knowledge([*rest, ("contents", stray)])
    assert faults == [
        "rulebook/contents.toml: no_such_letter, which the catalogue of documents lacks"
    ]


def test_what_a_document_leaves_empty_is_found() -> None:
    contents = CONTENTS["penalty_decision"]
    whole = full_context()
    assert list(left_empty(contents, whole)) == []

    slips: list[tuple[dict[str, Any], str]] = [
        ({"sentence": {**whole["sentence"], "evidence": []}}, "sentence.evidence[].item"),
        ({"sentence": {**whole["sentence"], "basis": ""}}, "sentence.basis"),
        ({"handlers": []}, "handlers[].name"),
        ({"party": {**whole["party"], "address": ""}}, "party.address"),
    ]
    for broken, what in slips:
        found = list(left_empty(contents, {**whole, **broken}))
        assert any(f"字段 {what} 没有内容" in line for line in found)
    # Without money there is nothing to pay, and without the right nobody is heard.
    nothing: dict[str, Any] = {**dict.fromkeys(whole["sums"], ""), "explained": []}
    free = {**whole, "sums": nothing, "hold_hearing": ""}
    assert list(left_empty(contents, free)) == []
    unheard = {name: text for name, text in whole["notice"].items() if name != "unheard"}
    silent = list(left_empty(contents, {**free, "notice": unheard}))
    assert [line.split("（")[0] for line in silent] == ["听证或者没有听证的情况"]

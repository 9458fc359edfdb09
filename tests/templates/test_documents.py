"""Every Word template of the house: complete, repeatable, and in the house style."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from casework.rules.rendering import Template, TemplateError, compile_template, printed_text
from rulebook.shipped import shipped_editions
from state_machines.enforcement.penalty.forms import UNPROVED
from tests.templates.context import full_context

FOLDER = Path(__file__).parents[2] / "templates" / "docs"
KEYS = sorted(path.stem for path in FOLDER.glob("*.docx"))

LAW_OF_PENALTIES = "《中华人民共和国行政处罚法》"

# Steps that some cases of a kind never take; the template copes without them.
OPTIONAL = {
    "breach_decision": ["find_false"],
    "check_record": ["recheck"],
    "code_change_notice": ["confirm_succession"],
    "custody_release": ["release", "reject", "lift"],
    "execution_rest": ["end_execution"],
    "correction_notice": ["order_correction", "handlers"],
    "deregistration_decision": ["deregister"],
    "deregistration_notice": ["deregister"],
    "no_penalty_decision": ["proofs"],
    "ready_notice": ["prove_conditions"],
    "rectification_order": ["handlers", "inspect"],
    "release_decision": ["proofs"],
    "revocation_notice": ["handlers"],
    "spot_decision": ["record_scene"],
    "renewal_decision": ["grant"],
    "termination_notice": ["terminate"],
    "grant_decision": ["commit", "check_site"],
    "hearing_record": ["violation"],
    "legal_review_opinion": ["state_defence", "hold_hearing", "violation"],
    "panel_minutes": ["violation"],
    "repair_reminder": ["decided"],
    "undoing_decision": ["decided"],
    "revocation_decision": ["state_defence", "hold_hearing", "handlers"],
    "penalty_decision": ["state_defence", "hold_hearing"],
    "defence_review": ["state_defence", "hold_hearing"],
    "payment_plan": ["grant_instalments", "ask_for_time"],
}
# Drawn as a code; printed only for what was not met.
NOT_PRINTED = {
    ("certificate", "verify.url"),
    ("certificate_duplicate", "verify.url"),
    ("diagnosis_certificate", "verify.url"),
    ("diagnosis_duplicate", "verify.url"),
    ("safety_certificate", "verify.url"),
    ("safety_duplicate", "verify.url"),
    ("grading_placard", "verify.url"),
    ("objection_answer", "act.step"),
    ("receipt", "verify.url"),
    ("repair_guide", "repair.url"),
    ("repair_reminder", "repair.url"),
    ("rectification_order", "inspect.results[].clause"),
    ("rectification_order", "inspect.results[].finding"),
}

DECISIONS = [
    "breach_decision",
    "code_change_notice",
    "conversion_notice",
    "correction_notice",
    "deregistration_notice",
    "ending_decision",
    "grading_result",
    "grant_decision",
    "no_penalty_decision",
    "non_acceptance",
    "penalty_decision",
    "radiation_deregistration",
    "radiation_grant",
    "rectification_order",
    "refusal_decision",
    "release_decision",
    "repair_false_decision",
    "repair_refusal",
    "revocation_decision",
    "seizure_decision",
    "seizure_extension",
]
CERTIFICATES = {key for key in KEYS if key.endswith(("certificate", "_duplicate", "_placard"))}
# A certificate of radiation says of itself what it is, and since when.
OF_RADIATION = {key for key in CERTIFICATES if key.startswith(("diagnosis", "safety"))}
# Of a party and its record, and of no place.
OF_CREDIT = {
    key
    for key in KEYS
    if key.startswith(
        (
            "code_change",
            "prior_notice",
            "repair_",
            "self_check",
            "credit_",
            "training",
            "objection",
            "talk_",
        )
    )
}
WITHOUT_NUMBER = {
    *(CERTIFICATES - OF_CREDIT),
    "address_confirmation",
    "commitment_letter",
    "compliance_pledge",
    "credit_commitment",
    "joint_application",
    "self_check_report",
}
# Made of the file itself, under no step.
OF_THE_FILE = {"court_file_contents", "court_file_evidence"}
# Of things and records, wherever they were taken.
OF_EVIDENCE = {
    "custody_list",
    "custody_release",
    "interview_record",
    "preservation_decision",
    "return_receipt",
    "scene_record",
    "seizure_decision",
    "seizure_extension",
    "test_period_notice",
}


def bytes_of(key: str) -> bytes:
    return (FOLDER / f"{key}.docx").read_bytes()


def compiled(key: str) -> Template:
    return compile_template(bytes_of(key), key)


def contexts(key: str) -> Iterator[dict[str, Any]]:
    """Give the full case, and the case without each step that need not have happened."""
    yield full_context()
    for step in OPTIONAL.get(key, []):
        yield full_context() | {step: ""}
    if key == "termination_notice":
        # Nobody gave up, and nothing was left unanswered: the law ends it.
        yield full_context() | {"terminate": "", "close_unanswered": ""}
    if key == "custody_release":
        # What was approved is lifted, or ends by the law.
        yield full_context() | {"release": "", "reject": ""}
        yield full_context() | {"release": "", "reject": "", "lift": ""}
    if key == "revocation_decision":
        # Told under an older version, and not known to be served.
        yield full_context() | {"notice": {**full_context()["notice"], "served_on": ""}}
    if key in ("commitment_letter", "grant_decision"):
        yield full_context() | {"promised": {"ready_by": "", "made": True}}
    if key in CERTIFICATES:
        for size in ("middle", "small", "tiny"):
            sizes = dict.fromkeys(full_context()["fit"], False)
            yield full_context() | {"fit": {**sizes, size: True}}
    if key in (
        "seizure_decision",
        "test_period_notice",
        "custody_release",
        "preservation_decision",
    ):
        yield from _of_custody()
    if key == "release_decision":
        yield from _released()
    if key == "objection_answer":
        yield full_context() | {"act": full_context()["act"] | {"step": "异议不成立"}}
    if key == "radiation_grant":
        # What does not expire is verified instead.
        whole = full_context()
        yield whole | {"held": {**whole["held"], "valid_until": ""}}
    if key == "grading_result":
        # A place may be left without a grade, for a vital item or for its points.
        grading = full_context()["grading"] | {"grade": ""}
        yield full_context() | {"grading": copy.deepcopy(grading)}
        yield full_context() | {"grading": grading | {"vetoes": []}}


def _of_custody() -> Iterator[dict[str, Any]]:
    """Things kept as evidence, and things seized with leave."""
    whole = full_context()
    for said in (
        {"measure": "先行登记保存", "basis": f"{LAW_OF_PENALTIES}第五十六条"},
        {"urgent": False},
    ):
        yield whole | {"application": whole["application"] | said}


def _released() -> Iterator[dict[str, Any]]:
    """Nobody is punished, on each kind of ground."""
    whole = full_context()
    for article in ("", "第三十条（不满十四周岁）", "第三十一条（不能辨认或者不能控制自己行为）"):
        yield whole | {"said": whole["said"] | {"article": article}}
    yield whole | {"said": whole["said"] | {"article": "", "ground": UNPROVED}}


def values(context: Any, field: str) -> list[Any]:
    """Give every value that a dotted field of a template stands for."""
    found = [context]
    for name, listed in re.findall(r"([^.\[\]]+)(\[\])?", field):
        found = [holder[name] for holder in found if holder and name in holder]
        if listed:
            found = [item for items in found for item in items]
    return found


def as_printed(value: str) -> set[str]:
    day = re.fullmatch(r"(\d{4})-0?(\d+)-0?(\d+)", value)
    return {"{}年{}月{}日".format(*day.groups())} if day else {" ".join(value.split()), value}


def test_every_catalogued_document_has_its_template_and_none_is_left_over() -> None:
    catalogued = {e.content["template"] for e in shipped_editions() if e.kind == "document"}

    assert {f"{key}.docx" for key in KEYS} == catalogued


@pytest.mark.parametrize("key", KEYS)
def test_every_value_that_a_template_uses_is_on_the_paper(key: str) -> None:
    template = compiled(key)
    wanted: dict[str, bool] = {}
    for context in contexts(key):
        text = printed_text(template.render(context))
        for field in template.fields:
            if (key, field) in NOT_PRINTED:
                continue
            for value in values(context, field):
                if isinstance(value, str) and value:
                    for line in value.splitlines():
                        shown = any(form in text for form in as_printed(line))
                        wanted[line] = wanted.get(line, False) or shown
                elif isinstance(value, int) and not isinstance(value, bool):
                    wanted[str(value)] = str(value) in text
    assert wanted
    assert [value for value, shown in wanted.items() if not shown] == []


@pytest.mark.slow
@pytest.mark.parametrize("key", KEYS)
def test_every_field_is_needed_and_refused_by_name_when_it_is_missing(key: str) -> None:
    template = compiled(key)
    for field in sorted(template.fields):
        if field.endswith("[]"):
            continue
        holder, _, name = field.rpartition(".")
        refusals = []
        for context in contexts(key):
            broken = copy.deepcopy(context)
            for owner in values(broken, holder) if holder else [broken]:
                if owner:
                    owner.pop(name)
                    owner["other"] = "x"  # an empty step would count as one not taken
            try:
                template.render(broken)
            except TemplateError as refusal:
                refusals.append(str(refusal))
        path = field.replace("[]", "[0]")
        assert any(f"模板《{key}》的字段 {path} 没有提供" in text for text in refusals), field


@pytest.mark.parametrize("key", KEYS)
def test_optional_steps_may_be_absent_and_the_rest_still_stands(key: str) -> None:
    template = compiled(key)
    whole = printed_text(template.render(full_context()))
    for context in contexts(key):
        text = printed_text(template.render(context))
        assert "{{" not in text
        assert "{%" not in text
        assert len(text) > len(whole) / 2


@pytest.mark.parametrize("key", KEYS)
def test_rendering_twice_gives_the_same_bytes(key: str) -> None:
    assert compiled(key).render(full_context()) == compiled(key).render(full_context())


@pytest.mark.parametrize("key", KEYS)
def test_difficult_names_appear_whole(key: str) -> None:
    context = full_context()
    name = "<甲&乙>\"丙\"'丁'𠮷" + "长" * 200
    context["party"]["name"] = context["party"]["representative"] = name
    context["place"]["name"] = context["authority"]["name"] = name
    context["held"]["place_name"] = context["form"]["party"] = name
    context["report"]["party"] = name

    document = compiled(key).render(context)

    assert name in printed_text(document)
    opened = docx.Document(io.BytesIO(document))
    for cell in opened.element.body.iter(qn("w:tc")):
        assert cell[-1].tag == qn("w:p")  # else Word calls the file damaged


@pytest.mark.parametrize(
    ("key", "field", "name"),
    [
        ("receipt", "attachments", "label"),
        ("supplement_notice", "request_supplement.items", "what"),
        ("inform_notice", "matter.conditions", "text"),
        ("commitment_letter", "matter.conditions", "text"),
        ("check_record", "recheck.results", "finding"),
        ("rectification_order", "order_rectification.items", "requirement"),
        ("legal_review_opinion", "said.checklist", "note"),
        ("panel_minutes", "panel.votes", "opinion"),
        ("correction_notice", "said.items", "requirement"),
    ],
)
def test_long_lists_print_every_row(key: str, field: str, name: str) -> None:
    context = full_context()
    (rows,) = values(context, field)
    rows[:] = [rows[0] | {name: f"第{number}行"} for number in range(60)]

    text = printed_text(compiled(key).render(context))

    assert [n for n in range(60) if f"第{n}行" not in text] == []


@pytest.mark.parametrize("key", sorted({*KEYS} - {"mandate_form", "credit_report"} - OF_THE_FILE))
def test_who_says_what_to_whom_is_always_there(key: str) -> None:
    context = full_context()
    text = printed_text(compiled(key).render(context))

    assert context["authority"]["name"] in text
    # Decided against a party, wherever it is; and what names its premises in other words.
    of_a_party = {"hearing_notice", "hearing_record", "legal_review_opinion", "panel_minutes"}
    named = {
        *OF_EVIDENCE,
        *of_a_party,
        "service_receipt",
        "service_announcement",
        "address_confirmation",
        "erratum_notice",
        "undoing_decision",
        "revocation_decision",
        "joint_application",
        "recusal_decision",
    }
    held = {*OF_RADIATION, "ending_decision", "radiation_deregistration"}
    what = context["held"]["place_name"] if key in held else context["place"]["name"]
    assert what in text or key in named or key in OF_CREDIT
    assert ("2026年2月6日" if key in OF_RADIATION else "2026年1月7日") in text
    assert "印章" in text or "盖章" in text or key == "panel_minutes"  # signed by its members
    if key in WITHOUT_NUMBER:
        assert context["document"]["number"] not in text
    else:
        assert context["document"]["number"] in text
    if key not in CERTIFICATES - OF_CREDIT:
        assert context["party"]["name"] in text
        assert context["case"]["number"] in text


@pytest.mark.parametrize("key", DECISIONS)
def test_a_decision_tells_the_remedies(key: str) -> None:
    context = full_context()
    text = printed_text(compiled(key).render(context))

    for words in ("六十日内", "行政复议", "六个月内", "提起行政诉讼"):
        assert words in text
    assert f"向{context['authority']['reconsideration_body']}申请行政复议" in text
    assert f"向{context['authority']['court']}提起行政诉讼" in text
    assert context["authority"]["reconsideration_online"] in text
    context["authority"]["reconsideration_online"] = ""
    assert "网上申请" not in printed_text(compiled(key).render(context))


@pytest.mark.parametrize(
    "key",
    [
        "check_record",
        "custody_list",
        "education_record",
        "grading_sheet",
        "interview_record",
        "preservation_decision",
        "return_receipt",
        "scene_record",
        "seizure_decision",
        "service_receipt",
    ],
)
def test_two_officers_stand_with_their_certificates(key: str) -> None:
    text = printed_text(compiled(key).render(full_context()))

    assert "周卫国（执法证号：10060123001）、钱慧（执法证号：10060123002）" in text


@pytest.mark.parametrize(
    "key",
    [
        "correction_notice",
        "no_penalty_decision",
        "penalty_decision",
        "penalty_notice",
        "rectification_order",
        "release_decision",
        "revocation_decision",
        "revocation_notice",
    ],
)
def test_those_who_handle_the_case_stand_with_their_certificates(key: str) -> None:
    """Two of them, also where one alone takes the step (处罚法42)."""
    text = printed_text(compiled(key).render(full_context()))

    assert "杨承办（执法证号：10060123003）、赵承办（执法证号：10060123004）" in text


@pytest.mark.parametrize(
    "key",
    [
        "breach_decision",
        "no_penalty_decision",
        "penalty_decision",
        "penalty_notice",
        "prior_notice",
        "prior_notice_eco",
    ],
)
def test_a_citizen_has_no_legal_representative(key: str) -> None:
    context = full_context()
    context["party"] |= {"organisation": False, "code_label": "公民身份号码"}

    text = printed_text(compiled(key).render(context))

    assert "法定代表人" not in text
    assert "公民身份号码：" in text


@pytest.mark.parametrize(
    ("key", "said", "there", "gone"),
    [
        ("seizure_decision", {"urgent": False}, "经本机关负责人批准，决定", "二十四小时"),
        (
            "seizure_decision",
            {"urgent": True},
            "在二十四小时内向本机关负责人报告，并补办批准手续",
            "经本机关负责人批准，",
        ),
        ("test_period_notice", {"measure": "查封"}, "查封的期限不包括该期间", "先行登记保存"),
        ("test_period_notice", {"measure": "先行登记保存"}, "不因送检延长", "行政强制法"),
        (
            "preservation_decision",
            {"basis": f"{LAW_OF_PENALTIES}第五十六条"},
            f"依照{LAW_OF_PENALTIES}第五十六条的规定",
            "和《",
        ),
    ],
)
def test_a_paper_of_custody_cites_what_its_measure_rests_on(
    key: str, said: dict[str, Any], there: str, gone: str
) -> None:
    context = full_context()
    context["application"] |= said
    text = printed_text(compiled(key).render(context))

    assert there in text
    assert gone not in text


@pytest.mark.parametrize(
    ("measure", "law"),
    [("先行登记保存", f"{LAW_OF_PENALTIES}第五十六条"), ("扣押", "第二十八条第一款第四项")],
)
def test_what_ends_by_law_ends_by_the_law_of_its_measure(measure: str, law: str) -> None:
    context = full_context() | {"release": "", "reject": "", "lift": ""}
    context["application"] |= {"measure": measure}
    text = printed_text(compiled("custody_release").render(context))

    assert law in text
    assert ("行政强制法" in text) != (measure == "先行登记保存")


@pytest.mark.parametrize(
    ("said", "there"),
    [
        ({"article": "第三十条（不满十四周岁）"}, "责令监护人加以管教"),
        ({"article": "第三十一条（不能辨认或者不能控制自己行为）"}, "责令监护人严加看管和治疗"),
        ({"article": "第三十六条（超过追责期限）"}, "不免除依法改正违法行为的义务"),
        ({"article": "", "ground": UNPROVED}, "依法应当履行的其他义务"),
    ],
)
def test_a_release_asks_of_the_party_what_its_article_does(
    said: dict[str, str], there: str
) -> None:
    context = full_context()
    context["said"] |= said
    text = printed_text(compiled("release_decision").render(context))

    assert there in text
    assert ("改正违法行为的义务" in text) == ("三十六" in said["article"])


def test_an_answer_tells_of_a_correction_only_where_there_is_one() -> None:
    context = full_context()
    assert "本机关已经更正" in printed_text(compiled("objection_answer").render(context))
    context["act"] |= {"step": "异议不成立"}
    assert "本机关已经更正" not in printed_text(compiled("objection_answer").render(context))


def test_a_rectification_order_lists_only_what_was_not_met() -> None:
    text = printed_text(compiled("rectification_order").render(full_context()))

    assert "1. 从业人员健康合格证明：3名从业人员无健康证明" in text
    assert "清洗消毒设施" not in text


def test_a_check_record_holds_the_last_look() -> None:
    template = compiled("check_record")
    second = printed_text(template.render(full_context()))
    first = printed_text(template.render(full_context() | {"recheck": ""}))

    assert "复查仍不符合" in second
    assert "一项不符合承诺" not in second
    assert "一项不符合承诺" in first
    assert "2026年2月12日" in first


@pytest.mark.parametrize("key", KEYS)
def test_the_file_keeps_the_house_style(key: str) -> None:
    document = docx.Document(io.BytesIO(bytes_of(key)))
    section = document.sections[0]
    body = document.element.body

    language = document.styles.element.find(f".//{qn('w:lang')}")
    assert language.get(qn("w:eastAsia")) == "zh-CN"
    names = {p.style.name for p in document.paragraphs}
    assert not {name for name in names if name and name.isascii()}
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        assert fonts.get(qn("w:eastAsia"))
    for table in document.tables:
        assert table.autofit is False
    for row in body.iter(qn("w:tr")):
        assert row.find(f"{qn('w:trPr')}/{qn('w:cantSplit')}") is not None
    for run_text in body.iter(qn("w:t")):  # a tag in pieces cannot be edited in Word
        text = run_text.text or ""
        assert text.count("{{") == text.count("}}")
        assert text.count("{%") == text.count("%}")
    if key in CERTIFICATES:
        assert section.page_width > section.page_height
        assert section._sectPr.find(qn("w:pgBorders")) is not None
    else:
        edges = (section.top_margin, section.left_margin, section.right_margin)
        assert [round(edge.mm) for edge in edges if edge is not None] == [37, 28, 26]
        assert section.bottom_margin is not None
        assert round(section.bottom_margin.mm) == 35
        assert section.footer.paragraphs[0].text == "—  —"  # the number is a field between
        assert "PAGE" in section.even_page_footer._element.xml


@pytest.mark.parametrize(
    "key",
    ["receipt", "supplement_notice", "inform_notice", "commitment_letter", "rectification_order"],
)
def test_a_table_of_rows_repeats_its_header(key: str) -> None:
    body = docx.Document(io.BytesIO(bytes_of(key))).element.body

    for table in body.iter(qn("w:tbl")):
        if "{%tr" in "".join(text.text or "" for text in table.iter(qn("w:t"))):
            assert table.find(f"{qn('w:tr')}/{qn('w:trPr')}/{qn('w:tblHeader')}") is not None

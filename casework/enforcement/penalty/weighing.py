"""What speaks for less, and what is above the table (裁量): as the file has it, not as chosen.

In cases of every version.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.dossier import dossier_of
from casework.acts.proposals import dispensed, draft_of
from casework.acts.successions import line_of
from casework.common.timekeeping import in_chinese, legal_date
from casework.common.typed_inputs import Inputs
from casework.enforcement.exemption.collect import age_on
from casework.enforcement.penalty.collect import step_of
from casework.enforcement.penalty.stages import corrected, found_uncorrected
from casework.kernel.replaying import TURNED_BACK
from casework.models import Case
from casework.parts.evidence.register import registered, registered_of
from rulebook.citations import citations
from rulebook.discretion import STAGES, band_at, in_words
from rulebook.money import yuan
from state_machines.enforcement.penalty.forms import (
    OTHERWISE,
    UNPROVED,
    Lead,
    Mitigation,
    Release,
    ReleaseArticle,
    Sentence,
)
from state_machines.language.vocabulary import Refusal
from state_machines.licences import LICENCES
from state_machines.licensing.licence.forms import Licence
from state_machines.parts.approvals.measures import FINES, MeasureKind, total
from state_machines.parts.evidence.forms import Origin
from state_machines.parts.panel.forms import FORGO_PANEL

# What somebody is without, by the licence that the register would have of it.
_WITHOUT = {
    "未取得公共场所卫生许可证": "licence",
    "未取得放射诊疗许可": "diagnosis_licence",
}
_CHILD, _OF_AGE = 14, 18
# What the titles of papers say that show that something was put right, or did no harm.
MENDED = ("改正", "整改")
HARMLESS = ("检测", "检验", "鉴定", "诊断", "评估", "核实")
_LIGHTER = "《行政处罚法》第三十二条、第三十四条、第四十条"
_GAINS = "《行政处罚法》第二十八条第二款"
_ABOVE = "《行政处罚法》第三十四条、第五十七条第二款"


def of_mitigations(act: Act, said: Sentence) -> Iterator[Refusal]:
    """Each ground for less is one that the party can have, and the file proves."""
    named = set(said.mitigations)
    if Mitigation.MINOR in named:
        age = age_on(act, act.inputs.application(Lead).act_on)
        if age is None or not _CHILD <= age < _OF_AGE:
            text = "当事人行为时不是已满十四周岁不满十八周岁的自然人，不能以此从轻、减轻处罚"
            yield Refusal("not_a_minor", text, "《行政处罚法》第三十条")
    if Mitigation.LISTED in named and not _is_listed(act, said):
        text = (
            f"现行清单没有案由{said.violation}的从轻、减轻处罚事项，不能以“列入清单”从轻、减轻处罚"
        )
        yield Refusal("leniency_not_listed", text, _LIGHTER)
    if Mitigation.OTHER in named and not any(
        citation.article for citation in citations(said.circumstances)
    ):
        text = (
            "以其他情形从轻、减轻处罚的，须在“认定上述情节的事实和证据”中写明法律、法规、规章的条款"
        )
        yield Refusal("leniency_without_article", text, _LIGHTER)
    proved = named - {Mitigation.MINOR, Mitigation.LISTED, Mitigation.OTHER}
    if proved and said.circumstances and not registered(act, said.circumstances):
        text = (
            f"“{'、'.join(sorted(proved))}”须有证据：请先登记证据，并在“认定上述情节的事实和证据”中"
            "写明它的名称"
        )
        yield Refusal("leniency_unproved", text, _LIGHTER)


def _is_listed(act: Act, said: Sentence) -> bool:
    rules = act.rules
    entries = (
        rules.leniency(key, act.day, act.region)[0]
        for key in rules.known("leniency", act.day, act.region)
    )
    wanted = ("reduced",) if said.weight == "reduced" else ("lighter", "reduced")
    code = said.violation.casefold()
    return any(entry.kind in wanted and code in entry.violations for entry in entries)


def of_gains(act: Act, said: Sentence) -> Iterator[Refusal]:
    """What was gained is confiscated, but for what goes back to those from whom it came."""
    income = yuan(said.illegal_income) if said.illegal_income else Decimal(0)
    taken = total(said.measures, (MeasureKind.CONFISCATE_GAIN.value,))
    why = f"{said.departure}{said.reasons}"
    if taken >= income or ("退赔" in why and registered(act, why)):
        return
    text = (
        f"认定违法所得{income:.2f}元，没收{taken:.2f}元：除依法应当退赔的外，违法所得应当没收；"
        "已经退赔的，在理由中写明退赔的数额和已登记的证据"
    )
    yield Refusal("gains_left", text, _GAINS)


def of_findings(act: Act, said: Sentence) -> Iterator[Refusal]:
    """A range of fine for which the law asks more than its stage (细则35、36、37) is for what the
    sentence says and a registered paper proves; the decision is bound to what the notice told."""
    code, stage = said.violation.casefold(), said.stage
    if code not in act.rules.known("violation", act.day, act.region):
        return
    violation = act.rules.violation(code, act.day, act.region)[0]
    income = yuan(said.illegal_income) if said.illegal_income else Decimal(0)
    band = band_at(violation, stage, income) if stage else None
    fined = any(measure.kind in FINES for measure in said.measures)
    if band is None or not band.also or not fined:
        return
    findings = act.rules.value("penalty.findings", act.day, act.region)
    told = f"{said.facts}\n{said.gravity}"
    asked = [findings[name] for name in band.also]
    if any(
        any(word in told for word in one["says"])
        and registered(act, told, one["papers"], one["kinds"])
        for one in asked
    ):
        return
    wanted = "；或者".join(
        f"“{name}”（写明“{'”或者“'.join(one['says'])}”，证据名称中有“{'”或者“'.join(one['papers'])}”"
        f"{'，种类为' + '、'.join(one['kinds']) if one['kinds'] else ''}）"
        for name, one in zip(band.also, asked, strict=True)
    )
    text = (
        f"案由{violation.code}“{STAGES[stage]}”的罚款幅度（{in_words(band)}）还须查明{wanted}："
        "请先登记证据，并在事实（情节严重的事实和证据）中写明该事实和证据的名称；"
        "不能证明的，按较轻的幅度处罚"
    )
    yield Refusal(
        "finding_not_proved", text, f"{violation.law}、《行政处罚法》第四十条、第四十六条"
    )


def of_licence(act: Act, said: Sentence) -> Iterator[Refusal]:
    """Nobody is without the licence that the register has for him at that place on that day, unless
    the sentence says why it is none of what was done."""
    code = said.violation.casefold()
    if act.case.place_id is None or code not in act.rules.known("violation", act.day, act.region):
        return
    label = act.rules.violation(code, act.day, act.region)[0].label
    wanted = [key for word, key in _WITHOUT.items() if label.startswith(word)]
    act_on = act.inputs.application(Lead).act_on
    licences = act.session.scalars(
        select(Case)
        .where(
            Case.process.in_(wanted),
            Case.party_id.in_(line_of(act.case.party_id, act.day)),
            Case.place_id == act.case.place_id,
        )
        .order_by(Case.id)
    )
    told = f"{said.facts}{said.reasons}"
    for licence in licences if wanted else ():
        number = Inputs(licence.data).application(Licence).number
        if _stood_on(act, licence, act_on) and number not in told:
            text = (
                f"登记显示当事人自{in_chinese(legal_date(licence.opened_at))}起在该场所持有有效的许可证"
                f"（{number}），不能认定“{label}”；该证不适用于所查行为的，请在事实或者理由中"
                "写明该编号和不适用的理由"
            )
            yield Refusal("licence_was_held", text, "《行政处罚法》第五条第二款、第四十条")


def _stood_on(act: Act, licence: Case, on: date) -> bool:
    """Whether a licence was there on a day, whatever ended it on a later one."""
    states = [
        header["target"]
        for header in dossier_of(act.session, licence).headers
        if header["kind"] in ("open", "step", TURNED_BACK)
        and not header["track"]
        and legal_date(datetime.fromisoformat(header["effective_at"])) <= on
    ]
    return bool(states) and states[-1] in LICENCES[licence.process]


def of_panel(act: Act) -> Iterator[Refusal]:
    """Above the table of discretion only the heads go together, with reasons."""
    forgone = act.step.name == FORGO_PANEL
    sentence = draft_of(act, Sentence) if forgone else act.filled(Sentence)
    if sentence is None or not (forgone or dispensed(act, "panel")):
        return
    step, amount = step_of(act, sentence), total(sentence.measures, FINES)
    if step is None or amount <= step.most:
        return
    text = f"罚款{amount:.2f}元高于裁量基准的幅度（{step.text}），应当由负责人集体讨论决定"
    yield Refusal("above_step_not_discussed", text, _ABOVE)


def harm_on_file(field: str) -> Refusal:
    """What a lead says of harm is not undone by a word."""
    text = (
        "线索载明造成了危害后果，不能认定没有造成危害后果：查明没有造成的，先登记检测、鉴定、"
        f"调查核实的材料，并在“{field}”中写明它的名称"
    )
    return Refusal("harm_on_file", text, "《行政处罚法》第三十三条第一款、第四十条")


def of_release(act: Act) -> Iterator[Refusal]:
    """Slight is no act that was found not to be put right, or that nobody has seen to be, or that
    did harm; and it is the party that proves that it had no fault (处罚法33)."""
    release = act.filled(Release)
    slight = release.ground and release.ground not in (OTHERWISE, UNPROVED)
    first = release.ground == OTHERWISE and release.article is ReleaseArticle.FIRST
    if (slight or first) and found_uncorrected(act):
        text = "复查认定没有改正，不符合“及时改正”，不能以此不予处罚"
        yield Refusal("not_corrected", text, "《行政处罚法》第三十三条第一款")
    elif slight and not (corrected(act) or registered(act, release.facts, MENDED)):
        text = (
            "“违法行为轻微”须及时改正：案卷没有复查认定已经改正，也没有登记改正的材料，"
            "请先复查，或者登记改正的材料（名称写明改正、整改）并在“查明的事实和证据”中写明它的名称"
        )
        yield Refusal("correction_unproved", text, "《行政处罚法》第三十三条第一款")
    harmed = act.inputs.application(Lead).harmed
    if slight and harmed and not registered(act, release.facts, HARMLESS):
        yield harm_on_file("查明的事实和证据")
    no_fault = release.ground == OTHERWISE and release.article is ReleaseArticle.NO_FAULT
    if no_fault and not registered_of(act, Origin.PARTY, release.facts):
        text = (
            "没有主观过错由当事人举证：请先把当事人提交的证据登记入卷（来源“当事人提交”），"
            "并在“查明的事实和证据”中写明它的名称"
        )
        yield Refusal("proof_not_of_party", text, "《行政处罚法》第三十三条第二款")

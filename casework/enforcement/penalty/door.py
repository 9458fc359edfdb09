"""A penalty is what was told, and nothing that words add to it, in cases of every version.

Each kind is given once, with a sum or a term only where the kind has one; gains are confiscated as
far as some were found. What speaks against the party was told to it, and speaking for itself makes
nothing heavier. Orders and letters carry no penalty of their own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal

from casework.acts.act import Act
from casework.common.numerals import NUMBER
from casework.common.texts import folded
from casework.common.timekeeping import in_chinese
from casework.enforcement.exemption.collect import last_day_of
from casework.enforcement.penalty import weighing
from casework.parts.evidence.register import registered_since
from casework.rules.counting import count
from rulebook.money import yuan
from state_machines.checks.commitment_check.forms import (
    ORDER_RECTIFICATION,
    RectificationOrder,
)
from state_machines.enforcement.exemption.forms import (
    CORRECT_ON_THE_SPOT,
    ORDER_CORRECTION,
    CorrectionOrder,
)
from state_machines.enforcement.penalty.forms import (
    DECIDE,
    END_WITH_JUSTICE,
    NOTIFY,
    REFER_CRIME,
    RELEASE,
    TAKE_BACK,
    Decision,
    Lead,
    Returned,
    Sentence,
    Sentencing,
)
from state_machines.enforcement.simple_penalty.forms import PUNISH
from state_machines.language.vocabulary import Refusal
from state_machines.parts.approvals.measures import (
    CONFISCATIONS,
    FINES,
    Measure,
    MeasureKind,
    heavier,
    money,
    total,
)
from state_machines.parts.corrections.forms import PROPOSE_UNDOING, UNDO_DECISION, OwnRevocation
from state_machines.parts.hearing.forms import HOLD_HEARING, STATE_DEFENCE
from state_machines.parts.panel.forms import FORGO_PANEL
from state_machines.parts.records.forms import RECORD_INTERVIEW, RECORD_SCENE, Heard, Recusal

_PENALTIES = ("penalty", "simple_penalty")
_ORDERING = (ORDER_CORRECTION, CORRECT_ON_THE_SPOT, ORDER_RECTIFICATION)
_OF_MONEY = frozenset((*FINES, *CONFISCATIONS))
_FOR_A_TIME = frozenset(
    {
        MeasureKind.SUSPEND_LICENCE.value,
        MeasureKind.RESTRICT_BUSINESS.value,
        MeasureKind.STOP_BUSINESS.value,
        MeasureKind.RESTRICT_PROFESSION.value,
        MeasureKind.LOWER_GRADE.value,
    }
)
# Of these there may be several, each of another thing.
_OF_THINGS = frozenset({MeasureKind.CONFISCATE_GOODS.value})
_GAIN = MeasureKind.CONFISCATE_GAIN.value
# What an order to correct never is: a penalty, or money that is asked for.
_DEPOSIT = r"保证金|押金|担保金|质保金"
_NO_CORRECTION = re.compile(
    r"停业|停产|吊销|暂扣|吊扣|罚款|没收"
    rf"|{_DEPOSIT}|[交缴][纳付]?[^，,。；;]{{0,10}}?{NUMBER}[元圆]"
    r"|(?:收回|扣留|注销|收缴)[^，,。；;]{0,10}?(?:许可证|证照|执照)"
    # Who has no licence corrects that by closing until he has one; for a term it is a penalty.
    rf"|(?:停止|暂停|不得)(?:营业|经营|生产|接待)[^，,。；;]{{0,10}}?{NUMBER}(?:个月|日|天|周)(?!内|以内)"
    r"|歇业|关门"
)
# What nobody has to do by a penalty.
_NO_DUTY = re.compile(rf"购买|捐|赞助|{_DEPOSIT}|服务费|培训费")
_DECIDING = re.compile(
    r"(?:并处|另处|加处|处以|给予|予以|决定|并|另|改)[^，,。；;未不免]{0,10}?"
    r"(?P<kind>吊销|暂扣|吊扣|停产|停业|停止营业|停止经营|责令关闭|没收|罚款"
    r"|(?:收回|扣留)(?=[^，,。；;]{0,10}?(?:许可证|证照|执照)))"
)
_DAY = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_WENT_ON = re.compile("至今|持续|继续|连续")
SPOKEN_OF: Mapping[str, tuple[MeasureKind, ...]] = {
    "吊销": (MeasureKind.CANCEL_LICENCE,),
    "暂扣": (MeasureKind.SUSPEND_LICENCE,),
    "吊扣": (MeasureKind.SUSPEND_LICENCE,),
    "收回": (MeasureKind.CANCEL_LICENCE, MeasureKind.SUSPEND_LICENCE),
    "扣留": (MeasureKind.CANCEL_LICENCE, MeasureKind.SUSPEND_LICENCE),
    "停止营业": (MeasureKind.STOP_BUSINESS,),
    "停止经营": (MeasureKind.STOP_BUSINESS,),
    "停产": (MeasureKind.STOP_BUSINESS,),
    "停业": (MeasureKind.STOP_BUSINESS,),
    "责令关闭": (MeasureKind.CLOSE_BUSINESS,),
    "没收": (MeasureKind.CONFISCATE_GAIN, MeasureKind.CONFISCATE_GOODS),
    "罚款": (MeasureKind.FINE,),
}
# What of a sentence says why, besides the parts that the notice binds already.
_WHY = ("reasons", "circumstances", "gravity")
_GRAVER: Mapping[str, tuple[str, ...]] = {
    "stage": ("at_once", "uncorrected", "grave"),
    "weight": ("reduced", "lighter", "standard", "heavier"),
}
_CALLED = {
    "reasons": "裁量理由",
    "stage": "罚款幅度的情形",
    "weight": "裁量档",
    "circumstances": "认定情节的事实和证据",
    "gravity": "情节严重的事实和证据",
    "aggravations": "从重情节",
    "illegal_income": "违法所得",
}


def refusals(act: Act) -> list[Refusal]:
    """What the act would lay on the party beside what was found, told and decided."""
    step = act.step.name
    found: list[Refusal] = []
    if step in _ORDERING:
        found += _against_order(_ordered(act))
    if step in (TAKE_BACK, END_WITH_JUSTICE):
        found += _of_justice(act)
    if step in (PROPOSE_UNDOING, UNDO_DECISION):
        found += _of_undoing(act.filled(OwnRevocation).instead)
    if act.process.key in _PENALTIES and _carries_a_sentence(act):
        sentence = act.filled(Sentence)
        found += _of_measures(sentence)
        found += _of_terms(act, sentence)
        found += _of_words(sentence)
        found += weighing.of_mitigations(act, sentence)
        found += weighing.of_gains(act, sentence)
        found += weighing.of_findings(act, sentence)
        if step == PUNISH:
            found += _of_the_spot(act)
        found += weighing.of_licence(act, sentence)
        found += _of_days(act, sentence)
        if step == NOTIFY:
            found += _of_speaking(act, sentence)
        if step == DECIDE:
            found += weighing.of_panel(act)
            found += _of_what_was_told(act, sentence)
            found += _of_outstanding(act.filled(Decision).outstanding)
    if act.process.key == "penalty" and step == FORGO_PANEL:
        found += weighing.of_panel(act)
    if act.process.key == "penalty" and step == RELEASE:
        found += weighing.of_release(act)
    return found


def _carries_a_sentence(act: Act) -> bool:
    fields = (act.step.form or {}).get("properties", {})
    return {"measures", "violation", "reasons"} <= set(fields)


def _of_the_spot(act: Act) -> Iterator[Refusal]:
    """What is punished on the spot is punished where and when it was found, and by nobody who was
    asked there to stand aside: that the head decides."""
    records = (act.before.told(Heard, step) for step in (RECORD_SCENE, RECORD_INTERVIEW))
    if any(record and record.recusal is Recusal.ASKED for record in records):
        text = (
            "笔录记载当事人申请回避：是否回避由机关负责人决定，不能由被申请回避的人员当场处罚，"
            "请办理“不适用简易程序，另案按普通程序办理”"
        )
        yield Refusal("recusal_asked_on_the_spot", text, "《行政处罚法》第四十三条")
    scene = act.dates.get(RECORD_SCENE)
    if scene is None:
        return
    limit, _ = act.rules.limit("penalty.spot", scene, act.region)
    last = count(limit, scene, (), act.rules.calendar).due or scene
    if act.day > last:
        text = (
            f"现场笔录制作于{scene:%Y-%m-%d}，已超过当场处罚办理期限（{last:%Y-%m-%d}），"
            "不再是当场处罚：请转普通程序立案调查"
        )
        yield Refusal("spot_is_over", text, "《行政处罚法》第五十一条、第五十二条")


def _of_days(act: Act, said: Sentence) -> Iterator[Refusal]:
    """What the facts themselves date to a time that is barred is not saved by the day of a lead
    (处罚法36), unless they say that it went on."""
    days = [day for found in _DAY.finditer(said.facts) if (day := _as_date(found))]
    found_on = act.inputs.application(Lead).found_on
    if not days or found_on is None or _WENT_ON.search(said.facts):
        return
    last = last_day_of(act, max(days))
    if last < found_on:
        text = (
            f"事实写明的违法行为最晚在{in_chinese(max(days))}，追责期限已于{in_chinese(last)}届满，"
            "不再给予行政处罚；有连续、继续状态的，须在事实中写明并有证据证明"
        )
        yield Refusal("facts_time_barred", text, "《行政处罚法》第三十六条")


def _as_date(found: re.Match[str]) -> date | None:
    try:
        return date(*map(int, found.groups()))
    except ValueError:
        return None


def _of_measures(said: Sentence) -> Iterator[Refusal]:
    law = "《行政处罚法》第九条、第二十九条、第五十九条第一款第三项"
    times = Counter((measure.kind, _thing(measure)) for measure in said.measures)
    if twice := [kind for (kind, _), n in times.items() if n > 1]:
        text = f"“{'、'.join(twice)}”重复给予：同一种处罚只列一项，写明全部金额、期限"
        yield Refusal("measure_twice", text, law)
    if any(measure.kind in _OF_THINGS and not _thing(measure) for measure in said.measures):
        text = "没收非法财物须在“内容”中写明没收的物品、数量：没有写明的，不能据以没收"
        yield Refusal("goods_unnamed", text, law)
    summed = [
        measure.kind
        for measure in said.measures
        if money(measure.amount) and measure.kind not in _OF_MONEY
    ]
    if summed:
        text = f"“{'、'.join(summed)}”不能附带金额：要当事人缴款的只有罚款和没收违法所得"
        yield Refusal("sum_without_fine", text, law)
    if termed := [
        measure.kind
        for measure in said.measures
        if measure.days and measure.kind not in _FOR_A_TIME
    ]:
        yield Refusal("term_of_no_kind", f"“{'、'.join(termed)}”没有期限，请删去期限（日）", law)
    income = yuan(said.illegal_income) if said.illegal_income else Decimal(0)
    gains = total(said.measures, (_GAIN,))
    if gains > income:
        text = (
            f"没收违法所得{gains:.2f}元，认定的违法所得为{income:.2f}元：没收不能超过查明的违法所得"
        )
        yield Refusal("gains_not_found", text, "《行政处罚法》第二十八条第二款、第四十条")


def _of_terms(act: Act, said: Sentence) -> Iterator[Refusal]:
    """What is for a time ends: without end it would be another, graver kind."""
    longest: Mapping[str, int] = act.rules.value("penalty.longest_terms", act.day, act.region)
    found = [
        f"“{measure.kind}”{measure.days}日（最长{longest[measure.kind]}日）"
        for measure in said.measures
        if measure.kind in longest and not 0 < measure.days <= longest[measure.kind]
    ]
    if found:
        text = (
            f"{'、'.join(found)}：有期限的处罚须写明期限，期限过长或者没有期限的，实际上是责令关闭、"
            "吊销许可证件，请按该种类告知和决定"
        )
        yield Refusal("term_without_end", text, "《行政处罚法》第五条第二款、第九条、第五十九条")


def _thing(measure: Measure) -> str:
    return measure.detail.strip() if measure.kind in _OF_THINGS else ""


def _of_words(said: Sentence) -> Iterator[Refusal]:
    """No penalty hides in what says why."""
    kinds = {measure.kind for measure in said.measures}
    words = "\n".join((said.reasons, said.departure, said.circumstances, said.gravity))
    hidden = _decided_in(words, kinds)
    if hidden:
        text = (
            f"说明理由的文字中写有“{'、'.join(hidden)}”，但处罚内容没有列出：处罚只写入“处罚内容”"
        )
        yield Refusal("words_add_penalty", text, "《行政处罚法》第九条、第四十四条、第五十九条")


def _decided_in(words: str, kinds: Iterable[str] = ()) -> list[str]:
    given = set(kinds)
    return [
        word
        for word in dict.fromkeys(found["kind"] for found in _DECIDING.finditer(words))
        if given.isdisjoint(SPOKEN_OF[word])
    ]


def _against_order(words: str) -> Iterator[Refusal]:
    """What an order to correct may not say: it asks to put right what was done, and adds no penalty
    (处罚法9, 28)."""
    found = list(dict.fromkeys(one[0] for one in _NO_CORRECTION.finditer(words)))
    if found:
        text = (
            f"责令改正的内容写有“{'、'.join(found)}”：责令改正只能要求改正违法行为，"
            "停产停业等处罚须依法告知、听证后决定，不得收取保证金"
        )
        yield Refusal(
            "order_adds_penalty", text, "《行政处罚法》第九条、第二十八条第一款、第六十三条"
        )


def _ordered(act: Act) -> str:
    if act.step.name == ORDER_RECTIFICATION:
        said = [(item.clause, item.requirement) for item in act.filled(RectificationOrder).items]
    else:
        said = [(item.clause, item.requirement) for item in act.filled(CorrectionOrder).items]
    return "\n".join("\n".join(one) for one in said)


def _of_justice(act: Act) -> Iterator[Refusal]:
    """What criminal justice wrote came after the case was referred to it."""
    if registered_since(act, act.filled(Returned).paper, act.dossier.row_of(REFER_CRIME)):
        return
    text = (
        "司法机关的文书应当是移送以后登记的：移送以前的证据不能证明司法机关的处理，请先登记该文书"
    )
    yield Refusal("justice_paper_before_referral", text, "《行政处罚法》第二十七条")


def _of_undoing(instead: str) -> Iterator[Refusal]:
    """Where a decision falls, nothing takes its place but by a new one, told and heard."""
    if found := _decided_in(instead):
        text = (
            f"“撤销、变更后的处理”写有“{'、'.join(found)}”："
            "给予处罚须另行立案、告知、听取申辩后决定"
        )
        yield Refusal("undoing_adds_penalty", text, "《行政处罚法》第四十四条、第七十五条第二款")


def _of_outstanding(words: str) -> Iterator[Refusal]:
    """Before its record is repaired the party performs what was decided, and nothing besides."""
    found = list(dict.fromkeys(_NO_DUTY.findall(words)))
    if found:
        text = (
            f"“修复信用须先履行的义务”写有“{'、'.join(found)}”：只能是处罚决定确定的义务，"
            "不得另加义务、收取费用"
        )
        law = "《行政处罚法》第四条、国办发〔2025〕22号"
        yield Refusal("outstanding_adds_duty", text, law)


def _of_speaking(act: Act, said: Sentence) -> Iterator[Refusal]:
    """Whoever speaks for himself is not told of more for it, unless something else was found."""
    before = act.before.at(NOTIFY)
    if before is None or not (worse := heavier(before.measures, said.measures)):
        return
    taken = act.before.latest((NOTIFY, STATE_DEFENCE, HOLD_HEARING))
    if taken == NOTIFY or folded(before.facts) != folded(said.facts):
        return
    if _found_since(act):
        return
    text = (
        f"当事人陈述申辩（听证）以后，事实没有变化，也没有新的证据，不得加重处罚：{'；'.join(worse)}。"
        "查明新的事实的，先补充调查、登记证据，再重新告知"
    )
    yield Refusal("defence_aggravates", text, "《行政处罚法》第四十五条第二款")


def _found_since(act: Act) -> bool:
    """Whether evidence was entered since the notice before."""
    told = act.dossier.row_of(NOTIFY)
    return any(row.log_seq > told for row in act.dossier.evidence)


def _of_what_was_told(act: Act, said: Sentence) -> Iterator[Refusal]:
    """What speaks against the party stands in the notice; only what is milder may rest on more."""
    sentence = act.before.at(NOTIFY)
    if sentence is None:
        return
    changed = [name for name in _graver(sentence, said) if name in said.model_fields_set]
    if changed:
        what = "、".join(_CALLED[name] for name in changed)
        text = f"“{what}”没有告知当事人，不能作为决定的根据：请重新办理事先告知，听取陈述申辩"
        yield Refusal("reasons_not_told", text, "《行政处罚法》第四十四条、第四十五条、第六十二条")


def _graver(told: Sentencing, said: Sentence) -> Iterator[str]:
    if set(said.aggravations) - set(told.aggravations):
        yield "aggravations"
    if yuan(said.illegal_income or "0") > yuan(told.illegal_income or "0"):
        yield "illegal_income"
    for name, rising in _GRAVER.items():
        now, before = getattr(said, name), getattr(told, name)
        # Forms of older versions may not say it.
        if now in rising and before in rising and rising.index(now) > rising.index(before):
            yield name
    if isinstance(told, Sentence) and _is_milder(told, said):
        return
    for name in _WHY:
        if folded(str(getattr(said, name))) != folded(str(getattr(told, name))):
            yield name


def _is_milder(told: Sentence, said: Sentence) -> bool:
    """Whether less is given now than was told: for that there may be another reason."""
    return bool(heavier(said.measures, told.measures))

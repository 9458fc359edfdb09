"""A penalty (行政处罚): against whom, for what, how much, and what has to come before it."""

from __future__ import annotations

from decimal import Decimal

from state_machines.enforcement.penalty.facts import (
    BasisCited,
    Circumstances,
    ClassDue,
    Culpability,
    Details,
    FilingDay,
    FineProposed,
    GoodsValued,
    GravityTold,
    JusticePaper,
    Ordered,
    PartyEnd,
    PartyEndProof,
    PublicityClass,
    ReleaseFound,
    SpotLimit,
    SpotReport,
    StageFound,
    TransferKind,
    Violated,
)
from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.corrections.facts import UndoingKind

_SCALE = "《行政处罚法》第三十四条"
# From the lightest to the gravest, with what each is called.
_CLASSES = ("minor", "general", "serious")
_CALLED = ("轻微", "一般", "严重")


@guard()
def registered_day_is_past(day: FilingDay) -> Refusal | None:
    """A lead was registered today or before."""
    if day.filed_on <= day.today:
        return None
    return Refusal("lead_dates_wrong", f"线索登记日期{day.filed_on:%Y-%m-%d}晚于今天，请核对线索")


@guard(needs_input=True)
def party_can_be_punished(party: Culpability) -> Refusal | None:
    """No penalty for whoever is no more, for a child, nor for whoever could not tell or control
    what he did; a lighter one for those under eighteen."""
    if party.gone_on is not None:
        return Refusal(
            "party_is_gone",
            f"当事人已于{party.gone_on:%Y-%m-%d}注销登记，不能再对其作出处罚；"
            "没有权利义务承受人的，请办理“终止办理”",
            "《卫生健康行政处罚程序规定》",
        )
    if party.under_fourteen:
        return Refusal(
            "party_is_a_child",
            "当事人实施违法行为时不满十四周岁，不予行政处罚，责令监护人加以管教",
            "《行政处罚法》第三十条",
        )
    if party.incapable:
        return Refusal(
            "party_is_incapable",
            "当事人不能辨认或者不能控制自己的行为，不予行政处罚，责令监护人严加看管和治疗",
            "《行政处罚法》第三十一条",
        )
    if party.under_eighteen and not party.lighter:
        return Refusal(
            "minor_is_treated_lighter",
            "当事人实施违法行为时已满十四周岁不满十八周岁，应当从轻或者减轻行政处罚",
            "《行政处罚法》第三十条",
        )
    return None


@guard(needs_input=True)
def end_fits_the_party(end: PartyEnd) -> Refusal | None:
    """A natural person dies, and a firm is dissolved; of a 个体工商户 either may be said."""
    if end.said == "death" and not end.may_die:
        return Refusal(
            "party_end_wrong",
            "当事人是法人或者其他组织，不适用“死亡”的情形，请核对",
            "《民法典》第十三条、第五十九条",
        )
    if end.said == "dissolution" and not end.may_dissolve:
        return Refusal(
            "party_end_wrong",
            "当事人是公民，不适用“终止”的情形，请核对",
            "《民法典》第十三条、第五十九条",
        )
    return None


@guard(needs_input=True)
def measures_are_of_the_article(violated: Violated) -> Refusal | None:
    """The violation is in the catalogue, and its article has the penalties that are proposed."""
    if violated.unknown:
        return Refusal(
            "violation_unknown", f"案由库中没有“{violated.unknown}”，请在案由库中查找代码"
        )
    strange = [kind for kind in violated.proposed if kind not in violated.kinds]
    if not strange:
        return None
    return Refusal(
        "measure_not_of_the_article",
        f"案由“{violated.label}”的罚则没有“{'、'.join(strange)}”，只有{'、'.join(violated.kinds)}",
        "《行政处罚法》第四条、第九条",
    )


@guard(needs_input=True)
def one_fine_for_one_act(fine: FineProposed) -> Refusal | None:
    """One act is fined once; every measure of money says its sum."""
    if fine.fines > 1:
        return Refusal(
            "fined_twice",
            "对同一个违法行为不得给予两次以上罚款，请合并为一项罚款",
            "《行政处罚法》第二十九条",
        )
    if fine.unsummed:
        return Refusal(
            "sum_missing",
            f"“{'、'.join(fine.unsummed)}”没有写明金额",
            "《行政处罚法》第五十九条第一款第三项",
        )
    return None


@guard(needs_input=True)
def fine_is_in_range(fine: FineProposed) -> Refusal | None:
    """A fine lies in the range of the law; lower only as a reduced one (减轻)."""
    if not fine.fines:
        return None
    if not fine.lawful:
        return Refusal(
            "no_fine_at_this_stage", "该案由在所选情形没有罚款，请核对罚款幅度的情形", _SCALE
        )
    reduced = fine.weight == "reduced"
    if fine.in_law and not reduced:
        return None
    if reduced and fine.below_law:
        return None
    wrong = "减轻处罚应低于法定幅度的下限" if reduced else "不在法定幅度内"
    return Refusal(
        "fine_out_of_range",
        f"罚款{fine.amount}元{wrong}（{fine.lawful}）",
        "《行政处罚法》第五条、第三十二条",
    )


@guard(needs_input=True)
def fine_is_of_its_step_or_says_why(fine: FineProposed) -> Refusal | None:
    """A fine lies in its step of discretion (裁量基准), or says why it departs from it."""
    if not fine.fines or fine.in_step or fine.departure or fine.weight == "reduced":
        return None
    return Refusal(
        "fine_not_of_its_step",
        f"罚款{fine.amount}元不在所选裁量档的幅度（{fine.step}）内；不按裁量基准处罚的，须写明理由",
        _SCALE,
    )


@guard(needs_input=True)
def circumstances_are_founded(case: Circumstances) -> Refusal | None:
    """Whoever calls a case grave or light says by which circumstance, and on what evidence."""
    law = "《行政处罚法》第三十二条、第三十四条"
    if case.weight == "heavier" and not case.heavier:
        return Refusal("weight_without_reason", "从重处罚的，须选择从重情节", _SCALE)
    if case.weight in ("lighter", "reduced") and not case.lighter:
        return Refusal("weight_without_reason", "从轻、减轻处罚的，须选择从轻、减轻情节", law)
    if (case.heavier or case.lighter) and not case.told:
        return Refusal("circumstances_not_told", "选择了裁量情节的，须写明认定的事实和证据", law)
    if case.repeated and not case.former:
        return Refusal(
            "not_repeated", "没有查到当事人同类违法记录，不能认定“屡教不改”", "《行政处罚法》第五条"
        )
    if case.failed and not case.uncorrected:
        return Refusal(
            "not_failed_to_correct",
            "没有复查认定逾期未改，不能认定“责令改正后逾期不改正”",
            "《行政处罚法》第五条",
        )
    return None


@guard()
def correction_is_ordered(order: Ordered) -> Refusal | None:
    """Whoever is punished is ordered to put it right as well (处罚法28)."""
    if order.ordered or not order.wanted:
        return None
    return Refusal(
        "correction_not_ordered",
        "实施行政处罚时应当责令当事人改正违法行为，请先办理“责令改正”",
        "《行政处罚法》第二十八条第一款",
    )


@guard()
def corrections_are_rechecked(order: Ordered) -> Refusal | None:
    """A case is closed once what was ordered has been looked at again."""
    if not order.unchecked:
        return None
    return Refusal(
        "correction_not_rechecked",
        f"责令改正尚未复查：{'、'.join(order.unchecked)}",
        "《行政处罚法》第二十八条第一款",
    )


@guard(needs_input=True)
def publicity_fits_the_measures(class_: PublicityClass) -> Refusal | None:
    """The class of the record is at least that of its gravest measure; a mere warning is not
    shown."""
    law = "国家发展改革委令第36号、国办发〔2025〕22号"
    said, least = _CLASSES.index(class_.said), _CLASSES.index(class_.least)
    if said < least:
        return Refusal(
            "publicity_class_wrong",
            f"所作处罚至少属于“{_CALLED[least]}”失信信息，不能列为“{_CALLED[said]}”",
            law,
        )
    if class_.shown != class_.to_be_shown:
        text = "应当公示" if class_.to_be_shown else "仅给予警告、通报批评的，不予公示"
        return Refusal("publicity_wrong", text, law)
    return None


@guard(needs_input=True)
def penalty_is_for_the_spot(sentence: SpotLimit) -> Refusal | None:
    """The simple procedure is for a warning or a small fine."""
    law = "《行政处罚法》第五十一条"
    if sentence.others:
        return Refusal(
            "not_for_the_spot",
            f"“{'、'.join(sentence.others)}”不适用简易程序，请转普通程序",
            law,
        )
    if sentence.over:
        return Refusal(
            "fine_not_for_the_spot",
            f"罚款{Decimal(sentence.amount):.2f}元超过当场处罚的限额{sentence.most}元，请转普通程序",
            law,
        )
    if not sentence.signed and not sentence.refusal:
        return Refusal(
            "refusal_not_noted",
            "当事人拒绝签收的，应当在行政处罚决定书上注明",
            "《行政处罚法》第五十二条第一款",
        )
    return None


@guard()
def spot_penalty_is_reported(report: SpotReport) -> Refusal | None:
    """What was decided on the spot is reported to the authority."""
    if report.made:
        return None
    return Refusal(
        "not_reported", "当场作出的处罚决定应当报本机关备案", "《行政处罚法》第五十二条第三款"
    )


@guard(needs_input=True)
def penalty_is_lifted_whole(undoing: UndoingKind) -> Refusal | None:
    """Another penalty is told, heard and decided anew; here the decision only falls."""
    if not undoing.changed:
        return None
    return Refusal(
        "penalty_not_changed",
        "变更处罚内容须重新告知、审核并作出决定：请撤销原决定，另行立案办理",
        "《行政处罚法》第四十四条、第七十五条第二款",
    )


@guard(needs_input=True)
def details_add_no_penalty(details: Details) -> Refusal | None:
    """Each penalty is a measure of its own, with its own kind: none hides in the words of another,
    where neither hearing nor review would see it."""
    if not details.overstepping:
        return None
    kinds = "、".join(f"“{kind}”" for kind in details.overstepping)
    return Refusal(
        "detail_adds_penalty",
        f"{kinds}的“内容”超出该种处罚的范围：警告、通报批评、罚款不填写内容，"
        "其他种类只写范围；每一种处罚单独列为一项",
        "《行政处罚法》第九条、第四十四条、第六十三条",
    )


@guard(needs_input=True)
def stage_follows_from_the_file(found: StageFound) -> Refusal | None:
    """Whether an offence was not corrected in time, or is grave, is what the file proves and not
    what somebody chooses; a milder stage may be chosen with reasons."""
    if found.stage == "uncorrected" and not found.uncorrected:
        return Refusal(
            "not_proved_uncorrected",
            f"案卷不能证明“逾期不改正”：{found.not_so}。逾期不改正是指责令改正通知书已经送达、"
            "改正期限届满、复查仍未改正",
            "《行政处罚法》第五条第二款、第二十八条第一款、第四十条",
        )
    if found.stage == "grave" and found.spot:
        return Refusal(
            "gravity_not_for_the_spot",
            "情节严重的应当由负责人集体讨论决定，不适用简易程序，请转普通程序",
            "《行政处罚法》第五十一条、第五十七条第二款",
        )
    if found.stage == "grave" and not found.grave:
        return Refusal(
            "gravity_not_found",
            "选择“情节严重”的，须写明认定情节严重（拒绝监督等）的事实和证据",
            "《行政处罚法》第五条第二款、第四十条",
        )
    if found.milder and not found.reasons:
        return Refusal(
            "milder_stage_without_reason",
            "复查已认定逾期不改正，仍按直接处罚的幅度处罚的，须写明理由",
            "《行政处罚法》第五条第二款、第三十四条",
        )
    return None


@guard(needs_input=True)
def measures_are_of_their_stage(found: StageFound) -> Refusal | None:
    """A kind of penalty that the article has only where nothing was corrected, or the case is
    grave, is given only there."""
    if not found.early:
        return None
    told = "；".join(f"“{kind}”限于{stages}" for kind, stages in found.early)
    return Refusal(
        "measure_not_of_the_stage",
        f"案卷没有证明可以给予该种处罚的情形：{told}。"
        "逾期不改正须有送达的责令改正通知书和复查记录，情节严重须写明认定的事实和证据",
        "《行政处罚法》第四条、第五条第二款、第四十条",
    )


@guard(needs_input=True)
def gravity_was_told_and_discussed(gravity: GravityTold) -> Refusal | None:
    """That a case is grave stands in the notice, and the heads of the authority decide it."""
    if not gravity.relied_on:
        return None
    if not gravity.told:
        return Refusal(
            "gravity_not_told",
            "情节严重的认定没有写入事先告知书，须重新告知并听取陈述、申辩",
            "《行政处罚法》第四十四条、第四十五条",
        )
    if not gravity.discussed:
        return Refusal(
            "gravity_not_discussed",
            "认定情节严重的处罚应当由负责人集体讨论决定",
            "《行政处罚法》第五十七条第二款",
        )
    return None


@guard()
def gravity_is_discussed(gravity: GravityTold) -> Refusal | None:
    """A grave case goes before the heads of the authority, however small its fine."""
    if not gravity.relied_on:
        return None
    return Refusal(
        "gravity_not_discussed",
        "拟认定情节严重，应当由负责人集体讨论决定",
        "《行政处罚法》第五十七条第二款",
    )


@guard(needs_input=True)
def class_is_not_graver(class_: ClassDue) -> Refusal | None:
    """The class of the record follows from what is decided: nobody is called worse than that."""
    said, due = _CLASSES.index(class_.said), _CLASSES.index(class_.gravest)
    if said <= due:
        return None
    return Refusal(
        "publicity_class_graver",
        f"所作处罚属于“{_CALLED[due]}”失信信息，不能列为“{_CALLED[said]}”",
        "国家发展改革委令第36号、国办发〔2025〕22号",
    )


@guard(needs_input=True)
def basis_is_of_the_catalogue(basis: BasisCited) -> Refusal | None:
    """A penalty rests on the concrete article that has it, and on nothing that is not in the
    catalogue for this violation (指导案例41号)."""
    law = "《行政处罚法》第四条、第四十四条、第五十九条第一款第二项"
    known = f"请引用案由库列明的条款：{'、'.join(basis.known)}"
    if basis.missing:
        return Refusal(
            "basis_missing", f"法律依据没有引用处罚条款{'、'.join(basis.missing)}。{known}", law
        )
    if basis.strange:
        return Refusal(
            "basis_unknown",
            f"{'、'.join(basis.strange)}不是案由库为该案由列明的条款，或者没有引用到条、款、项。"
            f"{known}",
            law,
        )
    if basis.free:
        return Refusal(
            "basis_is_free_text",
            f"法律依据只写条款，“{basis.free[:40]}”不是法律条款；理由写入“裁量理由”。{known}",
            law,
        )
    return None


@guard(needs_input=True)
def confiscated_goods_are_valued(goods: GoodsValued) -> Refusal | None:
    """Goods are confiscated with their value: by that the party may ask for a hearing."""
    if not goods.unvalued:
        return None
    return Refusal(
        "goods_value_missing",
        "没收非法财物的，须在“金额”中写明财物的价值（货值金额；没有标价的按价格认定），"
        "以确定是否属于较大价值、当事人能否要求听证",
        "《行政处罚法》第六十三条第一款第二项、第五十九条第一款第三项",
    )


_JUSTICE = "《行政处罚法》第二十七条第一款"


@guard(needs_input=True)
def crime_is_referred(transfer: TransferKind) -> Refusal | None:
    """A case in which a crime is suspected does not end with its transfer: it may come back."""
    if not transfer.crime:
        return None
    return Refusal(
        "crime_is_referred_otherwise",
        "涉嫌犯罪的，请办理“涉嫌犯罪，移送司法机关”：司法机关不追究的，本案移送回来继续办理",
        _JUSTICE,
    )


@guard(needs_input=True)
def crime_is_no_slight_offence(transfer: TransferKind) -> Refusal | None:
    """Where a crime is suspected nobody is let off: the case goes on as a penalty, which is
    referred to criminal justice and may come back."""
    if not transfer.crime:
        return None
    return Refusal(
        "crime_is_referred_otherwise",
        "涉嫌犯罪的，不适用首违不罚、轻微免罚：请立案后“转行政处罚”，在处罚案件中办理"
        "“涉嫌犯罪，移送司法机关”；司法机关不追究的，案件移送回来继续办理",
        _JUSTICE,
    )


@guard(needs_input=True)
def justice_paper_is_on_file(paper: JusticePaper) -> Refusal | None:
    """What criminal justice decided is proved by its paper."""
    if paper.on_file:
        return None
    return Refusal(
        "justice_paper_missing",
        f"证据登记中没有“{paper.paper}”，请先把司法机关的文书扫描登记入卷",
        _JUSTICE,
    )


@guard(needs_input=True)
def return_is_proved(paper: JusticePaper) -> Refusal | None:
    """A case comes back on the day on which the paper of criminal justice came."""
    if not paper.on_file:
        return Refusal(
            "justice_paper_missing",
            f"证据登记中没有“{paper.paper}”，请先把司法机关的文书扫描登记入卷",
            _JUSTICE,
        )
    if not paper.since <= paper.on <= paper.today:
        return Refusal(
            "return_day_wrong",
            f"收到移送回的日期应在{paper.since:%Y-%m-%d}至{paper.today:%Y-%m-%d}之间",
            _JUSTICE,
        )
    return None


@guard(needs_input=True)
def end_of_party_is_proved(proof: PartyEndProof) -> Refusal | None:
    """A case ends for want of its party only on a paper that proves it, and not where another goes
    on in its place."""
    if proof.successor:
        return Refusal(
            "party_goes_on",
            f"当事人的权利义务由{proof.successor}承受（主体代码变更已确认），不能以当事人终止为由终止办理",
            "《民法典》第六十七条、《卫生健康行政处罚程序规定》",
        )
    if proof.registered:
        return None
    return Refusal(
        "party_end_unproved",
        "当事人死亡或者终止没有证明：请先把死亡证明、注销登记证明等文件登记为证据，"
        "并在“证明材料”中写明该证据的名称",
        "《行政处罚法》第四十条、《卫生健康行政处罚程序规定》",
    )


@guard(needs_input=True)
def release_is_founded(found: ReleaseFound) -> Refusal | None:
    """Whoever is not punished on another ground of law is so by one article, and by what the file
    has for that: a first offence has none of the same kind before it."""
    if not found.other:
        return None
    if not found.article:
        return Refusal(
            "release_article_missing",
            "依法不予行政处罚的其他情形，须选择具体条款（第三十条、第三十一条、第三十三条、第三十六条）",
            "《行政处罚法》第五条第二款、第五十七条第一款",
        )
    if found.article == "FIRST":
        return _first_offence(found)
    if found.article in ("CHILD", "INCAPABLE") and not found.natural_person:
        text = "第三十条、第三十一条只适用于自然人"
        return Refusal("no_natural_person", text, "《行政处罚法》第三十条、第三十一条")
    if found.article == "CHILD" and not found.under_fourteen:
        text = "当事人行为时已满十四周岁，应当处罚或者从轻、减轻"
        return Refusal("not_under_fourteen", text, "《行政处罚法》第三十条")
    if found.article == "TIME_BARRED" and not found.time_barred:
        return Refusal("not_time_barred", "追责期限尚未届满", "《行政处罚法》第三十六条")
    if found.article in ("INCAPABLE", "NO_FAULT") and not found.registered:
        text = (
            "没有主观过错、不能辨认或者不能控制自己行为的，须有证据证明："
            "请先把证据的文件登记入卷，并在“查明的事实和证据”中写明该证据的名称"
        )
        law = "《行政处罚法》第三十一条、第三十三条第二款、第四十条"
        return Refusal("release_unproved", text, law)
    return None


def _first_offence(found: ReleaseFound) -> Refusal | None:
    law = "《行政处罚法》第三十三条第一款"
    if found.former:
        text = f"已有同类记录：{'；'.join(found.former)}，不是初次违法"
        return Refusal("not_first", text, law)
    if found.excluded:
        return Refusal("kind_excluded", f"{found.excluded}，不适用首违不罚", law)
    if not found.corrected:
        text = "案卷没有复查认定已经改正，不符合“及时改正”，不能以初次违法为由不予处罚"
        return Refusal("not_corrected", text, law)
    return None

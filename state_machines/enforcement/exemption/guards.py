"""Exemption from penalty (不予处罚): who handles it, when it may be, and the doors of 处罚法33."""

from __future__ import annotations

from state_machines.enforcement.exemption.facts import (
    Age,
    Checklist,
    Correction,
    CorrectionDay,
    CorrectionTime,
    ExcludedKind,
    FaultProof,
    FormerRecord,
    Handling,
    HarmFound,
    InvestigationDone,
    Limitation,
    ListEntry,
    NamedHandlers,
    OtherGround,
    RecheckResults,
    Slightness,
    SpotRoute,
    WouldBeFine,
)
from state_machines.language.vocabulary import Refusal, guard

_DOORS = "《行政处罚法》第三十三条第一款"
_NO_FAULT = "《行政处罚法》第三十三条第二款"
_TWO = "《行政处罚法》第四十二条"
_CORRECT = "《行政处罚法》第二十八条第一款"


def _not_first(record: FormerRecord) -> Refusal | None:
    if not record.same_kind:
        return None
    return Refusal(
        "not_first",
        f"{record.length}内（{record.since:%Y-%m-%d}起）已有同类记录：{'；'.join(record.same_kind)}，"
        "不是初次违法",
        _DOORS,
    )


@guard(needs_input=True)
def two_handlers_are_named(named: NamedHandlers) -> Refusal | None:
    """A case is handled by at least two officers with valid certificates."""
    if named.uncertified:
        names = "、".join(named.uncertified)
        return Refusal(
            "certificate_invalid", f"没有有效执法证件或者不是本机关执法人员：{names}", _TWO
        )
    if named.count < 2:
        return Refusal("two_officers", "须指派两名以上不同的承办人", _TWO)
    return None


@guard()
def handlers_are_assigned(handling: Handling) -> Refusal | None:
    """Only the handlers whom the filing named go on with the case."""
    if not handling.strangers:
        return None
    names = "、".join(handling.strangers)
    return Refusal("not_assigned", f"{names}不是本案的承办人，请由立案时指派的承办人办理", _TWO)


@guard()
def act_is_not_time_barred(limitation: Limitation) -> Refusal | None:
    """An act found too late is not punished any more; its days must be possible."""
    law = "《行政处罚法》第三十六条"
    if limitation.found_on > limitation.today:
        return Refusal("lead_dates_wrong", "发现日期晚于今天，请核对线索", law)
    if limitation.act_on > limitation.found_on:
        return Refusal("lead_dates_wrong", "违法行为发生日期晚于发现日期，请核对线索", law)
    if limitation.found_on > limitation.last_day:
        return Refusal(
            "time_barred",
            f"违法行为（{limitation.act_on:%Y-%m-%d}）在{limitation.length}内未被发现，"
            f"追责期限已于{limitation.last_day:%Y-%m-%d}届满，不再给予行政处罚，不予立案",
            law,
        )
    return None


@guard()
def spot_route_is_open(route: SpotRoute) -> Refusal | None:
    """The authority lets small things be corrected on the spot."""
    if route.open:
        return None
    return Refusal(
        "no_spot_route",
        "本机关未开放当场改正程序，请先报批立案",
        "《行政处罚法》第五十四条第二款",
    )


@guard()
def facts_are_investigated(investigation: InvestigationDone) -> Refusal | None:
    """Nothing is ordered or proposed before the facts were looked into."""
    if investigation.done:
        return None
    return Refusal(
        "not_investigated",
        "尚未调查取证，请先记录调查情况",
        "《行政处罚法》第五十四条第一款",
    )


@guard(needs_input=True)
def correction_day_is_possible(day: CorrectionDay) -> Refusal | None:
    """Time to correct is time to come, and not without end."""
    if day.today <= day.until <= day.latest:
        return None
    return Refusal(
        "correction_day_wrong",
        f"改正期限应在{day.today:%Y-%m-%d}至{day.latest:%Y-%m-%d}之间",
        _CORRECT,
    )


@guard(needs_input=True)
def all_is_corrected(results: RecheckResults) -> Refusal | None:
    """Corrected is what was ordered, all of it, and seen to be so."""
    if results.forgotten:
        return Refusal(
            "items_forgotten",
            f"复查没有覆盖责令改正的事项：{'、'.join(results.forgotten)}",
            _CORRECT,
        )
    if results.uncorrected:
        items = "、".join(results.uncorrected)
        return Refusal("not_all_corrected", f"尚未改正：{items}，不能认定已改正", _CORRECT)
    on = results.corrected_on
    if on is None or not results.ordered_on <= on <= results.today:
        return Refusal(
            "corrected_day_wrong", "改正完成日期应在责令改正之日至复查之日之间", _CORRECT
        )
    return None


@guard(needs_input=True)
def something_is_uncorrected(results: RecheckResults) -> Refusal | None:
    """Not corrected is only what a recheck found so."""
    if results.uncorrected:
        return None
    return Refusal("all_corrected", "复查结果均已改正，不能认定逾期未改", _CORRECT)


@guard(needs_input=True)
def time_to_correct_is_over(time: CorrectionTime) -> Refusal | None:
    """The party keeps the time it was given, unless it refuses expressly."""
    if time.over or time.refused:
        return None
    return Refusal(
        "still_time_to_correct",
        f"改正期限{time.until:%Y-%m-%d}尚未届满，当事人也没有明确拒绝改正",
        _CORRECT,
    )


@guard()
def correction_was_timely(correction: Correction) -> Refusal | None:
    """The doors `minor` and `first` are for those who corrected in time."""
    if not correction.made:
        return Refusal("not_corrected", "违法行为尚未改正，不符合“及时改正”", _DOORS)
    if not correction.in_time:
        return Refusal("corrected_late", "超过责令改正的期限才改正，不符合“及时改正”", _DOORS)
    return None


@guard()
def correction_is_evidenced(correction: Correction) -> Refusal | None:
    """What was corrected is shown by evidence in the file."""
    if correction.evidenced or not correction.made:
        return None
    return Refusal(
        "correction_without_evidence",
        "案卷中没有改正的证据，请先上传“改正证据”（照片、报告等）",
        _DOORS,
    )


@guard(needs_input=True)
def act_is_slight(slightness: Slightness) -> Refusal | None:
    """The door `minor` is for slight acts."""
    if slightness.slight:
        return None
    return Refusal("not_slight", "核对认为违法行为不轻微，不适用轻微不罚", _DOORS)


@guard(needs_input=True)
def no_harm_was_done(harm: HarmFound) -> Refusal | None:
    """The door `minor` is for acts that did no harm."""
    if harm.degree == "none":
        return None
    return Refusal("harm_done", "造成了危害后果，不适用轻微不罚", _DOORS)


@guard(needs_input=True)
def harm_is_slight(harm: HarmFound) -> Refusal | None:
    """The door `first` is for acts that did little harm."""
    if harm.degree != "serious":
        return None
    return Refusal("harm_serious", "危害后果较重，不适用首违不罚", _DOORS)


@guard()
def offence_is_the_first(record: FormerRecord) -> Refusal | None:
    """First is who has no record of the same kind within the time looked back."""
    return _not_first(record)


@guard(needs_input=True)
def nothing_was_found_elsewhere(record: FormerRecord) -> Refusal | None:
    """A record in another register counts as well."""
    if not record.elsewhere:
        return None
    return Refusal("not_first", "查询到其他同类违法记录，不是初次违法", _DOORS)


@guard()
def kind_is_not_excluded(kind: ExcludedKind) -> Refusal | None:
    """Some kinds of violation are never exempted as a first offence."""
    if not kind.why:
        return None
    return Refusal("kind_excluded", f"{kind.why}，不适用首违不罚", _DOORS)


@guard(needs_input=True)
def list_names_it(entry: ListEntry) -> Refusal | None:
    """An entry of a list that is relied on is there, in force, and for this violation."""
    if not entry.wrong:
        return None
    return Refusal("list_wrong", f"清单事项“{entry.key}”{entry.wrong}", _DOORS)


@guard(needs_input=True)
def fault_is_disproved(proof: FaultProof) -> Refusal | None:
    """It is the party that proves it had no fault."""
    if not proof.handed_in:
        return Refusal(
            "no_proof",
            "当事人没有提交证明没有主观过错的证据，请先上传“无主观过错的证据”",
            _NO_FAULT,
        )
    if not proof.proved:
        return Refusal("fault_not_disproved", "核对认为证据不足以证明没有主观过错", _NO_FAULT)
    return None


@guard()
def party_is_of_age(age: Age) -> Refusal | None:
    """A child is not exempted for small offences: the law does not punish it at all."""
    if not age.under_fourteen:
        return None
    return Refusal(
        "under_fourteen",
        "当事人行为时不满十四周岁，依法不予处罚，请按“其他法定情形”办理并责令监护人管教",
        "《行政处罚法》第三十条",
    )


@guard(needs_input=True)
def other_ground_fits(other: OtherGround) -> Refusal | None:
    """Another ground of law is not merely named."""
    personal = other.ground in ("CHILD", "INCAPABLE")
    if personal and not other.natural_person:
        return Refusal(
            "no_natural_person", "第三十条、第三十一条只适用于自然人", "《行政处罚法》第三十条"
        )
    if other.ground == "CHILD" and not other.under_fourteen:
        return Refusal(
            "not_under_fourteen",
            "当事人行为时已满十四周岁，应当处罚或者从轻、减轻",
            "《行政处罚法》第三十条",
        )
    if personal and not other.guardian:
        return Refusal(
            "no_guardian", "须写明监护人，并责令其加以管教", "《行政处罚法》第三十条、第三十一条"
        )
    if other.ground == "TIME_BARRED" and not other.time_barred:
        return Refusal("not_time_barred", "追责期限尚未届满", "《行政处罚法》第三十六条")
    return None


@guard()
def a_checklist_is_made(checklist: Checklist) -> Refusal | None:
    """An exemption goes through one of the doors of the law, and by its checklist."""
    if not checklist.door:
        return Refusal(
            "no_checklist",
            "请先完成轻微、首违、无主观过错或者其他法定情形之一的核对表",
            "《行政处罚法》第三十三条",
        )
    return None


@guard(needs_input=True)
def violation_is_known(fine: WouldBeFine) -> Refusal | None:
    """What is exempted is a violation of the catalogue."""
    if not fine.unknown:
        return None
    return Refusal("violation_unknown", f"案由库中没有“{fine.unknown}”，请在案由库中查找代码")


@guard(needs_input=True)
def fine_is_of_its_step(fine: WouldBeFine) -> Refusal | None:
    """The fine that there would have been lies in the range of its step of discretion."""
    if fine.fits or fine.unknown:
        return None
    told = f"应在{fine.range}的幅度内" if fine.range else "该情形没有罚款，应填 0"
    return Refusal("fine_outside_step", f"免罚金额{told}", "《行政处罚法》第三十四条")


@guard()
def offence_is_still_the_first(checklist: Checklist, record: FormerRecord) -> Refusal | None:
    """What was found when the checklist was made still holds when it is decided."""
    if checklist.door != "first":
        return None
    return _not_first(record)

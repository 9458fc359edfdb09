"""Those whose interests a licence touches are told and heard before it (许可法36, 45, 47, 48)."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.interested_party.facts import (
    ApplicantTold,
    ApplicationOver,
    CalledHearing,
    HearingStop,
    OthersHeard,
    OwnHearing,
    Registration,
    SameHearing,
)

_HEARD = "《行政许可法》第三十六条"
_HEARING = "《行政许可法》第四十七条"
_OWN = "《行政许可法》第四十六条"


@guard(needs_input=True)
def interest_is_registered_once(entry: Registration) -> Refusal | None:
    """Who is registered is somebody else than the applicant, and not there already."""
    if entry.is_applicant:
        text = "申请人不是利害关系人；告知申请人请办理“告知申请人”"
        return Refusal("interested_is_applicant", text, _HEARD)
    if entry.known:
        return Refusal("interested_known", "该利害关系人已经登记", _HEARD)
    return None


@guard()
def interest_is_shown(entry: Registration) -> Refusal | None:
    """What shows the interest, or the objection, is on file."""
    if entry.proved:
        return None
    return Refusal(
        "interest_unproved",
        "请先上传证明利害关系的材料或者本人的书面异议（材料“利害关系证明”）再登记",
        _HEARD,
    )


@guard()
def applicant_is_told_once(told: ApplicantTold) -> Refusal | None:
    """The applicant is told where others are heard, and told once."""
    if not told.others:
        return Refusal("no_interested_party", "本案没有登记利害关系人", _HEARING)
    if told.told:
        return Refusal("applicant_told", "已经对申请人办理告知", _HEARING)
    return None


@guard()
def others_are_heard(heard: OthersHeard) -> Refusal | None:
    """Nothing is granted before those whose interests it touches were told and heard, and the
    applicant with them."""
    if heard.untold:
        text = f"尚未告知利害关系人（申请人）：{'、'.join(heard.untold)}，告知并听取意见后方可决定"
        return Refusal("interested_untold", text, _HEARD)
    if heard.applicant_left_out:
        text = "许可事项直接涉及申请人与他人之间重大利益关系，还应当告知申请人享有要求听证的权利"
        return Refusal("applicant_untold", text, _HEARING)
    if heard.unheard:
        text = (
            f"尚未听取完毕：{'、'.join(heard.unheard)}；陈述申辩、听证的期限届满或者本人书面放弃，"
            "要求听证的听证举行以后，写明对意见的采纳情况，方可决定"
        )
        return Refusal("interested_unheard", text, f"{_HEARD}、第四十七条、第四十八条")
    return None


@guard()
def own_hearing_is_called_once(hearing: OwnHearing) -> Refusal | None:
    """The authority calls a hearing by itself once."""
    if not hearing.called:
        return None
    return Refusal("own_hearing_called", "本案已经决定依职权举行听证", _OWN)


@guard()
def own_hearing_is_held(hearing: OwnHearing) -> Refusal | None:
    """What the law has a hearing about, or the authority itself, is granted after it."""
    if hearing.held:
        return None
    if hearing.called:
        text = (
            "本机关已经公告依职权举行听证，举行以后方可决定："
            "请办理“告知申请人”，在其案件中通知、举行听证"
        )
        return Refusal("own_hearing_not_held", text, _OWN)
    if hearing.due:
        text = "该许可事项依法应当听证，请先向社会公告，办理“依职权决定举行听证”"
        return Refusal("own_hearing_due", text, _OWN)
    return None


@guard()
def own_hearing_goes_on(hearing: OwnHearing) -> Refusal | None:
    """Nobody takes back a hearing that was not held at his request."""
    if hearing.held or not hearing.called:
        return None
    text = "听证由本机关依职权举行，不因当事人撤回或者不到场而终止：请照常举行，把情况写入听证笔录"
    return Refusal("own_hearing_goes_on", text, _OWN)


@guard()
def hearing_is_called(hearing: CalledHearing) -> Refusal | None:
    """A hearing is held where the applicant or an interested party asked for one."""
    if hearing.called:
        return None
    return Refusal("no_hearing_called", "申请人和利害关系人都没有要求听证", _HEARING)


@guard()
def everybody_is_called(hearing: SameHearing) -> Refusal | None:
    """Applicant and interested parties are called to one and the same hearing."""
    law = "《行政许可法》第四十八条第一款第一项"
    if hearing.uncalled:
        text = f"听证的时间、地点还没有通知：{'、'.join(hearing.uncalled)}"
        return Refusal("hearing_not_told_to_all", text, law)
    if hearing.elsewhere:
        text = (
            "同一许可事项合并举行一次听证，下列参加人被通知的时间、地点不同，请重新通知："
            f"{'、'.join(hearing.elsewhere)}"
        )
        return Refusal("hearing_not_the_same", text, law)
    return None


@guard()
def called_hearing_is_behind(hearing: CalledHearing) -> Refusal | None:
    """Nobody's part is closed while somebody may still call everybody to a hearing."""
    if hearing.behind:
        return None
    if hearing.called:
        return Refusal(
            "called_hearing_pending",
            "申请人或者其他利害关系人已经要求听证，应当一并通知参加，听证以后再办理",
            "《行政许可法》第四十七条、第四十八条",
        )
    if hearing.may_still_ask:
        return Refusal(
            "others_may_still_ask",
            f"要求听证的期限尚未届满（或者尚未告知）：{'、'.join(hearing.may_still_ask)}；"
            "有人要求听证的，应当一并通知参加",
            _HEARING,
        )
    return None


@guard(needs_input=True)
def stop_for_hearing_has_one(stop: HearingStop) -> Refusal | None:
    """The limit stops for a hearing only where one was asked for."""
    if stop.called or not stop.for_hearing:
        return None
    text = "申请人和利害关系人都没有要求听证，不能以听证为由中止计时"
    return Refusal("no_hearing_called", text, "《行政许可法》第四十五条")


@guard()
def application_is_over(application: ApplicationOver) -> Refusal | None:
    """Hearing somebody is left off only when there is nothing left to decide."""
    if application.over:
        return None
    return Refusal("application_not_over", "许可申请尚在办理，应当继续听取意见", _HEARD)

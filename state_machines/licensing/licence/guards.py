"""A licence that stands (许可证): renewal, change, end."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.licensing.licence.facts import (
    AwaitedSupplement,
    Change,
    EndingGround,
    ExpiringLicence,
    LicenceStanding,
    OpenBusiness,
    PromisedConditions,
    RenewalTime,
)
from state_machines.licensing.licence.forms import DeregistrationGround as Ground
from state_machines.licensing.licence_change.forms import Kind


@guard()
def licence_may_be_renewed(licence: LicenceStanding) -> Refusal | None:
    """A renewal is filed while the licence is about to expire, and once."""
    if licence.state == "expiring":
        return None
    reasons = {
        "valid": "该许可证尚未进入到期提醒期，暂不需要申请延续",
        "renewal_pending": "该许可证已有正在办理的延续申请，请在该申请上继续办理",
    }
    text = reasons.get(licence.state, f"该许可证当前状态为“{licence.label}”，不能申请延续")
    return Refusal("licence_not_expiring", text, "《行政许可法》第五十条")


@guard()
def renewal_may_be_filed(licence: ExpiringLicence) -> Refusal | None:
    """A renewal is filed once, while the licence stands and its end is near: also before a new
    certificate is handed over (许可法49), and while it is suspended, which does not end it
    (处罚法9)."""
    if licence.state == "expiring" or (licence.state == "amended" and licence.near):
        return None
    early = "该许可证尚未进入到期提醒期，暂不需要申请延续"
    reasons = {
        "valid": early,
        "amended": early,
        "renewal_pending": "该许可证已有正在办理的延续申请，请在该申请上继续办理",
        "closure_requested": "该许可证已申请注销，不能申请延续；继续经营的，请先撤回注销申请",
    }
    text = reasons.get(licence.state, f"该许可证当前状态为“{licence.label}”，不能申请延续")
    return Refusal("licence_not_expiring", text, "《行政许可法》第五十条")


@guard()
def licence_stands(licence: LicenceStanding) -> Refusal | None:
    """Only a licence that stands, and is not being renewed or amended, is changed."""
    if licence.state in ("valid", "expiring"):
        return None
    return Refusal(
        "licence_not_standing",
        f"该许可证当前状态为“{licence.label}”，不能办理变更、补发",
        "《行政许可法》第四十九条",
    )


@guard()
def renewal_is_in_time(renewal: RenewalTime) -> Refusal | None:
    """A renewal is filed thirty days before expiry; later ones by the authority's rule."""
    if renewal.filed_on <= renewal.last_day or renewal.late_accepted:
        return None
    return Refusal(
        "renewal_late",
        f"延续申请应当在{renewal.last_day:%Y-%m-%d}（含）前提出，现已逾期，请按新申请办理许可",
        "《行政许可法》第五十条第一款",
    )


@guard()
def renewal_was_in_time(renewal: RenewalTime) -> Refusal | None:
    """Only a renewal that was filed in time is deemed granted when it is not decided."""
    if renewal.filed_on <= renewal.last_day:
        return None
    return Refusal(
        "renewal_late",
        f"延续申请于{renewal.filed_on:%Y-%m-%d}逾期提出，不适用逾期视为准予延续",
        "《行政许可法》第五十条第二款",
    )


@guard()
def renewal_was_complete(awaited: AwaitedSupplement) -> Refusal | None:
    """Only what the authority left undecided is deemed granted, and not what its applicant left
    incomplete (许可法32第一款第四项)."""
    if not awaited.number:
        return None
    return Refusal(
        "renewal_incomplete",
        f"延续申请{awaited.number}尚待申请人补正，没有受理，不适用逾期视为准予延续",
        "《行政许可法》第三十一条、第三十二条第一款、第五十条第二款",
    )


@guard()
def conditions_are_outstanding(conditions: PromisedConditions) -> Refusal | None:
    """Whoever promised conditions for later may not open before they were confirmed."""
    if conditions.promised and not conditions.confirmed:
        return None
    return Refusal("conditions_confirmed", "承诺的条件已经确认具备", "国发〔2021〕7号")


@guard()
def nothing_is_open(business: OpenBusiness) -> Refusal | None:
    """Nobody leaves by giving the licence back while a check of it is open."""
    if not business.cases:
        return None
    return Refusal(
        "business_open",
        f"该许可证尚有未办结的事项（{'、'.join(business.cases)}），办结后方可申请注销",
        "《行政许可法》第六十一条",
    )


@guard(needs_input=True)
def ground_fits_licence(ending: EndingGround) -> Refusal | None:
    """The ground of deregistration is the one that the licence's state shows (许可法70)."""
    of_state = {
        "expired": Ground.EXPIRED,
        "closure_requested": Ground.REQUEST,
        "withdrawn_by_authority": Ground.ENDED,
        "cancelled": Ground.ENDED,
    }
    # Whatever the state: the holder is no more, or what was licensed has become impossible.
    of_holder = (Ground.DEATH, Ground.DISSOLUTION, Ground.FORCE_MAJEURE)
    if ending.ground in (of_state.get(ending.state), *of_holder):
        return None
    return Refusal(
        "ground_differs",
        f"许可证当前状态为“{ending.label}”，不能以“{ending.ground}”为由注销",
        "《行政许可法》第七十条",
    )


@guard(needs_input=True)
def ground_fits_state(ending: EndingGround) -> Refusal | None:
    """The ground is the one that the licence's state shows, or one that its file has to show."""
    if ending.ground == Ground.MISUSED:
        return None
    return ground_fits_licence.rule(ending)


@guard()
def change_is_one(change: Change) -> Refusal | None:
    """What is asked for and what would be changed agree; a new address is a new licence."""
    law = "《公共场所卫生管理条例实施细则》第二十七条"
    if change.kind == Kind.LOST:
        if not change.changed:
            return None
        return Refusal("change_differs", "补发的证书与原证内容相同，需要变更的请选择变更事项", law)
    if not change.changed:
        return Refusal("change_differs", "填写的内容与现有证书相同，没有需要变更、更正的内容", law)
    if change.kind == Kind.WRONG:
        return None
    if "address" in change.changed:
        return Refusal("new_place", "变更经营场所地址的，应当重新申请许可，不能办理变更", law)
    wanted = "place_name" if change.kind == Kind.NAME else "representative"
    if wanted not in change.changed:
        return Refusal("change_differs", f"填写的内容没有“{change.kind}”，请核对申请事项", law)
    return None


@guard()
def holder_stays_the_same(change: Change) -> Refusal | None:
    """A licence cannot be transferred: another natural person needs one of their own."""
    if not change.of_person or change.kind != Kind.REPRESENTATIVE:
        return None
    return Refusal(
        "not_transferable",
        "个人（个体工商户）持有的卫生许可不得转让，更换经营者的请由新经营者重新申请许可",
        "《行政许可法》第九条",
    )


@guard()
def change_is_granted(change: Change) -> Refusal | None:
    """A change of name or representative is a decision."""
    if change.kind in (Kind.NAME, Kind.REPRESENTATIVE):
        return None
    return Refusal("reissue_instead", f"“{change.kind}”不需要作出变更决定，请办理补发（更正换发）")


@guard()
def copy_is_reissued(change: Change) -> Refusal | None:
    """A lost or wrong certificate is made once more, without a decision."""
    if change.kind in (Kind.LOST, Kind.WRONG):
        return None
    return Refusal("decide_instead", f"“{change.kind}”应当作出变更决定，不能直接换发")

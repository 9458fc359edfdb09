"""Nobody is turned away for what the file shows to be otherwise (不予受理、终止审查).

An application ends without a decision only on what its file proves, in cases of every version. What
lies in another region is this authority's only by a paper on file (指定管辖、委托).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import func, select

from casework.acts.act import Act
from casework.acts.handed_in import NOT_APPLIED_WITH, kept_since, listed, of_this_matter
from casework.acts.party_kinds import may_die, may_dissolve
from casework.acts.successions import line_of
from casework.common.texts import folded, same_name
from casework.models import Authority, Party, PartyChange
from rulebook.models import PlaceKind
from state_machines.door import acts
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import ACCEPT, Application
from state_machines.parts.endings.grounds import PROOF
from state_machines.parts.intake.forms import (
    NOT_ACCEPT,
    REQUEST_SUPPLEMENT,
    SUBMIT,
    TERMINATE,
    Headed,
    NonAcceptance,
    NotAcceptedGround,
    Premises,
    SupplementList,
    Termination,
    TerminationGround,
)
from state_machines.parts.public_notice.forms import OPEN_NOTICE, RECORD
from state_machines.radiation.one_matter.forms import CHECK_ECO, CHECK_HEALTH

# On what an application is refused, or found to be another authority's.
FINDING = "refusal_finding"
# What is no material: a licence costs nothing, and obliges nobody to buy anything.
_MONEY = ("保证金", "押金", "赞助", "捐款", "购买", "手续费")
_ENDING_LAW = "《行政许可法》第三十八条、第七十条"
JURISDICTION_PAPER = "jurisdiction_paper"
DESIGNATION_PAPER = "designation_paper"
_JURISDICTION = "《行政处罚法》第二十二条、第二十五条"
_COMPETENCE = "《行政许可法》第二十四条、第三十二条第一款第二项"
_LICENCES = ("instant_licence", "licence_change")
_ANOTHERS = "《行政许可法》第九条、《公共场所卫生管理条例实施细则》第二十五条"
_COMPETENCE_LAW = "《行政许可法》第三十二条第一款第二项"
# The window asks the applicant, and a department the window.
_ASKING = (REQUEST_SUPPLEMENT, CHECK_HEALTH, CHECK_ECO)
# A branch, a floor or a neighbour in brackets.
_ASIDE = re.compile(r"[（(\[【][^（）()\[\]【】]*[）)\]】]")
# Where a case comes in: what was let in since is not turned away again (许可法32), for nobody can
# change the application any more.
_COMING_IN = (SUBMIT, ACCEPT, OPEN_NOTICE, RECORD)
# What nobody may do without, whoever asks.
_ALWAYS_NEEDED = ("radiation_joint",)
_GONE = ("expired", "revoked", "withdrawn_by_authority", "cancelled")


def refusals(act: Act) -> list[Refusal]:
    """What stands against asking for a supplement, not accepting, or ending without a decision, as
    the form says; and against going on with what is another region's."""
    if act.step.name == SUBMIT:
        return _of_head(act)
    if act.step.name in acts.TAKEN_UP:
        head = _of_head(act) if act.step.name in _COMING_IN else []
        return _of_jurisdiction(act) + _of_name(act) + head
    if act.step.name in _ASKING:
        return _of_supplement(act)
    if act.step.name == NOT_ACCEPT:
        return _of_non_acceptance(act)
    # Of a case that keeps an evidence register a guard asks (`door/gates`).
    if act.step.name == TERMINATE and not act.process.keeps_evidence:
        return _of_termination(act)
    return []


def _of_jurisdiction(act: Act) -> list[Refusal]:
    """A place beyond the authority's region is its own only by a designation of the authority
    above, or by a mandate of the one there (许可法24); an act only by the first (处罚法22-25: no
    authority punishes in the place of another), or as the first of several to file it. That is on
    file."""
    places = [] if act.by_law else elsewhere(act)
    licensing = bool(act.process.matter)
    paper = JURISDICTION_PAPER if licensing else DESIGNATION_PAPER
    kept = kept_since(act, paper, -1)
    # A mandate of another authority is for whatever lies there, a designation for one case.
    if not places or (kept if licensing else of_this_matter(act, kept, acts.TAKEN_UP)):
        return []
    there = "、".join(act.rules.region(key).label for key in places)
    where = f"案卷写明的地址在{there}，不在本机关管辖区域："
    if licensing:
        text = (
            f"{where}上级机关指定本机关管辖、有管辖权的机关委托本机关办理的，请先上传其文书"
            "（材料“指定管辖、委托办理的文书”）再办理；没有的，移送或者告知向有管辖权的机关办理"
        )
        return [Refusal("jurisdiction_unproved", text, _COMPETENCE)]
    text = (
        f"{where}上级机关指定本机关管辖，或者两个以上机关都有管辖权、由本机关最先立案的，请先上传"
        "证明其管辖的文书（材料“处罚案件指定管辖、最先立案的文书”）再办理；其他机关的委托不产生"
        "处罚的管辖权；没有的，移送有管辖权的机关。一份指定只用于其所指定的案件"
    )
    return [Refusal("designation_missing", text, _JURISDICTION)]


def _of_non_acceptance(act: Act) -> list[Refusal]:
    ground = act.filled(NonAcceptance).ground
    if ground == NotAcceptedGround.NOT_NEEDED:
        return _of_no_need(act)
    return _of_competence(act) if ground == NotAcceptedGround.NOT_COMPETENT else []


def _of_no_need(act: Act) -> list[Refusal]:
    if act.process.matter in _ALWAYS_NEEDED:
        text = f"{act.process.label}依法需要申请，不能以“不需要取得行政许可”为由不予受理"
        return [Refusal("licence_is_needed", text, "《行政许可法》第三十二条")]
    kind = _kind(act)
    if kind is None or kind.treatment != "licence":
        return []
    text = f"{kind.label}依法需要取得公共场所卫生许可，不能以“不需要取得行政许可”为由不予受理"
    return [Refusal("licence_is_needed", text, f"《行政许可法》第三十二条、{kind.law}")]


def _of_competence(act: Act) -> list[Refusal]:
    """An application is another authority's by the address or the kind of place that it names, or
    by a paper on file (a place beyond the regions known here, a matter of a higher level); the
    applicant is told whose it is."""
    places = elsewhere(act)
    kind = _kind(act)
    shown = places or (kind is not None and kind.treatment == "other")
    if not shown and not kept_since(act, FINDING, -1):
        text = (
            "申请写明的场所地址没有写明位于其他行政区，场所类别也不由其他机关许可，"
            "不能以“不属于本行政机关职权范围”为由不予受理；地址不清楚的，请一次性告知补正；"
            "依法由其他地区或者上级机关办理的，请先上传核实记录、职权依据（材料“不予许可的依据”）"
        )
        return [Refusal("authority_is_competent", text, _COMPETENCE_LAW)]
    named = act.filled(NonAcceptance).competent_body.strip()
    if not named:
        text = (
            "不属于本行政机关职权范围的，应当告知申请人向有关行政机关申请：请填写应当向其申请的机关"
        )
        return [Refusal("competent_body_missing", text, _COMPETENCE_LAW)]
    right = competent_there(act, places)
    if right and named not in right:
        text = f"按申请写明的地址，应当告知申请人向{'、'.join(right)}申请"
        return [Refusal("competent_body_differs", text, _COMPETENCE_LAW)]
    return []


def _of_name(act: Act) -> list[Refusal]:
    """No place bears the registered name of somebody else (许可法9: nobody lends a licence)."""
    name = (act.inputs.application(Premises).place_name or "").strip()
    if not name or act.process.key not in _LICENCES or name == act.party.name:
        return []
    line = line_of(act.case.party_id, act.day)
    others = select(Party.id).where(Party.name == name, Party.id.not_in(line))
    if act.session.scalars(others.limit(1)).first() is None:
        return []
    text = (
        f"“{name}”是另一主体登记的名称，不能作为申请人场所的名称："
        "请更正场所名称，或者由该主体自行申请"
    )
    return [Refusal("name_of_another", text, _ANOTHERS)]


def _of_head(act: Act) -> list[Refusal]:
    """A licence names the head whom the register of the firm knows, or knew when the application
    came in; what goes on with a licence copies its head from there, and a change is proved by its
    own guard."""
    said = (act.inputs.application(Headed).representative or "").strip()
    if not said or act.by_law or act.process.about or not act.process.matter:
        return []
    if OPEN_NOTICE in act.before or same_name(said, act.party.representative):
        return []
    former = func.json_extract_path_text(PartyChange.changes, "representative", "0")
    since = (
        select(former)
        .where(PartyChange.party_id == act.case.party_id, former.is_not(None))
        .where(PartyChange.recorded_at >= act.case.opened_at)
    )
    if any(same_name(said, one) for one in act.session.scalars(since)):
        return []
    text = (
        f"申请写明的法定代表人（负责人）“{said}”与登记的“{act.party.representative}”不一致："
        "已经变更的，请先凭营业执照更正当事人登记；填写有误的，请更正后重新提交申请"
    )
    return [Refusal("head_is_not_registered", text, _ANOTHERS)]


def elsewhere(act: Act) -> list[str]:
    """The region outside this authority's that the address of an application lies in, if it names
    one: the first that it names counts, and what stands in brackets is no part of it."""
    address = _ASIDE.sub("", act.inputs.application(Premises).address or "")
    above = set(act.rules.chain(act.region)) - {act.region}
    named = []
    for key in act.rules.keys("region"):
        region = act.rules.region(key)
        city = act.rules.region(region.parent).label if region.parent else ""
        at = address.find(region.label.removeprefix(city))
        if at >= 0 and key not in above:
            named.append((at, key))
    first = min(named, default=None)
    return [] if first is None or act.region in act.rules.chain(first[1]) else [first[1]]


def competent_there(act: Act, regions: Collection[str]) -> list[str]:
    """The authorities by name, as far as they are known here, whose it is in these regions."""
    named = select(Authority.name).where(
        Authority.region.in_(regions), Authority.matters.contains([act.process.matter])
    )
    return list(act.session.scalars(named.order_by(Authority.id)))


def _kind(act: Act) -> PlaceKind | None:
    key = act.inputs.application(Application).place_kind
    if not key or key not in act.rules.keys("place_kind"):
        return None
    return act.rules.place_kind(key, act.day, act.region)


def _of_termination(act: Act) -> list[Refusal]:
    ground = act.filled(Termination).ground
    if (ground == TerminationGround.DEATH and not may_die(act.party)) or (
        ground == TerminationGround.DISSOLUTION and not may_dissolve(act.party)
    ):
        text = f"申请人不会以“{ground.value}”的方式终止，请核对申请人是公民还是法人、其他组织"
        return [Refusal("applicant_end_wrong", text, "《民法典》第十三条、第五十九条")]
    if ground in (TerminationGround.DEATH, TerminationGround.DISSOLUTION):
        if kept_since(act, PROOF, -1):
            return []
        text = (
            f"以“{ground.value}”为由终止审查的，请先上传死亡证明、登记机关的注销证明等材料"
            "（材料“注销依据”）"
        )
        return [Refusal("ending_unproved", text, _ENDING_LAW)]
    if ground == TerminationGround.LICENCE_ENDED and not _licence_ended(act):
        text = "申请所涉及的许可证没有失效（或者申请不涉及已有的许可证），不能以此为由终止审查"
        return [Refusal("licence_has_not_ended", text, _ENDING_LAW)]
    return []


def _licence_ended(act: Act) -> bool:
    licence = act.related(act.process.about) if act.process.about else None
    if licence is None:
        return False
    # One that is suspended, or that its holder wants to give back, may yet be used again.
    return licence.ended_at is not None or licence.state in _GONE


def _of_supplement(act: Act) -> list[Refusal]:
    """Only what the published list has is asked for (许可法30、31): what is missing, or came in
    and has to be put right as the list of the supplement says. That is also what not everybody
    hands in: an agent's power (授权委托书), a promise signed on paper."""
    items = act.filled(SupplementList).items
    words = "\n".join(f"{item.material}\n{item.what}" for item in items)
    found = [word for word in _MONEY if word in words]
    if found:
        text = (
            f"补正清单写有“{'、'.join(found)}”：只能要求补正申请材料，不得收取费用，"
            "不得要求购买指定商品、接受有偿服务"
        )
        law = "《行政许可法》第二十七条、第三十一条、第五十八条"
        return [Refusal("supplement_asks_money", text, law)]
    known = {
        folded(name)
        for material in listed(act)
        if material.key not in NOT_APPLIED_WITH
        for name in (material.key, material.label)
    }
    beyond = [item.material for item in items if folded(item.material) not in known]
    if known and beyond:
        text = (
            f"“{'、'.join(beyond)}”不在公布的申请材料目录内：不得要求申请人提交目录以外的、"
            "与其申请的行政许可事项无关的材料；目录内的材料需要补正的，请选择该项材料并写明内容"
        )
        law = "《行政许可法》第三十条、第三十一条、第三十二条第一款第四项"
        return [Refusal("supplement_beyond_list", text, law)]
    return []

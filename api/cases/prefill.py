"""What a clerk need not type (预填): for single steps, what their forms begin with and choose from.

The processes know nothing of it. A step that is not named here gets its form as the schema says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.enforcement import prefill as prefill_enforcement
from api.enforcement.exemption import prefill as prefill_exemption
from api.enforcement.penalty import prefill as prefill_penalty
from api.grading.place_grading import prefill as prefill_grading
from api.html.form_fields import Guide, Option
from api.html.site import Visit, acting
from api.licensing import prefill as prefill_licence
from casework.common.problems import Misconfigured
from casework.credit.training.sittings import paper, sittings
from casework.models import Authority, Party
from casework.parts.delivery.reading import ServiceView
from casework.parts.promise.education import drawn
from casework.people.mandates import MandateView, mandates_of
from casework.reading import CaseLine, CaseView, case_view, filing_choices, find, officers_of
from casework.reading.case import MaterialView
from rulebook.models import Condition, PlaceKind
from state_machines.language.vocabulary import Correct, Process, RecordService, Role

_INSTEAD = {
    "filing": "只需备案，不需要办理",
    "other": "由其他许可涵盖，不需要办理",
    "none": "不需要办理",
}
_BEGIN: Mapping[str, Mapping[str, Any]] = {
    "one_matter": {
        "equipment": [{"use": "X射线影像诊断", "device_class": "Ⅲ类射线装置"}],
    }
}
_REVIEWED = ("facts", "basis", "reasons")
_REVOCATION_BASIS = "《中华人民共和国行政许可法》第六十九条"


@dataclass(frozen=True)
class Desk:
    """What a prefiller may look at."""

    visit: Visit
    session: Session
    case: CaseView

    def given(self, step: str) -> Mapping[str, Any]:
        """What was last filled in at a step, nothing if it was not taken or is not ours to see."""
        found: Mapping[str, Any] = self.case.data.get(step, {})
        return found

    def application_of(self, related: CaseLine) -> Mapping[str, Any]:
        """What the application of a related case says."""
        office, actor = self.visit.office, acting(self.visit)
        found = case_view(office, self.session, actor, related.number)
        return dict(found.data.get("application", {}))

    @property
    def broken(self) -> list[Mapping[str, Any]]:
        """The clauses that the latest look found broken."""
        look = self.given("recheck") or self.given("inspect")
        return [result for result in look.get("results", ()) if not result["met"]]


def for_application(
    visit: Visit, session: Session, process: str, present: MandateView | None = None
) -> Guide:
    """How the application form of a process begins, and what it chooses from; at the counter, for
    whoever is `present`."""
    choices = filing_choices(visit.office, session, process)
    kinds = [Option(kind.key, _kind_label(kind), kind.group) for kind in choices.place_kinds]
    return Guide(
        begin={
            **(
                _of_a_walk_in(visit, session, present) if present else _of_the_party(visit, session)
            ),
            **_BEGIN.get(process, {}),
        },
        options={
            "region": [Option(r.code, f"{r.label}（{r.authority}）") for r in choices.regions],
            "place_kind": kinds,
        },
        hints={
            "place_name": "与营业执照一致",
            "place_kind": "标明“不需要办理”的项目请勿申请",
            "region": "由经营场所所在区的机关受理",
            "address": "写到门牌号；一处场所只能有一份许可",
            "area_m2": "例如 860.5",
            "institution_kind": "例如 口腔门诊部、综合医院",
            "verify_by": "见医疗机构执业许可证副本",
            "equipment": "每台设备填写一行",
        },
    )


def _of_the_party(visit: Visit, session: Session) -> dict[str, str]:
    """What is known of the party, if the visitor acts for one only."""
    parties = visit.reader.parties if visit.reader else frozenset()
    if len(parties) != 1:
        return {}
    party = session.get_one(Party, next(iter(parties)))
    return {"representative": party.representative, "contact_phone": party.phone}


def _of_a_walk_in(visit: Visit, session: Session, present: MandateView) -> dict[str, str]:
    """What the papers at the counter say already; the place is mostly where the firm is."""
    party = session.scalars(select(Party).where(Party.code == present.party)).one()
    held = visit.reader.authorities if visit.reader else frozenset()
    regions = session.scalars(select(Authority.region).where(Authority.id.in_(held))).all()
    return {
        "place_name": party.name,
        "address": party.address,
        "representative": party.representative,
        "contact_name": present.name,
        "contact_phone": party.phone,
        **({"region": regions[0]} if len(set(regions)) == 1 else {}),
    }


def _kind_label(kind: PlaceKind) -> str:
    """A kind of place, and what it needs instead if it needs no licence."""
    instead = _INSTEAD.get(kind.treatment)
    return f"{kind.label}（{instead}）" if instead else kind.label


def for_step(visit: Visit, session: Session, case: CaseView, step: str) -> Guide:
    """How the form of a step of this case begins, and what it chooses from."""
    make = _STEPS.get(f"{case.process}.{step}") or _STEPS.get(step)
    desk = Desk(visit, session, case)
    if make:
        return make(desk)
    process = visit.office.versions.by_digest(session, case.declaration)
    for effect in process.step(step).effects:
        if isinstance(effect, RecordService) and effect.kind in _SERVICE:
            return _SERVICE[effect.kind](desk, [one for one in case.service if one.of == effect.of])
        if isinstance(effect, Correct):
            return _correction(desk, effect)
    return _as_drafted(desk, process, step)


def _as_drafted(desk: Desk, process: Process, step: str) -> Guide:
    """What is bound by an approval begins with the draft as it stands."""
    binds = [one for one in process.binds if step in one.bound]
    drafts = {name for one in binds for name in one.drafts}
    latest = next((name for name in reversed(list(desk.case.data)) if name in drafts), "")
    said = desk.given(latest)
    parts = {part for one in binds for part in one.parts}
    return Guide(begin={name: value for name, value in said.items() if name in parts})


def labels_of(guide: Guide) -> dict[str, dict[str, str]]:
    """What the choices of a form are called, by field and value."""
    return {
        name.rsplit(".", 1)[-1]: {option.value: option.label for option in options}
        for name, options in guide.options.items()
    }


def for_reading(visit: Visit, session: Session, case: CaseView) -> dict[str, dict[str, str]]:
    """What the choices in all forms of a case are called."""
    try:
        labels = labels_of(for_application(visit, session, case.process))
    except Misconfigured:
        labels = {}
    labels.setdefault("place_kind", {})[case.data.get("application", {}).get("place_kind", "")] = (
        case.place_kind
    )
    inspectors = officers_of(visit.office, session, acting(visit), case.number, Role.INSPECTOR)
    return {
        **labels,
        "material": {item.key: item.label for item in case.materials},
        "inspectors": {one.username: one.name for one in inspectors},
        **prefill_enforcement.labels(visit, session, case),
        **prefill_grading.labels(visit, session, case),
    }


def _supplement(desk: Desk) -> Guide:
    """Every item of the list is offered; what the departments asked for (核验) stands in it."""
    asked = [
        item for step in ("check_health", "check_eco") for item in desk.given(step).get("items", ())
    ]
    merged: dict[str, str] = {}
    for item in asked:
        said = merged.get(item["material"])
        merged[item["material"]] = f"{said}；{item['what']}" if said else item["what"]
    return Guide(
        offered={
            "items": [
                {"material": item.key, "what": merged[item.key], "_pick": "1"}
                if item.key in merged
                else {"material": item.key}
                for item in desk.case.materials
            ]
        },
        options={"items.*.material": _materials(desk.case.materials)},
        fixed=frozenset({"items.*.material"}),
        hints={"items": "补正只能告知一次：请勾选全部需要补正的材料，并写明内容"},
    )


def _materials(items: tuple[MaterialView, ...]) -> list[Option]:
    return [Option(item.key, item.label) for item in items]


def _acceptance(desk: Desk) -> Guide:
    """What is missing and may follow later (容缺) can be ticked; else there is nothing to tick."""
    may_follow = [
        Option(item.key, item.label)
        for item in desk.case.materials
        if item.deferrable and item.required and not item.files
    ]
    return Guide(
        options={"deferred": may_follow} if may_follow else {},
        left_out=frozenset() if may_follow else frozenset({"deferred"}),
        hints={
            "deferred": "在公布的容缺清单内、申请人承诺补交的，勾选后先予受理",
            "name_difference": "名称与营业执照一致的不填；分店、招牌名称的，写明核对情况",
        },
    )


def _education(desk: Desk) -> Guide:
    visit = desk.visit
    process, _ = visit.office.versions.in_force(desk.session, desk.case.process, visit.today)
    rules = visit.office.rules.current(desk.session)
    region = desk.given("application").get("region", "")
    quiz = rules.quiz(process.matter or "", visit.today, region)

    def told(text: str) -> str:
        return rules.with_limits(text, visit.today, region)

    asked = drawn(quiz, desk.case.number)
    choices = {
        f"answers.{row}.choice": [Option(str(n), told(o)) for n, o in enumerate(question.options)]
        for row, question in enumerate(asked)
    }
    return Guide(
        begin={"answers": [{"question": question.key} for question in asked]},
        options={
            "answers.*.question": [Option(q.key, told(q.text)) for q in asked],
            **choices,
        },
        fixed=frozenset({"answers.*.question"}),
        note="\n".join(told(paragraph) for paragraph in quiz.reading),
    )


def _paper(desk: Desk) -> Guide:
    """The questions of the sitting that is under way."""
    visit, session = desk.visit, desk.session
    rules = visit.office.rules.current(session)
    case = find(visit.office, session, acting(visit), desk.case.number)[0]
    sat = sittings(session, case)
    questions = paper(rules, sat[-1], desk.given("application").get("region", "")) if sat else []
    return Guide(
        begin={"answers": [{"question": question.key} for question in questions]},
        options={
            "answers.*.question": [Option(q.key, q.text) for q in questions],
            **{
                f"answers.{row}.choice": [
                    Option(str(n), option) for n, option in enumerate(question.options)
                ]
                for row, question in enumerate(questions)
            },
        },
        fixed=frozenset({"answers.*.question"}),
        note="请在考试时间内交卷，到时以系统时间为准；超时不能交卷，没有作答的题按答错计算。",
    )


def _promise(desk: Desk) -> Guide:
    signer = _at_the_counter(desk) if desk.case.as_officer else acting(desk.visit).name
    return Guide(
        begin={"signer": signer},
        hints={"ready_by": "已经符合全部条件的不填；填写的，在该日期前达到条件并经确认后方可营业"},
        note="请逐项阅读告知书并勾选。作出不实承诺或者违反承诺的，许可将被撤销并记入信用记录。",
    )


def _at_the_counter(desk: Desk) -> str:
    """Who is most likely there for the party: the only one who acts for it, else who heads it."""
    known = mandates_of(desk.visit.office, desk.session, acting(desk.visit), desk.case.party.code)
    present = [one.name for one in known if one.holds]
    return present[0] if len(present) == 1 else desk.case.party.representative


def _delivery(desk: Desk) -> Guide:
    if desk.case.filed_at_counter and desk.visit.is_clerk:
        return Guide(begin={"recipient": _at_the_counter(desk)})
    return Guide(begin={"recipient": desk.case.party.representative})


def _receipt(desk: Desk, served: Sequence[ServiceView]) -> Guide:
    """The documents that still wait are ticked; for a firm the representative is proposed."""
    waiting = {one.key: one for entry in served for one in entry.waiting}
    firm = desk.case.party.code_kind == "uscc"
    said = desk.given("confirm_address")
    return Guide(
        begin={
            "documents": list(waiting),
            "on": desk.visit.today.isoformat(),
            "way": "直接送达",
            "place": said.get("address") or desk.case.party.address,
            "recipient": desk.case.party.representative if firm else desk.case.party.name,
            "receiver": "法定代表人、主要负责人" if firm else "受送达人本人",
        },
        options={"documents": [Option(one.key, one.title) for one in waiting.values()]},
        hints={
            "on": "直接、委托、转交送达为签收日期；留置送达为留置日期；"
            "邮寄送达为回执注明的收件日期；电子送达为信息到达系统的日期",
            "witness": "没有见证人的，先在案件页“材料”中上传拍照、录像",
            "mailing_number": "并先在案件页“材料”中上传邮件回执",
            "signed": "先在案件页“材料”中上传签好的送达回证扫描件；空白回证可以用“预览”打印",
        },
    )


def _try(desk: Desk, _served: Sequence[ServiceView]) -> Guide:
    begin = {"on": desk.visit.today.isoformat(), "place": desk.case.party.address}
    return Guide(begin=begin, hints={"outcome": "每次尝试都入卷，作为公告送达的依据"})


def _announcement(desk: Desk, served: Sequence[ServiceView]) -> Guide:
    tries = [f"{one.on}{one.way}：{one.outcome}" for entry in served for one in entry.tries]
    begin = {"published_on": desk.visit.today.isoformat(), "reason": "；".join(tries)}
    return Guide(begin=begin, note="公告送达为最后方式：自发出公告之日起经过法定期间，即视为送达。")


_SERVICE: Mapping[str, Callable[[Desk, Sequence[ServiceView]], Guide]] = {
    "receipt": _receipt,
    "try": _try,
    "announcement": _announcement,
}


def _correction(desk: Desk, effect: Correct) -> Guide:
    """Of which document, and in what: only what the authority's rule lets be corrected."""
    rules = desk.visit.office.rules.current(desk.session)
    region = desk.given("application").get("region", "")
    fields = rules.value("corrections.fields", desk.visit.today, region)
    titles = {one.key: one.title for one in desk.case.documents if one.key in effect.documents}
    return Guide(
        begin={"document": next(iter(titles), "")},
        options={
            "document": [Option(key, title) for key, title in titles.items()],
            "items.*.field": [Option(name, name) for name in fields],
        },
        note="只补正文字笔误；事实、依据、处理和金额有错误的，应当依法撤销或者变更后重新作出。",
    )


def _address(desk: Desk) -> Guide:
    party = desk.case.party
    return Guide(
        begin={
            "address": party.address,
            "receiver": party.representative,
            "phone": party.phone,
            "signed_on": desk.visit.today.isoformat(),
            "signer": party.representative,
        }
    )


def _assignment(desk: Desk) -> Guide:
    known = officers_of(
        desk.visit.office, desk.session, acting(desk.visit), desk.case.number, Role.INSPECTOR
    )
    return Guide(
        begin=desk.given("assign"),
        options={
            "inspectors": [
                Option(one.username, f"{one.name}（执法证 {one.certificate}）") for one in known
            ]
        },
        hints={"inspectors": "至少两名，证件均在有效期内"},
    )


def _hand_over(desk: Desk) -> Guide:
    return replace(_assignment(desk), begin=desk.given("hand_over") or desk.given("assign"))


def _recusal(desk: Desk) -> Guide:
    known = {
        one.username: one.name
        for role in (Role.INSPECTOR, Role.CASE_HANDLER, Role.LEGAL_REVIEWER)
        for one in officers_of(
            desk.visit.office, desk.session, acting(desk.visit), desk.case.number, role
        )
    }
    asked = desk.given("ask_recusal")
    said = "，".join(str(asked.get(name, "")) for name in ("officer", "ground", "facts"))
    return Guide(
        options={"officer": [Option(*one) for one in known.items()]},
        note=f"待决定的申请：{said}",
    )


def _look(desk: Desk) -> Guide:
    rows = [{"clause": condition.text} for condition in _conditions(desk)]
    return _look_at(desk, rows)


def _second_look(desk: Desk) -> Guide:
    """What was kept before need not be looked at again; what was broken must be."""
    return _look_at(desk, [{"clause": result["clause"]} for result in desk.broken])


def _look_at(desk: Desk, rows: list[dict[str, Any]]) -> Guide:
    return Guide(
        begin={"results": rows, "place_contact": _contact(desk)},
        fixed=frozenset({"results.*.clause"}),
        hints={"results": "逐项填写；需要时可再加一行"},
    )


def _contact(desk: Desk) -> str:
    """Whom to meet there: as at the last look, else as the application says."""
    met = desk.given("inspect").get("place_contact")
    said = [desk.given("application"), *map(desk.application_of, desk.case.related)]
    return str(met or next((one["contact_name"] for one in said if "contact_name" in one), ""))


def _conditions(desk: Desk) -> list[Condition]:
    """The conditions of the matter that are for this kind of place."""
    visit = desk.visit
    process, _ = visit.office.versions.in_force(desk.session, desk.case.process, visit.today)
    if process.matter is None:
        return []
    said = desk.given("application")
    matter = visit.office.rules.current(desk.session).matter(
        process.matter, visit.today, said.get("region", "")
    )
    kind = said.get("place_kind")
    return [one for one in matter.conditions if not one.applies_to or kind in one.applies_to]


def _order(desk: Desk) -> Guide:
    return Guide(
        begin={"items": [{"clause": result["clause"]} for result in desk.broken]},
        fixed=frozenset({"items.*.clause"}),
    )


def _revocation_notice(desk: Desk) -> Guide:
    if told := desk.given("notify_revocation"):
        return Guide(
            begin={name: told[name] for name in _REVIEWED if name in told},
            note="以下为上次告知的内容。重新告知后，当事人重新享有陈述申辩的期限，须再送法制审核。"
            f"审核退回意见：{desk.given('return_review').get('opinion', '')}",
        )
    facts = "；".join(f"{result['clause']}：{result['finding']}" for result in desk.broken)
    found = desk.given("find_broken") or desk.given("find_false")
    return Guide(
        begin={
            "facts": f"经核查：{facts}" if facts else "",
            "basis": _REVOCATION_BASIS,
            "reasons": found.get("reason", ""),
        }
    )


def _revocation(desk: Desk) -> Guide:
    notice = desk.given("notify_revocation")
    return Guide(
        begin={name: notice[name] for name in _REVIEWED if name in notice},
        fixed=frozenset(_REVIEWED),
        note="事实、依据和理由为法制审核通过的原文，不能改动；需要改动的，应当退回后重新告知、审核。",
    )


def _defence(desk: Desk) -> Guide:
    stated = desk.given("state_defence").get("text")
    said = f"当事人陈述申辩称：{stated}" if stated else "当事人在期限内未提出陈述申辩"
    return Guide(begin={"defence_considered": said})


def _review(desk: Desk) -> Guide:
    return Guide(
        begin={"checklist": _questions(desk), "opinion": "审核通过"},
        fixed=frozenset({"checklist.*.item"}),
        hints={"checklist": "逐项作出结论；有一项不符合的，不能通过，应当退回"},
    )


def _return(desk: Desk) -> Guide:
    return Guide(
        begin={"checklist": _questions(desk)},
        fixed=frozenset({"checklist.*.item"}),
        hints={"checklist": "标明不符合的项目和理由"},
    )


def _questions(desk: Desk) -> list[dict[str, Any]]:
    """What every legal review answers (国办发〔2018〕118号), by the authority's rule."""
    visit = desk.visit
    rules = visit.office.rules.current(desk.session)
    region = desk.given("application").get("region", "")
    return [{"item": item} for item in rules.value("review.checklist", visit.today, region)]


def _hearing(desk: Desk) -> Guide:
    known = officers_of(
        desk.visit.office,
        desk.session,
        acting(desk.visit),
        desk.case.number,
        Role.HEARING_CHAIR,
        certified=False,
    )
    return Guide(
        begin=desk.given("schedule_hearing"),
        options={"chair": [Option(one.username, one.name) for one in known]},
        hints={
            "on": "举行听证的七个工作日前通知当事人和有关人员",
            "chair": "不能是本案调查人员或者审核人员",
            "closed_because": "公开举行的不填",
        },
    )


def _precheck(desk: Desk) -> Guide:
    return Guide(
        offered={"items": [{"material": item.key} for item in desk.case.materials]},
        options={"items.*.material": _materials(desk.case.materials)},
        fixed=frozenset({"items.*.material"}),
        hints={
            "items": "勾选本部门需要补正的材料并写明内容；齐全的直接提交",
            "remark": "只供本部门和窗口查看",
        },
    )


def _diagnosis_permit(desk: Desk) -> Guide:
    """What may be diagnosed and treated (诊疗项目)."""
    uses = dict.fromkeys(one["use"] for one in _machines(desk))
    return Guide(begin={"scope": "、".join(uses)} if uses else {})


def _safety_permit(desk: Desk) -> Guide:
    """What kinds of sources may be used, and how many of each (种类和范围)."""
    classes = Counter(one["device_class"] for one in _machines(desk))
    said = "、".join(f"使用{kind}（{number}台）" for kind, number in classes.items())
    return Guide(begin={"scope": said} if said else {})


def _machines(desk: Desk) -> Sequence[Mapping[str, Any]]:
    found: Sequence[Mapping[str, Any]] = desk.given("application").get("equipment", ())
    return found


_STEPS: Mapping[str, Callable[[Desk], Guide]] = {
    "request_supplement": _supplement,
    "instant_licence.accept": _acceptance,
    "study": _education,
    "submit_paper": _paper,
    "instant_licence.commit": _promise,
    "check_site": _look,
    "deliver": _delivery,
    "deliver_part": _delivery,
    "confirm_address": _address,
    "check_health": _precheck,
    "check_eco": _precheck,
    "decide_health": _diagnosis_permit,
    "decide_eco": _safety_permit,
    "commitment_check.assign": _assignment,
    "hand_over": _hand_over,
    "decide_recusal": _recusal,
    "commitment_check.inspect": _look,
    "commitment_check.order_rectification": _order,
    "commitment_check.recheck": _second_look,
    "commitment_check.notify_revocation": _revocation_notice,
    "commitment_check.submit_review": _defence,
    "pass_review": _review,
    "pass_early_review": _review,
    "review_undoing": _review,
    "return_review": _return,
    "return_early_review": _return,
    "schedule_hearing": _hearing,
    "commitment_check.revoke": _revocation,
    "place_grading.assign": _assignment,
    **prefill_exemption.STEPS,
    **prefill_licence.STEPS,
    **prefill_penalty.STEPS,
    **prefill_grading.STEPS,
}

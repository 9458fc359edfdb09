"""Guards: the conditions of steps, pure, each answering with a reason and the article.

A published revision never changes (`nuoxin check` compares digests); a new rule is a new revision.
"""

from __future__ import annotations

from datetime import timedelta

from state_machines.facts import (
    ApplicationBar,
    Appointment,
    Assignment,
    Change,
    ConditionsReported,
    CreditStanding,
    Decisions,
    Defence,
    Deferral,
    DeferredItems,
    Delegation,
    DepartmentAsks,
    DepartmentLists,
    Education,
    EndingGround,
    EquipmentScope,
    ExtendedLimit,
    Findings,
    Holding,
    ItemReview,
    LicenceStanding,
    Materials,
    NamedInspectors,
    OpenBusiness,
    PaperPromise,
    PauseSpan,
    PlaceFilings,
    PlaceKind,
    PlaceRecord,
    Proof,
    PublicHarm,
    QuizAnswers,
    ReadyBy,
    RegisteredName,
    RemoteLook,
    RenewalTime,
    ReviewBinding,
    Reviews,
    Signatory,
    StoppedLimit,
    Supplement,
    Tries,
)
from state_machines.forms.licence import DeregistrationGround as Ground
from state_machines.forms.licence_change import Kind
from state_machines.vocabulary import Refusal, guard


@guard()
def place_is_free(place: PlaceRecord) -> Refusal | None:
    """One licence per premises, and one application at a time."""
    if place.standing_licence:
        return Refusal(
            "place_licensed",
            f"该场所已有有效的卫生许可（{place.standing_licence}），同一场所不能重复发证",
            "《公共场所卫生管理条例实施细则》第二十二条",
        )
    if place.open_application:
        return Refusal(
            "place_applied",
            f"该场所已有正在办理的申请（{place.open_application}），请在该申请上继续办理",
            "《公共场所卫生管理条例实施细则》第二十二条",
        )
    return None


@guard()
def needs_this_licence(place: PlaceKind) -> Refusal | None:
    """Kinds of place that only file a record, or belong to another licence, are not accepted."""
    if place.treatment == "licence":
        return None
    return Refusal("no_licence_needed", f"{place.label}不需要取得公共场所卫生许可", place.law)


@guard()
def needs_only_filing(place: PlaceKind) -> Refusal | None:
    """Only the kinds of place that are filed (备案) take this route."""
    if place.treatment == "filing":
        return None
    return Refusal("not_for_filing", f"{place.label}不适用备案", place.law)


@guard()
def place_is_not_filed(filings: PlaceFilings) -> Refusal | None:
    """A place is filed once."""
    if filings.number is None:
        return None
    return Refusal(
        "place_filed", f"该场所已经备案或者正在办理备案（{filings.number}），不必重复备案"
    )


@guard()
def party_may_apply(bar: ApplicationBar) -> Refusal | None:
    """False material bars for a year, a licence got by fraud for three (许可法78, 79)."""
    if bar.until is None:
        return None
    return Refusal(
        "application_barred", f"{bar.reason}，{bar.until:%Y-%m-%d}前不得再次申请该项许可", bar.law
    )


@guard(needs_input=True)
def name_fits_register(name: RegisteredName) -> Refusal | None:
    """The place bears the name of the business licence, or the clerk says why it does not."""
    if name.named or name.explained:
        return None
    return Refusal(
        "name_differs",
        f"单位（场所）名称“{name.name}”与营业执照名称“{name.registered}”不一致，"
        "请核对营业执照；属于分店、招牌名称的，填写说明后受理",
        "《公共场所卫生管理条例实施细则》第二十五条",
    )


@guard(needs_input=True)
def materials_are_complete_or_deferred(materials: Materials, deferral: Deferral) -> Refusal | None:
    """Every required item is in, or is on the published list of those that may follow (容缺)."""
    if deferral.not_deferrable:
        return Refusal(
            "not_deferrable",
            f"不在可以容缺的材料清单内，或者已经提交：{'、'.join(deferral.not_deferrable)}",
            "本机关公布的容缺受理清单",
        )
    if not materials.missing:
        return None
    return Refusal(
        "materials_missing",
        f"申请材料不齐全，缺少：{'、'.join(materials.missing)}；请一次性告知补正，"
        "在容缺清单内的可以容缺受理",
        "《行政许可法》第三十二条",
    )


@guard()
def deferred_are_in(items: DeferredItems) -> Refusal | None:
    """All that was promised for later has been handed in."""
    if not items.outstanding:
        return None
    return Refusal(
        "deferred_missing",
        f"容缺材料尚未交齐，还缺：{'、'.join(items.outstanding)}",
        "本机关公布的容缺受理清单",
    )


@guard()
def materials_are_complete(materials: Materials) -> Refusal | None:
    """Every required item of the materials list has been handed in."""
    if not materials.missing:
        return None
    return Refusal(
        "materials_missing",
        f"申请材料不齐全，缺少：{'、'.join(materials.missing)}",
        "《行政许可法》第三十二条",
    )


@guard()
def supplement_is_complete(supplement: Supplement) -> Refusal | None:
    """All that the one supplement list asked for has come in."""
    if not supplement.outstanding:
        return None
    return Refusal(
        "supplement_incomplete",
        f"补正材料尚未交齐，还缺：{'、'.join(supplement.outstanding)}",
        "《行政许可法》第三十二条第一款第四项",
    )


@guard()
def credit_allows_promise(standing: CreditStanding) -> Refusal | None:
    """A serious bad record or a broken promise, unrepaired, closes the promise route."""
    law = "《关于全面推行证明事项和涉企经营许可事项告知承诺制的指导意见》（国办发〔2020〕42号）"
    if standing.unrepaired:
        return Refusal(
            "promise_barred",
            f"存在尚未修复的失信记录（{'、'.join(standing.unrepaired)}），不适用告知承诺，请选择一般程序",
            law,
        )
    if standing.revoked_before and not standing.repair_restores:
        return Refusal(
            "promise_barred", "曾因违反承诺被撤销许可，不再适用告知承诺，请选择一般程序", law
        )
    return None


@guard(needs_input=True)
def may_sign_promise(signatory: Signatory) -> Refusal | None:
    """Only the representative, or an agent empowered for it, signs the promise."""
    law = "《民法典》第一百六十五条"
    if not signatory.may_promise:
        return Refusal(
            "not_empowered",
            "承诺书须由法定代表人（负责人）签署，或由授权委托书载明可代为承诺的代理人签署",
            law,
        )
    if not signatory.signs:
        return Refusal(
            "signed_by_other",
            f"承诺书须由办理人{signatory.name}本人签署，签署人姓名与办理人不一致",
            law,
        )
    return None


@guard(needs_input=True)
def questions_are_answered(answers: QuizAnswers) -> Refusal | None:
    """Every question of the pre-licence education was answered right."""
    if not answers.wrong:
        return None
    return Refusal(
        "answers_wrong",
        f"共{answers.asked}题，还有{len(answers.wrong)}题需要重新作答：{'；'.join(answers.wrong)}",
        "国办发〔2020〕42号",
    )


@guard()
def education_is_done(education: Education) -> Refusal | None:
    """Who promises knows what a promise means."""
    if education.done or not education.required:
        return None
    return Refusal(
        "education_missing",
        "签署承诺书前，请先完成准入前诚信教育",
        "国办发〔2020〕42号",
    )


@guard(needs_input=True)
def ready_in_time(ready: ReadyBy) -> Refusal | None:
    """Conditions are promised for a day that comes, and comes soon enough."""
    if ready.by is None or ready.today < ready.by <= ready.latest:
        return None
    return Refusal(
        "ready_by_wrong",
        f"承诺达到条件的日期应在{ready.today:%Y-%m-%d}之后、{ready.latest:%Y-%m-%d}之前",
        "国发〔2021〕7号",
    )


@guard()
def paper_promise_is_kept(promise: PaperPromise) -> Refusal | None:
    """A promise signed on paper at the counter is in the file before it is relied on."""
    if promise.kept or not promise.at_counter:
        return None
    return Refusal(
        "promise_not_scanned",
        "承诺书是在窗口当面签署的，请先扫描上传已签名（盖章）的承诺书",
        "国办发〔2020〕42号",
    )


@guard(needs_input=True)
def look_is_ahead(appointment: Appointment) -> Refusal | None:
    """A look is booked for a day to come, and before the decision is due."""
    if appointment.today <= appointment.on <= appointment.latest:
        return None
    return Refusal(
        "look_day_wrong",
        f"预约日期应在{appointment.today:%Y-%m-%d}至{appointment.latest:%Y-%m-%d}之间",
        "《行政许可法》第三十四条、第四十二条",
    )


@guard(needs_input=True)
def remote_look_is_shown(look: RemoteLook) -> Refusal | None:
    """A look by video was booked, and what was seen is kept as pictures."""
    law = "《行政许可法》第三十四条第三款"
    if not look.remote:
        return None
    if not look.booked:
        return Refusal("look_not_booked", "视频核查须先预约，请先办理“预约核查（踏勘）”", law)
    if not look.pictures:
        return Refusal("look_without_pictures", "视频核查须留存画面，请先上传踏勘照片", law)
    return None


@guard()
def conditions_are_reported(report: ConditionsReported) -> Refusal | None:
    """The holder has reported that the promised conditions are met."""
    if report.reported:
        return None
    return Refusal("conditions_not_reported", "持证人尚未报告承诺的条件已经具备", "国发〔2021〕7号")


@guard()
def conditions_are_kept(proof: Proof) -> Refusal | None:
    """Where officers looked before a renewal, every condition was met."""
    if proof.checked and not proof.all_met:
        return Refusal(
            "conditions_unmet", "核查结论为不符合许可条件，不能准予延续", "《行政许可法》第三十八条"
        )
    return None


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


@guard()
def change_fits_register(name: RegisteredName) -> Refusal | None:
    """The certificate is to say what the business licence says."""
    law = "《公共场所卫生管理条例实施细则》第二十七条"
    if not name.named:
        return Refusal(
            "name_differs",
            f"变更后的名称“{name.name}”与登记的营业执照名称“{name.registered}”不一致，"
            "请核对营业执照，先更新当事人登记",
            law,
        )
    if not name.represented:
        return Refusal(
            "representative_differs",
            f"法定代表人（负责人）“{name.representative}”与登记的营业执照不一致，"
            "请核对营业执照，先更新当事人登记",
            law,
        )
    return None


@guard()
def window_is_delegated(delegation: Delegation) -> Refusal | None:
    """The window grants only under a delegation; the head of the authority always may."""
    if not delegation.acts_as_window or delegation.window_may_grant:
        return None
    return Refusal(
        "not_delegated",
        "窗口未获首席代表授权，请转机关负责人决定",
        "《行政许可法》第二十四条",
    )


@guard()
def conditions_are_shown(proof: Proof) -> Refusal | None:
    """A grant rests on a signed promise, or on a site check that found every condition met."""
    if proof.promised:
        return None
    if not proof.checked:
        return Refusal(
            "site_check_missing",
            "一般程序须由两名以上工作人员核查后方可决定",
            "《行政许可法》第三十四条第三款",
        )
    if not proof.all_met:
        return Refusal(
            "conditions_unmet", "核查结论为不符合许可条件，不能准予许可", "《行政许可法》第三十八条"
        )
    return None


@guard()
def limit_may_be_extended(limit: ExtendedLimit) -> Refusal | None:
    """A limit is extended once, and only while it runs."""
    law = "《行政许可法》第四十二条第一款"
    if limit.extended:
        return Refusal("extended_before", "许可决定期限已延长一次，不能再次延长", law)
    if limit.over:
        return Refusal("limit_over", "许可决定期限已届满，不能再延长", law)
    return None


@guard(needs_input=True)
def pause_has_an_end(span: PauseSpan) -> Refusal | None:
    """A technical review is not expected to end before it began, nor more than a year later."""
    if span.first <= span.last <= span.first + timedelta(days=366):
        return None
    return Refusal(
        "pause_end_wrong",
        "预计完成日期不能早于中止当日，也不能晚于一年后，请核对",
        "《行政许可法》第四十五条",
    )


@guard(needs_input=True)
def tried_often_enough(tries: Tries) -> Refusal | None:
    """Nobody is out of reach before the tries that the authority's rule asks for."""
    if tries.made >= tries.least:
        return None
    return Refusal(
        "too_few_tries",
        f"至少联系 {tries.least} 次仍无法联系，方可记录为无法联系，现为 {tries.made} 次",
    )


@guard(needs_input=True)
def two_certified_are_named(named: NamedInspectors) -> Refusal | None:
    """At least two officers with valid certificates are sent."""
    law = "《行政处罚法》第四十二条、《行政许可法》第三十四条第三款"
    if named.count < 2:
        return Refusal("two_officers", "核查须指派两名以上不同的执法人员", law)
    if named.uncertified:
        return Refusal(
            "certificate_invalid", f"执法证件无效或已过期：{'、'.join(named.uncertified)}", law
        )
    return None


@guard()
def officers_are_assigned(assignment: Assignment) -> Refusal | None:
    """Only the officers whom the assignment named may check."""
    if not assignment.strangers:
        return None
    return Refusal(
        "not_assigned",
        f"{'、'.join(assignment.strangers)}不是本次核查指派的执法人员",
        "《行政处罚法》第四十二条",
    )


@guard()
def promise_is_kept(findings: Findings) -> Refusal | None:
    """Every clause was found kept at the latest look."""
    if not findings.broken:
        return None
    return Refusal(
        "clauses_broken",
        f"核查发现未履行承诺：{'、'.join(findings.broken)}，不能认定履约",
        "国办发〔2020〕42号",
    )


@guard()
def promise_is_not_kept(findings: Findings) -> Refusal | None:
    """At least one clause was found broken at the latest look."""
    if findings.broken:
        return None
    return Refusal("all_kept", "核查结果均为履约，没有需要处理的承诺事项", "国办发〔2020〕42号")


@guard()
def defence_was_possible(defence: Defence) -> Refusal | None:
    """The party was heard, waived it expressly, or let the period pass."""
    if defence.stated or defence.waived or defence.period_over:
        return None
    until = f"（{defence.period_ends:%Y-%m-%d}届满）" if defence.period_ends else ""
    return Refusal(
        "defence_pending",
        f"当事人陈述申辩期限尚未届满{until}，且未明确放弃",
        "《行政许可法》第七条、第三十六条",
    )


@guard()
def review_is_not_passed(binding: ReviewBinding) -> Refusal | None:
    """A passed draft is not passed again."""
    if binding.passed:
        return Refusal("review_done", "法制审核已通过，请由机关负责人决定")
    return None


@guard()
def review_has_passed(binding: ReviewBinding) -> Refusal | None:
    """A legal review passed this decision."""
    if binding.passed:
        return None
    return Refusal("review_missing", "尚未通过法制审核，不能作出撤销决定", "国办发〔2018〕118号")


@guard(needs_input=True)
def review_binds_decision(binding: ReviewBinding) -> Refusal | None:
    """What is decided is, to the letter, what the legal review passed."""
    if not binding.passed or binding.same_content:
        return None
    return Refusal(
        "review_differs",
        "拟决定的事实、依据或理由与法制审核通过的内容不一致，须重新审核",
        "国办发〔2018〕118号",
    )


@guard(needs_input=True)
def no_major_public_harm(harm: PublicHarm) -> Refusal | None:
    """A grant is never revoked where that does major harm to the public interest."""
    if not harm.major:
        return None
    return Refusal(
        "public_harm",
        "撤销可能对公共利益造成重大损害的，不予撤销",
        "《行政许可法》第六十九条第三款",
    )


@guard()
def equipment_is_joint(scope: EquipmentScope) -> Refusal | None:
    """Every piece of equipment is within both departments' competence here."""
    if not scope.outside:
        return None
    return Refusal(
        "equipment_not_joint",
        f"设备清单中有不能在此“一件事”办理的设备：{'；'.join(scope.outside)}",
        "《放射诊疗管理规定》第十一条",
    )


@guard()
def no_joint_application_is_open(place: PlaceRecord) -> Refusal | None:
    """One joint application at a time for the same institution's site."""
    if place.open_application is None:
        return None
    return Refusal(
        "place_applied",
        f"该地址已有正在办理的“一件事”申请（{place.open_application}），请在该申请上继续办理",
    )


@guard(needs_input=True)
def lists_are_merged(lists: DepartmentLists) -> Refusal | None:
    """The one supplement list holds all that either department asked for (许可法32)."""
    if not lists.left_out:
        return None
    return Refusal(
        "list_not_merged",
        f"补正应当一次性告知，清单还缺部门提出的：{'；'.join(lists.left_out)}",
        "《行政许可法》第三十二条第一款第四项",
    )


@guard()
def departments_are_content(asks: DepartmentAsks) -> Refusal | None:
    """What a department asked for at the pre-check has come in."""
    if not asks.outstanding:
        return None
    return Refusal(
        "department_asks",
        f"部门核验提出的材料尚未补交：{'；'.join(asks.outstanding)}；请一次性告知补正",
        "《行政许可法》第三十二条第一款第四项",
    )


@guard()
def both_have_passed(reviews: Reviews) -> Refusal | None:
    """Neither department's examination failed."""
    if not reviews.failed:
        return None
    return Refusal("not_both_passed", f"审查未通过：{'、'.join(reviews.failed)}")


@guard()
def item_has_passed(review: ItemReview) -> Refusal | None:
    """An item is granted only after its own department's examination passed it."""
    if review.passed:
        return None
    return Refusal(
        "item_not_passed",
        "本部门审查未通过，不能准予许可，请作出不予许可决定",
        "《行政许可法》第三十八条",
    )


@guard()
def something_is_granted(decisions: Decisions) -> Refusal | None:
    """At least one of the items was granted."""
    if decisions.granted:
        return None
    return Refusal("nothing_granted", "没有准予许可的事项")


@guard()
def all_is_granted(decisions: Decisions) -> Refusal | None:
    """Both certificates are there to be handed over together."""
    if not decisions.refused:
        return None
    return Refusal("part_refused", "有一项不予许可，请办理“送达已准予的一证”")


@guard()
def something_is_refused(decisions: Decisions) -> Refusal | None:
    """One certificate is handed over alone only because the other item was refused."""
    if decisions.refused:
        return None
    return Refusal(
        "hand_over_together",
        "两项均已准予，应当一并送达两证",
        "《行政许可法》第二十六条第二款",
    )


@guard(needs_input=True)
def certificate_may_be_held(decisions: Decisions, holding: Holding) -> Refusal | None:
    """A certificate waits for the other item if the rule lets the applicant ask for it."""
    law = "《行政许可法》第四十四条"
    if not decisions.refused:
        return Refusal("nothing_to_wait_for", "两项均已准予，证书一并送达，不需要暂存", law)
    if not holding.allowed:
        return Refusal("no_holding", "本机关规定已准予的证书及时单独送达，不办理暂存", law)
    if not holding.today < holding.until <= holding.latest:
        return Refusal(
            "hold_day_wrong",
            f"暂存日期应在{holding.today:%Y-%m-%d}之后、{holding.latest:%Y-%m-%d}之前",
            law,
        )
    return None


@guard()
def limit_runs(limit: StoppedLimit) -> Refusal | None:
    """What stands still has no last day that could be told: it is extended when it runs again."""
    if not limit.stopped:
        return None
    return Refusal(
        "limit_stopped",
        "期限正在中止，恢复计算后再办理延长",
        "《行政许可法》第四十五条",
    )

"""What an application is judged by: place, materials, supplement, name, bars."""

from __future__ import annotations

from state_machines.language.vocabulary import Refusal, guard
from state_machines.parts.intake.facts import (
    ApplicationBar,
    Deferral,
    DeferredItems,
    Delegation,
    Materials,
    PlaceFilings,
    PlaceKind,
    PlaceRecord,
    RegisteredName,
    Supplement,
)


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
def no_joint_application_is_open(place: PlaceRecord) -> Refusal | None:
    """One joint application at a time for the same institution's site."""
    if place.open_application is None:
        return None
    return Refusal(
        "place_applied",
        f"该地址已有正在办理的“一件事”申请（{place.open_application}），请在该申请上继续办理",
    )

"""A wrong certificate (证书记载错误) is one that differs from the file of its grant, and the
licence of a natural person stays with that person (许可法9), whatever the change is called.

What the file does not prove is a change or a new application, in cases of every version."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from casework.acts.act import Act
from casework.acts.party_kinds import is_person
from casework.common.typed_inputs import Inputs
from casework.licensing.licence.collect import licence_of, named
from casework.models import Case
from state_machines.language.vocabulary import Refusal
from state_machines.licensing.instant_licence.forms import GRANT
from state_machines.licensing.licence.forms import Licence
from state_machines.licensing.licence_change.forms import REISSUE, Application, Kind
from state_machines.parts.intake.forms import SUBMIT

_LAW = "《行政许可法》第三十八条、第四十九条、《公共场所卫生管理条例实施细则》第二十七条"
_CALLED = {"place_name": "单位名称", "representative": "法定代表人或负责人", "address": "地址"}
_DECIDED: Mapping[str, str] = {
    Kind.NAME.value: "place_name",
    Kind.REPRESENTATIVE.value: "representative",
}
_PROCESS = "licence_change"
_STEPS = (SUBMIT, REISSUE, GRANT)


def refusals(act: Act) -> list[Refusal]:
    """What a certificate would say after its correction that the file of its grant does not, or
    after a change of its name that makes it another person's."""
    if act.process.key != _PROCESS or act.step.name not in _STEPS:
        return []
    application = act.inputs.application(Application)
    licence = licence_of(act)
    if application.kind == Kind.NAME:
        return _of_name(act, application, licence)
    if application.kind != Kind.WRONG:
        return []
    shown, proved = Inputs(licence.data).application(Licence), _granted(act, licence)
    asked, printed = named(application), named(shown)
    differing = [
        f"{label}“{asked[name]}”（案卷为“{proved[name]}”）"
        for name, label in _CALLED.items()
        if asked[name] not in (printed[name], proved[name])
    ]
    if not differing:
        return []
    text = (
        f"更正换发只能改为与准予许可的案卷一致，下列内容案卷不能证明：{'；'.join(differing)}。"
        "变更名称、负责人的，办理变更；更换场所的，重新申请许可"
    )
    return [Refusal("certificate_as_granted", text, _LAW)]


def _of_name(act: Act, application: Application, licence: Case) -> list[Refusal]:
    """Nobody hands his licence on by another sign over his door."""
    printed = Inputs(licence.data).application(Licence).representative
    if not is_person(act.party) or application.representative == printed:
        return []
    text = (
        f"个人持有的卫生许可不得转让：变更名称不能把负责人“{printed}”改为“{application.representative}”，"
        "更换经营者的请由新经营者重新申请许可"
    )
    return [Refusal("not_transferable", text, "《行政许可法》第九条")]


def _granted(act: Act, licence: Case) -> dict[str, str]:
    """What the application said that was granted, with what was decided to be changed since."""
    family = licence.family_id or licence.id
    proved = named(Inputs(act.session.get_one(Case, family).data).application(Licence))
    changes = act.session.scalars(
        select(Case)
        .where(Case.family_id == family, Case.process == _PROCESS, Case.id != act.case.id)
        .order_by(Case.id)
    )
    for change in changes:
        inputs = Inputs(change.data)
        application = inputs.application(Application)
        name = _DECIDED.get(application.kind)
        if name and GRANT in inputs:
            proved[name] = named(application)[name]
    return proved

"""Entries of the ledger under the nation's field codes (双公示数据标准, 发改办财金〔2018〕424号),
as the credit platforms take them in.

What is said is read off the letters that were issued with the entry and the input of its step, as
they were frozen then, so that a row says what its decision says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from casework.common.codes import ID_KINDS
from casework.models import Authority, Document, Party, Publication
from state_machines.parts.approvals.measures import Measure, MeasureKind, in_words

_TEN_THOUSAND = Decimal(10_000)
_MARKET, _SOLE_TRADER = "9", "92"  # how codes of those begin that market regulation registers
CERTIFICATES = ("certificate", "certificate_duplicate")


@dataclass(frozen=True)
class Entry:
    """An entry of the ledger with the decision that it is of: the documents of its row of the log,
    the first issued first and each as it was last corrected, and what was filled in at its step.
    `decided` is the case and the row of its log with which that decision itself was to be shown,
    `decided_on` the day of it, which no correction changes."""

    publication: Publication
    party: Party
    authority: Authority
    documents: Sequence[Document]
    filled: Mapping[str, Any]
    authority_code: str
    decided: tuple[int, int] = (0, 0)
    decided_on: date | None = None

    @cached_property
    def decision(self) -> Document | None:
        """The letter that says what was decided."""
        return next((one for one in self.documents if one.key not in CERTIFICATES), None)

    @cached_property
    def certificate(self) -> Document | None:
        """The certificate that was given out with it."""
        return next((one for one in self.documents if one.key in CERTIFICATES), None)

    @cached_property
    def measures(self) -> list[Measure]:
        """What a penalty consists of."""
        return [Measure.model_validate(one) for one in self.filled.get("measures", ())]

    def said(self, part: str, name: str) -> str:
        """What one of the letters says under a field; empty if none does."""
        parts = (one.context.get(part) for one in self.documents)
        told = (part.get(name, "") for part in parts if isinstance(part, Mapping))
        return next((str(value) for value in told if value), "")


@dataclass(frozen=True)
class NationalField:
    """A field of the standard: its code, what it is called, and what an entry has for it."""

    code: str
    label: str
    of: Callable[[Entry], str]


def _category(entry: Entry) -> str:
    """法人及非法人组织, 自然人 or 个体工商户 (GB 32100: a sole trader's code begins with 92)."""
    if entry.party.code_kind != "uscc":
        return "自然人"
    sole_trader = entry.party.code.startswith(_SOLE_TRADER)
    return "个体工商户" if sole_trader else "法人及非法人组织"


def _firm(column: str) -> Callable[[Entry], str]:
    """What is registered of a firm; nothing of a person."""
    return lambda entry: getattr(entry.party, column) if entry.party.code_kind == "uscc" else ""


def _person(told: Callable[[Party], str]) -> Callable[[Entry], str]:
    """What is registered of a person; nothing of a firm."""
    return lambda entry: told(entry.party) if entry.party.code_kind != "uscc" else ""


def _blank(_entry: Entry) -> str:
    return ""


def _party(prefix: str) -> tuple[NationalField, ...]:
    """Whom it is about. What one code has replaced (三证合一) is left blank."""
    return (
        NationalField(f"{prefix}_XDR_MC", "行政相对人名称", lambda entry: entry.party.name),
        NationalField(f"{prefix}_XDR_LB", "行政相对人类别", _category),
        NationalField(f"{prefix}_XDR_SHXYM", "统一社会信用代码", _firm("code")),
        NationalField(f"{prefix}_XDR_GSZC", "工商注册号", _blank),
        NationalField(f"{prefix}_XDR_ZZJG", "组织机构代码", _blank),
        NationalField(f"{prefix}_XDR_SWDJ", "税务登记号", _blank),
        NationalField(f"{prefix}_XDR_SYDW", "事业单位证书号", _blank),
        NationalField(f"{prefix}_XDR_SHZZ", "社会组织登记证号", _blank),
        NationalField(f"{prefix}_FRDB", "法定代表人", _firm("representative")),
        NationalField(f"{prefix}_FR_SFZH", "法定代表人身份证号", _blank),
        NationalField(
            f"{prefix}_XDR_ZJLX",
            "自然人证件类型",
            _person(lambda party: ID_KINDS[party.code_kind]),
        ),
        NationalField(f"{prefix}_XDR_ZJHM", "自然人证件号码", _person(lambda party: party.code)),
    )


def _of(letter: Document | None, name: str) -> str:
    return getattr(letter, name) if letter else ""


def _decided_on(entry: Entry) -> str:
    return entry.decided_on.isoformat() if entry.decided_on else ""


def _state(entry: Entry) -> str:
    return "无效" if entry.publication.withdrawn_because else "有效"


def _remark(entry: Entry) -> str:
    because = entry.publication.withdrawn_because
    if because:
        return f"撤下：{because}"
    decision = entry.decision
    # A correction of slips (补正) changes no date: whoever has the row learns of it by this.
    return f"{decision.issued_on}补正" if decision and decision.corrects else ""


def _authority(prefix: str, name: str, label: str) -> tuple[NationalField, ...]:
    return (
        NationalField(f"{prefix}_{name}", label, lambda entry: entry.authority.name),
        NationalField(f"{prefix}_{name}DM", f"{label}代码", lambda entry: entry.authority_code),
    )


def content(entry: Entry) -> str:
    """What a licence lets its holder do, and where."""
    told = [entry.said("place", part) for part in ("kind", "name", "address")]
    return "，".join(filter(None, told)) or entry.said("act", "conclusion")


def _yuan(*kinds: MeasureKind) -> Callable[[Entry], str]:
    """The sum of measures of these kinds in 万元, exact to the fen; nothing if there are none."""

    def told(entry: Entry) -> str:
        of_kind = [measure.amount for measure in entry.measures if measure.kind in kinds]
        amounts = [Decimal(amount) for amount in of_kind if amount]
        return f"{sum(amounts) / _TEN_THOUSAND:f}" if amounts else ""

    return told


def measures_in_words(entry: Entry) -> str:
    """What a penalty consists of, as its decision prints it."""
    return "；".join(map(in_words, entry.measures))


def _kinds(entry: Entry) -> str:
    return ";".join(dict.fromkeys(measure.kind.value for measure in entry.measures))


def _licence_measures(entry: Entry) -> str:
    kinds = (MeasureKind.SUSPEND_LICENCE, MeasureKind.CANCEL_LICENCE)
    return ";".join(in_words(measure) for measure in entry.measures if measure.kind in kinds)


LICENCE_FIELDS: tuple[NationalField, ...] = (
    *_party("XK"),
    NationalField("XK_XKWS", "行政许可决定文书名称", lambda entry: _of(entry.decision, "title")),
    NationalField("XK_WSH", "行政许可决定文书号", lambda entry: _of(entry.decision, "number")),
    NationalField("XK_XKLB", "许可类别", lambda _entry: "普通"),
    NationalField("XK_XKZS", "许可证书名称", lambda entry: _of(entry.certificate, "title")),
    NationalField("XK_XKBH", "许可编号", lambda entry: entry.said("licence", "number")),
    NationalField("XK_NR", "许可内容", content),
    NationalField("XK_JDRQ", "许可决定日期", _decided_on),
    NationalField("XK_YXQZ", "有效期自", lambda entry: entry.said("licence", "valid_from")),
    NationalField("XK_YXQZI", "有效期至", lambda entry: entry.said("licence", "valid_until")),
    *_authority("XK", "XKJG", "许可机关"),
    NationalField("XK_ZT", "当前状态", _state),
    *_authority("XK", "LYDW", "数据来源单位"),
    NationalField("BZ", "备注", _remark),
)
PENALTY_FIELDS: tuple[NationalField, ...] = (
    *_party("CF"),
    NationalField("CF_WSH", "行政处罚决定书文号", lambda entry: _of(entry.decision, "number")),
    NationalField("CF_WFXW", "违法行为类型", lambda entry: entry.said("violation", "label")),
    NationalField("CF_SY", "违法事实", lambda entry: str(entry.filled.get("facts", ""))),
    NationalField("CF_YJ", "处罚依据", lambda entry: str(entry.filled.get("basis", ""))),
    NationalField("CF_CFLB", "处罚类别", _kinds),
    NationalField("CF_NR", "处罚内容", measures_in_words),
    NationalField("CF_NR_FK", "罚款金额（万元）", _yuan(MeasureKind.FINE)),
    NationalField(
        "CF_NR_WFFF",
        "没收违法所得、没收非法财物的金额（万元）",
        _yuan(MeasureKind.CONFISCATE_GAIN, MeasureKind.CONFISCATE_GOODS),
    ),
    NationalField("CF_NR_ZKDX", "暂扣或吊销证照名称", _licence_measures),
    NationalField("CF_JDRQ", "处罚决定日期", _decided_on),
    NationalField("CF_YXQ", "处罚有效期", _blank),
    NationalField("CF_GSJZQ", "公示截止期", lambda entry: entry.said("repair", "until")),
    *_authority("CF", "CFJG", "处罚机关"),
    *_authority("CF", "SJLY", "数据来源单位"),
    NationalField("BZ", "备注", _remark),
)
REGISTERS = {"licences": LICENCE_FIELDS, "penalties": PENALTY_FIELDS}

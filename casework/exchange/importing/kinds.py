"""What can be imported (导入种类), as data: for each kind its columns, by the nation's code and by
what people write above them, which of them must be filled in, and what form a cell is brought into.

Licences and penalties have the columns of the standard under which this house hands its own over
(发改办财金〔2018〕424号); for parties and for entries of credit files there is none, and the codes
are ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casework.common.codes import ID_KINDS
from casework.exchange.importing import cell_forms
from casework.exchange.importing.cell_forms import Form
from casework.publicity.national_fields import REGISTERS
from state_machines.language.vocabulary import Role


@dataclass(frozen=True)
class Column:
    """A column: its code, what it is called, what else people call it, and the form of its cells.
    One of money has its unit in its heading (`money`)."""

    code: str
    label: str
    form: Form
    aliases: tuple[str, ...] = ()
    required: bool = False
    money: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of table. `prefix` begins the codes of whom a row is about. A row is told apart from
    others by that party and by the first of `numbers` that is filled in; by the party alone, if
    there are none. `label_of`, `organ`, `day`, `until` and `source` are the columns that a reader
    is shown; `roles` may import it."""

    key: str
    label: str
    says: str
    roles: frozenset[Role]
    columns: tuple[Column, ...]
    prefix: str = ""
    numbers: tuple[str, ...] = ()
    label_of: tuple[str, ...] = ()
    organ: str = ""
    day: str = ""
    until: str = ""
    source: str = ""

    def column(self, code: str) -> Column:
        """The column of a code of this kind."""
        return next(column for column in self.columns if column.code == code)


_ADMIN = frozenset({Role.ADMIN})
_NAME, _SHORT, _LONG = cell_forms.words(200), cell_forms.words(200), cell_forms.words(4000)
_CATEGORY = cell_forms.one_of("法人及非法人组织", "自然人", "个体工商户")
_ID_KIND = cell_forms.one_of(*ID_KINDS.values(), "身份证")
# By the end of its code: the form of a cell, and what else people write above the column.
_OF_PARTY: Mapping[str, tuple[Form, tuple[str, ...]]] = {
    "XDR_MC": (
        _NAME, ("相对人名称", "当事人", "当事人名称", "单位名称", "企业名称", "名称", "主体名称")
    ),
    "XDR_LB": (_CATEGORY, ("相对人类别",)),
    "XDR_SHXYM": (cell_forms.code, ("信用代码", "社会信用代码", "社会统一信用代码")),
    "XDR_ZJLX": (_ID_KIND, ("证件类型",)),
    "XDR_ZJHM": (cell_forms.code, ("证件号码", "身份证号", "公民身份号码")),
    "FRDB": (_SHORT, ("法定代表人（负责人）", "法定代表人或负责人", "法人代表", "负责人")),
    "FR_SFZH": (cell_forms.code, ()),
}  # fmt: skip
_OTHERS: Mapping[str, tuple[Form, tuple[str, ...]]] = {
    "XK_WSH": (cell_forms.number, ("许可决定文书号", "许可决定书文号", "文书号", "文号")),
    "XK_XKBH": (cell_forms.number, ("许可证编号", "许可证号", "证书编号")),
    "XK_XKLB": (cell_forms.one_of("普通", "特许", "认可", "核准", "登记", "其他"), ()),
    "XK_JDRQ": (cell_forms.day, ("决定日期", "发证日期")),
    "XK_YXQZ": (cell_forms.day, ("有效期起", "有效期开始")),
    "XK_YXQZI": (cell_forms.last_day, ("有效期止", "有效期截止")),
    "XK_XKJG": (_SHORT, ("发证机关", "许可决定机关")),
    "XK_ZT": (cell_forms.one_of("有效", "无效"), ("状态",)),
    "CF_WSH": (cell_forms.number, ("处罚决定书文号", "决定书文号", "文书号", "文号", "处罚文号")),
    "CF_WFXW": (_LONG, ("违法行为", "案由")),
    "CF_NR_FK": (_LONG, ("罚款",)),
    "CF_NR_WFFF": (_LONG, ("没收金额",)),
    "CF_JDRQ": (cell_forms.day, ("决定日期",)),
    "CF_YXQ": (cell_forms.last_day, ()),
    "CF_GSJZQ": (cell_forms.last_day, ("公示截止日期",)),
    "CF_CFJG": (_SHORT, ("处罚决定机关",)),
}
_MONEY = ("CF_NR_FK", "CF_NR_WFFF")


def _national(register: str, prefix: str, required: Sequence[str]) -> tuple[Column, ...]:
    """The columns of the standard for a register."""
    columns = []
    for field in REGISTERS[register]:
        end = field.code.removeprefix(f"{prefix}_")
        form, aliases = _OTHERS.get(field.code) or _OF_PARTY.get(end) or (_LONG, ())
        needed, money = field.code in required, field.code in _MONEY
        columns.append(Column(field.code, field.label, form, aliases, needed, money))
    return tuple(columns)


def _party(prefix: str) -> tuple[Column, ...]:
    """Whom a row is about, where no standard says how."""
    labels = {
        "XDR_MC": "名称（姓名）",
        "XDR_SHXYM": "统一社会信用代码",
        "XDR_ZJLX": "自然人证件类型",
        "XDR_ZJHM": "自然人证件号码",
    }
    return tuple(
        Column(f"{prefix}{end}", label, *_OF_PARTY[end], required=end == "XDR_MC")
        for end, label in labels.items()
    )


PARTIES = Kind(
    key="parties",
    label="当事人",
    says="没有登记过的，登记为当事人；已经登记的，登记的内容不因导入改变，由窗口凭证照变更登记",
    roles=_ADMIN,
    columns=(
        *_party(""),
        Column("FRDB", "法定代表人", *_OF_PARTY["FRDB"], required=True),
        Column("ZS", "住所", _SHORT, ("地址", "注册地址", "住址"), required=True),
        Column("LXDH", "联系电话", cell_forms.phone, ("电话", "手机"), required=True),
        Column("LYDW", "数据来源单位", _SHORT, ("数据来源",)),
    ),
    label_of=("ZS",),
    source="LYDW",
)
LICENCES = Kind(
    key="licences",
    label="外部许可",
    says="其他系统、其他机关发出的许可，登入外部数据，标明来源；不成为本系统的许可证，"
    "要在本系统续办、变更的，按专项补录逐件录入",
    roles=_ADMIN | {Role.PUBLICITY_OFFICER},
    columns=_national("licences", "XK", ("XK_XDR_MC", "XK_JDRQ", "XK_XKJG")),
    prefix="XK_",
    numbers=("XK_WSH", "XK_XKBH"),
    label_of=("XK_XKZS", "XK_NR", "XK_XKWS"),
    organ="XK_XKJG",
    day="XK_JDRQ",
    until="XK_YXQZI",
    source="XK_LYDW",
)
PENALTIES = Kind(
    key="penalties",
    label="外部处罚",
    says="其他机关作出的行政处罚，登入外部数据，标明来源；不计入本系统的信用等级，不作为本系统案件的事实",
    roles=_ADMIN | {Role.PUBLICITY_OFFICER, Role.CREDIT_OFFICER},
    columns=_national(
        "penalties", "CF", ("CF_XDR_MC", "CF_WSH", "CF_WFXW", "CF_NR", "CF_JDRQ", "CF_CFJG")
    ),
    prefix="CF_",
    numbers=("CF_WSH",),
    label_of=("CF_WFXW", "CF_NR"),
    organ="CF_CFJG",
    day="CF_JDRQ",
    until="CF_GSJZQ",
    source="CF_SJLY",
)
CREDIT_RECORDS = Kind(
    key="credit_records",
    label="外部信用记录",
    says="信用平台归集的信用记录，登入外部数据，标明来源；不计入本系统的信用等级",
    roles=_ADMIN | {Role.CREDIT_OFFICER},
    columns=(
        *_party("XY_"),
        Column("XY_JLBH", "记录编号", cell_forms.number, ("编号",), required=True),
        Column("XY_LB", "记录类别", cell_forms.one_of("守信", "失信", "其他"), ("类别",)),
        Column("XY_NR", "记录内容", _LONG, ("内容", "信用记录"), required=True),
        Column("XY_YJ", "认定依据", _LONG, ("依据",)),
        Column("XY_RQ", "认定日期", cell_forms.day, ("记录日期", "日期"), required=True),
        Column("XY_YXQZ", "有效期至", cell_forms.last_day, ("有效期止",)),
        Column("XY_RDJG", "认定机关", _SHORT, ("认定单位",), required=True),
        Column("XY_SJLY", "数据来源单位", _SHORT, ("数据来源",)),
        Column("BZ", "备注", _LONG),
    ),
    prefix="XY_",
    numbers=("XY_JLBH",),
    label_of=("XY_NR",),
    organ="XY_RDJG",
    day="XY_RQ",
    until="XY_YXQZ",
    source="XY_SJLY",
)
KINDS: Mapping[str, Kind] = {
    kind.key: kind for kind in (PARTIES, LICENCES, PENALTIES, CREDIT_RECORDS)
}
IMPORTERS = frozenset[Role]().union(*(kind.roles for kind in KINDS.values()))

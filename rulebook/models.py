"""What a rule looks like: one model per kind of content, and the edition that dates it.

A *rule* is one entry of a data file (a limit, a calendar year, a list); an *edition* is that rule
with the place and the days on which it holds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator
from pydantic_core import ErrorDetails

from rulebook.money import Yuan

Mark = Literal["S", "L", "U"]
"""How sure the figure is: S the text of the law, L likely, U local practice, to be configured."""

Unit = Literal["wd", "cd", "month", "year", "min"]
"""工作日 working days, 日 calendar days, 月 months, 年 years, 分钟 minutes."""

Key = Annotated[str, Field(pattern=r"^[a-z0-9_]+(\.[a-z0-9_]+)*$")]
RegionCode = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Text = Annotated[str, Field(min_length=1)]


R = TypeVar("R", bound=BaseModel)

_UNIT_NAMES = {"wd": "个工作日", "cd": "日", "month": "个月", "year": "年", "min": "分钟"}
_DIGITS = "〇一二三四五六七八九"


def in_words(n: int, unit: Unit) -> str:
    """A length of time from 0 to 9999 units in Chinese numerals: 六个月, 二十个工作日."""
    words, gap = "", False
    for value, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = n // value % 10
        if digit:
            words += ("〇" if gap else "") + _DIGITS[digit] + name
        gap = bool(words) and not digit
    if 10 <= n < 20:
        words = words.removeprefix("一")
    return (words or _DIGITS[0]) + _UNIT_NAMES[unit]


class RulebookError(Exception):
    """A rule that cannot be read; the message is Chinese and names the file and the entry."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Part):
    """What every rule carries: its key, its Chinese name, its article and how sure that is."""

    key: Key
    label: Text
    law: Text
    mark: Mark
    note: str = ""


class Limit(Rule):
    """A limit of time 期限.

    `roll`: an end on a rest day moves to the next working day. `inclusive`: the first day counts,
    so that a term of years ends on the eve of its anniversary (a licence's validity 有效期).
    """

    n: int = Field(gt=0, le=3660)
    unit: Unit
    roll: bool = True
    inclusive: bool = False

    @property
    def text(self) -> str:
        """The length as letters and notices write it, for example 二十个工作日."""
        return in_words(self.n, self.unit)

    @model_validator(mode="after")
    def _only_days_and_longer_are_inclusive(self) -> Self:
        if self.inclusive and self.unit in ("wd", "min"):
            raise ValueError("inclusive 只用于日、月、年")
        return self


class CalendarYear(Rule):
    """The days of one year that are not what the day of the week says.

    `decreed`: the State Council has published that year's holidays; otherwise the year is
    provisional (statutory holidays only, no swapped days 调休).
    """

    year: int
    decreed: bool
    rest_days: dict[date, Text]
    work_days: dict[date, Text]

    @model_validator(mode="after")
    def _days_belong_to_the_year(self) -> Self:
        for day in (*self.rest_days, *self.work_days):
            if day.year != self.year:
                raise ValueError(f"{day} 不在 {self.year} 年")
        if both := self.rest_days.keys() & self.work_days.keys():
            raise ValueError(f"{min(both)} 既是放假日又是上班日")
        return self


class KeySetting(Rule):
    """A choice the law leaves open, or does not state surely: any JSON value."""

    value: JsonValue


class Register(Rule):
    """What is made public together 公示; the label is what the ledger 双公示台账 calls it."""


class Platform(Rule):
    """A system of other authorities that decisions are pushed to 对接平台.

    `channel` is the line of the ledger that its receipt ticks; empty: none. Of `registers` it takes
    batches of at most `most` rows in one `format` and, as a text, `charset`, no sooner than
    `every_minutes` after the one before. A receipt that has not come after `receipt_days` is asked
    for by sending again; after `reconcile_days` its list is compared with ours 对账. `correctable`
    are the codes that no decision says, which the publicity officer may fill in after a refusal.
    """

    channel: str = ""
    registers: tuple[Literal["licences", "penalties"], ...] = Field(min_length=1)
    format: Literal["csv", "xlsx", "json"]
    charset: Literal["utf-8", "gb18030"] = "utf-8"
    most: int = Field(gt=0, le=10_000)
    every_minutes: int = Field(gt=0)
    receipt_days: int = Field(gt=0)
    reconcile_days: int = Field(gt=0)
    correctable: tuple[Annotated[str, Field(pattern=r"^[A-Z_]+$")], ...] = ()


class PlaceKind(Rule):
    """A kind of public place 公共场所类别 and the way it goes to open.

    `treatment`: licence 公共场所卫生许可, filing 备案, other (another licence, 食品经营许可), none.
    `aliases` are what people call it 俗称; `instead` is where to go if it is not handled here.
    """

    group: Text
    aliases: tuple[Text, ...] = ()
    instead: str = ""
    treatment: Literal["licence", "filing", "other", "none"]


class Condition(_Part):
    """One condition of a licence 许可条件; the same clause is looked at in the check 核查."""

    key: Key
    text: Text
    law: Text
    applies_to: tuple[Key, ...] = ()
    """Place kinds it is for; empty: all."""


class Matter(Rule):
    """A licensing matter 许可事项 with the wording of its notice 告知书.

    `category` is the 执法类别 character in the numbers of its documents. The wording may hold the
    key of a limit in braces, as {check.first}, which documents write out: figures are stated once.
    """

    category: Text
    basis: tuple[Text, ...] = Field(min_length=1)
    conditions: tuple[Condition, ...] = Field(min_length=1)
    effect: Text
    duties: tuple[Text, ...] = Field(min_length=1)
    check_period: Text
    liability: tuple[Text, ...] = Field(min_length=1)
    publication: Text

    def conditions_for(self, kind: str | None) -> list[Condition]:
        """The conditions that a place of that kind has to meet."""
        return [
            condition
            for condition in self.conditions
            if not condition.applies_to or kind in condition.applies_to
        ]


class GuidanceList(Rule):
    """What a place has to keep up after it opened 合规指导清单, item by item."""

    items: tuple[Condition, ...] = Field(min_length=1)


class Material(_Part):
    """One item of a list of materials; `deferrable`: may follow later 容缺. What is not `asked` of
    the applicant is kept with the file all the same (a signed promise, pictures of a look). What is
    of one `matter` is read by its department only, the rest is shared."""

    key: Key
    label: Text
    required: bool
    deferrable: bool = False
    asked: bool = True
    note: str = ""
    matter: str = ""


class Materials(Rule):
    """The materials to hand in 申请材料 for the matter of the same key."""

    items: tuple[Material, ...] = Field(min_length=1)


class Question(_Part):
    """One question of a quiz; `answer` is the place of the right option, counted from 0."""

    key: Key
    text: Text
    options: tuple[Text, ...] = Field(min_length=2, max_length=6)
    answer: int = Field(ge=0)
    why: Text
    law: Text

    @model_validator(mode="after")
    def _answer_is_an_option(self) -> Self:
        if self.answer >= len(self.options):
            raise ValueError(f"答案 {self.answer} 不在选项中")
        return self


class Quiz(Rule):
    """The pre-licence education 准入前诚信教育 for the matter of the same key: what to read, and
    how many of its questions are asked. Both may hold the key of a limit in braces."""

    reading: tuple[Text, ...] = Field(min_length=1)
    asked: int = Field(gt=0)
    questions: tuple[Question, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _asks_what_there_is(self) -> Self:
        keys = {question.key for question in self.questions}
        if len(keys) < len(self.questions):
            raise ValueError("题目的 key 不能重复")
        if self.asked > len(self.questions):
            raise ValueError(f"抽取 {self.asked} 题，题库只有 {len(self.questions)} 题")
        return self


class Region(Rule):
    """An administrative division 行政区划; the key is its six-digit code, `short` its 地区简称."""

    key: RegionCode
    short: Text
    parent: RegionCode | None = None


class DocumentKind(Rule):
    """An official document 文书.

    `style` names its series of numbers: docket 文号, serial 编号, licence 证号, none.
    `nature` is the 执法性质 word of a docket number, empty otherwise. `internal`: kept in the file
    内部文书 and not shown to the party. `matter`: whoever is competent for it issues the document,
    where several authorities take part.
    """

    template: Annotated[str, Field(pattern=r"^[a-z_]+\.docx$")]
    style: Literal["docket", "serial", "licence", "diagnosis_licence", "safety_licence", "none"]
    nature: str = ""
    internal: bool = False
    matter: str = ""

    @model_validator(mode="after")
    def _docket_has_a_nature(self) -> Self:
        if (self.style == "docket") != bool(self.nature):
            raise ValueError("有文号的文书才有、且必须有执法性质 nature")
        return self


class Content(_Part):
    """One thing that the law asks a document to say (必备内容), and what of its template says it.

    Each of the `fields` is filled in, of `a|b` one; the template says each of the `words` itself.
    It is due only where the field `when` is filled in.
    """

    what: Text
    law: Text
    mark: Mark
    fields: tuple[Text, ...] = ()
    words: tuple[Text, ...] = ()
    when: str = ""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.fields and not self.words:
            raise ValueError("必备内容应写明由哪些字段 fields 或者文字 words 载明")
        return self


class DocumentContents(Rule):
    """The compulsory contents of a document, under the document's own key."""

    items: Annotated[tuple[Content, ...], Field(min_length=1)]


PenaltyKind = Literal[
    "警告",
    "通报批评",
    "罚款",
    "没收违法所得",
    "没收非法财物",
    "暂扣许可证件",
    "降低资质等级",
    "吊销许可证件",
    "限制开展生产经营活动",
    "责令停产停业",
    "责令关闭",
    "限制从业",
    "行政拘留",
]
"""The kinds of penalty of 《行政处罚法》第九条."""

Stage = Literal["at_once", "uncorrected", "grave"]
"""When a range of fine applies: at once 直接处罚, 逾期不改正, or 情节严重 in the law's words."""

Weight = Literal["lighter", "standard", "heavier"]
"""A step of discretion 裁量基准: 从轻, 一般, 从重."""


class FineBand(_Part):
    """A range of fine 罚款幅度 as the law gives it for one stage: sums, or multiples of the illegal
    income 违法所得 (counted as `income_floor` if it is less; then no more than `ceiling`). It is
    for incomes from `income_from` to below `income_below`; `when` is the law's own description of
    a stage that is not plain, and `also` names what has to be proved besides: one of these findings
    of the key `penalty.findings`."""

    stage: Stage = "at_once"
    when: str = ""
    also: tuple[Text, ...] = ()
    least: Yuan | None = None
    most: Yuan | None = None
    least_times: Annotated[Decimal, Field(ge=0)] | None = None
    most_times: Annotated[Decimal, Field(gt=0)] | None = None
    income_from: Yuan = Decimal(0)
    income_below: Yuan | None = None
    income_floor: Yuan = Decimal(0)
    ceiling: Yuan | None = None

    @model_validator(mode="after")
    def _is_one_range(self) -> Self:
        sums, times = (self.least, self.most), (self.least_times, self.most_times)
        given = [ends for ends in (sums, times) if ends != (None, None)]
        if len(given) != 1 or None in given[0]:
            raise ValueError("罚款幅度应写明上下限：或者金额，或者违法所得的倍数")
        low, high = given[0]
        if low is not None and high is not None and low > high:
            raise ValueError("罚款幅度的下限高于上限")
        if self.ceiling is not None and sums != (None, None):
            raise ValueError("最高额 ceiling 只用于按违法所得倍数的幅度")
        return self


class DiscretionStep(_Part):
    """One step of discretion and its conditions. Its part of the range is the share of the key
    `penalty.discretion_shares`, unless it says `least` and `most` itself for `stage`."""

    weight: Weight
    when: Text
    stage: Stage = "at_once"
    least: Yuan | None = None
    most: Yuan | None = None


class Violation(Rule):
    """An entry of the violation catalogue 案由: the act, the article violated and, as `law`, the
    one that punishes it.

    `stages` says of a kind of penalty at which stages the article has it, where it does not have it
    at once; a fine has those of its ranges. `liable` is who answers for the act, `persons` what
    becomes of those in charge. `correct`: 责令改正 goes with it (处罚法28); `life_health`: the
    limitation is the longer one of 处罚法36; `publication` its class for credit repair;
    `never_exempt`: no first-offence exemption. Where the `mark` is not S, `note` says what is not
    sure, in words for a lawyer.
    """

    field: Text
    act: Text
    violated: Text
    liable: str = ""
    persons: str = ""
    penalties: tuple[PenaltyKind, ...] = Field(min_length=1)
    fines: tuple[FineBand, ...] = ()
    discretion: tuple[DiscretionStep, ...] = ()
    stages: Mapping[PenaltyKind, tuple[Stage, ...]] = Field(default_factory=dict)
    correct: bool = True
    life_health: bool = False
    publication: Literal["轻微", "一般", "严重"] = "一般"
    never_exempt: bool = False

    @property
    def code(self) -> str:
        """The code as people write it: GC001."""
        return self.key.upper()

    def stages_of(self, kind: str) -> tuple[Stage, ...]:
        """At which stages its article has that kind of penalty; `at_once` is any time."""
        if kind == "罚款":
            return tuple(dict.fromkeys(band.stage for band in self.fines))
        return next((said for name, said in self.stages.items() if name == kind), ("at_once",))

    @model_validator(mode="after")
    def _stages_are_of_its_kinds(self) -> Self:
        for kind, stages in self.stages.items():
            if kind == "罚款" or kind not in self.penalties or not stages:
                raise ValueError("处罚种类的情形 stages 只写本案由罚则中罚款以外的种类，并写明情形")
        return self

    @model_validator(mode="after")
    def _fines_are_whole(self) -> Self:
        if bool(self.fines) != ("罚款" in self.penalties):
            raise ValueError("处罚种类有罚款的才有、且必须有罚款幅度 fines")
        if self.fines and {s.weight for s in self.discretion} != {"lighter", "standard", "heavier"}:
            raise ValueError("裁量基准 discretion 应有从轻、一般、从重三档")
        for step in self.discretion:
            if (step.least is None) != (step.most is None):
                raise ValueError("裁量档的金额应同时写明上下限")
            if step.least is not None and not any(
                band.stage == step.stage
                and band.least is not None
                and band.least <= step.least <= (step.most or step.least) <= (band.most or 0)
                for band in self.fines
            ):
                raise ValueError("裁量档的金额超出法定幅度")
        return self


class Leniency(Rule):
    """An entry of a published list 不予处罚、从轻、减轻处罚清单: the violations it is for, by their
    keys, and its conditions. `door` is that of 处罚法33 for what is not punished."""

    kind: Literal["no_penalty", "lighter", "reduced"]
    door: Literal["", "minor", "first"] = ""
    violations: tuple[Key, ...] = Field(min_length=1)
    conditions: tuple[Text, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _door_goes_with_no_penalty(self) -> Self:
        if (self.kind == "no_penalty") != bool(self.door):
            raise ValueError("不予处罚事项才有、且必须有依据 door（minor 轻微、first 首违）")
        return self


class CreditItem(Rule):
    """An item of the catalogue of credit information 信用信息采集目录, by the kind of event.

    `months` it counts from its date, 0 for as long as the file is kept. `seen_by`: `public` anybody
    向社会公开, `shared` every authority that has a part in it 政务共享, `own` the party and the
    authority it comes from 授权查询.
    """

    standing: Literal["good", "bad", "neutral"]
    source: Text
    months: int = Field(ge=0, le=600)
    seen_by: Literal["public", "shared", "own"]
    effect: Text


class CourseSection(_Part):
    """One part of a course, with the article it rests on."""

    title: Text
    text: Text
    law: Text


class Course(Rule):
    """A course of the credit training 信用培训课程, read as a page."""

    sections: tuple[CourseSection, ...] = Field(min_length=1)


class RatingLine(_Part):
    """One line of the rating table: so many points for each event of these kinds within `months`
    before the day, of one line at most `most` in all (without a sign)."""

    key: Key
    label: Text
    law: Text
    kinds: tuple[Key, ...] = Field(min_length=1)
    points: int
    most: int = Field(gt=0)
    months: int = Field(gt=0, le=120)
    advice: str = ""


class RatingGrade(_Part):
    """A grade: from how many points on, what it is called, and what follows from it.

    A draw of whom to check takes a party `weight` times as often as one of weight 1, and plans
    `checks_least` to `checks_most` checks a year (None: no upper limit). `talk`: whoever falls to
    it is called in for a talk 约谈.
    """

    grade: Literal["A", "B", "C", "D"]
    label: Text
    least: int
    checks: Text
    weight: int = Field(ge=0)
    checks_least: int = Field(ge=0, default=0)
    checks_most: int | None = Field(ge=0, default=None)
    talk: bool = False
    measures: tuple[Text, ...] = Field(min_length=1)


class RatingTable(Rule):
    """The table by which parties are rated 信用等级评价标准: everybody begins with `begin` points.

    An unrepaired event of `veto` is the lowest grade, whatever the points. `near`: so many points
    above a lower grade a party is warned.
    """

    begin: int
    near: int = Field(gt=0)
    veto: tuple[Key, ...] = ()
    lines: tuple[RatingLine, ...] = Field(min_length=1)
    grades: tuple[RatingGrade, ...] = Field(min_length=4, max_length=4)

    @model_validator(mode="after")
    def _grades_fall(self) -> Self:
        least = [grade.least for grade in self.grades]
        if [grade.grade for grade in self.grades] != list("ABCD") or least[:3] != sorted(
            set(least[:3]), reverse=True
        ):
            raise ValueError("等级应依次为 A、B、C、D，分数线逐级降低")
        for grade in self.grades:
            if grade.checks_most is not None and grade.checks_most < grade.checks_least:
                raise ValueError(f"{grade.grade}级的年检查次数上限低于下限")
        return self


class GradingItem(_Part):
    """One item of the scoring table, worth `points`. A `vital` one (关键项 ※) is met or not, with
    nothing between, and not met bars every grade. An `optional` one may be left out where a place
    has none of it (合理缺项); the points of the rest then make the hundred."""

    key: Key
    text: Text
    law: Text
    points: int = Field(gt=0, le=100)
    vital: bool = False
    optional: bool = False


class GradingPart(_Part):
    """A part of the scoring table, for the place kinds `applies_to`; empty: for all."""

    key: Key
    label: Text
    applies_to: tuple[Key, ...] = ()
    items: tuple[GradingItem, ...] = Field(min_length=1)


class GradingGrade(_Part):
    """A grade of a place: from how many points of a hundred on, and what it is called. The placard
    bears its letter."""

    grade: Literal["A", "B", "C"]
    label: Text
    least: int = Field(ge=0, le=100)


class GradingTable(Rule):
    """The table by which licensed places are graded 卫生监督量化分级评分表.

    It grades the place, not the party: neither it nor the rating (`RatingTable`) knows the other.
    """

    parts: tuple[GradingPart, ...] = Field(min_length=1)
    grades: tuple[GradingGrade, ...] = Field(min_length=3, max_length=3)

    def parts_for(self, kind: str) -> tuple[GradingPart, ...]:
        """The parts that a kind of place is scored by."""
        return tuple(part for part in self.parts if not part.applies_to or kind in part.applies_to)

    @model_validator(mode="after")
    def _grades_fall_and_items_differ(self) -> Self:
        least = [grade.least for grade in self.grades]
        if [grade.grade for grade in self.grades] != list("ABC") or least != sorted(
            set(least), reverse=True
        ):
            raise ValueError("等级应依次为 A、B、C，分数线逐级降低")
        keys = [item.key for part in self.parts for item in part.items]
        if len(set(keys)) < len(keys):
            raise ValueError("评分项目的 key 不能重复")
        return self


KINDS: dict[str, type[Rule]] = {
    "limit": Limit,
    "calendar": CalendarYear,
    "key": KeySetting,
    "register": Register,
    "platform": Platform,
    "place_kind": PlaceKind,
    "matter": Matter,
    "materials": Materials,
    "quiz": Quiz,
    "guidance": GuidanceList,
    "region": Region,
    "document": DocumentKind,
    "contents": DocumentContents,
    "violation": Violation,
    "leniency": Leniency,
    "course": Course,
    "credit_item": CreditItem,
    "rating_table": RatingTable,
    "grading_table": GradingTable,
}


def parse_content(kind: str, content: Mapping[str, Any]) -> Rule:
    """The rule held by an edition's content, whether from a file or from a row.

    Raises RulebookError when the kind is unknown or a field is wrong.
    """
    model = KINDS.get(kind)
    if model is None:
        raise RulebookError(f"不认识的规则类别“{kind}”")
    return parse_as(model, content)


def parse_as(model: type[R], content: Mapping[str, Any]) -> R:
    """The rule in `content`, where its kind is known beforehand: `parse_as(Limit, row.content)`.
    Raises RulebookError."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        where = "；".join(
            f"{'.'.join(map(str, wrong['loc'])) or '整条'}：{in_chinese(wrong)}"
            for wrong in error.errors()
        )
        raise RulebookError(f"规则“{content.get('key', '（无 key）')}”有误：{where}") from None


def in_chinese(problem: ErrorDetails) -> str:
    """What pydantic found wrong with one value, without saying where."""
    context = problem.get("ctx", {})
    wrong = {
        "missing": "缺少该项",
        "extra_forbidden": "没有这一项，请核对拼写",
        "literal_error": "只能是 {expected}",
        "int_type": "应为整数",
        "int_parsing": "应为整数",
        "bool_type": "应为 true 或者 false",
        "bool_parsing": "应为 true 或者 false",
        "string_type": "应为文字",
        "decimal_parsing": "应为金额或者倍数",
        "decimal_type": "应为金额或者倍数",
        "decimal_max_places": "最多 {decimal_places} 位小数",
        "greater_than_equal": "不得小于 {ge}",
        "less_than": "应小于 {lt}",
        "date_type": "应为日期，如 2026-01-05",
        "date_from_datetime_parsing": "应为日期，如 2026-01-05",
        "date_from_datetime_inexact": "应为日期，如 2026-01-05",
        "tuple_type": "应为清单",
        "model_type": "应为一组填写项",
        "greater_than": "应大于 {gt}",
        "less_than_equal": "不得超过 {le}",
        "string_too_short": "不得为空",
        "string_too_long": "不得超过 {max_length} 个字",
        "too_short": "不得为空",
        "string_pattern_mismatch": "格式不符（{pattern}）",
        "value_error": "{error}",
    }.get(problem["type"], f"填写的内容不符合要求（{problem['msg']}）")
    return wrong.format(**context).replace(" or ", "、")


@dataclass(frozen=True)
class Edition:
    """A rule with the place and the days on which it holds.

    `content` is the whole rule as JSON; `key`, `law` and `mark` repeat it so that a row can be
    found by them. `scope` is the code of a region, None for the nation. `valid_to` is the last
    day on which it holds, None while no end is known.
    """

    kind: str
    key: str
    scope: str | None
    valid_from: date
    valid_to: date | None
    content: dict[str, Any]
    law: str
    mark: Mark
    source: str

    @classmethod
    def of(
        cls, kind: str, rule: Rule, scope: str | None, first: date, last: date | None, source: str
    ) -> Self:
        """The edition of a rule that holds in `scope` from `first` to `last`, both inside.

        Defaults are left out of the content, so that a field added later moves no digest.
        """
        content = rule.model_dump(mode="json", exclude_defaults=True)
        return cls(kind, rule.key, scope, first, last, content, rule.law, rule.mark, source)

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hex of the canonical JSON of what holds where and when.

        The source is left out: a file that is renamed says nothing new.
        """
        whole = {
            "kind": self.kind,
            "key": self.key,
            "scope": self.scope,
            "valid_from": self.valid_from.isoformat(),
            "valid_to": self.valid_to and self.valid_to.isoformat(),
            "content": self.content,
        }
        text = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return sha256(text.encode()).hexdigest()

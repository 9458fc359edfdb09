"""What messages say (消息文本): Jinja2 texts as editions of the rulebook, by the kind of a notice.

They are given no more than they need: what the notice says, its case's number, the authority, whom
to ask and where to go on. The edition in force on the day counts; one with a `scope` is for a
place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from sqlalchemy.orm import Session

from casework.acts.actors import Actor
from casework.common.problems import Misconfigured
from casework.common.retries import reason
from casework.common.timekeeping import legal_date
from casework.kernel.office import Office
from casework.models import Authority, Case, Notice
from casework.notifying.states import Medium
from casework.people.administration.staffing import desk_of

# Of each kind, what a notice says: its title and its body, for a look at the text.
_EXAMPLES: Mapping[str, tuple[str, str]] = {
    "step": (
        "予以受理：{number}",
        "公共场所卫生许可（{number}）已办理“予以受理”，当前状态：已受理。已出具：《受理通知书》。",
    ),
    "rating": (
        "信用等级提醒",
        "当前信用等级：B级，82分。提升办法：参加信用培训。",
    ),
    "reminder": (
        "提醒：许可决定将于2026年9月30日届满（{number}）",
        "公共场所卫生许可的“许可决定”将于2026年9月30日届满，还有3日。请在届满前办理。",
    ),
    "breach": (
        "超期：{number} 许可决定",
        "公共场所卫生许可（{number}）的法定期限“许可决定”已于2026-09-30届满，当前状态：已受理。",
    ),
    "lapse": (
        "期限届满：{number} 补正材料",
        "公共场所卫生许可（{number}）的期限“补正材料”已于2026-09-30届满，当前状态：视为撤回。",
    ),
    "digest": (
        "2026年9月30日窗口人员待办：5件",
        "{authority}窗口人员的待办5件。请在“待办”页面按期限先后办理。",
    ),
    "alarm": (
        "报警：时限届满没有按时完成",
        "{authority}：时限届满已有 12 分钟没有成功完成。请检查 Prefect 和流程程序是否在运行。",
    ),
    "code": (
        "验证码",
        "您的验证码是 482913，5分钟内有效，请勿告诉他人。",
    ),
    "electronic": (
        "电子送达：《行政处罚决定书》",
        "现以电子方式向您确认的送达地址（chen@example.com）送达《行政处罚决定书》。"
        "以到达该地址所在系统的日期为送达日期。",
    ),
}
KINDS = tuple(_EXAMPLES)
_PARTS = ("subject", "short", "long")
_LONGEST_SUBJECT = 200
# What a draft is made of.
_PLAIN = frozenset(
    {
        nodes.Output,
        nodes.TemplateData,
        nodes.Name,
        nodes.Const,
        nodes.If,
        nodes.CondExpr,
        nodes.Compare,
        nodes.Operand,
        nodes.And,
        nodes.Or,
        nodes.Not,
    }
)

_texts = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)


@dataclass(frozen=True)
class Wording:
    """What a message says. A mail has a subject; elsewhere only the text is seen."""

    subject: str
    text: str


@dataclass(frozen=True)
class TextEdition:
    """From when to when a text is used, and for which place: empty for all."""

    valid_from: date
    valid_to: date | None
    place: str


@dataclass(frozen=True)
class Preview:
    """How messages of a kind look, by the edition in force or a draft. `source` are its texts as
    they are written."""

    kind: str
    label: str
    law: str
    short: str
    subject: str
    long: str
    error: str
    source: Mapping[str, str]
    editions: tuple[TextEdition, ...]


def wording_of(office: Office, session: Session, notice: Notice, medium: Medium) -> Wording:
    """What a message of a notice says. Raises Misconfigured for a text that cannot be filled in."""
    authority = session.get(Authority, notice.authority_id) if notice.authority_id else None
    number = session.get_one(Case, notice.case_id).number if notice.case_id else ""
    given = {
        "title": notice.subject,
        "body": notice.body,
        "number": number,
        "authority": authority.name if authority else "",
        "phone": authority.phone if authority else "",
        "url": office.public_url,
    }
    today = legal_date(office.time.now())
    parts = _parts(office, session, notice.kind, today, authority.region if authority else "")
    return Wording(
        _filled(parts["subject"], given, notice.kind).replace("\n", " ")[:_LONGEST_SUBJECT],
        _filled(parts["long" if medium is Medium.MAIL else "short"], given, notice.kind),
    )


def previews(
    office: Office,
    session: Session,
    actor: Actor,
    authority: str | None = None,
    drafts: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> tuple[Preview, ...]:
    """How each kind of message looks at an authority, by the edition in force or a draft of its
    texts (`drafts` by kind), which is shown and not kept. Raises NotAllowed for anybody but its
    administrator."""
    desk = desk_of(office, session, actor, authority)
    given = {
        "number": f"{desk.authority.code}-GC-2026-000001",
        "authority": desk.authority.name,
        "phone": desk.authority.phone,
        "url": office.public_url,
    }
    rules, found = office.rules.current(session), []
    for kind in KINDS:
        setting = rules.setting(_key(kind), desk.today, desk.authority.region)
        said, error, parts = dict.fromkeys(_PARTS, ""), "", drafts.get(kind, {})
        try:
            _judge_draft(parts.values())
            parts = parts or _parts(office, session, kind, desk.today, desk.authority.region)
            title, body = (one.format_map(given) for one in _EXAMPLES[kind])
            shown = {**given, "title": title, "body": body}
            said = {part: _filled(parts[part], shown, kind) for part in _PARTS}
        except Misconfigured as problem:
            error = problem.detail
        found.append(
            Preview(
                kind=kind,
                label=setting.label,
                law=setting.law,
                short=said["short"],
                subject=said["subject"],
                long=said["long"],
                error=error,
                source={part: parts.get(part, "") for part in _PARTS},
                editions=tuple(
                    TextEdition(
                        edition.valid_from,
                        edition.valid_to,
                        rules.region(edition.scope).short if edition.scope else "",
                    )
                    for edition in rules.editions("key", _key(kind), desk.authority.region)
                ),
            )
        )
    return tuple(found)


def _judge_draft(texts: Iterable[str]) -> None:
    """Raise Misconfigured for a draft that does more than name what it is given, on a condition:
    whoever writes one makes no server count for hours."""
    for text in texts:
        try:
            found = {type(one) for one in _texts.parse(text).find_all(nodes.Node)}
        except TemplateError as error:
            raise Misconfigured(f"草稿不能生成文本：{error.message}") from None
        except (ValueError, RecursionError):  # a number of thousands of digits, or of brackets
            raise Misconfigured("草稿不能生成文本：数字过长，或者括号嵌套过深") from None
        if not found <= _PLAIN:
            raise Misconfigured("草稿只能使用列出的变量和条件（if）")


def _key(kind: str) -> str:
    return f"notices.text.{kind}"


def _parts(
    office: Office, session: Session, kind: str, day: date, region: str
) -> Mapping[str, str]:
    """The texts in force for a kind of notice: subject, short, long. Raises Misconfigured."""
    said = office.rules.current(session).value(_key(kind), day, region)
    if not isinstance(said, dict) or not all(isinstance(said.get(one), str) for one in _PARTS):
        raise Misconfigured(f"{_key(kind)} 应有 subject、short、long 三项文本")
    return said


def _filled(text: str, given: Mapping[str, str], kind: str) -> str:
    """A text with what is given. Raises Misconfigured."""
    try:
        return _compiled(text).render(given).strip()
    except TemplateError as error:
        raise Misconfigured(f"{_key(kind)} 不能生成文本：{error.message}") from None
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RecursionError,
        SyntaxError,  # so much in brackets that no program of it can be made
        TypeError,
        ValueError,
    ) as error:
        raise Misconfigured(f"{_key(kind)} 不能生成文本：{reason(error)}") from None


@lru_cache(maxsize=256)
def _compiled(text: str) -> Template:
    return _texts.from_string(text)

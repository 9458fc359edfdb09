"""Official documents: Word templates filled in fast, exactly and the same every time.

A template is a .docx that legal staff edit in Word. It carries Jinja tags, in the notation of
docxtpl: ``{{ party.name }}`` in text, ``{%tr for ... %}`` alone in a table row and
``{%p for ... %}`` alone in a paragraph to repeat or leave out whole rows and paragraphs. A picture
whose alternative text is ``qr:verify.url`` is replaced by a QR code of that field.

What a template may say is kept small on purpose: fields, ``for``, ``if``, comparisons and the
filters below; no calls, no attributes of Python objects. Every field it names must be supplied,
also in a branch that is not taken, as far as the first name goes: a step that has not happened is
passed as ``""``. ``None`` is refused like an absent field, since neither belongs on paper.

A template is compiled once (``compile_template``) and may then be rendered by any number of
threads; the same context gives the same bytes.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import segno
from docxtpl import DocxTemplate
from jinja2 import nodes
from jinja2.runtime import LoopContext
from lxml import etree
from markupsafe import Markup, escape

from casework.common.timekeeping import in_chinese

__all__ = ["FILLED", "Template", "TemplateError", "compile_template", "printed_text"]

_TIME_ZONE = ZoneInfo("Asia/Shanghai")

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"

# The parts of a .docx that hold text: body, headers, footers, notes.
_TEXT_PART = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_BREAK = Markup('</w:t><w:br/><w:t xml:space="preserve">')
# Stand around what was filled in, where that is asked for: signs that no text has.
FILLED = ("\ue000", "\ue001")
_marking: ContextVar[bool] = ContextVar("marking", default=False)
_QR_MARK = "qr:"
_QR_LABEL = "二维码"


class TemplateError(Exception):
    """A template cannot be used, or a context does not fill it; the message is in Chinese."""


class _Refused(Exception):
    """Raised inside a rendering; ``Template.render`` finds out which field ``found`` was."""

    def __init__(self, found: object, suffix: str, why: str) -> None:
        super().__init__(why)
        self.found = found
        self.suffix = suffix
        self.why = why


# Filters


def _moment(value: object) -> date:
    """A date or an instant, from its text. Raises _Refused."""
    if isinstance(value, date):
        return value
    try:
        text = value if isinstance(value, str) else ""
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise _Refused(value, "", f"“{value}”不是日期") from None


def _in_shanghai(value: object) -> date:
    moment = _moment(value)
    if isinstance(moment, datetime) and moment.tzinfo is not None:
        return moment.astimezone(_TIME_ZONE)
    return moment


def _date_cn(value: object) -> str:
    return in_chinese(_in_shanghai(value))


def _datetime_cn(value: object) -> str:
    """Day, hour and minute in Chinese. Raises _Refused for a day without an hour."""
    moment = _in_shanghai(value)
    if not isinstance(moment, datetime):
        raise _Refused(value, "", f"“{value}”没有时刻")
    return f"{_date_cn(moment)}{moment.hour}时{moment.minute:02}分"


def _yuan(value: object) -> str:
    """A sum in yuan, with cents if there are any. Raises _Refused."""
    try:
        amount = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        raise _Refused(value, "", f"“{value}”不是金额") from None
    whole = amount == amount.to_integral_value()
    return f"{amount:.0f}元" if whole else f"{amount:.2f}元"


def _paragraphs(value: object) -> list[str]:
    """The lines of a text, each closed as a sentence. Raises _Refused."""
    if not isinstance(value, str):
        raise _Refused(value, "", "不是文字，不能分段")
    return [_closed(line) for line in value.splitlines() if line.strip()]


_STOPS = "。！？；：…!?;:"
_QUOTES = "”’」』"


def _closed(value: object) -> str:
    """A sentence as it stands in an official paper: with a full stop, where nothing ends it. Raises
    _Refused."""
    if not isinstance(value, str):
        raise _Refused(value, "", "不是文字，不能断句")
    text = value.strip()
    if not text or text[-1] in _STOPS or (text[-1] in _QUOTES and text[-2:-1] in _STOPS):
        return text
    return text.rstrip("，、,.") + "。"


def _join(value: Iterable[object], separator: str = "、") -> str:
    return separator.join(_as_text(item) for item in value)


def _as_text(value: object) -> str:
    """A value as it is printed. Raises _Refused for what cannot be, as None."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if value is None:
        raise _Refused(value, "", "没有内容")
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise _Refused(value, "", f"是{type(value).__name__}，不能印出")
    return str(value)


def _finalize(value: object) -> str:
    """Give what goes on paper: only text and numbers, only characters that XML 1.0 allows."""
    text = _NOT_IN_XML.sub("", _as_text(value).replace("\r\n", "\n"))
    if "\n" in text:
        return _LINE_BREAK.join(escape(_marked(line)) for line in text.split("\n"))
    return _marked(text)


def _marked(line: str) -> str:
    return line.join(FILLED) if line and _marking.get() else line


class _Environment(jinja2.Environment):
    """Jinja where ``a.b`` is item ``b`` of the JSON object ``a`` and nothing else.

    Jinja's own rule tries Python attributes first, so that ``request_supplement.items`` would be
    the method of ``dict``; and a template that an office edits has no business with objects.
    """

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, LoopContext):  # loop.index and its kin
            return super().getattr(obj, attribute)
        value = obj.get(attribute) if isinstance(obj, Mapping) else None
        if value is None:
            raise _Refused(obj, f".{attribute}", "没有提供")
        return value

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(argument, str):
            return self.getattr(obj, argument)
        if isinstance(obj, list) and isinstance(argument, int) and argument < len(obj):
            return obj[argument]
        raise _Refused(obj, f"[{argument}]", "没有提供")


_ENVIRONMENT = _Environment(
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    finalize=_finalize,
    keep_trailing_newline=True,
)
_ENVIRONMENT.globals = {}
_ENVIRONMENT.filters = {
    "date_cn": _date_cn,
    "datetime_cn": _datetime_cn,
    "yuan": _yuan,
    "paragraphs": _paragraphs,
    "closed": _closed,
    "join": _join,
    "length": len,
}


# Which fields a template uses


class _FieldReader:
    """Reads the dotted fields off a template's syntax tree, and refuses what is not allowed."""

    _PLAIN = (
        nodes.Template,
        nodes.Output,
        nodes.TemplateData,
        nodes.If,
        nodes.CondExpr,
        nodes.Filter,
        nodes.Compare,
        nodes.Operand,
        nodes.And,
        nodes.Or,
        nodes.Not,
        nodes.Concat,
        nodes.Const,
    )

    def __init__(self) -> None:
        self.fields: set[str] = set()

    def read(self, node: nodes.Node, scope: Mapping[str, str | None]) -> None:
        if isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
            path = self._path(node, scope)
            if path is not None:
                self.fields.add(path)
        elif isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
            self.read(node.iter, scope)
            # A loop over a filter's result (lines of a text) has items that are no fields.
            listed = self._path(node.iter, scope) if _is_path(node.iter) else None
            item = None if listed is None else f"{listed}[]"
            inner = {**scope, node.target.name: item, "loop": None}
            for child in [*node.body, *([node.test] if node.test else [])]:
                self.read(child, inner)
            for child in node.else_:
                self.read(child, scope)
        elif isinstance(node, self._PLAIN):
            for child in node.iter_child_nodes():
                self.read(child, scope)
        else:
            raise TemplateError(f"用了不支持的写法 {type(node).__name__}")

    def _path(self, node: nodes.Node, scope: Mapping[str, str | None]) -> str | None:
        """The path of a field that a tag names; None for what the template itself makes. Raises
        TemplateError."""
        if isinstance(node, nodes.Name):
            return scope.get(node.name, node.name)
        if isinstance(node, nodes.Getattr):
            holder, step = self._path(node.node, scope), f".{node.attr}"
        elif isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const):
            key = node.arg.value
            holder = self._path(node.node, scope)
            step = f".{key}" if isinstance(key, str) else "[]"
        else:
            raise TemplateError(f"用了不支持的写法 {type(node).__name__}")
        return None if holder is None else holder + step


def _is_path(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem)


# The template


@dataclass(frozen=True)
class Template:
    """A compiled template; safe to share between threads.

    ``fields`` are the dotted paths it uses. ``request_supplement.items`` is a list it loops over,
    ``request_supplement.items[].what`` a field of each of its items, ``matter.basis[]`` an item
    that is printed itself; the QR code's field is among them.
    """

    name: str
    fields: frozenset[str]
    _roots: tuple[str, ...]
    _unchanging: bytes
    _texts: tuple[tuple[str, jinja2.Template], ...]
    _codes: tuple[tuple[str, str], ...]

    def marked(self, context: Mapping[str, Any]) -> bytes:
        """The same as `render`, for a look ahead: what was filled in stands between `FILLED`."""
        before = _marking.set(True)
        try:
            return self.render(context)
        finally:
            _marking.reset(before)

    def render(self, context: Mapping[str, Any]) -> bytes:
        """Give the .docx for this context, byte for byte the same on every call.

        Raises TemplateError, naming the template and the field, when a field is absent, ``None``
        or not fit to be printed (a list, a truth value, a date that is none).
        """
        for root in self._roots:
            if context.get(root) is None:
                raise TemplateError(f"模板《{self.name}》的字段 {root} 没有提供")
        try:
            parts = {name: text.render(context).encode() for name, text in self._texts}
            pictures = {name: _qr_code(_follow(context, field)) for name, field in self._codes}
        except _Refused as refusal:
            field = self._locate(context, refusal.found) + refusal.suffix
            raise TemplateError(f"模板《{self.name}》的字段 {field} {refusal.why}") from None
        except (TypeError, jinja2.TemplateError) as error:
            raise TemplateError(f"模板《{self.name}》不能填写：{error}") from error
        document = io.BytesIO()
        document.write(self._unchanging)
        with zipfile.ZipFile(document, "a") as archive:
            for name, xml in parts.items():
                archive.writestr(_entry(name), xml)
            for name, png in pictures.items():
                archive.writestr(_entry(name, zipfile.ZIP_STORED), png)
        return document.getvalue()

    def _locate(self, context: Mapping[str, Any], found: object) -> str:
        """Find the path of a value that was refused; only now, since it hardly ever happens."""
        used = {prefix for field in self.fields for prefix in _prefixes(field)}
        for path, value in _walk(context, ""):
            if value is found and re.sub(r"\[\d+\]", "[]", path) in used:
                return path
        return "（模板自身的内容）"


def compile_template(data: bytes, name: str) -> Template:
    """Compile the .docx ``data``; ``name`` is what errors call it.

    Raises TemplateError when it is no .docx, its tags are wrong or say what is not allowed, or a
    QR picture is not a square PNG of its own.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {i.filename: archive.read(i) for i in archive.infolist() if not i.is_dir()}
        if "word/document.xml" not in parts:
            raise TemplateError("不是 Word 文档（.docx）")
        return _compile(parts, name)
    except zipfile.BadZipFile:
        raise TemplateError(f"模板《{name}》不是 Word 文档（.docx）") from None
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"模板《{name}》的标记有误：{error.message}") from error
    except TemplateError as error:
        raise TemplateError(f"模板《{name}》：{error}") from error


def _compile(parts: dict[str, bytes], name: str) -> Template:
    """The template that these parts of a .docx make. Raises TemplateError."""
    patcher = DocxTemplate(io.BytesIO())
    reader = _FieldReader()
    texts: list[tuple[str, jinja2.Template]] = []
    codes: dict[str, str] = {}
    for part in [part for part in parts if _TEXT_PART.fullmatch(part)]:
        source = parts[part].decode()
        for picture, field in _qr_pictures(part, parts):
            if codes.setdefault(picture, field) != field:
                raise TemplateError(f"图片 {picture} 被用于两个不同的二维码")
            source = source.replace(f'descr="{_QR_MARK}{field}"', f'descr="{_QR_LABEL}"')
        source = patcher.patch_xml(source)  # also joins tags that Word has split into runs
        if not any(mark in source for mark in ("{{", "{%", _QR_LABEL)):
            continue
        tree = _ENVIRONMENT.parse(source)
        reader.read(tree, {})
        texts.append((part, _ENVIRONMENT.from_string(tree)))
        del parts[part]
    for picture in codes:
        parts.pop(picture)
    unchanging = io.BytesIO()
    with zipfile.ZipFile(unchanging, "w") as archive:
        for part, content in parts.items():
            archive.writestr(_entry(part), content)
    fields = frozenset(reader.fields | set(codes.values()))
    return Template(
        name=name,
        fields=fields,
        _roots=tuple(sorted({re.split(r"[.\[]", field, maxsplit=1)[0] for field in fields})),
        _unchanging=unchanging.getvalue(),
        _texts=tuple(texts),
        _codes=tuple(codes.items()),
    )


def _qr_pictures(part: str, parts: Mapping[str, bytes]) -> Iterator[tuple[str, str]]:
    """Give the picture file and the field of each QR placeholder in a part. Raises
    TemplateError."""
    folder, file = posixpath.split(part)
    links: dict[str, str] = {}
    for link in _parse(parts.get(f"{folder}/_rels/{file}.rels", b"<none/>")):
        links[link.get("Id", "")] = posixpath.join("/", folder, link.get("Target", ""))
    root = _parse(parts[part])
    for frame in [*root.iter(f"{_WP}inline"), *root.iter(f"{_WP}anchor")]:
        properties, blip = frame.find(f"{_WP}docPr"), frame.find(f".//{_A}blip")
        alternative = "" if properties is None else properties.get("descr", "")
        if blip is None or not alternative.startswith(_QR_MARK):
            continue
        picture = posixpath.normpath(links[blip.get(f"{_R}embed", "")]).removeprefix("/")
        extent = frame.find(f"{_WP}extent")
        square = extent is not None and extent.get("cx") == extent.get("cy")
        if not (square and picture.endswith(".png")):
            raise TemplateError(f"二维码占位图 {alternative} 必须是正方形的 PNG 图片")
        yield picture, alternative.removeprefix(_QR_MARK)


def _qr_code(value: object) -> bytes:
    """The picture of a QR code. Raises _Refused."""
    if not isinstance(value, str) or not value:
        raise _Refused(value, "", "没有内容，不能生成二维码")
    return _drawn(value)


@lru_cache(maxsize=64)  # original and duplicate of a certificate carry the same code
def _drawn(value: str) -> bytes:
    # A fixed mask spares the search for the best one (most of the time) and any scanner reads it.
    code = segno.make_qr(value, error="m", mask=3, boost_error=False)
    picture = io.BytesIO()
    code.save(picture, kind="png", scale=8, border=4)
    return picture.getvalue()


def _parse(xml: bytes) -> Any:
    # A template may come from outside: no entities, no network, lxml's limits on size.
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))


def _entry(name: str, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)  # dated 1980-01-01
    entry.compress_type = method
    entry.create_system = 0  # else the bytes would tell the operating system
    return entry


def _follow(context: Mapping[str, Any], field: str) -> object:
    value: Any = context
    for name in field.split("."):
        value = _ENVIRONMENT.getattr(value, name)
    return value


def _prefixes(field: str) -> Iterator[str]:
    yield field
    for mark in re.finditer(r"\.|\[", field):
        yield field[: mark.start()]


def _walk(value: object, path: str) -> Iterator[tuple[str, object]]:
    yield path, value
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _walk(item, f"{path}[{number}]")


def printed_text(docx: bytes) -> str:
    """Give all the text of a .docx that a reader sees, a line for each paragraph.

    Body, tables, headers, footers and notes, in the order of the file's parts.
    """
    lines: list[str] = []
    with zipfile.ZipFile(io.BytesIO(docx)) as archive:
        for part in filter(_TEXT_PART.fullmatch, sorted(archive.namelist())):
            for paragraph in _parse(archive.read(part)).iter(f"{_W}p"):
                lines.append("".join(_pieces(paragraph)))
    return "\n".join(lines)


def _pieces(paragraph: Any) -> Iterator[str]:
    for run in paragraph.iter(f"{_W}r"):
        for piece in run:
            if piece.tag == f"{_W}t":
                yield piece.text or ""
            elif piece.tag == f"{_W}tab":
                yield "\t"
            elif piece.tag == f"{_W}br":
                yield "\n"


def template_digest(name: str, blob: bytes) -> str:
    """What a template is known by: SHA-256 over the name of its file and its bytes."""
    return sha256(name.encode() + blob).hexdigest()

"""The rendering engine, on templates made for each test."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import docx
import pytest
import segno
from docx.document import Document
from docx.shared import Mm

from casework.rules.rendering import Template, TemplateError, compile_template, printed_text


def template(*paragraphs: str, edit: Callable[[Document], None] | None = None) -> Template:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    if edit:
        edit(document)
    saved = io.BytesIO()
    document.save(saved)
    return compile_template(saved.getvalue(), "样本")


def lines(template: Template, **context: Any) -> list[str]:
    return [line for line in printed_text(template.render(context)).splitlines() if line]


def with_qr(field: str, width: int = 30, height: int = 30) -> Callable[[Document], None]:
    def edit(document: Document) -> None:
        placeholder = io.BytesIO()
        segno.make_qr(field).save(placeholder, kind="png")
        picture = (
            document.add_paragraph()
            .add_run()
            .add_picture(placeholder, width=Mm(width), height=Mm(height))
        )
        picture._inline.docPr.set("descr", f"qr:{field}")

    return edit


def test_fills_body_header_footer_and_tables() -> None:
    def edit(document: Document) -> None:
        document.sections[0].header.paragraphs[0].text = "页眉 {{ authority.name }}"
        document.sections[0].footer.paragraphs[0].text = "页脚 {{ authority.phone }}"
        table = document.add_table(rows=0, cols=2)
        for cells in (
            ("{%tr for item in request.items %}", ""),
            ("{{ loop.index }}. {{ item.material }}", "{{ item.what }}"),
            ("{%tr endfor %}", ""),
        ):
            for cell, text in zip(table.add_row().cells, cells, strict=True):
                cell.text = text

    made = template("致{{ party.name }}：", edit=edit)
    context = {
        "authority": {"name": "卫健委", "phone": "0513-1"},
        "party": {"name": "甲公司"},
        "request": {
            "items": [
                {"material": "平面图", "what": "补标注"},
                {"material": "检测报告", "what": "补二氧化碳"},
            ]
        },
    }

    document = made.render(context)

    assert [line for line in printed_text(document).splitlines() if line] == [
        "致甲公司：",
        "1. 平面图",
        "补标注",
        "2. 检测报告",
        "补二氧化碳",
        "页脚 0513-1",
        "页眉 卫健委",
    ]
    assert len(docx.Document(io.BytesIO(document)).tables[0].rows) == 2
    assert made.fields == {
        "authority.name",
        "authority.phone",
        "party.name",
        "request.items",
        "request.items[].material",
        "request.items[].what",
    }


@pytest.mark.parametrize(
    "name",
    ["<甲&乙>\"丙\"'丁'", "𠮷野家", "长" * 200, "&lt;b&gt;", "{{ authority.name }}", "</w:t>"],
)
def test_a_name_appears_whole(name: str) -> None:
    assert lines(template("名称：{{ party.name }}。"), party={"name": name}) == [f"名称：{name}。"]


def test_characters_that_xml_forbids_are_left_out() -> None:
    assert lines(template("{{ text }}"), text="甲\x00\x0b乙\ufffe丙") == ["甲乙丙"]


def test_a_line_break_stays_one_in_the_paragraph() -> None:
    assert printed_text(template("{{ text }}").render({"text": "甲<\r\n乙&"})) == "甲<\n乙&"


def test_paragraphs_of_a_typed_text_become_paragraphs() -> None:
    made = template("{%p for line in facts|paragraphs %}", "{{ line }}", "{%p endfor %}")

    document = docx.Document(io.BytesIO(made.render({"facts": "一、查明\n\n 二、认定 \n"})))

    assert [paragraph.text for paragraph in document.paragraphs] == ["一、查明。", "二、认定。"]
    assert made.fields == {"facts"}


def test_tags_that_word_has_split_into_runs_are_read() -> None:
    def edit(document: Document) -> None:
        paragraph = document.add_paragraph()
        for piece in ("{", "{ party", ".na", "me }}"):
            paragraph.add_run(piece).bold = piece == ".na"

    assert lines(template(edit=edit), party={"name": "甲"}) == ["甲"]


@pytest.mark.parametrize(
    ("tag", "value", "printed"),
    [
        ("{{ v|date_cn }}", "2026-01-05", "2026年1月5日"),
        ("{{ v|date_cn }}", "2026-01-04T16:30:00+00:00", "2026年1月5日"),
        ("{{ v|datetime_cn }}", "2026-01-05T06:05:00Z", "2026年1月5日14时05分"),
        ("{{ v|datetime_cn }}", "2026-01-05T14:05:00", "2026年1月5日14时05分"),
        ("{{ v|yuan }}", "5000.00", "5000元"),
        ("{{ v|yuan }}", "150000.5", "150000.50元"),
        ("{{ v|yuan }}", 30000, "30000元"),
        ("{{ v|join }}", ["甲", "乙"], "甲、乙"),
        ("{{ v|join('；') }}", ["<甲>", "乙"], "<甲>；乙"),
        ("{{ v }}", 120.0, "120"),
        ("{{ v }}", 120.5, "120.5"),
        ("共{{ v|length }}项", [1, 2], "共2项"),
    ],
)
def test_values_are_written_as_documents_write_them(tag: str, value: object, printed: str) -> None:
    assert lines(template(tag), v=value) == [printed]


@pytest.mark.parametrize(
    ("context", "field"),
    [
        ({}, "party"),
        ({"party": None}, "party"),
        ({"party": {}}, "party.name"),
        ({"party": {"name": None}}, "party.name"),
        ({"party": "甲"}, "party.name"),
        ({"party": {"name": ["甲"]}}, "party.name"),
        ({"party": {"name": True}}, "party.name"),
    ],
)
def test_a_field_that_is_missing_or_unfit_is_refused_by_name(
    context: dict[str, Any], field: str
) -> None:
    with pytest.raises(TemplateError, match=rf"模板《样本》的字段 {field} "):
        template("{{ party.name }}").render(context)


@pytest.mark.parametrize(
    ("items", "field"),
    [
        ([{"what": "甲", "note": "乙"}, {"what": "丙"}], "list.items[1].note"),
        ([{"what": "甲", "note": "乙"}, {"what": "丙", "note": None}], "list.items[1].note"),
        ([{"what": "甲", "note": "2026年"}], "list.items[0].note"),
    ],
)
def test_a_field_in_a_loop_is_named_with_its_place(items: list[Any], field: str) -> None:
    made = template(
        "{%p for item in list.items %}", "{{ item.what }}{{ item.note|date_cn }}", "{%p endfor %}"
    )
    good = [dict(item) for item in items]
    for item in good[:-1]:
        item["note"] = "2026-01-05"

    with pytest.raises(TemplateError) as refusal:
        made.render({"list": {"items": good}})

    assert f"《样本》的字段 {field} " in str(refusal.value)


def test_an_empty_entry_of_a_list_is_refused_by_name() -> None:
    made = template("{% for law in matter.basis %}{{ law }}{% endfor %}")

    with pytest.raises(TemplateError, match=r"matter\.basis\[1\] 没有内容"):
        made.render({"note": {"other": None}, "matter": {"basis": ["第四条", None]}})
    assert made.fields == {"matter.basis", "matter.basis[]"}


def test_a_step_that_has_not_happened_is_passed_as_empty_text() -> None:
    made = template("{%p if defence %}", "申辩：{{ defence.text }}", "{%p endif %}", "完")

    assert lines(made, defence="") == ["完"]
    assert lines(made, defence={"text": "宽限"}) == ["申辩：宽限", "完"]
    with pytest.raises(TemplateError, match=r"defence 没有提供"):
        made.render({})
    assert made.fields == {"defence", "defence.text"}


def test_a_condition_on_an_absent_field_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"matter\.urgent 没有提供"):
        template("{% if matter.urgent %}急{% endif %}").render({"matter": {}})


@pytest.mark.parametrize(
    "tag",
    [
        "{{ party.name.upper() }}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{% if party is defined %}{% endif %}",
        "{{ party|default('无') }}",
        "{{ party.name",
        "{% for a, b in party %}{% endfor %}",
        "{% if party %}",
    ],
)
def test_what_a_template_may_not_say_is_refused_when_it_is_compiled(tag: str) -> None:
    with pytest.raises(TemplateError, match="模板《样本》"):
        template(tag)


def test_a_template_cannot_reach_python_objects() -> None:
    made = template("{{ party.__class__ }}{{ loop }}")

    with pytest.raises(TemplateError, match=r"party\.__class__ 没有提供"):
        made.render({"party": {"name": "甲"}, "loop": "甲"})


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04"])
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    with pytest.raises(TemplateError, match="模板《样本》不是 Word 文档"):
        compile_template(data, "样本")


def test_a_zip_without_a_document_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "x")

    with pytest.raises(TemplateError, match=r"模板《样本》.*不是 Word 文档"):
        compile_template(packed.getvalue(), "样本")


def test_the_same_context_gives_the_same_bytes_also_from_many_threads() -> None:
    made = template("{{ number }} {{ party.name }}", edit=with_qr("verify.url"))
    contexts = [
        {"number": n, "party": {"name": "甲"}, "verify": {"url": f"https://x.example/{n}"}}
        for n in range(40)
    ]
    alone = [made.render(context) for context in contexts]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(made.render, contexts))

    assert together == alone
    assert len(set(alone)) == len(alone)
    with zipfile.ZipFile(io.BytesIO(alone[0])) as archive:
        assert archive.testzip() is None
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"


def test_a_qr_picture_is_replaced_in_its_place_and_size() -> None:
    made = template("扫码", edit=with_qr("verify.url", 25, 25))
    url = "https://nuoxin.example.cn/verify/7KQ4MZ2P"

    document = docx.Document(io.BytesIO(made.render({"verify": {"url": url}})))

    (shape,) = document.inline_shapes
    assert (shape.width, shape.height) == (Mm(25), Mm(25))
    assert shape._inline.docPr.get("descr") == "二维码"
    expected = io.BytesIO()
    segno.make_qr(url, error="m", mask=3, boost_error=False).save(
        expected, kind="png", scale=8, border=4
    )
    blip = shape._inline.graphic.graphicData.pic.blipFill.blip.embed
    assert document.part.related_parts[blip].blob == expected.getvalue()
    assert made.fields == {"verify.url"}


@pytest.mark.parametrize("url", ["", None, 5])
def test_a_qr_code_of_nothing_is_refused(url: object) -> None:
    with pytest.raises(TemplateError, match=r"verify\.url 没有"):
        template(edit=with_qr("verify.url")).render({"verify": {"url": url}})


def test_a_qr_picture_that_is_not_square_is_refused() -> None:
    with pytest.raises(TemplateError, match="正方形"):
        template(edit=with_qr("verify.url", 30, 20))


def test_two_codes_need_two_pictures() -> None:
    def edit(document: Document) -> None:
        with_qr("a.url")(document)
        first = document.inline_shapes[0]._inline
        with_qr("b.url")(document)
        second = document.inline_shapes[1]._inline
        blips = [s.graphic.graphicData.pic.blipFill.blip for s in (first, second)]
        blips[1].embed = blips[0].embed

    with pytest.raises(TemplateError, match="两个不同的二维码"):
        template(edit=edit)


def test_the_rest_of_the_file_is_untouched() -> None:
    original = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("{{ a }}")
    document.save(original)

    filled = compile_template(original.getvalue(), "样本").render({"a": "甲"})

    with zipfile.ZipFile(original) as before, zipfile.ZipFile(io.BytesIO(filled)) as after:
        assert sorted(before.namelist()) == sorted(after.namelist())
        for name in set(before.namelist()) - {"word/document.xml"}:
            assert before.read(name) == after.read(name)

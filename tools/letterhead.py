"""Draft a new Word template for templates/docs/ from a short outline.

    python tools/letterhead.py NEW_TEMPLATE.docx < OUTLINE

Gives the house page (GB/T 9704-2012: margins, 22 lines of 28 characters, page numbers) and the
house styles with Chinese names. It never overwrites: from then on the .docx is the source, to be
edited in Word. An outline is one paragraph a line; its first characters choose the style:

    page: certificate        landscape and framed; without it, an upright page with page numbers
    !! text                  发文机关标志, red, for letters and decisions
    ! text                   文书机关, the authority's name over a form
    # text                   公文标题
    ^^ text                  发文字号 with the red rule under it
    ^ text                   文书编号, on the right
    > text                   主送对象, not indented
    ## text, ### text        一级标题, 二级标题
    & text                   联系方式, kept on the page of the signature below it
    <<! text                 落款机关, the first line of the signature, a line below the body
    << text                  落款, centred so that a date ends four characters from the right
    ~ text                   附注, smaller
    $# text, $ text          证书名称, 证书文字
    ---                      a dashed line across, over the tail that the party signs
    ... field                each paragraph of a long text that a person has typed
    {%p tag %}               模板标记: the line disappears when the document is made
    |~ 20 60 76              starts a table with columns of these widths in millimetres;
                             "|~ plain 20 60" without lines
    |! a | b                 its header row, repeated on every page
    | a | b                  a row; "*a" makes a label, "<" joins a cell to the one on its left
    anything else            公文正文

``[qr verify.url 30]`` in a text is a QR code of that field, 30 mm wide.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import docx
import segno
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Mm

SONG, FANG, HEI, KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
FALLBACKS = {SONG: "宋体", FANG: "仿宋", KAI: "楷体"}
RED = "FF0000"

CENTRED = '<w:jc w:val="center"/>'
LEFT = '<w:jc w:val="left"/>'
INDENTED = '<w:ind w:firstLine="640" w:firstLineChars="200"/>'
KEPT = "<w:keepNext/>"
# Centred in the right 15 characters, a date of 7 characters ends 4 characters from the edge.
BY_THE_DATE = '<w:ind w:left="4160" w:leftChars="1300"/>' + CENTRED


def spaced(line: int, before: int = 0, after: int = 0, rule: str = "exact") -> str:
    """Give line spacing and the space around a paragraph, in points."""
    return (
        f'<w:spacing w:before="{before * 20}" w:after="{after * 20}" '
        f'w:line="{line * 20}" w:lineRule="{rule}"/>'
    )


def ruled(side: str, kind: str, size: int, space: int, colour: str) -> str:
    """Give a rule above or below a paragraph; size in eighths of a point, space in points."""
    return (
        f'<w:pBdr><w:{side} w:val="{kind}" w:sz="{size}" w:space="{space}" w:color="{colour}"/>'
        "</w:pBdr>"
    )


# id: name, font, size in points, colour, paragraph properties (in the order of the schema).
STYLES: dict[str, tuple[str, str, float, str, str]] = {
    "Authority": (
        "发文机关标志", SONG, 30, RED, spaced(40, before=76, after=58, rule="atLeast") + CENTRED,
    ),
    "LetterNumber": (
        "发文字号", FANG, 16, "",
        ruled("bottom", "single", 12, 11, RED) + spaced(29, after=29) + CENTRED,
    ),
    "FormAuthority": ("文书机关", SONG, 22, "", spaced(35) + CENTRED),
    "DocumentTitle": ("公文标题", SONG, 22, "", KEPT + spaced(35, before=10, after=20) + CENTRED),
    "FormNumber": ("文书编号", FANG, 16, "", spaced(29, after=14) + '<w:jc w:val="right"/>'),
    "Addressee": ("主送对象", FANG, 16, "", spaced(29) + LEFT),
    "BodyText": ("公文正文", FANG, 16, "", spaced(29) + INDENTED),
    "Heading1": ("一级标题", HEI, 16, "", KEPT + spaced(29) + INDENTED),
    "Heading2": ("二级标题", KAI, 16, "", KEPT + spaced(29) + INDENTED),
    "Contact": ("联系方式", FANG, 16, "", KEPT + spaced(29) + INDENTED + LEFT),
    "SigningBody": ("落款机关", FANG, 16, "", KEPT + spaced(29, before=29) + BY_THE_DATE),
    "Signature": ("落款", FANG, 16, "", KEPT + spaced(29) + BY_THE_DATE),
    "SmallNote": ("附注", FANG, 12, "", KEPT + spaced(20)),
    "Divider": (
        "回执线", FANG, 12, "", KEPT + ruled("bottom", "dashed", 6, 1, "auto") + spaced(20),
    ),
    "TableText": ("表格文字", FANG, 12, "", spaced(20) + LEFT),
    "TableLabel": ("表格栏目", HEI, 12, "", spaced(20) + CENTRED),
    # Word runs two tables into one unless a paragraph stands between them.
    "TableGap": ("表后间隔", FANG, 6, "", spaced(6)),
    "CertificateTitle": ("证书名称", SONG, 42, "", spaced(60, before=12, after=24) + CENTRED),
    "CertificateText": ("证书文字", FANG, 18, "", spaced(31, rule="atLeast") + LEFT),
    "TemplateMark": ("模板标记", FANG, 9, "7F7F7F", spaced(14) + LEFT),
    "PageNumber": ("页码", "宋体", 14, "", spaced(20)),
}  # fmt: skip

PREFIXES = {
    "!!": "Authority", "!": "FormAuthority", "###": "Heading2", "##": "Heading1",
    "#": "DocumentTitle", "^^": "LetterNumber", "^": "FormNumber", ">": "Addressee",
    "<<!": "SigningBody", "<<": "Signature", "~": "SmallNote",
    "&": "Contact", "$#": "CertificateTitle", "$": "CertificateText",
}  # fmt: skip

CELL_END = re.compile(r" \|(?: |$)")  # not the bar of a filter, as in {{ act.date|date_cn }}
QR = re.compile(r"\[qr (\S+) (\d+)\]")


def fonts(name: str) -> str:
    """Give one font for Chinese and Latin text alike, as GB/T 9704 sets them."""
    return "<w:rFonts " + " ".join(
        f'w:{script}="{name}"' for script in ("ascii", "hAnsi", "eastAsia", "cs")
    ) + "/>"  # fmt: skip


def style_sheet() -> Iterator[str]:
    """Give the elements of styles.xml: defaults, the table style, and every style above."""
    yield (
        f"<w:docDefaults><w:rPrDefault><w:rPr>{fonts(FANG)}"
        '<w:kern w:val="2"/><w:sz w:val="32"/><w:szCs w:val="32"/>'
        '<w:lang w:val="en-US" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        '<w:pPrDefault><w:pPr><w:jc w:val="both"/></w:pPr></w:pPrDefault></w:docDefaults>'
    )
    yield (
        '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>'
        "<w:qFormat/></w:style>"
    )
    yield (
        '<w:style w:type="table" w:default="1" w:styleId="TableNormal">'
        '<w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/>'
        '<w:tblPr><w:tblInd w:w="0" w:type="dxa"/></w:tblPr></w:style>'
    )
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines = "".join(f'<w:{side} w:val="single" w:sz="6" w:space="0"/>' for side in sides)
    yield (
        '<w:style w:type="table" w:customStyle="1" w:styleId="HouseTable">'
        '<w:name w:val="文书表格"/><w:basedOn w:val="TableNormal"/><w:qFormat/>'
        f"<w:tblPr><w:tblBorders>{lines}</w:tblBorders></w:tblPr></w:style>"
    )
    for key, (name, font, size, colour, paragraph) in STYLES.items():
        ink = f'<w:color w:val="{colour}"/>' if colour else ""
        # 28 characters of 16 pt are a little wider than the 156 mm of the type area.
        tight = '<w:spacing w:val="-5"/>' if size == 16 else ""
        half_points = int(size * 2)
        yield (
            f'<w:style w:type="paragraph" w:customStyle="1" w:styleId="{key}">'
            f'<w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/>'
            f"<w:pPr>{paragraph}</w:pPr><w:rPr>{fonts(font)}{ink}{tight}"
            f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
        )


def element(xml: str) -> Any:
    """Parse one WordprocessingML element written without namespace declarations."""
    return parse_xml(re.sub(r"^<(w:\w+)", rf"<\1 {nsdecls('w')}", xml, count=1))


def new_document(certificate: bool) -> Document:
    """Give an empty document with the house page and nothing of python-docx's own look."""
    document = docx.Document()
    sheet = document.styles.element
    for child in list(sheet):
        sheet.remove(child)
    for xml in style_sheet():
        sheet.append(element(xml))
    wanted = ("/styles", "/settings", "/fontTable", "/image")
    for rel_id, rel in list(document.part.rels.items()):
        if not rel.reltype.endswith(wanted):
            del document.part.rels[rel_id]
        elif rel.reltype.endswith("/fontTable"):
            alternatives = "".join(
                f'<w:font w:name="{font}"><w:altName w:val="{other}"/></w:font>'
                for font, other in FALLBACKS.items()
            )
            table = f"<w:fonts {nsdecls('w')}>{alternatives}</w:fonts>"
            rel.target_part._blob = table.encode()
    for rel_id, rel in list(document.part.package.rels.items()):
        if rel.reltype.endswith("/thumbnail"):
            del document.part.package.rels[rel_id]
    lay_out(document, certificate)
    return document


def lay_out(document: Document, certificate: bool) -> None:
    """Set the page and the page numbers: odd on the right, even on the left."""
    section = document.sections[0]
    properties = section._sectPr
    for grid in properties.findall(f"{{{properties.nsmap['w']}}}docGrid"):
        properties.remove(grid)
    if certificate:
        section.page_width, section.page_height = Mm(297), Mm(210)
        section.left_margin = section.right_margin = Mm(28)
        section.top_margin = section.bottom_margin = Mm(22)
        section.orientation = WD_ORIENT.LANDSCAPE
        sides = "".join(
            f'<w:{side} w:val="thinThickSmallGap" w:sz="36" w:space="24" w:color="C00000"/>'
            for side in ("top", "left", "bottom", "right")
        )
        frame = element(f'<w:pgBorders w:offsetFrom="page">{sides}</w:pgBorders>')
        properties.find(f"{{{properties.nsmap['w']}}}pgMar").addnext(frame)
        return
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(23)  # puts the number 7 mm below the type area
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        for blank in footer.paragraphs:
            blank._p.getparent().remove(blank._p)
        footer._element.append(
            element(
                '<w:p><w:pPr><w:pStyle w:val="PageNumber"/>'
                f'<w:ind w:{side}="280" w:{side}Chars="100"/><w:jc w:val="{side}"/></w:pPr>'
                '<w:r><w:t xml:space="preserve">— </w:t></w:r>'
                '<w:fldSimple w:instr="PAGE"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
                '<w:r><w:t xml:space="preserve"> —</w:t></w:r></w:p>'
            )
        )


def paragraph(document: Document, style: str, text: str) -> Any:
    """Give a paragraph of one run, so that no tag is ever split; QR codes become pictures."""
    made = element(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr></w:p>')
    for number, piece in enumerate(QR.split(text)):
        if number % 3 == 0 and piece:
            made.append(element(f'<w:r><w:t xml:space="preserve">{escape(piece)}</w:t></w:r>'))
        elif number % 3 == 1:
            millimetres = int(QR.split(text)[number + 1])
            made.append(qr_run(document, piece, millimetres))
    if QR.search(text):
        # A picture would be cut to one exact line.
        made.pPr.append(element('<w:spacing w:line="240" w:lineRule="auto"/>'))
    return made


def qr_run(document: Document, field: str, millimetres: int) -> Any:
    """Give a run with the placeholder picture that the rendering replaces by its alt text."""
    placeholder = io.BytesIO()
    segno.make_qr("placeholder").save(placeholder, kind="png", scale=8)
    run = document.add_paragraph().add_run()
    size = Mm(millimetres)
    picture = run.add_picture(placeholder, width=size, height=size)
    picture._inline.docPr.set("descr", f"qr:{field}")
    run._r.getparent().getparent().remove(run._r.getparent())
    return run._r


def table(document: Document, lines: list[str]) -> Any:
    """Give a table of fixed widths from its outline lines; the first line holds the widths."""
    words = lines[0].removeprefix("|~").split()
    plain = words[0] == "plain"
    widths = [round(float(word) * 56.7) for word in words[1 if plain else 0 :]]
    look = "TableNormal" if plain else "HouseTable"
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    made = element(
        f'<w:tbl><w:tblPr><w:tblStyle w:val="{look}"/><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        '<w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
        '<w:tblCellMar><w:top w:w="40" w:type="dxa"/><w:left w:w="85" w:type="dxa"/>'
        '<w:bottom w:w="40" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
        "</w:tblPr>"
        f"<w:tblGrid>{grid}</w:tblGrid></w:tbl>"
    )
    for line in lines[1:]:
        header = line.startswith("|!")
        cells = [cell.strip() for cell in CELL_END.split(line.removeprefix("|!").removeprefix("|"))]
        repeat = "<w:tblHeader/>" if header else ""
        row = element(f"<w:tr><w:trPr><w:cantSplit/>{repeat}</w:trPr></w:tr>")
        for cell, span, width in merged(cells, widths):
            style = cell_style(cell, header, plain)
            box = element(
                f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>'
                f'<w:gridSpan w:val="{span}"/><w:vAlign w:val="center"/></w:tcPr></w:tc>'
            )
            for text in cell.removeprefix("*").split("¶"):
                box.append(paragraph(document, style, text.strip()))
            row.append(box)
        made.append(row)
    return made


def merged(cells: list[str], widths: list[int]) -> Iterator[tuple[str, int, int]]:
    """Give each cell's text, how many columns it spans, and its width."""
    if len(cells) != len(widths):
        raise SystemExit(f"表格应有 {len(widths)} 列：{' | '.join(cells)}")
    place = 0
    while place < len(cells):
        end = place + 1
        while end < len(cells) and cells[end] == "<":
            end += 1
        yield cells[place], end - place, sum(widths[place:end])
        place = end


def cell_style(cell: str, header: bool, plain: bool) -> str:
    """Give the style of a table cell."""
    if cell.startswith(("{%tr", "{%p")):
        return "TemplateMark"
    if plain:
        return "CertificateText"
    return "TableLabel" if header or cell.startswith("*") else "TableText"


def draft(outline: str) -> Document:
    """Give the document that an outline describes."""
    lines = [line.strip() for line in outline.splitlines() if line.strip()]
    certificate = "page: certificate" in lines
    document = new_document(certificate)
    body = document.element.body
    end = body.sectPr
    rows: list[str] = []
    for line in [line for line in lines if not line.startswith("page:")] + [""]:
        if rows and (not line.startswith("|") or line.startswith("|~")):
            end.addprevious(table(document, rows))
            end.addprevious(paragraph(document, "TableGap", ""))
            rows = []
        if line.startswith("|"):
            rows.append(line)
            continue
        for style, text in styled(line):
            end.addprevious(paragraph(document, style, text))
    document.core_properties.author = "诺信"
    document.core_properties.comments = ""
    document.core_properties.created = document.core_properties.modified = datetime.now(UTC)
    return document


def styled(line: str) -> Iterator[tuple[str, str]]:
    """Give the style and text of the paragraphs that one outline line stands for."""
    mark, _, text = line.partition(" ")
    if not line:
        return
    if line == "---":
        yield "Divider", ""
    elif line.startswith(("{%p", "{#")):
        yield "TemplateMark", line
    elif mark == "...":
        yield "TemplateMark", f"{{%p for line in {text}|paragraphs %}}"
        yield "BodyText", "{{ line }}"
        yield "TemplateMark", "{%p endfor %}"
    elif mark in PREFIXES:
        yield PREFIXES[mark], text
    else:
        yield "BodyText", line


def main() -> None:
    """Read an outline from standard input and write the template named on the command line."""
    if len(sys.argv) != 2:
        raise SystemExit("用法：python tools/letterhead.py 新模板.docx < 提纲")
    target = Path(sys.argv[1])
    if target.exists():
        raise SystemExit(f"{target} 已经存在；请在 Word 中修改，不要重新生成")
    document = draft(sys.stdin.read())
    document.save(str(target))


if __name__ == "__main__":
    main()

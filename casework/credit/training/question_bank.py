"""The question bank in use (题库), and adding to it from a table (CSV) that staff fill in.

What is added becomes an edition of the authority's own region; the shipped questions stay in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.dialects.postgresql import insert

from casework.access.readers import reader_of
from casework.acts.actors import Actor
from casework.common.problems import BadInput, NotAllowed
from casework.common.tables.spreadsheet import rows_of
from casework.common.tables.workbooks import Unreadable
from casework.common.texts import code, folded, unkept
from casework.common.timekeeping import legal_date
from casework.credit.training.sittings import BANK
from casework.kernel.office import Office
from casework.models import Authority, EditionRow
from rulebook.models import Edition, Question, Quiz, parse_as
from state_machines.language.vocabulary import Role

COLUMNS = ("题目", "选项A", "选项B", "选项C", "选项D", "答案", "解析", "法律依据")
_LETTERS = "ABCD"
MOST_BYTES = 2 * 1024 * 1024


@dataclass(frozen=True)
class Imported:
    """How many questions were added, and how many the bank has now."""

    added: int
    total: int


def import_questions(office: Office, actor: Actor, content: bytes) -> Imported:
    """Add the questions of a CSV table to the bank of the actor's region, all or none.

    Its first row names the columns (`COLUMNS`; C and D may be empty in a row). Raises NotAllowed
    for whoever is no credit officer, BadInput naming each row that is wrong.
    """
    now = office.time.now()
    today = legal_date(now)
    with office.database.session() as session:
        reader = reader_of(office, session, actor)
        post = next((p for p in reader.posts if p.role == Role.CREDIT_OFFICER.value), None)
        if post is None:
            raise NotAllowed("题库由信用管理员维护")
        rows = _rows(content)
        # Two imports at once wait for each other, or the later one would lose the earlier's.
        region = session.get_one(Authority, post.authority_id, with_for_update=True).region
        rules = office.rules.current(session)
        bank = rules.quiz(BANK, today, region)
        known = [_recognised(question.text) for question in bank.questions]
        added = _questions(rows, known)
        rule = parse_as(
            Quiz,
            {
                **bank.model_dump(mode="json", exclude_defaults=True),
                "questions": [
                    one.model_dump(mode="json", exclude_defaults=True)
                    for one in (*bank.questions, *added)
                ],
            },
        )
        edition = Edition.of("quiz", rule, region, today, None, "题库导入")
        row = {
            "kind": edition.kind,
            "key": edition.key,
            "scope": edition.scope,
            "valid_from": edition.valid_from,
            "valid_to": None,
            "content": edition.content,
            "blob": None,
            "law": edition.law,
            "mark": edition.mark,
            "source": edition.source,
            "digest": edition.digest,
            "loaded_at": now,
        }
        session.execute(
            insert(EditionRow).values(row).on_conflict_do_nothing(index_elements=["digest"])
        )
    return Imported(len(added), len(rule.questions))


def _rows(content: bytes) -> list[dict[str, str]]:
    """The rows of the table by column, and `row` as a spreadsheet counts them. Raises BadInput that
    names all that is wrong."""
    if len(content) > MOST_BYTES:
        raise _wrong(["文件超过2MB，请分几次导入"])
    try:
        header, lines = rows_of(content)
    except Unreadable as error:
        raise _wrong([str(error)]) from None
    if sorted(header) != sorted(COLUMNS):
        missing = [name for name in COLUMNS if name not in header]
        strange = [name for name in header if name not in COLUMNS]
        said = [f"第1行应为列名：{'、'.join(COLUMNS)}"]
        said += [f"缺少列：{'、'.join(missing)}"] if missing else []
        said += [f"多余的列：{'、'.join(name or '（空）' for name in strange)}"] if strange else []
        raise _wrong(said)
    wrong = [
        f"第{n}行有{len(line)}列，应为{len(COLUMNS)}列"
        for n, line in enumerate(lines, 2)
        if line and len(line) != len(COLUMNS)
    ]
    wrong += [
        f"第{n}行：含有不能存档的控制字符（{found}）"
        for n, line in enumerate(lines, 2)
        if (found := unkept("".join(line)))
    ]
    if wrong:
        raise _wrong(wrong)
    rows = [
        {"row": str(n), **dict(zip(header, line, strict=True))}
        for n, line in enumerate(lines, 2)
        if line
    ]
    if not rows:
        raise _wrong(["表格中没有题目"])
    return rows


def _questions(rows: list[dict[str, str]], known: list[str]) -> list[Question]:
    """The questions of the rows, if none is wrong, doubled, or in the bank already. Raises BadInput
    that names all that are."""
    questions, wrong, seen = [], [], dict.fromkeys(known, "题库中已有的题目")
    for row in rows:
        at = f"第{row['row']}行"
        text = _recognised(row["题目"])
        if text in seen:
            wrong.append(f"{at}与{seen[text]}重复")
            continue
        seen[text] = at
        options = [row[f"选项{letter}"] for letter in _LETTERS]
        given = [option for option in options if option]
        # One letter: of "AB" the B would be lost.
        letter = code(row["答案"])
        answer = _LETTERS.find(letter) if len(letter) == 1 else -1
        if options[: len(given)] != given or len(set(given)) < max(len(given), 2):
            wrong.append(f"{at}：选项应从A起依次填写，至少两项，不能相同")
        elif not 0 <= answer < len(given):
            wrong.append(f"{at}：答案应为已填写的选项字母之一，只能有一个")
        elif empty := [name for name in ("题目", "解析", "法律依据") if not row[name]]:
            wrong.append(f"{at}：{'、'.join(empty)}不能为空")
        else:
            questions.append(
                Question(
                    key=f"q_{sha256(_plain(row['题目']).encode()).hexdigest()[:16]}",
                    text=row["题目"],
                    options=tuple(given),
                    answer=answer,
                    why=row["解析"],
                    law=row["法律依据"],
                )
            )
    if wrong:
        raise _wrong(wrong)
    return questions


def _recognised(text: str) -> str:
    """A question as it is told from others."""
    return folded(_plain(text)).strip("?")


def _plain(text: str) -> str:
    return "".join(text.split()).strip("？?。.")


def _wrong(said: list[str]) -> BadInput:
    return BadInput(
        f"没有导入：{'；'.join(said)}",
        [{"field": "file", "label": "题库表格", "text": one} for one in said],
    )

"""Keep codes in one form, so that one code is one party (统一社会信用代码、证件号码规范化).

What was typed with digits of another width or script comes into the form that every door now brings
it into. Where that form is another row's already, two rows are of one identity and each has its own
cases: they are not made one here. One of them gets `-2` at its end, by which a clerk can name it
(主体代码变更), and `nuoxin migrate` tells of it until that is done.
"""

from __future__ import annotations

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_FORM = "^[0-9A-Z]+(-[0-9]+)?$"


def upgrade() -> None:
    for table, column, within in (
        ("party", "code", None),
        ("person", "id_code", "id_kind"),
        ("account", "id_code", "id"),  # what people said of themselves may be said twice
    ):
        _bring_into_form(table, column, within)
        op.create_check_constraint(
            op.f(f"ck_{table}_{column}"), table, f"{column} COLLATE \"C\" ~ '{_FORM}'"
        )


def downgrade() -> None:
    raise NotImplementedError("a log that only grows is not migrated backwards; restore a backup")


def _bring_into_form(table: str, column: str, within: str | None) -> None:
    """Bring a column into form; it stays unique, if only among rows that agree in `within`."""
    key, code = sa.column("id"), sa.column(column)
    of = sa.column(within) if within else sa.null()
    rows = sa.table(table, key, code)
    found = op.get_bind().execute(
        sa.select(key, code, of).select_from(rows).where(code.is_not(None)).order_by(key)
    )
    wrong, taken = [], set()
    for row_id, kept, group in found:
        if re.fullmatch(_FORM, kept):
            taken.add((kept, group))
        else:
            wrong.append((row_id, kept, group))
    for row_id, kept, group in wrong:
        wanted = plain = _plain(kept)
        n = 1
        while (wanted, group) in taken:
            n += 1
            wanted = f"{plain}-{n}"
        taken.add((wanted, group))
        op.execute(sa.update(rows).where(key == row_id).values({column: wanted}))


def _plain(code: str) -> str:
    """The code in capital letters and ASCII digits: no door let anything else in."""
    plain = "".join(
        str(unicodedata.decimal(sign, sign)) for sign in unicodedata.normalize("NFKC", code)
    )
    return re.sub("[^0-9A-Z]", "", plain.upper()) or "0"

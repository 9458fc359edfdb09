"""What all tables share: the column types and the naming of constraints."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, BigInteger, Date, DateTime, ForeignKey, Identity, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column

# Text JSON, not JSONB: what was hashed must come back letter by letter.
Json = Annotated[dict[str, Any], mapped_column(JSON)]
JsonList = Annotated[list[Any], mapped_column(JSON)]
Key = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]


def of_case(ondelete: str | None = None) -> ForeignKey:
    """The key of a row's case, checked at commit, since a step writes both at once."""
    return ForeignKey("case_file.id", ondelete=ondelete, deferrable=True, initially="DEFERRED")


class Base(DeclarativeBase):
    """Declarative base; instants carry their zone, dates are legal dates in Asia/Shanghai."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        str: Text,
        int: BigInteger,
        date: Date,
        datetime: DateTime(timezone=True),
    }

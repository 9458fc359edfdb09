"""Authorities and their posts, persons and accounts, parties and their mandates, places."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from casework.models.base import Base, Json, Key


class Authority(Base):
    """An authority (机关): the `matters` it is competent for in its `region`; `code` begins its
    case numbers."""

    __tablename__ = "authority"
    # There are few, and each page asks for its own again and again.
    __table_args__ = ({"info": {"held": True}},)

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    short: Mapped[str]
    region: Mapped[str]
    matters: Mapped[list[str]] = mapped_column(ARRAY(Text))
    address: Mapped[str]
    phone: Mapped[str]
    reconsideration_body: Mapped[str]
    reconsideration_online: Mapped[str]
    court: Mapped[str]


def _in_one_form(column: str) -> CheckConstraint:
    """Codes are kept in one form (`casework.common.texts.code`), so that one of them is one
    identity. A last part such as `-2` is of a row whose code was another's once both were in that
    form."""
    return CheckConstraint(f"{column} COLLATE \"C\" ~ '^[0-9A-Z]+(-[0-9]+)?$'", name=column)


class Person(Base):
    """A natural person, whom accounts, posts and mandates belong to.

    `id_kind` and `id_code` are of the document (身份证件) that an officer saw, if one did.
    """

    __tablename__ = "person"
    __table_args__ = (
        _in_one_form("id_code"),
        Index(
            "uq_person_id_kind_id_code",
            "id_kind",
            "id_code",
            unique=True,
            postgresql_where=text("id_code IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    name: Mapped[str]
    id_kind: Mapped[str | None]
    id_code: Mapped[str | None]


class Account(Base):
    """A way to log in. One person may have several; duties are separated by person.

    `id_kind`, `id_code` and `phone` are what its holder said when registering, and prove nothing
    until a clerk, `bound_by`, has seen the document and bound the account to that person.
    """

    __tablename__ = "account"
    __table_args__ = (_in_one_form("id_code"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    username: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    id_kind: Mapped[str | None]
    id_code: Mapped[str | None]
    phone: Mapped[str | None]
    registered_at: Mapped[datetime | None]
    bound_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    bound_at: Mapped[datetime | None]


class LoginSession(Base):
    """A log-in. Only the hash of its token is kept; one that has ended stays for a day, so that a
    form which was open then is still known to be its holder's."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class KeptForm(Base):
    """What a person had typed into a form and not sent (未提交的表单), until `expires_at`.

    `page` is where the form stands, `fields` is what was typed by name, `files` the names of files
    that were chosen, whose bytes are not kept. A draft (草稿) has the `title` of its form, and a
    `mark` that is new with each saving; it was saved at `created_at`. Of what was left when the
    log-in ended both are empty, and only the hash of the handle to it is kept.
    """

    __tablename__ = "kept_form"

    handle_hash: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    page: Mapped[str]
    title: Mapped[str] = mapped_column(server_default="")
    mark: Mapped[str] = mapped_column(server_default="")
    fields: Mapped[Json]
    files: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class OneTimeCode(Base):
    """A code (一次性验证码) for one use, kept as a hash only.

    `purpose` is `counter`, told to the account's holder for a clerk to enter, or `firm`, sent to
    the known contact of `party_id`, which thereby lets the holder act in `scope`. `tries` counts
    what was entered, right or wrong.
    """

    __tablename__ = "one_time_code"

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str]
    party_id: Mapped[int | None] = mapped_column(ForeignKey("party.id"), index=True)
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    code_hash: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class Post(Base):
    """A post (任职): a role at an authority for a time, with the enforcement certificate, or the
    number of the law qualification (法律职业资格证书) of whoever reviews decisions."""

    __tablename__ = "post"

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    role: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    certificate_number: Mapped[str | None]
    certificate_expires: Mapped[date | None]
    law_qualification: Mapped[str | None]


class Delegation(Base):
    """A written delegation (首席代表授权): for its time the officer at the window decides what the
    head would, within its `scope`: `process.step` each.

    `number` is of the paper that the leader `granted_by` signed on `signed_on`. It lets nobody
    decide while it is `unconfirmed`: an administrator has registered it, or a file of the IT office
    brought it, and that leader not said yet that it is true, with a scan of the paper. What was
    confirmed by an earlier release has none. Else only its last day may be changed, to an earlier
    one, which ends it.
    """

    __tablename__ = "delegation"

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    granted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    number: Mapped[str]
    signed_on: Mapped[date]
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    unconfirmed: Mapped[bool] = mapped_column(default=False)
    filename: Mapped[str | None]
    media_type: Mapped[str | None]
    digest: Mapped[str | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class AdminEntry(Base):
    """One row of the log of administration (管理记录) of an authority. It can only be added, and is
    chained with the row before it.

    `said` is the whole of it: what was changed, by whom and why, from which day on, and how the
    rows stand that it is about.
    """

    __tablename__ = "admin_entry"
    __table_args__ = (UniqueConstraint("authority_id", "seq"),)

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("authority.id"))
    seq: Mapped[int]
    said: Mapped[Json]
    previous: Mapped[str]
    hash: Mapped[str]


class Party(Base):
    """A party (当事人): an organisation by USCC 统一社会信用代码, or a person by ID 身份证号码.

    `code_override_reason` is why an officer let a code with a wrong check digit stand; `phone` its
    known contact; `dissolved_on` the day of its deregistration (注销登记) as a party.
    """

    __tablename__ = "party"
    __table_args__ = (
        _in_one_form("code"),
        Index(
            "ix_party_grams",
            text("search_grams(search_text(name))"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    id: Mapped[Key]
    code_kind: Mapped[str]
    code: Mapped[str] = mapped_column(unique=True)
    code_override_reason: Mapped[str | None]
    name: Mapped[str] = mapped_column(index=True)
    representative: Mapped[str]
    address: Mapped[str]
    phone: Mapped[str]
    dissolved_on: Mapped[date | None]


class PartyPaper(Base):
    """A scan that a party's entry rests on (营业执照, 身份证件, 任命文件), kept by the clerk
    who saw the original; it can only be added, and the same bytes once for a party."""

    __tablename__ = "party_paper"
    __table_args__ = (UniqueConstraint("party_id", "digest"),)

    id: Mapped[Key]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"))
    kind: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]


class PartyChange(Base):
    """A correction (变更登记) of a party's entry, which can only be added: by field what stood and
    what stands there, and the legal date. `paper` among the fields is the digest of the scan."""

    __tablename__ = "party_change"

    id: Mapped[Key]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    changes: Mapped[Json]
    reason: Mapped[str]
    effective_on: Mapped[date]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class Mandate(Base):
    """Why a person may act for a party: as its `representative`, or as `agent` under a dated
    授权委托书 whose `scope` lists the acts it covers: `file` to act on applications, `promise` to
    sign the promise besides, `receive` only to read and be served. `registered_by` is the person
    who saw the papers; nobody, with a `registered_at`, if the party's contact confirmed it by code.
    `ended_because` is why it ended before its time; `paper_id` the scan that names a
    representative, if a clerk registered one since scans are asked for."""

    __tablename__ = "mandate"

    id: Mapped[Key]
    party_id: Mapped[int] = mapped_column(ForeignKey("party.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    capacity: Mapped[str]
    scope: Mapped[list[str]] = mapped_column(ARRAY(Text))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    registered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    registered_at: Mapped[datetime | None]
    ended_because: Mapped[str | None]
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("party_paper.id"))


class MandatePaper(Base):
    """A scan of the 授权委托书 that a mandate rests on, kept by the clerk who saw the original."""

    __tablename__ = "mandate_paper"

    id: Mapped[Key]
    mandate_id: Mapped[int] = mapped_column(ForeignKey("mandate.id"), index=True)
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    received_at: Mapped[datetime]


class Place(Base):
    """Premises (场所), one row each (`casework/rules/premises.py`): `address_key` is the address
    without spaces and variants, `code` what the QR code on the wall leads by (一码通): the database
    draws it by lot, so that nobody gets from one place to another."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("region", "address_key"),
        Index(
            "ix_place_grams",
            text("search_grams(address_key)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    id: Mapped[Key]
    region: Mapped[str]
    address: Mapped[str]
    address_key: Mapped[str]
    code: Mapped[str] = mapped_column(
        unique=True, server_default=text("replace(gen_random_uuid()::text, '-', '')")
    )

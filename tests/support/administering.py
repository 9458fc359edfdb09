"""What an administrator enters, each with the log that tells of it."""

from __future__ import annotations

from casework.backfill.keeping import confirm, open_backfill
from casework.notifying import outlets
from casework.people.administration.delegations import add_delegation
from casework.people.administration.staffing import add_post
from tests.support.people import newcomer
from tests.support.signed import SMALL_PDF
from tests.support.town import Town


def administer(town: Town) -> None:
    """A delegation and a post that the administrator registered, an outage that was confirmed, and
    the log that tells of them."""
    admin, today = town.people["admin"], town.time.now().date()
    outage = open_backfill(
        town.office,
        town.people["supervisor"],
        kind="outage",
        first_day=today,
        last_day=today,
        reason="机房停电",
        filename="停运记录.pdf",
        content=SMALL_PDF,
    )
    confirm(town.office, town.people["approver"], outage)
    add_delegation(
        town.office,
        admin,
        account="window",
        granted_by="approver",
        number="崇卫授〔2026〕2号",
        signed_on=today,
        scope=["licence_change.grant"],
        valid_from=today,
        valid_to=today.replace(month=12),
    )
    add_post(
        town.office,
        admin,
        account=newcomer(town, "legal3"),
        role="legal_reviewer",
        valid_from=today,
        valid_to=today.replace(month=12),
        certificate="苏卫执1",
        certificate_expires=today.replace(month=12),
        law_qualification="A20263206020001",
        ground="崇卫任〔2026〕3号",
    )
    # Each of them closed, so that no column is empty.
    outlet = outlets.open_outlet(
        town.office,
        admin,
        medium="mail",
        label="机关邮箱",
        address="mail.example.cn:465",
        sender="tz@wjw.example.cn",
        username="tz",
        secret_name="NUOXIN_SECRET_CC_MAIL",
        report_name="NUOXIN_SECRET_CC_REPORT",
        ground="崇卫办〔2026〕3号",
    )
    outlets.close_outlet(town.office, admin, outlet, ground="更换")
    address = outlets.open_desk_address(
        town.office,
        admin,
        role="window_clerk",
        medium="mail",
        address="window@wjw.example.cn",
        ground="崇卫办〔2026〕3号",
    )
    outlets.close_desk_address(town.office, admin, address, ground="更换")

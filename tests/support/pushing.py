"""Pushing in tests: a town whose authority is connected to platforms that really are there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from casework.audit.proof import verify_case
from casework.common.sweep_report import SweepReport
from casework.exchange.pushing.exchanging import exchange
from casework.models import Publication, PublicationLine, Push, PushBatch, Reconciliation
from casework.rules.versions import VersionCache
from demo.platform.platform_books import Books
from demo.platform.platform_server import PlatformServer
from tests.support.penalties import go, penalty_to
from tests.support.sftp_server import SftpEnd
from tests.support.town import Town

TOKEN = "t0ken-of-the-platform"


@dataclass
class Exchange:
    """A town's exchange with the platforms that `environment` names."""

    town: Town
    environment: dict[str, str] = field(default_factory=dict)

    def connect(self, platform: str, address: str, **more: str) -> None:
        """Connect the authority to a platform at an address; `more` is what it is entered with."""
        name = f"NUOXIN_EXCHANGE_CC_{platform.upper()}"
        told: Mapping[str, str] = {"TO": address, **{key.upper(): more[key] for key in more}}
        self.environment |= {f"{name}_{key}": said for key, said in told.items()}

    def http(self, platform: str, served: PlatformServer) -> None:
        """Connect it to a platform that is served over HTTP."""
        served.token = TOKEN
        self.connect(platform, served.url, secret=TOKEN)

    def sftp(self, platform: str, end: SftpEnd) -> None:
        """Connect it to an SFTP server."""
        self.connect(platform, end.address, secret=end.password, host_key=end.host_key)

    def run(self, **later: float) -> SweepReport:
        """Let a while pass, and do a round."""
        self.town.time.pass_(**later)
        return exchange(self.town.office, "CC", self.environment)

    def pushes(self) -> list[Push]:
        """All that was ever lined up."""
        with self.town.session() as session:
            return list(session.scalars(select(Push).order_by(Push.id)))

    def states(self) -> list[str]:
        """How far each has come."""
        return [push.state for push in self.pushes()]

    def batches(self) -> list[PushBatch]:
        """All batches."""
        with self.town.session() as session:
            return list(session.scalars(select(PushBatch).order_by(PushBatch.id)))

    def lines(self) -> list[PublicationLine]:
        """What is put down in the ledger."""
        with self.town.session() as session:
            return list(session.scalars(select(PublicationLine).order_by(PublicationLine.id)))

    def compared(self) -> list[tuple[str, str]]:
        """What the last comparison says: the kind and the number of each difference."""
        with self.town.session() as session:
            last = session.scalars(
                select(Reconciliation).order_by(Reconciliation.id.desc())
            ).first()
            assert last is not None
            return [(one["kind"], one["number"]) for one in last.differences]

    def proved(self, number: str) -> list[str]:
        """What is wrong with the file of a case."""
        with self.town.session() as session:
            faults = verify_case(session, self.town.case(number), VersionCache())
            return [fault.text for fault in faults]

    def open_entries(self) -> int:
        """How many entries of the ledger are not done."""
        with self.town.session() as session:
            rows = session.scalars(select(Publication).where(Publication.published_on.is_(None)))
            return len(rows.all())


def served_penalty(town: Town) -> str:
    """A penalty that was decided and served, so that it is to be shown."""
    number = penalty_to(town, "decided")
    go(town, number, ("serve", "handler1"))
    return number


def lies_there(books: Books) -> list[tuple[str, str]]:
    """What a platform has: the number of each decision, and whether it is shown."""
    rows = books.records.values()
    return [(row.get("CF_WSH") or row["XK_WSH"], row["SJZT"]) for row in rows]


def folder_of(root: Path) -> Path:
    """A folder as a platform lays it out."""
    for name in ("in", "receipts", "records"):
        (root / name).mkdir(parents=True, exist_ok=True)
    return root

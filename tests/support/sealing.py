"""Seals of a town: certificates that its authorities are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from casework.documents.electronic.seals import FOLDER
from casework.models import Authority
from demo.home_made_seals import home_made
from tests.support.town import Town


def give_seals(town: Town, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give every authority of the town a certificate, in that folder."""
    with town.session() as session:
        for authority in session.scalars(select(Authority)):
            file = folder / f"{authority.code}.p12"
            file.touch(mode=0o600)
            file.write_bytes(home_made(authority.name))
    monkeypatch.setenv(FOLDER, str(folder))

"""Logs of every published version are kept, and lead this release where they led their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from casework.kernel.replaying import replay
from state_machines.door.transition import held_to_release
from state_machines.language.canonical import digest_of, from_json, lacking
from state_machines.language.vocabulary import GUARDS
from state_machines.revisions import PUBLISHED
from tests import frozen


def test_each_version_of_this_release_has_logs() -> None:
    assert frozen.missing() == [], "run: python -m tests.frozen"


@pytest.mark.parametrize("path", frozen.kept(), ids=lambda path: path.name.partition(".")[0])
def test_a_frozen_log_is_replayed_to_where_it_led(path: Path) -> None:
    kept = frozen.read(path)
    published = json.loads(PUBLISHED.read_text("utf-8"))["processes"][kept.process]
    assert kept.digest in {version["digest"] for version in published}
    assert digest_of(kept.declaration) == kept.digest
    process = held_to_release(from_json(kept.declaration, with_stand_ins=True))
    assert lacking(process) == ()
    assert kept.logs
    for log in kept.logs:
        found = frozen.told(replay(process, frozen.rows_of(log)))
        assert found == log["led_to"], log["rows"][0]["header"]["case"]


def test_a_revision_that_is_taken_away_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = frozen.read(frozen.kept()[0])
    guards = {key for step in kept.declaration["steps"] for key in step["guards"]}
    key = min(guard if isinstance(guard, str) else guard["name"] for guard in guards)
    monkeypatch.delitem(GUARDS, key)
    assert lacking(from_json(kept.declaration, with_stand_ins=True)) == (key,)

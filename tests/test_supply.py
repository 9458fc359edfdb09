"""What is shipped: its lock, its licences, and the list of all of it."""

from __future__ import annotations

import ast
import json
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from rulebook.tree import ROOT
from tools import supply
from tools.house import ROOMS
from tools.supply import PROVE, RUN, WHOLE, Shipped, accepted, licence_faults, lock_faults, locked


def test_the_lock_for_running_is_part_of_the_one_that_is_tested() -> None:
    assert list(lock_faults()) == []
    assert set(locked(RUN)) < set(locked(WHOLE))
    for name in ("pytest", "mypy", "ruff", "playwright", "hypothesis", "uv"):
        assert name in locked(WHOLE)
        assert name not in locked(RUN)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("alembic==", "alembic==9.", "alembic is not that of"),
        ("httpx==", "httpy==", "httpy is not in"),
        ("--hash=sha256:", "--hash=sha256:0", "is not that of"),
        ("aiosqlite==", "--index-url https://mirror.example/simple\naiosqlite==", "come from"),
    ],
)
def test_another_lock_is_found_out(tmp_path: Path, before: str, after: str, said: str) -> None:
    other = tmp_path / RUN.name
    other.write_text(RUN.read_text("utf-8").replace(before, after, 1), encoding="utf-8")
    assert any(said in line for line in lock_faults(WHOLE, other))
    if "come from" in said:
        assert any(said in line for line in lock_faults(prove=other))


def test_a_package_without_a_hash_is_found_out(tmp_path: Path) -> None:
    other = tmp_path / RUN.name
    other.write_text("alembic==1.20.1\n", encoding="utf-8")
    assert any("has no hash" in line for line in lock_faults(other, other))
    assert any("has no hash" in line for line in lock_faults(prove=other))


def test_what_calls_the_house_in_a_proof_is_in_no_other_lock() -> None:
    assert "schemathesis" in locked(PROVE)
    assert "schemathesis" not in locked(WHOLE)


def test_what_runs_needs_no_package_of_the_tests() -> None:
    found = {
        name.partition(".")[0]
        for file in [
            ROOT / "nuoxin.py",
            *(f for room in ROOMS for f in (ROOT / room).rglob("*.py")),
        ]
        for name in _imported(file)
    }
    packages = packages_distributions()
    ours = {*ROOMS, *sys.stdlib_module_names}
    for name in found - ours:
        wheels = {canonicalize_name(one) for one in packages[name]}
        assert wheels & set(locked(RUN)), f"{name} comes with none of {RUN.name}"


def _imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def test_every_licence_is_one_that_is_accepted() -> None:
    assert list(licence_faults(supply.shipped())) == []


@pytest.mark.parametrize(
    ("expression", "may"),
    [
        ("MIT", True),
        ("LGPL-3.0-only", True),
        ("MPL-2.0 AND (Apache-2.0 OR MIT)", True),
        ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", True),
        ("Apache-2.0 OR GPL-2.0-only", True),
        ("GPL-3.0-or-later", False),
        ("MIT AND GPL-2.0-only", False),
        ("MIT AND (GPL-2.0-only OR AGPL-3.0-only)", False),
        ("(MIT OR Apache-2.0) AND SSPL-1.0", False),
    ],
)
def test_a_licence_is_accepted_if_one_way_is(expression: str, may: bool) -> None:
    assert accepted(expression) is may


def test_a_licence_that_nobody_has_read_or_accepted_is_found_out() -> None:
    strange = Shipped("strange", "1", "AGPL-3.0-only", "pkg:pypi/strange@1")
    silent = Shipped("silent", "1", "unknown", "pkg:pypi/silent@1", (), (strange,))
    assert [line.partition(":")[0] for line in licence_faults([strange, silent])] == [
        "strange",
        "silent",
        "strange inside silent",
    ]


def test_what_is_shipped_is_written_as_cyclonedx(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fields that CycloneDX 1.6 demands, each reference to something that is there, and all
    packages of the lock, once each."""
    file = tmp_path / "build" / "sbom.cdx.json"
    monkeypatch.setattr(sys, "argv", ["supply", "--sbom", str(file)])
    assert supply.main() == 0
    written = json.loads(file.read_text(encoding="utf-8"))
    assert (written["bomFormat"], written["specVersion"]) == ("CycloneDX", "1.6")
    assert written["version"] >= 1
    assert written["serialNumber"].startswith("urn:uuid:")
    root = written["metadata"]["component"]
    flat = [*written["components"]]
    for one in written["components"]:
        flat += one.get("components", [])
    for one in (root, *flat):
        assert one["type"] in ("application", "library")
        assert one["name"]
        [licence] = one["licenses"]
        assert licence.get("expression") or licence["license"]["name"]
    references = [one["bom-ref"] for one in (root, *flat)]
    assert len(references) == len(set(references))
    for line in written["dependencies"]:
        assert {line["ref"], *line["dependsOn"]} <= set(references)
    names = {(one["name"], one["version"]) for one in written["components"]}
    assert names == {(one.name, one.version) for one in locked(RUN).values()}
    # Whatever asks for it: each package but what other platforms need is needed by something.
    needed = {name for line in written["dependencies"] for name in line["dependsOn"]}
    assert {one["name"] for one in written["components"] if one["bom-ref"] not in needed} <= {
        name for name, package in locked(RUN).items() if package.marker
    }
    assert supply.sbom(supply.shipped()) == written

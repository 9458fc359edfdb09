"""What is shipped (供应链): the packages that run in production, their licences, and a list of all.

    python -m tools.supply                 say what is wrong; the status is 1 if anything is
    python -m tools.supply --licences      print what is shipped, a line each with its licence
    python -m tools.supply --sbom FILE     write it as CycloneDX

Which packages these are says requirements-run.lock; what they are, the metadata of those that are
installed. Many wheels list the libraries inside them (PEP 770): those are part of it.
What no metadata says stands in tools/licences.toml.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from rulebook.tree import ROOT

WHOLE, RUN, PROVE = (ROOT / f"requirements{of}.lock" for of in ("", "-run", "-prove"))
_HAND = tomllib.loads((Path(__file__).parent / "licences.toml").read_text(encoding="utf-8"))
_UNKNOWN = "unknown"
_NO_SPDX = ("BSD", _UNKNOWN)


@dataclass(frozen=True)
class Locked:
    """A package in a lock: its version, where it is needed, and the digests of its files."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]


@dataclass(frozen=True)
class Shipped:
    """Something that is shipped, and what lies inside it."""

    name: str
    version: str
    licence: str
    purl: str
    needs: tuple[str, ...] = ()
    inside: tuple[Shipped, ...] = field(default=())


def locked(file: Path) -> dict[str, Locked]:
    """The packages of a lock, by name."""
    found: dict[str, Locked] = {}
    for entry in file.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if entry.startswith("#") or "==" not in entry:
            continue
        said, *hashes = re.split(r"\s+--hash=", entry.strip())
        wanted = Requirement(said)
        [version] = [one.version for one in wanted.specifier]
        name = canonicalize_name(wanted.name)
        found[name] = Locked(name, version, str(wanted.marker or ""), frozenset(hashes))
    return found


def lock_faults(whole: Path = WHOLE, run: Path = RUN, prove: Path = PROVE) -> Iterator[str]:
    """What is wrong with the locks: the one for running is a part of the one that is tested, with
    the same versions and files, every file is known by its digest, and no lock names an index."""
    tested = locked(whole)
    for name, package in locked(run).items():
        if name not in tested:
            yield f"{run.name}: {name} is not in {whole.name}, run make lock"
        elif (package.version, package.hashes) != (tested[name].version, tested[name].hashes):
            yield f"{run.name}: {name} is not that of {whole.name}, run make lock"
    for file in (whole, run, prove):
        for name, package in locked(file).items():
            if not package.hashes:
                yield f"{file.name}: {name} has no hash"
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("-") or "://" in line:
                yield f"{file.name}: names where packages come from: {line}"


def shipped() -> list[Shipped]:
    """What is shipped, in order of name."""
    return [_package(package) for _, package in sorted(locked(RUN).items())]


def licence_faults(things: list[Shipped]) -> Iterator[str]:
    """Licences that nobody has read, or that are neither permissive nor end at their own files."""
    for thing in things:
        for one in (thing, *thing.inside):
            where = "" if one is thing else f" inside {thing.name}"
            if one.licence == _UNKNOWN:
                yield f"{one.name}{where}: what licence? Say it in tools/licences.toml"
            elif not accepted(one.licence) and one.name not in _HAND["exception"]:
                yield f"{one.name}{where}: {one.licence} is not accepted (tools/licences.toml)"


def accepted(expression: str) -> bool:
    """Whether an SPDX expression leaves a way that is accepted."""
    return all(
        any(_all_known(way) for way in part.split(" OR "))
        for part in [*re.findall(r"\(([^()]*)\)", expression), _outside(expression)]
        if part
    )


def _outside(expression: str) -> str:
    """An expression without what is in brackets, which is judged by itself."""
    return re.sub(r"\s*(AND\s+)?\([^()]*\)(\s+AND)?\s*", "", expression)


def _all_known(way: str) -> bool:
    return all(word in _HAND["accepted"] for word in re.split(r" AND | WITH ", way))


def sbom(things: list[Shipped]) -> dict[str, Any]:
    """All of it as CycloneDX; the same for the same lock on the same platform."""
    project = _project()
    root = _purl(project["name"], project["version"])
    known = {thing.name: thing.purl for thing in things}
    wanted = {canonicalize_name(Requirement(one).name) for one in project["dependencies"]}
    parts = [{**_component(thing), **_inside(thing)} for thing in things]
    serial = uuid5(NAMESPACE_URL, json.dumps(parts, sort_keys=True))
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{serial}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": project["name"],
                "version": project["version"],
                "licenses": [{"expression": project["license"]}],
                "purl": root,
            }
        },
        "components": parts,
        "dependencies": [
            {"ref": root, "dependsOn": sorted(known[name] for name in wanted)},
            *(
                {"ref": one.purl, "dependsOn": sorted(known[n] for n in one.needs if n in known)}
                for one in things
            ),
        ],
    }


def _component(thing: Shipped) -> dict[str, Any]:
    named = {"license": {"name": thing.licence}}
    return {
        "type": "library",
        "bom-ref": thing.purl,
        "name": thing.name,
        "version": thing.version,
        "licenses": [named if thing.licence in _NO_SPDX else {"expression": thing.licence}],
        "purl": thing.purl,
    }


def _inside(thing: Shipped) -> dict[str, Any]:
    if not thing.inside:
        return {}
    return {
        "components": [
            {**_component(one), "bom-ref": f"{thing.purl}#{number}-{one.name}"}
            for number, one in enumerate(thing.inside)
        ]
    }


def _package(package: Locked) -> Shipped:
    purl = _purl(package.name, package.version)
    said = _HAND["package"].get(package.name, _UNKNOWN)
    try:
        found = distribution(package.name)
    except PackageNotFoundError:  # needed elsewhere: on Windows, on a newer Python
        return Shipped(package.name, package.version, said, purl)
    if said == _UNKNOWN:
        said = _licence(found)
    return Shipped(
        package.name, package.version, said, purl, _needs(found), tuple(_parts_of(found))
    )


def _purl(name: str, version: str) -> str:
    return f"pkg:pypi/{canonicalize_name(name)}@{version}"


def _licence(package: Distribution) -> str:
    """The SPDX expression of a package, from wherever its metadata says it."""
    metadata: Mapping[str, Any] = package.metadata  # type: ignore[assignment]
    if expression := metadata.get("License-Expression"):
        return str(expression)
    first = str(metadata.get("License") or "").strip().partition("\n")[0]
    if first in _HAND["said"] or (first and all(map(_is_known, first.split(" OR ")))):
        return str(_HAND["said"].get(first, first))
    said = [
        _HAND["said"].get(line.removeprefix("License :: "), _UNKNOWN)
        for line in package.metadata.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    return _UNKNOWN if _UNKNOWN in said or not said else " AND ".join(said)


def _is_known(name: str) -> bool:
    return name in _HAND["accepted"]


def _needs(package: Distribution) -> tuple[str, ...]:
    """What a package needs here, with whatever extras somebody asks it for."""
    wanted = [Requirement(line) for line in package.requires or ()]
    here = {key: str(value) for key, value in default_environment().items()}
    extras = ("", *_extras().get(canonicalize_name(package.name), ()))
    return tuple(
        sorted(
            {
                canonicalize_name(one.name)
                for one in wanted
                if one.marker is None
                or any(one.marker.evaluate({**here, "extra": extra}) for extra in extras)
            }
        )
    )


@cache
def _extras() -> Mapping[str, frozenset[str]]:
    """The extras that this project or any package in its lock asks for, by package."""
    lines = list(_project()["dependencies"])
    for name in locked(RUN):
        with suppress(PackageNotFoundError):
            lines += distribution(name).requires or ()
    asked: dict[str, frozenset[str]] = {}
    for one in map(Requirement, lines):
        name = canonicalize_name(one.name)
        asked[name] = asked.get(name, frozenset()) | one.extras
    return asked


def _project() -> dict[str, Any]:
    read = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return cast(dict[str, Any], read["project"])


def _parts_of(package: Distribution) -> Iterator[Shipped]:
    """What a wheel says that it holds, and what its makers built in besides."""
    name = canonicalize_name(package.name)
    seen = set()
    for file in package.files or ():
        if not file.match("*.dist-info/sboms/*.json"):
            continue
        listed = json.loads(file.read_text(encoding="utf-8"))
        for part in listed.get("components", ()):
            key = part["name"], part.get("version", "")
            if canonicalize_name(part["name"]) == name or key in seen:
                continue
            seen.add(key)
            said = [
                one.get("expression") or one["license"].get("id") or one["license"].get("name")
                for one in part.get("licenses", ())
            ]
            licence = " ".join(" AND ".join(said).split()) or _HAND["inside"].get(
                part["name"], _UNKNOWN
            )
            yield Shipped(*key, licence, part.get("purl", ""))
    for inside, licence in _HAND["built_in"].get(name, {}).items():
        yield Shipped(inside, "", licence, f"pkg:generic/{inside}")


def main() -> int:
    """Say what is wrong, or print or write what is shipped; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.supply", description=__doc__)
    parser.add_argument("--licences", action="store_true", help="print each with its licence")
    parser.add_argument("--sbom", metavar="FILE", type=Path, help="write it as CycloneDX")
    given = parser.parse_args()
    things = shipped()
    if given.licences:
        for thing in things:
            print(f"{thing.name} {thing.version}: {thing.licence}")
            for one in thing.inside:
                print(f"    {f'{one.name} {one.version}'.strip()}: {one.licence}")
    if given.sbom:
        given.sbom.parent.mkdir(parents=True, exist_ok=True)
        given.sbom.write_text(
            json.dumps(sbom(things), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
    found = [*lock_faults(), *licence_faults(things)]
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

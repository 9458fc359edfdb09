"""The OpenAPI description is sound, and every route says who may ask."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.openapi.models import OpenAPI
from jsonschema import Draft202012Validator

from tests.support.front import Front
from tests.support.town import Town

pytestmark = pytest.mark.slow

# Whatever is not here wants a log-in. A new route that anybody may ask is put here on purpose.
FOR_ANYBODY = {
    "POST /api/v1/session",
    "POST /api/v1/accounts",
    "GET /api/v1/processes",
    "GET /api/v1/processes/{key}",
    "GET /api/v1/processes/{key}/diagram.svg",
    "GET /api/v1/grades",
    "GET /api/v1/guide",
    "GET /api/v1/guide/{kind}",
    "GET /api/v1/places/{code}",
    "GET /api/v1/credit/catalogue",
    "GET /api/v1/credit/catalogue.csv",
    "GET /api/v1/track/{number}",
    "GET /api/v1/verify/{code}",
    "POST /api/v1/verify",
    "GET /api/v1/publications/public",
    "GET /api/v1/consultations",
    "GET /api/v1/consultations/{number}",
    "GET /api/v1/consultations/{number}/{kind}/text",
    "POST /api/v1/consultations/{number}/comments",
    "POST /api/v1/arrivals/{outlet}",  # whoever holds the gateway's secret
    "GET /healthz",
}
CONTRACT = {
    "POST /api/v1/session",
    "GET /api/v1/processes",
    "GET /api/v1/processes/{key}",
    "GET /api/v1/processes/{key}/diagram.svg",
    "POST /api/v1/cases",
    "GET /api/v1/cases",
    "GET /api/v1/cases/{number}",
    "GET /api/v1/cases/{number}/steps",
    "POST /api/v1/cases/{number}/steps/{step}",
    "POST /api/v1/cases/{number}/steps/{step}/signatures",
    "POST /api/v1/cases/{number}/attachments",
    "GET /api/v1/cases/{number}/log",
    "GET /api/v1/cases/{number}/documents/{document_id}",
    "GET /api/v1/cases/{number}/documents/{document_id}.pdf",
    "POST /api/v1/verify",
    "GET /api/v1/parties/{code}/credit",
    "GET /api/v1/licences/{number}",
    "GET /api/v1/track/{number}",
    "GET /api/v1/verify/{code}",
    "GET /api/v1/demo/clock",
    "POST /api/v1/demo/clock",
}
_PLACE = re.compile(r"{\w+}")


def _description(front: Front) -> dict[str, Any]:
    described: dict[str, Any] = front.client.get("/api/v1/openapi.json").json()
    return described


def _routes(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": route
        for path, methods in described["paths"].items()
        for method, route in methods.items()
    }


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def test_it_is_openapi_and_every_schema_and_reference_holds(quiet: Front) -> None:
    described = _description(quiet)
    OpenAPI.model_validate(described)
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in _references(described):
        at: Any = described
        for part in reference.removeprefix("#/").split("/"):
            at = at[part]


def test_it_holds_the_whole_contract(module_town: Town) -> None:
    assert set(_routes(_description(Front(module_town, demo=True)))) >= CONTRACT


def test_every_route_says_who_may_ask_and_means_it(module_town: Town) -> None:
    quiet = Front(module_town, demo=True)
    routes = _routes(_description(quiet))
    assert {name for name, route in routes.items() if "security" not in route} == FOR_ANYBODY
    for name in set(routes) - FOR_ANYBODY:
        method, path = name.split()
        answer = quiet.client.request(method, path.replace("{", "").replace("}", ""))
        # Numbers in a path may be refused before anybody is asked who they are.
        assert answer.status_code in (401, 422), name
        if "_id" not in path:
            assert answer.json()["type"] == "not-logged-in", name


def test_every_route_is_explained_and_tells_its_problems(quiet: Front) -> None:
    names = []
    for name, route in _routes(_description(quiet)).items():
        assert any("\u4e00" <= c <= "\u9fff" for c in route["summary"]), name
        assert route["tags"], name
        names.append(route["operationId"])
        for status, answer in route["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (name, status)
        if "security" in route:
            assert "401" in route["responses"], name
    assert len(names) == len(set(names))


# Bodies that are none of their kind, by the kind that an operation asks for.
_BROKEN = {
    "application/json": (
        ("application/json", b"\xff{"),
        ("application/json", b"{"),
        ("application/json", b"9" * 5000),
        ("application/json", b"[" * 100_000),
        ("text/plain", b"\x00"),
    ),
    "multipart/form-data": (
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: \r\n\r\n"),
        ("application/json", b"{}"),
    ),
}


def test_a_body_that_is_none_is_answered_as_described(module_town: Town) -> None:
    quiet = Front(module_town, demo=True)
    seen = set()
    for name, route in _routes(_description(quiet)).items():
        for kind, _ in route.get("requestBody", {"content": {}})["content"].items():
            for said, body in _BROKEN[kind]:
                method, path = name.split()
                for place in _PLACE.findall(path):
                    path = path.replace(place, "1")
                answer = quiet.client.request(
                    method,
                    path,
                    content=body,
                    headers={**quiet.identity("admin"), "Content-Type": said},
                )
                seen.add(answer.status_code)
                assert str(answer.status_code) in route["responses"], (name, said, body[:20])
                assert answer.status_code < 500, (name, said, body[:20])
                quiet.app.state.tries.reset()
    assert {400, 422} <= seen


def test_what_goes_on_from_an_answer_is_there_and_asked_for_by_its_own_names(quiet: Front) -> None:
    described = _description(quiet)
    routes = {route["operationId"]: route for route in _routes(described).values()}

    def names(schema: dict[str, Any], pointer: str) -> bool:
        """Whether an answer of a schema has what a pointer points to."""
        for part in filter(None, pointer.split("/")):
            if reference := schema.get("$ref"):
                schema = described["components"]["schemas"][reference.rpartition("/")[2]]
            found = schema.get("items") if part == "0" else schema.get("properties", {}).get(part)
            if found is None:
                return False
            schema = found
        return True

    linked = 0
    for route in routes.values():
        for answer in route["responses"].values():
            for link in answer.get("links", {}).values():
                asked = routes[link["operationId"]]["parameters"]
                wanted = {one["name"] for one in asked if one["in"] == "path"}
                assert link["parameters"].keys() == wanted
                for said in link["parameters"].values():
                    where, _, pointer = said.partition("#")
                    if where == "$response.body":
                        schema = answer["content"]["application/json"]["schema"]
                        schemas = schema.get("anyOf", [schema])
                        assert any(names(one, pointer) for one in schemas), (route, said)
                linked += 1
    assert linked


def test_every_number_that_is_asked_for_has_an_end_that_the_database_has(quiet: Front) -> None:
    described = _description(quiet)

    def numbers(at: Any, seen: frozenset[str] = frozenset()) -> Iterator[dict[str, Any]]:
        if isinstance(at, list):
            for item in at:
                yield from numbers(item, seen)
        elif isinstance(at, dict):
            if at.get("type") == "integer":
                yield at
            if (reference := at.get("$ref")) and reference not in seen:
                name = reference.rpartition("/")[2]
                yield from numbers(described["components"]["schemas"][name], seen | {reference})
            for item in at.values():
                yield from numbers(item, seen)

    for name, route in _routes(described).items():
        for number in numbers([route.get("parameters", []), route.get("requestBody", {})]):
            end = number.get("maximum", number.get("exclusiveMaximum", math.inf))
            assert end <= 2**63, (name, number)


def test_a_mandate_that_no_database_can_hold_is_refused(quiet: Front) -> None:
    for mandate in (2**63, 10**400):
        assert quiet.get("window", "/licences", mandate=str(mandate)).status_code == 422

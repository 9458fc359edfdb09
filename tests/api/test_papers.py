"""Handing files in and taking papers away, over HTTP."""

from __future__ import annotations

import io
from urllib.parse import unquote
from zipfile import ZipFile

import pytest

from casework.documents.attachments import LARGEST
from tests.support.front import V1, Front, refused
from tests.support.signed import SMALL_PDF
from tests.support.town import Town


class TestUpload:
    """`POST /cases/{number}/attachments`."""

    def test_the_party_and_its_authority_hand_in(self, front: Front, town: Town) -> None:
        number = town.apply()
        town.take(number, "submit", "applicant")
        refused(front.upload(None, number), 401, "not-logged-in")
        for stranger in ("window_b", "applicant2"):
            refused(front.upload(stranger, number), 404, "not-found")
        answer = front.upload("applicant", number)
        assert answer.status_code == 201
        assert front.upload("applicant", number).json() == answer.json()  # a double click
        case = front.get("window", f"/cases/{number}").json()
        files = {item["key"]: item["files"] for item in case["materials"]}
        assert [file["filename"] for file in files["plans"]] == ["平面图.pdf"]

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("病毒.exe", b"MZ" + b"\0" * 64),
            ("发票.pdf", b"MZ" + b"\0" * 64),
            ("图.png", SMALL_PDF),
            ("空.pdf", b""),
            ("网页.html", b"<script>alert(1)</script>"),
        ],
    )
    def test_a_wrong_or_lying_type_is_refused(
        self, quiet: Front, module_town: Town, name: str, data: bytes
    ) -> None:
        answer = quiet.upload("applicant", module_town.apply(), name=name, data=data)
        assert refused(answer, 422, "bad-input")["errors"][0]["field"] == "file"

    def test_an_unknown_item_is_refused_with_the_list(
        self, quiet: Front, module_town: Town
    ) -> None:
        problem = refused(
            quiet.upload("applicant", module_town.apply(), material="love_letter"), 422, "bad-input"
        )
        assert "卫生许可证申请表" in problem["detail"]

    def test_a_file_too_large_is_refused(self, front: Front, town: Town) -> None:
        number = town.apply()
        full = SMALL_PDF.ljust(LARGEST, b"\n")
        assert front.upload("applicant", number, data=full).status_code == 201
        refused(front.upload("applicant", number, data=full + b"\n"), 413, "too-large")

    @pytest.mark.parametrize("announced", [True, False])
    def test_a_body_too_large_is_not_even_read(
        self, quiet: Front, module_town: Town, announced: bool
    ) -> None:
        number = module_town.apply()
        chunk = b"x" * 2**20
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        body = (piece for piece in (head, *[chunk] * 12, b"\r\n--b--\r\n"))
        answer = quiet.ask(
            "applicant",
            "POST",
            f"/cases/{number}/attachments",
            content=b"".join(body) if announced else body,
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        )
        refused(answer, 413, "too-large")

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (b"", "multipart/form-data; boundary=b"),
            (b"--b\r\nnonsense", "multipart/form-data; boundary=b"),
            (b"{}", "application/json"),
            (b"material=plans&file=text", "application/x-www-form-urlencoded"),
            (b"x", "multipart/form-data"),
        ],
    )
    def test_a_broken_form_is_the_senders_fault(
        self, quiet: Front, module_town: Town, content: bytes, media_type: str
    ) -> None:
        answer = quiet.ask(
            "applicant",
            "POST",
            f"/cases/{module_town.apply()}/attachments",
            content=content,
            headers={"Content-Type": media_type},
        )
        assert answer.status_code in (400, 422), answer.text
        assert answer.headers["content-type"] == "application/problem+json"


class TestDownload:
    """Documents and files leave as downloads, and only to those concerned."""

    def test_a_document_is_a_word_file_for_those_concerned(self, front: Front, town: Town) -> None:
        number = town.granted()
        listed = front.get("applicant", f"/cases/{number}").json()["documents"]
        path = f"/cases/{number}/documents/{listed[-2]['id']}"
        refused(front.get(None, path), 401, "not-logged-in")
        for stranger in ("window_b", "applicant2"):
            refused(front.get(stranger, path), 404, "not-found")
        answer = front.get("applicant", path)
        assert answer.status_code == 200
        assert "word/document.xml" in ZipFile(io.BytesIO(answer.content)).namelist()
        sent = unquote(answer.headers["Content-Disposition"])
        assert sent == (
            "attachment; filename*=UTF-8''"
            "卫生许可证（正本）-苏卫公证字〔2026〕第320613-000001号.docx"
        )

    def test_a_file_handed_in_can_do_no_harm(self, quiet: Front, module_town: Town) -> None:
        number = module_town.apply()
        stored = quiet.upload("applicant", number, name='a";b<i>.pdf').json()["id"]
        path = f"/cases/{number}/attachments/{stored}"
        refused(quiet.get(None, path), 401, "not-logged-in")
        refused(quiet.get("applicant2", path), 404, "not-found")
        answer = quiet.get("applicant", path)
        assert answer.content == SMALL_PDF
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert '"' not in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "no-store" in answer.headers["Cache-Control"]

    @pytest.mark.parametrize("identity", ["0", "-1", "999999", "9" * 30, "x"])
    @pytest.mark.parametrize("kind", ["documents", "attachments"])
    def test_what_is_not_there_is_not_found(
        self, quiet: Front, module_town: Town, kind: str, identity: str
    ) -> None:
        answer = quiet.get("applicant", f"/cases/{module_town.apply()}/{kind}/{identity}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/problem+json"

    def test_the_cookie_of_a_page_opens_nothing_here(self, front: Front, town: Town) -> None:
        number = town.granted()
        token = front.identity("applicant")["Authorization"].removeprefix("Bearer ")
        front.client.cookies.set("nuoxin_session", token)
        refused(front.client.get(f"{V1}/cases/{number}"), 401, "not-logged-in")

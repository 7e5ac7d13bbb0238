import io
import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import RequestFactory

from crm.files.uploads import UploadField


class UploadForm(forms.Form):
    file = UploadField(limit=None)


def sent(content: bytes, name: str = "list.csv") -> UploadForm:
    file = io.BytesIO(content)
    file.name = name
    request = RequestFactory().post("/", {"file": file})
    return UploadForm(request.POST, request.FILES)


def test_an_upload_within_the_limit_is_taken_with_a_clean_name(settings):
    settings.UPLOAD_MAX_BYTES = 200_000
    form = sent(b"x" * 200_000, "名\u202e单.csv")

    assert form.is_valid()
    assert form.cleaned_data["file"].size == 200_000
    assert form.cleaned_data["file"].name == "名单.csv"


def test_an_upload_past_the_limit_is_refused_in_words(settings):
    settings.UPLOAD_MAX_BYTES = 200_000
    form = sent(b"x" * 5_000_000)

    assert not form.is_valid()
    assert "too large" in form.errors["file"][0]
    assert "195.3" in form.errors["file"][0]


def test_what_is_past_the_limit_is_never_kept(settings):
    settings.UPLOAD_MAX_BYTES = 200_000
    request = RequestFactory().post("/", {"file": SimpleUploadedFile("x", b"x" * 5_000_000)})

    assert request.FILES["file"].size <= 200_000 + 2 * 64 * 1024


@pytest.fixture
def begun(monkeypatch) -> list[str]:
    """Names of the files that a handler began to keep."""
    names: list[str] = []
    keep = TemporaryFileUploadHandler.new_file

    def note(handler, field_name, file_name, *args, **kwargs):
        names.append(file_name)
        keep(handler, field_name, file_name, *args, **kwargs)

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", note)
    return names


@pytest.mark.django_db
def test_outside_of_tenants_no_file_is_kept(client, admin, begun):
    def send(browser, path):
        large = SimpleUploadedFile("large.csv", b"x" * 3_000_000)
        return browser.post(path, {"login": "ann@acme.example", "password": "typed", "file": large})

    answer = send(client, "/accounts/login/")
    send(client, "/t/acme/imports/new/")
    send(admin.client, "/accounts/profile/")
    assert begun == []
    assert answer.context["form"]["login"].value() == "ann@acme.example"  # the rest of the form is read

    send(admin.client, "/t/acme/imports/new/")
    assert begun == ["large.csv"]


@pytest.mark.django_db
def test_a_request_with_very_many_files_is_refused(admin):
    files = {f"file{number}": SimpleUploadedFile("x.csv", b"x") for number in range(11)}

    assert admin.post("imports/new/", files).status_code == 400


@pytest.mark.parametrize(("size", "is_valid"), [(10, True), (11, False)])
def test_a_field_may_have_a_limit_of_its_own(size, is_valid):
    field = UploadField(limit=10)
    file = SimpleUploadedFile("x.csv", b"x" * size)

    if is_valid:
        assert field.clean(file) is file
    else:
        with pytest.raises(forms.ValidationError):
            field.clean(file)


def test_every_form_takes_files_by_the_field_that_knows_the_limit():
    """The handler cuts off what is too large; a plain FileField would take the beginning for the whole."""
    base = Path(settings.BASE_DIR)
    products = [path for path in base.glob("*/") if (path / "apps.py").is_file()] + [base / "crm"]

    found = [
        path.relative_to(base).as_posix()
        for product in products
        for path in product.rglob("*.py")
        if re.search(r"\bforms\.(File|Image)Field\b", path.read_text(encoding="utf-8"))
    ]

    assert found == ["crm/files/uploads.py"]

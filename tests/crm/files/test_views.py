import io

import pytest

from crm.files.operations import store_file
from crm.tenancy.context import use_tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tenant, owner):
    with use_tenant(tenant):
        return store_file(tenant=tenant, source=io.BytesIO(b"<script>"), name='报价 "3".html', user=owner.user)


def test_a_file_is_sent_to_be_saved_and_never_shown(file, owner):
    response = owner.get(f"files/{file.pk}/")

    assert b"".join(response.streaming_content) == b"<script>"
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''%E6%8A%A5%E4%BB%B7%20-3-.html"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Length"] == "8"


def test_an_administrator_sees_every_file_of_the_tenant(file, admin):
    assert admin.get(f"files/{file.pk}/").status_code == 200


def test_a_colleague_does_not_see_it(file, colleague):
    assert colleague.get(f"files/{file.pk}/").status_code == 404


def test_another_tenant_does_not_see_it(file, stranger):
    assert stranger.get(f"files/{file.pk}/").status_code == 404


def test_a_file_whose_bytes_are_gone_is_not_found(file, owner):
    file.local_path.unlink()

    assert owner.get(f"files/{file.pk}/").status_code == 404

import pytest

from crm.html import mail_document


def test_a_mail_in_a_page_can_do_nothing():
    response = mail_document("<p>a</p>")
    policy = dict(part.strip().partition(" ")[::2] for part in response["Content-Security-Policy"].split(";"))

    assert policy == {
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
        "default-src": "'none'",
        "style-src": "'unsafe-inline'",
        "img-src": "data:",
        "form-action": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'self'",
    }
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize(
    "html", ["<p>a</p>", "<!doctype html><html><head><title>a</title></head><body>a</body></html>"]
)
def test_its_links_open_beside_the_page(html):
    shown = mail_document(html).content.decode()

    assert shown.count('<base target="_blank">') == 1
    assert shown.replace('<base target="_blank">', "") == html

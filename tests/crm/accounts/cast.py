"""What the tests of sign-in do again and again."""

from __future__ import annotations

import re

from django.core import mail
from django.test import Client

from tests.factories import PASSWORD

LOGIN = "/accounts/login/"
NEW_PASSWORD = "river stone seven lamps"


def log_in(client: Client, email: str, password: str = PASSWORD, address: str = "192.0.2.1", **extra):
    headers = {"REMOTE_ADDR": address, "HTTP_ACCEPT_LANGUAGE": "en"} | extra
    return client.post(LOGIN, {"login": email, "password": password}, **headers)


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


def reauthenticate(client: Client, password: str = PASSWORD) -> None:
    response = client.post("/accounts/reauthenticate/", {"password": password})
    assert response.status_code == 302, response.content.decode()


def link_in(message: mail.EmailMessage) -> str:
    """The path of the only link of ours that is not the home page."""
    (link,) = {url for url in re.findall(r"http://localhost:8000(/\S*)", message.body) if url != "/"}
    return link

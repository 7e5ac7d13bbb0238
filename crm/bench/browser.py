"""A small browser: keeps its connection and cookies, follows the login, fills forms in."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from urllib.parse import quote, urlencode, urlsplit

from .server import HOST


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    text: str
    location: str
    milliseconds: float


class Browser:
    def __init__(self, port: int):
        self.connection = HTTPConnection(HOST, port, timeout=60)
        self.email = ""
        self.cookies: dict[str, str] = {"language": "en"}

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, data: Mapping[str, str]) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{HOST}{path}"}
        return self._ask("POST", path, urlencode(data), headers)

    def log_in(self, email: str, password: str) -> None:
        page = self.get("/accounts/login/")
        answer = self.post("/accounts/login/", filled(page.text) | {"login": email, "password": password})
        if answer.status != 302:
            raise RuntimeError(f"{email} could not log in: {answer.status}.")
        self.email = email

    def _ask(self, method: str, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        started = time.perf_counter()
        try:
            self.connection.request(method, quote(path, safe="/?&=%+:,"), body, {"Cookie": cookies, **(headers or {})})
            response = self.connection.getresponse()
            content = response.read()
        except (HTTPException, OSError):
            self.connection.close()
            return Answer(0, "", "", (time.perf_counter() - started) * 1000)
        milliseconds = (time.perf_counter() - started) * 1000
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies.update({name: morsel.value for name, morsel in SimpleCookie(header).items()})
        location = urlsplit(response.headers.get("Location", "")).path
        return Answer(response.status, content.decode(), location, milliseconds)


def filled(html: str) -> dict[str, str]:
    """The fields of the page's largest form that is posted, with the values they hold, as a browser would send them."""
    parser = _Forms()
    parser.feed(html)
    return max(parser.forms, key=len)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = [{}]
        self.form: dict[str, str] = {}
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "")
        if tag == "form":
            self.form = {}
            if given.get("method", "").lower() == "post":
                self.forms.append(self.form)
        elif tag == "select":
            # A field of several values stays empty.
            self.select = "" if "multiple" in given else name
        elif tag == "option" and self.select and (self.select not in self.form or "selected" in given):
            self.form[self.select] = given.get("value", "")
        elif tag == "textarea":
            self.form[name] = ""
        elif tag == "input" and name and (kind not in ("checkbox", "radio") or "checked" in given):
            self.form[name] = given.get("value", "")

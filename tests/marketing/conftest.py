from __future__ import annotations

import pytest
from django.core.mail import EmailMultiAlternatives

from crm.access.roles import Role
from crm.mail.bulk import Answer, Reply
from tests.conftest import Member, sign_in
from tests.factories import make_member


@pytest.fixture
def marketer(tenant) -> Member:
    return sign_in(make_member(tenant, "marketer@acme.example", Role.MARKETER))


@pytest.fixture
def analyst(tenant) -> Member:
    return sign_in(make_member(tenant, "analyst@acme.example", Role.ANALYST))


class Post:
    """Stands for the mail server: keeps what it took, and answers as it is told to, by address."""

    def __init__(self) -> None:
        self.mails: list[EmailMultiAlternatives] = []
        self.answers: dict[str, Reply | Exception] = {}
        # Called with each mail before it is answered.
        self.before = lambda mail: None

    @property
    def to(self) -> list[str]:
        return [mail.to[0] for mail in self.mails]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def hand_over(self, mail: EmailMultiAlternatives) -> Reply:
        # Written down before the server hears of it, as the real line does.
        mail.message()
        self.before(mail)
        said = self.answers.get(mail.to[0], Reply(Answer.TAKEN))
        if isinstance(said, BaseException):
            raise said
        if said.answer in (Answer.TAKEN, Answer.UNKNOWN):
            self.mails.append(mail)
        return said


@pytest.fixture
def post(monkeypatch) -> Post:
    post = Post()
    monkeypatch.setattr("marketing.sending.open_line", lambda: post)
    monkeypatch.setattr("marketing.operations.open_line", lambda: post)
    return post

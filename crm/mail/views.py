from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from crm.html import mail_document

from . import mailbox


@require_safe
def mailbox_list(request: HttpRequest) -> HttpResponse:
    _check_open(request)
    return render(request, "mail/mailbox_list.html", {"entries": mailbox.newest_entries()})


@require_safe
def mailbox_detail(request: HttpRequest, key: str) -> HttpResponse:
    _check_open(request)
    entry = mailbox.find_entry(key)
    if entry is None:
        raise Http404
    return render(request, "mail/mailbox_detail.html", {"entry": entry})


@require_safe
def mailbox_mail(request: HttpRequest, key: str) -> HttpResponse:
    """The mail as a mail program shows it, for the frame in its page."""
    _check_open(request)
    entry = mailbox.find_entry(key)
    if entry is None or not entry.html:
        raise Http404
    return mail_document(entry.html)


def _check_open(request: HttpRequest) -> None:
    """In the demo for everybody: who is invited cannot sign in yet. Elsewhere for operators, while mail is files."""
    writes_files = settings.EMAIL_BACKEND == settings.MAILBOX_BACKEND or settings.DEMO
    if not writes_files or not (settings.DEMO or request.user.is_staff):
        raise Http404

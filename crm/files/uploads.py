"""Uploads: how large they may be, and a form field that says so in words."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.template.defaultfilters import filesizeformat
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .names import clean_file_name


class LimitedUploadHandler(FileUploadHandler):
    """Stands before the handlers that keep files, and lets no more through than the limit and one chunk.

    The rest is read and dropped, so that the browser gets its answer: the form with what was typed, and with words at
    the field (UploadField). Closing the connection instead would show a page of the browser's own.

    Outside of tenants no page takes files, so none is kept there: forms are read before anybody asks for rights, and
    whoever is not signed in could fill the disk.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.seen = 0

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        if getattr(self.request, "tenant", self) is None:
            raise SkipFile
        self.seen = 0

    def receive_data_chunk(self, raw_data, start):
        is_over = self.seen > settings.UPLOAD_MAX_BYTES
        self.seen += len(raw_data)
        return None if is_over else raw_data

    def file_complete(self, file_size):
        return None


class UploadField(forms.FileField):
    """A file of at most `limit` bytes (UPLOAD_MAX_BYTES when left out). The cleaned file has a cleaned name."""

    def __init__(self, *, limit: int | None = None, **kwargs):
        # Longer names are shortened, not refused.
        super().__init__(**({"max_length": None} | kwargs))
        self.limit = limit

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        limit = self.limit or settings.UPLOAD_MAX_BYTES
        if file and file is not initial:
            if file.size > limit:
                words = _("This file is too large. At most {size} can be uploaded.")
                raise forms.ValidationError(format_lazy(words, size=filesizeformat(limit)), code="too_large")
            file.name = clean_file_name(file.name)
        return file

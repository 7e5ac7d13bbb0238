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
    whoever is not signed in could fill the disk. For the same reason pages without login take less, of all files of a
    form together (PUBLIC_UPLOAD_MAX_MB).
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.seen = 0

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        if getattr(self.request, "tenant", self) is None:
            raise SkipFile
        if not self._is_public:
            self.seen = 0

    @property
    def _is_public(self) -> bool:
        return getattr(self.request, "is_public", False)

    def receive_data_chunk(self, raw_data, start):
        is_over = self.seen > (settings.PUBLIC_UPLOAD_MAX_BYTES if self._is_public else settings.UPLOAD_MAX_BYTES)
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


class FilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name) or []


class UploadsField(UploadField):
    """Several files, of at most `limit` bytes together. The cleaned value is a list."""

    widget = FilesInput

    def __init__(self, *, most: int = 10, **kwargs):
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data, initial=None):
        given = data or []
        if not given and self.required:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        files = [super(UploadsField, self).clean(one, initial) for one in given]
        if len(files) > self.most:
            words = _("These are too many files. At most {most} can be attached.")
            raise forms.ValidationError(format_lazy(words, most=self.most), code="too_many")
        limit = self.limit or settings.UPLOAD_MAX_BYTES
        if sum(file.size for file in files) > limit:
            words = _("These files are too large. Together they may have {size}.")
            raise forms.ValidationError(format_lazy(words, size=filesizeformat(limit)), code="too_large")
        return files

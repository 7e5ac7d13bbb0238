from typing import Any, cast

from django.http import FileResponse, HttpRequest

from crm.pages.views import ObjectPage

from .models import StoredFile
from .responses import download


class FileDownload(ObjectPage):
    """A file, for whom it belongs to."""

    model = StoredFile
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> FileResponse:
        return download(cast(StoredFile, self.object))

from __future__ import annotations

from django.http import FileResponse, Http404

from .models import StoredFile


def download(file: StoredFile) -> FileResponse:
    """Send the file to be saved, never to be shown. The caller has asked the policy.

    A name outside ASCII travels as RFC 5987 has it (`filename*=utf-8''…`), which every browser reads.
    """
    try:
        opened = file.open()
    except FileNotFoundError as gone:
        raise Http404 from gone
    response = FileResponse(opened, as_attachment=True, filename=file.name, content_type=file.content_type)
    response["Content-Length"] = file.size
    response["X-Content-Type-Options"] = "nosniff"
    # Should a browser show it after all, it may not run or load anything.
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response

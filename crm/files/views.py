from django.http import FileResponse, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from crm.access.policy import policy_for

from .models import StoredFile
from .responses import download


@require_safe
def file_download(request: HttpRequest, pk: int) -> FileResponse:
    seen = policy_for(StoredFile).visible(request.membership, request.tenant.files.all())
    return download(get_object_or_404(seen, pk=pk))

"""For the machines that watch the server. Without session, language or transaction."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import checks, drain


@never_cache
@require_safe
@transaction.non_atomic_requests
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Whoever restarts it for a database that is gone makes things worse."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
@transaction.non_atomic_requests
def readyz(request: HttpRequest) -> JsonResponse:
    """Work can be done: {"ready": …, "database": …, "redis": …, "worker": …, "draining": …}, 503 when it cannot."""
    found = checks.results()
    draining = drain.is_draining()
    ready = all(found.values()) and not draining
    return JsonResponse({"ready": ready, **found, "draining": draining}, status=200 if ready else 503)

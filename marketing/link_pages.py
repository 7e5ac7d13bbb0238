"""What the links in a mail lead to. No login: the signed link says which mail it was in."""

from __future__ import annotations

import base64
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from crm.public.views import LinkPage

from .composing import SEND, TRIAL
from .hits import is_left_out, note_hit, subscribe_again, unsubscribe
from .models import Send

# One transparent dot.
_PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")


class SendPage(LinkPage):
    """A page of one mail."""

    kind = SEND
    model = Send
    send: Send

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.send = self._find()
        return super().dispatch(request, *args, **kwargs)

    def _find(self) -> Send:
        found = self.tenant.sends.filter(pk=self.token.pk).first() if self.token.pk else None
        if found is None:
            raise Http404
        return found


class OpenPixel(SendPage):
    """Loaded with the mail's pictures. A mail that is gone still gets its dot: nothing in a mail shall look broken."""

    def get(self, request: HttpRequest) -> HttpResponse:
        note_hit(send=self.send, link=None, method=request.method or "", headers=_lower(request))
        response = HttpResponse(_PIXEL, content_type="image/gif")
        response.headers["Cache-Control"] = "no-store, private"
        # Mail is read on other sites.
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response


class FollowLink(SendPage):
    """Counts, and leads on to where the campaign's own link leads: the address says only which one."""

    def get(self, request: HttpRequest, position: int) -> HttpResponse:
        link = self.tenant.campaignlinks.filter(campaign_id=self.send.campaign_id, position=position).first()
        if link is None:
            raise Http404
        note_hit(send=self.send, link=link, method=request.method or "", headers=_lower(request))
        response = HttpResponseRedirect(link.url)
        response.headers["Cache-Control"] = "no-store, private"
        return response


class Unsubscribe(SendPage):
    """Asks by GET and does by POST: programs that follow every link of a mail unsubscribe nobody."""

    template_name = "marketing/public/unsubscribe.html"
    title = _("Unsubscribe")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        if "again" in request.POST:
            subscribe_again(send=self.send)
        else:
            unsubscribe(send=self.send)
        return HttpResponseRedirect(request.path)

    def _page(self) -> HttpResponse:
        is_out = is_left_out(self.send.email)
        title = _("You are unsubscribed") if is_out else self.title
        return self.render(email=masked(self.send.email), is_out=is_out, title=title)


@method_decorator(csrf_exempt, name="dispatch")
class OneClick(SendPage):
    """RFC 8058: a mail provider posts on the person's behalf. It has no form of ours: the signed link is the proof."""

    def get(self, request: HttpRequest) -> HttpResponse:
        # For browsers that were led here.
        return HttpResponseRedirect("../unsubscribe/")

    def post(self, request: HttpRequest) -> HttpResponse:
        unsubscribe(send=self.send)
        return HttpResponse(status=204)


class Trial(LinkPage):
    """Where the unsubscribing of a trial mail leads."""

    kind = TRIAL
    template_name = "marketing/public/trial.html"
    title = _("Unsubscribe")

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render()


def masked(email: str) -> str:
    """Enough for the person to know it, and no more for whoever was passed the mail: "a…e@acme.example"."""
    local, _at, domain = email.partition("@")
    return f"{local[:1]}…{local[-1:] if len(local) > 2 else ''}@{domain}"


def _lower(request: HttpRequest) -> dict[str, str]:
    return {name.lower(): value for name, value in request.headers.items()}

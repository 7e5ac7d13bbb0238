"""The doors: sign-in, invitation, sessions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.views import LoginView as AllauthLoginView
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.contrib.auth import logout
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters

from crm.errors import CrmError, InvitationClosed
from crm.tenancy.models import Membership

from ..forms import NewAccountForm
from ..models import Invitation, Session, User
from ..operations import accept_invitation, accept_invitation_as_new
from ..signals import sign_in_refused


class LoginView(AllauthLoginView):
    def form_invalid(self, form) -> HttpResponse:
        response = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = 429
        elif form.has_error("__all__", "email_password_mismatch"):
            _after(response, partial(sign_in_refused.send, LoginView, email=form.cleaned_data["login"].lower()))
        return response


# Not in one transaction: an attempt counts at once, so that attempts made at the same moment see each other, and the
# slow hash of a password holds no lock.
login = transaction.non_atomic_requests(LoginView.as_view())


class InvitationPage(View):
    """What the link of an invitation opens: a new account, or joining with the account one has."""

    @method_decorator(sensitive_post_parameters("password1", "password2"))
    def dispatch(self, request: HttpRequest, token: str) -> HttpResponseBase:
        invitation = Invitation.objects.by_token(token)
        if invitation is None or not invitation.is_open:
            return render(request, "accounts/invitation_closed.html", status=410)
        self.invitation = invitation
        account = User.objects.filter(email=invitation.email).first()
        self.has_account = account is not None and account.has_usable_password()
        try:
            return super().dispatch(request, token)
        except InvitationClosed:
            # Used or withdrawn in another window just now.
            transaction.set_rollback(True)
            return render(request, "accounts/invitation_closed.html", status=410)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.show(None if self.has_account else NewAccountForm(invitation=self.invitation))

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        if self.has_account:
            return self.join(request)
        if request.user.is_authenticated:
            # Somebody else's session must not go on under the new account.
            logout(request)
        form = NewAccountForm(request.POST, invitation=self.invitation)
        if not form.is_valid():
            return self.show(form)
        membership = accept_invitation_as_new(
            self.invitation,
            name=form.cleaned_data["name"],
            password=form.cleaned_data["password1"],
            language=form.cleaned_data["language"],
        )
        return _sign_in(request, membership)

    def join(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect(f"{reverse('account_login')}?next={request.path}")
        try:
            membership = accept_invitation(self.invitation, user=request.user)
        except InvitationClosed:
            raise
        except CrmError as error:
            messages.error(request, str(error))
            return self.show(None)
        # Said in the tenant, where the next page is.
        request.tenant = membership.tenant  # type: ignore[attr-defined]  # set by the tenant's middleware elsewhere
        messages.success(request, _("Welcome to %(tenant)s.") % {"tenant": membership.tenant})
        return redirect(membership.tenant.get_absolute_url())

    def show(self, form: NewAccountForm | None) -> HttpResponse:
        context: dict[str, Any] = {
            "form": form,
            "invitation": self.invitation,
            "is_invited_person": self.request.user.is_authenticated
            and self.request.user.email == self.invitation.email,
        }
        return render(self.request, "accounts/invitation.html", context)


def _sign_in(request: HttpRequest, membership: Membership) -> HttpResponse:
    """Through allauth's stages, so that sessions, devices and mails are as after any other sign-in."""
    user, email = membership.user, membership.user.email
    record_authentication(request, user, method="password", email=email)
    return perform_login(request, Login(user=user, email=email, redirect_url=membership.tenant.get_absolute_url()))


def _after(response: HttpResponse, action: Callable[[], object]) -> None:
    """Do something once the server has sent the answer and closes it."""
    close = response.close

    def act_and_close() -> None:
        try:
            action()
        finally:
            close()

    response.close = act_and_close  # type: ignore[method-assign]  # Django offers no hook after the answer


class SessionList(ListUserSessionsView):
    """Where one is signed in. allauth keeps address and browser, our session when it was last used."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        keys = [session.session_key for session in context["sessions"]]
        seen = dict(Session.objects.filter(pk__in=keys).values_list("pk", "seen_at"))
        for session in context["sessions"]:
            session.seen_at = seen.get(session.session_key, session.last_seen_at)
        context["sessions"].sort(key=lambda session: (not session.is_current(), -session.seen_at.timestamp()))
        return context

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.functional import Promise, cached_property

from crm.errors import CrmError

from .. import submitted
from ..forms import TenantForm, TenantModelForm, errors_in_order
from .base import Crumb, ObjectPage


class ActionPage(ObjectPage):
    """One POST, one operation. A GET asks what the operation needs to know, or only whether to do it.

    class CustomerHandOver(ActionPage):
        model = Customer
        form = HandOverForm
        permission = "edit"
        label = _("Hand over")
        done = _("The customer was handed over.")

        def act(self, customer, data):
            return hand_over_customer(customer=customer, owner=data["owner"], user=self.request.user)
    """

    template_name = "generic/action.html"
    form: ClassVar[type[TenantForm] | type[TenantModelForm] | None] = None
    label: ClassVar[str | Promise] = ""
    question: ClassVar[str | Promise] = ""
    done: ClassVar[str | Promise] = ""
    is_dangerous: ClassVar[bool] = False
    # It adds something, so that doing it twice would be wrong: the form carries a token (crm/pages/submitted.py).
    adds: ClassVar[bool] = False
    lock = True

    def act(self, obj: Any, data: Mapping[str, Any]) -> Model | str | None:
        """Do it. Returns where to go: a record, an address, or None for the page of `obj`."""
        raise NotImplementedError

    def get_initial(self) -> dict[str, Any]:
        return {}

    @cached_property
    def bound_form(self) -> forms.BaseForm:
        form_class = self.form or TenantForm
        data = (self.request.POST, self.request.FILES) if self.request.method == "POST" else (None, None)
        return form_class(*data, membership=self.membership, initial=self.get_initial())

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.render()

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.bound_form.is_valid():
            return self.render(status=422)
        try:
            with transaction.atomic():
                sent = submitted.claim(self.token, self.membership) if self.token else None
                target = self.act(self.object, self.bound_form.cleaned_data)
                location = resolve_url(cast(Any, target) or self.get_success_url())
                if sent:
                    submitted.settle(sent, location)
        except submitted.AlreadySubmitted:
            return redirect(submitted.location_of(cast(UUID, self.token), self.membership) or self.get_success_url())
        except CrmError as error:
            self.bound_form.add_error(None, str(error))
            return self.render(status=422)
        if self.done:
            messages.success(request, str(self.done))
        return redirect(location)

    @cached_property
    def token(self) -> UUID | None:
        return submitted.read_token(self.request.POST.get(submitted.FIELD)) if self.adds else None

    @property
    def once(self) -> str:
        """For the form's hidden field; "" when it needs none."""
        return str(self.token or submitted.new_token()) if self.adds else ""

    def get_success_url(self) -> str:
        return self.url("detail", self.object) or self.url("list")

    def get_title(self) -> str:
        return str(self.title or self.label)

    def get_crumbs(self) -> list[Crumb]:
        return [*super().get_crumbs(), Crumb(str(self.label))]

    def get_context(self, **context: Any) -> dict[str, Any]:
        form = self.bound_form
        return super().get_context(form=form, errors=list(errors_in_order(form)), **context)

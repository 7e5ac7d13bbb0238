from __future__ import annotations

import copy
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.errors import CrmError, OutOfSight

from .. import submitted
from ..conflicts import BEGINNING, apply_choices, beginning_of, differences, is_stale
from ..forms import TenantModelForm, errors_in_order
from .base import Crumb, ObjectPage


class EditPage(ObjectPage):
    """Create (no `pk` in the address) and edit. Names `model` and `form`; `save` is where an app calls its operation.

    An edit locks the row and compares its version with the one the form was opened with. When they differ nothing is
    saved: the conflict page shows both, and the person chooses field by field.
    """

    template_name = "generic/form.html"
    conflict_template = "generic/conflict.html"
    form: ClassVar[type[TenantModelForm]]
    lock = True

    @property
    def is_new(self) -> bool:
        return "pk" not in self.kwargs

    @property
    def permission(self) -> str:  # type: ignore[override]  # two pages in one: which right is asked depends on the address
        return "create" if self.is_new else "edit"

    @cached_property
    def object(self) -> Model:
        return self.model() if self.is_new else super().object

    def check_access(self) -> None:
        if not self.policy.allows(self.membership, self.permission, None if self.is_new else self.object):
            raise PermissionDenied

    def save(self, form: TenantModelForm) -> Model:
        """Save and return the record. An operation that is called here instead raises `version` by one itself."""
        obj = form.save(commit=False)
        if self.is_new:
            obj.save()
            return obj
        obj.version += 1
        changed = {*form.field_names(), "version"}
        if any(field.name == "updated_at" for field in obj._meta.concrete_fields):
            obj.updated_at = timezone.now()
            changed.add("updated_at")
        obj.save(update_fields=changed)
        return obj

    def get_initial(self) -> dict[str, Any]:
        """For a new record: what the address says, as in `new/?customer=7`."""
        return {name: value for name, value in self.request.GET.items() if name in self.form.base_fields}

    # Handlers

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self._form()
        return self._page(form, once=submitted.new_token())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self._create() if self.is_new else self._edit()

    def _create(self) -> HttpResponse:
        token = submitted.read_token(self.request.POST.get(submitted.FIELD))
        form = self._form(self.request.POST)
        if form.is_valid():
            response = self._saved_once(form, token)
            if response:
                return response
        # The first of two sendings may be why the second is refused ("there is already such a customer").
        location = submitted.location_of(token, self.membership) if token else ""
        return redirect(location) if location else self._page(form, status=422, once=token or submitted.new_token())

    def _saved_once(self, form: TenantModelForm, token) -> HttpResponse | None:
        """Create, or None: the form then says why not, or another request with this token has done it."""
        try:
            with transaction.atomic():
                sent = submitted.claim(token, self.membership) if token else None
                obj = self._save_and_check(form)
                location = self.get_success_url(obj)
                if sent:
                    submitted.settle(sent, location)
        except submitted.AlreadySubmitted:
            return None
        except IntegrityError:
            self._say_what_is_taken(form)
            return None
        except CrmError as error:
            form.add_error(None, str(error))
            return None
        messages.success(self.request, _("“%(name)s” was created.") % {"name": obj})
        return redirect(self.request.path if "again" in self.request.POST else location)

    def _edit(self) -> HttpResponse:
        current = copy.copy(self.object)
        form = self._form(self.request.POST)
        apply_choices(form, self.request.POST)
        if is_stale(form, current):
            return self._conflict(form, current)
        if form.is_valid():
            try:
                with transaction.atomic():
                    obj = self._save_and_check(form)
                messages.success(self.request, _("“%(name)s” was saved.") % {"name": obj})
                return redirect(self.get_success_url(obj))
            except IntegrityError:
                self._say_what_is_taken(form)
            except CrmError as error:
                form.add_error(None, str(error))
        self.__dict__["object"] = current
        return self._page(form, status=422)

    def _say_what_is_taken(self, form: TenantModelForm) -> None:
        """Somebody was faster with what only one may have. Judged again, the form says so; else it is a fault."""
        form.validate_unique()
        if not form.errors:
            raise

    def _save_and_check(self, form: TenantModelForm) -> Model:
        obj = self.save(form)
        # Asked again of what was saved: nobody may write a record out of their own sight, or into a right they lack.
        if not self.policy.may(self.membership, self.permission, obj):
            raise OutOfSight
        return obj

    def _conflict(self, form: TenantModelForm, current: Model) -> HttpResponse:
        theirs = self.form(membership=self.membership, instance=current)
        found = differences(form, theirs)
        self.__dict__["object"] = current
        return self.render(
            status=409,
            template=self.conflict_template,
            differences=found,
            sent=[(key, value) for key, values in self.request.POST.lists() for value in values if _is_typed(key)],
            version=current.version,  # type: ignore[attr-defined]
            beginning=beginning_of(theirs),
        )

    def _form(self, data=None) -> TenantModelForm:
        files = self.request.FILES if data is not None else None
        initial = self.get_initial() if self.is_new else None
        return self.form(data, files, instance=self.object, initial=initial, membership=self.membership)

    def _page(self, form: TenantModelForm, status: int = 200, **context: Any) -> HttpResponse:
        beginning = "" if self.is_new else self.request.POST.get(BEGINNING) or beginning_of(form)
        return self.render(status=status, form=form, errors=list(errors_in_order(form)), beginning=beginning, **context)

    # What the template asks

    def get_success_url(self, obj: Model) -> str:
        return self.url("detail", obj) or self.url("list")

    def get_title(self) -> str:
        if self.is_new:
            return str(self.title) or _("New %(kind)s") % {"kind": self.kind_label}
        return _("Edit “%(name)s”") % {"name": self.object}

    def get_crumbs(self) -> list[Crumb]:
        if self.is_new:
            return [*super(ObjectPage, self).get_crumbs(), Crumb(_("New"))]
        return [*super().get_crumbs(), Crumb(_("Edit"))]

    @property
    def back_url(self) -> str:
        return self.url("list") if self.is_new else self.get_success_url(self.object)


def _is_typed(key: str) -> bool:
    """Whether the conflict page carries it on: what was typed, not what this page says anew."""
    return key not in {"csrfmiddlewaretoken", "version", BEGINNING} and not key.startswith("keep-")

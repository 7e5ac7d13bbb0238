"""What all pages share: who asks, whether they may, and how a refusal looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise, cached_property
from django.utils.text import capfirst
from django.views import View

from crm.access.policy import Policy, policy_for
from crm.errors import CrmError
from crm.tenancy.models import Membership, Tenant

from ..request import MemberRequest
from .errors import refused


@dataclass(frozen=True, slots=True)
class Crumb:
    label: str
    url: str = ""


class MemberPage(View):
    """A page below /t/<slug>/ that belongs to no kind of record."""

    template_name: str
    title: str | Promise = ""
    request: MemberRequest
    tenant: Tenant
    membership: Membership

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if request.membership is None:
            raise Http404
        self.tenant, self.membership = request.tenant, request.membership

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.check_access()
            return super().dispatch(request, *args, **kwargs)
        except CrmError as error:
            response = refused(request, error)
            # Nothing half-written. After rendering, because from here on the database answers no more.
            transaction.set_rollback(True)
            return response

    def check_access(self) -> None:
        """Raise PermissionDenied (403) or Http404 before any handler runs."""

    def get_title(self) -> str:
        return str(self.title)

    def get_crumbs(self) -> list[Crumb]:
        return []

    def get_context(self, **context: Any) -> dict[str, Any]:
        return {"page": self, "title": self.get_title(), "crumbs": self.get_crumbs()} | context

    def render(self, status: int = 200, template: str = "", **context: Any) -> HttpResponse:
        return render(self.request, template or self.template_name, self.get_context(**context), status=status)


class Page(MemberPage):
    """A page of a kind of record. `permission` is the policy's action, asked before any handler runs."""

    model: ClassVar[type[Model]]
    permission: ClassVar[str] = "view"
    # The part of URL names between namespace and verb, when it is not the model's name.
    url_stem: ClassVar[str] = ""

    @cached_property
    def policy(self) -> Policy:
        return policy_for(self.model)

    def check_access(self) -> None:
        if not self.policy.allows(self.membership, self.permission):
            raise PermissionDenied

    def get_queryset(self) -> QuerySet:
        """The rows this page is about. Begin at the tenant; what the member may see is cut out by the page family."""
        return self.model._default_manager.all()

    def visible(self) -> QuerySet:
        return self.policy.visible(self.membership, self.get_queryset())

    @classmethod
    def url_name(cls, verb: str) -> str:
        meta = cls.model._meta
        return f"{meta.app_label}:{cls.url_stem or meta.model_name}_{verb}"

    @classmethod
    def url(cls, verb: str, obj: Model | None = None) -> str:
        """The address of another page of this kind, or "" when the kind has none."""
        try:
            return reverse(cls.url_name(verb), args=[obj.pk] if obj is not None else [])
        except NoReverseMatch:
            return ""

    def url_if_allowed(self, verb: str, permission: str = "", obj: Model | None = None) -> str:
        return self.url(verb, obj) if self.policy.allows(self.membership, permission or verb, obj) else ""

    @property
    def kind_label(self) -> str:
        """The kind's name as it stands inside a sentence."""
        return str(self.model._meta.verbose_name)

    @property
    def kinds_label(self) -> str:
        return capfirst(str(self.model._meta.verbose_name_plural))

    def get_crumbs(self) -> list[Crumb]:
        url = self.url("list")
        return [Crumb(self.kinds_label, url)] if url else []


@dataclass(frozen=True, slots=True)
class PageAction:
    """A button of a detail page: another page of the kind, by its verb. `permission` is the verb when left out.

    What is wanted rarely (`is_rare`) waits in the menu at the end.
    """

    verb: str
    label: str | Promise
    icon: str = ""
    permission: str = ""
    is_primary: bool = False
    is_dangerous: bool = False
    is_rare: bool = False


@dataclass(frozen=True, slots=True)
class Button:
    """A PageAction for one object and member."""

    label: str
    url: str
    icon: str
    is_primary: bool
    is_dangerous: bool
    is_rare: bool


class ObjectPage(Page):
    """A page of one record. Out of sight is 404; in sight but not permitted is 403."""

    lock: ClassVar[bool] = False

    @cached_property
    def object(self) -> Model:
        rows = self.visible()
        if self.lock and self.request.method == "POST":
            # The lock comes before judging: two people may press the button at once.
            rows = rows.select_for_update(of=("self",))
        obj = rows.filter(pk=self.kwargs["pk"]).first()
        if obj is None:
            raise Http404
        return obj

    def check_access(self) -> None:
        if not self.policy.allows(self.membership, self.permission, self.object):
            raise PermissionDenied

    def get_title(self) -> str:
        return str(self.title or self.object)

    def get_crumbs(self) -> list[Crumb]:
        return [*super().get_crumbs(), Crumb(str(self.object), self.url("detail", self.object))]

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(object=self.object, **context)

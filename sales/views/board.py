"""The board: deals as cards, by stage. It reads and moves without scripts too; they make it quick."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from crm.access.policy import Policy, policy_for
from crm.accounts.models import User
from crm.errors import CrmError
from crm.pages.filters import ME, NOBODY, members_of
from crm.pages.ids import is_id
from crm.pages.views.base import ObjectPage, Page

from ..board import Column, Owners, columns, more_cards
from ..cards import cards
from ..forms.deals import DealMoveForm, WhyLostForm
from ..models import Deal, Pipeline, Stage
from ..operations.deals import move_deal


class _BoardPage(Page):
    """What all of the board is asked: whose deals, and for the whole of it, of which pipeline."""

    model: ClassVar[type[Model]] = Deal

    @cached_property
    def deals(self) -> Policy:
        return policy_for(Deal)

    @cached_property
    def pipelines(self) -> list[Pipeline]:
        return list(self.tenant.pipelines.active().in_order())

    @cached_property
    def pipeline(self) -> Pipeline | None:
        asked = self.request.GET.get("pipeline", "")
        if not asked:
            return next(iter(self.pipelines), None)
        found = next((one for one in self.pipelines if str(one.pk) == asked), None)
        if found is None:
            raise Http404
        return found

    @property
    def owner(self) -> str:
        return self.request.GET.get("owner", "")

    @cached_property
    def owners(self) -> Owners:
        if self.owner == ME:
            return Owners.seen_by(self.membership, self.membership.user_id)
        if self.owner == NOBODY:
            return Owners.seen_by(self.membership, unowned=True)
        if self.owner and not is_id(self.owner):
            raise Http404
        return Owners.seen_by(self.membership, int(self.owner) if self.owner else None)

    @property
    def may_move(self) -> bool:
        return self.deals.allows(self.membership, "edit")

    def get_context(self, **context: Any) -> dict[str, Any]:
        return super().get_context(owner=self.owner, may_move=self.may_move, **context)


class Board(_BoardPage):
    template_name = "sales/board.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        found = columns(self.pipeline, self.membership, self.owners) if self.pipeline else []
        return self.render(
            columns=found,
            pipeline=self.pipeline,
            pipelines=self.pipelines,
            people=self._people(),
            lost_form=WhyLostForm(membership=self.membership) if self.may_move else None,
        )

    def get_title(self) -> str:
        return _("Board")

    def get_crumbs(self):
        return []

    def _people(self) -> list[User]:
        """Whom one may ask for: the people whose deals one sees."""
        seen = self.owners_seen
        people: QuerySet[User] = members_of(self.tenant)
        return list(people if seen is None else people.filter(pk__in=seen))

    @property
    def owners_seen(self) -> list[int] | None:
        return self.deals.people(self.membership)

    @property
    def create_url(self) -> str:
        return self.url_if_allowed("create")


class BoardStage(_BoardPage, ObjectPage):
    """A part of the board: a whole column anew, or with `after` the cards behind the last one."""

    model = Stage

    def get_queryset(self):
        return self.tenant.stages.select_related("pipeline")

    def check_access(self) -> None:
        super().check_access()
        if not self.deals.allows(self.membership, "view"):
            raise PermissionDenied

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        stage = cast(Stage, self.object)
        after = request.GET.get("after", "")
        if is_id(after):
            column = more_cards(stage, self.membership, self.owners, after=int(after))
            return self.render(template="sales/board.html#cards", column=column)
        column = next(iter(columns(stage.pipeline, self.membership, self.owners, of=[stage.pk])), Column(stage))
        return self.render(template="sales/board.html#column", column=column)


class BoardMove(_BoardPage, ObjectPage):
    """One card goes to another place. Answers with what has changed on the board, or with why it stays."""

    permission = "edit"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        deal = cast(Deal, self.object)
        form = DealMoveForm(request.POST, membership=self.membership)
        if not form.is_valid():
            problems = [str(error) for errors in form.errors.values() for error in errors]
            return JsonResponse({"message": " ".join(problems)}, status=422)
        data = form.cleaned_data
        try:
            moved = move_deal(
                deal=deal,
                stage=data["stage"],
                user=cast(User, request.user),
                seen_in=data["seen_in"],
                above=data["above"],
                lost_reason=data["lost_reason"],
            )
        except CrmError as error:
            return JsonResponse({"message": str(error), **error.details}, status=409)
        return JsonResponse(
            {
                "message": _("“%(deal)s” is in “%(stage)s” now.") % {"deal": moved, "stage": moved.stage},
                "heads": self._heads(moved, {moved.stage_id, data["seen_in"] or moved.stage_id}),
                "card": cards([self._with_names(moved)], may_move=True),
            }
        )

    def _heads(self, deal: Deal, stages: set[int]) -> dict[int, str]:
        found = columns(deal.pipeline, self.membership, self.owners, of=stages, with_cards=False)
        return {column.stage.pk: self._part("head", column=column) for column in found}

    def _with_names(self, deal: Deal) -> Deal:
        return Deal.objects.select_related("customer", "owner").get(pk=deal.pk)

    def _part(self, name: str, **context: Any) -> str:
        context = self.get_context(**context)
        return render_to_string(f"sales/board.html#{name}", context, request=self.request)

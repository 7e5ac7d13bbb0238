from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from crm.imports.registry import Computed, Derived, FieldType, ImportField, ImportKind, MatchKey, Search, register
from crm.imports.values import fold
from crm.search.tokens import name_sort
from crm.tenancy.models import Tenant
from customers.imports import NOTE_WORDS, customer_fields

from ..choices.defaults import STAGES
from ..choices.pipelines import DealStatus
from ..models import Deal, LostReason, Stage
from ..operations.imported import settle_imported, tell_moves
from ..search import index_deals

_ENDS = {
    DealStatus.WON: ("won", "closed won", "win", "赢单", "已赢单", "成交", "已成交", "签约", "成功"),
    DealStatus.LOST: ("lost", "closed lost", "输单", "已输单", "丢单", "失败", "流失"),
}


def stage_words() -> Mapping[str, Iterable[str]]:
    """{id of a stage: the words that mean it}. A word that fits several means the one of the first pipeline.

    Besides its name, a stage has the names that it has by default in the other language; and the first stage for won
    deals, or for lost ones, is meant by everything that people call it.
    """
    words: dict[str, Stage] = {}
    stages = list(Stage.objects.in_use().select_related("pipeline"))
    for stage in stages:
        for word in (stage.name, f"{stage.pipeline.name}: {stage.name}", f"{stage.pipeline.name} / {stage.name}"):
            words.setdefault(fold(word), stage)
    for stage in stages:
        for word in _default_names().get(fold(stage.name), ()):
            words.setdefault(word, stage)
        for word in _ENDS.get(DealStatus(stage.kind), ()):
            words.setdefault(fold(word), stage)
    found: dict[str, list[str]] = {str(stage.pk): [] for stage in stages}
    for word, stage in words.items():
        found[str(stage.pk)].append(word)
    return found


def _default_names() -> dict[str, set[str]]:
    """{the name of a default stage in one language: its names in all of them}"""
    names: dict[str, set[str]] = {}
    for stage in STAGES:
        all_of_it = set()
        for language, _name in settings.LANGUAGES:
            with override(language):
                all_of_it.add(fold(str(stage.name)))
        names |= dict.fromkeys(all_of_it, all_of_it)
    return names


def lost_reason_words() -> Mapping[str, Iterable[str]]:
    return {str(pk): [name] for pk, name in LostReason.objects.values_list("pk", "name")}


def _first_stage(tenant: Tenant) -> int:
    return Stage.objects.first_open().pk


def _first_pipeline(tenant: Tenant) -> int:
    return Stage.objects.first_open().pipeline_id


def _currency(tenant: Tenant) -> str:
    return tenant.currency


DEALS = register(
    ImportKind(
        kind="deals",
        model=Deal,
        label=_("Deals"),
        fields=(
            ImportField(
                "name",
                _("Name"),
                required=True,
                words=(
                    "名称",
                    "商机",
                    "商机名称",
                    "项目",
                    "项目名称",
                    "deal",
                    "deal name",
                    "opportunity",
                    "opportunity name",
                    "title",
                ),
            ),
            # Known or not, the deal counts: what cannot be found is told, and left out.
            *(replace(one, forgiving=True) for one in customer_fields(required=False)),
            ImportField(
                "product",
                _("Product"),
                type=FieldType.REFERENCE,
                to="products",
                by="name",
                words=("产品", "产品名称", "商品", "意向产品", "product name", "item"),
                forgiving=True,
            ),
            ImportField(
                "stage",
                _("Stage"),
                type=FieldType.CHOICE,
                options=stage_words,
                words=("阶段", "商机阶段", "销售阶段", "状态", "deal stage", "sales stage", "stage name", "status"),
            ),
            ImportField(
                "amount",
                _("Amount"),
                type=FieldType.MONEY,
                words=(
                    "金额",
                    "商机金额",
                    "预计金额",
                    "成交金额",
                    "deal amount",
                    "value",
                    "deal value",
                    "close value",
                    "revenue",
                    "expected revenue",
                ),
            ),
            ImportField(
                "owner",
                _("Owner"),
                type=FieldType.MEMBER,
                words=(
                    "负责人",
                    "归属人",
                    "业务员",
                    "销售",
                    "销售人员",
                    "deal owner",
                    "sales agent",
                    "sales rep",
                    "agent",
                    "assigned to",
                ),
                permission="assign",
                forgiving=True,
            ),
            ImportField(
                "opened_on",
                _("Begun on"),
                type=FieldType.DATE,
                words=("开始时间", "立项日期", "begun", "engage date", "start date", "opened", "open date"),
            ),
            ImportField(
                "expected_close_on",
                _("Expected to close"),
                type=FieldType.DATE,
                words=(
                    "预计成交日期",
                    "预计成交",
                    "预计签约日期",
                    "expected close date",
                    "expected close",
                    "forecast date",
                ),
            ),
            ImportField(
                "closed_at",
                _("Closed on"),
                type=FieldType.DATETIME,
                words=(
                    "成交日期",
                    "成交时间",
                    "关闭日期",
                    "结束日期",
                    "close date",
                    "closed at",
                    "closed on",
                    "closing date",
                ),
            ),
            ImportField(
                "lost_reason",
                _("Lost reason"),
                type=FieldType.CHOICE,
                options=lost_reason_words,
                words=("输单原因", "丢单原因", "失败原因", "loss reason", "closed lost reason"),
                forgiving=True,
            ),
            ImportField("lost_note", _("Why it was lost"), words=("输单说明", "loss note")),
            ImportField("note", _("Note"), words=NOTE_WORDS),
            ImportField(
                "external_id",
                _("External number"),
                words=("编号", "商机编号", "项目编号", "id", "deal id", "opportunity id", "opportunity_id", "number"),
            ),
        ),
        keys=(MatchKey("external_id", ("external_id",), _("External number")),),
        derived=(Derived("name_sort", source="name", compute=name_sort),),
        # Where no column names the deal, its product does.
        computed=(
            Computed("name", sources=("product",), compute=str),
            Computed("name_sort", sources=("product",), compute=name_sort),
        ),
        search=Search(reindex=index_deals, fields=("name", "customer")),
        owner="owner",
        author="created_by",
        defaults={"stage": _first_stage, "pipeline": _first_pipeline, "currency": _currency},
        changed=tell_moves,
        written=settle_imported,
    )
)

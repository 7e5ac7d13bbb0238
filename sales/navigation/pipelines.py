"""Pipelines and lost reasons among what administrators and managers arrange."""

from django.utils.translation import gettext_lazy as _

from crm.pages.navigation import Entry, register

from ..models import LostReason, Pipeline

register(
    Entry(
        "sales:pipeline_list",
        _("Pipelines"),
        icon="route",
        section="administration",
        order=62,
        needs=(Pipeline, "edit"),
        words="pipelines stages xiaoshou liucheng jieduan 销售流程 阶段",
    ),
    Entry(
        "sales:lostreason_list",
        _("Lost reasons"),
        icon="mood-sad",
        section="administration",
        order=64,
        needs=(LostReason, "edit"),
        words="lost reasons shudan yuanyin 输单原因",
    ),
)

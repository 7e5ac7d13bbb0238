"""What can be imported: what advertisements came to. docs/import.md tells how a kind is declared."""

from django.utils.translation import gettext_lazy as _

from crm.imports.registry import FieldType, ImportField, ImportKind, register
from customers.imports import customer_fields

from .models import CampaignResult

RESULTS = register(
    ImportKind(
        kind="campaign_results",
        model=CampaignResult,
        label=_("Campaign results"),
        fields=(
            *customer_fields(words=("name", "姓名", "名称", "客户姓名")),
            ImportField(
                "ad",
                _("Advertisement"),
                required=True,
                words=("广告", "广告名称", "活动", "活动名称", "营销活动", "ad", "advert", "campaign", "campaign name"),
            ),
            ImportField(
                "result_on",
                _("Day"),
                type=FieldType.DATE,
                words=("日期", "时间", "投放日期", "date", "day", "sent on"),
            ),
            ImportField(
                "result",
                _("Result"),
                type=FieldType.CHOICE,
                required=True,
                words=("结果", "效果", "状态", "outcome", "status", "response"),
                more={
                    "success": ("成功", "有效", "转化", "成交", "yes", "y", "1", "won", "converted", "successful"),
                    "failure": (
                        "失败",
                        "无效",
                        "未转化",
                        "未成交",
                        "no",
                        "n",
                        "0",
                        "lost",
                        "failure",
                        "failed",
                        "fail",
                    ),
                },
            ),
            ImportField("note", _("Note"), words=("备注", "说明", "note", "notes", "remark", "comment")),
        ),
    )
)

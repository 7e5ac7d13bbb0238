"""Marketing in the sidebar, on the first page, and on a customer's page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.access.roles import Role
from crm.pages.navigation import Entry, register
from crm.pages.related import Related, register_related
from crm.pages.request import MemberRequest
from crm.pages.views.home import Panel, register_panel
from customers.models import Customer

from .cards import drafts, mails_of, own_campaigns
from .models import Campaign, CampaignResult, EmailTemplate, Segment, Send, Suppression

register(
    Entry(
        "marketing:campaign_list",
        _("Campaigns"),
        icon="speakerphone",
        section="marketing",
        order=10,
        needs=(Campaign, "view"),
        words="campaigns mailing newsletter yingxiao huodong 营销 活动 群发 邮件",
    ),
    Entry(
        "marketing:segment_list",
        _("Segments"),
        icon="users-group",
        section="marketing",
        order=20,
        needs=(Segment, "view"),
        words="segments audience groups renqun 人群 分群 圈选",
    ),
    Entry(
        "marketing:template_list",
        _("E-mail templates"),
        icon="template",
        section="marketing",
        order=30,
        needs=(EmailTemplate, "view"),
        words="templates mails moban 模板 邮件模板",
    ),
    Entry(
        "marketing:result_list",
        _("Campaign results"),
        icon="target-arrow",
        section="marketing",
        order=40,
        needs=(CampaignResult, "view"),
        words="results advertisements ads guanggao xiaoguo 广告 效果 结果",
    ),
    Entry(
        "marketing:suppression_list",
        _("Suppressed addresses"),
        icon="ban",
        section="marketing",
        order=50,
        needs=(Suppression, "view"),
        words="unsubscribed bounced suppression tuiding 退订 黑名单",
    ),
    Entry(
        "marketing:recipient_list",
        _("Recipients"),
        icon="mail",
        section="marketing",
        order=60,
        needs=(Send, "view"),
        places=("palette",),
        words="recipients sent ledger shoujianren 收件人 发送记录",
    ),
    Entry(
        "marketing:campaign_create",
        _("New campaign"),
        icon="speakerphone",
        section="marketing",
        order=11,
        needs=(Campaign, "create"),
        places=("create",),
    ),
    Entry(
        "marketing:segment_create",
        _("New segment"),
        icon="users-group",
        section="marketing",
        order=21,
        needs=(Segment, "create"),
        places=("create",),
    ),
    Entry(
        "marketing:template_create",
        _("New e-mail template"),
        icon="template",
        section="marketing",
        order=31,
        needs=(EmailTemplate, "create"),
        places=("palette",),
    ),
)


def does_marketing(request: MemberRequest) -> bool:
    """The first page of those whose work it is; an administrator has a menu."""
    return request.membership.has_role(Role.MARKETER)


register_panel(
    Panel(
        "marketing.campaigns",
        _("Campaigns"),
        "marketing/panels/campaigns.html",
        own_campaigns,
        needs=does_marketing,
        order=15,
        is_wide=True,
    )
)
register_panel(
    Panel("marketing.drafts", _("Drafts"), "marketing/panels/drafts.html", drafts, needs=does_marketing, order=25)
)
register_related(
    Customer,
    Related("campaigns", _("Campaigns"), "marketing/cards/customer.html", mails_of, needs=(Send, "view"), order=60),
)

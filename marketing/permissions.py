from crm.access.policy import FollowsPolicy, TenantWidePolicy
from crm.access.roles import Role

from .models import Campaign, CampaignResult, EmailTemplate, Segment, Send, Suppression

MARKETING = {Role.ADMIN, Role.MARKETER}
REPORTING = MARKETING | {Role.SALES_MANAGER, Role.ANALYST}


class SegmentPolicy(TenantWidePolicy):
    kind = "segments"
    model = Segment
    grants = {"view": Role, "create": MARKETING, "edit": MARKETING, "delete": MARKETING, "export": REPORTING}


class EmailTemplatePolicy(TenantWidePolicy):
    kind = "email_templates"
    model = EmailTemplate
    grants = {
        "view": MARKETING | {Role.SALES_MANAGER, Role.ANALYST, Role.READER},
        "create": MARKETING,
        "edit": MARKETING,
        "delete": MARKETING,
        "test": MARKETING,
        "export": MARKETING,
    }


class CampaignPolicy(TenantWidePolicy):
    kind = "campaigns"
    model = Campaign
    grants = {
        "view": Role,
        "create": MARKETING,
        "edit": MARKETING,
        "delete": MARKETING,
        "copy": MARKETING,
        "test": MARKETING,
        "send": MARKETING,
        "unschedule": MARKETING,
        "pause": MARKETING,
        "resume": MARKETING,
        "cancel": MARKETING,
        "export": REPORTING,
    }


class SendPolicy(FollowsPolicy):
    """Who got a mail is seen by whoever sees the customer."""

    kind = "recipients"
    model = Send
    follows = "customer"
    grants = {"view": REPORTING | {Role.SALES, Role.READER}, "export": REPORTING}


class SuppressionPolicy(TenantWidePolicy):
    kind = "suppressions"
    model = Suppression
    grants = {
        "view": REPORTING | {Role.SUPPORT_LEAD, Role.SUPPORT},
        "create": MARKETING | {Role.SUPPORT_LEAD, Role.SUPPORT},
        "delete": MARKETING,
        "export": MARKETING,
    }


class CampaignResultPolicy(FollowsPolicy):
    kind = "campaign_results"
    model = CampaignResult
    follows = "customer"
    grants = {
        "view": Role,
        "create": MARKETING | {Role.SALES_MANAGER, Role.SALES},
        "edit": MARKETING | {Role.SALES_MANAGER, Role.SALES},
        "delete": MARKETING | {Role.SALES_MANAGER},
        "import": MARKETING | {Role.SALES_MANAGER},
        "export": REPORTING,
    }


POLICIES = (
    SegmentPolicy,
    EmailTemplatePolicy,
    CampaignPolicy,
    SendPolicy,
    SuppressionPolicy,
    CampaignResultPolicy,
)

from django.urls import include, path

from crm.pages.views import page_urls

from .views import campaigns, recipients, results, segments, suppressions, templates

app_name = "marketing"
urlpatterns = [
    path("segments/conditions/", segments.SegmentConditions.as_view(), name="segment_conditions"),
    path(
        "segments/",
        include(
            page_urls(
                "segment",
                list=segments.SegmentList,
                detail=segments.SegmentDetail,
                edit=segments.SegmentEdit,
                delete=segments.SegmentDelete,
            )
        ),
    ),
    path(
        "templates/",
        include(
            page_urls(
                "template",
                list=templates.TemplateList,
                detail=templates.TemplateDetail,
                edit=templates.TemplateEdit,
                delete=templates.TemplateDelete,
                actions={"mail": templates.TemplateMail, "trial": templates.TemplateTrial},
            )
        ),
    ),
    path(
        "campaigns/",
        include(
            page_urls(
                "campaign",
                list=campaigns.CampaignList,
                detail=campaigns.CampaignDetail,
                edit=campaigns.CampaignEdit,
                delete=campaigns.CampaignDelete,
                actions={
                    "mail": campaigns.CampaignMail,
                    "trial": campaigns.CampaignTrial,
                    "send": campaigns.CampaignSend,
                    "unschedule": campaigns.CampaignUnschedule,
                    "pause": campaigns.CampaignPause,
                    "resume": campaigns.CampaignResume,
                    "cancel": campaigns.CampaignCancel,
                    "copy": campaigns.CampaignCopy,
                },
            )
        ),
    ),
    path("recipients/", include(page_urls("recipient", list=recipients.RecipientList))),
    path(
        "suppressions/",
        include(
            page_urls(
                "suppression",
                list=suppressions.SuppressionList,
                create=suppressions.SuppressionCreate,
                detail=suppressions.SuppressionDetail,
                delete=suppressions.SuppressionDelete,
            )
        ),
    ),
    path(
        "results/",
        include(
            page_urls(
                "result",
                list=results.ResultList,
                detail=results.ResultDetail,
                edit=results.ResultEdit,
                delete=results.ResultDelete,
            )
        ),
    ),
]

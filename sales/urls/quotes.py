from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from crm.pages.views import page_urls

from ..views import quote_settings, quotes

urlpatterns: list[URLPattern | URLResolver] = [
    path("sales/quotes/lines/", quotes.QuoteLines.as_view(), name="quote_lines"),
    path(
        "sales/quotes/",
        include(
            page_urls(
                "quote",
                list=quotes.QuoteList,
                detail=quotes.QuoteDetail,
                edit=quotes.QuoteEdit,
                delete=quotes.QuoteDelete,
                actions={
                    "pdf": quotes.QuotePdf,
                    "send": quotes.QuoteSend,
                    "accept": quotes.QuoteAccept,
                    "decline": quotes.QuoteDecline,
                    "reopen": quotes.QuoteReopen,
                    "revise": quotes.QuoteRevise,
                    "duplicate": quotes.QuoteDuplicate,
                    "assign": quotes.QuoteAssign,
                },
            )
        ),
    ),
    path("settings/quotes/", quote_settings.QuoteSettingsEdit.as_view(), name="quote_settings"),
    # How people type them.
    path("quotes/", RedirectView.as_view(pattern_name="sales:quote_list", query_string=True)),
]

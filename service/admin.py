from crm.console.records import RecordAdmin
from crm.console.sites import tenant_site

from .models import InboundMail


class InboundMailAdmin(RecordAdmin):
    """Without the bytes: a list of them would read gigabytes."""

    def get_queryset(self, request):
        return super().get_queryset(request).defer("raw")


tenant_site.register(InboundMail, InboundMailAdmin)

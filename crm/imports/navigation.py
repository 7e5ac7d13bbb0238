from django.utils.translation import gettext_lazy as _

from crm.pages.navigation import Entry, register

from .models import Import

register(
    Entry(
        "imports:import_list",
        _("Imports"),
        icon="upload",
        section="work",
        order=70,
        needs=(Import, "view"),
        words="imports csv excel upload daoru 导入 上传 表格",
    )
)

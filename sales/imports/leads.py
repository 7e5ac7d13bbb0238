from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from crm.imports.registry import FieldType, ImportField, ImportKind, MatchKey, Search, register
from crm.search.tokens import document
from customers.choices import CustomerSource
from customers.imports import EMAIL_WORDS, NAME, NOTE_WORDS, PHONE_WORDS
from customers.normalise import email_address, phone_digits

from ..choices.leads import LeadStatus
from ..models import Lead, LeadSearch
from ..querysets.leads import OPEN
from ..search import index_leads


def status_words() -> dict[str, list[str]]:
    """Open ones, in both languages; what a lead has become is said by converting it, which a file cannot."""
    more = {
        LeadStatus.NEW: ["new", "新建", "新线索", "未跟进", "未处理", "open"],
        LeadStatus.WORKING: ["in contact", "contacted", "working", "跟进中", "已联系", "联系中", "nurturing"],
        LeadStatus.QUALIFIED: ["qualified", "合格", "已确认", "有意向", "hot"],
    }
    return {str(status): [*more[status], str(status.label)] for status in OPEN}


LEADS = register(
    ImportKind(
        kind="leads",
        model=Lead,
        label=_("Leads"),
        fields=(
            ImportField(
                "name",
                _("Name"),
                required=True,
                words=(
                    "姓名",
                    "名称",
                    "线索",
                    "线索名称",
                    "联系人",
                    "lead",
                    "lead name",
                    "full name",
                    "contact",
                    "contact name",
                ),
            ),
            ImportField(
                "company",
                _("Company"),
                words=(
                    "公司",
                    "公司名称",
                    "单位",
                    "企业名称",
                    "客户名称",
                    "company name",
                    "organisation",
                    "organization",
                    "account",
                ),
            ),
            ImportField("title", _("Job title"), words=("职位", "职务", "头衔", "position", "title", "role")),
            ImportField("phone", _("Phone"), type=FieldType.PHONE, clean=phone_digits, words=PHONE_WORDS),
            ImportField("email", _("E-mail"), type=FieldType.EMAIL, clean=email_address, words=EMAIL_WORDS),
            ImportField("wechat", _("WeChat"), words=("微信", "微信号", "wechat id")),
            ImportField(
                "status",
                _("Status"),
                type=FieldType.CHOICE,
                options=status_words,
                words=("状态", "线索状态", "跟进状态", "lead status"),
            ),
            ImportField(
                "source",
                _("Source"),
                type=FieldType.CHOICE,
                words=("来源", "线索来源", "渠道", "lead source", "lead origin", "channel"),
                forgiving=True,
            ),
            ImportField(
                "owner",
                _("Owner"),
                type=FieldType.MEMBER,
                words=("负责人", "归属人", "业务员", "销售", "lead owner", "sales rep", "assigned to"),
                permission="assign",
                forgiving=True,
            ),
            ImportField("industry", _("Industry"), words=("行业", "所属行业", "sector")),
            ImportField(
                "website",
                _("Website"),
                type=FieldType.URL,
                words=("网址", "网站", "官网", "url", "web"),
                forgiving=True,
            ),
            ImportField("city", _("City"), words=("城市", "所在城市", "市", "town")),
            ImportField("address", _("Address"), words=("地址", "详细地址", "street", "street address")),
            ImportField(
                "next_contact_on",
                _("Next contact"),
                type=FieldType.DATE,
                words=("下次联系", "下次联系时间", "下次跟进", "follow up", "next follow-up"),
            ),
            ImportField("note", _("Note"), words=(*NOTE_WORDS, "需求")),
            ImportField(
                "external_id",
                _("External number"),
                words=("编号", "线索编号", "id", "lead id", "lead number", "prospect id", "number"),
            ),
        ),
        keys=(
            MatchKey("phone", ("phone",), _("Phone")),
            MatchKey("email", ("email",), _("E-mail")),
            MatchKey("external_id", ("external_id",), _("External number")),
        ),
        derived=(NAME,),
        search=Search(reindex=index_leads, entry=LeadSearch, fields=("name", "company"), words=document),
        owner="owner",
        author="created_by",
        defaults={"source": CustomerSource.IMPORT},
    )
)

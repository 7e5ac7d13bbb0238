"""What can be imported here: customers, contacts and follow-ups. docs/import.md tells how a kind is declared."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext_lazy as _

from crm.imports.registry import Derived, FieldType, ImportField, ImportKind, MatchKey, Search, TagLink, register
from crm.search.tokens import document, name_sort

from .choices import CustomerSource
from .models import Activity, Contact, Customer, CustomerSearch, CustomerTag
from .normalise import email_address, phone_digits
from .operations import settle_last_contact
from .search import index_contacts, index_customers

NAME = Derived("name_sort", source="name", compute=name_sort)

PHONE_WORDS = (
    "电话",
    "手机",
    "手机号",
    "手机号码",
    "电话号码",
    "联系电话",
    "联系方式",
    "phone number",
    "mobile",
    "tel",
    "telephone",
    "cell",
)
EMAIL_WORDS = ("邮箱", "电子邮箱", "电子邮件", "邮件", "email", "email address", "e-mail address", "mail")
NOTE_WORDS = ("备注", "说明", "note", "notes", "remark", "remarks", "comment", "comments", "description")
CUSTOMER_NAME_WORDS = (
    "客户",
    "客户名称",
    "公司",
    "公司名称",
    "单位",
    "customer",
    "customer name",
    "company",
    "company name",
    "account",
)

CUSTOMERS = register(
    ImportKind(
        kind="customers",
        model=Customer,
        label=_("Customers"),
        fields=(
            ImportField(
                "name",
                _("Name"),
                required=True,
                words=(
                    "姓名",
                    "名称",
                    "客户",
                    "客户名称",
                    "客户姓名",
                    "公司",
                    "公司名称",
                    "公司简称",
                    "企业名称",
                    "单位名称",
                    "customer",
                    "customer name",
                    "company",
                    "company name",
                    "full name",
                    "account",
                    "account name",
                ),
            ),
            ImportField(
                "kind",
                _("Kind"),
                type=FieldType.CHOICE,
                words=("类型", "客户类型", "type", "customer type"),
                more={
                    "company": ("企业", "公司", "单位", "corporate", "business", "organisation", "organization"),
                    "person": ("个人", "自然人", "individual", "private", "consumer"),
                },
            ),
            ImportField("phone", _("Phone"), type=FieldType.PHONE, clean=phone_digits, words=PHONE_WORDS),
            ImportField("email", _("E-mail"), type=FieldType.EMAIL, clean=email_address, words=EMAIL_WORDS),
            ImportField(
                "external_id",
                _("External number"),
                words=(
                    "编号",
                    "客户编号",
                    "外部编号",
                    "客户号",
                    "id",
                    "customer id",
                    "customerid",
                    "external id",
                    "number",
                    "code",
                ),
            ),
            ImportField("city", _("City"), words=("城市", "所在城市", "市", "town")),
            ImportField("address", _("Address"), words=("地址", "详细地址", "联系地址", "street", "street address")),
            ImportField("industry", _("Industry"), words=("行业", "所属行业", "sector")),
            ImportField(
                "website", _("Website"), type=FieldType.URL, words=("网址", "网站", "官网", "主页", "url", "web")
            ),
            ImportField(
                "stage", _("Stage"), type=FieldType.CHOICE, words=("阶段", "客户阶段", "状态", "客户状态", "status")
            ),
            ImportField(
                "level",
                _("Level"),
                type=FieldType.CHOICE,
                words=("级别", "等级", "客户级别", "客户等级", "grade", "tier"),
                more={"a": ("重点", "重要", "key"), "b": ("普通", "一般", "regular"), "c": ("小客户", "small")},
            ),
            ImportField(
                "source", _("Source"), type=FieldType.CHOICE, words=("来源", "客户来源", "lead source", "channel")
            ),
            ImportField(
                "owner",
                _("Owner"),
                type=FieldType.MEMBER,
                words=("负责人", "所有者", "归属人", "业务员", "销售", "account owner", "sales rep", "assigned to"),
                permission="assign",
            ),
            ImportField(
                "next_contact_on",
                _("Next contact"),
                type=FieldType.DATE,
                words=("下次联系", "下次联系时间", "下次跟进", "下次跟进时间", "follow up", "next follow-up"),
            ),
            ImportField(
                "tags", _("Tags"), type=FieldType.TAGS, words=("标签", "tag", "labels", "label"), permission="tag"
            ),
            ImportField("note", _("Note"), words=NOTE_WORDS),
        ),
        keys=(
            MatchKey("phone", ("phone",), _("Phone")),
            MatchKey("email", ("email",), _("E-mail")),
            MatchKey("external_id", ("external_id",), _("External number")),
            MatchKey("name", ("name",), _("Name"), index="name_sort"),
        ),
        derived=(NAME,),
        search=Search(reindex=index_customers, entry=CustomerSearch, fields=("name",), words=document),
        tags=TagLink(CustomerTag, record="customer"),
        owner="owner",
        author="created_by",
        defaults={"source": CustomerSource.IMPORT},
    )
)


def customer_fields(*, words: tuple[str, ...] = (), required: bool = True) -> tuple[ImportField, ...]:
    """The customer a row belongs to, told by name, telephone or number; for every kind that has one."""
    return (
        ImportField(
            "customer",
            _("Customer, by name"),
            type=FieldType.REFERENCE,
            to="customers",
            by="name",
            required=required,
            words=(*CUSTOMER_NAME_WORDS, *words),
        ),
        ImportField(
            "customer_phone",
            _("Customer, by phone"),
            type=FieldType.REFERENCE,
            target="customer",
            to="customers",
            by="phone",
            required=required,
            words=("客户电话", "客户手机", "customer phone", "company phone"),
        ),
        ImportField(
            "customer_number",
            _("Customer, by external number"),
            type=FieldType.REFERENCE,
            target="customer",
            to="customers",
            by="external_id",
            required=required,
            words=("客户编号", "客户号", "customer id", "customerid", "customer number", "account id"),
        ),
    )


CONTACTS = register(
    ImportKind(
        kind="contacts",
        model=Contact,
        label=_("Contacts"),
        fields=(
            ImportField(
                "name",
                _("Name"),
                required=True,
                words=("姓名", "联系人", "联系人姓名", "contact", "contact name", "full name"),
            ),
            *customer_fields(),
            ImportField("phone", _("Phone"), type=FieldType.PHONE, clean=phone_digits, words=PHONE_WORDS),
            ImportField("email", _("E-mail"), type=FieldType.EMAIL, clean=email_address, words=EMAIL_WORDS),
            ImportField("title", _("Job title"), words=("职位", "职务", "头衔", "position", "title", "role")),
            ImportField("department", _("Department"), words=("部门", "所在部门", "dept", "team")),
            ImportField("wechat", _("WeChat"), words=("微信", "微信号", "wechat id")),
            ImportField("note", _("Note"), words=NOTE_WORDS),
        ),
        keys=(
            MatchKey("phone", ("phone",), _("Phone")),
            MatchKey("email", ("email",), _("E-mail")),
            MatchKey("name", ("customer", "name"), _("Customer and name"), index="name_sort"),
        ),
        derived=(NAME,),
        search=Search(reindex=index_contacts),
    )
)


def settle_customers_of(activities: list[int]) -> None:
    """Imported follow-ups count as contacts, as logged ones do."""
    settle_last_contact(_customers_of(activities))


def settle_customers_afterwards(activities: list[int]) -> Callable[[], None]:
    """Follow-ups that are taken back do not count any more. Whose they were is known only as long as they are there."""
    customers = _customers_of(activities)
    return lambda: settle_last_contact(customers)


def _customers_of(activities: list[int]) -> list[int]:
    return list(Activity.objects.filter(pk__in=activities).order_by().values_list("customer_id", flat=True).distinct())


ACTIVITIES = register(
    ImportKind(
        kind="activities",
        model=Activity,
        label=_("Activities"),
        fields=(
            *customer_fields(words=("name", "姓名", "名称")),
            ImportField(
                "kind",
                _("Kind"),
                type=FieldType.CHOICE,
                words=("类型", "方式", "跟进方式", "跟进类型", "type", "activity type"),
                more={
                    "call": ("电话", "通话", "phone", "telephone"),
                    "visit": ("上门", "走访"),
                    "meeting": ("开会", "会议"),
                    "email": ("邮件", "mail"),
                    "note": ("记录", "备注"),
                    "task": ("待办", "to do"),
                },
            ),
            ImportField(
                "text",
                _("What happened"),
                required=True,
                words=(
                    "内容",
                    "跟进内容",
                    "跟进记录",
                    "记录",
                    "content",
                    "text",
                    "description",
                    "notes",
                    "note",
                    "summary",
                ),
            ),
            ImportField(
                "at", _("When"), type=FieldType.DATETIME, words=("时间", "跟进时间", "日期", "date", "time", "datetime")
            ),
            ImportField("due_on", _("Due"), type=FieldType.DATE, words=("截止日期", "到期日", "due date", "deadline")),
            ImportField(
                "author", _("Author"), type=FieldType.MEMBER, words=("跟进人", "记录人", "作者", "created by", "user")
            ),
            ImportField("next_contact_on", _("Next contact"), type=FieldType.DATE, words=("下次联系", "下次跟进时间")),
        ),
        author="author",
        written=settle_customers_of,
        undoing=settle_customers_afterwards,
    )
)

from __future__ import annotations

from typing import ClassVar

from django.core.validators import EmailValidator
from django.db import models
from django.db.models.functions import Reverse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm.i18n.labels import labelled
from crm.search.index import SearchEntry, entry_constraints, entry_indexes, entry_key
from crm.search.tokens import name_sort
from crm.tenancy.base import MemberForeignKey, TenantForeignKey, TenantManager, TenantModel
from crm.tenancy.constraints import SettledUnique, TenantView
from crm.tenancy.fields import tenant_key

from .choices import ActivityKind, CustomerKind, CustomerLevel, CustomerSource, CustomerStage, TagColor
from .normalise import email_address, phone_digits
from .querysets import ActivityQuerySet, ContactQuerySet, CustomerQuerySet


class Reachable(models.Model):
    """How a customer or a contact is reached. `phone` holds digits only and `email` lower case: only then do plain
    indexes serve them under row-level security."""

    unaudited_fields: ClassVar[tuple[str, ...]] = ("name_sort",)

    name = models.CharField(_("name"), max_length=200)
    # Pinyin of the name, lower case: the order of lists, whatever the language (DATA_DESIGN.md section 1).
    name_sort = models.CharField(max_length=100, editable=False)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    phone_rev = models.GeneratedField(
        expression=Reverse("phone"), output_field=models.CharField(max_length=20), db_persist=True
    )
    email = models.CharField(_("e-mail"), max_length=254, blank=True, validators=[EmailValidator()])
    note = models.TextField(_("note"), max_length=10_000, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.name_sort = name_sort(self.name)
        self.phone = phone_digits(self.phone)
        self.email = email_address(self.email)
        super().save(*args, **kwargs)


class Customer(Reachable, TenantModel):
    """A company or a person we do business with."""

    kind = models.CharField(_("kind"), max_length=10, choices=CustomerKind, default=CustomerKind.COMPANY)
    external_id = models.CharField(_("external number"), max_length=64, blank=True)
    stage = models.CharField(_("stage"), max_length=10, choices=CustomerStage, default=CustomerStage.PROSPECT)
    level = models.CharField(_("level"), max_length=1, choices=CustomerLevel, blank=True)
    source = models.CharField(_("source"), max_length=20, choices=CustomerSource, blank=True)
    industry = models.CharField(_("industry"), max_length=80, blank=True)
    website = models.URLField(_("website"), max_length=300, blank=True)
    city = models.CharField(_("city"), max_length=80, blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    # Nobody: the customer is in the pool.
    owner = MemberForeignKey(verbose_name=_("owner"), null=True, blank=True, related_name="+")
    last_contact_at = models.DateTimeField(_("last contact"), null=True, editable=False)
    next_contact_on = models.DateField(_("next contact"), null=True, blank=True)
    created_by = MemberForeignKey(verbose_name=_("created by"), null=True, editable=False, related_name="+")

    objects = TenantManager.from_queryset(CustomerQuerySet)()

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="customer_recent"),
            models.Index(fields=["tenant", "name_sort", "id"], name="customer_name"),
            models.Index(
                "tenant", "owner", models.F("updated_at").desc(), models.F("id").desc(), name="customer_owner"
            ),
            models.Index(
                "tenant", "stage", models.F("updated_at").desc(), models.F("id").desc(), name="customer_stage"
            ),
            models.Index(fields=["tenant", "phone"], name="customer_phone"),
            models.Index(fields=["tenant", "phone_rev"], name="customer_phone_rev"),
            models.Index(fields=["tenant", "email"], name="customer_email"),
            models.Index(
                fields=["tenant", "owner", "next_contact_on", "id"],
                name="customer_follow_up",
                condition=models.Q(next_contact_on__isnull=False),
            ),
            models.Index(fields=["tenant", "created_at", "id"], name="customer_created"),
            # For segments. Led by columns of few values, the wide one serves any choice of them: PostgreSQL skips from
            # value to value (DATA_DESIGN.md section 6). The other two are for what stands too far back in it.
            models.Index(
                fields=[
                    "tenant",
                    "stage",
                    "level",
                    "kind",
                    "source",
                    "city",
                    "industry",
                    "last_contact_at",
                    "created_at",
                    "owner",
                    "id",
                ],
                name="customer_segment",
            ),
            models.Index(fields=["tenant", "last_contact_at", "id"], name="customer_contacted"),
            models.Index(fields=["tenant", "industry"], name="customer_industry"),
        ]
        constraints = [
            TenantView(name="customers_customer_v"),
            models.UniqueConstraint(
                fields=["tenant", "external_id"],
                name="customer_external_id",
                condition=~models.Q(external_id=""),
                violation_error_message=_("Another customer already has this external number."),
            ),
        ]

    def get_absolute_url(self):
        return reverse("customers:customer_detail", args=[self.pk])


class Contact(Reachable, TenantModel):
    """A person at a customer that is a company."""

    customer = TenantForeignKey(
        Customer, models.CASCADE, cascade=True, related_name="contacts", verbose_name=_("customer")
    )
    title = models.CharField(_("job title"), max_length=120, blank=True)
    department = models.CharField(_("department"), max_length=120, blank=True)
    wechat = models.CharField(_("WeChat"), max_length=80, blank=True)
    is_primary = models.BooleanField(_("main contact"), default=False)

    objects = TenantManager.from_queryset(ContactQuerySet)()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        indexes = [
            models.Index("tenant", models.F("updated_at").desc(), models.F("id").desc(), name="contact_recent"),
            models.Index(fields=["tenant", "name_sort", "id"], name="contact_name"),
            models.Index(fields=["tenant", "customer", "id"], name="contact_customer"),
            models.Index(fields=["tenant", "phone"], name="contact_phone"),
            models.Index(fields=["tenant", "phone_rev"], name="contact_phone_rev"),
            models.Index(fields=["tenant", "email"], name="contact_email"),
        ]
        constraints = [
            TenantView(name="customers_contact_v"),
            SettledUnique(
                fields=["tenant", "customer"], name="contact_one_primary", condition=models.Q(is_primary=True)
            ),
        ]

    def get_absolute_url(self):
        return reverse("customers:contact_detail", args=[self.pk])


class Activity(TenantModel):
    """A follow-up: something done with a customer, or (a task) to be done."""

    tenant = tenant_key("activities")
    customer = TenantForeignKey(
        Customer, models.CASCADE, cascade=True, related_name="activities", verbose_name=_("customer")
    )
    contact = TenantForeignKey(
        Contact, models.SET_NULL, null=True, blank=True, related_name="activities", verbose_name=_("contact")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=ActivityKind, default=ActivityKind.CALL)
    text = models.TextField(_("what happened"), max_length=10_000)
    at = models.DateTimeField(_("when"), default=timezone.now)
    # Only a task has these two: when it is due, and when it was done.
    due_on = models.DateField(_("due"), null=True, blank=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True, editable=False)
    next_contact_on = models.DateField(_("next contact"), null=True, blank=True)
    author = MemberForeignKey(verbose_name=_("author"), null=True, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated"), default=timezone.now, editable=False)

    objects = TenantManager.from_queryset(ActivityQuerySet)()

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")
        indexes = [
            models.Index("tenant", "customer", models.F("at").desc(), models.F("id").desc(), name="activity_timeline"),
            models.Index("tenant", models.F("at").desc(), models.F("id").desc(), name="activity_recent"),
            models.Index("tenant", "author", models.F("at").desc(), models.F("id").desc(), name="activity_author"),
            models.Index(
                fields=["tenant", "author", "due_on", "id"],
                name="activity_open_task",
                condition=models.Q(kind=ActivityKind.TASK, done_at__isnull=True),
            ),
            # Whoever deletes a contact would read all follow-ups of the tenant otherwise.
            models.Index(
                fields=["tenant", "contact"], name="activity_contact", condition=models.Q(contact__isnull=False)
            ),
        ]

    def __str__(self):
        return labelled(self.get_kind_display(), self.text[:60])

    @property
    def is_open_task(self) -> bool:
        return self.kind == ActivityKind.TASK and self.done_at is None

    def get_absolute_url(self):
        return reverse("customers:activity_detail", args=[self.pk])


class Tag(TenantModel):
    name = models.CharField(_("name"), max_length=40)
    color = models.CharField(_("colour"), max_length=10, choices=TagColor, default=TagColor.BLUE)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="tag_name",
                violation_error_message=_("There is already such a tag."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("customers:tag_detail", args=[self.pk])


class CustomerTag(TenantModel):
    tag = TenantForeignKey(Tag, models.CASCADE, cascade=True, related_name="links", verbose_name=_("tag"))
    customer = TenantForeignKey(
        Customer, models.CASCADE, cascade=True, related_name="tag_links", verbose_name=_("customer")
    )

    class Meta:
        verbose_name = _("tag of a customer")
        verbose_name_plural = _("tags of customers")
        constraints = [
            TenantView(name="customers_customertag_v"),
            models.UniqueConstraint(fields=["tenant", "tag", "customer"], name="customer_tag_once"),
        ]
        indexes = [models.Index(fields=["tenant", "customer"], name="customer_tag_customer")]

    def __str__(self):
        return str(self.tag)


class CustomerMonth(TenantModel):
    """How many of one person's customers are new in a month of the tenant's time zone.

    Kept by the trigger of migration 0007. `slot` keeps writers apart who change customers at the same time; a sum over
    rows is right, a single row says nothing.
    """

    not_audited = "Follows from the customers, whose changes are in the trail."

    tenant = tenant_key("customer_months")
    # Its first day.
    month = models.DateField(_("month"))
    owner = MemberForeignKey(verbose_name=_("owner"), null=True, related_name="+")
    slot = models.SmallIntegerField(default=0)
    customer_count = models.BigIntegerField(_("new customers"), default=0)

    class Meta:
        verbose_name = _("new customers of a month")
        verbose_name_plural = _("new customers by month")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "month", "owner", "slot"],
                name="customer_month_once",
                # Those in the pool are a row too.
                nulls_distinct=False,
            )
        ]

    def __str__(self):
        return f"{self.month}: {self.customer_count}"


class CustomerSearch(SearchEntry):
    """The words a customer is found by; written by customers.search and by import."""

    tenant = tenant_key("customer_search")
    id = entry_key("customer")

    class Meta:
        db_table = "customer_search"
        verbose_name = verbose_name_plural = _("words of customers")
        indexes = entry_indexes("customer_search")
        constraints = entry_constraints("customer_search", of="customers.Customer")


class ContactSearch(SearchEntry):
    """The words a contact is found by: its name and its customer's."""

    tenant = tenant_key("contact_search")
    id = entry_key("contact")

    class Meta:
        db_table = "contact_search"
        verbose_name = verbose_name_plural = _("words of contacts")
        indexes = entry_indexes("contact_search")
        constraints = entry_constraints("contact_search", of="customers.Contact")

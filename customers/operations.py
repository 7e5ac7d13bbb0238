"""Changes to customers that have consequences. Each is one transaction and is called inside the tenant."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from crm.accounts.models import User
from crm.errors import NothingToDo
from crm.tenancy.deletion import delete_set

from .choices import ActivityKind, CustomerStage
from .models import Activity, Contact, Customer, CustomerTag, Tag


@transaction.atomic
def save_customer(*, customer: Customer, tags: Iterable[Tag], user: User) -> Customer:
    """Save what a form has filled in, and make `tags` its tags."""
    if customer.pk is None:
        customer.created_by = user
    _save_next_version(customer)
    set_tags(customer=customer, tags=tags)
    return customer


@transaction.atomic
def save_contact(*, contact: Contact) -> Contact:
    """Save what a form has filled in. There is one main contact: it takes the place of the one before."""
    if contact.is_primary:
        # The lock comes first: two people may name a main contact at once.
        _locked([contact.customer_id])
        others = Contact.objects.filter(customer_id=contact.customer_id, is_primary=True).exclude(pk=contact.pk)
        _change(others, is_primary=False)
    _save_next_version(contact)
    return contact


@transaction.atomic
def save_activity(*, activity: Activity, user: User) -> Activity:
    """Save what a form has filled in; a new one is logged like any follow-up.

    A correction is carried on to the customer: the last contact is the latest that is left, and a next contact that
    still stands as this follow-up planned it moves along.
    """
    if activity.pk is None:
        return log_follow_up(
            customer=activity.customer,
            author=user,
            kind=ActivityKind(activity.kind),
            text=activity.text,
            at=activity.at,
            contact=activity.contact,
            due_on=activity.due_on,
            next_contact_on=activity.next_contact_on,
        )
    before = Activity.objects.only("customer_id", "next_contact_on").get(pk=activity.pk)
    _locked({before.customer_id, activity.customer_id})
    if activity.kind != ActivityKind.TASK:
        activity.due_on = activity.done_at = None
    _save_next_version(activity)
    settle_last_contact({before.customer_id, activity.customer_id})
    if activity.next_contact_on != before.next_contact_on:
        planned = Customer.objects.filter(pk=activity.customer_id, next_contact_on=before.next_contact_on)
        _change(planned, next_contact_on=activity.next_contact_on)
    return activity


@transaction.atomic
def delete_activities(*, activities: QuerySet[Activity]) -> int:
    """Delete follow-ups. The last contact of their customers is then the latest that is left; what is planned stays."""
    customers = _locked(set(activities.values_list("customer_id", flat=True)))
    deleted = activities._raw_delete(activities.db)
    settle_last_contact(customers)
    return deleted


@transaction.atomic
def settle_last_contact(customers: Iterable[int]) -> None:
    """Let the customers' last contact be their latest follow-up; a task is still to come, so it does not count."""
    latest = (
        Activity.objects.filter(tenant_id=OuterRef("tenant_id"), customer_id=OuterRef("pk"))
        .exclude(kind=ActivityKind.TASK)
        .order_by()
        .values("customer")
        .annotate(latest=Max("at"))
        .values("latest")
    )
    Customer.objects.filter(pk__in=_locked(customers)).update(last_contact_at=Subquery(latest))


def _locked(customers: Iterable[int]) -> list[int]:
    """Lock customers in the order of their ids, so that whoever changes what they consist of waits for each other."""
    rows = Customer.objects.select_for_update().filter(pk__in=set(customers)).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def _save_next_version(obj: Customer | Contact | Activity) -> None:
    if obj.pk is not None:
        obj.version += 1
    obj.updated_at = timezone.now()
    obj.save()


@transaction.atomic
def log_follow_up(
    *,
    customer: Customer,
    author: User,
    kind: ActivityKind,
    text: str,
    at: datetime | None = None,
    contact: Contact | None = None,
    due_on: date | None = None,
    next_contact_on: date | None = None,
) -> Activity:
    """Add a follow-up and bring the customer's last and next contact up to date.

    A task is still to come, so it does not count as a contact. Without `next_contact_on` the date that was planned is
    taken as kept when it lies on or before the follow-up's day, and stays otherwise. What a follow-up that is logged
    late had planned does not count when a later one has kept it.
    """
    # The lock comes first: two people may log at once, and each moves the customer's dates.
    customer = Customer.objects.select_for_update().get(pk=customer.pk)
    activity = Activity(
        customer=customer,
        author=author,
        kind=kind,
        text=text,
        at=at or timezone.now(),
        contact=contact,
        due_on=due_on if kind == ActivityKind.TASK else None,
        next_contact_on=next_contact_on,
    )
    activity.save()
    _move_dates(customer, activity)
    return activity


def _move_dates(customer: Customer, activity: Activity) -> None:
    if activity.kind != ActivityKind.TASK:
        customer.last_contact_at = max(filter(None, [customer.last_contact_at, activity.at]))
        planned = customer.next_contact_on
        if planned and planned <= timezone.localdate(activity.at):
            customer.next_contact_on = None
    # What a follow-up that is logged late had planned may have been kept since.
    last = customer.last_contact_at
    if activity.next_contact_on and not (last and activity.next_contact_on < timezone.localdate(last)):
        customer.next_contact_on = activity.next_contact_on
    customer.version = F("version") + 1
    customer.updated_at = timezone.now()
    customer.save(update_fields=["last_contact_at", "next_contact_on", "version", "updated_at"])
    customer.refresh_from_db(fields=["version"])


@transaction.atomic
def complete_task(*, task: Activity) -> Activity:
    """Mark a task as done. Raises NothingToDo when it is no task or somebody was faster."""
    task = Activity.objects.select_for_update().get(pk=task.pk)
    if task.kind != ActivityKind.TASK or task.done_at:
        raise NothingToDo
    task.done_at = task.updated_at = timezone.now()
    task.version += 1
    task.save(update_fields=["done_at", "updated_at", "version"])
    return task


@transaction.atomic
def set_tags(*, customer: Customer, tags: Iterable[Tag]) -> None:
    """Make these the customer's tags: the missing ones are added, the others taken off."""
    wanted = {tag.pk for tag in tags}
    links = CustomerTag.objects.filter(customer=customer)
    present = set(links.values_list("tag_id", flat=True))
    links.filter(tag_id__in=present - wanted).delete()
    CustomerTag.objects.bulk_create(
        [CustomerTag(customer=customer, tag_id=pk) for pk in sorted(wanted - present)], ignore_conflicts=True
    )


@transaction.atomic
def assign_customers(*, customers: QuerySet[Customer], owner: User | None) -> int:
    """Hand customers over to a member, or (None) to the pool. Returns how many changed hands."""
    return _change(customers.exclude(owner=owner) if owner else customers.filter(owner__isnull=False), owner=owner)


@transaction.atomic
def move_customers(*, customers: QuerySet[Customer], stage: CustomerStage) -> int:
    return _change(customers.exclude(stage=stage), stage=stage)


@transaction.atomic
def tag_customers(*, customers: QuerySet[Customer], tag: Tag) -> int:
    """Put a tag on customers that do not have it yet; returns how many got it.

    Their version rises: a form that was opened before knows nothing of the tag, and would take it off again.
    """
    tagged = CustomerTag.objects.filter(tenant_id=OuterRef("tenant_id"), customer_id=OuterRef("pk"), tag=tag)
    untagged = list(customers.filter(~Exists(tagged)).values_list("pk", flat=True))
    links = [CustomerTag(customer_id=pk, tag=tag) for pk in untagged]
    CustomerTag.objects.bulk_create(links, batch_size=5_000, ignore_conflicts=True)
    return _change(Customer.objects.filter(pk__in=untagged))


@transaction.atomic
def delete_customers(*, customers: QuerySet[Customer]) -> int:
    """Delete customers with their contacts, activities and tags, which the database takes along."""
    return delete_set(customers)


def _change(rows: QuerySet, **values) -> int:
    return rows.update(**values, version=F("version") + 1, updated_at=timezone.now())

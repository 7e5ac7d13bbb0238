"""How customers and contacts show in the search palette."""

from django.utils.translation import gettext_lazy as _

from crm.search.registry import SearchKind

from .choices import CustomerKind
from .models import Contact, ContactSearch, Customer, CustomerSearch
from .search import find_contacts, find_customers


def _where(customer: Customer) -> str:
    return " · ".join(filter(None, [customer.city, customer.phone]))


def _icon_of(customer: Customer) -> str:
    return "user" if customer.kind == CustomerKind.PERSON else "building"


def _at(contact: Contact) -> str:
    return " · ".join(filter(None, [contact.customer.name, contact.title, contact.phone]))


CUSTOMERS = SearchKind(
    "customers", Customer, _("Customers"), "building", find_customers, _where, _icon_of, CustomerSearch, is_first=True
)
CONTACTS = SearchKind(
    "contacts", Contact, _("Contacts"), "address-book", find_contacts, _at, entry=ContactSearch, is_first=True
)

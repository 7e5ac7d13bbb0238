"""How customers and contacts show in the search palette."""

from django.utils.translation import gettext_lazy as _

from crm.search.registry import SearchKind

from .models import Contact, Customer
from .search import find_contacts, find_customers


def _where(customer: Customer) -> str:
    return " · ".join(filter(None, [customer.city, customer.phone]))


def _at(contact: Contact) -> str:
    return " · ".join(filter(None, [contact.customer.name, contact.title, contact.phone]))


CUSTOMERS = SearchKind("customers", Customer, _("Customers"), "building", find_customers, _where)
CONTACTS = SearchKind("contacts", Contact, _("Contacts"), "address-book", find_contacts, _at)

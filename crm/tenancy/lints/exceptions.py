"""Every place that may differ from a rule, and why. An entry that excuses nothing any more is itself a violation.

Keys are (rule, where) as the lints print them.
"""

CATALOGUE: dict[tuple[str, str], str] = {
    ("tenant-id-outside", "tenancy_team"): "read before a tenant is known, to find what a member may see",
    ("tenant-id-outside", "tenancy_membership"): "read before a tenant is known, to find whether a person may enter",
    ("index-without-tenant", "customer_search.customer_search_words"): "every word in it begins with the tenant's id",
    ("index-without-tenant", "contact_search.contact_search_words"): "every word in it begins with the tenant's id",
}

MODELS: dict[tuple[str, str], str] = {
    ("index-everywhere", "customers.CustomerSearch.customer_search_words"): "every word begins with the tenant's id",
    ("index-everywhere", "customers.ContactSearch.contact_search_words"): "every word begins with the tenant's id",
}

MIGRATIONS: dict[tuple[str, str], str] = {}

SOURCE: dict[tuple[str, str], str] = {}

"""What the sweep cannot try, or must expect otherwise, each with its reason. Nearly empty is how it should be.

A line that nothing needs any more fails a test.
"""

# Entries of the URL maps that are no pages.
NO_PAGES: dict[str, str] = {
    "admin/(?P<url>.*)$": "the admin's answer to addresses that it does not know",
}

# Values of URL parameters that are neither ids nor kinds: a page's parameter, or a parameter wherever it stands.
PARAMETERS: dict[str, list[str]] = {
    # Keys of mails and invitations are signed or random: none can be made up, so a made-up one is tried.
    "token": ["made-up"],
    "key": ["made-up"],
    "uidb36": ["1"],
    # Any will do; what it is combined with is the id of a row.
    "content_type_id": ["1"],
    "report": ["monthly_sales", "pipeline", "service_levels", "campaigns", "customer_list"],
    # Not the word of a list, but the label of a model.
    "audit:history.kind": ["customers.customer"],
}

# Pages of one kind of row whose views do not say it in `model`; without it they are tried with every row's id.
MODELS: dict[str, str] = {
    "audit:history": "customers.Customer",
    "files:file_download": "files.StoredFile",
    "pages:view_change": "pages.SavedView",
}

# Pages on which somebody who may only read still changes something: what is their own.
READER_MAY: dict[str, str] = {
    "pages:columns": "which columns a person sees is their own choice",
    "pages:view_save": "a view of their own changes nobody's records",
    "admin:login": "leads who is signed in on to the index",
}

# Tables that reading a page may write, and why.
WRITTEN_BY_READING: dict[str, str] = {}

# Pages that answer 404 for the row made up by the sweep, so only the refusal of others' ids is tried there.
NOT_THERE: dict[str, str] = {
    "admin:audit_auditpending_change": "a change is pending until the end of the transaction only",
    "admin:view_on_site": "wants the number of the row's content type",
}

# Parameters of jobs that are neither ids nor kinds: {name: values to try}.
JOB_PARAMETERS: dict[str, list] = {
    "query": [""],
    "columns": [[]],
    "format": ["csv"],
    "data": [{}],
    "whole": [True, False],
    "as_of": ["", "2026-01-01"],
    "report": ["monthly_sales", "pipeline", "service_levels", "campaigns", "customer_list"],
    "parameters": [{}],
    "language": [""],
}
# Parameters of jobs that are ids under another name: {name: the model's name}.
JOB_IDS: dict[str, str] = {"stage": "stage", "into": "stage"}

# Pages without login that take a post without the token of a form, and what proves instead that it is meant.
NO_FORM_TOKEN: dict[str, str] = {
    "marketing_links:one_click": "RFC 8058: posted by the person's mail provider; the signed link is the proof",
}

# Pages without login that write when they are read, and why.
COUNTED_LINKS: dict[str, str] = {
    "marketing_links:open": "that a mail was opened is known by the loading of its picture alone",
    "marketing_links:follow": "counts the click before it leads on",
}

# Platform pages that answer 5xx beside the tests.
NOT_READY: dict[str, str] = {"readyz": "says that no worker runs, which is so"}

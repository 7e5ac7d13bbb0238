"""What becomes of a mail after it has left, told by whoever reads what comes in."""

from django.dispatch import Signal

# A mail came back for good. Sent inside the tenant; `key` is what stood before the @ of its Message-ID, which
# `crm.mail.bulk.message_id` made, and `words` the status of the report, such as "5.1.1".
mail_bounced = Signal()

# A mail was given up, because the mail server did not take it for days. Sent outside of any tenant, when that is
# committed; `key` is what stood before the @ of its Message-ID, or "".
mail_given_up = Signal()

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class InboundState(models.TextChoices):
    """What became of a mail."""

    WAITING = "waiting", pgettext_lazy("mail", "Waits to be read")
    OPENED = "opened", pgettext_lazy("mail", "Opened a ticket")
    ADDED = "added", pgettext_lazy("mail", "Added to a ticket")
    QUARANTINE = "quarantine", pgettext_lazy("mail", "In quarantine")
    ASIDE = "aside", pgettext_lazy("mail", "Set aside")
    BOUNCE = "bounce", pgettext_lazy("mail", "Delivery report")
    DUPLICATE = "duplicate", pgettext_lazy("mail", "Came twice")
    DISCARDED = "discarded", pgettext_lazy("mail", "Discarded")


class InboundReason(models.TextChoices):
    """Why no ticket was made of a mail."""

    MACHINE = "machine", _("Written by a machine")
    BULK = "bulk", _("Mass mail")
    COMPLAINT = "complaint", _("Complaint of a mail provider")
    SPAM = "spam", _("Marked as spam by the mail server")
    LOOP = "loop", _("Came from an address of our own")
    TOO_MANY = "too_many", _("Too many from this sender")
    NO_SENDER = "no_sender", _("Nobody to answer to")
    UNREADABLE = "unreadable", _("Could not be read")
    TOO_LARGE = "too_large", _("Too large: only its beginning is kept")


class InboundVia(models.TextChoices):
    COMMAND = "command", _("Handed over by the mail server")
    IMAP = "imap", _("Fetched from the mailbox")


class ImapSecurity(models.TextChoices):
    TLS = "tls", _("TLS (port 993)")
    STARTTLS = "starttls", _("STARTTLS (port 143)")


class FetchProblem(models.TextChoices):
    """Why the last fetching failed, as the person who set the mailbox up can put right."""

    UNREACHABLE = "unreachable", _("The mail server does not answer. Check its name and port.")
    CERTIFICATE = "certificate", _("The mail server's certificate is not valid for its name.")
    REFUSED = "refused", _("The mail server refused the user name or password.")
    FOLDER = "folder", _("The mail server has no folder of this name.")
    PRIVATE = "private", _("This server's name leads into a private network, which is not permitted here.")
    SEALED = "sealed", _("The password can no longer be read. Enter it again.")
    PROTOCOL = "protocol", _("The mail server answered something that is not understood.")

"""What `check --deploy` adds for this product."""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register


@register(Tags.security, deploy=True)
def check_public_url(app_configs, **kwargs):
    if settings.PUBLIC_URL.startswith("https://"):
        return []
    return [
        Error(
            "PUBLIC_URL is not an https:// address: links in mails would be taken from what a request claims.",
            hint="Set PUBLIC_URL to the address people use, such as https://crm.example.com.",
            id="security_crm.E001",
        )
    ]


@register(Tags.security, deploy=True)
def check_mail_leaves(app_configs, **kwargs):
    if settings.EMAIL_BACKEND != settings.MAILBOX_BACKEND:
        return []
    return [
        Warning(
            "EMAIL_URL is not set: invitations and resets stay in files of this machine.",
            hint="Set EMAIL_URL, such as smtp+tls://user:password@mail.example.com:587.",
            id="security_crm.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_demo_is_off(app_configs, **kwargs):
    if not settings.DEMO:
        return []
    return [
        Error(
            "DEMO is on: everybody may read the mailbox, and the demo's passwords are public.",
            hint="Unset DEMO.",
            id="security_crm.E002",
        )
    ]

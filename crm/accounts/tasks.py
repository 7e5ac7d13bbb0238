from celery import shared_task

from .sessions import SessionStore
from .throttle import forget_old_attempts


@shared_task(name="accounts.forget_what_ended", ignore_result=True, time_limit=300)
def forget_what_ended() -> None:
    """Sessions that are over, and counts of failed sign-ins that nobody asks for any more."""
    SessionStore.clear_expired()
    forget_old_attempts()

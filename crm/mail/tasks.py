from celery import shared_task

from .delivery import deliver_due, forget_old_mail


@shared_task(name="mail.deliver", ignore_result=True, time_limit=300)
def deliver() -> None:
    deliver_due()


@shared_task(name="mail.forget_old", ignore_result=True, time_limit=60)
def forget_old() -> None:
    forget_old_mail()

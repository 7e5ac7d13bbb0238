"""The session engine: one query brings session and person, and a session ends twice over.

Absolutely: SESSION_COOKIE_AGE after sign-in (each sign-in takes a new key, so the clock begins there). Idly:
SESSION_IDLE_AGE after it was last seen. Seeing is noted at most once in SEEN_EVERY, so reading pages writes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import CreateError, UpdateError
from django.db import IntegrityError, transaction
from django.utils import timezone

from crm.tenancy.compiled import CompiledQuery

if TYPE_CHECKING:
    from django.db.models import Manager, QuerySet

    from .models import Session, User

SEEN_EVERY = timedelta(minutes=5)


class SessionStore(db.SessionStore):
    # What the last load found; None for a new session.
    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        from .models import Session

        return Session

    @property
    def user(self) -> User | None:
        """The person as loaded with the session. Not checked: see crm.accounts.middleware."""
        return self.row.user if self.row else None

    def touch(self) -> None:
        """Note that the session is in use."""
        now = timezone.now()
        if self.row and now - self.row.seen_at >= SEEN_EVERY:
            self._sessions().filter(pk=self.row.pk).update(seen_at=now)

    def _get_session_from_db(self) -> Session | None:
        # NUL is the one character that a cookie can carry and a query cannot.
        if self.session_key and "\x00" not in self.session_key:
            now = timezone.now()
            self.row = _live_session.first(self.session_key, now, _idle_since(now))
        if self.row is None:
            self._session_key = None
        return self.row

    async def _aget_session_from_db(self) -> Session | None:
        return await sync_to_async(self._get_session_from_db)()

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # Django's, unknown to the stubs
        values = {"session_data": self.encode(data), "user_id": data.get(SESSION_KEY)}
        if must_create:
            self._insert(values)
        elif not self._sessions().filter(pk=self.session_key).update(**values):
            raise UpdateError

    async def asave(self, must_create: bool = False) -> None:
        await sync_to_async(self.save)(must_create)

    def _sessions(self) -> Manager[Session]:
        return cast("Manager[Session]", self.model.objects)

    def _insert(self, values: dict[str, Any]) -> None:
        ends = timezone.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        try:
            with transaction.atomic():
                self._sessions().create(session_key=cast(str, self.session_key), expire_date=ends, **values)
        except IntegrityError as error:
            raise CreateError from error

    @classmethod
    def clear_expired(cls) -> None:
        now = timezone.now()
        live = _live(now, _idle_since(now)).values("pk")
        cls.get_model_class().objects.exclude(pk__in=live).delete()

    @classmethod
    async def aclear_expired(cls) -> None:
        await sync_to_async(cls.clear_expired)()


def _idle_since(now: datetime) -> datetime:
    return now - timedelta(seconds=settings.SESSION_IDLE_AGE)


def _live(now: datetime, idle_since: datetime) -> QuerySet[Session]:
    return SessionStore.get_model_class().objects.filter(expire_date__gt=now, seen_at__gt=idle_since)


# Asked by every request of a person: (key, now, the moment before which a session counts as idle).
_live_session = CompiledQuery(
    lambda key, now, idle_since: _live(now, idle_since).select_related("user").filter(pk=key),
    samples=("?key", datetime(1, 1, 1, tzinfo=UTC), datetime(1, 1, 2, tzinfo=UTC)),
)

"""Limits on guessing passwords that cannot be turned against the person who owns the account.

Every attempt counts in buckets before the password is looked at, in one statement per bucket, so that attempts made
at the same moment cannot slip past each other. From a browser that signed in before (crm.accounts.devices) only that
browser's own bucket counts: whoever hammers from elsewhere cannot close it. Any other browser counts for account and
network together, and for the network alone. There is no bucket for the account alone: that one would lock people out.

Counts live in the database: it is needed to sign in anyway, and a lost Redis must not reset them.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import SignInAttempts


@dataclass(frozen=True)
class Limit:
    """`free` failures cost nothing; from then on each doubles the wait, from `first_wait` to at most `longest_wait`."""

    free: int
    first_wait: timedelta
    longest_wait: timedelta
    forgotten_after: timedelta


ACCOUNT_AND_NETWORK = Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=12))
# An office shares one address, so there is more room.
NETWORK = Limit(50, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1))
KNOWN_DEVICE = Limit(10, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=12))
LIMITS = (ACCOUNT_AND_NETWORK, NETWORK, KNOWN_DEVICE)

# Writes only while the bucket is open: a refused attempt neither counts nor prolongs the wait.
_COUNT = """
    INSERT INTO accounts_signinattempts AS bucket (key, failed_count, failed_at, blocked_until)
    VALUES (%(key)s, 1, %(now)s, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        failed_count = CASE WHEN bucket.failed_at < %(forgotten)s THEN 1 ELSE bucket.failed_count + 1 END,
        failed_at = %(now)s,
        blocked_until = %(now)s + CASE
            WHEN bucket.failed_at < %(forgotten)s OR bucket.failed_count + 1 < %(free)s THEN interval '0'
            ELSE least(%(longest)s, %(first)s * power(2, least(bucket.failed_count + 1 - %(free)s, 20))::int)
        END
    WHERE bucket.blocked_until <= %(now)s
"""


@dataclass(frozen=True)
class Bucket:
    key: str
    limit: Limit


@dataclass(frozen=True)
class Attempt:
    """One attempt, counted as failed until it succeeds. With a wait it was refused and not counted."""

    buckets: tuple[Bucket, ...]
    wait: timedelta | None = None

    def succeed(self) -> None:
        """Forget the failures of this account here; take back only this one from the network.

        Were the network's count cleared, an attacker would sign in to an own account now and then to go on guessing.
        """
        for bucket in self.buckets:
            if bucket.limit is NETWORK:
                _take_back(bucket)
            else:
                SignInAttempts.objects.filter(key=bucket.key).delete()


def begin_attempt(*, email: str, address: str, device: str | None) -> Attempt:
    """Count an attempt for this e-mail, whether or not there is such an account."""
    counted: list[Bucket] = []
    for bucket in _buckets(email.strip().lower(), address, device):
        blocked_until = _count(bucket)
        if blocked_until is not None:
            for other in counted:
                _take_back(other)
            return Attempt((), wait=blocked_until - timezone.now())
        counted.append(bucket)
    return Attempt(tuple(counted))


def forget_old_attempts() -> int:
    oldest = timezone.now() - max(limit.forgotten_after for limit in LIMITS)
    return SignInAttempts.objects.filter(failed_at__lt=oldest, blocked_until__lt=timezone.now()).delete()[0]


def network_of(address: str) -> str:
    """One home or office: the IPv4 address, or the /64 that an IPv6 address was drawn from."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def _buckets(email: str, address: str, device: str | None) -> list[Bucket]:
    if device:
        return [Bucket(_key("device", email, device), KNOWN_DEVICE)]
    network = network_of(address)
    return [Bucket(_key("network", network), NETWORK), Bucket(_key("account", email, network), ACCOUNT_AND_NETWORK)]


def _key(*parts: str) -> str:
    return salted_hmac("crm.accounts.throttle", "\x1f".join(parts), algorithm="sha256").hexdigest()


def _count(bucket: Bucket) -> datetime | None:
    """Count one failure; returns None, or the moment until which the bucket is closed."""
    now = timezone.now()
    limit = bucket.limit
    values: dict[str, Any] = {
        "key": bucket.key,
        "now": now,
        "forgotten": now - limit.forgotten_after,
        "free": limit.free,
        "first": limit.first_wait,
        "longest": limit.longest_wait,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        if cursor.rowcount:
            return None
    closed = SignInAttempts.objects.filter(key=bucket.key).first()
    # Opened at this very moment, by an attempt that began before the bucket was closed and was right: count anew.
    return closed.blocked_until if closed else _count(bucket)


def _take_back(bucket: Bucket) -> None:
    SignInAttempts.objects.filter(key=bucket.key).update(
        failed_count=Greatest(F("failed_count") - 1, 0), blocked_until=timezone.now()
    )

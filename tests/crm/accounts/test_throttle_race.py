"""On connections that commit for real: many attempts in one moment."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from crm.accounts import throttle


def test_attempts_at_the_same_moment_cannot_slip_past_each_other(committed_db):
    def attempt(_):
        try:
            begun = throttle.begin_attempt(email="ann@acme.example", address="198.51.100.7", device=None)
            return begun.wait is None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        allowed = sum(pool.map(attempt, range(40)))

    assert allowed == throttle.ACCOUNT_AND_NETWORK.free

"""Moments are kept and read in UTC, by the driver's own quick way."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from crm.tenancy.engine.base import DatabaseWrapper

pytestmark = pytest.mark.django_db


def test_moments_come_back_in_utc_to_the_microsecond_and_named_cursors_read_them_too():
    asked = "SELECT timestamptz '2026-03-01 08:00:00.123456+08', timestamptz '0001-01-01 00:00:00+00'"
    expected = [(datetime(2026, 3, 1, 0, 0, 0, 123456, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC))]

    with connection.cursor() as cursor, connection.chunked_cursor() as named:
        cursor.execute(asked)
        named.execute(asked)
        found = [cursor.fetchall(), named.fetchall()]

    assert found == [expected, expected]
    assert {moment.utcoffset() for rows in found for row in rows for moment in row} == {timedelta(0)}


def test_another_time_zone_for_the_database_is_refused():
    elsewhere = DatabaseWrapper(connection.settings_dict | {"TIME_ZONE": "Asia/Shanghai"})

    with pytest.raises(ImproperlyConfigured, match="UTC"):
        elsewhere.get_connection_params()

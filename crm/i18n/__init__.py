"""Collect, check and compile translations without GNU gettext. `manage.py messages`."""

#!/usr/bin/env python
import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    from django.core.management import execute_from_command_line

    from crm.embedded.environment import environment_for

    with environment_for(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

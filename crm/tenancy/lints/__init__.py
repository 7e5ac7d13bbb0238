"""The guards of SCALE_OUT.md, "Check without a Citus server". Each holds a rule for tables, models and pages that are
not written yet, so each takes its list from the database, the registries or the source tree, never from a list here.

catalogue_lint  the migrated database      (`manage.py lint_schema`)
model_lint      the model classes
migration_lint  the SQL that migrations will run
source_lint     the Python source
query_lint      every statement the test suite runs (needs sqlglot, a development package)

What may differ from a rule stands in exceptions.py, each with its reason.
"""

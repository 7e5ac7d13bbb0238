"""The source lint passes on the project and catches each planted violation."""

import pytest

from crm.tenancy.lints.source_lint import lint_source, project_sources


def broken(text: str) -> list[str]:
    return [one.rule for one in lint_source({"planted.py": text}).violations]


def test_the_source_follows_the_rules():
    report = lint_source()

    assert report.violations == []
    assert report.figures["source_files"] >= 50


def test_product_code_is_read_and_migrations_are_not():
    paths = project_sources().keys()

    assert {"crm/tenancy/base.py", "customers/models.py"} <= paths
    assert not [path for path in paths if "migrations" in path or path.startswith("tests")]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("cursor.execute(\"SELECT set_config('app.tenant_id', %s, true)\", [1])", "set-config"),
        ("SQL = 'SET app.tenant_id = 1'", "set-config"),
        ("SQL = f'SET SESSION app.tenant_id = {tenant}'", "set-config"),
        ("SQL = 'COPY customers_customer FROM STDIN'", "copy"),
        ("with cursor.copy(statement) as copy: pass", "copy"),
        ("rows.exclude(contacts__name='x')", "exclude-reverse"),
        ("rows.exclude(Q(contacts__name='x') | Q(name='y'))", "exclude-reverse"),
        ("rows.filter(~Q(contacts__name='x'))", "exclude-reverse"),
        ("Customer.objects.raw('SELECT 1')", "raw-sql"),
        ("rows.extra(where=['1 = 1'])", "raw-sql"),
        ("rows.annotate(x=RawSQL('1', []))", "raw-sql"),
        ("cursor.execute('DELETE FROM customers_customer')", "raw-sql"),
        ("SQL = 'SELECT 1 FROM customers_contact'\ndef run(cursor): cursor.execute(SQL)", "raw-sql"),
        ("cursor.execute(f'SELECT 1 FROM {Customer._meta.db_table}')", "raw-sql"),
        ("rows.filter(name__icontains='x')", "lookup"),
        ("TenantStatement('SELECT id FROM customers_customer')", "raw-sql"),
        ("TenantStatement('SELECT id FROM customers_customer WHERE tenant_id = %(other)s')", "raw-sql"),
        ("TenantStatement('SELECT id FROM customers_customer WHERE tenant_id = 7')", "raw-sql"),
        ("TenantStatement(f'SELECT {name} FROM customers_customer WHERE tenant_id = %(tenant)s')", "raw-sql"),
        ("TenantStatement(TEXT)", "raw-sql"),
        (
            "TenantStatement('SELECT 1 FROM customers_customer c JOIN customers_contact p ON p.customer_id = c.id"
            " WHERE c.tenant_id = %(tenant)s')",
            "raw-sql",
        ),
        (
            "GOOD = TenantStatement('SELECT id FROM customers_contact WHERE tenant_id = %(tenant)s')\n"
            "cursor.execute('DELETE FROM customers_customer')",
            "raw-sql",
        ),
        ("rows.filter(customer__name__startswith='x')", "lookup"),
        ("rows.filter(Q(email__iexact='x'))", "lookup"),
        ("CharFilter(lookup_expr='icontains')", "lookup"),
    ],
)
def test_a_planted_violation_is_caught(text, rule):
    assert broken(text) == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "SQL = f'SET LOCAL app.tenant_id = {tenant}'",
        '"""set_config( and COPY x are explained here."""',
        "def f():\n    '''cursor.execute on customers_customer'''\n    cursor.execute('SELECT 1')",
        "rows.exclude(customer__name='x')",
        "rows.exclude(name='x')",
        "rows.filter(contacts__name='x')",
        "rows.filter(team__path__startswith='/1/')",
        "rows.filter(name__prefix='x')",
        "shutil.copy(a, b)",
        "TenantStatement('SELECT id FROM customers_contact WHERE tenant_id = %(tenant)s').execute()",
    ],
)
def test_what_is_right_is_not_complained_about(text):
    assert broken(text) == []

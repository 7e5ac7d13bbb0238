"""The PDF of a sent quote goes with it, also where the database deletes the quote along with its customer."""

from django.db import migrations

# The nightly cleaning removes what has expired: row and bytes.
FUNCTION = """
CREATE FUNCTION sales_quote_documents() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE files_storedfile f SET expires_at = now() FROM old_rows o
    WHERE f.tenant_id = o.tenant_id AND f.id = o.document_id;
    RETURN NULL;
END $$;
CREATE TRIGGER quote_documents AFTER DELETE ON sales_quote REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION sales_quote_documents();
"""

REVERSE = """
DROP TRIGGER quote_documents ON sales_quote;
DROP FUNCTION sales_quote_documents();
"""


class Migration(migrations.Migration):
    dependencies = [("sales", "0014_revenue_day")]

    operations = [migrations.RunSQL(FUNCTION, REVERSE)]

from django.db.backends.postgresql import features


class DatabaseFeatures(features.DatabaseFeatures):
    # The database's key is (tenant_id, id), so it cannot prove that other columns depend on `id` alone.
    allows_group_by_selected_pks = False

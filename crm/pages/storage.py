from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed names everywhere, also where one of our modules imports another: there is no bundler to do it."""

    support_js_module_import_aggregation = True

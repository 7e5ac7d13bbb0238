"""How scripts, styles and pictures reach the browser."""

from functools import cache

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed names everywhere, also where one of our modules imports another: there is no bundler to do it."""

    support_js_module_import_aggregation = True

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Every page names nine files, and none changes its address while the process runs.
        self.quick_url = cache(super().url)

    def url(self, name, force=False):
        return self.quick_url(name, force)


class StaticFilesApp(StaticFilesConfig):
    # htmx comes from package.json; the copies that an app brings along are for bundlers and would not resolve.
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "django_htmx"]

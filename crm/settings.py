"""Settings come from the environment through one Env. `.env.example` names every variable; a secret has no default."""

import os
from pathlib import Path

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from crm.observe.logs import logging_config
from crm.security.csp import CONTENT_SECURITY_POLICY  # noqa: F401  # a setting, kept in a module of its own

BASE_DIR = Path(__file__).resolve().parent.parent


class Env(environ.Env):
    # A copy: what the files say is for the settings, not for every program that is started from here.
    ENVIRON = dict(os.environ)


env = Env()
env.read_env(BASE_DIR / ".env")
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".guanxi")))
# Written by `manage.py up`, so that commands in another shell reach the demo. The environment wins.
env.read_env(DATA_DIR / "env")

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="not-secret-only-for-debugging" if DEBUG else "")
if not SECRET_KEY.strip():
    raise ImproperlyConfigured("Set the SECRET_KEY environment variable: 50 or more characters that nobody can guess.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Plain HTTP is for the demo on this machine only.
HTTPS = env.bool("HTTPS", default=not DEBUG)
# How many proxies of ours stand in front and set X-Forwarded-For and -Proto. With none these are not believed.
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
# The address people type; links in mails begin with it.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://localhost:8000")
# The demo: mail stays in files that everybody may read, and passwords are public.
DEMO = env.bool("DEMO", default=False)
PRODUCT_NAME = "Guanxi CRM"
FORCE_SCRIPT_NAME = None

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "crm.pages.static.StaticFilesApp",
    "django.contrib.postgres",
    "django_filters",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "crm.embedded",
    "crm.security",
    "crm.observe",
    "crm.health",
    "crm.tenancy",
    "crm.accounts",
    "crm.mail",
    "crm.access",
    "crm.audit",
    "crm.files",
    "crm.jobs",
    "crm.pages",
    "crm.search",
    "crm.i18n",
    "crm.demo",
    "crm.bench",
    "crm.imports",
    "crm.exports",
    "crm.console",
    "crm.public",
    "crm.charts",
    "crm.rollups",
    "customers",
    "sales",
    "service",
    "marketing",
    "analytics",
]

MIDDLEWARE = [
    "crm.observe.middleware.ObserveMiddleware",
    "crm.health.probes.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "crm.security.csp.ContentPolicyMiddleware",
    "crm.security.middleware.SecurityHeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.health.outage.OutageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "crm.accounts.middleware.AuthenticationMiddleware",
    "crm.accounts.middleware.LocaleMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "crm.pages.middleware.SignedOutMiddleware",
    "crm.tenancy.middleware.TenantMiddleware",
    "crm.pages.middleware.MethodMiddleware",
    "crm.public.middleware.PublicMiddleware",
    "crm.security.middleware.PlainAddressMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "crm.urls"
MESSAGE_STORAGE = "crm.tenancy.messages.TenantMessages"
WSGI_APPLICATION = "crm.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crm.pages.context.frame",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "django_cotton.templatetags.cotton",
                "template_partials.templatetags.partials",
                "crm.tenancy.templatetags.platform",
                "crm.pages.templatetags.formats",
                "crm.pages.templatetags.pages",
            ],
        },
    }
]
COTTON_DIR = "components"

# Database: the application's role; migrations use DATABASE_OWNER_URL (crm/embedded/provision.py).
DATABASES = {
    "default": env.db("DATABASE_URL", default="postgres://crm_app@127.0.0.1:5432/guanxi")
    | {
        "ENGINE": "crm.tenancy.engine",
        "ATOMIC_REQUESTS": True,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5},
    }
}
DATABASE_OWNER_URL = env.str("DATABASE_OWNER_URL", default="")
# For `manage.py setup_database` only; web server and workers are not given it.
DATABASE_ADMIN_URL = env.str("DATABASE_ADMIN_URL", default="")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "crm.security.cache.FailSafeRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}

# Work that takes longer than a request (docs/jobs.md). Workers speak of `redis+socket://` where others say `unix://`.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
# Jobs have a queue of their own: mail, sweeps and nightly work shall not wait behind hours of them (docs/jobs.md). A
# worker that is told nothing takes from both; one that takes only "short" keeps room for it.
CELERY_TASK_DEFAULT_QUEUE = "short"
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {"short": {}, "jobs": {}}
CELERY_TASK_ROUTES = {"jobs.run": {"queue": "jobs"}}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_DB_REUSE_MAX = 1000
# A worker waits for Redis as long as it takes; a request (crm/jobs/broker.py) does not.
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A message that was taken and never answered is delivered again after this. Jobs may be longer: they have leases.
    "visibility_timeout": 3600,
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "health_check_interval": 10,
    "max_retries": 0,
}
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=30)
JOB_SWEEP_SECONDS = env.int("JOB_SWEEP_SECONDS", default=15)
# With this many messages waiting in the broker, the sweeper adds none.
JOB_MOST_WAITING = 50
JOB_RESULT_DAYS = env.int("JOB_RESULT_DAYS", default=14)
JOB_KEEP_DAYS = env.int("JOB_KEEP_DAYS", default=90)
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "jobs.sweep": {
        "task": "jobs.sweep",
        "schedule": JOB_SWEEP_SECONDS,
        # A sweep that nobody came to do is as good as the next one.
        "options": {"expires": JOB_SWEEP_SECONDS},
    },
    "jobs.clean_up": {"task": "jobs.clean_up", "schedule": crontab(hour=3, minute=17)},
    "imports.clean_up": {"task": "imports.clean_up", "schedule": crontab(hour=2, minute=47)},
    "pages.clean_up": {"task": "pages.clean_up", "schedule": crontab(hour=3, minute=47)},
    "marketing.clean_up": {"task": "marketing.clean_up", "schedule": crontab(hour=3, minute=7)},
    "mail.deliver": {"task": "mail.deliver", "schedule": 60, "options": {"expires": 60}},
    "mail.forget_old": {"task": "mail.forget_old", "schedule": crontab(hour=3, minute=27)},
    "rollups.check": {"task": "rollups.check", "schedule": crontab(hour=1, minute=37)},
    "sales.expire_quotes": {"task": "sales.expire_quotes", "schedule": crontab(minute=5)},
    "analytics.compute": {"task": "analytics.compute", "schedule": crontab(hour=1, minute=37)},
    "service.tick": {"task": "service.tick", "schedule": 60, "options": {"expires": 60}},
    "service.fetch_mail": {"task": "service.fetch_mail", "schedule": 60, "options": {"expires": 60}},
    "service.forget_mail": {"task": "service.forget_mail", "schedule": crontab(hour=3, minute=57)},
    "service.close_solved": {"task": "service.close_solved", "schedule": crontab(minute=23)},
    "analytics.run_schedules": {"task": "analytics.run_schedules", "schedule": 60, "options": {"expires": 60}},
    "accounts.forget_what_ended": {"task": "accounts.forget_what_ended", "schedule": crontab(hour=3, minute=37)},
}

# Sign-in
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["crm.accounts.backends.EmailBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "crm.accounts.validators.LongEnoughPasswordValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "crm.accounts.validators.DressedUpPasswordValidator"},
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
PASSWORD_RESET_TIMEOUT = 3600
INVITATION_DAYS = 7

# A session ends this long after signing in, and this long after it was last used (crm/accounts/sessions.py).
SESSION_ENGINE = "crm.accounts.sessions"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600
SESSION_IDLE_AGE = env.int("SESSION_IDLE_MINUTES", default=120) * 60

ACCOUNT_ADAPTER = "crm.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
# Guessing passwords is limited by crm/accounts/throttle.py; allauth's own limits per address would let a neighbour
# lock people out, also out of the link in a mail, which cannot be guessed. "login_failed" counts codes of the second
# step, for which one needs the password first.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "reauthenticate": None,
    "reset_password_from_key": None,
    "login_failed": "10/5m/key",
}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_ADAPTER = "crm.accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "crm.accounts.forms.AddPasskeyForm",
    "edit_webauthn": "crm.accounts.forms.RenamePasskeyForm",
}
# One step of 30 seconds before and after, for telephones whose clock is a little off.
MFA_TOTP_TOLERANCE = 1

# Language, time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    # npm files under vendor/, and the icon sprite.
    "crm.pages.finders.VendorFinder",
]
# Pages name files by their hash only; and what nobody but a debugger reads need not be small.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "br", "woff", "woff2", "map")
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", default=200) << 20
# Of one request; each may have UPLOAD_MAX_BYTES.
DATA_UPLOAD_MAX_NUMBER_FILES = 10
FILE_UPLOAD_HANDLERS = [
    "crm.files.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
STORAGES = {
    "default": {
        "BACKEND": "crm.files.storage.PrivateStorage",
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage" if DEBUG else "crm.pages.static.StaticFiles"
    },
}

# The largest file an import takes. Spreadsheets have lower limits of their own (crm/imports/spreadsheets.py).
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=512 << 20)
# Rows of one transaction: more are a little quicker and take more memory, fewer lose less work to a power cut.
IMPORT_CHUNK_ROWS = env.int("IMPORT_CHUNK_ROWS", default=20_000)
# Afterwards a draft goes, and the file of an import that is over.
IMPORT_KEEP_DAYS = env.int("IMPORT_KEEP_DAYS", default=30)

# How often one address may ask of pages without login in a minute (crm/public/limits.py).
PUBLIC_REQUESTS_PER_MINUTE = env.int("PUBLIC_REQUESTS_PER_MINUTE", default=300)
PUBLIC_FORMS_PER_MINUTE = env.int("PUBLIC_FORMS_PER_MINUTE", default=20)
# The same for one signed link, whoever asks.
PUBLIC_LINK_PER_MINUTE = env.int("PUBLIC_LINK_PER_MINUTE", default=120)
# Of all files together that somebody sends with a form there.
PUBLIC_UPLOAD_MAX_BYTES = env.int("PUBLIC_UPLOAD_MAX_MB", default=10) << 20

# Transport
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Browsers take a cookie of this prefix only from https, for this host alone and for all paths.
_COOKIE_PREFIX = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_NAME = f"{_COOKIE_PREFIX}language"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
DEVICE_COOKIE_NAME = f"{_COOKIE_PREFIX}device"

# Mail: without EMAIL_URL each mail becomes a file in DATA_DIR/mail and goes nowhere.
MAILBOX_BACKEND = "crm.mail.mailbox.MailboxBackend"
EMAIL_URL = env.str("EMAIL_URL", default="")
EMAIL_BACKEND = MAILBOX_BACKEND
EMAIL_TIMEOUT = 20
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
MAIL_SENT_AT_ONCE = EMAIL_BACKEND == MAILBOX_BACKEND
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{PRODUCT_NAME} <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Campaigns: how many workers share one, and how many mails it sends in a second at most (0: as the server takes them).
CAMPAIGN_SENDERS = env.int("CAMPAIGN_SENDERS", default=2)
CAMPAIGN_MAILS_PER_SECOND = env.int("CAMPAIGN_MAILS_PER_SECOND", default=0)
# Mail that comes in (docs/service.md): the largest that is taken, and whether mailboxes may be on servers of a private
# network. Who sets up a mailbox chooses where we connect to.
INBOUND_MAIL_MAX_BYTES = env.int("INBOUND_MAIL_MAX_MB", default=25) << 20
INBOUND_MAIL_PRIVATE_SERVERS = env.bool("INBOUND_MAIL_PRIVATE_SERVERS", default=False)
CSRF_FAILURE_VIEW = "crm.pages.views.errors.csrf_failure"

# Logs and metrics (docs/operations.md)
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = logging_config(debug=DEBUG, level=LOG_LEVEL)
# Shared by the processes of one run; emptied when it starts.
METRICS_DIR = Path(env.str("METRICS_DIR", default=str(DATA_DIR / "metrics")))
# Who sends it as "Authorization: Bearer …" may read /metrics from elsewhere. Empty: only this machine may.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")

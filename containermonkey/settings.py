"""Django's settings; what a person may change comes from the environment (docs/settings.md)."""

import sys
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from redis.connection import parse_url

from containermonkey import env, keys, oidc

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "1.0.0"

PORT = env.integer("PORT", 6660, least=1, most=65535)
DATA_DIR = Path(env.text("CONTAINERMONKEY_DATA", str(BASE_DIR / "data"))).absolute()
BACKUP_DIR = DATA_DIR / "backups"
DOCKER_HOST = env.url(
    "DOCKER_HOST", "unix:///var/run/docker.sock", schemes=("unix", "tcp", "http", "https")
)
HELPER_IMAGE = env.image("CONTAINERMONKEY_HELPER_IMAGE")
VOLUMES_READ_ONLY = env.boolean("CONTAINERMONKEY_VOLUMES_READ_ONLY")
LARGEST_IMPORT = env.integer("CONTAINERMONKEY_LARGEST_IMPORT", 64, least=1, most=100_000) << 30
SHOW_SELF = env.boolean("CONTAINERMONKEY_SHOW_SELF")
ALLOW_DEFAULT_PASSWORD = env.boolean("CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD")
AUDIT_DAYS = env.integer("CONTAINERMONKEY_AUDIT_DAYS", 0, least=0, most=36_500)
METRICS_TOKEN = env.secret("CONTAINERMONKEY_METRICS_TOKEN", least=16)
TRUSTED_PROXIES = env.addresses("CONTAINERMONKEY_TRUSTED_PROXIES")
KNOWN_HOSTS = env.hosts("CONTAINERMONKEY_ALLOWED_HOSTS")
# Django knows no pattern for every IP address: containermonkey.hosts decides.
ALLOWED_HOSTS = ["*"]
HSTS_DAYS = env.integer("CONTAINERMONKEY_HSTS_DAYS", 365, least=0, most=3650)
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix"))


def data_directory() -> Path:
    """The data directory, made on first use and open to nobody else."""
    try:
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        BACKUP_DIR.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise keys.unusable(DATA_DIR, error) from None
    return DATA_DIR


SECRET_KEY = keys.key_in(data_directory() / "secret.key")
# What passwords of registries and variables of compose files are encrypted with. Not the other
# one, which may be changed to end all sessions.
ENCRYPTION_KEY = keys.key_in(
    data_directory() / "encryption.key", formerly=DATA_DIR / "registries.key"
)
DEBUG = False

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "csp",
    "channels",
    "ninja",
    "containermonkey",
    "accounts",
    "jobs",
    "containers",
    "backups",
    "volumes",
    "images",
    "networks",
    "stacks",
    "stats",
    "search",
    "system",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "containermonkey.headers.SafeHeaders",
    "containermonkey.static_files.StaticFiles",
    "containermonkey.compression.CompressText",
    "containermonkey.hosts.KnownHosts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "containermonkey.middleware.ApiErrors",
    "containermonkey.uploads.StreamedUploads",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "containermonkey.unseen.VisibleText",
    "django_htmx.middleware.HtmxMiddleware",
    "containermonkey.fragments.Fragments",
    "accounts.sessions.middleware.SessionOrigin",
    "accounts.middleware.ActorOfRequest",
    "accounts.middleware.SignInRequired",
    "accounts.middleware.PasswordChangeRequired",
    "containermonkey.middleware.Gate",
    "containermonkey.middleware.Patience",
    "containermonkey.middleware.ProblemPages",
]

ROOT_URLCONF = "containermonkey.urls"
ASGI_APPLICATION = "containermonkey.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "containermonkey.context.page",
            ],
            "builtins": [
                "django.templatetags.static",
                "template_partials.templatetags.partials",
                "containermonkey.templatetags.ui",
                "accounts.templatetags.rights",
            ],
        },
    }
]

SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "containermonkey.sqlite3",
    "OPTIONS": {
        # The worker and the web server write to one file: writers take the lock at once
        # and wait for each other, instead of failing when a read turns into a write.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL, because an undo that is lost with the power cannot be carried out afterwards.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}
# A server that hangs, or has gone without a word, counts as away after these times.
POSTGRESQL_PATIENCE = {
    "connect_timeout": 5,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
DATABASE_URL = env.url("DATABASE_URL", schemes=("postgres", "postgresql", "sqlite"))
try:
    DATABASES: dict[str, dict[str, Any]] = {
        "default": dict(dj_database_url.parse(DATABASE_URL)) if DATABASE_URL else SQLITE
    }
except (ValueError, KeyError) as error:
    raise env.WrongSetting(f"DATABASE_URL cannot be read: {error}") from None
if DATABASE_URL.startswith("sqlite"):
    # Another place, and the same rules for those who write to it.
    DATABASES["default"] = SQLITE | {"NAME": DATABASES["default"]["NAME"]}
elif DATABASE_URL:
    # No connection outlives its request or its round of the worker, so none is stale after a
    # restart of the server; what the address says itself comes last.
    given = DATABASES["default"].get("OPTIONS", {})
    DATABASES["default"]["OPTIONS"] = POSTGRESQL_PATIENCE | given
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What one web process counts in its own memory, several count together in Redis; while that is
# away, each of them in its own memory again (containermonkey.shared_cache).
LOCAL_CACHE: dict[str, Any] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    # The limits on sign-in count in here: with the default of 300 entries, a stranger
    # with many addresses could push the count of his own attempts out.
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
CACHES: dict[str, dict[str, Any]] = {"default": LOCAL_CACHE}
if REDIS_URL:
    try:
        parse_url(REDIS_URL)
    except ValueError:
        # Its words quote what is taken for the port, which may be half of a password.
        raise env.WrongSetting(
            "REDIS_URL cannot be read: a password in it is to be percent-encoded."
        ) from None
    CACHES = {
        "default": {
            "BACKEND": "containermonkey.shared_cache.SharedCache",
            "LOCATION": REDIS_URL,
            # Another version may understand something else by what is remembered.
            "KEY_PREFIX": f"containermonkey-{VERSION}",
            # Pages wait for it, so it has a second.
            "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
        },
        "own": LOCAL_CACHE,
    }
# Every web process reads the rows of the jobs by itself, and nothing is sent from one to another:
# a layer would only be one thing more whose loss ends all sockets.
CHANNEL_LAYERS: dict[str, Any] = {}
# They warn of counting in memory; whoever starts several web processes is told to set REDIS_URL.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]
# TLS is a proxy's, which sends callers to it; cookies and HSTS follow the scheme of each request.
SILENCED_SYSTEM_CHECKS += ["security.W005", "security.W008", "security.W012", "security.W016"]
SILENCED_SYSTEM_CHECKS += ["security.W021"]

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_ENGINE = "accounts.sessions.store"
SESSION_COOKIE_AGE = 30 * 24 * 3600  # from the sign-in on; see accounts.sessions.store
SESSION_IDLE = env.integer("CONTAINERMONKEY_SESSION_IDLE", 72, least=1, most=720) * 3600
FRESH_CODE = env.integer("CONTAINERMONKEY_FRESH_CODE", 0, least=0, most=1440) * 60
SESSION_COOKIE_SAMESITE = "Lax"
# None unless a provider is named: see containermonkey.oidc.
OIDC = oidc.provider(
    issuer=env.text("CONTAINERMONKEY_OIDC_ISSUER"),
    client_id=env.text("CONTAINERMONKEY_OIDC_CLIENT_ID"),
    client_secret=env.text("CONTAINERMONKEY_OIDC_CLIENT_SECRET")
    or env.content("CONTAINERMONKEY_OIDC_CLIENT_SECRET_FILE"),
    name=env.text("CONTAINERMONKEY_OIDC_NAME"),
    scopes=env.words("CONTAINERMONKEY_OIDC_SCOPES"),
    roles_claim=env.text("CONTAINERMONKEY_OIDC_ROLES_CLAIM"),
    viewers=env.names("CONTAINERMONKEY_OIDC_VIEWERS"),
    operators=env.names("CONTAINERMONKEY_OIDC_OPERATORS"),
    administrators=env.names("CONTAINERMONKEY_OIDC_ADMINISTRATORS"),
    default_role=env.choice("CONTAINERMONKEY_OIDC_DEFAULT_ROLE", oidc.ROLES),
)
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "containermonkey.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# `Secure` and the prefix of their names are added where the scheme is known: see front.cookies.
SECURE_HSTS_SECONDS = HSTS_DAYS * 24 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

LANGUAGE_CODE = "en-gb"
# Where new schedules and the administration pages are; everything else is told in UTC.
TIME_ZONE = env.time_zone("TZ", "UTC")
USE_I18N = False
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
# An installation has what was collected from it alone.
STATICFILES_DIRS = [path for path in [BASE_DIR / "static"] if path.is_dir()]
# Set-up collects the static files under names with a hash; without that they are served as they
# lie, under their own names.
COLLECTED = (STATIC_ROOT / "staticfiles.json").exists() or sys.argv[1:2] == ["collectstatic"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not COLLECTED
WHITENOISE_MANIFEST_STRICT = False
WHITENOISE_ALLOW_ALL_ORIGINS = False

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "stream": sys.stderr}
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}

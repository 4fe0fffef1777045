"""Django's settings; what a person may change comes from the environment (see README, Settings)."""

import os
import secrets
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF

from containermonkey import env

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "0.4.0"

PORT = env.integer("PORT", 6660, least=1, most=65535)
DATA_DIR = Path(env.text("CONTAINERMONKEY_DATA", str(BASE_DIR / "data"))).absolute()
BACKUP_DIR = DATA_DIR / "backups"
DOCKER_HOST = env.url(
    "DOCKER_HOST", "unix:///var/run/docker.sock", schemes=("unix", "tcp", "http", "https")
)
HELPER_IMAGE = env.text("CONTAINERMONKEY_HELPER_IMAGE")
SHOW_SELF = env.boolean("CONTAINERMONKEY_SHOW_SELF")
ALLOW_DEFAULT_PASSWORD = env.boolean("CONTAINERMONKEY_ALLOW_DEFAULT_PASSWORD")
TRUSTED_PROXIES = env.addresses("CONTAINERMONKEY_TRUSTED_PROXIES")
ALLOWED_HOSTS = env.hosts("CONTAINERMONKEY_ALLOWED_HOSTS", "*")
REDIS_URL = env.url("REDIS_URL", schemes=("redis", "rediss", "unix"))


def data_directory() -> Path:
    """The data directory, made on first use and open to nobody else."""
    try:
        DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        BACKUP_DIR.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise unusable(DATA_DIR, error) from None
    return DATA_DIR


def unusable(path: Path, error: OSError) -> env.WrongSetting:
    return env.WrongSetting(f"CONTAINERMONKEY_DATA: {path} cannot be used: {error.strerror}.")


def secret_key(path: Path) -> str:
    """The key of this installation; made at the first start, never shipped."""
    try:
        new_file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(new_file, "w") as file:
            file.write(secrets.token_urlsafe(64))
    except FileExistsError:
        pass
    except OSError as error:
        raise unusable(path, error) from None
    try:
        key = path.read_text(errors="replace").strip()
    except OSError as error:
        raise unusable(path, error) from None
    if len(key) < 50:
        raise env.WrongSetting(
            f"CONTAINERMONKEY_DATA: {path} does not hold a key; remove it to have one made."
        )
    return key


SECRET_KEY = secret_key(data_directory() / "secret.key")
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
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "containermonkey.static_files.StaticFiles",
    "containermonkey.compression.CompressText",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "containermonkey.middleware.ApiErrors",
    "containermonkey.uploads.StreamedUploads",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "containermonkey.fragments.Fragments",
    "accounts.middleware.ActorOfRequest",
    "accounts.middleware.SignInRequired",
    "accounts.middleware.PasswordChangeRequired",
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
DATABASE_URL = env.url("DATABASE_URL", schemes=("postgres", "postgresql", "sqlite"))
try:
    DATABASES = {"default": dj_database_url.parse(DATABASE_URL) if DATABASE_URL else SQLITE}
except (ValueError, KeyError) as error:
    raise env.WrongSetting(f"DATABASE_URL cannot be read: {error}") from None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": [REDIS_URL]},
        }
    }
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            # The limits on sign-in count in here: with the default of 300 entries, a stranger
            # with many addresses could push the count of his own attempts out.
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
# One web process counts in its own memory; several are told to set REDIS_URL.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]

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
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "containermonkey.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
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
STATICFILES_DIRS = [BASE_DIR / "static"]
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

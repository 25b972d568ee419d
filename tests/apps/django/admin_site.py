# Django's admin in one file: makes its database with the superuser romeo, and serves.
import os

import django
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.urls import path

IS_SECURE = os.environ["SCHEME"] == "https"

settings.configure(
    DEBUG=True,  # static files come from the development server
    SECRET_KEY="for tests alone",
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["SCHEME"] + ".db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    STATIC_URL="/static/",
    INSTALLED_APPS=["django.contrib." + name for name in (
        "admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware",
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware",
                "django.middleware.clickjacking.XFrameOptionsMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                "OPTIONS": {"context_processors": ["django.template.context_processors.request",
                                                   "django.contrib.auth.context_processors.auth",
                                                   "django.contrib.messages.context_processors.messages"]}}],

    # What a publisher has to say.
    ALLOWED_HOSTS=[".gate.example"],
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),

    # And what a site under https usually has: the first would never end if the header did not arrive.
    SECURE_SSL_REDIRECT=IS_SECURE,
    SESSION_COOKIE_SECURE=IS_SECURE,
    CSRF_COOKIE_SECURE=IS_SECURE,
)
django.setup()

urlpatterns = [path("admin/", admin.site.urls)]

if __name__ == "__main__":
    from django.contrib.auth.models import User

    call_command("migrate", verbosity=0)
    User.objects.create_superuser("romeo", password=os.environ["PASSWORD"])
    call_command("runserver", "127.0.0.1:" + os.environ["PORT"], use_reloader=False)

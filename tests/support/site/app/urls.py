"""The site's own pages, and the files that a web server would serve in front of it."""

from django.conf import settings
from django.contrib import admin
from django.contrib.staticfiles.views import serve as serve_static
from django.urls import include, path, re_path
from django.views.static import serve

urlpatterns = [
    path("admin/", admin.site.urls),
    re_path(r"^media/(?P<path>.*)$", serve, {"document_root": settings.MEDIA_ROOT}),
    re_path(r"^static/(?P<path>.*)$", lambda request, path: serve_static(request, path, insecure=True)),
    path("", include("django_classified.urls", namespace="django_classified")),
]

from django.urls import path

from accounts.trail import views

urlpatterns = [
    path("", views.line_list, name="audit"),
    path("export/", views.export_csv, name="audit_export"),
    path("<int:key>/", views.detail, name="audit_line"),
]

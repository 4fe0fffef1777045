from django.urls import path

from images.transfer import views

app_name = "image_transfer"
urlpatterns = [
    path("export/", views.export, name="export"),
    path("import/", views.import_, name="import"),
]

from django.urls import path

from volumes.files import views
from volumes.files.writing import views as writing

app_name = "files"
urlpatterns = [
    path("", views.folder, name="folder"),
    path("shown/", views.shown, name="shown"),
    path("picture/", views.picture, name="picture"),
    path("upload/", writing.upload, name="upload"),
    path("new-folder/", writing.new_folder, name="new_folder"),
    path("rename/", writing.rename, name="rename"),
    path("delete/", writing.delete, name="delete"),
]

"""The pages of images. `reference` is an id, an unambiguous beginning of one, or a name."""

from django.urls import path, register_converter

from images import dialogs, views
from images.converters import ImageConverter

register_converter(ImageConverter, "image")

app_name = "images"
urlpatterns = [
    path("", views.image_list, name="list"),
    path("-/delete/", dialogs.delete_several, name="delete_several"),
    path("-/dangling/", dialogs.clean_up_dangling, name="clean_up_dangling"),
    path("-/unused/", dialogs.clean_up_unused, name="clean_up_unused"),
    path("<image:reference>/tag/", dialogs.tag, name="tag"),
    path("<image:reference>/untag/", dialogs.untag, name="untag"),
    path("<image:reference>/newer/", views.newer, name="newer"),
    path("<image:reference>/delete/", dialogs.delete, name="delete"),
    path("<image:reference>/inspect/", views.inspect, name="inspect"),
    path("<image:reference>/", views.detail, name="detail"),
]

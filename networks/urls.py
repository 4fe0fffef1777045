"""The pages of networks. `reference` is an id; a name does where only one network has it.

What is about no single one begins with `-`, or with a word that a network is not opened by here:
links to networks are made of ids.
"""

from django.urls import path

from networks import connect_views, delete_views, views

app_name = "networks"
urlpatterns = [
    path("", views.network_list, name="list"),
    path("new/", views.new, name="new"),
    path("-/connect/", connect_views.connect, name="connect"),
    path("-/disconnect/", connect_views.disconnect, name="disconnect"),
    path("-/delete/", delete_views.delete_several, name="delete_several"),
    path("-/prune/", delete_views.prune, name="prune"),
    path("<reference>/", views.detail, name="detail"),
    path("<reference>/delete/", delete_views.delete, name="delete"),
]

from django.urls import path

from accounts.people import views

urlpatterns = [
    path("", views.people_list, name="users"),
    path("new/", views.new, name="new_user"),
    path("<int:key>/", views.detail, name="user"),
    path("<int:key>/role/", views.change_role, name="user_role"),
    path("<int:key>/switch/", views.switch, name="user_switch"),
    path("<int:key>/password/", views.reset_password, name="user_password"),
    path("<int:key>/rename/", views.rename, name="user_rename"),
    path("<int:key>/access/<str:name>/", views.access, name="user_access"),
    path("<int:key>/delete/", views.delete, name="user_delete"),
]

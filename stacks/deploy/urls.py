from django.urls import path

from stacks.deploy import views

urlpatterns = [
    path("-/deploy/", views.new, name="deploy"),
    path("<str:name>/deploy/", views.change, name="change"),
    path("<str:name>/deployments/", views.history, name="deployments"),
    path("<str:name>/deployments/forget/", views.forget, name="forget"),
    path("<str:name>/deployments/<int:version>/", views.version, name="deployment"),
    path("<str:name>/deployments/<int:version>/again/", views.again, name="deploy_again"),
]

from django.urls import path

from system.events.views import event_list

app_name = "events"
urlpatterns = [path("", event_list, name="list")]

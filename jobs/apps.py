from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from jobs.feed import feed
        from jobs.sources import add_source

        autodiscover_modules("handlers")
        add_source(feed.filling)

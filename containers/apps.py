from django.apps import AppConfig


class ContainersConfig(AppConfig):
    name = "containers"

    def ready(self) -> None:
        from containers.live.feed import feed
        from jobs.sources import add_source

        add_source(feed.filling)

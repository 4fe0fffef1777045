from django.apps import AppConfig


class SystemConfig(AppConfig):
    name = "system"

    def ready(self) -> None:
        from jobs.sources import add_source
        from system.check import deploying  # noqa: F401 - declares the checks
        from system.dashboard.counts import feed as counts
        from system.events.feed import feed as events
        from system.host.feed import feed as host

        add_source(host.filling)
        add_source(events.filling)
        add_source(counts.filling)

"""stats.rounds: figures from what the Engine answers"""

from datetime import UTC, datetime, timedelta

import pytest

from containers.mapping import of_row
from containers.stats import services as containers_services
from containers.stats.formulas import sample_of
from stats.rounds import Usage, usable, usage_of

NOW = datetime.now(UTC)

ROW = {
    **{"Id": "4f" * 32, "Names": ["/web"], "Image": "nginx", "ImageID": "sha256:0", "Ports": []},
    **{"Labels": {}, "State": "running", "Status": "Up 3 hours", "Created": 0, "Mounts": []},
}


def answer_of_v2(seconds: float, cpu: int, received: int, written: int) -> dict:
    """As an Engine 26 on cgroup v2 answers with `one-shot`."""
    return {
        "read": (NOW + timedelta(seconds=seconds)).isoformat(),
        "preread": "0001-01-01T00:00:00Z",
        "pids_stats": {"current": 5, "limit": 28_000},
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"major": 254, "minor": 0, "op": "read", "value": 4096},
                {"major": 254, "minor": 0, "op": "write", "value": written},
            ],
            "io_serviced_recursive": None,
        },
        "cpu_stats": {
            "cpu_usage": {
                "total_usage": cpu,
                "usage_in_kernelmode": 0,
                "usage_in_usermode": cpu,
            },
            "system_cpu_usage": 8_437_020_000_000,
            "online_cpus": 4,
        },
        "precpu_stats": {"cpu_usage": {"total_usage": 0}},
        "memory_stats": {
            "usage": 90_000_000,
            "limit": 360_000_000,
            "stats": {"anon": 30_000_000, "file": 60_000_000, "inactive_file": 54_000_000},
        },
        "networks": {"eth0": {"rx_bytes": received, "tx_bytes": 700}},
    }


def used(*answers: dict) -> Usage:
    samples = [sample for answer in answers if (sample := sample_of(answer))]
    return usage_of(of_row(ROW), usable(samples))


def test_two_answers_on_cgroup_v2():
    found = used(
        answer_of_v2(-5, 10_000_000_000, 1000, 0),
        answer_of_v2(0, 17_500_000_000, 51_000, 1_000_000),
    )
    assert found.stats.cpu_percent == 150.0
    assert found.stats.memory_usage == 36_000_000
    assert found.stats.memory_percent == 10.0
    assert (found.stats.network_rx, found.stats.block_write, found.stats.pids) == (
        *(51_000, 1_000_000),
        5,
    )
    assert found.figures() == (150.0, 36_000_000, 10_000.0, 0.0, 0.0, 200_000.0)


def test_one_answer_says_nothing_of_cpu_and_rates():
    found = used(answer_of_v2(0, 10_000_000_000, 1000, 0))
    assert found.figures() == (None, 36_000_000, None, None, None, None)
    assert found.is_known


def test_a_sample_of_long_ago_says_nothing_of_now():
    old = -containers_services.USABLE_SECONDS - 5
    found = used(answer_of_v2(old, 1, 1, 1), answer_of_v2(0, 10_000_000_000, 1000, 0))
    assert found.stats.cpu_percent is None


@pytest.mark.parametrize("seconds", [5.0, 0.5])
def test_a_counter_that_began_anew_is_no_negative_rate(seconds):
    found = used(answer_of_v2(-seconds, 5, 9999, 0), answer_of_v2(0, 10, 100, 0))
    assert found.network_in is None

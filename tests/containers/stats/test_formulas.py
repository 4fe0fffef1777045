"""The figures from answers of the Engine"""

from datetime import UTC, datetime, timedelta

import pytest

from containermonkey.sparks import path_through
from containers.stats import formulas
from containers.stats.charts import cpu_figure, figures_of
from containers.stats.formulas import Sample, Stats, sample_of
from containers.stats.history import KEPT_SAMPLES, MOST_CONTAINERS, History

START = datetime(2026, 3, 1, tzinfo=UTC)
NOTHING = Stats("0", "web", "running")

# As an Engine 26 on cgroup v2 answers with one-shot.
V2 = {
    "read": "2026-03-01T12:00:05.000000000Z",
    "preread": "0001-01-01T00:00:00Z",
    "pids_stats": {"current": 7, "limit": 18446744073709551615},
    "blkio_stats": {
        "io_service_bytes_recursive": [
            {"major": 254, "minor": 0, "op": "read", "value": 4096},
            {"major": 254, "minor": 0, "op": "write", "value": 8192},
            {"major": 253, "minor": 0, "op": "Read", "value": 1},
            {"major": 253, "minor": 0, "op": "Total", "value": 99999},
        ]
    },
    "cpu_stats": {"cpu_usage": {"total_usage": 12_500_000_000}, "online_cpus": 4},
    "precpu_stats": {"cpu_usage": {"total_usage": 0}},
    "memory_stats": {
        "usage": 100_000_000,
        "limit": 400_000_000,
        "stats": {"inactive_file": 20_000_000, "file": 50_000_000},
    },
    "networks": {
        "eth0": {"rx_bytes": 1000, "tx_bytes": 10},
        "eth1": {"rx_bytes": 500, "tx_bytes": 5},
    },
}


def sample(seconds: float = 0, cpu: int = 0, **values: int) -> Sample:
    given = {"memory": 10, "memory_limit": 100, "network_rx": 0, "network_tx": 0}
    given |= {"block_read": None, "block_write": None, "pids": 1} | values
    return Sample(read_at=START + timedelta(seconds=seconds), cpu=cpu, **given)


def test_an_answer_of_cgroup_v2():
    found = sample_of(V2)
    assert found.memory == 80_000_000
    assert (found.network_rx, found.network_tx) == (1500, 15)
    assert (found.block_read, found.block_write) == (4097, 8192)
    assert (found.cpu, found.pids) == (12_500_000_000, 7)
    assert formulas.memory_percent(found) == 20.0


def test_an_answer_of_cgroup_v1():
    memory = {"usage": 100, "limit": 200, "stats": {"total_inactive_file": 30, "inactive_file": 1}}
    assert formulas.memory_usage(memory) == 70
    assert formulas.memory_usage(memory | {"stats": {"total_inactive_file": 300}}) == 100
    assert formulas.memory_usage({}) is None


def test_what_the_kernel_does_not_tell_is_unknown_and_not_nothing():
    answer = {key: value for key, value in V2.items() if key != "networks"}
    found = sample_of(answer | {"blkio_stats": {"io_service_bytes_recursive": None}})
    assert (found.network_rx, found.network_tx) == (None, None)
    assert (found.block_read, found.block_write) == (None, None)


@pytest.mark.parametrize("answer", [{}, {"read": "0001-01-01T00:00:00Z"}, V2 | {"cpu_stats": {}}])
def test_what_does_not_run_has_no_sample(answer):
    assert sample_of(answer) is None


def test_cpu_is_in_percent_of_one_core():
    assert formulas.cpu_percent(sample(0, 0), sample(5, 10_000_000_000)) == 200.0
    assert formulas.cpu_percent(sample(0, 0), sample(0.5, 5_000_000)) == 1.0
    assert formulas.cpu_percent(None, sample()) is None
    assert formulas.cpu_percent(sample(5), sample(5)) is None
    assert formulas.cpu_percent(sample(0, 10), sample(5, 0)) is None


def test_history_begins_anew_with_the_container():
    kept = History()
    kept.add("a", sample(0, 100))
    assert len(kept.add("a", sample(5, 200))) == 2
    assert len(kept.add("a", sample(5, 200))) == 2
    assert len(kept.add("a", sample(10, 3))) == 1


def test_history_does_not_grow():
    kept = History()
    for second in range(200):
        samples = kept.add("a", sample(second, second))
    assert len(samples) == KEPT_SAMPLES
    for number in range(MOST_CONTAINERS + 200):
        kept.add(str(number), sample())
    assert len(kept._kept) <= MOST_CONTAINERS


def test_the_lines_of_a_figure_share_its_scale():
    samples = [sample(0), sample(150, 150 * 10**9, network_rx=150 * 1024), sample(300, 450 * 10**9)]
    cpu, memory, _, _ = figures_of(NOTHING, samples)
    assert cpu.scale == "5 min, 0 to 200 %"
    assert cpu.spark.label == "CPU over the last five minutes, from 0 to 200 %"
    assert cpu.spark.lines[0].path == "M150.0,34.0 300.0,2.0"
    assert memory.spark.lines[0].path.split()[0] == "M0.0,59.6"
    _, _, network, block = figures_of(NOTHING, samples[:2])
    assert [(line.kind, line.path) for line in network.spark.lines] == [
        ("rx", "M300.0,2.0"),
        ("tx", "M300.0,66.0"),
    ]
    assert [word for _, word, _ in block.pair] == ["Read", "Written"]


def test_nothing_can_be_drawn():
    for figure in figures_of(NOTHING, []):
        assert all(line.path == "" for line in figure.spark.lines)
    assert cpu_figure(NOTHING, []).value == "–"


def test_points_between_others_of_their_height_are_left_out():
    flat = [(float(x), 5.0) for x in range(9)]
    assert path_through(flat) == "M0.0,5.0 8.0,5.0"
    assert path_through([*flat, (9.0, 1.0)]) == "M0.0,5.0 8.0,5.0 9.0,1.0"
    assert path_through([]) == ""

import hashlib
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from backups.archive.pipeline import BackgroundHash, in_order, quick_switching, regroup


def test_results_come_in_the_order_of_the_items_and_at_the_same_time():
    together = Barrier(2, timeout=60)

    def work(number):
        together.wait()
        return number

    with ThreadPoolExecutor(2) as pool:
        assert list(in_order(pool, 2, work, range(40))) == list(range(40))


def test_only_a_few_items_are_taken_ahead():
    taken = []

    def items():
        for number in range(100):
            taken.append(number)
            yield number

    with ThreadPoolExecutor(2) as pool:
        results = in_order(pool, 2, lambda number: number, items())
        assert next(results) == 0
        assert len(taken) < 10


def test_an_error_in_a_thread_is_the_callers():
    with ThreadPoolExecutor(2) as pool, pytest.raises(ZeroDivisionError):
        list(in_order(pool, 2, lambda number: 1 / number, [1, 0, 1]))


def test_the_switch_interval_is_put_back_after_the_last_one():
    usual = sys.getswitchinterval()
    with quick_switching:
        with quick_switching:
            assert sys.getswitchinterval() < usual
        assert sys.getswitchinterval() < usual
    assert sys.getswitchinterval() == usual


def test_a_stream_is_regrouped():
    pieces = [b"ab", b"", memoryview(b"cdefghi"), bytearray(b"j")]
    assert list(regroup(pieces, 4)) == [b"abcd", b"efgh", b"ij"]
    assert list(regroup([], 4)) == []


def test_a_piece_of_the_right_size_is_passed_on_without_a_copy():
    pieces = [b"abcd", bytearray(b"efgh"), b"ij"]
    first, second, _ = regroup(pieces, 4)
    assert first is pieces[0]
    assert second is pieces[1]
    assert list(regroup([b"a", b"bcde", b"fgh"], 4)) == [b"abcd", b"efgh"]


def test_a_hash_in_the_background_is_that_of_all_blocks():
    blocks = [bytes([number]) * 100_000 for number in range(30)]
    with BackgroundHash() as digest:
        for block in blocks:
            digest.update(block)
        assert digest.hexdigest() == hashlib.sha256(b"".join(blocks)).hexdigest()

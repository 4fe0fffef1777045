"""What PostgreSQL says is wrong has a sentence, in which no password is."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.utils import DatabaseErrorWrapper, InterfaceError

from containermonkey.database import FAILURES, is_away, problem_of
from tests.bigger.servers import PASSWORD, PrivatePostgres


@pytest.fixture(autouse=True)
def _a_program_on_postgresql(monkeypatch):
    monkeypatch.setattr(connection, "vendor", "postgresql")


class OnPostgres:
    """As much of Django's wrapper as says which error is which."""

    Database = psycopg
    errors_occurred = False


def failure_of(act: Callable[[], Any]) -> Exception:
    try:
        with DatabaseErrorWrapper(OnPostgres()):
            act()
    except FAILURES as error:
        return error
    raise AssertionError("nothing failed")


def asking(url: str, question: str) -> Callable[[], Any]:
    def ask() -> None:
        with psycopg.connect(url) as asked:
            asked.execute(question)  # type: ignore[call-overload]

    return ask


def test_one_that_is_stopped_is_away(postgres: PrivatePostgres):
    with psycopg.connect(postgres.url("postgres")) as before:
        postgres.stop()
        for act in (asking(postgres.url("postgres"), "SELECT 1"), lambda: before.execute("SELECT")):
            failure = failure_of(act)
            assert is_away(failure), failure
            problem = problem_of(failure)
            assert problem is not None and problem.status == 503
            assert str(problem).startswith("The database does not answer, or")
    assert is_away(InterfaceError("connection already closed"))


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("SET TRANSACTION READ ONLY; CREATE TABLE a ()", "can be read and not"),
        ("SET statement_timeout = 1; SELECT pg_sleep(10)", "cannot be used just now"),
    ],
)
def test_other_faults_are_no_outage(postgres: PrivatePostgres, question, words):
    failure = failure_of(asking(postgres.url("postgres"), question))
    assert not is_away(failure)
    assert words in str(problem_of(failure))


def test_who_is_not_let_in_reads_so_without_the_password(postgres: PrivatePostgres):
    url = postgres.url("postgres").replace(PASSWORD, f"{PASSWORD}-wrong")
    failure = failure_of(asking(url, "SELECT 1"))
    assert PASSWORD not in str(failure)
    assert "does not let the program in" in str(problem_of(failure))


def test_a_zero_byte_is_the_name_of_nothing_and_a_wrong_question_a_defect(postgres):
    def ask() -> None:
        with psycopg.connect(postgres.url("postgres")) as asked:
            asked.execute("SELECT %s::text", ["a\0b"])

    problem = problem_of(failure_of(ask))
    assert problem is not None and problem.status == 404
    assert problem_of(failure_of(asking(postgres.url("postgres"), "SELECT nonsense"))) is None

"""What a compose file may say, found out before the plugin or the Engine is asked."""

import time

import pytest

from containermonkey.problems import Invalid
from stacks.deploy.reading import LARGEST, read_compose
from stacks.deploy.resolving import resolve
from stacks.deploy.variables import as_lines, variables_in


def of(service: str, rest: str = "") -> str:
    return f"services:\n  web:\n    image: busybox\n    {service}\n{rest}"


@pytest.mark.parametrize(
    ("file", "word"),
    [
        (of("build: ."), "build"),
        (of("env_file: /etc/passwd"), "env_file"),
        (of("label_file: /etc/passwd"), "label_file"),
        (of("extends: {file: /data/x.yml, service: a}"), "extends"),
        (of("credential_spec: {file: /etc/passwd}"), "credential_spec"),
        (of("provider: {type: /bin/sh}"), "provider"),
        (of("use_api_socket: true"), "use_api_socket"),
        (of("security_opt: ['seccomp:/etc/shadow']"), "seccomp"),
        (of("security_opt: ['seccomp=profile.json']"), "seccomp"),
        (of("volumes: ['./data:/data']"), "./data"),
        (of("volumes: ['../../root:/data']"), "../../root"),
        (of("volumes: ['~/.ssh:/data']"), "~/.ssh"),
        (of("volumes: [{type: bind, source: ./x, target: /x}]"), "./x"),
        (of("volumes: [{type: bind, source: x/y, target: /x}]"), "x/y"),
        (of("", "include: [/data/other.yml]"), "include"),
        (of("", "configs: {a: {file: /data/secret.key}}"), "file"),
        (of("", "secrets: {a: {file: /data/secret.key}}"), "file"),
        (of("", "secrets: {a: {environment: HOME}}"), "environment"),
        (of("", "models: {m: {model: x}}"), "models"),
        ("services: {}", "services"),
        ("services: [a]", "services"),
        ("services: {web: busybox}", "mapping"),
        ("web:\n  image: busybox\n", "services"),
    ],
)
def test_what_reads_or_runs_something_on_the_server_is_refused(file: str, word: str) -> None:
    with pytest.raises(Invalid, match="Not carried out") as refused:
        resolve(file, {})
    assert word in refused.value.fields["compose"]


def test_what_a_variable_brings_is_refused_too() -> None:
    with pytest.raises(Invalid):
        resolve(of("volumes: ['${WHERE}:/data']"), {"WHERE": "./here"})


def test_what_an_alias_or_a_merge_brings_is_refused_too() -> None:
    with pytest.raises(Invalid, match="build"):
        resolve("x-base: &base {build: .}\nservices:\n  web: {<<: *base, image: a}\n", {})


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BOMB, "too large with its aliases"),
        ("a: &a [*a]", "within what it stands for"),
        ("[" * 2000, "nested too deeply"),
        (f"a: &a {'x' * 100_000}\nb: [{', '.join(['*a'] * 1000)}]", "too large with its aliases"),
        ("x" * (LARGEST + 1), "larger than 1 MiB"),
        ("", "empty"),
        ("a: 1\na: 2", "twice in line 2"),
        ("{[a]: 1}", "no plain word"),
        ("a: !!python/object/apply:os.system [id]", "no YAML that compose takes"),
        ("a: !reset x", "no YAML that compose takes"),
        ("a: !!int ''", "its tag"),
        ("a: !!timestamp x", "its tag"),
        ("a: 'b", "line"),
        ("- a", "not a mapping"),
        ("\0", "no YAML"),
    ],
)
def test_what_is_no_file_is_refused_in_a_moment(text: str, reason: str) -> None:
    began = time.thread_time()  # of ours alone, whatever else the machine does
    with pytest.raises(Invalid, match=reason):
        read_compose(text)
    assert time.thread_time() - began < 5


@pytest.mark.parametrize("text", ['a: "\\ud800"', "a: !!binary aGk="])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        resolve(f"x-{text}\nservices: {{web: {{image: a}}}}", {})


def test_values_are_those_that_compose_takes() -> None:
    found = read_compose("a: 22:22\nb: no\nc: 0o17\nd: 2026-01-01\ne: true\n80: x")
    expected = {"a": "22:22", "b": "no", "c": 15, "d": "2026-01-01", "e": True, "80": "x"}
    assert found == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("$A", "one"),
        ("${A}", "one"),
        ("${N:-x}", "x"),
        ("${E-x}", ""),
        ("${E:-x}", "x"),
        ("${N:-${A}-y}", "one-y"),
        ("${A:+z}", "z"),
        ("$$A", "$$A"),
        ("${N}", ""),
        ("${HOME}", ""),
        ("${PATH}", ""),
    ],
)
def test_variables_come_from_what_was_given_alone(text: str, value: str) -> None:
    found = read_compose(
        resolve(of(f"labels: {{a: '{text}'}}"), {"A": "one", "E": ""}).content.decode()
    )
    assert found["services"]["web"]["labels"]["a"] == value


def test_a_value_with_a_dollar_is_not_read_as_a_variable_again() -> None:
    content = resolve(of("command: '$A'"), {"A": "${PATH}"}).content
    assert b'"command": "$${PATH}"' in content


@pytest.mark.parametrize("text", ["$", "${", "${A", "${A!}", "$1", "${N?it is needed}", "${N:?}"])
def test_a_variable_that_cannot_be_put_in_is_said(text: str) -> None:
    with pytest.raises(Invalid):
        resolve(of(f"command: '{text}'"), {"A": "one"})


def test_defaults_within_defaults_have_an_end() -> None:
    with pytest.raises(Invalid):
        resolve(of(f"command: '{'${N:-' * 5000}{'}' * 5000}'"), {})


def test_a_variable_that_is_named_alone_is_not_the_servers() -> None:
    found = resolve(of("environment: [PATH, TZ, DEBUG=1]"), {"TZ": "UTC"})
    service = read_compose(found.content.decode())["services"]["web"]
    assert service["environment"] == {"TZ": "UTC", "DEBUG": "1"}
    assert found.notes == ["The variable PATH has no value and is not set."]


def test_lines_of_variables_are_read() -> None:
    lines = "# a note\n\nexport A=1\nB = 'two words' \nC=\"$x\"\nD="
    assert variables_in(lines) == {"A": "1", "B": "two words", "C": "$x", "D": ""}
    assert variables_in(as_lines({"A": '"q"', "B": " s "})) == {"A": '"q"', "B": " s "}


@pytest.mark.parametrize("lines", ["A", "1A=x", "A B=x", "=x", "A=" + "x" * 40_000, "A=\0"])
def test_lines_that_are_no_variables_are_refused(lines: str) -> None:
    with pytest.raises(Invalid) as refused:
        variables_in(lines)
    assert "env" in refused.value.fields

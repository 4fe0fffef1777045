"""What looks like a secret, and what does not."""

import time

import pytest

from accounts.audit import Actor, acting
from accounts.masks import (
    DOTS,
    is_secret_name,
    masked_document,
    masked_pairs,
    masked_text,
    masked_words,
    visible_document,
    visible_pairs,
    visible_text,
    visible_value,
    visible_words,
)
from accounts.models import Right


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD", "DB_PASSWORD", "MYSQL_ROOT_PASSWORD_FILE", "dbpassword", "Passwd", "pwd"),
        *("api.token", "TOKENS", "REDISTOKEN", "accessToken", "client-secret", "APISECRET"),
        *("apiKey", "API_KEY", "apikey", "APIKey", "com.example.key", "ENCRYPTIONKEY"),
        *(
            "credentials",
            "AWS_CREDS",
            "SENTRY_DSN",
            "auth",
            "OAUTH2_SECRET",
            "dbpass",
            "PASSPHRASE",
        ),
        *("traefik.http.middlewares.x.basicauth.users", "splunk-token", "JWT", "slack.webhook"),
        *("ConnectionString", "CONNECTION_STRING", "requirepass", "x-authorization", "salt"),
    ],
)
def test_names_of_secrets(name: str):
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("KEYBOARD", "KEYMAP", "keyboard_layout", "MONKEY", "containermonkey.job", "HOCKEY"),
        *("com.docker.compose.project", "com.docker.compose.config-hash", "maintainer", "TURKEY"),
        *(
            "org.opencontainers.image.authors",
            "AUTHOR",
            "BYPASS",
            "compass",
            "TOKENIZERS_PARALLELISM",
        ),
        *("traefik.http.routers.web.rule", "traefik.enable", "version", "PATH", "SPINNER"),
        *("PUBLIC_KEY", "KEY_SIZE", "SandboxKey", "Passenger", "PIPELINE", "o", "device", "type"),
        *("com.docker.network.bridge.name", "desktop.docker.io/wsl-distro", "keycloak", ""),
    ],
)
def test_names_of_what_is_no_secret(name: str):
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://me:hunter2@db:5432/x", f"postgres://me:{DOTS}@db:5432/x"),
        ("redis://:hunter2@cache", f"redis://:{DOTS}@cache"),
        ("https://a:p@ss@host/x", f"https://a:{DOTS}@host/x"),
        (
            "addr=10.0.0.1,username=me,password=hunter2,rw",
            f"addr=10.0.0.1,username=me,password={DOTS},rw",
        ),
        ('{"user": "me", "password": "hunter 2"}', f'{{"user": "me", "password": {DOTS}}}'),
        ("--env=DB_PASSWORD=hunter2 run", f"--env=DB_PASSWORD={DOTS} run"),
        ("PGPASSWORD='two words' psql -U me", f"PGPASSWORD={DOTS} psql -U me"),
        ("serve --token hunter2 --port 80", f"serve --token {DOTS} --port 80"),
        ("X-Api-Key: hunter2", f"X-Api-Key: {DOTS}"),
        ("curl -u me:hunter2 http://x", f"curl -u {DOTS} http://x"),
        ("curl -H 'X: Bearer abcdef123456'", f"curl -H 'X: Bearer {DOTS}'"),
        ("mysqldump -uroot -phunter2 shop", f"mysqldump -uroot -p{DOTS} shop"),
        ("redis-cli -a hunter2 ping", f"redis-cli -a {DOTS} ping"),
        ("me:$apr1$x$hunter2", f"me:{DOTS}"),
        ("ghp_0123456789abcdefghijABCD", DOTS),
        ("?page=1&access_token=hunter2&x=1", f"?page=1&access_token={DOTS}&x=1"),
        ("-----BEGIN RSA PRIVATE KEY-----\nhunter2\n", DOTS),
    ],
)
def test_secrets_within_a_text(text: str, shown: str):
    assert masked_text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "nginx -g 'daemon off;'", "Host(`shop.example.org`) && PathPrefix(`/auth`)"),
        *("registry.example.org/team/auth:1.2", "docker run -p 8080:80 web", "mysql --port=3306"),
        *("https://example.org/a:b@c", "ssh://git@example.org/x.git", "keyboard=de", "key"),
        *("sha256:0123456789abcdef", "0.0.0.0:80->80/tcp", "mailto:me@example.org", "a=b=c"),
        *("curl -u me http://x", "tail -a x", "python -m http.server --bind ::"),
    ],
)
def test_a_text_without_secrets_stays(text: str):
    assert masked_text(text) == text


@pytest.mark.parametrize(
    ("words", "program", "shown"),
    [
        (["serve", "--password", "hunter2"], "", ["serve", "--password", DOTS]),
        (["serve", "--password", "--port", "80"], "", ["serve", "--password", "--port", "80"]),
        (["--api-key=hunter2"], "", [f"--api-key={DOTS}"]),
        (["redis-cli", "-a", "hunter2", "ping"], "", ["redis-cli", "-a", DOTS, "ping"]),
        (["-phunter2", "shop"], "mysqldump", [f"-p{DOTS}", "shop"]),
        (
            ["CMD-SHELL", "mysqladmin -phunter2 ping"],
            "",
            ["CMD-SHELL", f"mysqladmin -p{DOTS} ping"],
        ),
        (["-p8080", "-a", "x"], "web", ["-p8080", "-a", "x"]),
        (["sh", "-c", "TOKEN=hunter2 run"], "", ["sh", "-c", f"TOKEN={DOTS} run"]),
    ],
)
def test_secrets_among_the_words_of_a_command(words: list[str], program: str, shown: list[str]):
    assert masked_words(words, program) == shown


def test_of_labels_those_are_hidden_that_are_called_as_secrets():
    labels = {"api.token": "hunter2", "tier": "front", "url": "http://a:hunter2@b", "empty.key": ""}
    assert masked_pairs(labels) == {
        "api.token": DOTS,
        "tier": "front",
        "url": f"http://a:{DOTS}@b",
        "empty.key": "",
    }


def test_an_inspect_keeps_its_form():
    inspect = {
        "Path": "mysqldump",
        "Args": ["-phunter2"],
        "Config": {
            "Env": ["A=hunter2", "B"],
            "Cmd": None,
            "Labels": {"token": "hunter2"},
            "Healthcheck": {"Test": ["CMD", "x", "--secret", "hunter2"], "Retries": 3},
        },
        "HostConfig": {
            "LogConfig": {"Type": "splunk", "Config": {"splunk-token": "hunter2", "tag": "x"}},
            "Mounts": [{"VolumeOptions": {"DriverConfig": {"Options": {"o": "password=hunter2"}}}}],
        },
    }
    shown = masked_document(inspect)
    assert "hunter2" not in repr(shown)
    assert shown["Config"]["Env"] == [f"A={DOTS}", f"B={DOTS}"]
    assert shown["Config"]["Healthcheck"] == {"Test": ["CMD", "x", "--secret", DOTS], "Retries": 3}
    assert shown["HostConfig"]["LogConfig"]["Config"] == {"splunk-token": DOTS, "tag": "x"}
    assert inspect["Args"] == ["-phunter2"]


def test_whoever_may_read_secrets_is_given_what_there_is():
    labels, words = {"token": "hunter2"}, ["--token", "hunter2"]
    assert visible_pairs(labels) == labels
    assert visible_words(words) == words
    assert visible_value("hunter2") == "hunter2"
    assert visible_text("token=hunter2") == "token=hunter2"
    assert visible_document({"Env": ["A=1"]}) == {"Env": ["A=1"]}


def test_whoever_may_not_is_given_what_is_left():
    with acting(lambda: Actor(rights=frozenset({Right.SEE}))):
        assert visible_pairs({"token": "hunter2"}) == {"token": DOTS}
        assert visible_words(["--token", "hunter2"]) == ["--token", DOTS]
        assert visible_value("any") is None
        assert visible_text("token=hunter2") == f"token={DOTS}"
        assert visible_document({"Env": ["A=1"]}) == {"Env": [f"A={DOTS}"]}


@pytest.mark.parametrize(
    "part",
    ["a", "a-", "a=", "://a:", " ", 'a="', "-p", "--a ", "eyJaaaaaaaaa.", "$1$", "a.b:", "@"],
)
def test_a_label_that_was_made_to_keep_us_busy_does_not(part: str):
    begun = time.process_time()
    masked_text(part * (50_000 // len(part)))
    assert time.process_time() - begun < 1

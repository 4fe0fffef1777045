#!/usr/bin/python3 -IS
"""The image's health check: ends with 0 where the program says that it is well."""

import http.client
import os
import sys

PATIENCE = 8.0
"""Seconds; the Engine gives up after ten."""


def main() -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=PATIENCE)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        sys.stdout.write(answer.read().decode(errors="replace"))
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"No answer: {error}")
    sys.exit(answer.status != http.client.OK)


if __name__ == "__main__":
    main()

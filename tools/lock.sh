#!/usr/bin/env bash
# Pins what requirements*.in ask for. Versions that are pinned already stay as they are;
# `make lock ARGS=--upgrade` takes the newest, `ARGS='--upgrade-package django'` one of them.
set -euo pipefail
cd "$(dirname "$0")/.."

for name in requirements requirements-dev; do
  # The pins must hold wherever packages come from, so no address goes into the files.
  .venv/bin/pip-compile --quiet --no-header --strip-extras --annotation-style=line \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options \
    --output-file "$name.txt" "$name.in" "$@"
done

#!/usr/bin/env bash
# setup.sh run|dev: makes .venv with the pinned packages, and the front-end files.
#
# Each step leaves a stamp with the hash of what it was made from, so a second call does nothing
# in a second, and a change of the pins repeats just the step it concerns.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:?run or dev}

say() { echo "setup: $*" >&2; }
die() { say "$*"; exit 1; }

# Two calls at once: the second waits for the first, then finds everything there.
exec 9<"tools/setup.sh"
flock 9

# fresh STAMP KEY: whether the step of that stamp was made from exactly this.
fresh() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }
hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3 python3.11 python3.12 python3.13; do
    [ -n "$candidate" ] && command -v "$candidate" >/dev/null || continue
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
      echo "$candidate"
      return
    fi
  done
  die "Python 3.11 or later is needed. On Debian: apt-get install python3 python3-venv"
}

# The place is part of it: a virtual environment that was moved does not work.
environment_key() {
  "$python" -c 'import os, sys; print(sys.base_prefix, " ".join(sys.version.split()), os.getcwd())'
}

make_environment() {
  # Making it anew would empty the environment that the link leads to, which is another tree's.
  [ ! -L .venv ] || die ".venv is a link to $(readlink .venv); remove the link first."
  if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
      die "Python's venv module is missing. On Debian, as root: apt-get install python3-venv"
    tools/system-packages.sh python3-venv
  fi
  say "making .venv"
  "$python" -m venv --clear .venv
  environment_key >.venv/stamp-environment
}

install_packages() {
  local file=$1
  say "installing $file"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$file"
}

# npm of the machine, else the one that a Python package brings.
install_node_modules() {
  local npm=npm
  local kinds=()
  [ "$kind" = dev ] || kinds=(--omit=dev)
  if ! command -v npm >/dev/null; then
    install_packages requirements-node.txt
    npm=$PWD/.venv/bin/npm
  fi
  say "fetching the front-end packages"
  # The Python package's node brings its own list of authorities; the machine's is the right one.
  NODE_USE_SYSTEM_CA=1 NODE_DISABLE_COMPILE_CACHE=1 PATH=$PWD/.venv/bin:$PATH \
    "$npm" ci "${kinds[@]}" --ignore-scripts --no-audit --no-fund --loglevel=error >&2
}

build_assets() {
  say "building the front-end files"
  # Reading the settings makes a data directory; this is not the moment for the real one.
  CONTAINERMONKEY_DATA=$PWD/build/data .venv/bin/python manage.py build_assets >&2
}

# Under names with a hash, and compressed: browsers keep them for ever.
collect_static_files() {
  say "collecting the static files"
  CONTAINERMONKEY_DATA=$PWD/build/data .venv/bin/python manage.py collectstatic \
    --noinput --clear --verbosity 0 >&2
}

# The sprite holds the icons that templates and Python code name, so these are sources too.
icon_sources() {
  find . \( -name node_modules -o -name '.?*' -o -path ./tests -o -path ./build \) -prune -o \
    -type f \( -name '*.html' -o -name '*.py' \) -print0 | sort -z | xargs -0 cat
}

python=$(find_python)
fresh .venv/stamp-environment "$(environment_key)" || make_environment

requirements=requirements.txt
[ "$kind" = run ] || requirements=requirements-dev.txt
key=$(hash_of "$requirements")
if ! fresh ".venv/stamp-$requirements" "$key"; then
  install_packages "$requirements"
  echo "$key" >".venv/stamp-$requirements"
  # The development pins hold the program's own.
  hash_of requirements.txt >.venv/stamp-requirements.txt
fi

if [ -f package-lock.json ]; then
  key=$(hash_of package.json package-lock.json)
  if ! fresh "node_modules/.stamp-$kind" "$key"; then
    install_node_modules
    # As above: what the development needs holds what the program needs.
    echo "$key" | tee node_modules/.stamp-run >"node_modules/.stamp-$kind"
  fi
  key=$key$(hash_of requirements.txt)$(icon_sources | sha256sum)
  if ! fresh static/vendor/.stamp "$key"; then
    build_assets
    echo "$key" >static/vendor/.stamp
  fi
fi

key=$(hash_of ".venv/stamp-requirements.txt")$(find static -type f ! -name .stamp -print0 | sort -z | xargs -0 sha256sum | sha256sum)
if ! fresh build/static/.stamp "$key"; then
  collect_static_files
  echo "$key" >build/static/.stamp
fi

#!/usr/bin/env bash
# system-packages.sh [PACKAGE...]: installs Debian packages that are missing.
# Without names: what the tests need, which is an Engine, an image and a browser.
set -euo pipefail

have() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null; }
static_busybox() { have busybox && ! ldd "$(command -v busybox)" >/dev/null 2>&1; }

missing=("$@")
if [ $# = 0 ]; then
  have dockerd || missing+=(docker.io)
  have iptables || missing+=(iptables)
  have ip || missing+=(iproute2)
  have chromium || missing+=(chromium fonts-dejavu-core)
  static_busybox || missing+=(busybox-static)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "These Debian packages are missing: ${missing[*]}" >&2
  echo "Install them as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
install() {
  apt-get install --quiet=2 --yes --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}" >&2
}
# A fresh machine has no package lists, an old one has lists that name files that are gone.
install || { apt-get update --quiet=2 >&2 && install; }

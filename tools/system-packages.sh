#!/usr/bin/env bash
# system-packages.sh [PACKAGE...]: installs Debian packages that are missing.
# Without names: what the tests need, which is an Engine, an image, a browser and two servers.
set -euo pipefail

have() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null; }
static_busybox() { have busybox && ! ldd "$(command -v busybox)" >/dev/null 2>&1; }

missing=("$@")
if [ $# = 0 ]; then
  have dockerd || missing+=(docker.io)
  have iptables || missing+=(iptables)
  have ip || missing+=(iproute2)
  have chromium || missing+=(chromium fonts-dejavu-core)
  have docker-compose || missing+=(docker-compose)
  have debootstrap || missing+=(debootstrap)
  have slirp4netns || missing+=(slirp4netns)
  static_busybox || missing+=(busybox-static)
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || missing+=(postgresql)
  have redis-server || missing+=(redis-server)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "These Debian packages are missing: ${missing[*]}" >&2
  echo "Install them as root: apt-get install --no-install-recommends ${missing[*]}" >&2
  exit 1
fi

# The tests start servers of their own. Debian's packages start theirs at once and at each boot,
# and PostgreSQL makes a database cluster besides: neither is wanted of these two.
policy=/usr/sbin/policy-rc.d
clusters=/etc/postgresql-common/createcluster.d/container-monkey.conf
made=()
make() {
  [ -e "$1" ] && return
  mkdir -p "${1%/*}"
  cat >"$1"
  chmod "$2" "$1"
  made+=("$1")
}
tidy() { [ ${#made[@]} = 0 ] || rm -f "${made[@]}"; }
trap tidy EXIT
case " ${missing[*]} " in *' postgresql '*)
  make "$clusters" 644 <<<'create_main_cluster = false' ;;
esac
case " ${missing[*]} " in *' redis-server '*)
  # 101 is how a start is forbidden; what else is installed with it may start.
  make "$policy" 755 <<'END'
#!/bin/sh
case "$1" in redis-server | postgresql*) exit 101 ;; esac
END
  ;;
esac

echo "installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
install() {
  apt-get install --quiet=2 --yes --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "${missing[@]}" >&2
}
# A fresh machine has no package lists, an old one has lists that name files that are gone.
install || { apt-get update --quiet=2 >&2 && install; }
case " ${missing[*]} " in *' redis-server '*)
  if [ -d /run/systemd/system ]; then systemctl disable --quiet redis-server.service; fi ;;
esac

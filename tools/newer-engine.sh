#!/usr/bin/env bash
# newer-engine.sh DIR: unpacks the Engine of Debian testing into a folder, and installs nothing.
#
# Tests take it where CONTAINERMONKEY_TEST_ENGINE names the folder. Its runc needs a newer C library
# than Debian 12 has, so the machine's own runc is used. It comes from where the machine's other
# packages come from.
set -euo pipefail
target=$(realpath -m "${1:?a folder}")
[ ! -x "$target/usr/sbin/dockerd" ] || exit 0

archive() {
  apt-get indextargets --format '$(REPO_URI) $(LABEL)' 'Created-By: Packages' |
    awk '$2 == "Debian" { print $1; exit }'
}
# A fresh machine has no package lists.
[ -n "$(archive)" ] || apt-get update --quiet=2 >&2
archive=$(archive)
[ -n "$archive" ] || { echo "newer-engine: this machine has no lists of Debian's packages" >&2; exit 1; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{state/lists/partial,cache/archives/partial}
touch "$work/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive testing main" \
  >"$work/sources.list"
options=(
  -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
  -o "Dir::State=$work/state" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
  -o APT::Sandbox::User=root
)
apt-get "${options[@]}" --quiet=2 update >&2
(cd "$work" && apt-get "${options[@]}" --quiet=2 download docker.io containerd >&2)
for package in "$work"/*.deb; do
  dpkg-deb --extract "$package" "$work/unpacked"
done
mkdir -p "$(dirname "$target")"
rm -rf "$target"
mv "$work/unpacked" "$target"

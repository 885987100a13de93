#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016  # expanded by the shells of hooks
#
# make_root.sh build|install FILE [SOURCES [LISTS]]: a root file system of Debian 12 as
# an archive, compressed as its name says. build: to build our packages in; it has what
# debian/control asks for, lintian, and nothing else. install: to install them in; it has
# a kernel's headers and source, and dkms, and what our packages depend on is downloaded,
# not installed. SOURCES is a sources.list, LISTS apt's lists for it; without them the
# mirror that apt uses is asked. Needs root and mmdebstrap.

set -eu

here=$(cd "$(dirname "$0")" && pwd)
control=$here/../../debian/control
what=$1 file=$2 sources=${3:-} lists=${4:-}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM HUP

# build_depends: of debian/control, without what follows a name.
build_depends()
{
	sed -n '/^Build-Depends:/,/^[^ ]/s/^ \([^ ,]*\).*/\1/p' "$control"
}

if [ -z "$sources" ]; then
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
		awk '$2 == "bookworm" && $3 == "main" { print $1; exit }')
	[ -n "$mirror" ] || { echo "apt knows no mirror of bookworm" >&2; exit 1; }
	sources=$tmp/sources.list
	echo "deb $mirror bookworm main" >"$sources"
fi
options=()
if [ -n "$lists" ]; then
	# What is installed are then the versions that these name.
	export ROOT_LISTS=$lists
	options+=(--skip=update
		--setup-hook='mkdir -p "$1/var/lib/apt" && cp -a "$ROOT_LISTS" "$1/var/lib/apt/"')
fi

case $what in
build)
	mapfile -t packages < <(build_depends | sed 's/^debhelper-compat$/debhelper/; s/^dh-sequence-dkms$/dh-dkms/')
	packages+=(build-essential lintian)
	;;
install)
	packages=(bash-completion build-essential dkms dwarves kmod linux-headers-amd64 linux-source-6.1 xz-utils)
	# The libraries that the packages depend on are those they are built with.
	ROOT_DOWNLOADS=$(build_depends | grep '^lib.*-dev$' | tr '\n' ' ')cron
	export ROOT_DOWNLOADS
	options+=(--customize-hook='chroot "$1" apt-get -q -y --download-only install $ROOT_DOWNLOADS')
	;;
*)
	echo "usage: $0 build|install FILE [SOURCES [LISTS]]" >&2
	exit 2
	;;
esac

# Later installations need no network.
mmdebstrap --mode=root --variant=apt --include="${packages[*]}" \
	--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' \
	--dpkgopt=force-unsafe-io --skip=cleanup/apt "${options[@]}" bookworm "$file" "$sources"

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Root file systems in which modules are built, for kernels whose headers need a
# newer Debian than this machine: its compiler and C library, the headers, and the
# sources of the same version. A build sees its own mounts and processes only, so
# that nothing of it is left behind, whatever ends it.

BUILDER_PACKAGES='make gcc libc6-dev dash bash coreutils findutils grep sed gawk perl-base tar
	xz-utils util-linux diffutils kmod dwarves sparse'

# builder_make DIRECTORY SERIES VERSION
builder_make()
{
	local root=$1/root suites

	suites=$(kernel_field "$2" 2)
	# shellcheck disable=SC2086  # a list
	suite_extract "$root" "${suites%/*}" "${suites#*/}" $BUILDER_PACKAGES \
		"$(kernel_field "$2" 3)=$3" "$(kernel_field "$2" 4)=$3"
	# What configuring the packages would have made.
	ln -s gawk "$root/usr/bin/awk"
	mkdir -p "$root/dev" "$root/proc" "$root/tmp"
}

# builder_get SERIES: leaves the item's directory in ITEM.
builder_get()
{
	local version

	version=$(kernel_version "$1") || return 1
	cache_item "builder-$1" \
		"$(cache_key "$version" "$BUILDER_PACKAGES" "$(kernel_field "$1" 2)" \
			"$(recipe_text builder_make suite_extract)")" \
		"preparing a root file system to build modules for $1 in" builder_make "$1" "$version"
}

# builder_run SERIES COMMAND...: run it where modules for SERIES are built, which may
# be here. It finds BUILD at the same place; the paths it is given must be in there.
builder_run()
{
	local series=$1 root user=()

	shift
	if kernel_is_here "$series"; then
		"$@"
		return
	fi
	build_paths
	builder_get "$series" || return 1
	root=$ITEM/root
	[ "$(id -u)" -eq 0 ] || user=(--user --map-root-user)
	unshare "${user[@]}" --mount --pid --fork true ||
		die "modules for $series are built in a root file system of their own; that needs
root, or user namespaces: sysctl kernel.unprivileged_userns_clone=1" "$EXIT_CANNOT"
	# shellcheck disable=SC2016  # expanded by the inner shell
	env -u TMPDIR PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		unshare "${user[@]}" --mount --pid --fork --kill-child -- bash -c '
			set -e
			root=$1 build=$2
			shift 2
			mount -t proc proc "$root/proc"
			mount --rbind /dev "$root/dev"
			mount -t tmpfs tmpfs "$root/tmp"
			mkdir -p "$root$build"
			mount --rbind "$build" "$root$build"
			exec chroot "$root" "$@"' \
		builder "$root" "$BUILD" "$@" || {
		echo "(in the root file system $root)" >&2
		return 1
	}
}

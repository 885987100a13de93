# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Debian packages of this tree: the root file systems in which they are built and
# installed, kept as archives.

# What says whether the archives are those of today.
DEBS_VERSIONS='build-essential debhelper dkms dpkg gcc-12 libc6 linux-headers-amd64 linux-source-6.1 lintian'

# debs_make DIRECTORY LISTS: LISTS as suite_get leaves them. What is temporary lies in
# DIRECTORY, which goes if this is ended in the middle.
debs_make()
{
	local what

	mkdir "$1/tmp"
	for what in build install; do
		TMPDIR=$1/tmp "$TOP/tests/packages/make_root.sh" "$what" "$1/$what.tar.zst" \
			"$2/sources.list" "$2/lists"
	done
	rmdir "$1/tmp"
}

# debs_item: leaves the item's directory in ITEM.
debs_item()
{
	local versions=() name

	suite_get bookworm bookworm-security || return 1
	for name in $DEBS_VERSIONS; do
		versions+=("$name=$(suite_candidate "$name")")
	done
	cache_item debs "$(cache_key "${versions[*]}" "$(recipe_text debs_make)" \
		"$(cat "$TOP/tests/packages/make_root.sh")" \
		"$(sed -n '/^Build-Depends:/,/^[^ ]/s/^ \([^ ,]*\).*/\1/p' "$TOP/debian/control")")" \
		"preparing root file systems for Debian packages" debs_make "$SUITE"
}

# debs_get: the same, with the newest lists if the mirror has not what the old ones name.
debs_get()
{
	debs_item && return 0
	suite_renew bookworm bookworm-security && debs_item
}

check_debian()
{
	if [ "$(id -u)" -ne 0 ]; then
		echo "only root can make the root file systems that this needs"
		return 77
	fi
	build_paths
	debs_get || return 1
	TMPDIR=$RUN_TMP "$BUILD/src/tests/packages/test_packages.sh" "$ITEM/build.tar.zst" \
		"$ITEM/install.tar.zst"
}

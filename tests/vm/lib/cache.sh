# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The cache outside the tree: root file systems with QEMU, kernels, initramfs
# images, and the build trees. An item's directory name carries a key made of
# everything that determines its contents (package versions and the recipe), so
# an item is either right or not there. Items are made aside and renamed into
# place when complete.

CACHE=

cache_paths()
{
	CACHE=${XDG_CACHE_HOME:-${HOME:?HOME is not set}/.cache}/$PROJECT
}

# Make the cache's directories and take away what killed runs left unfinished.
cache_init()
{
	local d

	cache_paths
	mkdir -p "$CACHE/items" "$CACHE/partial" "$CACHE/locks" ||
		die "cannot make $CACHE; set XDG_CACHE_HOME to a writable directory" "$EXIT_CANNOT"
	for d in "$CACHE"/partial/*; do
		[ -d "$d" ] || continue
		[ -d "/proc/${d##*/}" ] || rm -rf --one-file-system -- "$d"
	done
	PARTIAL=$CACHE/partial/$$
	mkdir -p "$PARTIAL"
}

# One run at a time prepares and builds. The lock is given back with
# cache_unlock, or by the kernel when the process ends.
CACHE_LOCK_FD=

cache_lock()
{
	exec {CACHE_LOCK_FD}>"$CACHE/lock"
	if ! flock -n "$CACHE_LOCK_FD"; then
		say "another run is preparing or building in $CACHE; waiting for it"
		while ! flock -w 1 "$CACHE_LOCK_FD"; do
			status_line "waiting for the other run"
		done
	fi
}

cache_unlock()
{
	[ -z "$CACHE_LOCK_FD" ] || exec {CACHE_LOCK_FD}>&-
	CACHE_LOCK_FD=
}

# cache_key TEXT...: a short key of all arguments.
cache_key()
{
	printf '%s\0' "$@" | sha256sum | cut -c 1-12
}

# recipe_text FUNCTION...: the text of the functions an item is made with.
recipe_text()
{
	declare -f "$@"
}

# cache_item NAME KEY TEXT FUNCTION ARGUMENT...: the directory of the item NAME
# with this KEY is left in ITEM. When it is not there yet, FUNCTION makes it in
# the empty directory given as its first argument; when that fails, its status is
# returned. Who asks for an item that is just being made waits for it. Others of the
# same name are left to cache_sweep.
CACHE_OLD=()
ITEM=

cache_item()
{
	local name=$1 key=$2 text=$3 function=$4 old lock status=0

	shift 4
	ITEM=$CACHE/items/$name-$key
	for old in "$CACHE/items/$name"-????????????; do
		[ ! -d "$old" ] || [ "$old" = "$ITEM" ] || CACHE_OLD+=("$old")
	done
	[ -d "$ITEM" ] && return 0
	exec {lock}>"$CACHE/locks/$name"
	flock "$lock"
	[ -d "$ITEM" ] || cache_make "$ITEM" "prepare-$name" "$text" "$function" "$@" || status=$?
	exec {lock}>&-
	return "$status"
}

# cache_make DIRECTORY STEP TEXT FUNCTION ARGUMENT...: make it aside, then put it in
# the place of what is there.
cache_make()
{
	local item=$1 step=$2 text=$3 function=$4 made=$PARTIAL/${1##*/} status=0

	shift 4
	rm -rf --one-file-system -- "$made"
	mkdir -p "$made"
	step_function "$step" "$text" "$function" "$made" "$@" || {
		status=$?
		rm -rf --one-file-system -- "$made"
		return "$status"
	}
	rm -rf --one-file-system -- "$item"
	mv -T "$made" "$item"
}

# Every run that uses items holds a shared lock on them; who gets an exclusive one
# may remove some.
CACHE_USE_FD=

cache_use()
{
	exec {CACHE_USE_FD}>"$CACHE/items.lock"
	flock -s "$CACHE_USE_FD"
}

# cache_sweep: remove items that newer ones have replaced, unless in use.
cache_sweep()
{
	[ ${#CACHE_OLD[@]} -gt 0 ] || return 0
	if flock -n -x "$CACHE_USE_FD"; then
		say "removing ${#CACHE_OLD[@]} outdated items from the cache"
		rm -rf --one-file-system -- "${CACHE_OLD[@]}"
	fi
	flock -s "$CACHE_USE_FD"
	CACHE_OLD=()
}

cache_clean()
{
	cache_paths
	[ -d "$CACHE" ] || { say "nothing to remove: $CACHE does not exist"; return 0; }
	cache_init
	cache_lock
	cache_use
	flock -n -x "$CACHE_USE_FD" || die "another run is using $CACHE"
	rm -rf --one-file-system -- "$CACHE"
	say "removed $CACHE"
}

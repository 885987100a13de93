# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Debian suites besides those this machine's apt knows: their package lists are
# kept in the cache and read with apt's own tools, so that one can tell which
# version of a package there is without a network, and what has been unpacked
# from a suite can be named by that version. The mirror is the one apt uses for
# Debian 12's main section.
#
# A pair of suites is meant everywhere: SUITE, and FIRST, which packages come from
# first when it has them: SUITE's backports or security updates.

# suite_sources SUITE FIRST: the text of sources.list; false when apt knows no mirror.
# To ask apt takes a second, so it is asked once a run.
suite_sources()
{
	local mirror first_mirror known=$RUN_TMP/sources-$2

	[ ! -s "$known" ] || {
		cat "$known"
		return
	}
	mirror=$(mirror_of bookworm)
	[ -n "$mirror" ] || return 1
	first_mirror=$mirror
	[ "$2" != bookworm-security ] || first_mirror=$(mirror_of "$2")
	{
		echo "deb [arch=amd64] $mirror $1 main"
		[ -z "$first_mirror" ] || echo "deb [arch=amd64] $first_mirror $2 main"
	} >"$known.$BASHPID"
	mv "$known.$BASHPID" "$known"
	cat "$known"
}

# suite_options DIRECTORY FIRST: apt's options to use only what is in DIRECTORY are
# left in SUITE_OPTIONS. Backports rank below their suite unless asked for.
SUITE_OPTIONS=()

suite_options()
{
	SUITE_OPTIONS=(
		-o "Dir::Etc::sourcelist=$1/sources.list" -o Dir::Etc::sourceparts=/dev/null
		-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
		-o "Dir::State=$1" -o "Dir::State::lists=$1/lists" -o "Dir::State::status=$1/status"
		-o "Dir::Cache=$1/cache" -o Dir::Cache::pkgcache=pkgcache.bin
		-o Dir::Cache::srcpkgcache=
		-o Acquire::Languages=none -o APT::Sandbox::User=root
	)
	case $2 in
	*-backports) SUITE_OPTIONS+=(-o "APT::Default-Release=$2") ;;
	esac
}

# suite_make DIRECTORY FIRST SOURCES: the lists as they are now.
suite_make()
{
	mkdir -p "$1/lists/partial" "$1/cache/archives/partial"
	: >"$1/status"
	echo "$3" >"$1/sources.list"
	suite_options "$1" "$2"
	apt-get -q "${SUITE_OPTIONS[@]}" --error-on=any update
}

# suite_get SUITE FIRST: leaves the directory of the lists in SUITE, and the options
# to use it in SUITE_OPTIONS.
SUITE=

suite_get()
{
	local sources item=$ITEM

	if sources=$(suite_sources "$1" "$2"); then
		cache_item "lists-$2" "$(cache_key "$sources" "$(recipe_text suite_make suite_options)")" \
			"fetching the package lists of $2" suite_make "$2" "$sources" || return 1
		SUITE=$ITEM
		ITEM=$item
	else
		# What was fetched when apt knew a mirror will do.
		SUITE=$(find "$CACHE/items" -maxdepth 1 -name "lists-$2-*" -print -quit)
		[ -n "$SUITE" ] || {
			echo "apt knows no mirror for Debian 12's main section; check /etc/apt/sources.list*" >&2
			echo "and run apt-get update" >&2
			return 1
		}
	fi
	suite_options "$SUITE" "$2"
}

# suite_renew SUITE FIRST: fetch them again, unless that has been done in the last
# minutes; the old ones stay when that fails.
suite_renew()
{
	suite_get "$1" "$2" || return 1
	[ -z "$(find "$SUITE/sources.list" -mmin -10)" ] || return 0
	cache_make "$SUITE" "renew-$2" "renewing the package lists of $2" \
		suite_make "$2" "$(cat "$SUITE/sources.list")"
}

# suite_candidate PACKAGE, suite_show PACKAGE VERSION FIELD: of the suites of the
# last suite_get.
suite_candidate()
{
	LC_ALL=C apt-cache "${SUITE_OPTIONS[@]}" policy "$1" |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

suite_show()
{
	LC_ALL=C apt-cache "${SUITE_OPTIONS[@]}" show "$1=$2" | sed -n "s/^$3: //p"
}

# suite_extract DIRECTORY SUITE FIRST PACKAGE...: a root file system of these with
# all they depend on. Packages are only unpacked, never configured. PACKAGE may be
# NAME=VERSION.
# shellcheck disable=SC2016  # expanded by the shell of the hook
suite_extract()
{
	local dir=$1 suite=$2 first=$3 mode=root prefer="" include
	shift 3

	suite_get "$suite" "$first" || return 1
	case $first in
	*-backports) prefer=$first ;;
	esac
	include=$(IFS=,; echo "$*")
	# Unpacking needs no privileges; device nodes, the one thing that does, are
	# not needed.
	[ "$(id -u)" -eq 0 ] || mode=chrootless
	# The lists are there already. What is unpacked are then the versions they name.
	SUITE_LISTS=$SUITE/lists mmdebstrap --mode="$mode" --variant=extract --include="$include" \
		--skip=update \
		--setup-hook='mkdir -p "$1/var/lib/apt" && cp -a "$SUITE_LISTS" "$1/var/lib/apt/"' \
		--aptopt='APT::Install-Recommends "false"' \
		--aptopt='Acquire::Languages "none"' \
		--aptopt="APT::Default-Release \"$prefer\"" \
		--dpkgopt='path-exclude=/usr/share/doc/*' \
		--dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' \
		"$suite" "$dir" "$SUITE/sources.list"
}

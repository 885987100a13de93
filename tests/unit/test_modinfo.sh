#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2317 # functions are called by check
#
# test_modinfo.sh [MODULE-FILE...]
#
# What modinfo(8) says of dsa_sample is complete: of the files named, or else of those that
# "make modules" has left in this directory and that are not older than the driver's sources.

set -u

srcdir=${srcdir:-.}
# shellcheck source=tests/unit/check.sh
. "$srcdir/tests/unit/check.sh"
PATH=$PATH:/usr/sbin:/sbin
version=$(sed -nE 's/^AC_INIT\(\[[^]]*\], \[([^]]*)\].*/\1/p' "$srcdir/configure.ac")

# says FILE FIELD PATTERN: it has such a line, an extended regular expression for all of it.
says()
{
	modinfo -F "$2" "$1" | grep -xE "$3" || {
		echo "expected $2: $3, got:"
		modinfo -F "$2" "$1"
		return 1
	}
}

# Each parameter of the source, with its description and its type, and in the manual.
has_parameters()
{
	local name bad=0

	while read -r name; do
		says "$1" parm "$name:.{10,} \([a-z]+\)" || bad=1
		grep -q "^\.It Cm $name " "$srcdir/man/dsa_sample.4" ||
			{ echo "dsa_sample(4) has no $name"; bad=1; }
	done < <(sed -nE 's/^module_param\(([a-z_0-9]+),.*/\1/p' "$srcdir"/guest-driver/*.c)
	# And no others.
	[ "$(modinfo -F parm "$1" | wc -l)" -eq \
		"$(grep -c '^module_param(' "$srcdir"/guest-driver/*.c | awk -F: '{ n += $2 } END { print n }')" ] ||
		{ echo "parameters that nothing is known of:"; modinfo -F parm "$1"; bad=1; }
	return "$bad"
}

# It is loaded because somebody wants it, not because there is a DSA.
has_no_alias()
{
	[ -z "$(modinfo -F alias "$1")" ] && [ -z "$(modinfo -F softdep "$1")" ]
}

skip()
{
	echo "1..0 # SKIP $1"
	exit 77
}

# newer_source FILE: a source of the driver that was written after it, if there is one.
newer_source()
{
	local source

	for source in "$srcdir"/guest-driver/*.[ch]; do
		[ "$source" -nt "$1" ] || continue
		echo "$source"
		return 0
	done
	return 1
}

command -v modinfo >/dev/null || skip "no modinfo(8)"
if [ $# -eq 0 ]; then
	# A directory of builds outlives changes of the source, and its modules are built anew
	# for one kernel after the other, or for some of them only.
	for file in modules/*/dsa_sample.ko; do
		[ -e "$file" ] || skip "no dsa_sample.ko in modules/: make modules KERNEL=<release>"
		if source=$(newer_source "$file"); then
			echo "# $file is passed over: $source is newer"
		else
			set -- "$@" "$file"
		fi
	done
	[ $# -gt 0 ] ||
		skip "all in modules/ are older than the driver: make modules KERNEL=<release>"
fi
check 'configure.ac has a version' 0 '^[0-9]' echo "$version"
for file; do
	check "$file: name" 0 '' says "$file" name dsa_sample
	check "$file: license" 0 '' says "$file" license GPL
	check "$file: version" 0 '' says "$file" version "${version//./\\.}"
	check "$file: srcversion" 0 '' says "$file" srcversion '[0-9A-F]+'
	check "$file: author" 0 '' says "$file" author '.+'
	check "$file: description" 0 '' says "$file" description '.{20,}'
	check "$file: vermagic" 0 '' says "$file" vermagic '[67]\..* SMP .*'
	check "$file: parameters" 0 '' has_parameters "$file"
	check "$file: no alias, no softdep" 0 '' has_no_alias "$file"
	# That says() finds something.
	check "$file: no other license" 1 'expected license' says "$file" license Proprietary
done
exit $failed

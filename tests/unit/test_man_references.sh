#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The manual pages know each other: what a page of ours refers to as one of ours is there,
# each is referred to by another one, and each is installed.
# shellcheck disable=SC2317 # functions are called by check
set -u

# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"
man=${srcdir:-.}/man
ours='^(wq-demo|dsa-model|dsa_sample|vfio-pci-dynmsix)'

# references DIRECTORY: page, and the page it refers to: name.section.
references()
{
	for page in "$1"/*.[1-8]; do
		sed -n 's/^\.Xr \([^ ]*\) \([1-8]\).*/\1.\2/p' "$page" |
			sed "s/^/$(basename "$page") /"
	done | sort -u
}

all_there()
{
	missing=$(references "$1" | while read -r page other; do
		echo "$other" | grep -qE "$ours" && [ ! -e "$1/$other" ] && echo "$page: $other"
	done)
	[ -z "$missing" ] || { echo "refers to a page that is not there: $missing"; return 1; }
}

each_known()
{
	references "$1" >"$dir/references"
	for page in "$1"/*.[1-8]; do
		name=$(basename "$page")
		grep -vE "^$name " "$dir/references" | grep -q " $name\$" ||
			{ echo "no page refers to $name"; return 1; }
	done
}

each_installed()
{
	for page in "$1"/*.[1-8]; do
		grep -qE "/$(basename "$page")( |\$)" "$man/Makefile.inc" ||
			{ echo "$(basename "$page") is not installed"; return 1; }
	done
}

# The tree may be read only, as in make distcheck.
mkdir "$dir/man"
cp "$man"/*.[1-8] "$dir/man/"
chmod u+w "$dir/man"/*
check 'there are references' test "$(references "$man" | wc -l)" -ge 10
check 'what is referred to is there' all_there "$man"
check 'each is referred to' each_known "$man"
check 'each is installed' each_installed "$man"
sed 's/^\.Xr wq-demo 1/.Xr wq-demos 1/' "$man/dsa-model.1" >"$dir/man/dsa-model.1"
check 'control: a wrong reference is found' not all_there "$dir/man"
cp "$man/dsa-model.1" "$dir/man/alone.7"
check 'control: a page nobody refers to is found' not each_known "$dir/man"
check 'control: a page that is not installed is found' not each_installed "$dir/man"
exit $failed

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# What wq-demo takes, its help, its completion and its manual pages are the same.
# shellcheck disable=SC2317 # functions are called by check
set -u

source=${srcdir:-.}
# shellcheck source=tests/unit/check.sh
. "$source/tests/unit/check.sh"
program=$(realpath "${WQ_DEMO:-./wq-demo/wq-demo}") || exit 99
pages=("$source"/man/wq-demo*.1)

# made PAGE: as the program makes it.
made()
{
	"${AWK:-awk}" -v program="$program" -f "$source/wq-demo/man-options.awk" "$1"
}

# as_made PAGE: the options in it are those of the program.
as_made()
{
	made "$1" | diff "$1" -
}

for page in "${pages[@]}"; do
	check "${page##*/}: options as in the program (else: make update-man)" 0 '' as_made "$page"
done

# Each change is noticed.
page=$source/man/wq-demo.1
# control NAME SED-SCRIPT
control()
{
	sed "$2" "$page" >"$tmp/page"
	check "control: $1: is a change" 1 '' cmp -s "$page" "$tmp/page"
	check "control: $1" 1 '' as_made "$tmp/page"
}

control 'another default' '/^\.It Fl \\-depth/,/^\.It/s/^\.Cm 1 \./.Cm 2 ./'
control 'one option less' '/^\.It Fl \\-seed/,/^\.Cm 1 /d'
control 'one option more' 's/^\.It Fl \\-seed.*/.It Fl \\-more\n&/'
control 'another word' 's/stand in for/stand for/'
grep -v '^\.\\" END OPTIONS' "$page" >"$tmp/page"
check 'control: a part without an end' 1 'one before has no END' made "$tmp/page"
sed 's/BEGIN OPTIONS run/BEGIN OPTIONS walk/' "$page" >"$tmp/page"
check 'control: no such command' 1 'prints nothing' made "$tmp/page"

# ---- Each command with options has one part in a manual page -------------------------

"$program" completion >"$tmp/completion"
# complete_words WORD...: what bash would offer for the last one, one in a line.
complete_words()
{
	bash -c '. "$0" && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _wq_demo &&
		printf "%s\n" "${COMPREPLY[@]}"' "$tmp/completion" "$@"
}

# help_names COMMAND: options as its help has them.
help_names()
{
	"$program" help "$1" | sed -nE 's/^  (-., )?(--[a-z-]+).*/\2/p' | sort
}

count_parts()
{
	cat "${pages[@]}" | grep -c "^\.\\\\\" BEGIN OPTIONS $1 "
}

# taken COMMAND OPTION: the parser knows it, whatever else it misses.
taken()
{
	local said

	# What it takes for the name of a file is written there.
	said=$(cd "$tmp" && "$program" "$1" "$2" --help 2>&1 </dev/null)
	! grep -q 'unknown or ambiguous' <<<"$said"
}

commands=0
while read -r command; do
	help_names "$command" >"$tmp/help"
	[ -s "$tmp/help" ] || continue
	commands=$((commands + 1))
	check "$command: one part of the manual" 0 '^1$' count_parts "$command"
	# "-- " so that files in this directory are not offered.
	complete_words wq-demo "$command" -- | sort >"$tmp/offered"
	check "$command: completion as in the help" 0 '' diff "$tmp/help" "$tmp/offered"
	"$program" help --mdoc "$command" |
		sed -nE 's/^\.It (Fl . , )?Fl \\-([^ ]*).*/--\2/; s/\\//g; /^--/p' | sort >"$tmp/manual"
	check "$command: manual as in the help" 0 '' diff "$tmp/help" "$tmp/manual"
	while read -r option; do
		taken "$command" "$option"
		result "$command: $option is taken" $? 'it is unknown'
	done <"$tmp/help"
	! taken "$command" --no-such-option
	result "$command: control: another is not" $? 'it is taken'
done < <(complete_words wq-demo '')
check 'there are commands with options' 0 '' test "$commands" -ge 3

if command -v mandoc >/dev/null; then
	# Pages that are not installed here are no matter of style.
	lint()
	{
		! mandoc -Tlint "$@" 2>&1 | grep -v 'referenced manual not found\|outdated mandoc.db'
	}
	for page in "${pages[@]}"; do
		check "${page##*/}: mandoc finds nothing" 0 '' lint "$page"
	done
	sed 's/^\.Sh SYNOPSIS/.Sx SYNOPSIS/' "$page" >"$tmp/page"
	check 'control: it finds something' 1 '' lint "$tmp/page"
else
	echo '# no mandoc: style of the manual pages not looked at'
fi

exit $failed

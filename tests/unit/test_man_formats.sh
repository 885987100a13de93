#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The manual page of each format describes the keys of its JSON Schema, no more and no
# fewer: those of the document in the section DOCUMENT, those of a definition in the
# subsection of its name; and it has all words that a key can have as its value.
# shellcheck disable=SC2317 # functions are called by check
set -u

# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"
src=${srcdir:-.}

command -v jq >/dev/null || { echo 'skipped: no jq'; exit 77; }

# schema_keys SCHEMA: object and key, one a line. What is nested in a definition belongs
# to it.
schema_keys()
{
	jq -r 'def keys_in($name): [.. | objects | .properties? // empty | objects | keys[]] |
			unique[] | "\($name) \(.)";
		(del(.["$defs"], .allOf) | keys_in("document")),
		(.["$defs"] // {} | to_entries[] | .key as $name | .value |
			del(.allOf, .if, .then, .else) | keys_in($name))' "$1" | sort -u
}

# page_keys PAGE: the same, of what has an item of its own.
page_keys()
{
	awk '/^\.S[hs] / { object = tolower($0); sub(/^\.s[hs] /, "", object); gsub(/ /, "_", object) }
		/^\.It Va / { for (i = 3; i <= NF; i++) if ($i != ",") print object, $i }' "$1" | sort -u
}

# page_words: all that stands for itself.
page_words()
{
	sed -n 's/^\.\(It \)\{0,1\}\(Li\|Cm\) \(.*\)/\3/p' "$1" | tr -s ' ,.;:()' '\n'
}

schema_words()
{
	jq -r '.. | objects | (.enum? // [])[], (.const? // empty) | strings' "$1" | sort -u
}

agrees()
{
	schema_keys "$1" >"$dir/schema"
	page_keys "$2" >"$dir/page"
	[ -s "$dir/schema" ] || { echo 'no key was found'; return 1; }
	diff "$dir/schema" "$dir/page" && return
	echo '< only in the schema, > only in the page'
	return 1
}

has_words()
{
	page_words "$2" >"$dir/words"
	for word in $(schema_words "$1"); do
		grep -qx -e "$word" "$dir/words" || { echo "the page has no '$word'"; return 1; }
	done
}

for schema in "$src"/wq-demo/*.schema.json; do
	name=$(basename "$schema" | sed 's/-[0-9]*\.schema\.json$//')
	page=$src/man/$name.5
	check "$name: there is a page" test -f "$page"
	check "$name: keys are those of the page" agrees "$schema" "$page"
	check "$name: words are in the page" has_words "$schema" "$page"
	check "$name: the page names the schema" grep -qF "$(basename "$schema")" "$page"

	key=$(page_keys "$page" | sed -n '2s/.* //p')
	sed "s/^\.It Va $key\$/.It Va no_$key/" "$page" >"$dir/changed"
	check "control: $name: another key is found" not agrees "$schema" "$dir/changed"
	word=$(schema_words "$schema" | sed -n 1p)
	sed "s,^\.\(.*\)\(Li\|Cm\) $word\$,.\1\2 other,; s,^\.\(.*\)\(Li\|Cm\) $word ,.\1\2 other ," \
		"$page" >"$dir/changed"
	check "control: $name: a word that is missing is found" not has_words "$schema" "$dir/changed"
done
check 'there are schemas' test "$count" -ge 12

# ---- accel-config's format, of which the program has a table ---------------------------

# table_keys SOURCE: keys and their older names.
table_keys()
{
	sed -n 's/.*\.\(key\|alias\) = "\([a-z_]*\)".*/\2/p' "$1"
}

has_table()
{
	table_keys "$1" >"$dir/table"
	[ -s "$dir/table" ] || { echo 'no key was found'; return 1; }
	sed -n 's/^\.\(It \)\{0,1\}Va \(.*\)/\2/p' "$2" | tr -s ' ,.' '\n' >"$dir/described"
	while read -r key; do
		grep -qx "$key" "$dir/described" || { echo "the page has no '$key'"; return 1; }
	done <"$dir/table"
}

table=$src/wq-demo/wq_config.c
page=$src/man/wq-demo-config.5
if [ -e "$table" ]; then
	check 'accel-config: keys are in the page' has_table "$table" "$page"
	sed 's/Va priority/Va prio/' "$page" >"$dir/changed"
	check 'control: accel-config: one that is missing is found' not has_table "$table" "$dir/changed"
fi

# ---- Examples ---------------------------------------------------------------------------

# example PAGE: the first literal block, if it is JSON.
example()
{
	awk '/^\.Bd -literal/ { inside = 1; next } /^\.Ed/ { exit } inside' "$1"
}

for page in "$src"/man/*.5; do
	example "$page" >"$dir/example"
	grep -q '^[[{]$' "$dir/example" || continue
	check "$(basename "$page"): the example is JSON" jq -e . "$dir/example"
done
exit $failed

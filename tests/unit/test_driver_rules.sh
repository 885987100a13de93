#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2016,SC2317 # the page has backticks
#
# The rules of guest-driver/README.md: the page, the marks in the source, the list of mutants
# and the tests agree; what the page names is where it says. That the mutants are found takes a
# virtual machine: scenarios driver-rules and driver-rules-accesses.

set -u

srcdir=${srcdir:-.}
# shellcheck source=tests/unit/check.sh
. "$srcdir/tests/unit/check.sh"

page=$srcdir/guest-driver/README.md
list=$srcdir/tests/vm/driver/rules.list

# ---- What each says, one line a rule ------------------------------------------

# number|file|function: of the marks in the source.
marks()
{
	(cd "$srcdir" && awk '
		FNR == 1 { name = "" }
		# A definition begins at the left margin.
		/^[a-z].*\(/ && !/;/ && match($0, /[a-z0-9_]+\(/) {
			name = substr($0, RSTART, RLENGTH - 1)
		}
		match($0, /\/\* Rule [0-9]+ \*\//) {
			file = FILENAME
			sub(/^guest-driver\//, "", file)
			print substr($0, RSTART + 8, RLENGTH - 11) "|" file "|" name
		}' guest-driver/*.[ch] include/dsa/*.h | sort -n)
}

# The same of the rows of the page's table: | 3 | `device.c`: `function()` | ... | *test* |
rows()
{
	sed -nE 's/^\| ([0-9]+) \| `([^`]+)`: `([a-z0-9_]+)\(\)` \| .*$/\1|\2|\3/p' "$page"
}

# number|test: of the page's table, one for each test; of the list, without repetition.
page_tests()
{
	sed -nE 's/^\| ([0-9]+) \| `.*`: `.*` \| [^|]* \| (\*.*\*) \|$/\1|\2/p' "$page" |
		awk -F '|' '{
			n = split($2, test, /\*, \*/)
			for (i = 1; i <= n; i++) {
				gsub(/\*/, "", test[i])
				print $1 "|" test[i]
			}
		}' | sort
}

list_tests()
{
	sed -nE 's/^rule-([0-9]+)[^|]*\|.*\|([^|]*)$/\1|\2/p' "$list" | sort -u
}

# Numbers of the paragraphs: **3. Title.** Reasons.
paragraphs()
{
	sed -nE 's/^\*\*([0-9]+)\. .*$/\1/p' "$page"
}

numbered_in_turn()
{
	diff <(rows | cut -d'|' -f1) <(seq "$(rows | wc -l)") && [ "$(rows | wc -l)" -ge 10 ]
}

marked_once()
{
	diff <(marks) <(rows)
}

has_reasons()
{
	diff <(paragraphs | sort -n) <(rows | cut -d'|' -f1)
}

names_its_tests()
{
	diff <(list_tests) <(page_tests)
}

# ---- The mutants -----------------------------------------------------------------

# A mutant changes something, and begins with the line that is marked.
mutants_apply()
{
	local name file change bad=0 number

	while IFS='|' read -r name file change _; do
		[[ -n $name && $name != \#* ]] || continue
		[[ $file == */* ]] || file=guest-driver/$file
		number=${name#rule-}
		number=${number%%-*}
		[[ $change == "/Rule $number /"* ]] || { echo "$name: not about rule $number"; bad=1; }
		sed "$change" "$srcdir/$file" >"$tmp/mutant" || { echo "$name"; bad=1; }
		! cmp -s "$srcdir/$file" "$tmp/mutant" || { echo "$name changes nothing"; bad=1; }
	done <"$list"
	return "$bad"
}

tests_exist()
{
	local test bad=0

	while read -r test; do
		case $test in
		accesses|instructions) continue ;;
		esac
		grep -qF "{ \"$test\", test_" "$srcdir/tests/vm/driver/driver_test.c" ||
			{ echo "driver_test has no test \"$test\""; bad=1; }
	done < <(list_tests | cut -d'|' -f2 | sort -u)
	return "$bad"
}

# ---- What else the page names -------------------------------------------------------

# `file.c`: `function()`, and more functions of it behind a comma.
places_exist()
{
	local file name bad=0

	while read -r file name; do
		[[ $file == */* ]] || file=guest-driver/$file
		grep -qE "^[a-z].*\b$name\(" "$srcdir/$file" || { echo "$file has no $name()"; bad=1; }
	done < <(grep -oE '`[a-z_/0-9]+\.[ch]`: `[a-z0-9_]+\(\)`(, `[a-z0-9_]+\(\)`)*' "$page" |
		tr -d '`:,()' | awk '{ for (i = 2; i <= NF; i++) print $1, $i }')
	return "$bad"
}

functions_exist()
{
	local name bad=0

	while read -r name; do
		grep -qE "^[a-z].*\b$name\(" "$srcdir"/guest-driver/*.[ch] "$srcdir"/include/dsa/*.h ||
			grep -q "\b$name(" "$srcdir"/guest-driver/*.c ||
			{ echo "nothing is called $name()"; bad=1; }
	done < <(grep -oE '`[a-z0-9_]+\(\)`' "$page" | tr -d '`()' | sort -u)
	return "$bad"
}

scenarios_exist()
{
	local name bad=0

	while read -r _ _ name _; do
		[ -e "$srcdir/tests/vm/scenarios/$name" ] ||
			[ -e "$srcdir/tests/vm/scenarios-long/$name" ] ||
			{ echo "there is no scenario $name"; bad=1; }
	done < <(grep '^\./run scenario' "$page")
	return "$bad"
}

check 'the rules of the page are numbered in turn' 0 '' numbered_in_turn
check 'each is marked once in the source, where the page says' 0 '' marked_once
check 'each has its reasons' 0 '' has_reasons
check 'each is broken in rules.list, and has the same tests there' 0 '' names_its_tests
check 'each mutant changes the line that is marked' 0 '' mutants_apply
check 'the tests exist' 0 '' tests_exist
check 'places are where the page says' 0 '' places_exist
check 'functions exist' 0 '' functions_exist
check 'scenarios exist' 0 '' scenarios_exist

# ---- That these checks find something -----------------------------------------------

mkdir -p "$tmp/tree/guest-driver" "$tmp/tree/include" "$tmp/tree/tests/vm/driver"
original=$srcdir

# altered FILE SED CHECK: CHECK in a tree of which FILE is changed; as it must fail, the other
# way round.
altered()
{
	local srcdir=$tmp/tree page=$tmp/tree/guest-driver/README.md
	local list=$tmp/tree/tests/vm/driver/rules.list

	cp "$original"/guest-driver/{*.[ch],README.md} "$srcdir/guest-driver/"
	cp -r "$original/include/dsa" "$srcdir/include/"
	cp "$original"/tests/vm/driver/{rules.list,driver_test.c} "$srcdir/tests/vm/driver/"
	# The original may be read-only.
	chmod -R u+w "$srcdir"
	sed -i "$2" "$srcdir/$1"
	! cmp -s "$srcdir/$1" "$original/$1" || { echo "$1 is not changed by $2"; return 2; }
	"$3"
}

check 'a line that has gone' 1 '' altered guest-driver/queue.c '/Rule 6 /d' marked_once
check 'and its mutant' 1 'rule-6' altered guest-driver/queue.c '/irq_get(q)/d;/wq_enable(q)/d;/^disable/d' mutants_apply
check 'a mark that is there twice' 1 '' altered guest-driver/queue.c '/Rule 6 /p' marked_once
check 'a mark in another function' 1 '' altered guest-driver/README.md \
	's/^| 6 | `queue.c`: `[a-z_]*/| 6 | `queue.c`: `queue_alloc/' marked_once
check 'a rule that has no mark' 1 '' altered guest-driver/README.md \
	's/^| 6 | .*/&\n| 7 | `queue.c`: `queue_alloc()` | x | *full* |/' numbered_in_turn
check 'a rule without reasons' 1 '' altered guest-driver/README.md 's/^\*\*6\. //' has_reasons
check 'a rule that is not broken' 1 '' altered tests/vm/driver/rules.list '/^rule-6|/d' names_its_tests
check 'another test than the page says' 1 '' altered tests/vm/driver/rules.list \
	's/^\(rule-6|.*|\).*/\1info/' names_its_tests
check 'a test that there is not' 1 'no test' altered tests/vm/driver/driver_test.c '/test_handler_first/d' \
	tests_exist
check 'a place that there is not' 1 'has no' altered guest-driver/README.md 's/`visible()`/`seen()`/' places_exist

exit $failed

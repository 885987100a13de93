#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# Reports in each format, read by the programs they are for: all say what the JSON
# document says.
# shellcheck disable=SC2317 # functions are called by check
set -u

# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

check 'there are reports' ./tests/unit/result_documents "$dir"

verdict()
{
	sed -n 's/^  "verdict": "\(.*\)",$/\1/p' "$dir/$1.json"
}

# names: of the results.
names()
{
	basename -s .json "$dir"/*.json
}

for name in $(names); do
	check "$name: the verdict for people" grep -q "^verdict: $(verdict "$name"): " "$dir/$name.txt"
done

# ---- NDJSON ----------------------------------------------------------------------

# Put together, the lines are the document.
ndjson()
{
	jq -es --slurpfile document "$1.json" '
		(.[0].type == "run") and (.[-1].type == "result") and
		(.[0] + .[-1] + {
			bring_up: map(select(.type == "bring_up") | del(.type)),
			queues: map(select(.type == "queue") | del(.type)),
			data_error_notes: map(select(.type == "data_error").note)
		} | del(.type)) == $document[0]' "$2"
}

if command -v jq >/dev/null; then
	for name in $(names); do
		check "$name: NDJSON" ndjson "$dir/$name" "$dir/$name.ndjson"
	done
	sed '/"type":"data_error"/d' "$dir/data.ndjson" >"$dir/wrong"
	check 'control: a line less is noticed' not ndjson "$dir/data" "$dir/wrong"
	check 'control: the verdict of another is noticed' not ndjson "$dir/held" "$dir/late.ndjson"
	jq -r .parameters.device "$dir/held.json" >"$dir/device"
	printf '/dev/fake#<"&'\''\\\001\302\265?>0\n' >"$dir/expected"
	check 'any byte of a path, but only valid UTF-8' cmp "$dir/expected" "$dir/device"
else
	echo '# no jq: NDJSON not checked'
fi

# ---- TAP -------------------------------------------------------------------------

# tap VERDICT FILE: prove(1) agrees, and understands every line.
tap()
{
	if prove --parse --exec cat "$2" >"$dir/prove" 2>&1; then
		set -- "$1" "$2" held
	else
		set -- "$1" "$2" lost
	fi
	cat "$dir/prove"
	! grep -q 'Parse errors' "$dir/prove" || return 1
	case $1 in
	held) [ "$3" = held ] ;;
	*) [ "$3" = lost ] ;;
	esac
}

if command -v prove >/dev/null; then
	for name in $(names); do
		check "$name: TAP" tap "$(verdict "$name")" "$dir/$name.tap"
	done
	check 'control: TAP of a broken run is not one that held' not tap held "$dir/stranded.tap"
	check 'control: TAP of a run that held is not a broken one' not tap broken "$dir/held.tap"
	sed '/^ok 2 /d' "$dir/held.tap" >"$dir/wrong"
	check 'control: a missing line is noticed' not tap held "$dir/wrong"
else
	echo '# no prove (perl): TAP not checked'
fi

# ---- JUnit -----------------------------------------------------------------------

if command -v xmllint >/dev/null; then
	for name in $(names); do
		check "$name: XML" xmllint --noout "$dir/$name.xml"
	done
	sed 's/&lt;/</' "$dir/held.xml" >"$dir/wrong"
	check 'control: XML that is not well-formed is refused' not xmllint --noout "$dir/wrong"
else
	echo '# no xmllint (libxml2-utils): XML not checked'
fi

python=
for candidate in python3 /usr/bin/python3; do
	"$candidate" -c 'import junitparser' 2>/dev/null || continue
	python=$candidate
	break
done

junit()
{
	"$python" "${srcdir:-.}/tests/unit/validate_junit.py" "$@"
}

if [ -n "$python" ]; then
	for name in $(names); do
		check "$name: JUnit" junit "$(verdict "$name")" "$dir/$name.xml"
	done
	check 'control: JUnit of a broken run is not one that held' not junit held "$dir/stranded.xml"
	sed 's/failures="1"/failures="0"/' "$dir/stranded.xml" >"$dir/wrong"
	check 'control: a wrong sum is noticed' not junit broken "$dir/wrong"
else
	echo '# no junitparser (python3-junitparser): JUnit not checked'
fi

exit $failed

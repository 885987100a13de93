#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# What wq-demo doctor --json writes, of many machines, against the JSON Schema that is
# installed, by a validator that is not ours.
# shellcheck disable=SC2317 # functions are called by check
set -u

schema=${srcdir:-.}/wq-demo/wq-demo-doctor-1.schema.json
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

# shellcheck source=tests/unit/validator.sh
. "${srcdir:-.}/tests/unit/validator.sh"

has_verdict()
{
	grep -q "^ *\"verdict\": \"$1\"" "$dir"/machine-*.json
}

check 'there are documents' ./tests/unit/doctor_documents "$dir"
./wq-demo/wq-demo doctor --json "$dir/machine-here.json" >"$dir/here.log" 2>&1
check 'one of this machine' test -s "$dir/machine-here.json"
for verdict in ready simulates loses cannot; do
	check "one of them says $verdict" has_verdict "$verdict"
done
check 'documents are valid, and every key is described' \
	validate --strict "$schema" "$dir"/machine-*.json

# wrong NAME VERDICT SCRIPT: a document with this verdict, changed by the script of
# sed, is refused.
wrong()
{
	original=
	for file in "$dir"/machine-*.json; do
		[ -z "$original" ] && grep -q "^  \"verdict\": *\"$2\"" "$file" && original=$file
	done
	sed "$3" "$original" >"$dir/wrong"
	check "control: $1: the document has changed" not cmp -s "$original" "$dir/wrong"
	check "control: $1 is refused" not validate "$schema" "$dir/wrong"
}

wrong 'another version' loses '/"version"/s/1/2/'
wrong 'another schema' loses 's/wq-demo-doctor/wq-demo-run/'
wrong 'an unknown verdict' loses '/^  "verdict"/s/loses/perhaps/'
wrong 'a verdict that is too good' loses '/^  "verdict"/s/loses/ready/'
wrong 'a verdict without a failure' ready '/^  "verdict"/s/ready/cannot/'
wrong 'a failure that nothing follows from' loses '/^      "verdict"/s/loses/ready/'
wrong 'a warning without what to do' simulates 's/"fix":/"fixed":/'
wrong 'a pass with something to do' loses 's/"status": *"fail"/"status": "pass"/'
wrong 'a simulation on a host' ready '/^  "verdict"/s/ready/simulates/'
wrong 'an unknown part' ready 's/"host"/"hosts"/; s/"guest"/"guests"/'
wrong 'a negative count' ready '/"warnings"/s/: */: -1/'
wrong 'no list of checks' ready 's/"checks":/"check":/'

exit $failed

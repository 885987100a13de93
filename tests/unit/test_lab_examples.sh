#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The examples for labs: they have the form that cron, LAVA and tmt read, as far as there
# are programs to ask, and what they start does what it should, in the simulation.
# shellcheck disable=SC2016,SC2317 # for other shells; functions are called by check
set -u

examples=${srcdir:-.}/examples
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

mkdir "$dir/bin" "$dir/home"
ln -s "$(realpath ./wq-demo/wq-demo)" "$dir/bin/wq-demo"
cp "$examples/wq-demo-nightly" "$dir/bin/"
PATH=$dir/bin:$PATH
fast='--vmm dynamic --queues 3 --interval 1ms --duration 5ms'

# status_is NUMBER COMMAND...: what it prints goes to $dir/said.
status_is()
{
	expected=$1
	shift
	"$@" >"$dir/said" 2>&1
	status=$?
	[ "$status" = "$expected" ] && return
	cat "$dir/said"
	echo "status $status, not $expected"
	return 1
}

# ---- cron -----------------------------------------------------------------------

# Five fields of numbers and a command without %, which cron takes for a line's end.
is_crontab()
{
	! grep -vE '^(#|$|[A-Z]+=|([0-9*/,-]+ ){5}[^%]+$)' "$1"
}

# run_cron OPTION...: the command of the crontab in an environment like cron's, here in
# the simulation and with other options.
run_cron()
{
	command=$(sed -n 's/^\([0-9*/,-]* \)\{5\}\([^#]*\)--queues.*/\2/p' "$examples/wq-demo.crontab")
	[ -n "$command" ] || return 99
	(cd "$dir/home" && env -i HOME="$dir/home" LOGNAME=lab SHELL=/bin/sh PATH="$dir/bin:/usr/bin:/bin" \
		/bin/sh -c "$command --backend sim $*")
}

says_nothing()
{
	[ ! -s "$dir/said" ]
}

check 'the crontab is one' is_crontab "$examples/wq-demo.crontab"
sed 's/^17 2 /17 /' "$examples/wq-demo.crontab" >"$dir/wrong"
check 'control: four fields are none' not is_crontab "$dir/wrong"
sed 's/10m$/10m %/' "$examples/wq-demo.crontab" >"$dir/wrong"
check 'control: nor are two lines in one' not is_crontab "$dir/wrong"

check 'a night without a loss' status_is 0 run_cron "$fast"
check 'there is no mail' says_nothing
results=$dir/home/wq-demo-results
check 'its result is kept' sh -c 'grep -q "\"verdict\": \"held\"" "$1"/*.json' sh "$results"
check 'and what the doctor said' sh -c 'grep -q "examined as guest" "$1"/*.log' sh "$results"
if command -v gnuplot >/dev/null; then
	check 'and a page' sh -c 'grep -q "<svg" "$1"/*.html' sh "$results"
else
	echo '# no gnuplot: no page to look for'
fi
for file in "$results"/*; do
	case $file in
	*.json) mv "$file" "$results/2020-01-01-000000.json" ;;
	*/lock) ;;
	*) rm "$file" ;;
	esac
done
check 'a night with losses' status_is 1 run_cron --vmm rebuild --interval 1ms --duration 5ms
check 'the mail has the verdict' grep -q '^verdict: broken' "$dir/said"
check 'and the last result beside it' grep -q '2020-01-01-000000.json' "$dir/said"
touch -d '70 days ago' "$results/2020-01-01-000000.json" "$results/kept"
check 'another night' status_is 0 run_cron "$fast"
check 'results that are old are removed' not test -e "$results/2020-01-01-000000.json"
check 'files of others are not' test -e "$results/kept"
exec 8>"$results/lock"
flock -n 8
check 'a run that meets another' status_is 3 run_cron "$fast"
check 'says so' grep -q 'has not ended' "$dir/said"
exec 8>&-
if [ ! -e /dev/dsa-sample0 ]; then
	check 'without a device it does not simulate one' \
		status_is 3 "$dir/bin/wq-demo-nightly" "$dir/home/none"
	check 'and says what is missing' grep -q 'dsa_sample' "$dir/said"
fi
check 'without a directory it says how to use it' status_is 2 "$dir/bin/wq-demo-nightly" --backend sim

# ---- What is YAML -----------------------------------------------------------------

python=
# Debian's own is the one that has LAVA's modules.
for candidate in /usr/bin/python3 python3; do
	"$candidate" -c 'import yaml' 2>/dev/null || continue
	python=$candidate
	break
done
if [ -z "$python" ] || ! command -v jq >/dev/null; then
	echo '# no YAML: install python3-yaml and jq; LAVA and tmt not looked at'
	exit $failed
fi

to_json()
{
	"$python" -c 'import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin), sys.stdout)' <"$1"
}

# ---- LAVA --------------------------------------------------------------------------

to_json "$examples/wq-demo.lava.yaml" >"$dir/lava.json"
if PYTHONPATH=${LAVA_COMMON:-} "$python" -c 'import lava_common.schemas' 2>/dev/null; then
	lava_accepts()
	{
		PYTHONPATH=${LAVA_COMMON:-} "$python" -c 'import sys, yaml
from lava_common.schemas.test import testdef
testdef.validate(yaml.safe_load(sys.stdin))' <"$1"
	}
	check 'LAVA accepts the definition' lava_accepts "$examples/wq-demo.lava.yaml"
	sed 's/^  steps:/  step:/' "$examples/wq-demo.lava.yaml" >"$dir/wrong"
	check 'control: it does not accept another' not lava_accepts "$dir/wrong"
else
	echo '# no lava_common (package lava-common): the definition is not given to LAVA'
fi

# LAVA's own helper, or one with its interface, which leaves the same files.
helper=${LAVA_TEST_SHELL:-/usr/lib/python3/dist-packages/lava_dispatcher/lava_test_shell}
if [ -e "$helper/lava-test-case" ]; then
	{ echo '#!/bin/sh'; cat "$helper/lava-test-case"; } >"$dir/bin/lava-test-case"
	cp "$helper/lava-common-functions" "$dir/bin/"
else
	cat >"$dir/bin/lava-test-case" <<-'END'
	#!/bin/sh
	result=$LAVA_RESULT_DIR/results/$1
	mkdir -p "$result"
	shift
	if [ "$1" = --shell ]; then
		shift
		if eval "$*"; then echo pass; else echo fail; fi >"$result/result"
		exit 0
	fi
	while [ $# -gt 0 ]; do
		case $1 in
		--result|--measurement|--units) echo "$2" >"$result/${1#--}" ;;
		*) exit 1 ;;
		esac
		shift 2
	done
	END
fi
chmod +x "$dir/bin/lava-test-case"

# run_lava OPTIONS: the definition's parameters, of which two are given by the job, and its
# steps, in one shell, as LAVA writes them.
run_lava()
{
	rm -rf "$dir/lava"
	mkdir "$dir/lava"
	{
		jq -r '.params | to_entries[] | "\(.key)=\u0027\(.value)\u0027"' "$dir/lava.json"
		printf "BACKEND='sim'\nOPTIONS='%s'\nset -e\n" "$1"
		jq -r '.run.steps[]' "$dir/lava.json"
	} >"$dir/lava/run.sh"
	(cd "$dir/lava" && LAVA_RESULT_DIR=$dir/lava sh run.sh)
}

lava_said()
{
	[ "$(cat "$dir/lava/results/$1/result")" = "$2" ]
}

check 'the steps for LAVA run' run_lava "$fast"
check 'with a test case for each of wq-demo' test "$(find "$dir/lava/results" -name result | wc -l)" = \
	$(($(grep -c '^ok' "$dir/lava/wq-demo.tap") + 3))
check 'and they pass' lava_said queue-0-every-completion-is-followed-by-its-interrupt pass
check 'so does all' lava_said wq-demo-verdict pass
check 'nothing was stranded' grep -qx 0 "$dir/lava/results/wq-demo-stranded/measurement"
check 'the steps run when something is lost' run_lava '--vmm rebuild --interval 1ms --duration 5ms'
check 'one fails' lava_said queue-0-every-completion-is-followed-by-its-interrupt fail
check 'and another does not' lava_said run-the-books-balance pass
check 'all of it fails' lava_said wq-demo-verdict fail
check 'something was stranded' grep -qx '[1-9][0-9]*' "$dir/lava/results/wq-demo-stranded/measurement"
check 'the steps run when it cannot' run_lava '--device /dev/nowhere --backend sample'
check 'which is no failure' lava_said wq-demo-verdict skip

# ---- tmt ---------------------------------------------------------------------------

to_json "$examples/wq-demo.fmf" >"$dir/tmt.json"
# What tmt's specification has for plans, and for tests in them.
is_plan()
{
	jq -e '(keys - ["summary", "description", "contact", "enabled", "environment", "context",
			"tag", "tier", "link", "id", "order", "adjust", "discover", "provision",
			"prepare", "execute", "finish", "cleanup", "report"] == []) and
		.execute.how == "tmt" and .prepare.how == "install" and
		(.environment | all(.[]; type == "string")) and .discover.how == "shell" and
		all(.discover.tests[]; (.name | startswith("/")) and (.test | type == "string") and
			(.duration | test("^[0-9]+[smhd]$")) and
			(keys - ["name", "test", "summary", "description", "duration", "environment",
				"require", "recommend", "framework", "path", "result", "tag", "tier",
				"enabled", "order", "link", "contact", "manual", "check"] == []))' "$1" >/dev/null
}

# run_tmt NAME OPTIONS: a test of the plan as tmt runs it.
run_tmt()
{
	script=$(jq -r --arg name "$1" '.discover.tests[] | select(.name == $name) | .test' "$dir/tmt.json")
	[ -n "$script" ] || return 99
	rm -rf "$dir/tmt"
	mkdir "$dir/tmt"
	BACKEND=sim OPTIONS=$2 TMT_TEST_DATA=$dir/tmt bash -eo pipefail -c "$script"
}

check 'the plan is one' is_plan "$dir/tmt.json"
jq '.discover.tests[0].tset = .discover.tests[0].test' "$dir/tmt.json" >"$dir/wrong"
check 'control: another is not' not is_plan "$dir/wrong"
check 'its test passes' status_is 0 run_tmt /run "$fast"
check 'and leaves a result' grep -q '"verdict": "held"' "$dir/tmt/run.json"
check 'and one for JUnit' grep -q '<testsuite' "$dir/tmt/run.xml"
check 'it fails if something is lost' status_is 1 run_tmt /run '--vmm rebuild --interval 1ms --duration 5ms'
check 'it is an error if it cannot run' status_is 3 run_tmt /run '--device /dev/nowhere --backend sample'
run_tmt /doctor '' >"$dir/said" 2>&1
check 'the doctor leaves its report' grep -q '"schema": "wq-demo-doctor"' "$dir/tmt/doctor.json"

# ---- modprobe, udev ------------------------------------------------------------------

# modprobe_says FILE LINE: what it understands.
modprobe_says()
{
	modprobe --config "$examples/$1" --showconfig | grep -qx "$2"
}

if command -v modprobe >/dev/null; then
	check 'modprobe takes the deny list away' modprobe_says vfio-dsa.modprobe.conf \
		'options vfio_pci disable_denylist=1'
	check 'modprobe leaves the device alone' modprobe_says dsa-sample.modprobe.conf 'blacklist idxd'
	check 'control: it says no more' not modprobe_says dsa-sample.modprobe.conf 'blacklist vfio'
else
	echo '# no modprobe (kmod): its examples not looked at'
fi

# for_a_group FILE: every rule gives a node to a group and to nobody else.
for_a_group()
{
	grep -q '^SUBSYSTEM' "$1" && ! grep '^[^#]' "$1" | grep -vE 'GROUP="[a-z]+", MODE="0660"$'
}

for rules in "$examples"/*.rules; do
	check "$(basename "$rules") is for a group" for_a_group "$rules"
	sed 's/MODE="0660"/MODE="0666"/' "$rules" >"$dir/wrong"
	check 'control: another is for everybody' not for_a_group "$dir/wrong"
done

exit $failed

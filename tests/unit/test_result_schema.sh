#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The JSON documents of runs against the JSON Schema that is installed, by a validator
# that is not ours.
# shellcheck disable=SC2317 # functions are called by check
set -u

schema=${srcdir:-.}/wq-demo/wq-demo-run-1.schema.json
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

# shellcheck source=tests/unit/validator.sh
. "${srcdir:-.}/tests/unit/validator.sh"

check 'there are documents' ./tests/unit/result_documents "$dir"
# rebuild loses, which is what the status 1 says.
./wq-demo/wq-demo run --backend sim --vmm rebuild --cycles 20 --interval 2ms --duration 2ms \
	--json "$dir/sim.json" >"$dir/sim.log"
check 'one of the simulation' test $? = 1 -a -s "$dir/sim.json"
cat >"$dir/queues.conf" <<'END'
[{"dev":"dsa0","groups":[{"dev":"group0.0","grouped_workqueues":[{"dev":"wq0.3","mode":"dedicated",
"size":8,"group_id":0,"priority":2,"block_on_fault":0,"max_batch_size":32,"threshold":0,
"max_transfer_size":4096,"ats_disable":0,"prs_disable":0,"type":"kernel","name":"n",
"driver_name":"dmaengine"}],"grouped_engines":[{"dev":"engine0.0"}]}]}]
END
./wq-demo/wq-demo run --backend sim --vmm dynamic -c "$dir/queues.conf" --duration 2ms \
	--json "$dir/config.json" >"$dir/config.log" 2>&1
./wq-demo/wq-demo run --backend sim --vmm rebuild --until-loss --rate 20000 --min-size 2 \
	--cpu "$(taskset -pc $$ | sed 's/.* //')" \
	--json "$dir/loss.json" >"$dir/loss.log" 2>&1
check 'one until the first loss' grep -q '"first_loss"' "$dir/loss.json"
check 'one of a configuration' test $? = 0 -a -s "$dir/config.json"
check 'documents are valid, and every key is described' \
	validate --strict "$schema" "$dir"/*.json

document=stranded
# wrong NAME SCRIPT: $document changed by the script of sed is refused.
wrong()
{
	sed "$2" "$dir/$document.json" >"$dir/wrong"
	check "control: $1: the document has changed" not cmp -s "$dir/$document.json" "$dir/wrong"
	check "control: $1 is refused" not validate "$schema" "$dir/wrong"
}

check 'control: the unchanged one is not' validate "$schema" "$dir/stranded.json"
wrong 'another version' '/"version": 1,/s/1/2/'
wrong 'another schema' 's/"wq-demo-run"/"wq-demo"/'
wrong 'a text for a number' '0,/"descriptors": \([0-9]*\)/s//"descriptors": "\1"/'
wrong 'a negative number' '0,/"stranded": /s//"stranded": -/'
wrong 'an unknown verdict' '0,/"verdict": "broken"/s//"verdict": "perhaps"/'
wrong 'a verdict against the figures' '0,/"verdict": "broken"/s//"verdict": "held"/'
wrong 'an unknown outcome' 's/"outcome": "stranded"/"outcome": "interrupted"/'
document=made-idxd
wrong 'a verdict against what timed out' '0,/"verdict": "broken"/s//"verdict": "held"/'
wrong 'a negative number of these' '0,/"timed_out": /s//"timed_out": -/'
document=stranded
wrong 'no list of queues' 's/"queues": \[/"queue": [/'
sed '0,/"complete": /s//"new": 1, "complete": /' "$dir/stranded.json" >"$dir/newer"
check 'a key that is new is accepted' validate "$schema" "$dir/newer"
check 'control: but not when strict' not validate --strict "$schema" "$dir/newer"

exit $failed

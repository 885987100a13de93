#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# wq-demo as a user has it: the simulation, statuses, what does not go together, completion.
# shellcheck disable=SC2317 # functions are called by check
set -u

# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

program=$(realpath "${WQ_DEMO:-./wq-demo/wq-demo}") || exit 99
cp "$program" "$tmp/wq-demo" && chmod 755 "$tmp" "$tmp/wq-demo" || exit 99
PATH=$tmp:$PATH
short=(--interval 2ms --duration 2ms)

# As somebody who may do nothing, where that is possible.
unprivileged()
{
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)

	if [ "$(id -u)" = 0 ] && "${nobody[@]}" true 2>/dev/null; then
		"${nobody[@]}" "$@"
	else
		"$@"
	fi
}

# The last two lines compare: losses here, none there.
compares()
{
	local said

	said=$("$@") || return
	grep -qE '^rebuild +[1-9][0-9]* of [1-9]' <<<"$said" &&
		grep -qE '^dynamic +0 of [1-9]' <<<"$said"
}

check 'both ways, compared' 0 '' compares unprivileged wq-demo run --backend sim "${short[@]}"
check 'both ways, quietly' 0 '^verdict: held' wq-demo run --backend sim --quiet "${short[@]}"
check 'rebuild loses' 1 '^verdict: broken' wq-demo run --vmm rebuild "${short[@]}"
check 'as many as the device dropped' 1 'dropped because MSI-X was off: [1-9]' \
	wq-demo run --vmm rebuild "${short[@]}"
check 'dynamic holds' 0 '^verdict: held' wq-demo run --vmm dynamic "${short[@]}"
check 'kvm holds' 0 '^verdict: held' wq-demo run --vmm kvm "${short[@]}"
check 'churn holds' 0 '1000 of 1000 cycles' wq-demo run --vmm dynamic --cycles 1000 "${short[@]}"
check 'churn is caught' 1 'and [0-9]* more bring-ups with losses' \
	wq-demo run --vmm rebuild --cycles 100 "${short[@]}"

if compgen -G '/dev/dsa-sample*' >/dev/null ||
   grep -qsxE '0x(0b25|11fb|1212)' /sys/bus/pci/devices/*/device; then
	echo '# there is a device here: what happens without one is not looked at'
else
	check 'without a device it says so' 0 '^no DSA here: simulated' wq-demo run --quiet "${short[@]}"
	check 'but not if one is insisted on' 3 'dsa-sample0 does not exist' wq-demo run --backend sample
	check 'nor if one is named' 3 '/dev/none does not exist' wq-demo run --device /dev/none
	# It depends on who asks and how it was built.
	no_idxd='needs root\|no DSA is bound to the driver idxd: modprobe idxd\|built without libaccel-config'
	check 'nor if it is to be that of idxd' 3 "$no_idxd" wq-demo run --backend idxd
	check 'nor if that one is named' 3 "$no_idxd" wq-demo run --device dsa0
fi

run_json()
{
	wq-demo run --vmm "$1" --cycles 30 --seed "$2" "${short[@]}" --json "$3" >/dev/null
	[ -s "$3" ]
}

for vmm in rebuild dynamic; do
	run_json "$vmm" 1 "$tmp/1" && run_json "$vmm" 1 "$tmp/again" && run_json "$vmm" 2 "$tmp/2"
	result "$vmm: JSON is written" $? 'no JSON'
	cmp -s "$tmp/1" "$tmp/again"
	result "$vmm: the same seed, the same result" $? 'they differ'
	! cmp -s "$tmp/1" "$tmp/2"
	result "$vmm: another seed, another result" $? 'they are the same'
done
check 'JSON names the way' 0 '"vmm": *"dynamic"' cat "$tmp/1"

check 'sim has no device' 2 'the backend sim has none' wq-demo run --backend sim --device /dev/x
check 'a device has no --vmm' 2 'for --backend sim only' wq-demo run --backend sample --vmm kvm
check 'idxd has no cycles' 2 '--cycles: the backend idxd has no such thing' \
	wq-demo run --backend idxd --cycles 2
check 'nor opcodes' 2 '--opcodes: the backend idxd has' wq-demo run --device dsa0 --opcodes noop
check 'nor --msix-disabled' 2 'for --backend sim only' \
	wq-demo run --device /dev/x --msix-disabled latch

# ---- How a run goes --------------------------------------------------------------

check 'until the first loss' 1 '^the first loss, .* after the begin' \
	wq-demo run --vmm rebuild --until-loss
check 'what was lost is in the list' 1 '+0ns  queue [0-9]: STRANDED: completed, no handler ran' \
	wq-demo run --vmm rebuild --until-loss
check 'and what was under way' 1 'us  bring-up of queue [0-9] begins' \
	wq-demo run --vmm rebuild --until-loss
check 'control: no loss, no list' 0 '^verdict: held' wq-demo run --vmm dynamic --until-loss
check 'a rate' 0 '^verdict: held' wq-demo run --vmm dynamic --rate 1000 "${short[@]}"
check 'no rate of nothing' 2 "'0' is not between 1 and" wq-demo run --rate 0
check 'a CPU' 0 '^verdict: held' wq-demo run --vmm dynamic "${short[@]}" \
	--cpu "$(taskset -pc $$ | sed 's/.* //')"
check 'no list of CPUs' 2 "'x' is not a list of CPUs" wq-demo run --cpu x
check 'a CPU that is not there' 3 "not all of '1023' are CPUs" wq-demo run --vmm kvm --cpu 1023
check 'mixed sizes' 0 '^verdict: held' wq-demo run --vmm dynamic --min-size 1 "${short[@]}"
check 'the other way round' 2 '257 is larger than --size 256' \
	wq-demo run --vmm dynamic --min-size 257

# ---- Configuration --------------------------------------------------------------

cat >"$tmp/queues.conf" <<'END'
[ { "dev":"dsa0", "groups":[
  { "dev":"group0.2", "grouped_workqueues":[
    { "dev":"wq0.6", "mode":"dedicated", "size":32, "priority":3, "type":"kernel", "name":"a" },
    { "dev":"wq0.1", "mode":"dedicated", "size":4, "max_transfer_size":4096, "type":"user" } ],
    "grouped_engines":[ { "dev":"engine0.1", "group_id":2 }, ] } ] } ]
END
conf=(--backend sim --vmm dynamic -c "$tmp/queues.conf")
check 'a file of accel-config' 0 '^verdict: held: 2 bring-ups' \
	wq-demo run "${conf[@]}" --type kernel "${short[@]}"
check 'in its order' 0 'bring-up 0: queue 6 ' wq-demo run "${conf[@]}" --type=kernel "${short[@]}"
check 'fewer of them' 0 '^verdict: held: 1 bring-ups' \
	wq-demo run "${conf[@]}" --type kernel --queues 1 "${short[@]}"
check 'not more' 3 'the file has only 2' wq-demo run "${conf[@]}" --type kernel --queues 3
check 'churn with it' 0 '20 of 20 cycles' \
	wq-demo run "${conf[@]}" --type kernel --cycles 20 "${short[@]}"
check 'its sizes hold' 3 'holds only 4 descriptors' \
	wq-demo run "${conf[@]}" --type kernel --depth 5 "${short[@]}"
check 'its transfers hold' 3 'transfers at most 4096 bytes' \
	wq-demo run "${conf[@]}" --type kernel --size 8k "${short[@]}"
check 'what sim cannot do' 2 "queues.conf: wq0.1: type: 'user'" wq-demo run "${conf[@]}"
check 'what no device has' 3 '8 queues with 136 entries together' \
	wq-demo run --backend sim --wq-size 17
check 'a file that is not there' 2 'cannot be read' wq-demo run --backend sim -c "$tmp/none"
wq-demo run "${conf[@]}" --type kernel "${short[@]}" --format json >"$tmp/json" 2>/dev/null
check 'JSON says what was asked for' 0 '"dev": *"wq0.6"' cat "$tmp/json"

# ---- Completion -----------------------------------------------------------------

check 'completion takes no argument' 2 'unexpected argument' wq-demo completion bash
wq-demo completion >"$tmp/completion"
check 'completion is bash' 0 '' bash -n "$tmp/completion"

# complete_words WORD...: what bash would offer for the last one.
complete_words()
{
	bash -c '. "$0" && COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) && _wq_demo &&
		echo "${COMPREPLY[*]}"' "$tmp/completion" "$@"
}

check 'commands' 0 '^run doctor report custody help version completion$' complete_words wq-demo ''
check 'a command that is begun' 0 '^version$' complete_words wq-demo ve
check 'help of a command' 0 '^run$' complete_words wq-demo help ru
check 'words of an option' 0 '^rebuild$' complete_words wq-demo run --vmm re
check 'no words for a number' 0 '^$' complete_words wq-demo run --depth ''
check 'files' 0 "^$tmp/completion\$" complete_words wq-demo run --json "$tmp/comp"
check 'files for operands' 0 "^$tmp/completion\$" complete_words wq-demo report "$tmp/comp"
check 'files for a letter' 0 "^$tmp/completion\$" complete_words wq-demo report -o "$tmp/comp"
check 'words for operands' 0 '^report$' complete_words wq-demo help rep
check 'nothing that is hidden' 0 '^--help$' complete_words wq-demo help --
check 'help of something else' 2 "'nothing' is not one of run, " wq-demo help nothing

exit $failed

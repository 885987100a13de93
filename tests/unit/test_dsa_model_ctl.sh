#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# dsa-model-ctl and dsa-model with --control, from the outside: two devices in one process.
# shellcheck disable=SC2317 # functions are called by check
set -u

model=${DSA_MODEL:-./dsa-model/dsa-model}
ctl=${DSA_MODEL_CTL:-./dsa-model/dsa-model-ctl}
man=${srcdir:-.}/man/dsa-model-ctl.1
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"
unset DSA_MODEL_CONTROL

# says STATUS TEXT ARGUMENT...: what dsa-model-ctl answers.
says()
{
	want=$1
	text=$2
	shift 2
	"$ctl" "$@" >"$dir/answer" 2>&1
	[ $? -eq "$want" ] && grep -qF -e "$text" "$dir/answer" && return
	head -n 3 "$dir/answer"
	return 1
}

# quiet ARGUMENT...: done, and nothing to be said about it.
quiet()
{
	"$ctl" "$@" >"$dir/answer" 2>&1 && [ ! -s "$dir/answer" ]
}

# wait_for_start TEXT: as wait_for, for a line that begins with it.
wait_for_start()
{
	while read -r line <&3; do
		case $line in
		"$1"*) return 0 ;;
		esac
	done
	return 1
}

check 'help' says 0 'fault add FAULT...' --help
check 'version' says 0 'dsa-model-ctl (' --version
check 'no control socket' says 2 '--control PATH is missing' stats
check 'no command' says 2 'a command is missing' --control "$dir/control"
check 'unknown option' says 2 '--colour: no such option' --colour
check 'option without value' says 2 '--control needs a value' --control
check 'nobody there' says 1 'is dsa-model running, with --control?' --control "$dir/control" stats
check 'unknown command' says 2 "there is no command 'explode'" --control "$dir/control" explode
check 'half a command' says 2 "there is no command 'fault'" --control "$dir/control" fault
check 'too few' says 2 'too few or too many' --control "$dir/control" fault add
check 'too many' says 2 'takes no arguments' --control "$dir/control" vanish now

"$ctl" --help | sed -n 's/^  \([a-z]*\( [a-z]*\)\?\) .*/\1/p' | sed 's/ *$//' >"$dir/commands"
check 'help lists commands' test "$(wc -l <"$dir/commands")" -ge 9
while read -r command; do
	check "manual has $command" grep -q "^\.It Cm $command\( \|\$\)" "$man"
done <"$dir/commands"

mkfifo "$dir/said"
"$model" --verbose --control "$dir/control" --fault drop:vector=1 --socket "$dir/a" \
	--stats "$dir/a.json" --socket "$dir/b" --name second --fault stuck \
	--stats "$dir/b.json" --msix-entries 20 --profile spr-handles >"$dir/said" 2>&1 &
pid=$!
exec 3<"$dir/said"
check 'listens' wait_for "listening on $dir/a"
check 'listens at both' wait_for "listening on $dir/b"
check 'mode of the control socket' test "$(stat -c %a "$dir/control")" = 600
export DSA_MODEL_CONTROL="$dir/control"

check 'devices' says 0 "second       $dir/b" devices
check 'which device?' says 1 'say which of the 2 devices' stats
check 'no such device' says 1 'there is no device "third"' --device third stats
check 'statistics are JSON' says 0 '"msix_entries":20' --device second stats
check 'the other has its own' says 0 '"msix_entries":9' --device dsa0 stats
check 'faults of the command line' says 0 'drop:vector=1' --device dsa0 fault list
check 'and those of this device' says 0 'stuck' --device second fault list
check 'the first has none of them' test \
	"$("$ctl" --device dsa0 fault list | grep -c stuck)" -eq 0
check 'fault added' says 0 'fault 2: delay:time=1ms' --device dsa0 fault add delay:time=1ms
check 'fault refused' says 1 'delay needs time=' --device dsa0 fault add delay
check 'fault refused by the device' says 1 'allowed: 0 to 19' --device second \
	fault add drop:vector=20
check 'fault ended' says 0 '1 cleared' --device dsa0 fault clear 2
check 'no such fault' says 1 'there is no fault 2' --device dsa0 fault clear 2
check 'no number' says 2 "'x' is no number" --device dsa0 fault clear x
check 'all ended' says 0 '2 cleared' --device second fault clear
check 'none left' says 0 '0 cleared' --device second fault clear
check 'raise' quiet --device second raise 19 7
check 'raised' says 0 '"raised":7,' --device second stats
check 'at a rate' quiet --device second raise 19 3 1000
check 'raised more' says 0 '"raised":10,' --device second stats
check 'no such vector' says 1 'from 0 to 8' --device dsa0 raise 9
check 'no vector' says 2 "'x' is no vector" --device dsa0 raise x
check 'release' says 0 '0 released' --device dsa0 release
check 'halt' quiet --device dsa0 halt
check 'revoke' quiet --device second revoke
check 'nothing to revoke' says 1 'no interrupt handles' --device dsa0 revoke
check 'reset' quiet --device dsa0 reset
check 'latched while MSI-X is disabled' says 0 'latch' --device dsa0 msix-disabled
check 'from now on dropped' quiet --device dsa0 msix-disabled drop
check 'dropped' says 0 'drop' --device dsa0 msix-disabled
check 'dropped in the statistics' says 0 '"msix_disabled":"drop"' --device dsa0 stats
check 'but not in the other device' says 0 '"msix_disabled":"latch"' --device second stats
check 'neither' says 1 '"latch" or "drop"' --device dsa0 msix-disabled keep
check 'watch' says 0 'abandoned' --device second stats --watch=0.01 --times=3
check 'three lines and a heading' test "$(wc -l <"$dir/answer")" -eq 4
check 'the first has the sums' grep -q ' 11 .* 11 ' "$dir/answer"
check 'watch what?' says 2 'from 0.01' --device second stats --watch=0
check 'watch how?' says 2 'allowed: --watch' --device second stats --colour

# come_and_go PATH: a client that says nothing.
come_and_go()
{
	command -v python3 >/dev/null || return 0
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.connect(sys.argv[1])
s.send(b"x" * 16)
s.recv(1)' "$1"
}

if command -v python3 >/dev/null; then
	check 'a client of the first' come_and_go "$dir/a"
	check 'is named after it' wait_for_start 'dsa-model: dsa0: connection closed: '
	check 'a client of the second' come_and_go "$dir/b"
	check 'and after that' wait_for_start 'dsa-model: second: connection closed: '
fi

kill -USR1 "$pid"
check 'SIGUSR1 writes those of one' wait_for "dsa-model: statistics written to $dir/a.json"
check 'and of the other' wait_for "dsa-model: statistics written to $dir/b.json"
kill "$pid"
wait "$pid"
check 'ends' test $? -eq 0
pid=
check 'both have written statistics' grep -q '"raised": *10' "$dir/b.json"
check 'sockets are gone' test ! -e "$dir/a" -a ! -e "$dir/b" -a ! -e "$dir/control"
check 'and so is the model' says 1 'is dsa-model running' stats

# Of several that cannot all start, none is left behind.
"$model" --socket "$dir/a" --socket "$dir/missing/b" >"$dir/answer" 2>&1
check 'one cannot listen' test $? -eq 1
check 'nor does the other' test ! -e "$dir/a"
"$model" --socket "$dir/a" --control "$dir/missing/c" >"$dir/answer" 2>&1
check 'no place for the control socket' test $? -eq 1
check 'then no device either' test ! -e "$dir/a"
exit $failed

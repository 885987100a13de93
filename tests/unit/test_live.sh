#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# wq-demo run --live on a terminal made for it: what is on the screen, that it follows the
# window, that the terminal is left as it was, and that elsewhere nothing of it is seen.
# shellcheck disable=SC2317 # functions are called by check
set -u

# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"
program=$(realpath "${WQ_DEMO:-./wq-demo/wq-demo}") || exit 99
terminal=$(realpath "${srcdir:-.}/tests/unit/terminal.py") || exit 99
command -v python3 >/dev/null || { echo 'skipped: no python3'; exit 77; }
python3 -c 'import pty' || { echo 'skipped: no pty in python3'; exit 77; }
cd "$tmp" || exit 99
mkdir shots
export TERM=xterm
unset NO_COLOR
run=("$program" run --backend sim --interval 2ms --duration 2ms)

# One that goes on until it is told to stop: how fast this machine is does not matter.
endless=("$program" run --backend sim --cycles 1000000000 --live)

# on_terminal [OPTION...] -- COMMAND...: with the screens in shots.
on_terminal()
{
	local options=()

	rm -f shots/*
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	python3 "$terminal" --shot shots "${options[@]}" "$@"
}

# shows PATTERN FRAME...: the screen of one of these frames has it.
shows()
{
	local pattern=$1 frame

	shift
	for frame in "$@"; do
		! grep -q -e "$pattern" "shots/frame-$frame" || return 0
	done
	cat "shots/frame-$1"
	return 1
}

export LC_ALL=C.UTF-8
check 'the run ends as without it' 1 '^verdict: broken' \
	on_terminal --size 120x30 -- "${run[@]}" --vmm rebuild --live
frames=(shots/frame-*)
last=$((${#frames[@]} - 1))
[ $last -ge 15 ]
result 'there are frames' $? "${#frames[@]}"
check 'what runs, and its phase' 0 '' shows '^wq-demo run: sim rebuild .*queues [1-7]/8 .*bringing queues up' 5
check 'a queue: rate, in flight, age' 0 '' \
	shows '^ *0 *1 *[0-9]\{4,\} *1 *[0-9.]*[um]s  ' 2 3
check 'bring-ups have marks' 0 '' shows 'bring-up:.*▼.*▼.*▼' 10
check 'rates are drawn' 0 '' shows '[▁▂▃▄▅▆▇█]\{2,\}' 10
check 'what is lost is counted' 0 '' shows '^ *0 *1 .* [1-9][0-9]* *0 !' "$last"
check 'and marked where it was lost' 0 '' shows '^ *0 *1 .*X' "$last"
check 'the sums' 0 '' shows '^ *all *[0-9]' 10
check 'the report is on the first screen' 0 '^verdict: broken' cat shots/last
check 'and the view is not' 1 '' grep 'bring-up:' shots/last

check 'nothing lost' 0 '^verdict: held' on_terminal --size 120x30 -- "${run[@]}" --vmm dynamic --live
check 'control: no mark of a loss' 1 '' grep -l '!\|X' shots/frame-12 shots/frame-22

check 'as wide as the window' 1 'frames: [1-9]' \
	on_terminal --size 60x12 -- "${run[@]}" --vmm rebuild --live
check 'no room for the rates' 1 '' grep '▁\|▂\|▃\|▄\|▅\|▆\|▇\|█' shots/frame-10
check 'nor for all queues' 0 '' shows 'and [1-9] more queues' 15
check 'a window of almost nothing' 1 'frames: [1-9]' \
	on_terminal --size 10x3 -- "${run[@]}" --vmm rebuild --live

check 'the window changes' 1 'frames: [1-9]' \
	on_terminal --size 60x12 --resize 8:140x40 --signal 20:SIGINT -- "${endless[@]}" --vmm rebuild
check 'before' 1 '' grep 'bring-up:.*▼' shots/frame-7
check 'after' 0 '' shows 'bring-up:.*▼' 11
check 'and smaller' 1 'frames: [1-9]' \
	on_terminal --size 140x40 --resize 8:50x10 --signal 20:SIGINT -- "${endless[@]}" --vmm rebuild
check 'all is within it' 1 '' grep '.\{51\}' shots/frame-11

check 'Ctrl-C: the run ends in good order' 130 'once more to quit at once' \
	on_terminal --size 120x30 --signal 6:SIGINT -- "${endless[@]}" --vmm dynamic
check 'with a report' 0 '^verdict: incomplete' cat shots/last
check 'suspended, and on again' 130 '^verdict: incomplete' \
	on_terminal --size 120x30 --signal 6:SIGTSTP --signal 30:SIGINT -- "${endless[@]}" --vmm dynamic
check 'it was suspended' 0 '' test -e shots/suspended
check 'the terminal was free' 1 '' grep 'bring-up:' shots/suspended
check 'then there are frames again' 0 '' shows '▼' 30

export LC_ALL=C
check 'no blocks without a locale for them' 1 '' on_terminal --size 120x30 -- "${run[@]}" --vmm rebuild --live
check 'but letters' 0 '' shows 'bring-up:.*v.*v' 10
check 'and nothing else' 1 '' grep '[^ -~]' shots/frame-10

plain()
{
	"${run[@]}" --vmm rebuild --live --json live.json >out 2>&1
	! grep -q "$(printf '\033')" out && ! grep -q "$(printf '\r')" out && grep -q '^verdict: broken' out
}

check 'plain where there is no terminal' 0 '' plain
check 'nor on a dumb one' 1 'frames: 0' env TERM=dumb python3 "$terminal" "${run[@]}" --vmm rebuild --live
"${run[@]}" --vmm rebuild --json plain.json >/dev/null
check 'another run with it' 1 '' on_terminal -- "${run[@]}" --vmm rebuild --live --json live.json
check 'the result is the same' 0 '' cmp plain.json live.json
check 'a run with churn is not slowed down' 0 '^verdict: held' \
	on_terminal --size 100x30 -- "${run[@]}" --vmm dynamic --cycles 2000 --cycle-interval 0 --live
check 'both ways, compared' 0 '^dynamic *0 of' on_terminal -- "${run[@]}" --live

# That the terminal notices what it is to notice.
check 'control: the second screen is not left' 99 'fault: the second screen' \
	python3 "$terminal" printf '\033[?1049h'
check 'control: the cursor is hidden' 99 'fault: the cursor' python3 "$terminal" printf '\033[?25l'
check 'control: a line too long' 99 'fault: a line of the view' \
	python3 "$terminal" --size 5x5 printf '\033[?1049h123456\033[?1049l'
check 'control: a colour is left' 99 'fault: colours' python3 "$terminal" printf '\033[1;31mx'
check 'control: what it does not know' 99 'fault: unknown' python3 "$terminal" printf '\033[5Z'
check 'control: nothing of that' 0 '^good$' python3 "$terminal" echo good

exit $failed

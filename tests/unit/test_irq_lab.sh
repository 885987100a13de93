#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# irq-lab's command line; what it does needs a host under test (tests/vm).
set -u

lab=${IRQ_LAB:-./tests/vm/irq-lab/irq-lab}
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
unset BDF PHASE

failed=0
# answers STATUS TEXT OPTION...: it ends with this status and says this.
answers()
{
	want=$1
	text=$2
	shift 2
	"$lab" "$@" >"$dir/answer" 2>&1
	got=$?
	if [ "$got" -eq "$want" ] && grep -qF -e "$text" "$dir/answer"; then
		echo "ok - $*"
	else
		echo "not ok - $*: status $got, expected $want and '$text':"
		cat "$dir/answer"
		failed=1
	fi
}

answers 0 '--device BDF' --help
answers 0 'repoint-accepted' --list
answers 2 '--device BDF is missing'
answers 2 "--rounds: 'x' is not allowed; a number up to" --device 0000:00:01.0 --rounds x
answers 2 "--swaps: '-1' is not allowed" --device 0000:00:01.0 --swaps -1
answers 2 "--confirm: '99999999999999999999' is not allowed" --device 0 --confirm 99999999999999999999
answers 2 "no operation is called 'fly'" --device 0000:00:01.0 --only fly
answers 2 'unexpected argument: enable' --device 0000:00:01.0 enable
answers 2 "try 'irq-lab --help'" --no-such-option
answers 1 'irq-lab: ffff:ff:1f.7: ' --device ffff:ff:1f.7
exit $failed

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The program dsa-model from the outside: start, signals, files, exit codes.
# shellcheck disable=SC2317 # functions are called by check
set -u

model=${DSA_MODEL:-./dsa-model/dsa-model}
dir=$(mktemp -d) || exit 99
pid=
trap 'test -z "$pid" || kill -9 "$pid" 2>/dev/null; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM

failed=0
check()
{
	what=$1
	shift
	if "$@"; then
		echo "ok - $what"
	else
		echo "not ok - $what"
		failed=1
	fi
}

# wait_for LINE: in what the program says, both on standard output and error. The
# pipe ends when the program does, so this does not wait for ever.
wait_for()
{
	while read -r line <&3; do
		[ "$line" = "$1" ] && return 0
	done
	return 1
}

# start OPTION...: in the background; returns when it listens.
start()
{
	exec 3<&-
	rm -f "$dir/said"
	mkfifo "$dir/said"
	"$model" --socket "$dir/socket" --verbose "$@" >"$dir/said" 2>&1 &
	pid=$!
	exec 3<"$dir/said"
	wait_for "listening on $dir/socket"
}

finish()
{
	kill "-$1" "$pid"
	wait "$pid"
	status=$?
	pid=
}

# status_is STATUS TEXT OPTION...: ends at once, with a message that has the text.
status_is()
{
	want=$1
	text=$2
	shift 2
	"$model" "$@" >"$dir/answer" 2>&1
	[ $? -eq "$want" ] && grep -qF -e "$text" "$dir/answer"
}

few_files()
{
	# shellcheck disable=SC3045  # not in POSIX, but in every shell of Debian
	(ulimit -n 256 && "$@")
}

check 'help' status_is 0 '--service-time' --help
check 'version' status_is 0 'dsa-model (' --version
check 'no socket' status_is 2 '--socket PATH is missing'
check 'bad value' status_is 2 "--seed: 'x' is not allowed" --socket "$dir/socket" --seed x
check 'no such vector' status_is 2 'there is no vector 9; allowed: 0 to 8' \
	--socket "$dir/socket" --drop-message 9:1
check 'no such vector of a larger table' status_is 2 'there is no vector 100; allowed: 0 to 99' \
	--socket "$dir/socket" --msix-entries 100 --drop-message 100:1
check 'too few open files allowed' few_files status_is 1 'needs 2560 open files, the limit is 256' \
	--socket "$dir/socket" --msix-entries 2048
check 'no folder for the socket' status_is 1 'No such file or directory' \
	--socket "$dir/missing/socket"
check 'no folder for statistics' status_is 1 'cannot write to the folder' \
	--socket "$dir/socket" --stats "$dir/missing/stats"
check 'no socket file is left by any of these' test ! -e "$dir/socket"

for signal in TERM INT HUP; do
	check "starts" start --stats "$dir/stats"
	check 'mode of the socket' test "$(stat -c %a "$dir/socket")" = 600
	check 'a second one is refused' status_is 1 'another process listens there' \
		--socket "$dir/socket"
	check 'the first still listens' test -S "$dir/socket"
	finish $signal
	check "$signal: exit 0" test $status -eq 0
	check "$signal: socket removed" test ! -e "$dir/socket"
	check "$signal: statistics written" grep -q '"raised": *0' "$dir/stats"
	rm -f "$dir/stats"
done

# What kill -9 leaves behind does not keep the next one from starting.
check 'starts' start --stats "$dir/stats"
finish KILL
check 'killed: the file stays' test -S "$dir/socket"
check 'starts where a dead one was' start --stats "$dir/stats"

echo old >"$dir/stats"
kill -USR1 "$pid"
check 'SIGUSR1 writes statistics' wait_for "dsa-model: statistics written to $dir/stats"
check 'they replace the old file' grep -q '"vectors"' "$dir/stats"
finish TERM
check 'ends after SIGUSR1' test $status -eq 0
check 'nothing temporary is left' test "$(find "$dir" -name 'stats.*' | wc -l)" -eq 0
exit $failed

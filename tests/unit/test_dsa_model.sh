#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The program dsa-model from the outside: start, signals, files, exit codes.
# shellcheck disable=SC2317 # functions are called by check
set -u

model=${DSA_MODEL:-./dsa-model/dsa-model}
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

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

# seccomp_of OPTION...: 2 for a filter, 0 for none, as the kernel says.
seccomp_of()
{
	start "$@" || return 1
	awk '$1 == "Seccomp:" || $1 == "NoNewPrivs:" { print $2 }' "/proc/$pid/status" |
		paste -sd ' ' >"$dir/filter"
	finish TERM
}

if "$model" --version | grep -qx 'sandbox: not built in'; then
	echo '# no sandbox: built without libseccomp, or with sanitizers'
else
	check 'starts in its sandbox' seccomp_of
	check 'it has a filter, and gains no privileges' grep -q '^1 2$' "$dir/filter"
	check 'starts without' seccomp_of --no-sandbox
	check 'then it has no filter of its own' grep -q "^$(awk '$1 == "Seccomp:" ||
		$1 == "NoNewPrivs:" { print $2 }' /proc/self/status | paste -sd ' ')\$" "$dir/filter"
fi

check 'starts for a group' start --socket-mode 0660
check 'mode for a group' test "$(stat -c %a "$dir/socket")" = 660
finish TERM

# The service manager is told when clients can connect.
if command -v python3 >/dev/null; then
	check 'says that it is ready' python3 - "$model" "$dir" <<-'EOF'
		import os, socket, subprocess, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.settimeout(60)
		s.bind(sys.argv[2] + "/notify")
		p = subprocess.Popen([sys.argv[1], "--socket", sys.argv[2] + "/socket"],
				     env={**os.environ, "NOTIFY_SOCKET": sys.argv[2] + "/notify"},
				     stdout=subprocess.DEVNULL)
		said = s.recv(100)
		there = os.path.exists(sys.argv[2] + "/socket")
		p.terminate()
		sys.exit(p.wait() != 0 or said != b"READY=1" or not there)
	EOF
fi

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

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Messages with elapsed time, long steps with progress, and the promise that
# nothing stays behind: every process and every temporary directory that the
# other pieces make is registered here and is gone when the shell exits, however
# it exits.
#
# Used by all other pieces; expects $TOP (the source tree).

PROJECT=$(sed -n 's/^AC_INIT(\[\([^]]*\)\].*/\1/p' "$TOP/configure.ac")
[ -n "$PROJECT" ] || { echo "$TOP/configure.ac has no AC_INIT line" >&2; exit 1; }

# Exit codes, the same as wq-demo's.
EXIT_BROKEN=1
EXIT_USAGE=2
EXIT_CANNOT=3

# ---- Messages ---------------------------------------------------------------
# Progress goes to standard error, results to standard output.

elapsed()
{
	local s=$((SECONDS - ${1:-0}))

	printf '%d:%02d' $((s / 60)) $((s % 60))
}

say()
{
	status_clear
	printf '[%5s] %s\n' "$(elapsed)" "$*" >&2
}

warn()
{
	status_clear
	printf '[%5s] warning: %s\n' "$(elapsed)" "$*" >&2
}

# die TEXT [EXIT CODE]: say what is wrong and what to do, and leave.
die()
{
	status_clear
	printf '%s: %s\n' "${0##*/}" "$1" >&2
	exit "${2:-$EXIT_BROKEN}"
}

# A line that is overwritten, for terminals only.
STATUS_SHOWN=0

status_line()
{
	[ -t 2 ] || return 0
	printf '\r\033[K[%5s] %s' "$(elapsed)" "$*" >&2
	STATUS_SHOWN=1
}

status_clear()
{
	[ "$STATUS_SHOWN" = 1 ] || return 0
	printf '\r\033[K' >&2
	STATUS_SHOWN=0
}

# ---- Temporary directory ----------------------------------------------------

RUN_TMP=${RUN_TMP:-}

# One directory for everything short-lived. A Unix socket's path may not exceed
# 107 bytes, so a long TMPDIR is not used.
make_run_tmp()
{
	local base=${TMPDIR:-/tmp}

	[ -n "$RUN_TMP" ] && return 0
	[ ${#base} -le 60 ] || base=/tmp
	RUN_TMP=$(mktemp -d "$base/$PROJECT.XXXXXX") ||
		die "cannot make a temporary directory in $base"
}

# The directory of unfinished cache items (cache.sh), removed on leaving.
PARTIAL=${PARTIAL:-}

# ---- Child processes --------------------------------------------------------
# Every long-lived child runs in a session of its own, so that its process id
# is also the id of its process group and the whole group can be ended exactly.

CHILDREN=()
CHILD_PID=

# child_start OUTPUT COMMAND...: run in the background, standard output and
# error to the file OUTPUT; the process id is left in CHILD_PID.
child_start()
{
	local output=$1

	shift
	setsid "$@" </dev/null >>"$output" 2>&1 &
	CHILD_PID=$!
	CHILDREN+=("$CHILD_PID")
}

child_forget()
{
	local kept=() p

	for p in "${CHILDREN[@]}"; do
		[ "$p" = "$1" ] || kept+=("$p")
	done
	CHILDREN=("${kept[@]}")
}

# True while the process itself is there and not a zombie.
child_alive()
{
	local stat

	[ -r "/proc/$1/stat" ] || return 1
	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	stat=${stat##*) }
	[ "${stat%% *}" != Z ]
}

# child_wait PID: its exit status, and it is forgotten.
child_wait()
{
	local status=0

	wait "$1" || status=$?
	child_forget "$1"
	return "$status"
}

# child_end PID [SECONDS]: ask, wait that long (5), then insist.
child_end()
{
	local pid=$1 tries=$((${2:-5} * 10))

	# A stopped process does not act on a signal before it goes on.
	kill -CONT -- "-$pid" 2>/dev/null || true
	kill -TERM -- "-$pid" 2>/dev/null || true
	while child_alive "$pid" && [ "$tries" -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	kill -KILL -- "-$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	child_forget "$pid"
}

# ---- Leaving ----------------------------------------------------------------

# children_end SECONDS: all of them, each within that time.
children_end()
{
	local p

	trap '' INT TERM HUP
	for p in "${CHILDREN[@]}"; do
		child_end "$p" "$1"
	done
}

cleanup()
{
	local status=$? d

	trap - EXIT
	set +e
	status_clear
	# Longer than a child that has children itself gives those.
	children_end 10
	for d in "$PARTIAL" "$RUN_TMP"; do
		[ -z "$d" ] || rm -rf --one-file-system -- "$d"
	done
	exit "$status"
}

cleanup_install()
{
	trap cleanup EXIT
	trap 'say "interrupted, cleaning up"; exit 130' INT
	trap 'say "terminated, cleaning up"; exit 143' TERM
	trap 'exit 129' HUP
}

# ---- Long steps -------------------------------------------------------------

LOGS=${LOGS:-}

# Where the logs of steps and scenarios go: below the cache unless --out.
logs_to()
{
	LOGS=$1
	mkdir -p "$LOGS" || die "cannot make the directory $LOGS"
}

# step NAME TEXT COMMAND...: run COMMAND with its output in $LOGS/NAME.log,
# showing TEXT and how long it has been at it. Returns COMMAND's status; when
# that is not 0 the end of the log is shown.
step()
{
	local name=$1 text=$2

	shift 2
	: >"$LOGS/$name.log"
	[ -t 2 ] || say "$text"
	child_start "$LOGS/$name.log" "$@"
	step_wait "$name" "$text" "$CHILD_PID"
}

# step_wait NAME TEXT PID: the same for a process that has been started already.
step_wait()
{
	local name=$1 text=$2 pid=$3 log=$LOGS/$1.log status=0 begin=$SECONDS ticks=0

	while child_alive "$pid"; do
		# The interval at which a person sees the clock move.
		sleep 0.2
		ticks=$((ticks + 1))
		if [ -t 2 ]; then
			status_line "$text, $(elapsed "$begin")"
		elif [ $((ticks % 150)) -eq 0 ]; then
			say "$text: still at it after $(elapsed "$begin")"
		fi
	done
	child_wait "$pid" || status=$?
	if [ "$status" -ne 0 ]; then
		say "$text: failed (status $status) after $(elapsed "$begin"); end of $log:"
		tail -n 25 "$log" | sed 's/^/    /' >&2
	else
		say "$text: done in $(elapsed "$begin")"
	fi
	return "$status"
}

# A function of these pieces as a command: in a shell of its own, so that an error
# inside it ends it. The words before the function's name.
# shellcheck disable=SC2016  # expanded by the inner shell
FUNCTION_SHELL=(bash -c '
	set -euo pipefail
	TOP=$1 LOGS=$2 RUN_TMP=$3 PARTIAL=$4; shift 4
	for piece in "$TOP"/tests/vm/lib/*.sh; do . "$piece"; done
	trap "children_end 5" EXIT
	trap "exit 143" TERM
	cache_paths
	"$@"' function)

# step_function NAME TEXT FUNCTION ARGUMENT...: a step that is such a function.
step_function()
{
	local name=$1 text=$2

	shift 2
	step "$name" "$text" "${FUNCTION_SHELL[@]}" "$TOP" "$LOGS" "$RUN_TMP" "$PARTIAL" "$@"
}

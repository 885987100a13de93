# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# Several scenarios at the same time. One chain keeps about one processor busy, so
# there are as many at a time as processors, each in a shell of its own; what it
# has to say is passed on as it comes.

POOL_MOST=4

pool_width()
{
	local cpus

	cpus=$(nproc)
	echo $((cpus < POOL_MOST ? cpus : POOL_MOST))
}

# pool_child NAME BEGIN: runs the scenario in a shell begun by pool_start; its
# result is left for pool_result.
pool_child()
{
	SECONDS=$2
	# shellcheck source=/dev/null
	. "$RUN_TMP/chain-state"
	chain_run "$1" || true
	printf '%s\n' "$CHAIN_SECONDS" "$CHAIN_REASON" >"$RUN_TMP/$1.result.new"
	mv "$RUN_TMP/$1.result.new" "$RUN_TMP/$1.result"
}

declare -A POOL_PIDS=() POOL_SHOWN=()

pool_start()
{
	rm -f "$RUN_TMP/$1.result"
	: >"$RUN_TMP/$1.said"
	child_start "$RUN_TMP/$1.said" "${FUNCTION_SHELL[@]}" "$TOP" "$LOGS" "$RUN_TMP" "$PARTIAL" \
		pool_child "$1" "$SECONDS"
	POOL_PIDS[$1]=$CHILD_PID
	POOL_SHOWN[$1]=0
}

# pool_show NAME: pass on the lines it has said since the last time.
pool_show()
{
	local lines

	lines=$(wc -l <"$RUN_TMP/$1.said")
	[ "$lines" -gt "${POOL_SHOWN[$1]}" ] || return 0
	status_clear
	sed -n "$((POOL_SHOWN[$1] + 1)),${lines}p" "$RUN_TMP/$1.said" >&2
	POOL_SHOWN[$1]=$lines
}

# pool_result NAME: as chain_run would have left it in this shell.
pool_result()
{
	local status=0

	child_wait "${POOL_PIDS[$1]}" || status=$?
	unset "POOL_PIDS[$1]"
	chain_load "$1"
	CHAIN_NAME=$1
	CHAIN_DIR=$RUN_TMP/$1
	CHAIN_SECONDS=0
	CHAIN_REASON="the runner ended with status $status: $(tail -n 2 "$RUN_TMP/$1.said")"
	if [ -e "$RUN_TMP/$1.result" ]; then
		CHAIN_SECONDS=$(head -n 1 "$RUN_TMP/$1.result")
		CHAIN_REASON=$(tail -n +2 "$RUN_TMP/$1.result")
	fi
	rm -f "$RUN_TMP/$1.result" "$RUN_TMP/$1.said"
	[ -z "$CHAIN_REASON" ]
}

# pool_run FUNCTION NAME...: run the scenarios; FUNCTION is called with the name of
# each when it is over, and finds what chain_run leaves.
pool_run()
{
	local report=$1 width name

	shift
	width=$(pool_width)
	declare -p CHAIN_ITEM BUILT >"$RUN_TMP/chain-state"
	while [ $# -gt 0 ] || [ ${#POOL_PIDS[@]} -gt 0 ]; do
		while [ $# -gt 0 ] && [ ${#POOL_PIDS[@]} -lt "$width" ]; do
			pool_start "$1"
			shift
		done
		for name in "${!POOL_PIDS[@]}"; do
			pool_show "$name"
			child_alive "${POOL_PIDS[$name]}" && continue
			pool_show "$name"
			pool_result "$name" || true
			"$report" "$name" || true
		done
		status_line "running: ${!POOL_PIDS[*]}"
		# The interval at which a person sees the clock move.
		sleep 0.3
	done
	status_clear
}

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2153
#
# Runs one scenario: the device model and the QEMU that talks to it on this
# machine (L0), in it the host under test (L1), in that the guest (L2).
#
# A scenario file sets
#	TITLE		one line for people
#	L1_KERNEL	kernel series of the host: one of kernels.sh
#	L1_QEMU		QEMU of the host: 7.2, 10.0, 11
#	L2_KERNEL	kernel series of the guest
#	PHASES		vfio-pci modules used one after the other: stock, ours
#	EXPECT		for each phase, a name from expect.sh
#	L2_CPUS		processors of the guest
#	L2_OPTIONS	more for its kernel's command line
#	L1_OPTIONS	the same of the host
#	L0_IOMMU	more properties of the host's IOMMU, each behind a comma
#	L1_MEMORY	of the host; to look for leaks takes time with its size
#	GUEST_TEST	a test program to run in the guest instead of wq-demo
#	GUEST_TEST_ARGS	its arguments
#	HOST_TEST	a command and its arguments (an array) to run in L1, on the
#			device bound to vfio-pci; then there is no guest. It finds
#			BDF, PHASE, OUT (its directory for results) in its
#			environment, and may report progress as lines "chain: ..."
#			on /dev/console. l1-main says more
#	HOST_FILES	files and directories it needs, found in /run/chain/host in
#			L1 (an array): relative names are of what has been built,
#			or else of the source tree. Programs bring their libraries
#	BACKEND		what wq-demo runs on: sample, or idxd, which needs PROVIDE
#			"movdir64b:SERIES dmatest:SERIES" with the guest's series
#	WORKLOAD	arguments of wq-demo run
#	ROUNDS		how often wq-demo is run in a guest, the driver loaded anew;
#	ROUNDS_MAX	it is run again up to so often while there are too few
#			descriptors for a proof (a slow machine)
#	MIN_DESCRIPTORS	the least that a phase has to have seen
#	UNTIL_LOST	phases in which it is also run again while no interrupt has been
#			lost, for the scenario that has to show a loss
#	MODEL_ARGS	arguments of dsa-model (an array)
#	L0_ARGS		more for the QEMU that runs L1: other devices (an array)
#	ALSO		a further condition (jq) on each result, for what the
#			scenario did to the run: that it has left its mark
#	LIMIT		seconds after which the scenario has failed
#	L1_INSMOD	modules loaded into L1 before anything else (an array); names
#			are of what has been built
#	PROVIDE		what else is to be made for it: names of functions provide_NAME
#	LOGSCAN_IGNORE	lines of kernel logs that the scenario itself brings about: an
#			extended regular expression
# and may define drive(), what happens meanwhile, with the chain_* functions
# below, and compare(), what must hold between the phases: its arguments are their
# directories, and when it is not true it has said why; what it leaves in
# $CHAIN_DIR/kept is kept with the logs. Defaults are in chain_defaults.

SCENARIOS=${SCENARIOS:-$TOP/tests/vm/scenarios}
# Those that take too long for ./run check.
SCENARIOS_LONG=${SCENARIOS_LONG:-$TOP/tests/vm/scenarios-long}

L2_MEMORY=512M
# In L2 there is one bus; to look for others costs seconds (pci=lastbus). A kernel
# that boots tests its timer for a few milliseconds and panics without ticks, which
# an emulated processor that just stands still does not get (no_timer_check).
KERNEL_APPEND='console=ttyS0 loglevel=5 panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check'

chain_defaults()
{
	TITLE=
	L1_KERNEL=6.12
	L1_QEMU=10.0
	L2_KERNEL=6.1
	PHASES=ours
	EXPECT=held
	ALSO=true
	L2_CPUS=1
	L2_OPTIONS=
	L1_OPTIONS=
	L0_IOMMU=
	L1_MEMORY=3G
	GUEST_TEST=
	GUEST_TEST_ARGS=
	BACKEND=sample
	HOST_TEST=()
	HOST_FILES=()
	L0_ARGS=()
	WORKLOAD='--queues 8 --depth 1 --interval 700ms --duration 6s'
	ROUNDS=1
	ROUNDS_MAX=8
	UNTIL_LOST=
	MIN_DESCRIPTORS=$EXPECT_MIN_DESCRIPTORS
	MODEL_ARGS=(--profile spr --service-time 2ms..16ms --msix-disabled drop)
	LIMIT=480
	L1_INSMOD=()
	PROVIDE=
	LOGSCAN_IGNORE=
	WATCH=
	drive()
	{
		chain_boot
		chain_follow
	}
	compare()
	{
		true
	}
}

# chain_load NAME: read a scenario file into the variables above.
chain_load()
{
	local words expect file=$SCENARIOS/$1

	[ -r "$file" ] || file=$SCENARIOS_LONG/$1
	[ -r "$file" ] || die "no scenario is called $1; ./run list shows them" "$EXIT_USAGE"
	chain_defaults
	# shellcheck source=/dev/null
	. "$file"
	read -ra words <<<"$EXPECT"
	for expect in "${words[@]}"; do
		expect_known "$expect" || die "$1: no expectation is called $expect"
	done
	[ "${#words[@]}" -eq "$(wc -w <<<"$PHASES")" ] || die "$1: one expectation a phase"
}

# chain_list, chain_list_long: names, one a line.
chain_list()
{
	local file

	for file in "${1:-$SCENARIOS}"/*; do
		[ ! -e "$file" ] || echo "${file##*/}"
	done
}

chain_list_long()
{
	chain_list "$SCENARIOS_LONG"
}

# ---- What a run needs -------------------------------------------------------

# chain_share_guest DIR: what L1 needs to run a guest, which it sees as /run/guest.
chain_share_guest()
{
	local share=$1 l2=${CHAIN_ITEM[kernel$L2_KERNEL]} l2_release

	l2_release=$(kernel_release "$L2_KERNEL")
	local config="BACKEND=$BACKEND WORKLOAD='$WORKLOAD' ROUNDS=$ROUNDS ROUNDS_MAX=$ROUNDS_MAX
		UNTIL_LOST='$UNTIL_LOST' GUEST_TEST=$GUEST_TEST GUEST_TEST_ARGS='$GUEST_TEST_ARGS'
		DESCRIPTORS=$MIN_DESCRIPTORS"
	case $BACKEND in
	idxd)
		initramfs_l2_idxd "$share/l2-initramfs" "$l2" "$l2_release" \
			"$BUILT/movdir64b-$L2_KERNEL/movdir64b.ko" \
			"$BUILT/dmatest-$L2_KERNEL/dmatest.ko" "$BUILT/wq-demo" "$config" || return 1
		;;
	*)
		initramfs_l2 "$share/l2-initramfs" "$l2" "$l2_release" \
			"$BUILT/modules-$L2_KERNEL/dsa_sample.ko" "$BUILT/${GUEST_TEST:-wq-demo}" \
			"$config" || return 1
		;;
	esac
	cp "$l2/boot/vmlinux" "$share/l2-vmlinux"
}

# chain_share_host DIR: what L1 needs to run HOST_TEST.
chain_share_host()
{
	local share=$1 file

	mkdir -p "$share/host" || return 1
	echo "exec ${HOST_TEST[*]@Q}" >"$share/host-test"
	for file in "${HOST_FILES[@]}"; do
		case $file in
		/*) ;;
		*) if [ -e "$BUILT/$file" ]; then file=$BUILT/$file; else file=$TOP/$file; fi ;;
		esac
		cp -RL "$file" "$share/host/" || return 1
	done
	chain_share_libraries "$share/host"
}

# chain_share_libraries DIR: into DIR/lib, the libraries that the programs in DIR need.
chain_share_libraries()
{
	local library

	mkdir -p "$1/lib" || return 1
	# The C library is L1's own; it may be newer than the one here.
	find "$1" -type f -perm -u+x -exec ldd {} + 2>/dev/null |
		sed -n 's/^.*=> \(\/[^ ]*\) (0x.*$/\1/p' | sort -u |
		grep -vE '/(ld-linux|lib(c|m|dl|rt|pthread))[-.]' >"$1/lib/list" || true
	while read -r library; do
		cp -L "$library" "$1/lib/" || return 1
	done <"$1/lib/list"
}

# chain_share_tool DIR: wq-demo, which examines L1 before the guest is started, and counts
# in it while the guest runs. A test program in the guest is about something else.
chain_share_tool()
{
	[ -z "$GUEST_TEST" ] || return 0
	mkdir -p "$1" && cp "$BUILT/wq-demo" "$1/" && chain_share_libraries "$1"
}

# chain_share DIR: the directory L1 sees as /run/chain.
chain_share()
{
	local share=$1 l1=${CHAIN_ITEM[kernel$L1_KERNEL]}
	local l1_release modules=$BUILT/modules-$L1_KERNEL module

	l1_release=$(kernel_release "$L1_KERNEL")
	mkdir -p "$share/modules" "$share/../guest" || return 1
	cp "$TOP/tests/vm/guest/l1-main" "$share/l1-main" || return 1
	case " $PHASES " in
	*" ours "*)
		cp "$modules/vfio-pci-core.ko" "$modules/vfio-pci.ko" "$share/modules/" || return 1
		;;
	esac
	for module in "${L1_INSMOD[@]}"; do
		mkdir -p "$share/modules/first" || return 1
		cp "$BUILT/$module" "$share/modules/first/" || return 1
	done
	initramfs_l1 "$share/../l1-initramfs" "$l1" "$l1_release" || return 1
	if [ ${#HOST_TEST[@]} -gt 0 ]; then
		chain_share_host "$share" || return 1
	else
		chain_share_guest "$share/../guest" || return 1
		chain_share_tool "$share/tool" || return 1
	fi
	cat >"$share/config" <<-END
		PHASES='$PHASES'
		DEVICE='0x8086 0x0b25'
		L2_MEMORY='$L2_MEMORY'
		L2_CPUS='$L2_CPUS'
		L2_APPEND='$KERNEL_APPEND pci=lastbus=0 $L2_OPTIONS'
		QEMU_VERSION='$(cat "${CHAIN_ITEM[qemu$L1_QEMU]}/qemu-version")'
		WATCH='$WATCH'
	END
}

# ---- Processes --------------------------------------------------------------
# Set while a scenario runs: its directory, the processes, when it must be over,
# and the first thing that went wrong.

CHAIN_DIR=
CHAIN_NAME=
CHAIN_DEADLINE=0
CHAIN_REASON=
CHAIN_BOOTS=0
MODEL_PID=
L0_PID=

chain_fail()
{
	[ -n "$CHAIN_REASON" ] || CHAIN_REASON=$*
	return 1
}

chain_model_start()
{
	rm -f "$CHAIN_DIR/sock"
	child_start "$CHAIN_DIR/model.log" "$BUILT/dsa-model" \
		--socket "$CHAIN_DIR/sock" --stats "$CHAIN_DIR/model-stats.json" "${MODEL_ARGS[@]}"
	MODEL_PID=$CHILD_PID
	while ! grep -qs '^listening on ' "$CHAIN_DIR/model.log"; do
		child_alive "$MODEL_PID" || {
			chain_fail "dsa-model ended at once: $(tail -n 1 "$CHAIN_DIR/model.log")"
			return 1
		}
		[ "$SECONDS" -lt "$CHAIN_DEADLINE" ] || { chain_fail "dsa-model does not listen"; return 1; }
		sleep 0.05
	done
}

# chain_model_stop: it writes its counters as it ends.
chain_model_stop()
{
	local status=0 tries=100

	child_alive "$MODEL_PID" || {
		child_wait "$MODEL_PID" || status=$?
		chain_fail "dsa-model ended by itself with status $status"
		return 1
	}
	kill -TERM "$MODEL_PID"
	while child_alive "$MODEL_PID" && [ "$tries" -gt 0 ]; do
		sleep 0.1
		tries=$((tries - 1))
	done
	if child_alive "$MODEL_PID"; then
		child_end "$MODEL_PID"
		chain_fail "dsa-model did not end within 10 s of SIGTERM"
		return 1
	fi
	child_wait "$MODEL_PID" || status=$?
	[ "$status" -eq 0 ] || { chain_fail "dsa-model ended with status $status"; return 1; }
}

# chain_boot: start the QEMU that runs L1. A scenario may do this more than once.
chain_boot()
{
	local item=${CHAIN_ITEM[kernel$L1_KERNEL]} root=${CHAIN_ITEM[qemu$L1_QEMU]}/root

	CHAIN_BOOTS=$((CHAIN_BOOTS + 1))
	rm -f "$CHAIN_DIR/share/l1-result"
	rm -rf "$CHAIN_DIR"/share/phase-* "$CHAIN_DIR"/share/{request,done}-device
	root_qemu_command "${CHAIN_ITEM[l0]}"
	child_start "$CHAIN_DIR/l0-qemu.log" "${ROOT_QEMU[@]}" \
		-machine q35,accel=tcg,memory-backend=mem \
		-object "memory-backend-memfd,id=mem,size=$L1_MEMORY,share=on" -m "$L1_MEMORY" \
		-cpu EPYC-Milan -smp 2 \
		-nodefaults -no-user-config -display none -monitor none -no-reboot \
		-serial "file:$CHAIN_DIR/l1.log" \
		-kernel "$item/boot/vmlinux" -initrd "$CHAIN_DIR/l1-initramfs" \
		-append "$KERNEL_APPEND intel_iommu=on iommu=pt $L1_OPTIONS" \
		-device "intel-iommu,intremap=on,caching-mode=on$L0_IOMMU" \
		-virtfs "local,path=$root,mount_tag=root,security_model=none,readonly=on,multidevs=remap" \
		-virtfs "local,path=$item/lib/modules,mount_tag=modules,security_model=none,readonly=on,multidevs=remap" \
		-virtfs "local,path=$CHAIN_DIR/guest,mount_tag=guest,security_model=none,readonly=on,multidevs=remap" \
		-virtfs "local,path=$CHAIN_DIR/share,mount_tag=chain,security_model=none,multidevs=remap" \
		-device "{\"driver\":\"vfio-user-pci\",\"x-msg-timeout\":120000,\"socket\":{\"path\":\"$CHAIN_DIR/sock\",\"type\":\"unix\"}}" \
		"${L0_ARGS[@]}"
	L0_PID=$CHILD_PID
}

# chain_last_words: the last thing L1 or L2 said, for the progress line. A console
# line that is complete ends with a carriage return.
chain_last_words()
{
	cat "$CHAIN_DIR/l1.log" "$CHAIN_DIR"/share/phase-*/l2.log 2>/dev/null |
		sed -n 's/^.*chain: \(.*\)\r$/\1/p' | tail -n 1
}

# chain_until CONDITION...: true as soon as the command is; false when L1's QEMU
# has ended before, or dsa-model has, or the time is over.
chain_until()
{
	local said=

	while ! "$@"; do
		custody_serve
		child_alive "$L0_PID" || {
			# It may have ended since the command was asked, as it should.
			"$@" && return 0
			chain_fail "L1 has ended too early"
			return 1
		}
		child_alive "$MODEL_PID" || {
			chain_fail "dsa-model has ended too early"
			return 1
		}
		[ "$SECONDS" -lt "$CHAIN_DEADLINE" ] || {
			chain_fail "not over within $LIMIT s; last: $(chain_last_words)"
			return 1
		}
		if [ -t 2 ]; then
			status_line "$CHAIN_NAME: $(chain_last_words)"
		elif [ "$(chain_last_words)" != "$said" ]; then
			said=$(chain_last_words)
			say "$CHAIN_NAME: $said"
		fi
		sleep 0.3
	done
}

chain_l0_ended()
{
	! child_alive "$L0_PID"
}

# chain_follow: until L1 has switched itself off.
chain_follow()
{
	local status=0

	chain_until chain_l0_ended || return 1
	child_wait "$L0_PID" || status=$?
	[ "$status" -eq 0 ] || { chain_fail "the QEMU that runs L1 ended with status $status"; return 1; }
}

# chain_kill_qemu: as if it had crashed.
chain_kill_qemu()
{
	kill -KILL "$L0_PID"
	child_wait "$L0_PID" 2>/dev/null || true
}

# chain_raised NUMBER: true when the device has raised that many messages in all;
# the condition for "in the middle of the run": a round makes from 800 to 4,000.
chain_raised()
{
	local raised

	kill -USR1 "$MODEL_PID" 2>/dev/null || return 1
	raised=$(jq -r '.raised // 0' "$CHAIN_DIR/model-stats.json" 2>/dev/null) || return 1
	[ "${raised:-0}" -ge "$1" ]
}

# chain_stop_model SECONDS, chain_stop_guest SECONDS: it stands still that long.
chain_stop_model()
{
	say "$CHAIN_NAME: stopping the device for $1 s"
	kill -STOP "$MODEL_PID"
	sleep "$1"
	kill -CONT "$MODEL_PID"
}

chain_guest_stopped()
{
	[ -e "$CHAIN_DIR/share/done-stop-guest" ]
}

chain_stop_guest()
{
	say "$CHAIN_NAME: stopping the guest for $1 s"
	echo "$1" >"$CHAIN_DIR/share/request.new"
	mv "$CHAIN_DIR/share/request.new" "$CHAIN_DIR/share/request-stop-guest"
	chain_until chain_guest_stopped
}

# ---- One scenario -----------------------------------------------------------

# chain_check_log LEVEL FILE...: the kernel logs of one level.
chain_check_log()
{
	local level=$1 file found

	shift
	for file in "$@"; do
		[ -s "$file" ] || { chain_fail "${file##*/} of L$level is missing"; return 1; }
		found=$(logscan "$file") || {
			chain_fail "the kernel log of L$level has: $(head -n 3 <<<"$found")"
			return 1
		}
		logscan_controlled "$file" "$level" || {
			chain_fail "the control line is not in ${file##*/}: L$level's kernel log was not captured"
			return 1
		}
	done
}

# chain_merge_rounds FILE...: one result of several rounds, with numbers added up,
# lists put together, and the verdict and its reason from the first broken one.
chain_merge_rounds()
{
	jq -se '
		. as $all
		| (map(select(.verdict != "held"))[0] // .[0])
		| with_entries(.key as $key | .value |=
			if $key == "version" then .
			elif type == "number" or type == "array" then ($all | map(.[$key]) | add)
			elif type == "boolean" then ($all | all(.[$key]))
			else . end)
		| . + {rounds: ($all | map(del(.queues, .bring_up)))}' "$@"
}

# chain_collect_test DIRECTORY: the results of GUEST_TEST.
chain_collect_test()
{
	local status

	[ -s "$1/test.status" ] || { chain_fail "the guest: $(chain_last_words)"; return 1; }
	status=$(cat "$1/test.status")
	status=$(expect_tests "$1/test.tap" "$status") || {
		chain_fail "$GUEST_TEST: $status
$(tail -n 3 "$1/test.err")"
		return 1
	}
}

# chain_collect_host: the results of HOST_TEST in all phases.
chain_collect_host()
{
	local phase number=0 dir dirs=() status expects why

	read -ra expects <<<"$EXPECT"
	for phase in $PHASES; do
		number=$((number + 1))
		dir=$CHAIN_DIR/share/phase-$number
		dirs+=("$dir")
		[ -s "$dir/host-test.status" ] || { chain_fail "the host: $(chain_last_words)"; return 1; }
		status=$(cat "$dir/host-test.status")
		why=$(expect_host_test "${expects[number - 1]}" "$dir" "$status") || {
			chain_fail "phase $number ($phase), ${HOST_TEST[0]}: $why
$(tail -n 5 "$dir/host-test.log")"
			return 1
		}
	done
	why=$(compare "${dirs[@]}") || { chain_fail "$why"; return 1; }
}

# chain_collect: unpack what came back, search the logs, check the results.
chain_collect()
{
	local share=$CHAIN_DIR/share phase number=0 dir status expects result

	read -ra expects <<<"$EXPECT"
	[ -e "$share/l1-result" ] || { chain_fail "L1 left no result"; return 1; }
	[ "$(cat "$share/l1-result")" = ok ] || { chain_fail "L1: $(cat "$share/l1-result")"; return 1; }
	chain_check_log 1 "$share/l1-dmesg.log" "$CHAIN_DIR/l1.log" || return 1
	jq '{raised, delivered, dropped, msix_disabled, vectors}' "$CHAIN_DIR/model-stats.json" >"$CHAIN_DIR/device.json" || {
		chain_fail "dsa-model left no counters"
		return 1
	}
	if [ ${#HOST_TEST[@]} -gt 0 ]; then
		chain_collect_host
		return
	fi
	for phase in $PHASES; do
		number=$((number + 1))
		dir=$share/phase-$number
		mkdir -p "$dir/out"
		tar -xf "$dir/l2-result.tar" -C "$dir/out" 2>/dev/null || {
			chain_fail "the guest sent nothing back: $(chain_last_words)"
			return 1
		}
		chain_check_log 2 "$dir/out/dmesg.log" "$dir/l2.log" || return 1
		if [ -n "$GUEST_TEST" ]; then
			chain_collect_test "$dir/out" || return 1
			continue
		fi
		status=$(doctor_check "$dir" "$phase") || {
			chain_fail "phase $number ($phase): $status"
			return 1
		}
		status=$(cat "$dir"/out/round-*.status 2>/dev/null | sort -n | tail -n 1)
		[ -n "$status" ] || { chain_fail "the guest: $(chain_last_words)"; return 1; }
		chain_merge_rounds "$dir/out"/round-*.json >"$dir/out/result.json" 2>/dev/null || {
			chain_fail "wq-demo left no result (status $status): $(tail -n 3 "$dir/out/wq-demo.txt")"
			return 1
		}
		# The device's counters are of the whole scenario, so they belong
		# to a run only where there is just one.
		result=$CHAIN_DIR/result-$number.json
		jq --slurpfile device "$CHAIN_DIR/device.json" --arg phase "$phase" \
			--argjson alone "$([ "$PHASES" = "$phase" ] && echo true || echo false)" \
			--rawfile l1 "$share/l1-info" \
			--rawfile qemu "${CHAIN_ITEM[qemu$L1_QEMU]}/qemu-version" \
			--rawfile l2 "$dir/out/info" \
			'. * (if $alone then {device: $device[0]} else {} end) + {chain: {
				vfio_pci: $phase,
				l1_kernel: ($l1 | split("\n")[0]),
				l1_qemu: ($qemu | split(" ")[0]),
				l2_kernel: ($l2 | split("\n")[0])}}' \
			"$dir/out/result.json" >"$result" || {
			chain_fail "cannot complete the result of wq-demo"
			return 1
		}
		status=$(expect_check "${expects[number - 1]}" "$result" "$status") || {
			chain_fail "phase $number ($phase): $status"
			return 1
		}
		status=$(custody_collect "${expects[number - 1]}" "$number" "$dir" "$result") || {
			chain_fail "phase $number ($phase): $status"
			return 1
		}
		jq -e "$ALSO" "$result" >/dev/null || {
			chain_fail "phase $number ($phase): the run bears no mark of the scenario: $ALSO"
			return 1
		}
	done
}

# chain_once: what has been loaded; leaves CHAIN_REASON and all in CHAIN_DIR.
chain_once()
{
	rm -rf "$CHAIN_DIR"
	mkdir -p "$CHAIN_DIR/share"
	CHAIN_REASON=
	CHAIN_BOOTS=0
	CHAIN_DEADLINE=$((SECONDS + LIMIT))
	MODEL_PID=
	L0_PID=
	if chain_share "$CHAIN_DIR/share" >"$CHAIN_DIR/prepare.log" 2>&1; then
		if chain_model_start; then
			drive || true
		fi
	else
		chain_fail "preparing: $(tail -n 3 "$CHAIN_DIR/prepare.log")" || true
	fi
	[ -z "$L0_PID" ] || ! child_alive "$L0_PID" || child_end "$L0_PID"
	[ -z "$MODEL_PID" ] || chain_model_stop || true
	[ -n "$CHAIN_REASON" ] || chain_collect || true
	status_clear
}

# chain_emulator_fault: prints the proof that it was the emulator by which a kernel died.
chain_emulator_fault()
{
	local console

	for console in "$CHAIN_DIR"/l1.log "$CHAIN_DIR"/share/phase-*/l2.log; do
		[ ! -e "$console" ] || ! emulator_fault "$console" || return 0
	done
	return 1
}

# chain_run NAME: runs it; true when it is as expected, otherwise CHAIN_REASON
# says why not. Everything it produced is left in CHAIN_DIR, CHAIN_SECONDS is how
# long it took. What the emulator is proved to have broken is run once more, and what
# came out of it the first time is kept; twice in a row is a failure like any other.
CHAIN_SECONDS=0

chain_run()
{
	local begin=$SECONDS proof

	CHAIN_NAME=$1
	chain_load "$1"
	CHAIN_DIR=$RUN_TMP/$1
	chain_once
	if [ -n "$CHAIN_REASON" ] && proof=$(chain_emulator_fault); then
		say "$1: failed by the emulator, not by what is tested: $proof"
		say "$1: runs once more; logs of the first time: $LOGS/$1-emulator-fault"
		rm -rf "$LOGS/$1-emulator-fault"
		chain_keep "$LOGS/$1-emulator-fault"
		chain_once
	fi
	CHAIN_SECONDS=$((SECONDS - begin))
	[ -z "$CHAIN_REASON" ]
}

# chain_keep DIRECTORY: console logs of each level and results, for people.
chain_keep()
{
	local to=$1 number=0 phase dir file

	mkdir -p "$to"
	for file in l1.log l0-qemu.log model.log model-stats.json device.json prepare.log; do
		[ ! -e "$CHAIN_DIR/$file" ] || cp "$CHAIN_DIR/$file" "$to/"
	done
	[ ! -e "$CHAIN_DIR/share/l1-dmesg.log" ] || cp "$CHAIN_DIR/share/l1-dmesg.log" "$to/"
	[ ! -d "$CHAIN_DIR/kept" ] || cp -R "$CHAIN_DIR/kept/." "$to/"
	for phase in $PHASES; do
		number=$((number + 1))
		dir=$CHAIN_DIR/share/phase-$number
		if [ ${#HOST_TEST[@]} -gt 0 ]; then
			[ ! -d "$dir" ] || cp -R "$dir" "$to/phase-$number-$phase"
			continue
		fi
		for file in l2.log l2-qemu.log kmemleak.log doctor-host.json host.json host.log device-before.json device-after.json out/doctor-guest.json out/wq-demo.txt out/dmesg.log out/test.tap out/test.err; do
			[ ! -e "$dir/$file" ] || cp "$dir/$file" "$to/phase-$number-${file##*/}"
		done
		for file in "$CHAIN_DIR/result-$number.json" "$CHAIN_DIR/custody-$number".*; do
			[ ! -e "$file" ] || cp "$file" "$to/"
		done
	done
	[ -z "$CHAIN_REASON" ] || echo "$CHAIN_REASON" >"$to/reason"
}

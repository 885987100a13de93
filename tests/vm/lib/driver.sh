# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2153
#
# dsa_sample in L1, on the device itself: no guest, and so no second emulation.

# ---- Accesses to the device -------------------------------------------------

# In the order of the marks: tests/vm/driver-accesses.
ACCESS_PHASES=probe,bring-up,submit,take-down,remove

queue_life_make()
{
	build_paths
	make -C "$BUILD/plain" tests/vm/driver-accesses/queue_life
}

# provide_queue_life: into BUILT.
provide_queue_life()
{
	step_function queue-life "building queue_life" queue_life_make ||
		die "queue_life does not build"
	cp "$BUILD/plain/tests/vm/driver-accesses/queue_life" "$BUILT/" || die "there is no queue_life"
}

# access_compare LOG: true when the log of accesses is as expected.list has it. Leaves
# accesses.txt and the log itself.
access_compare()
{
	local kept=$CHAIN_DIR/kept dir=$TOP/tests/vm/driver-accesses status=0

	mkdir -p "$kept"
	cp "$1" "$kept/access.log" || return 1
	awk -v marks="$ACCESS_PHASES" -v out="$kept/accesses.txt" -f "$dir/compare.awk" \
		"$dir/expected.list" "$1" || status=$?
	return "$status"
}

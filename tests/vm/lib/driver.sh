# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2153
#
# dsa_sample in L1, on the device itself: no guest, and so no second emulation.

# ---- The user interface, attacked ---------------------------------------------

driver_fuzz_make()
{
	build_paths
	make -C "$BUILD/plain" tests/vm/driver-fuzz/driver_fuzz
}

# provide_driver_fuzz: into BUILT.
provide_driver_fuzz()
{
	step_function driver-fuzz "building driver_fuzz" driver_fuzz_make ||
		die "driver_fuzz does not build"
	cp "$BUILD/plain/tests/vm/driver-fuzz/driver_fuzz" "$BUILT/" || die "there is no driver_fuzz"
}

# mutants_make SERIES: each mutant of tests/vm/driver-fuzz/mutants.list, in
# BUILD/mutants-SERIES/modules. Most of the driver is compiled only once.
mutants_make()
{
	local dir name file change

	build_paths
	dir=$BUILD/mutants-$1
	mkdir -p "$dir/guest-driver" "$dir/modules"
	rm -f "$dir/modules"/*.ko
	rsync -a --delete "$BUILD/src/include/" "$dir/include/"
	while IFS='|' read -r name file change; do
		[[ $name != \#* ]] || continue
		# What the last one has changed comes back as new, so that it is compiled.
		rsync -r --checksum "$BUILD/src/guest-driver"/{*.[ch],Kbuild} "$dir/guest-driver/"
		sed -i "$change" "$dir/guest-driver/$file"
		! cmp -s "$BUILD/src/guest-driver/$file" "$dir/guest-driver/$file" || {
			echo "mutant $name: guest-driver/$file does not look as expected: $change"
			return 1
		}
		builder_run "$1" env -i PATH="$PATH" make -C "$(kernel_headers "$1")" \
			M="$dir/guest-driver" DSA_INCLUDE="$dir/include" modules || return 1
		cp "$dir/guest-driver/dsa_sample.ko" "$dir/modules/$name.ko" || return 1
	done <"$BUILD/src/tests/vm/driver-fuzz/mutants.list"
}

# provide_driver_mutants SERIES: BUILT/mutants.
provide_driver_mutants()
{
	step_function mutants "building drivers with something wrong, for $1" mutants_make "$1" ||
		die "the drivers with something wrong do not build for $1"
	rm -rf "$BUILT/mutants"
	cp -R "$BUILD/mutants-$1/modules" "$BUILT/mutants" || die "there are no mutants"
}

# driver_fuzz_scenario TIMES CALLS SOAK: the settings of such a scenario, for its
# L1_KERNEL.
driver_fuzz_scenario()
{
	PHASES=stock
	EXPECT=tests-pass
	PROVIDE+=" driver_fuzz"
	MODEL_ARGS=(--profile spr --service-time 0..300us)
	HOST_TEST=(run-driver-fuzz "$@")
	HOST_FILES=(tests/vm/driver-fuzz/run-driver-fuzz tests/outside/strangers-lib driver_fuzz
		"modules-$L1_KERNEL/dsa_sample.ko")
}

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

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2153
#
# dsa_sample in L1, on the device itself: no guest, and so no second emulation.

# ---- The user interface, attacked ---------------------------------------------

provide_driver_fuzz()
{
	provide_program vm/driver-fuzz driver_fuzz
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
	L1_OPTIONS=iomem=relaxed
	L1_MEMORY=1G
	MODEL_ARGS=(--profile spr --service-time 0..300us)
	HOST_TEST=(run-driver-fuzz "$@")
	HOST_FILES=(tests/vm/driver-fuzz/run-driver-fuzz tests/outside/strangers-lib driver_fuzz
		"modules-$L1_KERNEL/dsa_sample.ko")
}

# ---- Accesses to the device -------------------------------------------------

# In the order of the marks: tests/vm/driver-accesses.
ACCESS_PHASES=probe,bring-up,submit,take-down,remove

provide_queue_life()
{
	provide_program vm/driver-accesses queue_life
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

# ---- ./run driver-lab ---------------------------------------------------------

# All that is tested of dsa_sample with a device.
DRIVER_LAB='driver-test driver-recovery driver-fuzz driver-accesses'

# driver_lab_tests NAME: of the scenario that is over, one line a test: name, pass, fail or
# skip, seconds. What leaves no list of tests is one itself.
driver_lab_tests()
{
	local share=$CHAIN_DIR/share/phase-1 result=pass
	local tap=$share/out/test.tap

	[ -z "$CHAIN_REASON" ] || result=fail
	[ -s "$tap" ] || tap=$share/test.tap
	if [ -s "$share/results.tsv" ]; then
		awk -F '\t' -v name="$1" '{ printf "%s: %s\t%s\t%s\n", name, $2, $3, $5 }' \
			"$share/results.tsv"
	elif [ -s "$tap" ]; then
		# "ok 3 - name # 12 ms"
		sed -nE 's/^(not )?ok [0-9]+ - (.*) # ([0-9]+) ms$/\1\t\2\t\3/p' "$tap" |
			awk -F '\t' -v name="$1" '{
				result = $1 == "" ? "pass" : "fail"
				if (sub(/ # SKIP.*/, "", $2))
					result = "skip"
				printf "%s: %s\t%s\t%.3f\n", name, $2, result, $3 / 1000
			}'
	fi
	printf '%s\t%s\t%s\n' "$1" "$result" "$CHAIN_SECONDS"
}

# report_driver_lab NAME: a scenario that is over.
report_driver_lab()
{
	driver_lab_tests "$1" >>"$RESULTS/driver-lab.tsv"
	report_scenario "$1"
}

command_driver_lab()
{
	local scenarios status=0

	no_arguments
	read -ra scenarios <<<"$DRIVER_LAB"
	needs "${scenarios[@]}"
	begin "$PACKAGES" "${NEED_SERIES[@]}"
	build_for_chain "${NEED_SERIES[@]}"
	ready "${NEED_SERIES[@]}"
	RESULTS=$RUN_TMP/driver-lab
	mkdir -p "$RESULTS"
	: >"$RESULTS/driver-lab.tsv"
	[ -z "$OUT" ] || rm -f "$OUT/chain.json"
	tap_plan ${#scenarios[@]}
	pool_run report_driver_lab "${scenarios[@]}"
	tap_summary || status=1
	jq -Rn '[inputs | split("\t") | {test: .[0], result: .[1], seconds: (.[2] | tonumber)}]' \
		"$RESULTS/driver-lab.tsv" >"$RESULTS/driver-lab.json" ||
		die "the results cannot be summed up"
	[ -z "$OUT" ] || cp "$RESULTS/driver-lab.json" "$OUT/" || die "cannot write to $OUT"
	return "$status"
}

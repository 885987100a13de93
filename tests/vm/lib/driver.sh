# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2153
#
# dsa_sample in L1, on the device itself: no guest, and so no second emulation.

# ---- The user interface, attacked ---------------------------------------------

provide_driver_fuzz()
{
	provide_program vm/driver-fuzz driver_fuzz
}

# mutants_make SERIES LIST: each mutant of LIST, in BUILD/mutants/LIST-SERIES/modules. Most of
# the driver is compiled only once. A file of LIST is of guest-driver, or a path of the tree; what
# comes after the third field is for others. What has not changed is not built again.
mutants_make()
{
	local dir name file change list sources key made=()

	build_paths
	list=$BUILD/src/tests/vm/$2
	dir=$BUILD/mutants/$2-$1
	mkdir -p "$dir/guest-driver" "$dir/modules" "$dir/keys"
	sources=$(cd "$BUILD/src" && kernel_release "$1" &&
		sha256sum guest-driver/{*.[ch],Kbuild} include/*/*.h) || return 1
	while IFS='|' read -r name file change _; do
		[[ -n $name && $name != \#* ]] || continue
		[[ $file == */* ]] || file=guest-driver/$file
		made+=("$name.ko")
		key=$(sha256sum <<<"$sources $file $change")
		if [ -e "$dir/modules/$name.ko" ] && [ "$key" = "$(cat "$dir/keys/$name" 2>/dev/null)" ]; then
			continue
		fi
		rm -f "$dir/keys/$name"
		# What the last one has changed comes back as new, so that it is compiled.
		rsync -r --checksum "$BUILD/src/guest-driver"/{*.[ch],Kbuild} "$dir/guest-driver/"
		rsync -r --checksum --delete "$BUILD/src/include/" "$dir/include/"
		sed -i "$change" "$dir/$file"
		! cmp -s "$BUILD/src/$file" "$dir/$file" || {
			echo "mutant $name: $file does not look as expected: $change"
			return 1
		}
		builder_run "$1" env -i PATH="$PATH" make -C "$(kernel_headers "$1")" \
			M="$dir/guest-driver" DSA_INCLUDE="$dir/include" modules || return 1
		cp "$dir/guest-driver/dsa_sample.ko" "$dir/modules/$name.ko" || return 1
		echo "$key" >"$dir/keys/$name"
	done <"$list"
	# Those that are not in the list any more.
	for file in "$dir"/modules/*.ko; do
		[[ " ${made[*]} " == *" ${file##*/} "* ]] || rm "$file"
	done
}

# mutants_provide SERIES LIST DIR: the mutants of LIST, in BUILT/DIR.
mutants_provide()
{
	step_function "$3" "building drivers with something wrong, for $1" mutants_make "$1" "$2" ||
		die "the drivers with something wrong do not build for $1"
	rm -rf "${BUILT:?}/$3"
	cp -R "$BUILD/mutants/$2-$1/modules" "$BUILT/$3" || die "there are no mutants"
}

# provide_driver_mutants SERIES: BUILT/mutants.
provide_driver_mutants()
{
	mutants_provide "$1" driver-fuzz/mutants.list mutants
}

# provide_driver_races SERIES: BUILT/races.
provide_driver_races()
{
	mutants_provide "$1" driver-fuzz/races.list races
}

# driver_fuzz_scenario TIMES CALLS SOAK [SEED [LENGTH]]: the settings of such a scenario,
# for its L1_KERNEL. DRIVER_FUZZ_CPUS is the number of its processors.
driver_fuzz_scenario()
{
	PHASES=stock
	EXPECT=tests-pass
	PROVIDE+=" driver_fuzz"
	L1_OPTIONS=iomem=relaxed
	L1_MEMORY=1G
	MODEL_ARGS=(--profile spr --service-time 0..300us)
	L0_ARGS=(-smp "${DRIVER_FUZZ_CPUS:-2}")
	HOST_TEST=(run-driver-fuzz "$@")
	HOST_FILES=(tests/vm/driver-fuzz/run-driver-fuzz tests/outside/strangers-lib driver_fuzz
		"modules-$L1_KERNEL/dsa_sample.ko")
}

# ---- The rules of the driver, each broken -----------------------------------------

# provide_driver_rules SERIES: BUILT/rules.
provide_driver_rules()
{
	mutants_provide "$1" driver/rules.list rules
}

# provide_driver_shared SERIES: BUILT/shared.
provide_driver_shared()
{
	mutants_provide "$1" driver/shared.list shared
}

# provide_driver_devices SERIES: BUILT/devices.
provide_driver_devices()
{
	mutants_provide "$1" driver/devices.list devices
}

# rules_of TEST: names of the mutants that TEST has to find.
rules_of()
{
	awk -F '|' -v test="$1" '/^rule-/ && $4 == test { print $1 }' "$TOP/tests/vm/driver/rules.list"
}

# rules_instructions MODULE: true when a fence is before each descriptor that the module hands
# over; else it says where there is none.
rules_instructions()
{
	objdump -d --no-show-raw-insn "$1" | awk '
		/^[0-9a-f]+ <.*>:$/ { fence = 0; name = $2 }
		$2 ~ /^[sm]fence$/ { fence = 1 }
		$2 == "movdir64b" {
			found++
			if (!fence) {
				print "no fence before a descriptor in " name
				bad = 1
			}
			fence = 0
		}
		END {
			if (!found)
				print "no movdir64b was found"
			exit bad || !found
		}'
}

# rules_judge TEST JUDGE: "JUDGE dsa_sample" must be true, and "JUDGE NAME" false and say why
# for each mutant that TEST has to find. Leaves rules.txt.
rules_judge()
{
	local test=$1 judge=$2 name why result bad=0

	mkdir -p "$CHAIN_DIR/kept"
	why=$("$judge" dsa_sample) || { echo "$test: the driver as it is: $why"; bad=1; }
	for name in $(rules_of "$test"); do
		result=caught
		if why=$("$judge" "$name") || [ -z "$why" ]; then
			result=missed
			echo "$test does not find $name"
			bad=1
		fi
		printf '%s\t%s\t%s\t%s\n' "$name" "$test" "$result" "${why%%$'\n'*}" \
			>>"$CHAIN_DIR/kept/rules.txt"
	done
	return "$bad"
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
DRIVER_LAB='driver-test driver-test-smp driver-recovery driver-fuzz driver-accesses'
DRIVER_LAB+=' driver-rules driver-rules-accesses driver-shared driver-devices'

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
	begin_scenarios "${scenarios[@]}"
	RESULTS=$RUN_TMP/driver-lab
	mkdir -p "$RESULTS"
	: >"$RESULTS/driver-lab.tsv"
	pool_run report_driver_lab "${scenarios[@]}"
	tap_summary || status=1
	jq -Rn '[inputs | split("\t") | {test: .[0], result: .[1], seconds: (.[2] | tonumber)}]' \
		"$RESULTS/driver-lab.tsv" >"$RESULTS/driver-lab.json" ||
		die "the results cannot be summed up"
	[ -z "$OUT" ] || cp "$RESULTS/driver-lab.json" "$OUT/" || die "cannot write to $OUT"
	return "$status"
}

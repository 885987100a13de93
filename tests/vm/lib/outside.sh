# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Judges from outside: the kernel's own tests of VFIO, built from the newest
# linux-source there is and run in L1 with the stock vfio-pci and with ours; and clients
# of the device, for which see strangers.sh. What is built, what is changed in it and
# what is left out: tests/outside/README.md. At the end one table of all of them.

# shellcheck disable=SC2034  # for ./run
OUTSIDE_SCENARIOS='outside-6.1 outside-6.12 outside-7'

# The series of the kernel whose tests these are.
OUTSIDE_SERIES=7

# The parts of the source that the tests and the headers they need are built from.
OUTSIDE_MEMBERS=(
	'*/Makefile' '*/Kbuild' '*/scripts' '*/include/uapi' '*/include/asm-generic'
	'*/include/linux/pci_ids.h' '*/arch/x86/Makefile*' '*/arch/x86/Kbuild'
	'*/arch/x86/include' '*/arch/x86/entry/syscalls'
	'*/tools/include' '*/tools/arch' '*/tools/scripts' '*/tools/build'
	'*/tools/testing/selftests/vfio' '*/tools/testing/selftests/lib.mk'
	'*/tools/testing/selftests/kselftest*'
	'*/drivers/dma/idxd' '*/drivers/dma/ioat' '*/drivers/net/ethernet/intel/igb'
)

# file | sed command. README.md has the reasons.
OUTSIDE_CHANGES='
vfio/lib/iommu.c|s/^\(const char \*default_iommu_mode = \)MODE_IOMMUFD;$/\1MODE_VFIO_TYPE1V2_IOMMU;/
kselftest_harness.h|s/^\(#define TEST_TIMEOUT_DEFAULT \)30$/\1300/
vfio/vfio_pci_driver_test.c|s/^\(TEST_F_TIMEOUT(vfio_pci_driver_test, memcpy_storm, \)60)$/\1600)/
vfio/vfio_pci_driver_test.c|s/\(&self->memcpy_region, \)SZ_1G)/\1SZ_16M)/
vfio/vfio_pci_driver_test.c|s/^\(.*total_size = \)250UL \* SZ_1G;/\1SZ_1G;/
'

# selftests_change DIRECTORY: each change has to find its place.
selftests_change()
{
	local file change

	while IFS='|' read -r file change; do
		[ -n "$file" ] || continue
		cp "$1/$file" "$1/$file.old" || return 1
		sed -i "$change" "$1/$file"
		! cmp -s "$1/$file" "$1/$file.old" || {
			echo "$file does not look as expected: $change"
			return 1
		}
		rm "$1/$file.old"
	done <<<"$OUTSIDE_CHANGES"
}

# selftests_make DIRECTORY TARBALL: the programs in DIRECTORY/selftests.
selftests_make()
{
	local tree=$1/tree tests=$1/tree/tools/testing/selftests to=$1/selftests

	mkdir "$tree" "$1/out" "$to"
	tar -xf "$2" -C "$tree" --strip-components=1 --wildcards --no-wildcards-match-slash \
		"${OUTSIDE_MEMBERS[@]}"
	selftests_change "$tests"
	cp "$TOP/tests/outside/special_insns.h" "$tree/tools/arch/x86/include/asm/special_insns.h"
	env -i PATH="$PATH" make -s -C "$tree" ARCH=x86_64 headers
	env -i PATH="$PATH" make -s -C "$tests/vfio" ARCH=x86_64 OUTPUT="$1/out" \
		KHDR_INCLUDES="-isystem $tree/usr/include"
	find "$1/out" -maxdepth 1 -type f -perm -u+x -name '*_test' -exec cp {} "$to/" \;
	sed -n 's/^TEST_GEN_PROGS += //p' "$tests/vfio/Makefile" | sort >"$to/programs"
	sed -n 's/^\(VERSION\|PATCHLEVEL\|SUBLEVEL\) = //p' "$tree/Makefile" | paste -sd. >"$to/version"
	rm -rf "$tree" "$1/out"
	cat "$to/version"
}

# selftests_check DIRECTORY: every program there is, is one to be run.
selftests_check()
{
	local program unknown=

	while read -r program; do
		grep -qE "^$program\|" "$TOP/tests/outside/tests.list" || unknown+=" $program"
		[ -x "$1/$program" ] || { echo "$program was not built"; return 1; }
	done <"$1/programs"
	[ -z "$unknown" ] || { echo "not in tests/outside/tests.list:$unknown"; return 1; }
}

# provide_selftests: into BUILT/selftests.
provide_selftests()
{
	local source key why

	builder_get "$OUTSIDE_SERIES" || die "cannot get the sources of the newest kernel"
	source=$(kernel_source "$OUTSIDE_SERIES")
	key=$(cache_key "$(stat -c '%n %s %Y' "$source")" "$OUTSIDE_CHANGES" "${OUTSIDE_MEMBERS[*]}" \
		"$(cat "$TOP/tests/outside/special_insns.h")" \
		"$(recipe_text selftests_make selftests_change)")
	cache_item selftests "$key" "building the kernel's tests of VFIO" selftests_make "$source" ||
		die "the kernel's tests of VFIO do not build"
	why=$(selftests_check "$ITEM/selftests") || die "the kernel's tests of VFIO: $why"
	cp -R "$ITEM/selftests" "$BUILT/selftests" || die "cannot copy $ITEM/selftests"
}

# outside_compare STOCK OURS: the directories of the phases. Leaves both results side
# by side in compare.txt of the second; true when ours is the same or better.
outside_compare()
{
	local errors status=0

	errors=$(awk -v required="$TOP/tests/outside/required.list" -f "$TOP/tests/outside/compare.awk" \
		"$1/results.tsv" "$2/results.tsv" 2>&1 >"$2/compare.txt") || status=$?
	[ "$status" -eq 0 ] || printf '%s\n' "$errors"
	return "$status"
}

# ---- One table of all -----------------------------------------------------------

# outside_collect NAME: what the scenario has left, to RESULTS/outside.tsv: scenario,
# phase, client, test, pass|fail|skip, reason. A scenario that left nothing has failed.
outside_collect()
{
	local phase number=0 file

	for phase in $PHASES; do
		number=$((number + 1))
		file=$CHAIN_DIR/share/phase-$number/results.tsv
		if [ -s "$file" ]; then
			awk -v head="$1\t$phase" '{ print head "\t" $0 }' "$file"
		fi
	done >>"$RESULTS/outside.tsv"
	[ -z "$CHAIN_REASON" ] ||
		printf '%s\tall\t%s\tas a whole\tfail\t%s\n' "$1" "$1" \
			"$(head -n 1 <<<"$CHAIN_REASON" | tr '\t' ' ')" >>"$RESULTS/outside.tsv"
}

# jq: lines of outside.tsv to a result for each client, in the order in which they come.
# shellcheck disable=SC2016  # jq's variables
OUTSIDE_JSON='
	def client(test): if . == "idxd-guest" then "idxd, accel-config, dmatest"
		elif . == "dpdk" then "DPDK"
		elif IN("dsa", "igb", "nvme") | not then .
		elif test | startswith("vfio_pci_driver_test ") then "vfio selftests, \(.) driver"
		else "vfio selftests, \(.)" end;
	def which: {test, reason};
	[inputs | select(. != "") | split("\t")
		| . as [$scenario, $phase, $name, $test, $result, $reason]
		| {scenario: $scenario, phase: $phase, client: ($name | client($test)), test: $test,
		   result: $result, reason: ($reason // "")}] as $all
	| reduce $all[] as $one ([]; if any(.[]; . == ($one | {scenario, phase, client})) then .
		else . + [$one | {scenario, phase, client}] end)
	| map(. as $key | [$all[] | select({scenario, phase, client} == $key)] as $mine | $key + {
		tests: $mine | length,
		passed: [$mine[] | select(.result == "pass")] | length,
		passes: [$mine[] | select(.result == "pass") | .test],
		failed: [$mine[] | select(.result == "fail")] | length,
		failures: [$mine[] | select(.result == "fail") | which],
		skipped: [$mine[] | select(.result == "skip") | which]})'

# outside_json TSV
outside_json()
{
	jq -Rn "$OUTSIDE_JSON" "$1"
}

# outside_table FILE: outside.json for people, with each reason once.
outside_table()
{
	local format='  %-21s %-27s %-8s %5s %6s %6s %7s\n' row

	# shellcheck disable=SC2059
	printf "$format" scenario client vfio-pci tests passed failed skipped
	jq -r '.[] | [.scenario, .client, .phase, .tests, .passed, .failed, (.skipped | length)]
		| map(tostring) | join("|")' "$1" | while IFS='|' read -r -a row; do
		# shellcheck disable=SC2059
		printf "$format" "${row[@]}"
	done
	jq -r '
		([.[] | .scenario as $scenario | .failures[] + {$scenario}] | group_by([.test, .reason])
			| .[] | (map(.scenario) | unique | join(", ")) as $scenarios
			| "  failed: \($scenarios): \(.[0].test): \(.[0].reason) (\(length))"),
		([.[] | .client as $c | .skipped[] | {client: $c, reason}] | group_by([.client, .reason])
			| .[] | "  skipped: \(.[0].client): \(.[0].reason) (\(length))")' "$1"
}

# report_outside NAME: a scenario that is over.
report_outside()
{
	local table=$CHAIN_DIR/share/phase-2/compare.txt

	if [ -s "$table" ]; then
		status_clear
		sed 's/^/# /' "$table"
		[ -z "$OUT" ] || cp "$table" "$OUT/$1.txt"
	fi
	case " $STRANGERS_CONTROLS " in
	*" $1 "*) ;;
	*) outside_collect "$1" ;;
	esac
	report_scenario "$1"
}

command_outside()
{
	local all scenarios name status=0

	read -ra all <<<"$OUTSIDE_SCENARIOS $STRANGERS_SCENARIOS $STRANGERS_CONTROLS"
	scenarios=("${ARGUMENTS[@]}")
	[ ${#scenarios[@]} -gt 0 ] || scenarios=("${all[@]}")
	for name in "${scenarios[@]}"; do
		[[ " ${all[*]} " == *" $name "* ]] ||
			usage_error "outside has no scenario called $name; there are: ${all[*]}"
	done
	begin_scenarios "${scenarios[@]}"
	RESULTS=$RUN_TMP/outside-results
	mkdir -p "$RESULTS"
	: >"$RESULTS/outside.tsv"
	pool_run report_outside "${scenarios[@]}"
	tap_summary || status=1
	outside_json "$RESULTS/outside.tsv" >"$RESULTS/outside.json" ||
		die "the results cannot be summed up"
	[ -z "$OUT" ] || cp "$RESULTS/outside.json" "$OUT/" || die "cannot write to $OUT"
	echo
	outside_table "$RESULTS/outside.json"
	return "$status"
}

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The checks of ./run check besides the chain. Each is a function that is run as
# a step in a shell of its own and in the copied source tree; what it prints is
# its log, its status says whether it passed.

# name | what it does, for people | function and arguments
CHECKS='
build|building the programs|check_build
modules-6.1|building the modules for 6.1|check_modules 6.1
modules-6.12|building the modules for 6.12|check_modules 6.12
unit|unit tests|check_unit plain
unit-sanitizers|unit tests with ASan and UBSan|check_unit asan --enable-sanitizers
unit-threads|unit tests with TSan|check_threads
distcheck|make distcheck|check_distcheck
style-kernel|checkpatch --strict on kernel code|check_checkpatch
coccinelle|the semantic patches of Linux on kernel code|check_coccinelle
cppcheck|cppcheck on the programs|check_cppcheck
shellcheck|shellcheck on the scripts|check_shellcheck
man|manual pages|check_man
file-size|no file over 1000 lines|check_file_size
includes|folders include only what they may|check_includes
log-search|the search in kernel logs finds what it must|logscan_self_test
emulator-faults|a fault of the emulator is told from one of ours|emulator_self_test
debian|Debian packages in a fresh Debian 12|check_debian
doctor-table|what wq-demo doctor must say of the chain is compared|doctor_self_test
custody-table|what wq-demo custody must say of the chain is compared|custody_self_test
modules-6.1-rt|building the modules for 6.1-rt|check_modules 6.1-rt
modules-7|building the modules for 7|check_modules 7
layout-7|structures of 7 as in its stock module|check_layout 7
sparse|sparse on the modules|check_sparse
'

check_build()
{
	build_paths
	build_userspace plain --enable-werror
}

check_modules()
{
	build_modules "$1" || return
	cd "$BUILD/src" && tests/unit/test_modinfo.sh \
		"$BUILD/plain/modules/$(kernel_release "$1")/dsa_sample.ko"
}

# check_unit VARIANT [OPTION...]
check_unit()
{
	build_userspace "$@"
	make -C "$BUILD/$1" -j"$(build_jobs)" check VERBOSE=1
}

# Only the tests that have threads: with this sanitizer they take ten times as long. It
# cannot do with addresses as random as some kernels make them.
check_threads()
{
	local run=()

	build_paths
	build_configure tsan --enable-sanitizers=thread
	! setarch --addr-no-randomize true 2>/dev/null || run=(setarch --addr-no-randomize)
	CK_TIMEOUT_MULTIPLIER=5 "${run[@]}" make -C "$BUILD/tsan" -j"$(build_jobs)" check-threads VERBOSE=1
}

check_distcheck()
{
	build_paths
	make -C "$BUILD/plain" -j"$(build_jobs)" distcheck
}

check_checkpatch()
{
	build_paths
	mkdir -p "$BUILD/plain"
	build_modules_sh 6.12 --linux-source "$(kernel_source 6.12)" --builddir "$BUILD/plain" --checkpatch
}

# Where kernels have no symbol versions: what our module shares with others.
check_layout()
{
	local release

	build_paths
	release=$(kernel_release "$1")
	kernel_get "$1" || return 1
	cp "$ITEM/lib/modules/$release/kernel/drivers/vfio/pci/vfio-pci-core.ko" \
		"$BUILD/plain/stock-vfio-pci-core.ko" || return 1
	builder_run "$1" "$BUILD/src/build-aux/modules.sh" --check-layout \
		"$BUILD/plain/modules/$release/vfio-pci-core.ko" \
		"$BUILD/plain/stock-vfio-pci-core.ko" "$(kernel_headers "$1")/vmlinux"
}

# Only what sparse says of our files counts: the others are the kernel's own. What
# is not the same for PREEMPT_RT are the kernel's headers, not our sources; Debian's
# headers of 7 lack the script with which kbuild calls sparse.
check_sparse()
{
	local series log=$RUN_TMP/sparse.log ours source

	build_paths
	mkdir -p "$BUILD/sparse"
	ours=$(cd "$BUILD/src" && printf '%s|' kernel/*.[ch] kernel/compat/*.h guest-driver/*.[ch] |
		sed 's/kernel\///g; s/guest-driver\///g; s/\./\\./g; s/|$//')
	for series in 6.1 6.12; do
		rm -rf "$BUILD/sparse/modules/$(kernel_release "$series")"
		# The sources have been unpacked to build the modules.
		source=$(kernel_source "$series")
		source=$(find "$BUILD/plain/modules/source" -maxdepth 1 \
			-name "$(basename "${source%.tar.xz}")-*" -printf '%T@ %p\n' | sort -n | tail -n 1)
		build_modules_sh "$series" --builddir "$BUILD/sparse" --linux-source "${source#* }" \
			--make-arg C=2 >"$log" 2>&1 || {
			cat "$log"
			return 1
		}
		cat "$log"
		grep -q 'CHECK ' "$log" || { echo "sparse did not run"; return 1; }
		! grep -E "(^|[ /])($ours):.*(warning|error):" "$log" || return 1
	done
}

# semantic_patch SCRIPT FILE...: what it has to report, one line each.
semantic_patch()
{
	spatch -D report --very-quiet --no-show-diff --cocci-file "$@" 2>&1 |
		grep -vE '^(warning: line [0-9]+: should |init_defs_builtins: |HANDLING: )'
}

# Each script for all files takes a second or two. That they find something is seen first.
check_coccinelle()
{
	local dir=$RUN_TMP/coccinelle scripts reports

	build_paths
	mkdir -p "$dir"
	tar -C "$dir" -xf "$(kernel_source 6.12)" --strip-components=1 --wildcards \
		'*/scripts/coccinelle/*.cocci' || return 1
	cat >"$dir/control.c" <<'END'
static int *control(size_t size)
{
	int *p;

	p = kmalloc(size, GFP_KERNEL);
	if (!p)
		return NULL;
	memset(p, 0, size);
	return p;
}
END
	semantic_patch "$dir/scripts/coccinelle/api/alloc/zalloc-simple.cocci" "$dir/control.c" |
		grep 'kzalloc should be used' || { echo "the control was not found"; return 1; }
	cd "$BUILD/src" || return 1
	mapfile -t scripts < <(grep -rl '^virtual report' "$dir/scripts")
	echo "${#scripts[@]} scripts"
	export -f semantic_patch
	# shellcheck disable=SC2016  # expanded by that bash
	reports=$(printf '%s\0' "${scripts[@]}" | xargs -0 -I{} -P "$(build_jobs)" \
		bash -c 'semantic_patch "$0" "$@"; true' {} guest-driver/*.c kernel/*.c)
	echo "$reports"
	[ ${#scripts[@]} -gt 50 ] && [ -z "$reports" ]
}

check_cppcheck()
{
	build_paths
	cd "$BUILD/src" || return 1
	# Kernel code calculates with void pointers.
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --library=posix -j "$(build_jobs)" \
		--suppress=missingIncludeSystem --suppress=unknownMacro \
		--suppress=arithOperationsOnVoidPointer \
		-I include -I include/uapi -I . -I sim -I sim/kapi \
		dsa-model wq-demo sim tests/fuzz tests/bench
}

check_shellcheck()
{
	build_paths
	cd "$BUILD/src" || return 1
	shellcheck -x bootstrap run .ci/run examples/wq-demo-nightly build-aux/*.sh tests/vm/lib/*.sh tests/vm/guest/* tests/vm/scenarios/* \
		tests/vm/scenarios-long/* tests/vm/faults/find-faults tests/vm/driver-*/run-* \
		tests/bench/run-* tests/outside/run-* \
		tests/outside/guest-init tests/outside/strangers-lib
	find . -name '*.sh' -not -path './build-aux/*' -not -path './tests/vm/*' -print0 |
		xargs -0 -r shellcheck -x
}

check_man()
{
	build_paths
	cd "$BUILD/src" || return 1
	mandoc -Tlint -Wwarning man/*.[1-8]
}

# Everything a person has written.
check_file_size()
{
	local long

	build_paths
	cd "$BUILD/src" || return 1
	long=$(find . -path ./autom4te.cache -prune -o -type f \
		\( -name '*.[ch]' -o -name '*.sh' -o -name '*.md' -o -name '*.inc' -o -name '*.am' \
		-o -path './tests/vm/*' -o -name run -o -name 'Kbuild' \) -print0 |
		xargs -0 wc -l | awk '$2 != "total" && $1 > 1000')
	[ -z "$long" ] || { echo "over 1000 lines:"; echo "$long"; return 1; }
}

# folder | what its files may include with quotes besides files of its own
# folder: an extended regular expression. From the design's list of folders.
INCLUDE_RULES='
kernel|^$
guest-driver|^(dsa/|dsa_sample\.h|uapi/)
dsa-model|^(dsa/|uapi/)
wq-demo|^(dsa_sample\.h|uapi/|guest\.h$)
'

check_includes()
{
	local folder allowed bad=0 file name line path

	build_paths
	cd "$BUILD/src" || return 1
	while IFS='|' read -r folder allowed; do
		[ -n "$folder" ] || continue
		while IFS=: read -r file line; do
			name=$(sed -n 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]\([^">]*\)[">].*/\1/p' <<<"$line")
			# Of its own folder, by either way of looking it up.
			path=$(realpath -m --relative-to=. "${file%/*}/$name")
			[[ $path == "$folder"/* && -e $path ]] && continue
			path=$(realpath -m --relative-to=. "$folder/$name")
			[[ $path == "$folder"/* && -e $path ]] && continue
			# A system header is not of this tree.
			[ -e "include/$name" ] || [ -e "include/uapi/$name" ] ||
				compgen -G "*/$name" >/dev/null || [[ $name == ../* ]] || continue
			grep -qE -- "$allowed" <<<"$name" && continue
			echo "$file must not include $name"
			bad=1
		done < <(grep -HE '^[[:space:]]*#[[:space:]]*include' -r "$folder" --include='*.[ch]')
	done <<<"$INCLUDE_RULES"
	return "$bad"
}

# check_names: the names, one a line.
check_names()
{
	awk -F'|' 'NF == 3 { print $1 }' <<<"$CHECKS"
}

# check_run NAME: true when it passed; its log is $LOGS/NAME.log.
check_run()
{
	local line name text command

	line=$(awk -F'|' -v name="$1" '$1 == name' <<<"$CHECKS")
	IFS='|' read -r name text command <<<"$line"
	# shellcheck disable=SC2086  # a function and its arguments
	step_function "$name" "$text" $command
}

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
distcheck|make distcheck|check_distcheck
style-kernel|checkpatch --strict on kernel code|check_checkpatch
sparse|sparse on the modules|check_sparse
cppcheck|cppcheck on the programs|check_cppcheck
shellcheck|shellcheck on the scripts|check_shellcheck
man|manual pages|check_man
file-size|no file over 1000 lines|check_file_size
includes|folders include only what they may|check_includes
log-search|the search in kernel logs finds what it must|logscan_self_test
'

check_build()
{
	build_paths
	build_userspace plain --enable-werror
}

check_modules()
{
	build_modules "$1"
}

# check_unit VARIANT [OPTION...]
check_unit()
{
	build_userspace "$@"
	make -C "$BUILD/$1" -j"$(build_jobs)" check VERBOSE=1
}

check_distcheck()
{
	build_paths
	make -C "$BUILD/plain" -j"$(build_jobs)" distcheck
}

# modules_sh SERIES OPTION...: the build script of the modules, directly.
modules_sh()
{
	local series=$1

	shift
	build_paths
	"$BUILD/src/build-aux/modules.sh" --srcdir "$BUILD/src" --kernel "$(kernel_release "$series")" \
		--linux-source "$(kernel_source "$series")" "$@"
}

check_checkpatch()
{
	build_paths
	mkdir -p "$BUILD/plain"
	modules_sh 6.12 --builddir "$BUILD/plain" --checkpatch
}

# Only what sparse says of our files counts: the others are the kernel's own.
check_sparse()
{
	local series log=$RUN_TMP/sparse.log

	build_paths
	mkdir -p "$BUILD/sparse"
	for series in $(kernel_series); do
		rm -rf "$BUILD/sparse/modules/$(kernel_release "$series")"
		modules_sh "$series" --builddir "$BUILD/sparse" --make-arg C=2 >"$log" 2>&1 || {
			cat "$log"
			return 1
		}
		cat "$log"
		grep -q 'CHECK ' "$log" || { echo "sparse did not run"; return 1; }
		! grep -E '(vfio_pci_(intrs|msi|msi_irq|irq_info)|dsa_sample[a-z_]*|compat/[a-z_]*)\.[ch]:.*(warning|error):' \
			"$log" || return 1
	done
}

check_cppcheck()
{
	build_paths
	cd "$BUILD/src" || return 1
	cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --library=posix -j "$(build_jobs)" \
		--suppress=missingIncludeSystem --suppress=unknownMacro \
		-I include -I include/uapi dsa-model wq-demo
}

check_shellcheck()
{
	build_paths
	cd "$BUILD/src" || return 1
	shellcheck -x bootstrap run .ci/run build-aux/*.sh tests/vm/lib/*.sh tests/vm/guest/* tests/vm/scenarios/*
	find . -name '*.sh' -not -path './build-aux/*' -not -path './tests/vm/*' -print0 |
		xargs -0 -r shellcheck -x
}

check_man()
{
	build_paths
	cd "$BUILD/src" || return 1
	find . -path ./autom4te.cache -prune -o -name '*.[1-8]' -print0 |
		xargs -0 -r mandoc -Tlint -Wwarning
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
wq-demo|^(dsa_sample\.h|uapi/)
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

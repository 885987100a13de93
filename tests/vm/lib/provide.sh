# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# What the scenarios of a run need from the cache: kernels, NEED_SERIES, and root
# file systems for the QEMUs NEED_QEMU and the one that runs L1. What takes long is
# fetched beside the builds.

# Directories in the cache, by l0, qemuVERSION, kernelSERIES.
declare -A CHAIN_ITEM=()
PREFETCH_PID=

# chain_suites: the suites that these come from, besides the ones of this machine.
chain_suites()
{
	local word

	{
		root_suites "$ROOT_L0"
		for word in "${NEED_QEMU[@]}"; do
			root_suites "l1-qemu$word"
		done
		for word in "${NEED_SERIES[@]}"; do
			kernel_is_here "$word" || kernel_field "$word" 2 | tr / ' '
		done
	} | sort -u
}

# chain_renew: fetch their package lists again, so that newer versions are found.
chain_renew()
{
	local suite first

	while read -r suite first; do
		# shellcheck disable=SC2153  # set by suite_get
		suite_renew "$suite" "$first" ||
			warn "the package lists of $first stay as they were on $(date -r "$SUITE/sources.list" +%F)"
	done < <(chain_suites)
}

# chain_kernels: the kernels with headers on this machine. They come before the
# modules are built, because they may upgrade the headers.
chain_kernels()
{
	local series

	for series in "${NEED_SERIES[@]}"; do
		kernel_is_here "$series" || continue
		kernel_get "$series" || die "cannot prepare the kernel $series"
	done
}

# chain_prefetch: begin with all the rest, beside the builds. What fails here is
# tried again by chain_roots, which then says why.
chain_prefetch()
{
	: >"$LOGS/prefetch.log"
	child_start "$LOGS/prefetch.log" "${FUNCTION_SHELL[@]}" "$TOP" "$LOGS" "$RUN_TMP" "$PARTIAL" \
		chain_fetch "${#NEED_QEMU[@]}" "${NEED_QEMU[@]}" "${NEED_SERIES[@]}"
	PREFETCH_PID=$CHILD_PID
}

# chain_fetch NUMBER QEMU... SERIES...: that many QEMUs, and kernels.
chain_fetch()
{
	local number=$1 word

	shift
	root_get "$ROOT_L0" || true
	for word in "${@:1:number}"; do
		root_get "l1-qemu$word" || true
	done
	for word in "${@:number + 1}"; do
		kernel_is_here "$word" && continue
		builder_get "$word" || true
		kernel_get "$word" || true
	done
}

# chain_roots: all of it, made now unless that has happened.
chain_roots()
{
	local qemu series

	if [ -n "$PREFETCH_PID" ]; then
		step_wait prefetch "preparing root file systems with QEMU" "$PREFETCH_PID" || true
		PREFETCH_PID=
	fi
	root_get "$ROOT_L0" || die "cannot prepare the QEMU for L1"
	CHAIN_ITEM[l0]=$ITEM
	for qemu in "${NEED_QEMU[@]}"; do
		root_get "l1-qemu$qemu" || die "cannot prepare the root file system of L1"
		CHAIN_ITEM[qemu$qemu]=$ITEM
	done
	for series in "${NEED_SERIES[@]}"; do
		kernel_is_here "$series" || builder_get "$series" ||
			die "cannot prepare the root file system in which modules for $series are built"
		kernel_get "$series" || die "cannot prepare the kernel $series"
		CHAIN_ITEM[kernel$series]=$ITEM
	done
}

# ---- Scenarios' own needs (PROVIDE) -----------------------------------------

# program_make TARGET
program_make()
{
	build_paths
	make -C "$BUILD/plain" "$1"
}

# provide_program FOLDER NAME: the program of the build in that folder of tests, into BUILT.
provide_program()
{
	step_function "$2" "building $2" program_make "tests/$1/$2" || die "$2 does not build"
	cp "$BUILD/plain/tests/$1/$2" "$BUILT/" || die "there is no $2"
}

# test_module_make FOLDER NAME SERIES
test_module_make()
{
	local dir

	build_paths
	dir=$BUILD/$2-$3
	mkdir -p "$dir"
	rsync -a "$TOP/tests/vm/$1/" "$dir/"
	builder_run "$3" env -i PATH="$PATH" make -C "$(kernel_headers "$3")" M="$dir" modules
}

# provide_test_module FOLDER NAME SERIES: the module in that folder of tests/vm, built
# for the kernel of L1, into BUILT/NAME-SERIES. Its file has _ where NAME has -.
provide_test_module()
{
	local name=$2-$3 module=${2//-/_}

	step_function "$name" "building the module $module for $3" test_module_make "$@" ||
		die "the module $module does not build for $3"
	mkdir -p "$BUILT/$name"
	cp "$BUILD/$name/$module.ko" "$BUILT/$name/" || die "there is no $module.ko for $3"
}

# provide_constant_tsc SERIES: for L1_INSMOD.
provide_constant_tsc()
{
	provide_test_module constant-tsc constant-tsc "$1"
}

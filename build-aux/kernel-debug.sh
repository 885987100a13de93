#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Builds a kernel with checks (KASAN, lockdep, kmemleak, ...) from an installed
# linux-source package, for L1 of tests/vm. "make kernel-debug" calls this; --help
# tells the rest.

set -euo pipefail

readonly prog=${0##*/}
here=$(cd "${0%/*}" && pwd)
readonly here

usage()
{
	cat <<-END
	usage: $prog --output DIR [option...]

	Builds into DIR:
	  boot/vmlinux, boot/config   the kernel, to be started by QEMU directly (PVH)
	  lib/modules/RELEASE/        its modules, the stock vfio-pci among them
	  headers/                    what modules for it are built with
	  release                     its name, as in "uname -r"
	  linux/                      the build, for the next time (not with --clean)

	  --output DIR          made when it does not exist
	  --linux-source X      linux-source tarball or directory, 6.7 or later
	                        (default: /usr/src/linux-source-6.12.tar.xz)
	  --config FILE         configuration (default: debug.config beside this script)
	  --jobs N              parallel compilations (default: number of CPUs)
	  --clean               remove the build itself when it is done
	  --help                this text

	It takes about 3 GB there, and about a quarter of an hour on two processors.
	END
}

die()
{
	printf '%s: %s\n' "$prog" "$1" >&2
	shift
	[ $# -eq 0 ] || printf '  %s\n' "$@" >&2
	exit 1
}

say()
{
	printf '  %-7s %s\n' "$1" "$2"
}

# ---- What is needed ---------------------------------------------------------

# command or header | Debian package
NEEDS='
gcc|gcc
make|make
flex|flex
bison|bison
bc|bc
xz|xz-utils
perl|perl
depmod|kmod
gelf.h|libelf-dev
'

check_needs()
{
	local what package missing=()

	PATH=$PATH:/usr/sbin:/sbin
	while IFS='|' read -r what package; do
		case $what in
		'') ;;
		*.h) gcc -E -include "$what" -x c /dev/null >/dev/null 2>&1 || missing+=("$package") ;;
		*)  command -v "$what" >/dev/null || missing+=("$package") ;;
		esac
	done <<<"$NEEDS"
	[ ${#missing[@]} -eq 0 ] ||
		die "to build a kernel this machine lacks: ${missing[*]}" \
		    "apt-get install ${missing[*]}"
}

find_linux_source()
{
	if [ -d "$linux_source" ]; then
		[ -e "$linux_source/kernel/sched/core.c" ] ||
			die "$linux_source is not a kernel source: no kernel/sched/core.c in it"
	elif [ ! -f "$linux_source" ]; then
		die "no kernel source: $linux_source does not exist" \
		    "install it: apt-get install linux-source-6.12" \
		    "or name a tarball or a directory: LINUX_SOURCE=..."
	fi
	linux_source=$(readlink -f "$linux_source")
}

# ---- Source -----------------------------------------------------------------

# What takes room and is not built. Kconfig files of all architectures are read.
EXCLUDE=(
	'*/Documentation/*/*' '*/tools/perf/*' '*/tools/testing/*' '*/arch/*/boot/dts/*'
	'*/drivers/gpu/drm/amd/include/*' '*/drivers/gpu/*.c' '*/sound/*.c'
	'*/drivers/net/ethernet/*.c' '*/drivers/net/wireless/*.c' '*/drivers/media/*.c' '*/drivers/staging/*.c'
)

# Leaves the build directory in $linux: a copy of the source, taken anew when the
# source is another one.
extract()
{
	local id

	linux=$output/linux
	id=$(printf '%s %s' "$linux_source" "$(stat -c '%s %Y' "$linux_source")")
	if [ -e "$linux/.extracted" ] && [ "$(<"$linux/.extracted")" = "$id" ]; then
		return
	fi
	say EXTRACT "$linux_source (takes a minute)"
	rm -rf "$linux"
	mkdir -p "$linux"
	if [ -d "$linux_source" ]; then
		tar -C "$linux_source" "${EXCLUDE[@]/#/--exclude=}" -cf - . | tar -C "$linux" -xf -
	else
		tar -xf "$linux_source" -C "$linux" --strip-components=1 "${EXCLUDE[@]/#/--exclude=}"
	fi || die "cannot extract $linux_source"
	[ -x "$linux/scripts/package/install-extmod-build" ] ||
		die "$linux_source is too old: it has no scripts/package/install-extmod-build" \
		    "take Linux 6.7 or later"
	echo "$id" >"$linux/.extracted"
}

# ---- Building ---------------------------------------------------------------

# kbuild with nothing of the caller's environment
kbuild()
{
	env -i PATH="$PATH" HOME="${HOME:-/}" LC_ALL=C ${TMPDIR:+TMPDIR="$TMPDIR"} \
		KCONFIG_ALLCONFIG="$config" KBUILD_BUILD_USER=user KBUILD_BUILD_HOST=host \
		make --no-print-directory -C "$linux" ARCH=x86_64 -j "$jobs" LOCALVERSION= "$@"
}

# Every line of the configuration has to take effect: a check that is silently off
# would be a check that passes.
configure()
{
	local lost

	say CONFIG "$config"
	kbuild --silent allnoconfig >"$output/config.log" 2>&1 || {
		tail -n 10 "$output/config.log" >&2
		die "the kernel cannot be configured"
	}
	lost=$(grep '^CONFIG_' "$config" | grep -vxF -f "$linux/.config") || true
	[ -z "$lost" ] ||
		die "these lines of $config have no effect with this source:" "$lost"
}

# Pass on the commands kbuild shows as a count: on a terminal on one line, otherwise
# a line now and then.
progress()
{
	local line count=0 begin=$SECONDS shown=$SECONDS every=30 end='\n'

	[ ! -t 1 ] || every=1 end='\r'
	while IFS= read -r line; do
		printf '%s\n' "$line" >&3
		count=$((count + 1))
		[ $((SECONDS - shown)) -ge $every ] || continue
		shown=$SECONDS
		# shellcheck disable=SC2059 # how a line ends
		printf "  %-7s %5d steps in %d:%02d$end" KBUILD "$count" \
			$(((SECONDS - begin) / 60)) $(((SECONDS - begin) % 60))
	done
	say KBUILD "$count steps in $(((SECONDS - begin) / 60)) min"
}

build()
{
	say KBUILD "kernel and modules; all it says is in $output/build.log"
	kbuild vmlinux modules 2>&1 | progress 3>"$output/build.log" || {
		grep -nE '(: error:|[*]{3} |error: )' "$output/build.log" | head -n 10 >&2 ||
			tail -n 20 "$output/build.log" >&2
		die "the kernel does not build, see $output/build.log"
	}
}

# Everything that others use, renamed into place when it is complete
install_all()
{
	local new=$output/new release

	release=$(<"$linux/include/config/kernel.release")
	say INSTALL "$output: $release"
	rm -rf "$new"
	mkdir -p "$new/boot" "$new/headers"
	strip --strip-debug -o "$new/boot/vmlinux" "$linux/vmlinux"
	cp "$linux/.config" "$new/boot/config"
	kbuild --silent modules_install INSTALL_MOD_PATH="$new" >>"$output/build.log" 2>&1 ||
		die "cannot install the modules, see $output/build.log"
	rm -f "$new/lib/modules/$release"/{build,source}
	# Its paths are of this machine and go with the directory.
	kbuild --silent run-command \
		KBUILD_RUN_COMMAND="\$(srctree)/scripts/package/install-extmod-build $new/headers" \
		>>"$output/build.log" 2>&1 ||
		die "cannot install the headers, see $output/build.log"
	rm -rf "${output:?}"/{boot,lib,headers,release}
	mv "$new"/{boot,lib,headers} "$output/"
	rmdir "$new"
	echo "$release" >"$output/release"
}

# ---- Command line -----------------------------------------------------------

output='' linux_source=/usr/src/linux-source-6.12.tar.xz config=$here/debug.config
jobs=$(nproc) clean=no

while [ $# -gt 0 ]; do
	case $1 in
	--output|--linux-source|--config|--jobs)
		[ $# -ge 2 ] || die "$1 needs a value, see $prog --help" ;;
	esac
	case $1 in
	--output) output=$2; shift ;;
	--linux-source) linux_source=$2; shift ;;
	--config) config=$2; shift ;;
	--jobs) jobs=$2; shift ;;
	--clean) clean=yes ;;
	--help) usage; exit 0 ;;
	*) die "unknown option: $1, see $prog --help" ;;
	esac
	shift
done

[[ $jobs =~ ^[1-9][0-9]*$ ]] || die "--jobs is a number, not '$jobs'"
[ -r "$config" ] || die "cannot read the configuration $config"
config=$(readlink -f "$config")
check_needs

[ -n "$output" ] || die "--output is needed, see $prog --help"
mkdir -p "$output" || die "cannot make $output"
output=$(cd "$output" && pwd)
[[ $output != *[[:space:]:]* ]] ||
	die "kbuild cannot work in a folder with a space or colon in its name: $output"
exec {lock}>"$output/.lock"
flock -n "$lock" || die "another $prog is at work in $output"

find_linux_source
extract
configure
build
install_all
[ "$clean" = no ] || rm -rf "$linux"
say DONE "$output"
say NEXT "make modules KERNEL=$(<"$output/release") LINUX_HEADERS=$output/headers"

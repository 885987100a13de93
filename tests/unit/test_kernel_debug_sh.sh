#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# build-aux/kernel-debug.sh: what it must refuse, and what it leaves. The kernel source
# is made up, and so are the tools a real one is built with.

set -u

kernel_debug_sh=$(cd "${srcdir:-.}" && pwd)/build-aux/kernel-debug.sh
# shellcheck source=tests/unit/check.sh
. "${srcdir:-.}/tests/unit/check.sh"

# says NAME EXPECTED-STATUS PATTERN OPTION...
says()
{
	check "$1" "$2" "$3" "$kernel_debug_sh" "${@:4}"
}

mkdir "$tmp/bin" "$tmp/include"
for tool in flex bison bc xz depmod; do
	printf '#!/bin/sh\n' >"$tmp/bin/$tool"
	chmod +x "$tmp/bin/$tool"
done
: >"$tmp/include/gelf.h"
export PATH=$tmp/bin:$PATH CPATH=$tmp/include

# Its .config is what it is told, but for CONFIG_ODD.
linux=$tmp/linux
mkdir -p "$linux/kernel/sched" "$linux/scripts/package" "$linux/Documentation/some"
: >"$linux/kernel/sched/core.c"
: >"$linux/Documentation/some/thing"
# shellcheck disable=SC2016  # expanded by that script
printf '#!/bin/sh\necho headers >"$1/Module.symvers"\n' >"$linux/scripts/package/install-extmod-build"
chmod +x "$linux/scripts/package/install-extmod-build"
cat >"$linux/Makefile" <<'END'
srctree := .
allnoconfig:
	grep -v ODD $(KCONFIG_ALLCONFIG) >.config
vmlinux:
	mkdir -p include/config
	echo 6.99.1-debug >include/config/kernel.release
	cp /bin/true $@
modules:
	test ! -e fail || { echo "some.c: error: no"; exit 1; }
modules_install:
	mkdir -p $(INSTALL_MOD_PATH)/lib/modules/6.99.1-debug
run-command:
	$(KBUILD_RUN_COMMAND)
END
echo CONFIG_GOOD=y >"$tmp/good.config"
printf 'CONFIG_GOOD=y\nCONFIG_ODD=y\n' >"$tmp/odd.config"
good=(--linux-source "$linux" --config "$tmp/good.config")

says "--help" 0 "usage:.*--output" --help
says "an unknown option" 1 "unknown option: --bad" --bad
says "an option without its value" 1 "\-\-jobs needs a value" --output "$tmp/out" --jobs
says "no output directory" 1 "\-\-output is needed" "${good[@]}"
says "a number of jobs that is none" 1 "is a number, not 'many'" --output "$tmp/out" --jobs many
says "a source that does not exist" 1 "apt-get install linux-source" --output "$tmp/out" \
	--linux-source "$tmp/none"
says "a directory that is no source" 1 "is not a kernel source" --output "$tmp/out" \
	--linux-source "$tmp/bin"
says "a configuration that does not exist" 1 "cannot read the configuration" \
	--output "$tmp/out" --config "$tmp/none"
says "an output directory with a space" 1 "space or colon" --output "$tmp/o t" "${good[@]}"
says "a line of the configuration without effect" 1 "CONFIG_ODD=y" --output "$tmp/out" \
	--linux-source "$linux" --config "$tmp/odd.config"
mkdir "$tmp/few"
ln -s "$(command -v nproc)" "$(command -v readlink)" "$tmp/few/"
output=$(PATH=$tmp/few "$kernel_debug_sh" --output "$tmp/out" "${good[@]}" 2>&1)
[[ $output == *"lacks: gcc make flex"*libelf-dev* ]]
result "tools that are not there" $? "$output"

says "a kernel" 0 "LINUX_HEADERS=$tmp/out/headers" --output "$tmp/out" "${good[@]}"
for file in boot/vmlinux boot/config lib/modules/6.99.1-debug headers/Module.symvers release linux; do
	[ -e "$tmp/out/$file" ]
	result "it leaves $file" $? "it is not there"
done
[ ! -e "$tmp/out/linux/Documentation/some/thing" ]
result "what is not needed is left out" $? "it is there"
[ "$(cat "$tmp/out/release")" = 6.99.1-debug ]
result "its release" $? "$(cat "$tmp/out/release")"

: >"$tmp/out/linux/fail"
says "a kernel that does not build" 1 "some.c: error: no" --output "$tmp/out" "${good[@]}"
[ -e "$tmp/out/boot/vmlinux" ]
result "the one before is kept then" $? "it has gone"
rm "$tmp/out/linux/fail"
says "a kernel without leaving the build" 0 "DONE" --output "$tmp/out" "${good[@]}" --clean
[ ! -e "$tmp/out/linux" ]
result "it is not left" $? "it is there"
chmod -x "$linux/scripts/package/install-extmod-build"
says "a source that is too old" 1 "is too old" --output "$tmp/out" "${good[@]}"

exec {lock}>"$tmp/out/.lock"
flock "$lock"
says "an output directory that is in use" 1 "is at work in" --output "$tmp/out" "${good[@]}"

echo "1..$count"
exit $failed

# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Builds of this tree, in the cache: the tree itself stays as it is. The source
# is copied first, because the configure script is made beside its input.

BUILD=

# Each source tree has its own directory of builds.
build_paths()
{
	BUILD=$CACHE/build-$(cache_key "$TOP")
}

build_init()
{
	build_paths
	mkdir -p "$BUILD/src"
	echo "$TOP" >"$BUILD/source-tree"
}

# build_copy: without what builds inside the tree leave behind.
build_copy()
{
	rsync -a --delete \
		--exclude=/.git --exclude=/build --exclude=/out --exclude=/modules \
		--include='/build-aux/*.sh' --include='/build-aux/*.config' --exclude='/build-aux/*' \
		--include=/configure.ac --exclude='/config.*' \
		--exclude=/configure --exclude='/configure~' \
		--exclude=/aclocal.m4 --exclude=/autom4te.cache \
		--exclude=/Makefile --exclude=/Makefile.in --exclude=/stamp-h1 \
		--exclude="/$PROJECT-*.tar.xz" \
		--exclude='*.o' --exclude='*.a' --exclude=.deps --exclude=.dirstamp \
		"$TOP/" "$BUILD/src/"
}

build_jobs()
{
	nproc
}

# build_configure VARIANT [OPTION...]: BUILD/VARIANT, configured.
build_configure()
{
	local dir=$BUILD/$1

	shift
	[ -x "$BUILD/src/configure" ] || (cd "$BUILD/src" && ./bootstrap)
	mkdir -p "$dir"
	[ -e "$dir/Makefile" ] || (cd "$dir" && ../src/configure --prefix=/usr "$@")
}

# build_userspace VARIANT [OPTION...]: programs; the plain ones are installed
# below BUILD/stage.
build_userspace()
{
	build_paths
	build_configure "$@" || {
		# A changed configure.ac may need a fresh start.
		rm -rf "$BUILD/${1:?}" "$BUILD/src/configure"
		build_configure "$@"
	}
	make -C "$BUILD/$1" -j"$(build_jobs)"
	[ "$1" != plain ] || {
		rm -rf "$BUILD/stage"
		make -C "$BUILD/plain" install DESTDIR="$BUILD/stage"
		make -C "$BUILD/plain" tests/vm/driver/driver_test
	}
}

# build_modules_sh SERIES OPTION...: the build script of the modules, where those for
# SERIES are built.
build_modules_sh()
{
	local series=$1 release

	shift
	build_paths
	release=$(kernel_release "$series")
	builder_run "$series" "$BUILD/src/build-aux/modules.sh" --srcdir "$BUILD/src" \
		--kernel "$release" "$@"
}

# build_modules SERIES
build_modules()
{
	build_paths
	if kernel_is_here "$1"; then
		make -C "$BUILD/plain" modules KERNEL="$(kernel_release "$1")" \
			LINUX_SOURCE="$(kernel_source "$1")" LINUX_HEADERS="$(kernel_headers "$1")"
	else
		build_modules_sh "$1" --builddir "$BUILD/plain"
	fi
}

# build_snapshot SERIES...: what the chain uses is left in BUILT, so that another
# run may build meanwhile: the programs, and modules-SERIES/.
BUILT=

build_snapshot()
{
	local series

	BUILT=$RUN_TMP/built
	rm -rf "$BUILT"
	mkdir -p "$BUILT"
	cp "$BUILD/stage/usr/bin/dsa-model" "$BUILD/stage/usr/bin/wq-demo" "$BUILT/" ||
		die "the programs have not been built"
	cp "$BUILD/plain/tests/vm/driver/driver_test" "$BUILT/" ||
		die "the test of the driver has not been built"
	for series in "$@"; do
		mkdir "$BUILT/modules-$series"
		cp "$BUILD/plain/modules/$(kernel_release "$series")"/*.ko "$BUILT/modules-$series/" ||
			die "the modules for $series have not been built"
	done
}

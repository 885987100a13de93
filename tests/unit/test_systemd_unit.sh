#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The systemd unit: systemd understands it, finds it hardened, and it starts the program
# with options that this has.
# shellcheck disable=SC2317 # functions are called by check
set -u

unit=${DSA_MODEL_UNIT:-./dsa-model/systemd/dsa-model@.service}
model=$(realpath "${DSA_MODEL:-./dsa-model/dsa-model}") || exit 99
# Exposure as systemd counts it, 0 best, 100 worst: as it is with the settings of today.
most=15

command -v systemd-analyze >/dev/null || { echo "SKIP: there is no systemd-analyze"; exit 77; }
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

# As it will be installed, but with a program that is there.
sed "s|^ExecStart=[^ ]*|ExecStart=$model|" "$unit" >"$dir/dsa-model@.service" || exit 99
sed 's/^Type=notify/Type=whatever/; s/^ExecStart=[^ ]*/ExecStart=relative/' \
	"$dir/dsa-model@.service" >"$dir/wrong@.service"
grep -v '^\(Capability\|Restrict\|Protect\|Private\|SystemCall\|NoNew\|Memory\|Dynamic\)' \
	"$dir/dsa-model@.service" >"$dir/open@.service"

# Says what is wrong with the file on standard error, but not always with its status.
verify()
{
	systemd-analyze verify --man=no "$1" >"$dir/said" 2>&1
	status=$?
	grep -F "$(basename "$1" .service)" "$dir/said"
	[ "$status" -eq 0 ] && ! grep -qE "$(basename "$1").*(Unknown|Invalid|Failed|not absolute|ignoring)" "$dir/said"
}

security()
{
	systemd-analyze security --offline=true --threshold="$most" --no-pager "$1"
}

if ! systemd-analyze verify --man=no /dev/null >"$dir/answer" 2>&1 &&
   grep -qiE 'connect|bus|permission' "$dir/answer"; then
	echo "SKIP: systemd-analyze does not work here: $(head -n 1 "$dir/answer")"
	exit 77
fi
check 'systemd understands it' verify "$dir/dsa-model@.service"
check 'control: it would not understand anything' not verify "$dir/wrong@.service"

if systemd-analyze --help | grep -q -e --offline; then
	cp "$dir/dsa-model@.service" "$dir/dsa-model@x.service"
	cp "$dir/open@.service" "$dir/open@x.service"
	check 'it is hardened' security "$dir/dsa-model@x.service"
	check 'control: without the settings it is not' not security "$dir/open@x.service"
else
	echo "# systemd-analyze security has no --offline: hardening not looked at"
fi

check 'the program has its place' grep -q '^ExecStart=/.*/dsa-model ' "$unit"
check 'nothing is left to be filled in' not grep -q '@[a-z]*@' "$unit"

# Every option of the unit is one of the program's.
"$model" --help >"$dir/help"
# shellcheck disable=SC2016
sed -n '/^ExecStart=/,/[^\\]$/p' "$unit" | grep -oe '--[a-z-]*' >"$dir/options"
check 'it has options' test "$(wc -l <"$dir/options")" -ge 4
while read -r option; do
	check "the program has $option" grep -qe "^  $option " "$dir/help"
done <"$dir/options"
exit $failed

#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The examples of dsa-model(1): libvirt's schema accepts the domain, the commands have the
# options they use, and QEMU, where it knows the device, understands its command line.
# shellcheck disable=SC2317 # functions are called by check
set -u

man=${srcdir:-.}/man/dsa-model.1
model=${DSA_MODEL:-./dsa-model/dsa-model}
qemu=${QEMU:-qemu-system-x86_64}
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

# example PATTERN: the literal block with that line, as it is printed.
example()
{
	awk -v pattern="$1" '
		/^\.Bd -literal/ { text = ""; inside = 1; next }
		/^\.Ed/ { if (inside && text ~ pattern) { printf "%s", text; exit } inside = 0; next }
		inside { gsub(/\\e/, "\\"); text = text $0 "\n" }' "$man"
}

# ---- libvirt -------------------------------------------------------------------

example '^<domain' >"$dir/domain.xml"
check 'there is a domain' grep -q vfio-user-pci "$dir/domain.xml"
if command -v virt-xml-validate >/dev/null && command -v xmllint >/dev/null; then
	check 'the domain is valid' virt-xml-validate "$dir/domain.xml" domain
	sed "s/mode='shared'/mode='everybody'/" "$dir/domain.xml" >"$dir/wrong.xml"
	check 'control: a wrong one is not' not virt-xml-validate "$dir/wrong.xml" domain
else
	echo '# no virt-xml-validate (libvirt-clients) or no xmllint: domain not validated'
fi

# The device of the domain is one JSON object.
if command -v jq >/dev/null; then
	sed -n "/value='{/,/}}'/p" "$dir/domain.xml" | sed "s/.*value='//; s/'\/>//" >"$dir/device.json"
	check 'the device is JSON' jq -e '.driver == "vfio-user-pci" and
		.socket.type == "unix" and (.socket.path | startswith("/"))' "$dir/device.json"
fi

# ---- dsa-model -----------------------------------------------------------------

# The program is asked for its version at the end: everything before must be right.
for pattern in service-time 'dsa1\\.sock' XDG_RUNTIME_DIR; do
	example "$pattern" >"$dir/command"
	check "example with $pattern" grep -q '^dsa-model ' "$dir/command"
	{
		printf 'model() { "%s" "$@" --version; }\nXDG_RUNTIME_DIR=/run/user/1\n' "$model"
		sed 's/^dsa-model/model/' "$dir/command"
	} >"$dir/script"
	check 'it is understood' sh "$dir/script"
	sed 's/--socket/--sockets/' "$dir/script" >"$dir/wrong"
	check 'control: another is not' not sh "$dir/wrong"
done

# ---- QEMU ----------------------------------------------------------------------

# Its own words about a socket at which nobody listens are the proof that it came to that.
example '^qemu-system' |
	sed "s|^qemu-system-x86_64|$qemu|; s|/run/dsa.sock|$dir/nobody|; s|file=guest.qcow2|file=$dir/disk|
		s/accel=kvm/accel=tcg/; s/kernel-irqchip=split/usb=off/; s/-cpu host/-cpu max/" >"$dir/qemu"
check 'there is a command line' grep -q vfio-user-pci "$dir/qemu"
if command -v "$qemu" >/dev/null &&
   "$qemu" -device vfio-user-pci,help 2>/dev/null | grep -q socket; then
	truncate -s 1M "$dir/disk"
	# shellcheck disable=SC2016  # for the other shell
	check 'QEMU fails without a model' not timeout 120 sh -c '. "$0" >"$1" 2>&1' "$dir/qemu" "$dir/said"
	check 'because nobody listens' grep -q "$dir/nobody" "$dir/said"
else
	echo "# no QEMU that knows vfio-user-pci: command line not tried"
fi

[ $count -gt 0 ] || exit 77
exit $failed

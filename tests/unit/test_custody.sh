#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# wq-demo custody as a user has it: documents that are right, that lie, that are others;
# counting on the files of a host; and the JSON it writes against its schemas.
# shellcheck disable=SC2016,SC2317 # $ is the last line for sed; functions are called by check
set -u

source=${srcdir:-.}
# shellcheck source=tests/unit/check.sh
. "$source/tests/unit/check.sh"
program=$(realpath "${WQ_DEMO:-./wq-demo/wq-demo}") || exit 99
cd "$tmp" || exit 99

custody()
{
	"$program" custody "$@"
}

# ---- Documents --------------------------------------------------------------------

# guest INTERRUPTED STRANDED: one queue, vector 1.
guest()
{
	cat <<-END
	{"schema": "wq-demo-run", "version": 1, "descriptors": $(($1 + $2)), "interrupted": $1,
	 "stranded": $2, "missing": 0, "queues": [{"queue": 0, "vector": 1,
	 "descriptors": $(($1 + $2)), "interrupted": $1, "polled": 0, "stranded": $2,
	 "missing": 0, "unresolved": 0, "interrupts": $1, "interrupts_spurious": 0}]}
	END
}

# host SIGNALS
host()
{
	cat <<-END
	{"schema": "wq-demo-host", "version": 1, "vfio_pci": {"driver": "stock"}, "exact": true,
	 "signals": $(($1 + 9)), "vectors": [{"vector": 0, "signals": 9}, {"vector": 1, "signals": $1}]}
	END
}

# device DELIVERED OFF DEMAND
device()
{
	local raised=$(($1 + $2 + $3)) dropped=$(($2 + $3))

	cat <<-END
	{"profile": "spr", "raised": $((raised + 9)), "delivered": $(($1 + 9)), "dropped": $dropped,
	 "dropped_msix_off": $2, "merged": 0, "pending": 0, "vectors": [
	 {"vector": 0, "raised": 9, "delivered": 9, "dropped": 0, "dropped_msix_off": 0,
	  "merged": 0, "pending": 0},
	 {"vector": 1, "raised": $raised, "delivered": $1, "dropped": $dropped,
	  "dropped_msix_off": $2, "merged": 0, "pending": 0}]}
	END
}

guest 100 0 >g0
host 100 >h0
device 100 0 0 >d0
check 'all accounted for' 0 '^verdict: accounted: all 100 ' custody g0 h0 d0
guest 97 3 >g3
host 97 >h3
device 97 3 0 >d3
check 'lost in the device' 1 '^ *3 dropped by the device because MSI-X was off$' custody g3 h3 d3
check 'the line of the vector' 1 '^ *1 *100 *97 *3 *97 *97 *0 *97 *3 *0  device-msix-off 3$' \
	custody g3 h3 d3
device 97 0 3 >demand
check 'lost on demand' 1 '^verdict: .* dropped by the device$' custody g3 h3 demand
check 'lost before vfio-pci' 1 '^ *3 sent by the device, but not signalled' custody g3 h3 d0
check 'lost after it' 1 '^ *3 signalled by the host' custody g3 h0 d0
check 'without the device' 1 'not signalled by the host' custody g3 h3
check 'without the host' 1 'dropped by the device because' custody g3 - d3
check 'it says so' 1 '^host: no counts' custody g3 - d3
check 'nothing lost, yet dropped' 1 'only by chance' custody g0 h0 <(device 100 1 0)
sed 's/"dropped_msix_off": [0-9]*,//' d3 >no-cause
check 'a device that does not say why' 1 '^ *3 dropped by the device$' custody g3 h3 no-cause
# dmatest's: 5 timed out, 3 of them had no interrupt later either.
cat >dmatest <<-END
	{"schema": "wq-demo-run", "version": 1, "descriptors": 100, "interrupted": 95,
	 "stranded": 0, "missing": 0, "queues": [{"queue": 0, "vector": 1,
	 "descriptors": 100, "interrupted": 95, "polled": 0, "stranded": 0, "missing": 0,
	 "unresolved": 0, "timed_out": 5, "timed_out_no_interrupt": 3, "interrupts": 97,
	 "interrupts_spurious": 0}]}
END
check 'timed out: the message was dropped' 1 \
	'^ *1 *100 *97 *3 *97 *97 *0 *97 *3 *0  device-msix-off 3$' custody dmatest h3 d3
check 'timed out: there was no message for one' 1 '^ *1 *99 *97 *2 *97 *97 *0 *97 *2 *1 ' \
	custody dmatest h3 <(device 97 2 0)
sed 's/"timed_out_no_interrupt": 3/"timed_out_no_interrupt": 0/; s/"interrupts": 97/"interrupts": 100/' \
	dmatest >late
check 'timed out: all of them were only late' 0 '^verdict: accounted: all 100 ' custody late h0 d0
sed 's/"timed_out_no_interrupt": 3/"timed_out_no_interrupt": 6/' dmatest >excess
check 'more without an interrupt than timed out' 2 'is more than timed_out' custody excess h3 d3
sed 's/"timed_out": 5/"timed_out": 4/' dmatest >fewer
check 'fewer timed out than outcomes' 2 'not the sum of their outcomes' custody fewer h3 d3
sed 's/"exact": true/"exact": false/' h3 >sampled
check 'lower bounds are marked' 1 ' >=97 ' custody g3 sampled d3
check 'with what was before' 1 '^ *1 *100 *97 ' custody g3 h3 --before d0 \
	<(device 197 3 0 | sed 's/\([": ]\)18/\118/; s/"raised": 9, "delivered": 9/"raised": 18, "delivered": 18/
	s/"raised": 209, "delivered": 206/"raised": 218, "delivered": 215/')

# ---- Documents that lie ---------------------------------------------------------------

# lies NAME FILE SCRIPT PATTERN: changed like that it is refused, and why.
lies()
{
	local files=(g3 h3 d3) i

	for i in 0 1 2; do
		[ "${files[i]}" != "$2" ] || files[i]=lie
	done
	sed "$3" "$2" >lie
	cmp -s "$2" lie
	result "$1: is a change" $((! $?)) 'the same'
	check "$1" 2 "$4" custody "${files[@]}"
}

check 'control: the unchanged ones are not refused' 1 '^verdict: lost' custody g3 h3 d3
lies 'outcomes that do not add up' g3 's/"polled": 0/"polled": 1/' 'queues\[0\].descriptors is not the sum of their outcomes'
lies 'a total that is another' g3 '0,/"interrupted": 97/s//"interrupted": 98/' 'interrupted is not the sum of the queues'
lies 'more spurious runs than runs' g3 's/"interrupts_spurious": 0/"interrupts_spurious": 98/' 'interrupts_spurious is more'
lies 'another schema' g3 's/wq-demo-run/wq-demo-doctor/' 'not a result of wq-demo run'
lies 'another version' g3 's/"version": 1/"version": 2/' 'version is not 1'
lies 'a negative number' g3 's/"missing": 0/"missing": -1/' 'missing is negative'
lies 'a vector no table has' g3 's/"vector": 1,/"vector": 2048,/' 'queues\[0\].vector is too large'
lies 'a text for a number' g3 's/"polled": 0/"polled": "0"/' 'polled is not an integer'
lies 'no queues' g3 's/"queues"/"queue"/' 'queues is missing'
lies 'signals that do not add up' h3 's/"signals": 106/"signals": 107/' 'signals is not the sum of the vectors'
lies 'a vector twice' h3 's/"vector": 0/"vector": 1/' 'vectors\[1\].vector is there twice'
lies 'the guest for the host' h3 's/wq-demo-host/wq-demo-run/' 'not a document of wq-demo custody --host'
lies 'exact is a word' h3 's/true/"true"/' 'exact is not true or false'
lies 'messages that do not add up' d3 's/"merged": 0/"merged": 1/' 'raised is not the sum of delivered'
lies 'a sum that is another' d3 '0,/"dropped": 3/s//"dropped": 4/' 'dropped is not the sum of the vectors'
lies 'a cause for more than there was' d3 '$s/"dropped_msix_off": 3/"dropped_msix_off": 4/' 'is more than dropped'
lies 'the vectors of another device' d3 's/"vector": 1,/"vector": 2,/' 'the device raised 0 messages'
lies 'a vector of the device twice' d3 's/"vector": 1,/"vector": 0,/' 'is there twice'
lies 'a result for the device' d3 's/"profile": "spr"/"schema": "wq-demo-run"/' 'not statistics of dsa-model'
lies 'cut off' d3 '$d' 'ends in the middle'
device 50 0 0 >other
check 'of another run' 2 'not of the same run' custody g3 h3 other
check 'before is after' 2 'counts less than the document from before' custody g3 h3 d3 --before <(device 200 3 0)
check 'no such file' 2 'cannot read nowhere' custody g3 nowhere d3
check 'a directory' 2 'is a directory' custody g3 . d3

# ---- Command line -----------------------------------------------------------------------

check 'no documents' 2 'which documents' custody
check 'one document' 2 'which documents' custody g3
check 'no guest' 2 'of the guest is needed' custody - h3
check 'four documents' 2 '' custody g3 h3 d3 d3
check 'before without a device' 2 'needs a document of the device' custody g3 h3 --before d3
check 'an option for --host' 2 'output is for --host only' custody g3 h3 -o x
check 'not one for --host' 2 'json is not for --host' custody --host --json x
check 'two devices' 2 'for one device' custody --host 6a:01.0 6b:01.0
check 'nowhere to write' 2 'output: ' custody --host -o no/where
check 'JSON nowhere' 2 'cannot write' custody g3 h3 --json no/where
check 'help' 0 '^usage: wq-demo custody' custody --help

# ---- Counting on a host -------------------------------------------------------------------

address=0000:6a:01.0
sys=machine/sys
mkdir -p machine/proc/sys/kernel $sys/bus/pci/devices/$address $sys/bus/pci/drivers/vfio-pci
echo 6.1.0 >machine/proc/sys/kernel/osrelease
check 'nothing is bound' 3 'no device is bound' custody --host --root machine
check 'no driver' 3 'bound to no driver' custody --host --root machine $address
ln -s ../../drivers/idxd $sys/bus/pci/devices/$address/driver
check 'another driver' 3 'is bound to idxd' custody --host --root machine $address
ln -sfn ../../drivers/vfio-pci $sys/bus/pci/devices/$address/driver
ln -s ../../devices/$address $sys/bus/pci/drivers/vfio-pci/$address
check 'an address that is none' 3 'is no address' custody --host --root machine 6a:1.0
check 'a device there is not' 3 'there is no PCI device' custody --host --root machine 6b:01.0
check 'no interrupts to look at' 3 'cannot read /proc/interrupts' custody --host --root machine

# line IRQ COUNT VECTOR
line()
{
	echo " $1:  $2  0  IR-PCI-MSIX-$address  0-edge  vfio-msix[$3]($address)"
}

line 40 100 1 >machine/proc/interrupts
# Counting goes on until a signal; meanwhile interrupts come.
"$program" custody --host --root machine -o host.json 6A:01.0 2>said &
pid=$!
until grep -q '^counting ' said || ! kill -0 $pid; do sleep 0.05; done
{ line 40 150 1; line 41 7 2; } >machine/proc/interrupts.new
mv machine/proc/interrupts.new machine/proc/interrupts
kill -TERM $pid
wait $pid
result 'counting ends in good order' $? "$(cat said)"
check 'it says that it samples' 0 'lower bounds' cat said
check 'what came since' 0 '"vector": 1, "signals": 50 }' tr -s '\n\t ' ' ' <host.json
check 'and a vector that was not there' 0 '"vector": 2, "signals": 7 }' tr -s '\n\t ' ' ' <host.json
check 'it is not exact' 0 '"exact": *false' cat host.json
check 'of the stock module' 0 '"driver": *"stock"' cat host.json
guest 50 0 >g50
check 'its document is read' 0 '^verdict: accounted' custody g50 host.json
ln -s ../../devices/0000:6b:01.0 $sys/bus/pci/drivers/vfio-pci/0000:6b:01.0
check 'two devices: which?' 3 'several devices' custody --host --root machine
rm $sys/bus/pci/drivers/vfio-pci/0000:6b:01.0
mkdir -p $sys/module/vfio_pci_core $sys/kernel/debug/vfio-pci-irq/$address
echo 0.1.0 >$sys/module/vfio_pci_core/version
printf 'binds 4\nsignals 200\nlast_refusal index 2 vector 3 result -28\n' \
	>$sys/kernel/debug/vfio-pci-irq/$address/counters
check 'ours, for a time' 0 'counting' custody --host --root machine -o ours.json --duration 1ms
check 'it is ours' 0 '"driver": *"dynmsix"' cat ours.json
check 'nothing has been added' 0 '"signals": *0' grep -A9 '"counters"' ours.json
# A place like that of tracing, which is no tracing: nothing may be left in it.
mkdir -p $sys/kernel/tracing/instances/wq-demo-custody-999999999
check 'no tracing' 0 'tracing cannot be used' custody --host --root machine -o x --duration 1ms
check 'nothing is left, nor of one that was killed' 0 '^0$' \
	sh -c 'ls machine/sys/kernel/tracing/instances | wc -l'

# ---- Schemas ------------------------------------------------------------------------------

validate()
{
	python3 "$source/tests/unit/validate_json.py" "$@"
}

source=$(cd "$OLDPWD" && realpath "$source")
if /usr/bin/env python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null; then
	schema=$source/wq-demo/wq-demo-custody-1.schema.json
	custody g3 h3 d3 --json lost.json >/dev/null
	custody g0 h0 d0 --json kept.json >/dev/null
	custody g3 - --json alone.json >/dev/null
	check 'tables are valid' 0 '' validate --strict "$schema" lost.json kept.json alone.json
	sed 's/"lost": 3/"lost": "3"/' lost.json >wrong.json
	check 'control: a wrong one is not' 1 'not of type' validate "$schema" wrong.json
	sed 's/"verdict": "lost"/"verdict": "accounted"/' lost.json >wrong.json
	check 'control: nor a verdict against the figures' 1 'was expected' validate "$schema" wrong.json
	sed '/"has_host"/d' lost.json >wrong.json
	check 'control: nor one without a key' 1 'is a required' validate "$schema" wrong.json
	schema=$source/wq-demo/wq-demo-host-1.schema.json
	check 'counts are valid' 0 '' validate --strict "$schema" host.json ours.json
	sed 's/"exact": false/"exact": 0/' host.json >wrong.json
	check 'control: wrong ones are not' 1 'not of type' validate "$schema" wrong.json
	sed '/"inexact_because"/d' host.json >wrong.json
	check 'control: nor inexact ones without a reason' 1 'is a required' validate "$schema" wrong.json
else
	echo '# no python3-jsonschema: the schemas are not tested'
fi
custody g3 h3 d3 --json - >out.json 2>table
check 'JSON alone on standard output' 0 '"schema": *"wq-demo-custody"' head -n 2 out.json
check 'and the table aside' 0 '^verdict: lost' cat table

exit $failed

# SPDX-License-Identifier: GPL-2.0-only
#
# jq -s: what bench-driver has written in several rounds, as driver.json. A cost is time of
# the processor in the driver for each descriptor, without the write to the portal, without
# waiting, without what programs have and clients in the kernel have not, and without bringing
# queues up and down, with the commands it takes. Figures are of all rounds together; noise is
# the standard error, as the rounds differ, in parts of the figure.
def cost($what): .period_ns * $what / .descriptors;
def entered($by): .functions | to_entries | map(select(.key | test($by)) | .value) | add // 0;
def interface: .copying + entered("_read$|^call$|_ioctl$|^queue_submit$");
def own: .driver - .portal - .waiting - interface
	 - entered("^device_(open|info|configure|queue_up|release)|_queue_up$|_release$|_mmap$|_vector0_");
def mean: add / length;
def noise: if length > 1 then
	mean as $m | (map((. - $m) | . * .) | add / (length - 1) / length | sqrt) / $m
	else null end;
def round1: . * 10 | round / 10;
def round3: . * 1000 | round / 1000;
def rounds($name): map(select(.name == $name));
def figures($name): rounds($name) | {
	own: map(cost(own)), whole: map(cost(own + interface)),
	interface: map(cost(interface)) | mean,
	portal: map(cost(.portal)) | mean, waiting: map(cost(.waiting)) | mean,
	descriptors: map(.descriptors) | add, interrupts: map(.interrupts) | add,
	nanoseconds: map(.nanoseconds) | add };
figures("dsa_sample") as $ours | figures("idxd") as $idxd
| def both(f): {ours: ($ours | f), idxd: ($idxd | f)};
# Of each round and the one after it: what makes the machine slow is mostly the same in both.
def ratios: [range($ours.own | length) as $i | $ours.own[$i] / $idxd.own[$i]];
{
	ns_per_descriptor: both(.own | mean | round),
	ratio: (($ours.own | mean) / ($idxd.own | mean) | round3),
	noise: (both(.own | noise) + {ratio: (ratios | noise)}
		| map_values(if . then round3 else . end)),
	interrupts_per_second: both(.interrupts * 1e9 / .nanoseconds | round1),
	descriptors_per_second: both(.descriptors * 1e9 / .nanoseconds | round1),
	descriptors_per_interrupt: both(.descriptors / .interrupts | round3),
	interface_ns: both(.interface | round),
	ratio_with_interface: (($ours.whole | mean) / ($idxd.whole | mean) | round3),
	portal_ns: both(.portal | round),
	waiting_ns: both(.waiting | round),
	rounds: .
}

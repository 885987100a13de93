# SPDX-License-Identifier: GPL-2.0-only
#
# jq -s: what bench-driver has written in several rounds, as driver.json. A cost is time of
# the processors in the driver for each descriptor, without the write to the portal, without
# waiting, without read(2) of events, and without bringing queues up and down; noise is by how
# much the rounds differ, in parts of their mean.
def cost($what): .period_ns * $what / .descriptors;
def entered($by): .functions | to_entries | map(select(.key | test($by)) | .value) | add // 0;
def reading: entered("_read$");
def own: cost(.driver - .portal - .waiting - reading - entered("^device_|_release$|_mmap$"));
def mean: add / length;
def noise: if length > 1 then (max - min) / mean else null end;
def round1: . * 10 | round / 10;
def round3: . * 1000 | round / 1000;
def rounds($name): map(select(.name == $name));
def figures($name): rounds($name) | {
	own: map(own) | mean, noise: map(own) | noise,
	events: map(cost(reading)) | mean,
	portal: map(cost(.portal)) | mean, waiting: map(cost(.waiting)) | mean,
	descriptors: map(.descriptors) | add, interrupts: map(.interrupts) | add,
	nanoseconds: map(.nanoseconds) | add };
figures("dsa_sample") as $ours | figures("idxd") as $idxd
| def both(f): {ours: ($ours | f), idxd: ($idxd | f)};
{
	ns_per_descriptor: both(.own | round),
	ratio: ($ours.own / $idxd.own | round3),
	noise: both(.noise | if . then round3 else . end),
	interrupts_per_second: both(.interrupts * 1e9 / .nanoseconds | round1),
	descriptors_per_second: both(.descriptors * 1e9 / .nanoseconds | round1),
	descriptors_per_interrupt: both(.descriptors / .interrupts | round3),
	events_ns: both(.events | round),
	ratio_with_events: (($ours.own + $ours.events) / $idxd.own | round3),
	portal_ns: both(.portal | round),
	waiting_ns: both(.waiting | round),
	rounds: .
}

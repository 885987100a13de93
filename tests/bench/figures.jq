# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.json from what was measured. Variables: $times (arrays host, pass, operation,
# vector, nanoseconds, calls), $counts (host, operation, vector, round, count, own, all),
# $bytes (host, function, bytes), $structs ({ours, stock}: bytes of the structure of a
# vector in the modules), $handlers (the same: instructions of the handler in them),
# $machine (an object) and $commands (an object). README.md says what is in it.

def round3: . * 1000 | round / 1000;
def difference: (.[0] - .[1]) | fabs;

# Medians of single calls: pass 1, pass 2 or all.
def time($host; $operation; $vector; $pass):
	first($times[] | select(.[0] == $host and .[1] == $pass and .[2] == $operation
		and .[3] == $vector) | .[4]);
# A figure made of them, for all, and how much it differs between the passes.
def figure(f): {value: ("all" | f | round3), noise: ([("1", "2") | f] | difference | round3)};

def timed($host; $operation; $vector): figure(. as $pass | time($host; $operation; $vector; $pass));

# Instructions of one operation: the mean of the rounds, and how much they differ.
def counted($host; $operation; $vector; $column):
	[$counts[] | select(.[0] == $host and .[1] == $operation and .[2] == $vector)
		| .[$column] / .[4]]
	| {value: (add / length | round3), noise: (max - min | round3)};
def own($host; $operation; $vector): counted($host; $operation; $vector; 5);

# Where kmalloc() puts it.
def slab: . as $bytes | first((8, 16, 32, 64, 96, 128, 192, 256, 512) | select(. >= $bytes));
def allocated($host; $function):
	[$bytes[] | select(.[0] == $host and .[1] == $function) | .[2]] | add // 0;
def vector_bytes($host):
	($structs[$host] // allocated($host; "kzalloc")) as $struct
	| allocated($host; "kasprintf") as $name
	| {asked: ($struct + $name | round3),
	   slab: (($struct | slab) + (if $name > 0 then ($name | ceil | slab) else 0 end))};

(["ours", "stock"] | map({key: ., value: {
	bind_2: timed(.; "bind-first"; 2),
	bind_2048: timed(.; "bind-last"; 2048),
	rebuild_2: timed(.; "rebuild"; 2),
	rebuild_2048: timed(.; "rebuild"; 2048),
	swap: timed(.; "swap"; 3),
	rebind: timed(.; "rebind"; 3)
}}) | from_entries) as $nanoseconds
| (["ours", "stock"] | map({key: ., value: {
	bind_2: own(.; "bind"; 2),
	bind_2048: own(.; "bind"; 2048),
	swap: own(.; "swap"; 3),
	interrupt: own(.; "interrupt"; 3)
}}) | from_entries) as $instructions
| figure(. as $p | time("ours"; "bind-last"; 2048; $p) / time("ours"; "bind-first"; 2; $p)) as $bind_ratio
| figure(. as $p | time("stock"; "swap"; 3; $p) / time("ours"; "swap"; 3; $p)) as $swap_ratio
| {
	bind_cost_ratio_2048_2: $bind_ratio.value,
	swap_cost_ratio_stock_ours: $swap_ratio.value,
	handler_instructions: ($instructions | map_values(.interrupt.value)),
	bytes_per_vector: {ours: vector_bytes("ours").slab, stock: vector_bytes("stock").slab},
	noise: {
		bind_cost_ratio_2048_2: $bind_ratio.noise,
		swap_cost_ratio_stock_ours: $swap_ratio.noise,
		handler_instructions: ($instructions | map_values(.interrupt.noise)),
		bytes_per_vector: {ours: 0, stock: 0}
	},
	commands: $commands,
	machine: $machine,
	nanoseconds: $nanoseconds,
	instructions: $instructions,
	bind_instructions_ratio_2048_2:
		($instructions | map_values(.bind_2048.value / .bind_2.value | round3)),
	handler_instructions_in_modules: $handlers,
	bytes: {ours: vector_bytes("ours"), stock: vector_bytes("stock"), structures: $structs}
}

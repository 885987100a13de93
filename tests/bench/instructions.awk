# SPDX-License-Identifier: GPL-2.0-only
#
# Callgrind's dumps as a table: one line for each, with what it was named by the
# program (operation, vector, round, count), the instructions of the code under
# test itself, and all instructions.
#
# Needs debug information of lines. -v own=REGEX: the files of the code under test.
# What the compiler has put into it from other files is not its own; neither is what
# the simulated kernel does where the real one has a store or a nop: WRITE_ONCE(),
# tracepoints.

BEGIN { FS = " "; OFS = "," }

# "fl=(12) name", later only "fl=(12)": the same number is the same name.
function name_of(text,	id)
{
	id = text
	sub(/\).*/, ")", id)
	if (id !~ /^\(/)
		return text
	if (text != id) {
		sub(/^\([0-9]*\) /, "", text)
		names[id] = text
	}
	return names[id]
}

function is_own(file)
{
	if (!(file in cached))
		cached[file] = file ~ own && file !~ /trace\.h$/
	return cached[file]
}

function flush()
{
	if (label != "") {
		print label, mine, total
		if (total != summary)
			bad = "instructions of " label ": " total " added up, " summary " in all"
	}
	label = ""
	mine = total = 0
}

/^(part|thread): / { flush() }
/^desc: Trigger: Client Request: / {
	label = $5 OFS $6 OFS $7 OFS $8
	next
}
/^(summary|totals): / { summary = $2; next }
/^[a-z]+: / || /^$/ || /^#/ { next }

/^fl=/ { file = name_of(substr($0, 4)); next }
/^f[ie]=/ { file = name_of(substr($0, 4)); next }
/^cf[il]=/ { name_of(substr($0, 5)); next }
/^(c?fn|c?ob)=/ { next }
/^calls=/ {
	inclusive = 1
	next
}
/^[-+*0-9]/ {
	if (inclusive) {
		inclusive = 0
		next
	}
	total += $2
	if (is_own(file))
		mine += $2
}

END {
	flush()
	if (bad) {
		print "instructions.awk: " bad >"/dev/stderr"
		exit 1
	}
}

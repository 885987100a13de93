# SPDX-License-Identifier: GPL-2.0-only
#
# Compares a log of accesses (dsa-model --access-log) with a table of what is expected:
#
#	awk -v marks=PHASE,PHASE,... -v out=FILE -f compare.awk TABLE LOG
#
# The log is divided into phases by reads of configuration space at 0xf00 + 4 * n: the n-th
# name of marks begins there; before the first mark and after the last there is none. A
# line of TABLE is
#
#	phase	times	access	reason
#
# with tabs between the fields, where access is an extended regular expression for the whole line of the log without its
# time, and times is a number, a range FROM-TO, or * for as often as one likes. Lines of
# a phase must come in their order, except those with *, which may come at any time. An
# access that no line allows is an error, and so is a line that was not seen often enough.
# FILE gets each access with its reason.

function fail(text)
{
	print text
	errors++
}

# The line of the table that step STEP of the phase is.
function line_of(step)
{
	return steps[phase, step]
}

# Whether the access TEXT belongs to the line.
function fits(line, text)
{
	return text ~ ("^(" pattern[line] ")$")
}

function enough(step)
{
	return step == 0 || seen[line_of(step)] >= least[line_of(step)]
}

function phase_end(    step)
{
	for (step = 1; step <= steps_in[phase]; step++)
		if (seen[line_of(step)] < least[line_of(step)])
			fail(sprintf("%s: expected %s (%s), seen %d of %d times", phase,
				pattern[line_of(step)], reason[line_of(step)], seen[line_of(step)],
				least[line_of(step)]))
}

function take(line, text)
{
	seen[line]++
	printf "%-9s %-46s %s\n", phase, text, reason[line] >out
}

function judge(text,    step, i)
{
	# The step that is on, or if that is through one of those behind it.
	for (step = at; step <= steps_in[phase]; step++) {
		if (step > 0 && fits(line_of(step), text) && seen[line_of(step)] < most[line_of(step)]) {
			at = step
			take(line_of(step), text)
			return
		}
		if (!enough(step))
			break
	}
	for (i = 1; i <= free_in[phase]; i++)
		if (fits(frees[phase, i], text)) {
			take(frees[phase, i], text)
			return
		}
	fail(sprintf("%s: %s is not in the table%s", phase, text,
		step <= steps_in[phase] ? "; next is " pattern[line_of(step)] : ""))
}

BEGIN {
	FS = "\t+"
	digits = "0123456789abcdef"
	names = split(marks, name, ",")
	if (!out)
		out = "/dev/null"
}

FNR == NR {
	if (/^#/ || /^$/)
		next
	if (NF != 4) {
		fail("not four fields: " $0)
		next
	}
	n++
	pattern[n] = $3
	reason[n] = $4
	if ($2 == "*") {
		frees[$1, ++free_in[$1]] = n
		next
	}
	split($2, range, "-")
	least[n] = range[1]
	most[n] = $2 ~ /-/ ? range[2] : range[1]
	steps[$1, ++steps_in[$1]] = n
	next
}

FNR == 1 {
	FS = " "
	$0 = $0
}

{
	text = $0
	sub(/^[0-9.]+ /, "", text)
	if (text ~ /^read config 0xf[0-9a-f][0-9a-f] 4 /) {
		number = index(digits, substr(text, 16, 1)) * 16 - 16
		number += index(digits, substr(text, 17, 1)) - 1
		if (phase)
			phase_end()
		phase = name[number / 4]
		at = 0
		found++
		next
	}
	if (phase)
		judge(text)
}

END {
	if (found != names + 1)
		fail(sprintf("%d marks in the log, not %d", found, names + 1))
	exit errors ? 1 : 0
}

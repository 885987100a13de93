# SPDX-License-Identifier: GPL-2.0-only
#
# awk -f compare.awk -v required=FILE STOCK OURS
#
# STOCK and OURS are what run-selftests leaves: device, test, pass|fail|skip, reason,
# with tabs between. Prints one line a test with both results beside each other, and
# ends with 1 unless ours is the same or better in each and what FILE names passes
# with ours. Better is pass before skip before fail before a test that did not run.
#
# FILE has one extended regular expression a line, for "DEVICE TEST"; a line has to
# match at least one test, and all that it matches have to pass.

BEGIN {
	FS = "\t"
	rank["absent"] = 0
	rank["fail"] = 1
	rank["skip"] = 2
	rank["pass"] = 3
	while ((getline line < required) > 0)
		if (line != "" && line !~ /^#/)
			pattern[++patterns] = line
	if (!patterns)
		complain("no required tests in " required)
}

function complain(text)
{
	print text > "/dev/stderr"
	bad++
}

FILENAME != file {
	file = FILENAME
	side++
}

NF >= 3 {
	test = $1 " " $2
	if (!(test in known)) {
		known[test] = 1
		name[++tests] = test
	}
	if (!($3 in rank))
		complain(test ": no such result: " $3)
	result[side, test] = $3
	if ($4 != "")
		reason[test] = $4
	count[side, $3]++
}

END {
	if (side != 2) {
		complain("two files with results are needed, not " side + 0)
		exit 1
	}
	printf "%-6s %-7s %-7s %s\n", "", "stock", "ours", "test"
	for (i = 1; i <= tests; i++) {
		test = name[i]
		stock = (1, test) in result ? result[1, test] : "absent"
		ours = (2, test) in result ? result[2, test] : "absent"
		mark = rank[ours] < rank[stock] ? "WORSE" : rank[ours] > rank[stock] ? "better" : ""
		if (mark == "WORSE")
			complain(test ": " stock " with stock, " ours " with ours")
		printf "%-6s %-7s %-7s %s%s\n", mark, stock, ours, test, \
			(ours == "skip" ? " (" reason[test] ")" : "")
		for (p = 1; p <= patterns; p++) {
			if (test !~ pattern[p])
				continue
			matched[p]++
			if (ours != "pass")
				complain(test ": has to pass, but: " ours)
		}
	}
	for (p = 1; p <= patterns; p++)
		if (!matched[p])
			complain("no test is called " pattern[p])
	for (side = 1; side <= 2; side++)
		printf "%s: %d passed, %d failed, %d skipped\n", side == 1 ? "stock" : "ours", \
			count[side, "pass"], count[side, "fail"], count[side, "skip"]
	exit bad > 0
}

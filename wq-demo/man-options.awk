# SPDX-License-Identifier: GPL-2.0-only
# A manual page with the options of commands as the program itself describes them.
# Usage: awk -v program=./wq-demo/wq-demo -f man-options.awk page >new-page
# What is between '.\" BEGIN OPTIONS command' and '.\" END OPTIONS' is replaced.

function fail(text)
{
	print FILENAME ": " text >"/dev/stderr"
	failed = 1
	exit 1
}

/^\.\\" BEGIN OPTIONS / {
	if (inside)
		fail("BEGIN OPTIONS " $4 ": the one before has no END")
	print
	inside = 1
	lines = 0
	command = program " help --mdoc " $4
	while ((command | getline line) > 0) {
		print line
		lines++
	}
	close(command)
	if (!lines)
		fail("'" command "' prints nothing")
	next
}

/^\.\\" END OPTIONS/ {
	if (!inside)
		fail("END OPTIONS without a BEGIN")
	inside = 0
}

!inside

END {
	if (inside && !failed)
		fail("BEGIN OPTIONS without an END")
}

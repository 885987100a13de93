#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# wq-demo report: tables, pictures and pages of real documents, and what it says of others.
# shellcheck disable=SC2016,SC2317 # sh -c has its own variables; functions are called by check
set -u

wq_demo=${WQ_DEMO:-$PWD/wq-demo/wq-demo}
documents=$PWD/tests/unit/result_documents
# shellcheck source=tests/unit/commands.sh
. "${srcdir:-.}/tests/unit/commands.sh"

check 'there are documents' "$documents" "$dir"
cd "$dir" || exit 99

# says STATUS PATTERN ARGUMENT...: report ends like that and says that; '' is nothing.
says()
{
	expected=$1 pattern=$2
	shift 2
	"$wq_demo" report "$@" >said 2>&1
	status=$?
	cat said
	[ "$status" -eq "$expected" ] || return 1
	if [ -n "$pattern" ]; then
		grep -q -e "$pattern" said
	else
		[ ! -s said ]
	fi
}

# ---- Tables ----------------------------------------------------------------------

check 'a broken result' says 0 '^made-gap.json: broken: of ' made-gap.json
check 'its losses' says 0 '^  queue 2, vector 3: stranded at 1.2' made-gap.json
check 'control: none where there are none' not says 0 'stranded at' made-whole.json
check 'a missing one' says 0 'queue 1, vector 2: missing at' missing.json
check 'two results' says 0 '^stranded (interrupt lost)  *0  *2  +2 worse$' \
	made-whole.json made-gap.json
check 'the other way round' says 0 '^stranded (interrupt lost)  *2  *0  -2 better$' \
	made-gap.json made-whole.json
check 'no difference' says 0 '^stranded (interrupt lost)  *2  *2$' made-gap.json made-gap.json
for document in *.json; do
	check "$document can be read" says 0 "^$document: " "$document"
done

# Results of several runs, and those from before there was a timeline.
if command -v jq >/dev/null; then
	jq 'del(.queues[].timeline, .queues[].lost, .queues[].lost_omitted)' made-gap.json >before
	jq -s '.[0] * {elapsed_ns: (2 * .[0].elapsed_ns), queues: (.[0].queues + .[1].queues),
		bring_up: (.[0].bring_up + .[1].bring_up), rounds: [.[] | del(.queues, .bring_up)]}' \
		made-gap.json made-whole.json >rounds
	jq '.rounds += .rounds' rounds >wrong-rounds
	check 'without a timeline' says 0 '^before: broken' before
	check 'several runs' says 0 '2 runs put together' rounds
	check 'of which run' says 0 'stranded at 1.2.*of run 1$' rounds
	check 'control: another number of runs' says 2 'queues cannot be told apart' wrong-rounds
fi

# ---- Files that are no results -----------------------------------------------------

: >empty
printf ' \n' >blank
echo 'wq-demo' >text
echo '[]' >list
echo '{"schema": "another"}' >schema
head -c 5000 made-gap.json >cut-off
cat held.json held.json >twice-over
sed '/"version": 1,/s/1/2/' held.json >version
sed 's/"vector": 2,/"vector": "2",/' held.json >wrong-type
sed 's/"queue": 1,/"queue": -1,/' held.json >negative
sed '/"size": 16,/d' held.json >without-size
sed '0,/"descriptors"/s//"descriptor"/' held.json >without
sed '0,/"count": /s//"count": 1/' made-gap.json >sum
printf '{"schema": "wq-demo-run", "version": 1, "queues": [1' >cut-list
check 'an empty file' says 2 'empty is empty' empty
check 'a blank file' says 2 'blank is empty' blank
check 'not JSON' says 2 'text is not JSON: byte 0' text
check 'not an object' says 2 'list is not a result of wq-demo run' list
check 'another document' says 2 'schema: schema is not "wq-demo-run"' schema
check 'cut off' says 2 'cut-off ends in the middle' cut-off
check 'cut off in a list' says 2 'cut-list ends in the middle' cut-list
check 'more than one document' says 2 'twice-over is not JSON: byte' twice-over
check 'another version' says 2 'version: version is not 1' version
check 'a text for a number' says 2 'wrong-type: queues\[1\].vector is not an integer' wrong-type
check 'a negative number' says 2 'negative: queues\[1\].queue is negative' negative
check 'a key is missing' says 2 'without: descriptors is missing' without
check 'control: one it does not need is not' says 0 held: without-size
check 'a histogram that does not add up' says 2 'do not add up' sum
check 'a file that is not there' says 2 'cannot read nowhere: No such file' nowhere
check 'a directory' says 2 'it is a directory' .

# ---- Command line ------------------------------------------------------------------

check 'no file' says 2 'result.json is missing: name a file'
check 'three files' says 2 'more than 2 results' held.json late.json data.json
check 'an unknown option' says 2 "unknown or ambiguous option '--bogus'" --bogus held.json
check 'no argument' says 2 'needs an argument' held.json -o
check 'an unknown ending' says 2 "'out.jpg' does not end in" held.json -o out.jpg
check 'nowhere to write' says 2 'cannot write no/out.svg' held.json -o no/out.svg
check 'help' says 0 '^usage: wq-demo report' --help
env PATH=/nowhere "$wq_demo" report held.json -o out.svg >said 2>&1
check 'no gnuplot: exit status' test $? -eq 3
check 'no gnuplot: what to do' grep -q 'install the package gnuplot-nox' said
check 'nothing was written' not test -e out.svg

# ---- Pictures ----------------------------------------------------------------------

if command -v gnuplot >/dev/null; then
	check 'a picture (SVG)' says 0 '' made-gap.json -o gap.svg
	check 'a picture (PNG)' says 0 '' -ogap.png made-gap.json
	check 'a page' says 0 '' --output=gap.html made-gap.json
	check 'two compared (SVG)' says 0 '' made-whole.json -o both.svg made-gap.json
	check 'two compared (page)' says 0 '' made-whole.json made-gap.json --output both.html
	check 'it is PNG' sh -c 'head -c 8 gap.png | od -An -c | grep -q "211   P   N   G"'
	for word in 'queue 7' 'stranded (lost)' 'until certain' '1 lost' 'made-gap.json: broken, 2 stranded' \
		'around bring-ups: p50' 'time since the begin of the run (s)'; do
		check "it says: $word" grep -q "$word" gap.svg
	done
	check 'losses have their colour' grep -q -i 'd55e00\|213,  *94,  *0' gap.svg
	check 'a run that held (SVG)' says 0 '' made-whole.json -o whole.svg
	check 'control: nothing stranded there' not grep -q 'until certain' whole.svg
	check 'control: nor lost' not grep -q '[0-9] lost' whole.svg
	check 'the page has the tables' grep -q '<td class="lost">1</td>' gap.html
	check 'control: nothing lost there' sh -c '"$1" report made-whole.json -o whole.html &&
		! grep -q "class=\"lost\"" whole.html' sh "$wq_demo"
	# A reference to anything but a place in the page itself.
	others='<(link|script|img|iframe)|(src|href)=.[^#]|@import|url\([^#]'
	check 'the page needs no other file' not grep -E "$others" gap.html
	sed 's/<svg/<img src="gap.svg"><svg/' gap.html >other
	check 'control: another file is noticed' grep -E -q "$others" other
	check 'names are not markup' sh -c 'cp made-gap.json "<b>&'\''x.json" &&
		"$1" report "<b>&'\''x.json" -o name.html && grep -q "&lt;b&gt;&amp;" name.html &&
		! grep -q "<b>" name.html' sh "$wq_demo"
	if command -v xmllint >/dev/null; then
		check 'pictures are XML' xmllint --noout gap.svg both.svg whole.svg
	fi
	for document in *.json; do
		check "$document can be drawn" says 0 '' "$document" -o each.svg
	done
	if [ -e before ]; then
		check 'without a timeline it says so' sh -c '"$1" report before -o before.svg &&
			grep -q "no completions over time" before.svg' sh "$wq_demo"
		check 'several runs are drawn' says 0 '' rounds -o rounds.svg
		check 'each with its number' grep -q 'run 2' rounds.svg
		check 'control: one run has none' not grep -q 'run 1' gap.svg
		jq '.chain = {vfio_pci: "stock", l1_qemu: "7.2.22"}' made-gap.json >host.json
		check 'what it ran on' sh -c '"$1" report host.json -o host.svg &&
			grep -q "vfio-pci stock, QEMU 7.2.22" host.svg' sh "$wq_demo"
	fi
	mkdir -p bin
	printf '#!/bin/sh\necho "line 1: no such terminal" >&2\nexit 1\n' >bin/gnuplot
	chmod +x bin/gnuplot
	check 'gnuplot fails' env PATH="$dir/bin:$PATH" sh -c '"$1" report held.json -o fails.svg 2>&1 |
		grep -q "did not draw the picture: line 1: no such terminal"' sh "$wq_demo"
	printf '#!/bin/sh\nkill -SEGV $$\n' >bin/gnuplot
	check 'gnuplot crashes' env PATH="$dir/bin:$PATH" sh -c '"$1" report held.json -o fails.svg 2>&1 |
		grep -q "it crashed: Segmentation fault"' sh "$wq_demo"
	check 'nothing is left behind' not test -e fails.svg
else
	echo '# no gnuplot (gnuplot-nox): no pictures'
fi

exit $failed

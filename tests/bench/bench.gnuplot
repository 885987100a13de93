# SPDX-License-Identifier: GPL-2.0-only
# Cost of binding the k-th vector. Variables: dir (of the data), out (name without
# its ending), title_host. Data files: k and cost, one pair a line.

ours = "#0060ad"
stock = "#7f7f7f"
rebuild = "#c0392b"

draw = '\
set multiplot layout 1,2 margins 0.065,0.985,0.13,0.83 spacing 0.075 title heading font ",15"; \
set title "Time of the call, ".title_host; \
set ylabel "microseconds"; set yrange [*:*]; \
plot dir."/host-stock-rebuild" with linespoints lc rgb rebuild pt 5 ps 0.6 lw 1.5 title "all down and up again (stock)", \
	dir."/host-stock-bind" with points lc rgb stock pt 7 ps 0.25 title "add one (stock)", \
	dir."/host-ours-bind" with points lc rgb ours pt 7 ps 0.25 title "add one (ours)"; \
set title "Instructions of the interrupt code itself, counted on sim/"; \
set ylabel "instructions"; set yrange [100:*]; \
plot dir."/sim-stock-rebuild" with linespoints lc rgb rebuild pt 5 ps 0.6 lw 1.5 title "all down and up again (stock)", \
	dir."/sim-stock-bind" with linespoints lc rgb stock pt 7 ps 0.5 lw 1.5 title "add one (stock)", \
	dir."/sim-ours-bind" with linespoints lc rgb ours pt 7 ps 0.5 lw 1.5 title "add one (ours)"; \
unset multiplot'

heading = "What it costs to bind the k-th interrupt vector of a device"
set logscale x 2
set logscale y 10
set xrange [1:2048]
set xtics 1,4,2048 add (2048)
set format y "10^{%L}"
set xlabel "k: vectors bound, the new one included"
set grid xtics ytics lt 1 lc rgb "#dddddd"
set key top left Left reverse samplen 2 opaque box lc rgb "#dddddd"
set border 3
set tics nomirror

set terminal svg size 1300,560 font "sans,12" background "white"
set output out.".svg"
eval draw
set output
set terminal pngcairo size 1300,560 font "sans,10" background "white"
set output out.".png"
eval draw
set output

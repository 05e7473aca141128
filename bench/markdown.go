package main

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// markdown is RESULTS.md.
func (r *results) markdown() string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# ddns-batch beside other programs\n")
	made := "go run ."
	if r.settings.short {
		made += " -short"
	}
	line("Written by `%s` in this folder on %s; everything below was measured in that one run. Ratios can be compared from one", made, r.began.Format(time.DateOnly))
	line("machine to another, seconds cannot.\n")
	line("Machine: %s. Load before the start: %s.", machine(), r.load)
	line("Compared: %s.", strings.Join(r.versions(), ", "))
	if len(r.missing) > 0 {
		line("Not installed, and so left out: %s.", strings.Join(r.missing, ", "))
	}
	line("")
	r.goals(line)
	if !r.settings.short {
		r.batchTables(line)
	}
	r.idleTable(line)
	r.largeTables(line)
	if !r.settings.short {
		r.diskTable(line)
	}
	r.method(line)
	return b.String()
}

func machineText(cores int, kiB string) string {
	text := fmt.Sprintf("%d cores, %s/%s", cores, runtime.GOOS, runtime.GOARCH)
	if n, err := strconv.Atoi(kiB); err == nil {
		text += fmt.Sprintf(", %.0f GiB of memory", float64(n)/(1<<20))
	}
	return text
}

func (r *results) versions() []string {
	var all []string
	for _, p := range r.programs {
		if p.name != "curl in a loop" && p.name != asking {
			all = append(all, strings.TrimSuffix(p.name, " --parallel")+" "+p.version)
		}
	}
	return all
}

// ratio is how often b goes into a; not a number if there is no b.
func ratio[T time.Duration | float64](a, b T) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

func (r *results) goals(line func(string, ...any)) {
	g := r.goal
	mine, ideal := took(g.send[ours]), g.ideal()
	line("## Goals\n")
	line("| goal | bound | measured | |")
	line("|---|---|---|---|")
	row := func(goal string, bound, measured float64, unit, format string) {
		verdict := "met"
		switch {
		case math.IsNaN(measured):
			verdict = "not measured"
		case measured > bound:
			verdict = "**missed**"
		}
		line("| %s | "+format+"%s | "+format+"%s | %s |", goal, bound, unit, measured, unit, verdict)
	}
	idle := func(name string) float64 { return ratio(cpu(g.idle[ours]), cpu(g.idle[name])) }
	row("nothing to do, 50 records: CPU against inadyn's", 1.2, idle("inadyn"), "", "%.2f")
	row("the same against `curl` asking one source", 0.9, idle(asking), "", "%.2f")
	row("the same: peak memory", 18, memory(g.idle[ours]), " MiB", "%.1f")
	row("`version`: CPU against an empty Go program's", 3, ratio(cpu(r.version), cpu(r.empty)), "", "%.2f")
	row("50 records, 50 ms, 16 workers, against the ideal", 1.08, ratio(mine, ideal), "", "%.2f")
	row("the same against `curl --parallel --parallel-max 16`", 0.45, ratio(mine, took(g.send[parallel])), "", "%.2f")
	row("the same: the first run against later ones", 1.1, ratio(took(g.first), mine), "", "%.2f")
	row("the same with the records in five domains", 1.1, ratio(took(g.apart), mine), "", "%.2f")
	row("TLS handshakes for each worker and host, beyond one for each trial", 1, float64(g.handshakes)/float64(g.workers), "", "%.2f")
	for _, l := range r.large {
		if l.records != 10000 {
			continue
		}
		row("10,000 records, nothing to do: beyond the look-up", 100, milliseconds(median(l.beyond)), " ms", "%.0f")
		row("10,000 records, 5 ms, 64 workers, against the ideal or the processors' limit", 1.3, l.moving(), "", "%.2f")
		row("10,000 records: peak memory", 80, max(memory(l.first), memory(l.moved), memory(l.idle)), " MiB", "%.1f")
	}
	row("the program, stripped, with notifications", 15, float64(r.size)/1e6, " MB", "%.1f")
	line("")
	line("The ideal is the look-up and as many service times as the busiest worker has records. The service time is what one")
	line("answer of the stand-in really takes (%.1f ms where 50 ms are asked for: timers are a little late). The processors'", milliseconds(g.service))
	line("limit is the processor time of the program and of the stand-in together, shared by all cores; the larger of the two counts.\n")
}

// moving is the time for sending thousands of records against what is possible at best.
func (l *large) moving() float64 { return ratio(took(l.moved), max(median(l.ideals), median(l.limit))) }

func (r *results) batchTables(line func(string, ...any)) {
	line("## Batches: how many times as long as ddns-batch\n")
	r.batchTable(line, func(s *series, name string) string {
		return fmt.Sprintf("%.1f", ratio(took(s.send[name]), took(s.send[ours])))
	})
	line("The first run of ddns-batch tries each password on one record before it sends the others. Its time against that of")
	line("the runs after it, and theirs against the ideal:\n")
	line("| service time | records | first run | later runs / ideal |")
	line("|---|---|---|---|")
	for _, s := range r.all() {
		mine := took(s.send[ours])
		line("| %s | %d | %.2f | %.2f |", s.delay, s.records, ratio(took(s.first), mine), ratio(mine, s.ideal()))
	}
	line("")
}

// all is the batches and, first, that of the goals.
func (r *results) all() []*series { return append([]*series{r.goal}, r.batches...) }

func (r *results) batchTable(line func(string, ...any), cell func(*series, string) string) {
	head, rule := "| service time | records |", "|---|---|"
	senders := slices.DeleteFunc(slices.Clone(r.programs), func(p program) bool { return p.name == asking })
	for _, p := range senders {
		head += " " + p.name + " |"
		rule += "---|"
	}
	line("%s\n%s", head, rule)
	for _, s := range r.all() {
		row := fmt.Sprintf("| %s | %d |", s.delay, s.records)
		for _, p := range senders {
			row += " " + cell(s, p.name) + " |"
		}
		line("%s", row)
	}
	line("")
}

func (r *results) idleTable(line func(string, ...any)) {
	line("## Nothing to do, 50 records\n")
	line("| | CPU, against ddns-batch | CPU | peak memory | time |")
	line("|---|---|---|---|---|")
	for _, p := range r.programs {
		if runs := r.goal.idle[p.name]; len(runs) > 0 {
			line("| %s | %.1f | %.1f ms | %.1f MiB | %.0f ms |", p.name, ratio(cpu(runs), cpu(r.goal.idle[ours])),
				milliseconds(cpu(runs)), memory(runs), milliseconds(took(runs)))
		}
	}
	line("\nThe time has one service time of %s in it, for the look-up. A peak below %.1f MiB cannot be told.\n", r.goal.delay, r.floor)
}

func (r *results) largeTables(line func(string, ...any)) {
	line("## Thousands of records, 5 ms, 64 workers\n")
	line("| records | nothing to do: beyond the look-up | for each 1,000 | its CPU | its memory | all moved, against what is possible | which is | all moved | its memory | first run |")
	line("|---|---|---|---|---|---|---|---|---|---|")
	for _, l := range r.large {
		beyond := milliseconds(median(l.beyond))
		best := "the ideal"
		if median(l.limit) > median(l.ideals) {
			best = "the processors' limit"
		}
		line("| %d | %.0f ms | %.1f ms | %.0f ms | %.0f MiB | %.2f | %s | %.2f s | %.0f MiB | %.2f s |", l.records, beyond,
			beyond*1000/float64(l.records), milliseconds(cpu(l.idle)), memory(l.idle), l.moving(), best,
			took(l.moved).Seconds(), memory(l.moved), took(l.first).Seconds())
	}
	line("")
	for _, l := range r.large {
		if len(l.curl) > 0 {
			line("`curl --parallel --parallel-max %d` takes %.1f times as long as ddns-batch for the %d records. The others send one",
				l.workers, ratio(took(l.curl), took(l.moved)), l.records)
			line("record after another and were not made to.\n")
		}
	}
}

func (r *results) diskTable(line func(string, ...any)) {
	where := "memory"
	if !r.inRAM {
		where = "a temporary folder (there is no /dev/shm)"
	}
	line("## What a disk costs\n")
	line("Above, the state is in %s. On this machine's disk, with every save synced, 50 records at 50 ms:\n", where)
	line("| | against memory | time |")
	line("|---|---|---|")
	line("| all moved | %.2f | %.0f ms |", ratio(took(r.disk.send[ours]), took(r.goal.send[ours])), milliseconds(took(r.disk.send[ours])))
	line("| nothing to do | %.2f | %.0f ms |\n", ratio(took(r.disk.idle[ours]), took(r.goal.idle[ours])), milliseconds(took(r.disk.idle[ours])))
}

func (r *results) method(line func(string, ...any)) {
	line("## How it was measured\n")
	line("* Every program sends the same records to the same stand-in, that of `--sandbox`, over TLS on loopback, finds the")
	line("  address there first, and believes the same file of authorities. The service time passes before every answer, that to the")
	line("  question about the address included.")
	line("* ddns-batch asks two sources, which must agree, and finds that the address has changed. ddclient and inadyn ask one, and are")
	line("  told to send all the same (`-force`, `--force`). curl asks one and remembers nothing.")
	line("* The programs take turns. Figures are medians of %d runs, or of %d where there is nothing to do; a program that has",
		r.settings.runs, idleRuns*r.settings.runs)
	line("  spent %s on a batch gets no further run of it.", budget)
	line("* After each batch the stand-in is asked how many updates it accepted; a run in which one is missing does not count.")
	line("* Times are of whole processes, from start to end; processor time and memory are what the system says of them.")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

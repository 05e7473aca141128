package cli

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/run"
	"ddns-batch/internal/sdnotify"
	"ddns-batch/internal/watch"
)

const watchHelp = `watch keeps running and makes a run every five minutes, or as often as --every says. It is for containers and for machines
without cron or systemd timers. It prints what quiet runs print, each line with its time, and a line when it starts and ends.

The configuration and the passwords are read at the start. SIGHUP makes it read them again and makes a run; if they are
faulty, it says so and goes on with what it had. SIGTERM and SIGINT end it; a run that is under way ends as any run does.
After the machine was suspended, or its clock was set, a run starts at once.

Exit status: 0 when a signal ended it, 2 for a usage or configuration error at the start, 4 if there is no place for the
state.`

// leastInterval and mostInterval are how soon after a run, and how late, the next one may begin.
const (
	leastInterval = time.Second
	mostInterval  = 365 * 24 * time.Hour
)

func (a *app) watchCommand() *cobra.Command {
	var o runOptions
	var every time.Duration
	cmd := &cobra.Command{
		Use:     "watch [flags]",
		Short:   "Keep running, and make a run every few minutes",
		Long:    watchHelp,
		Example: "  ddns-batch watch\n  ddns-batch watch --every 10m --config /etc/ddns-batch/hosts.yaml",
		Args:    noArguments,
		RunE:    func(*cobra.Command, []string) error { return a.watch(o, every) },
	}
	f := cmd.Flags()
	f.DurationVar(&every, "every", 5*time.Minute, "make the next run `TIME` after the last one ended, give or take a tenth")
	f.CountVarP(&o.quiet, "quiet", "q", "has no effect, because watch is always quiet; -qq: print only failures and recoveries")
	o.register(f)
	return cmd
}

// watcher makes runs until it is ended.
type watcher struct {
	*app
	o runOptions
	// in is the configuration that is used, selected how many of its records.
	in       installation
	selected int
	runs     int
}

func (a *app) watch(o runOptions, every time.Duration) error {
	o.quiet = max(1, o.quiet)
	a.prefix, a.dated = a.machine()+": ", true
	if every < leastInterval || every > mostInterval {
		return usage(fmt.Sprintf("--every %s is out of range", every), "use a duration between 1s and 8760h, as in 5m")
	}
	if err := a.checkRun(o); err != nil {
		return err
	}
	if a.changed("timeout") {
		a.timeLimit = o.timeout
	}
	w := &watcher{app: a, o: o}
	if err := w.read(); err != nil {
		return err
	}
	hangups := a.stop.Series()
	manager := sdnotify.Find(a.getenv, os.Getpid())
	w.say(fmt.Sprintf("watching %s: a run every %s", w.what(), humanize.Took(every)))
	watch.Loop{
		Every: every, Run: w.run, Longest: w.longest, Reload: w.reload, Hangups: hangups, Follow: w.follow,
		Wall: func() time.Time { return a.Now().In(a.Local) }, Random: rand.Float64, Tell: manager.Tell, Watchdog: manager.Watchdog,
	}.Do(a.stop.Signalled)
	name := "SIGTERM"
	if a.stop.Status() == exitstatus.Interrupted {
		name = "SIGINT"
	}
	w.say(fmt.Sprintf("ended by %s after %s", name, humanize.Count(w.runs, "run")))
	return nil
}

// what is what is watched.
func (w *watcher) what() string {
	what := humanize.Count(w.selected, "record")
	if w.in.path != "" {
		what += " of " + w.in.path
	}
	return what
}

// lineTime is how long a line that belongs to no run may wait for a reader. A watch without a run is ended within two
// seconds.
const lineTime = time.Second

// say prints a line about the watch itself, beside the documents if runs print those.
func (w *watcher) say(text string) {
	ctx, cancel := context.WithTimeout(context.Background(), lineTime)
	defer cancel()
	to := w.Stdout
	if w.output == outputJSON {
		to = w.Stderr
	}
	to.renew(ctx)
	_ = w.writeLines(to, []string{w.prefix + text})
	_ = to.flush()
}

// read reads the configuration, and takes it over if a run could begin with it.
func (w *watcher) read() error {
	b := *w.app
	b.started = b.Now()
	in, err := b.open(w.o.sandbox)
	if err != nil {
		return err
	}
	selected, err := selectRecords(in.config.Records, b.only)
	if err == nil {
		err = b.checkFiles(w.o, in)
	}
	if err == nil && w.o.sandbox {
		_, err = w.o.standIn.setUp(in.config)
	}
	if err != nil {
		return err
	}
	if refused := in.refuses(selected); refused != nil {
		return refused.failure()
	}
	if in.stateErr != nil {
		return in.stateErr
	}
	w.in, w.selected = in, len(selected)
	return nil
}

// run makes a run by the configuration that was read last.
func (w *watcher) run(watch.Reason) watch.Outcome {
	w.runs++
	r := w.once(nil)
	return watch.Outcome{NoAddress: r.ExitStatus == exitstatus.NoAddress, Status: r.Summary()}
}

// once makes a run, or reports why that cannot be, in the way of runs. What the run needed is given back to the system: it is
// much more than what waiting for the next one needs.
func (w *watcher) once(broken error) run.Report {
	defer debug.FreeOSMemory()
	stop, done := w.stop.Next()
	defer done()
	b := *w.app
	b.stop, b.started = stop, b.Now()
	b.Stdout.renew(stop.Printing)
	b.Stderr.renew(stop.Printing)
	if !w.o.sandbox {
		// Who is trusted may change as long as this runs.
		b.authorities()
	}
	return b.runOn(w.o, w.in, broken, b.started)
}

// longest is how long a run may take with all that belongs to it.
func (w *watcher) longest() time.Duration {
	limit := w.in.config.Timeout
	if w.timeLimit > 0 {
		limit = w.timeLimit
	}
	return limit + w.o.wait + run.ErrandTime + time.Minute
}

// reload reads the configuration again. One that is broken is news, and changes nothing.
func (w *watcher) reload() bool {
	if err := w.read(); err != nil {
		if w.stop.Signalled.Err() == nil {
			f := *asFailure(err)
			f.Report.Message = "cannot reload the configuration, the previous one stays in use: " + f.Report.Message
			w.once(&f)
		}
		return false
	}
	w.say("configuration reloaded: " + w.what())
	return true
}

// askRouter is how often the router is asked for its address, where it is among the sources.
const askRouter = 30 * time.Second

// follow is what tells of changes of the address that the router has on its line. The sandbox has no router.
func (w *watcher) follow() func(ctx context.Context, changed func()) {
	if w.o.sandbox {
		return func(context.Context, func()) {}
	}
	query := run.Live{Config: w.in.config, UserAgent: userAgent()}.Query()
	return func(ctx context.Context, changed func()) { publicip.Follow(ctx, query, askRouter, changed) }
}

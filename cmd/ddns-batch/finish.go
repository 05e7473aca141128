package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sirupsen/logrus"

	"ddns-batch/internal/decide"
	"ddns-batch/internal/notices"
	account "ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
	"ddns-batch/internal/report/phrase"
	"ddns-batch/internal/state"
)

// noAddress is the end of a run that has no address to trust.
func (b *batch) noAddress(err error) error {
	if b.stop.status() != 0 {
		return b.interrupted()
	}
	f := &fatal{status: statusNoAddress, report: report.Error{Message: err.Error() + "; nothing was changed", Details: report.SourceDetails(b.sources())}}
	var none *publicip.Error
	if errors.As(err, &none) {
		f.report.Hint = none.Hint()
		if clock := b.wrongClock(); none.OutOfDate && clock != "" {
			f.report.Hint = clock
		}
	}
	return f
}

// wrongClock is a hint if the clock is surely wrong, otherwise empty.
func (a *app) wrongClock() string {
	built := builtAt()
	if !a.now().Before(built) {
		return ""
	}
	return fmt.Sprintf("this machine's clock says %s, but this program was built on %s: set the clock",
		a.now().In(a.local).Format(time.DateOnly), built.In(a.local).Format(time.DateOnly))
}

// hint says what to do about a refusal.
func (a *app) hint(class provider.Class, name record.Name) string {
	if clock := a.wrongClock(); class == provider.Certificate && clock != "" {
		return clock
	}
	return namecheap.Hint(class, name)
}

// sources is what each source said.
func (b *batch) sources() []report.Source {
	var sources []report.Source
	for _, a := range b.finding.Answers {
		sources = append(sources, report.Source{Name: a.Name, Address: a.Address, Took: a.Took, Problem: a.Problem})
	}
	return sources
}

// finish remembers and reports how the run ended. f is nil if the run went through all its parts.
func (b *batch) finish(f *fatal) error {
	said := b.remember(f)
	if f == nil && b.lost != nil {
		f = b.notRemembered()
	}
	status := b.status(f)
	if f == nil && b.waits() {
		status = b.statusAfterWaiting(status)
	}
	b.noteRun(status)
	b.writeReportFile(f)
	if b.ipFile != "" && b.address.IsValid() && !b.dryRun {
		if err := writeIPFile(b.ipFile, b.address, b.now().In(b.local)); err != nil {
			b.log.WithField("error", err).Warn("the --ip-file cannot be written")
		}
	}
	b.logEnd(status, f)
	return b.show(status, f, said)
}

// logEnd is for those who read nothing but the log.
func (b *batch) logEnd(status int, f *fatal) {
	entry := b.log.WithFields(logrus.Fields{"status": status, "records": len(b.plan.Steps)})
	if b.address.IsValid() {
		entry = entry.WithField("address", b.address)
	}
	if f != nil {
		entry = entry.WithField("error", f.report.Message)
	}
	entry.Info("run ended")
}

// notRemembered is the end of a run whose last save failed.
func (b *batch) notRemembered() *fatal {
	if !slices.ContainsFunc(b.results, func(r decide.Result) bool { return r.Attempts > 0 }) {
		f := stateTrouble(fmt.Errorf("%w; nothing was sent", b.lost))
		f.report.Hint = "make room or make it writable, or give --state FILE"
		return f
	}
	return &fatal{status: statusState, report: report.Error{
		Message: "sent but not remembered: " + b.lost.Error(),
		Hint:    "until the state can be written, every run sends these records again",
	}}
}

// remember makes the last save of the run, and returns what a quiet run has to say.
func (b *batch) remember(f *fatal) []string {
	if b.lock == nil || f != nil && f.status != statusNoAddress {
		return nil
	}
	lines, told := notices.Report(b.noticesInput(f))
	lines = append(b.lostNews(), lines...)
	changed := !slices.EqualFunc(told, b.before.News, sameNews)
	if !changed && b.plan.Updates() == 0 {
		return lines
	}
	after := b.after
	after.News = told
	switch err := b.lock.Save(after); {
	case err == nil:
		b.lost = nil
	case f == nil:
		b.lost = err
	default:
		b.log.WithField("error", err).Warn("the state cannot be saved")
		// Since when there is no address cannot be remembered, so no later run would say it either.
		f.loud = true
	}
	return lines
}

// lostNews is what a quiet run says of a state that was not understood: what was remembered is gone.
func (b *batch) lostNews() []string {
	if b.quiet == 0 || !b.lock.Lost() {
		return nil
	}
	var lines []string
	for _, note := range b.notes {
		lines = append(lines, b.machine()+": "+note)
	}
	return lines
}

// status is the exit status. What stands first counts.
func (b *batch) status(f *fatal) int {
	switch {
	case f != nil:
		return f.status
	case b.stop.status() != 0 && b.cutShort():
		return b.stop.status()
	case b.dryRun && b.detailed && b.plan.Updates() > 0:
		return statusPending
	case b.dryRun:
		return statusOK
	case b.notAsAsked():
		return statusNotAsAsked
	default:
		return statusOK
	}
}

// noteRun writes down how the run ended, for status and for whoever watches that runs go well.
func (b *batch) noteRun(status int) {
	if b.lock == nil {
		return
	}
	err := b.lock.WriteLastRun(state.LastRun{EndedAt: b.now(), Status: status, Address: b.address, Machine: b.machine()})
	if err != nil {
		b.log.WithField("error", err).Warn("how this run ended cannot be written down")
	}
}

// show writes the answer to stdout and the commentary to stderr.
func (b *batch) show(status int, f *fatal, said []string) error {
	r := b.report(status, f)
	var err error
	switch {
	case b.quiet > 0 && len(said) == 0 && !(f != nil && b.speaks(f)):
	case b.output == "json":
		err = r.WriteJSON(b.stdout)
	case b.quiet > 0:
		err = writeLines(b.stdout.certain(), said)
	case b.planned:
		err = r.WriteText(b.stdout, b.textOptions())
	}
	if err != nil {
		b.log.WithField("error", err).Warn("the report cannot be written")
		if b.quiet > 0 {
			b.sayElsewhere(said, err, f)
		}
	}
	if b.planned {
		b.warnOfMissing()
	}
	if f != nil {
		b.printFatal(f)
	}
	return ended(status)
}

// warnOfMissing names the passwords without which some records were held. The news of a quiet run say it their way.
func (b *batch) warnOfMissing() {
	if b.passwords == nil || b.quiet > 0 {
		return
	}
	missing, records := b.missing()
	switch {
	case missing == nil:
	case b.dryRun:
		e := b.missingError(missing)
		e.Message = "passwords are missing; a run would hold " + phrase.Count(records, "record")
		_ = report.WriteWarning(b.stderr, "", e)
	default:
		b.print(b.missingError(missing))
	}
}

// speaks reports whether an error is said in a quiet run.
func (a *app) speaks(f *fatal) bool {
	return a.quiet == 0 || f.loud || f.status == statusUsage || f.status == statusState && !f.live
}

func (b *batch) textOptions() report.TextOptions {
	return report.TextOptions{
		All: b.all, Width: b.stdout.width, Location: b.local,
		Colour: b.stdout.terminal && b.getenv("NO_COLOR") == "" && b.getenv("TERM") != "dumb",
	}
}

// report is the run as data.
func (b *batch) report(status int, f *fatal) report.Run {
	r := report.Run{
		DryRun: b.dryRun, Sandbox: b.sandbox, State: b.path,
		Address: b.address, Given: b.ip != "", Sources: b.sources(), StartedAt: b.started, Took: b.now().Sub(b.started), ExitStatus: status,
		Plan: b.plan, After: b.after, Waited: b.waited, Hint: b.hint, PasswordFrom: b.passwordFrom,
	}
	r.Config = b.configPath
	if b.planned && !b.dryRun {
		r.Results = b.results
	}
	if f != nil {
		r.Error = &f.report
	}
	r.LastChange = b.lastChange()
	return r
}

func (b *batch) passwordFrom(step int) string {
	if b.passwords == nil {
		return "the sandbox"
	}
	return b.password(step).Source()
}

// lastChange is when a selected record last changed its address; zero if that is not known.
func (b *batch) lastChange() time.Time {
	var last time.Time
	planned := make(map[record.Name]bool, len(b.plan.Steps))
	for _, s := range b.plan.Steps {
		planned[s.Name] = true
	}
	for i := range b.after.Records {
		r := &b.after.Records[i]
		if n := len(r.History); n > 0 && planned[r.Name()] && r.History[n-1].At.After(last) {
			last = r.History[n-1].At
		}
	}
	return last
}

// noticesInput is what the notices are made from.
func (b *batch) noticesInput(f *fatal) notices.Run {
	in := notices.Run{
		Now: b.began, Machine: b.machine(), Quiet: b.quiet > 0, OnlyTrouble: b.quiet > 1, Location: b.local,
		Given: b.ip != "", Address: b.address, Open: b.before.News, After: b.after,
		Records: account.Of(account.Input{
			Plan: b.plan, Results: b.results, After: b.after, PasswordFrom: b.passwordSources(),
			Guide: func(c provider.Class, n record.Name) (string, bool) { return b.hint(c, n), false },
		}),
		Hint: func(h account.Hint) string { return h.Text },
	}
	if b.config != nil {
		in.Config = b.config.Path
	}
	if f != nil {
		in.NoAddress = &notices.NoAddress{Message: f.report.Message, Hint: f.report.Hint}
	}
	return in
}

// passwordSources names where the password of each step comes from.
func (b *batch) passwordSources() []string {
	from := make([]string, len(b.plan.Steps))
	for i := range from {
		from[i] = b.passwordFrom(i)
	}
	return from
}

func sameNews(a, b state.News) bool {
	return a.Key == b.Key && a.What == b.What && a.Name == b.Name && a.Since.Equal(b.Since) && a.SaidAt.Equal(b.SaidAt)
}

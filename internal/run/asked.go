package run

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"ddns-batch/internal/authdns"
	"ddns-batch/internal/exitstatus"
	"ddns-batch/internal/humanize"
	"ddns-batch/internal/plan"
	"ddns-batch/internal/provider/namecheap"
	"ddns-batch/internal/publicip"
	"ddns-batch/internal/record"
	"ddns-batch/internal/report"
)

// observeLimit is how long the name servers may delay a run: a dead one must not block an update.
const observeLimit = 10 * time.Second

// asked is what a run has asked others, all at the same time.
type asked struct {
	// address waits for the sources, observed for the name servers. Each returns nothing if the run does not want the
	// answer.
	address  func() (publicip.Finding, error)
	observed func() map[record.Name]plan.Observation
	giveUp   context.CancelFunc
}

// end cancels the questions that are still open, and waits until they have ended.
func (a asked) end() {
	a.giveUp()
	_, _ = a.address()
	a.observed()
}

// ask starts to ask the sources for the address, unless it was given, and the name servers for what they publish, if that is
// to be verified.
func (j Job) ask(stop *Shutdown) asked {
	ctx, giveUp := context.WithCancel(stop.Sending)
	a := asked{
		address:  sync.OnceValues(func() (publicip.Finding, error) { return publicip.Finding{}, nil }),
		observed: sync.OnceValue(func() map[record.Name]plan.Observation { return nil }),
		giveUp:   giveUp,
	}
	if !j.Address.IsValid() {
		query := j.Target.Query()
		a.address = sync.OnceValues(func() (publicip.Finding, error) { return publicip.Find(ctx, query) })
		go func() { _, _ = a.address() }()
	}
	if j.Verify {
		a.observed = sync.OnceValue(func() map[record.Name]plan.Observation { return j.observe(ctx, j.names()) })
		go a.observed()
	}
	return a
}

func (j Job) names() []record.Name {
	names := make([]record.Name, 0, len(j.Records))
	for _, r := range j.selected() {
		names = append(names, r.Name)
	}
	return names
}

// observe asks the name servers what they publish for names.
func (j Job) observe(ctx context.Context, names []record.Name) map[record.Name]plan.Observation {
	ctx, cancel := context.WithTimeout(ctx, observeLimit)
	defer cancel()
	q := j.Target.DNS(names)
	return asData(q, authdns.Observe(ctx, q))
}

// asData turns the observations for q into what a plan needs to know.
func asData(q authdns.Query, observed []authdns.Observation) map[record.Name]plan.Observation {
	data := make(map[record.Name]plan.Observation, len(observed))
	for _, o := range observed {
		data[o.Name] = plan.Observation{
			Certain: o.Status.Certain(), Unanimous: unanimous(o.Servers), Published: o.Address(), Elsewhere: othersOf(q, o.Delegation),
			TTL: o.TTL, Words: o.Words(),
		}
	}
	return data
}

// othersOf names the first name servers of a domain if none of them is Namecheap's. It returns "" for servers that
// hosts.yaml names, since nobody knows whose they are.
func othersOf(q authdns.Query, d authdns.Delegation) string {
	const shown = 2
	if len(q.Nameservers) > 0 || len(d.Servers) == 0 || d.Under(namecheap.NameServers) {
		return ""
	}
	names := d.Servers
	if len(names) > shown {
		names = append(slices.Clone(names[:shown]), fmt.Sprintf("%d more", len(names)-shown))
	}
	return humanize.List(names)
}

// unanimous reports whether every server answered. Whether they agree is a different question.
func unanimous(servers []authdns.ServerAnswer) bool {
	return len(servers) > 0 && !slices.ContainsFunc(servers, func(s authdns.ServerAnswer) bool { return !s.Status.Certain() })
}

// locate returns the external address: the one that was given, or the one that the sources agree on.
func (j Job) locate(stop *Shutdown, a asked) (publicip.Finding, netip.Addr, *Failure) {
	if j.Address.IsValid() {
		q := j.Target.Query()
		if err := publicip.Check(j.Address, q.Allow, q.Documentation); err != nil {
			return publicip.Finding{}, netip.Addr{}, j.noAddress(stop, publicip.Finding{}, err)
		}
		return publicip.Finding{}, j.Address, nil
	}
	finding, err := a.address()
	j.Events.Heard(finding)
	if err != nil {
		return finding, netip.Addr{}, j.noAddress(stop, finding, err)
	}
	return finding, finding.Address, nil
}

// noAddress is the failure of a run without an address to trust.
func (j Job) noAddress(stop *Shutdown, finding publicip.Finding, err error) *Failure {
	if stop.Status() != 0 {
		return interrupted(stop)
	}
	f := &Failure{Status: exitstatus.NoAddress, Report: report.Error{
		Message: err.Error() + "; nothing was changed", Details: report.SourceDetails(sources(finding)),
	}}
	var none *publicip.Error
	if errors.As(err, &none) {
		if none.Kind == publicip.Offline { // its message ends with a question
			f.Report.Message = err.Error() + " Nothing was changed"
		}
		f.Report.Hint = none.Hint()
		if none.OutOfDate && j.WrongClock != "" {
			f.Report.Hint = j.WrongClock
		}
	}
	return f
}

// sources is what each source said.
func sources(finding publicip.Finding) []report.Source {
	var said []report.Source
	for _, a := range finding.Answers {
		said = append(said, report.Source{Name: a.Name, Address: a.Address, Took: a.Took, Problem: a.Problem})
	}
	return said
}

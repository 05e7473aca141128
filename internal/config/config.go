// Package config turns hosts.yaml into a Config that needs no further checking: names are normalised, values are in
// their ranges, and everything that is wrong with the file is said at once, with its line. It never sends anything and
// never prints; what it says about a password is its name and its place, never its value.
package config

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"ddns-batch/internal/ownership"
	"ddns-batch/internal/record"
)

// DefaultEndpoint is where updates go unless the file says otherwise.
const DefaultEndpoint = "https://dynamicdns.park-your-domain.com/update"

// PasswordVariable holds the password of a run without a YAML file.
const PasswordVariable = "DDNS_API_PASSWORD"

// MaxConcurrency is the most updates that may be under way at the same time.
const MaxConcurrency = 256

// maxFile is far above what 10,000 records need, and keeps a wrong -c from filling the memory.
const maxFile = 2 << 20

// Config is a checked configuration.
type Config struct {
	// Path is the YAML file as it was named; empty in a run without one.
	Path string
	// Records has at least one element and no two of the same name. It is in the order of the file, and that of each
	// hosts list within it.
	Records []Record
	// EnvFile and State are relative to the working folder or absolute; empty where the file names none.
	EnvFile, State string
	// ReplacedEnvFile is the env file that the YAML file names where EnvFile is another; it is not read.
	ReplacedEnvFile string
	// Endpoint is an https URL, or an http one of this machine, without user, query and fragment.
	Endpoint string
	// Concurrency is how many updates are under way at the same time, 1 to MaxConcurrency.
	Concurrency int
	// Timeout is for the whole run, RequestTimeout for one attempt. Both are above zero.
	Timeout, RequestTimeout time.Duration
	// Retries is how many attempts may follow the first one, 0 to 10.
	Retries int
	// RefreshAfter is the age at which a record is sent although nothing has changed; 0: never.
	RefreshAfter time.Duration
	// Verify: what the name servers publish is looked at in every run.
	Verify bool
	// ReportFile, StatusFile and MetricsFile are written after every run, each unless it is empty. No two of them are the
	// same, and none is the state, the env file or the YAML file.
	ReportFile, StatusFile, MetricsFile string

	// OnChange is run after a change of the address, OnNews with what a quiet run says.
	OnChange, OnNews Command
	Notify           Notify
	Heartbeat        Heartbeat

	IP  IP
	DNS DNS
	// Warnings are worth a look, and keep nothing from being sent.
	Warnings []string
}

// Record is one record and where its password is found.
type Record struct {
	Name     record.Name
	Password PasswordRef
}

// PasswordRef names a password: by the variable Env or by the file File, exactly one of them.
type PasswordRef struct {
	Env  string
	File string // as it is written; see Config.Passwords for the folder it counts from
	// Line and Column are where the reference is written; 0 in a run without a YAML file.
	Line, Column int
}

// String is the reference as the user wrote it.
func (r PasswordRef) String() string { return r.Env + r.File }

// Command is a program to be run.
type Command struct {
	// Arguments begin with the whole path of the program; nil: there is none.
	Arguments []string
	// Where is the place in the YAML file, as in "hosts.yaml:12:12".
	Where string
}

// Notify says who gets what a quiet run says.
type Notify struct {
	// URLs is where the URLs are found; the zero value means that nobody is notified.
	URLs PasswordRef
	// Changes means that changes of addresses are sent too, not only trouble and its end.
	Changes bool
}

// Heartbeat says which monitoring service is told of every run, and how.
type Heartbeat struct {
	// URL is where the URL is found; the zero value means that there is no heartbeat.
	URL PasswordRef
	// Style is Healthchecks or Push.
	Style string
}

// The styles of heartbeats: that of healthchecks.io, and that of Uptime Kuma's push monitors.
const (
	Healthchecks = "healthchecks"
	Push         = "push"
)

// IP says how the external address is found.
type IP struct {
	// Sources are as publicip.ParseSource understands them; URLs have no user.
	Sources []string
	// Agree is how many must give the same address: 1 to the number of different host names in Sources.
	Agree int
	// Allow, if not empty, are the only addresses that may be published. All are IPv4.
	Allow []netip.Prefix
	// Bind is the interface or the address that the look-up leaves by; empty: the system decides.
	Bind string
}

// DNS says who is asked what is published.
type DNS struct {
	// Resolver finds a domain's name servers; the zero value is the system's.
	Resolver netip.AddrPort
	// Nameservers, if not empty, are asked in place of the domains' own.
	Nameservers []netip.AddrPort
}

// Defaults is what a file with nothing but records gives.
func Defaults() Config {
	return Config{
		Endpoint:       DefaultEndpoint,
		Concurrency:    8,
		Timeout:        2 * time.Minute,
		RequestTimeout: 30 * time.Second,
		Retries:        2,
		RefreshAfter:   24 * time.Hour,
		Notify:         Notify{Changes: true},
		Heartbeat:      Heartbeat{Style: Healthchecks},
		IP: IP{
			Sources: []string{"https://api.ipify.org", "https://ipv4.icanhazip.com", "https://checkip.amazonaws.com"},
			Agree:   2,
		},
	}
}

// Load reads and checks the file at path, which may be a pipe that ends before ctx does. Where root runs this and others could change the
// file, commands in it are problems. The error is Problems if the content is wrong, and otherwise says why the file cannot be read
// (fs.ErrNotExist can be asked for). Beside Problems there may be a Config, as from Parse.
func Load(ctx context.Context, path string) (*Config, error) {
	data, _, err := ReadText(ctx, path, maxFile)
	if err != nil {
		return nil, fmt.Errorf("%s: cannot be read: %w", path, err)
	}
	return parse(path, data, ownership.Exposed(path))
}

// Parse checks data as the content of the file at path, which is not touched: it names the file in problems, and its
// folder is what relative paths count from, or the working folder where it is /dev/stdin or the like. The error is Problems, in the order of the file.
// Beside Problems there may be a Config: what was understood, which tells the files that are not to be touched, and is good for nothing else.
func Parse(path string, data []byte) (*Config, error) { return parse(path, data, nil) }

// parse is Parse, of a file that others could change as exposure says.
func parse(path string, data []byte, exposure *ownership.Exposure) (*Config, error) {
	root, err := document(path, data)
	if err != nil {
		return nil, err
	}
	c := &checker{path: path, root: root, reported: map[string]bool{}, merges: map[string]bool{}}
	f := c.decode()
	if c.oddSpace != nil {
		return nil, c.oddSpace
	}
	c.values(&f)
	records := c.records(f.Records)
	c.fail("endpoint", checkEndpoint(f.Endpoint))
	allow := c.ip(f.IP)
	dns := c.dns(f.DNS)
	c.files(f)
	notify := Notify{c.secretURL("notify", "urls", f.Notify.URLsEnv, f.Notify.URLsFile), f.Notify.Changes}
	heartbeat := Heartbeat{c.secretURL("heartbeat", "url", f.Heartbeat.URLEnv, f.Heartbeat.URLFile), f.Heartbeat.Style}
	onChange, onNews := c.command("on_change", f.OnChange), c.command("on_news", f.OnNews)
	c.startable(f, exposure)
	dir := dirOf(path)
	return &Config{
		Path:           path,
		Records:        records,
		EnvFile:        resolve(dir, f.EnvFile),
		State:          resolve(dir, f.State),
		Endpoint:       f.Endpoint,
		Concurrency:    f.Concurrency,
		Timeout:        f.Timeout,
		RequestTimeout: f.RequestTimeout,
		Retries:        f.Retries,
		RefreshAfter:   f.RefreshAfter,
		Verify:         f.Verify,
		ReportFile:     resolve(dir, f.ReportFile),
		StatusFile:     resolve(dir, f.StatusFile),
		MetricsFile:    resolve(dir, f.MetricsFile),
		OnChange:       onChange,
		OnNews:         onNews,
		Notify:         notify,
		Heartbeat:      heartbeat,
		DNS:            dns,
		Warnings:       c.warnings,
		IP:             IP{Sources: f.IP.Sources, Agree: f.IP.Agree, Allow: allow, Bind: f.IP.Bind},
	}, c.problems.err(path)
}

// Single is the configuration of a run for one record without a YAML file: the defaults, and the password in
// PasswordVariable. The error is Problems that name the flags.
func Single(domain, host string) (*Config, error) {
	var problems Problems
	c := Defaults()
	d, err := domainName(domain)
	if err != nil {
		problems = append(problems, Problem{Field: "--domain", Text: err.Error()})
	}
	h, err := hostName(host, d)
	if many := (*severalHosts)(nil); errors.As(err, &many) {
		err = fmt.Errorf("%s is several hosts; give one, or write a YAML file with hosts: [%s]", quote(many.written), many.list())
	}
	if err != nil {
		problems = append(problems, Problem{Field: "--host", Text: err.Error()})
	}
	if problems != nil {
		return nil, problems
	}
	name := record.Name{Host: h, Domain: d}
	c.Records = []Record{{Name: name, Password: PasswordRef{Env: PasswordVariable}}}
	if meant, ok := tooLong(name); ok {
		write := "give --domain " + meant.Domain + " --host " + meant.Host
		c.Warnings = []string{Problem{Field: "--domain", Text: tooLongText(name, meant, write)}.Error()}
	}
	return &c, nil
}

func resolve(dir, name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

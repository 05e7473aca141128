package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ddns-batch/internal/config"
	"ddns-batch/internal/idn"
	"ddns-batch/internal/outcome"
	"ddns-batch/internal/provider"
)

const initHelp = `init creates hosts.yaml, and hosts.env with the passwords, which only you can read. It never replaces either of them. On a
terminal it asks for what the flags leave out; a password is not shown while you type it. Without a terminal the flags have
to say everything, and each password has to be in an environment variable that is named after its domain, such as
EXAMPLE_COM_DDNS_PASSWORD. Nothing is written until everything is known.

Then it checks the two files, and shows what the domains' own name servers publish now and what a run would do.

Exit status: 0 once both files exist, 2 if something is missing, cannot be written or cannot be used, 130 or 143 if
it was interrupted.`

// initOptions are the flags of the init command.
type initOptions struct {
	zones           []*zone
	to              string
	system, offline bool
}

// zone is a domain with its hosts and its password.
type zone struct {
	domain, variable string
	hosts            []string
	secret           provider.Secret
}

// zoneFlag is --domain, which begins a zone, or --hosts, which belongs to the zone before it.
type zoneFlag struct {
	o     *initOptions
	hosts bool
}

func (zoneFlag) String() string { return "" }

func (zoneFlag) Type() string { return "list" }

func (f zoneFlag) Set(text string) error {
	if !f.hosts {
		z, err := newZone(text, f.o.zones)
		f.o.zones = append(f.o.zones, z)
		return err
	}
	if len(f.o.zones) == 0 {
		return errors.New("it must come after the --domain that it belongs to")
	}
	return f.o.zones[len(f.o.zones)-1].add(text)
}

func (a *app) initCommand() *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init [--domain DOMAIN --hosts LIST]... [--to DIR]",
		Short: "Create a first hosts.yaml and its env file; asks on a terminal",
		Long:  initHelp,
		Example: "  ddns-batch init\n" +
			"  ddns-batch init --domain example.com --hosts @,www --domain example.net --hosts '@,git,*'",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return usage(fmt.Sprintf("ddns-batch init takes no arguments, such as %q", args[0]), "name a domain with --domain, its hosts with --hosts, and the folder with --to")
		},
		// --domain is another flag here than that of a run.
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.changed = cmd.Flags().Changed
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return a.initialize(o) },
	}
	f := cmd.Flags()
	f.VarP(zoneFlag{&o, false}, "domain", "d", "a `DOMAIN` as you registered it; may be repeated")
	f.Var(zoneFlag{&o, true}, "hosts", "the hosts of the --domain before it, a comma-separated `LIST`; @ is the domain itself, * every name without a record")
	f.StringVar(&o.to, "to", "", "create the files in `DIR` (default: the folder where hosts.yaml is looked for first)")
	f.BoolVar(&o.system, "system", false, "create them in /etc/ddns-batch")
	f.BoolVar(&o.offline, "offline", false, "connect to nothing: do not show what is published and what a run would do")
	return cmd
}

// initialize makes the files, and shows what comes of them.
func (a *app) initialize(o initOptions) error {
	if err := a.refuseFiles("init"); err != nil {
		return err
	}
	dir, err := a.initFolder(o)
	if err != nil {
		return err
	}
	if err := checkNew(newFiles(dir, config.Draft{})); err != nil {
		return err
	}
	for _, z := range o.zones {
		if err := a.lookUp(z); err != nil {
			return err
		}
	}
	if a.Stdin.Terminal == nil || !a.Stderr.Terminal {
		if err := missingParts(o.zones); err != nil {
			return err
		}
	} else if err := a.ask(&o, dir); err != nil {
		return err
	}
	d := draftOf(o.zones)
	if err := a.createFiles(newFiles(dir, d)); err != nil {
		return err
	}
	path := filepath.Join(dir, usualName)
	if _, err := fmt.Fprintf(a.Stdout, "wrote %s and %s\n\n", path, filepath.Join(dir, usualEnv)); err != nil {
		return usage("cannot write the output: "+err.Error(), "")
	}
	return a.introduce(path, o.offline)
}

// initFolder is where the files are to be made.
func (a *app) initFolder(o initOptions) (string, error) {
	switch {
	case a.output == outputJSON:
		return "", usage("init has no JSON output", "leave out --output; ddns-batch validate -o json shows what is in the files")
	case a.changed("host"):
		return "", usage("--host is for a run without a YAML file", "use --hosts, as in --hosts @,www")
	case o.system && o.to != "":
		return "", usage("--system and --to cannot be combined", "give one of the two")
	case a.changed("to") && o.to == "":
		return "", usage("--to is empty", "name a folder, or leave it out")
	case o.system && runtime.GOOS == "windows":
		return "", usage("there is no /etc on Windows", "name a folder with --to")
	case o.system:
		return "/etc/ddns-batch", nil
	case o.to != "":
		return wholePath(o.to), nil
	}
	dir := config.UsualFolder(a.getenv)
	if !filepath.IsAbs(dir) {
		return "", usage("cannot tell where your configuration folder is", "name a folder with --to")
	}
	return dir, nil
}

// newZone checks the name of a domain.
func newZone(domain string, others []*zone) (*zone, error) {
	name, err := config.ParseName("@", domain)
	if err != nil {
		return &zone{}, err
	}
	if slices.ContainsFunc(others, func(o *zone) bool { return o.domain == name.Domain }) {
		return &zone{}, fmt.Errorf("%q was already given", domain)
	}
	var variables config.VariableNames
	for _, o := range others {
		variables.Take(o.variable)
	}
	return &zone{domain: name.Domain, variable: variables.For(name.Domain)}, nil
}

// add adds a list of hosts.
func (z *zone) add(list string) error {
	for host := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' }) {
		name, err := config.ParseName(host, z.domain)
		if err != nil {
			return err
		}
		if !slices.Contains(z.hosts, name.Host) {
			z.hosts = append(z.hosts, name.Host)
		}
	}
	if len(z.hosts) == 0 {
		return errors.New(`it is empty; write @ for the domain itself`)
	}
	return nil
}

// lookUp takes a password from the environment.
func (a *app) lookUp(z *zone) error {
	secret := provider.NewSecret(strings.TrimSpace(a.getenv(z.variable)))
	if problem := config.Writable(secret); problem != "" {
		return usage(fmt.Sprintf("the password in %s cannot be written to an env file: it %s", z.variable, problem), "set the variable to the password alone")
	}
	z.secret = secret
	return nil
}

// missingParts is the error for what nobody can be asked for; nil if nothing is missing.
func missingParts(zones []*zone) error {
	var missing []string
	if len(zones) == 0 {
		missing = append(missing, "--domain    a domain as you registered it, such as --domain example.com", "--hosts     its hosts, such as --hosts @,www",
			"and its password in the environment, in a variable such as EXAMPLE_COM_DDNS_PASSWORD")
	}
	for _, z := range zones {
		if len(z.hosts) == 0 {
			missing = append(missing, "--hosts after --domain "+z.domain)
		}
		if z.secret.IsZero() {
			missing = append(missing, z.variable+" in the environment, the dynamic DNS password of "+idn.Readable(z.domain))
		}
	}
	if missing == nil {
		return nil
	}
	f := usage("something is missing, and there is no terminal to ask for it; nothing was written", "add what is missing, or run ddns-batch init on a terminal, where it asks")
	f.Report.Details = missing
	return f
}

// draftOf is what the files say.
func draftOf(zones []*zone) config.Draft {
	d := config.Draft{Schema: schema(), Intro: []string{"made by ddns-batch init"}, EnvFile: usualEnv}
	for _, z := range zones {
		config.SortHosts(z.hosts)
		d.Entries = append(d.Entries, config.DraftEntry{Domain: z.domain, Hosts: z.hosts, Password: config.PasswordRef{Env: z.variable}})
		d.Variables = append(d.Variables, config.DraftVariable{Name: z.variable, Secret: z.secret})
	}
	return d
}

// introduce shows what a new configuration comes to, and what to type next.
func (a *app) introduce(path string, offline bool) error {
	a.config = path
	ended := a.validate()
	var status exitStatus
	if !errors.As(ended, &status) || status != 0 {
		return ended
	}
	known := false
	if !offline {
		var err error
		if known, err = a.rehearse(); err != nil {
			return err
		}
	}
	call := a.argumentsFor(path)
	switch {
	case offline:
		a.hint(outcome.Hint{Text: "see what a run would do, before the first one:", Command: append(call, "--dry-run")})
	case known:
		a.hint(outcome.Hint{Text: "if that is right, send it:", Command: call})
	default:
		a.hint(outcome.Hint{Text: "once the address can be looked up, see what a run would do:", Command: append(call, "--dry-run")})
	}
	a.hint(outcome.Hint{Text: "then let cron or a timer run this every five minutes:", Command: append(call, "--quiet")})
	a.hint(outcome.Hint{Text: fmt.Sprintf("what you want to change later is in %s, the passwords are in %s", path, filepath.Join(filepath.Dir(path), usualEnv))})
	return nil
}

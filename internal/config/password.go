package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"ddns-batch/internal/provider"
)

// maxPassword bounds a password file. Passwords from elsewhere are held to it as well.
const maxPassword = 4 << 10

// Passwords is what the references of a Config lead to.
type Passwords struct {
	// All has each reference once, in the order of the file.
	All []Password
	// Notify holds the URLs of notifications, with blanks or line ends between them, and Heartbeat the one for heartbeats;
	// each is nil where none is configured.
	Notify, Heartbeat *Password
	// Warnings are worth a look in every run.
	Warnings []string

	of []int // index in All of each record
}

// Of is the password of Config.Records[i].
func (p *Passwords) Of(i int) *Password { return &p.All[p.of[i]] }

// Password is one reference and what it leads to: either a Secret, or the Problem that there is none.
type Password struct {
	Ref PasswordRef
	// Where is the place of the (first such) reference, as in "hosts.yaml:9:19"; empty without a YAML file.
	Where string
	// Domains says which domains use it for how many records, in the order of the file.
	Domains []Use

	Secret provider.Secret
	// From is where the secret was found: "the environment", "hosts.env:3", or the path of a file.
	From string
	// EnvironmentOnly: no file has it, so it is there only for programs that inherit this environment.
	EnvironmentOnly bool
	// Problem is "not set", "empty", "cannot be read: ..." and the like; empty if there is a secret.
	Problem string

	// lines: a file may have several.
	lines bool
	// shadowed is the line of the env file that holds another value than the environment.
	shadowed string
}

// Use counts the records of one domain.
type Use struct {
	Domain  string
	Records int
}

// Source says in words where the password comes from: "NAME, hosts.env:3", or the path of a file.
func (p *Password) Source() string {
	if p.Ref.Env != "" {
		return p.Ref.Env + ", " + cmp.Or(p.From, "which is "+p.Problem)
	}
	return p.From
}

// Environment is where variables are looked up.
type Environment struct {
	Lookup func(name string) (value string, set bool) // os.LookupEnv or the like
	// Names lists the variables, for a guess at a name that is not there; nil where they cannot be listed.
	Names func() []string
}

// Passwords finds the password of every record. It reads each file once, and no pipe for longer than ctx. One that
// is missing is no error but a Problem of that Password. The error is an *EnvFileError; the Passwords returned with it
// are what can be had without the faulty lines or the whole env file.
//
// A password file with a relative name is $CREDENTIALS_DIRECTORY/NAME if that exists, else it counts from the folder of
// the YAML file.
func (c *Config) Passwords(ctx context.Context, env Environment) (*Passwords, error) {
	p := &Passwords{of: make([]int, len(c.Records))}
	variables := p.collect(c)
	var fromFile envFile
	var err error
	if c.EnvFile != "" {
		fromFile, p.Warnings, err = readEnvFile(ctx, c.EnvFile, variables)
	}
	for i := range p.All {
		p.All[i].find(ctx, env.Lookup, fromFile, dirOf(c.Path))
	}
	for _, url := range []*Password{p.Notify, p.Heartbeat} {
		if url != nil {
			url.find(ctx, env.Lookup, fromFile, dirOf(c.Path))
		}
	}
	p.guess(env, fromFile)
	return p, err
}

// find looks a password up; dir is what a relative file counts from.
func (p *Password) find(ctx context.Context, lookup func(string) (string, bool), file envFile, dir string) {
	var value string
	if p.Ref.Env != "" {
		value = p.variable(lookup, file)
	} else {
		value = p.file(ctx, lookup, dir)
	}
	if p.Problem == "" {
		p.Problem = unusable(value)
	}
	if p.Problem == "" {
		p.Secret = provider.NewSecret(value)
	}
}

// collect lists the references, and returns the variables among them.
func (p *Passwords) collect(c *Config) map[string]bool {
	type use struct {
		password int
		domain   string
	}
	passwords := map[PasswordRef]int{}
	uses := map[use]int{}
	variables := map[string]bool{}
	for i, r := range c.Records {
		ref := PasswordRef{Env: r.Password.Env, File: r.Password.File}
		n, known := passwords[ref]
		if !known {
			n = len(p.All)
			passwords[ref] = n
			p.All = append(p.All, Password{Ref: r.Password, Where: c.where(r.Password)})
			variables[ref.Env] = true
		}
		p.of[i] = n
		u := use{n, r.Name.Domain}
		if _, known := uses[u]; !known {
			uses[u] = len(p.All[n].Domains)
			p.All[n].Domains = append(p.All[n].Domains, Use{Domain: u.domain})
		}
		p.All[n].Domains[uses[u]].Records++
	}
	url := func(ref PasswordRef) *Password {
		if ref == (PasswordRef{}) {
			return nil
		}
		variables[ref.Env] = true
		return &Password{Ref: ref, Where: c.where(ref)}
	}
	p.Notify, p.Heartbeat = url(c.Notify.URLs), url(c.Heartbeat.URL)
	if p.Notify != nil {
		p.Notify.lines = true
	}
	return variables
}

// where is the place of a reference.
func (c *Config) where(ref PasswordRef) string {
	if ref.Line == 0 {
		return ""
	}
	return fmt.Sprintf("%s:%d:%d", c.Path, ref.Line, ref.Column)
}

const notSet = "not set"

// variable looks in the environment, then in the env file.
func (p *Password) variable(lookup func(string) (string, bool), file envFile) string {
	value, set := lookup(p.Ref.Env)
	value = strings.TrimSpace(value)
	line, filed := file.values[p.Ref.Env]
	inFile := strings.TrimSpace(line.value)
	place := fmt.Sprintf("%s:%d", file.path, line.line)
	switch {
	case value != "":
		p.From, p.EnvironmentOnly = "the environment", inFile == ""
		if inFile != "" && inFile != value {
			p.shadowed = place
		}
		return value
	case filed:
		p.From = place
		if inFile == "" {
			p.Problem = "empty"
		}
		return inFile
	case set:
		p.Problem = "empty"
	default:
		p.Problem = notSet
	}
	return ""
}

// secretFile is where the password file with this name is; dir is what a relative name counts from unless it is a
// credential.
func secretFile(name string, lookup func(string) (string, bool), dir string) string {
	if credentials, _ := lookup("CREDENTIALS_DIRECTORY"); credentials != "" && !filepath.IsAbs(name) {
		credential := filepath.Join(credentials, name)
		if _, err := os.Stat(credential); !errors.Is(err, fs.ErrNotExist) {
			return credential
		}
	}
	return resolve(dir, name)
}

// file reads a password file; dir is as for secretFile.
func (p *Password) file(ctx context.Context, lookup func(string) (string, bool), dir string) string {
	p.From = secretFile(p.Ref.File, lookup, dir)
	data, _, err := ReadText(ctx, p.From, maxPassword)
	value := strings.TrimSpace(string(data))
	if p.lines {
		value = strings.Join(strings.Fields(value), " ")
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Problem = "no such file"
	case err != nil:
		p.Problem = "cannot be read: " + err.Error()
	case value == "":
		p.Problem = "empty"
	case strings.ContainsAny(value, "\r\n"):
		p.Problem = "more than one line"
	}
	return value
}

// unusable says why a value cannot be sent.
func unusable(value string) string {
	switch {
	case len(value) > maxPassword:
		return fmt.Sprintf("is longer than %d KiB", maxPassword>>10)
	case hasControl(value):
		return "contains a control character"
	}
	return ""
}

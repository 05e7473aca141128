package config

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/provider"
)

// environment is what os.LookupEnv would say.
func environment(variables map[string]string) Environment {
	return Environment{
		Lookup: func(name string) (string, bool) {
			value, set := variables[name]
			return value, set
		},
		Names: func() []string { return slices.Collect(maps.Keys(variables)) },
	}
}

// folder makes a folder with the given files, readable by their owner alone.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load parses a file in dir with one record, whose password is found as reference says.
func load(t *testing.T, dir, reference string) *Config {
	t.Helper()
	c, err := Parse(filepath.Join(dir, "hosts.yaml"),
		[]byte("records:\n- host: www\n  domain: example.com\n  "+reference+"\nenv_file: hosts.env\n"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestVariables(t *testing.T) {
	for name, c := range map[string]struct {
		environment map[string]string
		envFile     string
		want        string // the password, or its problem
		from        string
		only        bool
	}{
		"nowhere":                             {nil, "B=x\n", "not set", "", false},
		"in the environment":                  {map[string]string{"A": " " + canary + "\n"}, "", canary, "the environment", true},
		"in the env file":                     {nil, "# passwords\n\nA=" + canary + "\r\n", canary, "hosts.env:3", false},
		"in both":                             {map[string]string{"A": canary}, "A=other", canary, "the environment", false},
		"in both, blank in the environment":   {map[string]string{"A": " \t"}, "A=" + canary, canary, "hosts.env:1", false},
		"in both, blank in the env file":      {map[string]string{"A": canary}, "A=", canary, "the environment", true},
		"blank in the environment":            {map[string]string{"A": " "}, "", "empty", "", false},
		"blank in the env file":               {nil, "\nA=' '\n", "empty", "hosts.env:2", false},
		"with a control character":            {map[string]string{"A": canary + "\x00x"}, "", "contains a control character", "the environment", true},
		"with a line break inside":            {map[string]string{"A": canary + "\nx"}, "", "contains a control character", "the environment", true},
		"too long":                            {map[string]string{"A": strings.Repeat(canary, 500)}, "", "is longer than 4 KiB", "the environment", true},
		"with every character that can stand": {nil, `A="` + canary + `$X #'&=%`, `"` + canary + `$X #'&=%`, "hosts.env:1", false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t, map[string]string{"hosts.env": c.envFile})
			passwords, err := load(t, dir, "password_env: A").Passwords(t.Context(), environment(c.environment))
			if err != nil {
				t.Fatal(err)
			}
			got := passwords.Of(0)
			if found := got.Secret.Reveal() + got.Problem; found != c.want {
				t.Errorf("got %q, want %q", found, c.want)
			}
			if from := strings.TrimPrefix(got.From, dir+string(filepath.Separator)); from != c.from || got.EnvironmentOnly != c.only {
				t.Errorf("from %q, only there %v, want %q, %v", from, got.EnvironmentOnly, c.from, c.only)
			}
			if want := filepath.Join(dir, "hosts.yaml") + ":4:17"; got.Where != want {
				t.Errorf("written at %q, want %q", got.Where, want)
			}
			if printed := fmt.Sprintf("%+v %q", *got, got.Source()); strings.Contains(printed, canary) {
				t.Errorf("the password shows in %s", printed)
			}
		})
	}
}

func TestPasswordFiles(t *testing.T) {
	dir := folder(t, map[string]string{
		"plain": canary, "trimmed": "\ufeff \t" + canary + "\r\n\n", "empty": "\n", "lines": canary + "\nx\n",
		"control": canary + "\x00", "long": strings.Repeat("a", maxPassword+1), "longest": strings.Repeat("a", maxPassword),
		"both": "from the folder", "hosts.env": "",
	})
	if err := os.Chmod(filepath.Join(dir, "plain"), 0o644); err != nil {
		t.Fatal(err)
	}
	credentials := folder(t, map[string]string{"both": canary})
	for name, c := range map[string]struct{ file, want, from string }{
		"one line, readable by all": {"plain", canary, filepath.Join(dir, "plain")},
		"white space around it":     {"trimmed", canary, filepath.Join(dir, "trimmed")},
		"the whole path":            {filepath.Join(dir, "plain"), canary, filepath.Join(dir, "plain")},
		"a credential":              {"both", canary, filepath.Join(credentials, "both")},
		"as long as it can be":      {"longest", strings.Repeat("a", maxPassword), filepath.Join(dir, "longest")},
		"one that is not there":     {"none", "no such file", filepath.Join(dir, "none")},
		"a folder":                  {".", "cannot be read: it is a folder; name the file in it", credentials},
		"nothing in it":             {"empty", "empty", filepath.Join(dir, "empty")},
		"two lines":                 {"lines", "more than one line", filepath.Join(dir, "lines")},
		"a control character":       {"control", "contains a control character", filepath.Join(dir, "control")},
		"something else than that":  {"long", "cannot be read: it is larger than 4 KiB", filepath.Join(dir, "long")},
	} {
		t.Run(name, func(t *testing.T) {
			passwords, err := load(t, dir, "password_file: "+c.file).Passwords(t.Context(), environment(map[string]string{"CREDENTIALS_DIRECTORY": credentials}))
			if err != nil {
				t.Fatal(err)
			}
			got := passwords.Of(0)
			if found := got.Secret.Reveal() + got.Problem; found != c.want || got.From != c.from {
				t.Errorf("got %q from %s, want %q from %s", found, got.From, c.want, c.from)
			}
			if got.Source() != c.from || got.EnvironmentOnly {
				t.Errorf("source %q, in the environment only: %v", got.Source(), got.EnvironmentOnly)
			}
			if printed := fmt.Sprintf("%+v", *got); strings.Contains(printed, canary) {
				t.Errorf("the password shows in %s", printed)
			}
		})
	}
}

// several uses one variable for two domains, and two for one.
const several = `records:
- {hosts: [a, b], domain: example.com, password_env: A}
- {host: "@", domain: example.net, password_env: B}
- {host: c, domain: example.com, password_env: A}
- {host: a, domain: example.org, password_env: A}
- {host: b, domain: example.org, password_env: C}
- {host: c, domain: example.org, password_env: D}
`

func TestEachReferenceIsResolvedOnce(t *testing.T) {
	c, err := Parse("hosts.yaml", []byte(several))
	if err != nil {
		t.Fatal(err)
	}
	asked := map[string]int{}
	passwords, err := c.Passwords(t.Context(), Environment{Lookup: func(name string) (string, bool) {
		asked[name]++
		return canary + name, true
	}})
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]int{"A": 1, "B": 1, "C": 1, "D": 1}; !reflect.DeepEqual(asked, want) {
		t.Errorf("asked for %v", asked)
	}
	var all []string
	for _, p := range passwords.All {
		all = append(all, fmt.Sprint(p.Ref, " ", p.Where, " ", p.Domains))
	}
	want := []string{
		"A hosts.yaml:2:54 [{example.com 3} {example.org 1}]", "B hosts.yaml:3:50 [{example.net 1}]",
		"C hosts.yaml:6:48 [{example.org 1}]", "D hosts.yaml:7:48 [{example.org 1}]",
	}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("got  %q\nwant %q", all, want)
	}
	for i, r := range c.Records {
		if got := passwords.Of(i).Secret.Reveal(); got != canary+r.Password.Env {
			t.Errorf("record %d has the password of another", i)
		}
	}
}

func TestAdvice(t *testing.T) {
	const usual, other = "c4a17b0e9dc4a17b0e9dc4a17b0e9dff", "C4A17B0E9DC4A17B0E9DC4A17B0E9DFF"
	dir := folder(t, map[string]string{"hosts.env": "A=" + usual + "\nB=" + canary + "\n"})
	c, err := Parse(filepath.Join(dir, "hosts.yaml"), []byte(several+"env_file: hosts.env\n"))
	if err != nil {
		t.Fatal(err)
	}
	passwords, err := c.Passwords(t.Context(), environment(map[string]string{"B": usual, "C": usual, "D": other[:31]}))
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"B: the environment takes precedence, but " + filepath.Join(dir, "hosts.env") + ":2 has a different password",
		"D, the environment: not 32 hexadecimal digits, as these passwords usually are; is it the account password?",
		"example.com and example.org and example.net have the same password, but each domain has its own",
		"example.org has different passwords, from A, " + filepath.Join(dir, "hosts.env") + ":1 and from D, the environment; a domain has only one",
	}
	if got := passwords.Advice(); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// What stands out in a password explains that it is not 32 hexadecimal digits only if they are there without it.
func TestAnOddityDoesNotHideAnAccountPassword(t *testing.T) {
	const usual = "c4a17b0e9dc4a17b0e9dc4a17b0e9dff"
	for value, hidden := range map[string]bool{
		`"` + usual + `",`: true, `"` + usual + `,"`: true, usual + ";": true, usual[:9] + " " + usual[9:]: true, "\ufeff" + usual: true,
		usual + " # new": true, "export A=" + usual: true, "${A}": true, usual + "\xff": true,
		`"` + canary + `",`: false, `"` + canary + `,"`: false, canary + ",": false, "'" + usual[:31] + "'": false, "A=" + canary: false,
		canary + " # " + usual: false,
	} {
		p := &Passwords{All: []Password{{Ref: PasswordRef{Env: "A"}, From: "the environment", Secret: provider.NewSecret(value)}}}
		advice := p.Advice()
		if said := strings.Contains(strings.Join(advice, "\n"), "not 32 hexadecimal digits"); said == hidden || len(advice) == 0 {
			t.Errorf("%q: %q", value, advice)
		}
	}
}

func TestAdviceAboutManyDomainsNamesAFew(t *testing.T) {
	c, err := Parse("hosts.yaml", bytes.ReplaceAll(tenThousand(true), []byte("_PASSWORD"), nil))
	if err != nil {
		t.Fatal(err)
	}
	passwords, err := c.Passwords(t.Context(), Environment{Lookup: func(string) (string, bool) { return strings.Repeat("c4a17b0e", 4), true }})
	if err != nil {
		t.Fatal(err)
	}
	const want = "d0.example.com and d1.example.com and d2.example.com and d3.example.com and d4.example.com and 95 more have the same password, but each domain has its own"
	if advice := passwords.Advice(); len(advice) != 1 || advice[0] != want {
		t.Errorf("got %.600q", advice)
	}
}

func TestPasswordsWithAFaultyEnvFile(t *testing.T) {
	dir := folder(t, map[string]string{"hosts.env": "A=" + canary + "\nfault " + canary + "\n"})
	passwords, err := load(t, dir, "password_env: A").Passwords(t.Context(), environment(nil))
	var fault *EnvFileError
	if !errors.As(err, &fault) || err.Error() != filepath.Join(dir, "hosts.env")+":2: is not of the form NAME=value" {
		t.Fatalf("got %v", err)
	}
	if got := passwords.Of(0).Secret.Reveal(); got != canary {
		t.Error("what could be read is not there")
	}

	if err := os.Remove(filepath.Join(dir, "hosts.env")); err != nil {
		t.Fatal(err)
	}
	passwords, err = load(t, dir, "password_env: A").Passwords(t.Context(), environment(map[string]string{"A": canary}))
	if !errors.As(err, &fault) || !strings.Contains(err.Error(), "cannot read the env file: ") {
		t.Errorf("a missing env file gives %v although the environment has everything", err)
	}
	if passwords.Of(0).Secret.IsZero() {
		t.Error("the environment does not count")
	}
}

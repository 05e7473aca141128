package importer

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ddns-batch/internal/config"
)

// canary is a password that no answer may hold.
const canary = "cAnArY-0123456789"

// canaryName is one that could be the name of a variable.
const canaryName = "cAnArY_xyz"

// trap is a file and what has to come of it.
type trap struct {
	name string
	text string
	// want are the records, as "host domain password", where the password may be $NAME, @file or nothing.
	want []string
	// notes are parts of notes that have to be there, each with its place, as "3: needs you: two passwords".
	notes []string
}

// try imports a file of that format, which has to be recognised by its content.
func try(t *testing.T, format Format, traps []trap) {
	t.Helper()
	for _, c := range traps {
		t.Run(c.name, func(t *testing.T) {
			s := source{file: "file", data: []byte(c.text)}
			if got := s.detect(); got != format {
				t.Errorf("taken for %q", got)
			}
			r := Import([]File{{"file", []byte(c.text)}}, Options{Format: format, Open: folder, EnvFile: "hosts.env"})
			if got := recordsOf(t, r); !slices.Equal(got, c.want) {
				t.Errorf("records\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			var notes []string
			for _, n := range r.Notes {
				notes = append(notes, n.String())
			}
			for _, want := range c.notes {
				place, text, _ := strings.Cut(want, ": ")
				if !slices.ContainsFunc(notes, func(n string) bool {
					return strings.HasPrefix(n, strings.TrimSuffix("file:"+place, ":")+": ") && strings.Contains(n, text)
				}) {
					t.Errorf("no note %q in\n%s", want, strings.Join(notes, "\n"))
				}
			}
			for _, n := range notes {
				// What is said of shells has to be told, or it is wrong.
				if strings.Contains(n, "note: ") && !slices.ContainsFunc(c.notes, func(want string) bool { return strings.Contains(n, want[strings.Index(want, ": ")+2:]) }) {
					t.Errorf("not expected: %s", n)
				}
			}
			if all := strings.ToLower(strings.Join(notes, "\n") + string(r.Draft.YAML())); strings.Contains(all, "canary") {
				t.Errorf("the password is in\n%s", all)
			}
		})
	}
}

// folder has the files that others include.
func folder(path string) ([]byte, error) {
	switch path {
	case "more.conf":
		return []byte("provider default@namecheap.com { username = example.net\n password = '" + canary + "'\n hostname = vpn }"), nil
	case "nc.env":
		return []byte("NC_DOMAIN=example.com\nNC_HOST=www\nNC_PASS='" + canary + "'\n"), nil
	}
	return nil, os.ErrNotExist
}

// recordsOf reads the YAML and the env file that come of an import.
func recordsOf(t testing.TB, r *Result) []string {
	t.Helper()
	if r.Records == 0 {
		return nil
	}
	c, err := config.Parse("hosts.yaml", r.Draft.YAML())
	if err != nil {
		t.Fatalf("%v\n%s", err, r.Draft.YAML())
	}
	if len(c.Records) != r.Records {
		t.Errorf("%d records, but %d are counted", len(c.Records), r.Records)
	}
	secrets := map[string]string{}
	for _, v := range r.Draft.Variables {
		secrets[v.Name] = v.Secret.Reveal()
	}
	var all []string
	for _, record := range c.Records {
		password := secrets[record.Password.Env]
		switch {
		case record.Password.File != "":
			password = "@" + record.Password.File
		case password == "":
			password = "$" + record.Password.Env
		}
		all = append(all, fmt.Sprintf("%s %s %s", record.Name.Host, record.Name.Domain, password))
	}
	return all
}

func TestWhatContradictsIsNotDecided(t *testing.T) {
	one := File{"one.conf", []byte("protocol=namecheap, login=example.com, password=" + canary + " \\\n@,www\n")}
	two := File{"two.conf", []byte("protocol=namecheap, login=example.com, password=" + canary + "2 \\\nwww,git\n")}
	r := Import([]File{one, two}, Options{EnvFile: "hosts.env"})
	if got, want := recordsOf(t, r), []string{"@ example.com " + canary, "git example.com " + canary + "2"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	yaml := string(r.Draft.YAML())
	for _, want := range []string{
		"  # www.example.com has several passwords. Keep one of these:\n  # - host: www\n  #   domain: example.com\n  #   password_env: EXAMPLE_COM_DDNS_PASSWORD\n" +
			"  # - host: www\n  #   domain: example.com\n  #   password_env: EXAMPLE_COM_DDNS_PASSWORD_2\n",
		"one.conf:2: needs you: www.example.com has several passwords, at one.conf:2 and two.conf:2",
	} {
		if !strings.Contains(yaml, want) {
			t.Errorf("no %q in\n%s", want, yaml)
		}
	}
	for _, n := range r.Notes {
		if n.Kind == Taken && strings.Contains(n.Text, "www") {
			t.Errorf("hosts.yaml has it only as a comment: %s", n)
		}
	}
	// Whoever takes the marks off one of them has what they meant.
	kept := strings.Replace(yaml, "  # - host: www\n  #   domain: example.com\n  #   password_env: EXAMPLE_COM_DDNS_PASSWORD\n",
		"  - host: www\n    domain: example.com\n    password_env: EXAMPLE_COM_DDNS_PASSWORD\n", 1)
	if c, err := config.Parse("hosts.yaml", []byte(kept)); err != nil || len(c.Records) != 3 {
		t.Errorf("%v\n%s", err, kept)
	}
	if !r.Has(NeedsYou) {
		t.Error("nobody is asked")
	}
}

func TestWhatIsThereTwiceIsTakenOnce(t *testing.T) {
	file := []byte("protocol=namecheap, login=example.com, password=" + canary + " \\\n@,www\n")
	r := Import([]File{{"one.conf", file}, {"two.conf", file}}, Options{})
	if got := recordsOf(t, r); len(got) != 2 || r.Has(NeedsYou) {
		t.Errorf("%q %q", got, r.Notes)
	}
	if last := r.Notes[len(r.Notes)-1]; last.String() != "two.conf:2: left out: www.example.com was already taken from one.conf:2" {
		t.Error(last)
	}
}

func TestADomainHasOnePassword(t *testing.T) {
	r := Import([]File{{"cron", []byte(
		`curl "https://dynamicdns.park-your-domain.com/update?host=@&domain=example.com&password=` + canary + `"` + "\n" +
			`curl "https://dynamicdns.park-your-domain.com/update?host=www&domain=example.com&password=$PW"` + "\n")}}, Options{})
	if got, want := recordsOf(t, r), []string{"@ example.com " + canary, "www example.com " + canary}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestFormatsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct{ text, note string }{
		"godns":       {`{"provider": "DNSPod", "login_token": "x", "domains": [{"domain_name": "example.com"}]}`, "godns, which does not support Namecheap"},
		"godns, YAML": {"provider: Cloudflare\nlogin_token: x\n", "godns, which does not support Namecheap"},
		"a letter":    {"Dear Sir,\n", "the format is not recognised; name it with --from, one of ddclient, inadyn,"},
		"empty":       {"", "the format is not recognised"},
	} {
		r := Import([]File{{"file", []byte(c.text)}}, Options{})
		if r.Records != 0 || len(r.Notes) != 1 || !strings.Contains(r.Notes[0].String(), c.note) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestOnlyFilesOfTheSameFolderAreIncluded(t *testing.T) {
	var opened []string
	s := source{file: "/etc/inadyn.conf", open: func(path string) ([]byte, error) {
		opened = append(opened, path)
		return nil, nil
	}}
	for _, name := range []string{"a.conf", "./a.conf", "/etc/a.conf"} {
		if _, _, err := s.sibling(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if want := []string{"/etc/a.conf", "/etc/a.conf", "/etc/a.conf"}; !slices.Equal(opened, want) {
		t.Errorf("opened %q", opened)
	}
	for _, name := range []string{"", ".", "..", "../a.conf", "d/a.conf", "/root/a.conf", "~/a.conf", "d/../../a.conf"} {
		if _, _, err := s.sibling(name); !errors.Is(err, errElsewhere) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// FuzzImport: whatever a file holds, what comes of it is a hosts.yaml that is read as it was meant, without a password.
func FuzzImport(f *testing.F) {
	for format, traps := range allTraps {
		for _, c := range traps {
			f.Add(slices.Index(Formats(), format), c.text)
		}
	}
	f.Fuzz(func(t *testing.T, format int, text string) {
		formats := append(Formats(), "")
		if format < 0 || format >= len(formats) {
			return
		}
		r := Import([]File{{"file", []byte(text)}}, Options{Format: formats[format], Open: folder, EnvFile: "hosts.env"})
		recordsOf(t, r)
		for _, n := range r.Notes {
			if strings.Contains(strings.ToLower(n.String()), "canary") && !strings.Contains(strings.ToLower(names(r)), "canary") {
				t.Errorf("a password is in %s", n)
			}
		}
		r.Draft.Env()
	})
}

// names are those of the records that were taken: a password may stand where a name belongs, and look like one.
func names(r *Result) string {
	all := string(r.Draft.YAML())
	for _, n := range r.Notes {
		if n.Kind == Taken {
			all += n.Text
		}
	}
	return all
}

var allTraps = map[Format][]trap{
	"ddclient": ddclientTraps, "inadyn": inadynTraps, "ddns-updater": ddnsUpdaterTraps, "ddns-go": ddnsGoTraps, "openwrt": openWrtTraps,
	"pfsense": pfSenseTraps, "env": envTraps, "curl": curlTraps, "ini": iniTraps,
}

func TestEveryFormatHasItsTraps(t *testing.T) {
	for _, format := range Formats() {
		if len(allTraps[format]) == 0 {
			t.Errorf("%s has none", format)
			continue
		}
		t.Run(string(format), func(t *testing.T) { try(t, format, allTraps[format]) })
	}
}

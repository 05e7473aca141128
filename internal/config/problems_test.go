package config

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// problem is one case of testdata/problems.txt.
type problem struct{ name, file, said string }

func problems(t testing.TB) (all []problem) {
	t.Helper()
	data, err := os.ReadFile("testdata/problems.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range strings.Split(string(data), "\n== ")[1:] {
		name, rest, _ := strings.Cut(text, "\n")
		file, said, found := strings.Cut(rest, "\n--\n")
		if !found {
			t.Fatalf("%q has no line --", name)
		}
		if more, ok := strings.CutPrefix(file, "...\n"); ok {
			file = minimal + more
		}
		all = append(all, problem{name, file + "\n", strings.TrimRight(said, "\n")})
	}
	if len(all) < 75 {
		t.Fatalf("only %d cases", len(all))
	}
	return all
}

func TestProblems(t *testing.T) {
	for _, p := range problems(t) {
		t.Run(p.name, func(t *testing.T) {
			_, err := Parse("hosts.yaml", []byte(p.file))
			if err == nil {
				t.Fatal("no error")
			}
			got := strings.ReplaceAll("\n"+err.Error(), "\nhosts.yaml:", "\n")[1:]
			if got != p.said {
				t.Errorf("got\n%s\nwant\n%s", got, p.said)
			}
			for _, secret := range []string{canary, "0123456789", "abcdef0123"} {
				if strings.Contains(got, secret) {
					t.Errorf("%q is quoted", secret)
				}
			}
		})
	}
}

func TestEndpoint(t *testing.T) {
	const whole, user, query, plain = "complete URL", "user or a password", "no query and no fragment", "must begin with https://"
	for endpoint, want := range map[string]string{
		"https://dynamicdns.park-your-domain.com/update": "",
		"https://192.0.2.1:8443/update":                  "",
		"HTTPS://ddns.example.net":                       "",
		"http://127.0.0.1:8080/update":                   "",
		"http://127.9.9.9/update":                        "",
		"http://[::1]:80/update":                         "",
		"http://localhost:80/update":                     "",
		"http://ddns.example.net/update":                 plain,
		"http://localhost.example.net/":                  plain,
		"http://192.0.2.1/":                              plain,
		"https://user:" + canary + "@ddns.example.net/":  user,
		"https://" + canary + "@ddns.example.net/":       user,
		"https://ddns.example.net/?key=" + canary:        query,
		"https://ddns.example.net/?":                     query,
		"https://ddns.example.net/#" + canary:            query,
		"https://ddns.example.net/#":                     query,
		"https://ddns.example.net:0/":                    "port",
		"https://ddns.example.net:65536/":                "port",
		"https://ddns.example.net:" + canary + "/":       whole,
		"ddns.example.net":                               whole,
		"ftp://ddns.example.net/":                        whole,
		"https:" + canary:                                whole,
		"https://:443/":                                  whole,
		"https://ddns.example.net/\x7f" + canary:         whole,
		"":                                               whole,
	} {
		t.Run(endpoint, func(t *testing.T) {
			err := checkEndpoint(endpoint)
			switch {
			case want == "" && err != nil:
				t.Errorf("refused: %v", err)
			case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
				t.Errorf("got %v, want %q", err, want)
			case err != nil && strings.Contains(err.Error(), canary):
				t.Errorf("%v quotes the URL", err)
			}
		})
	}
}

func TestSyntaxErrorInALargeFile(t *testing.T) {
	comments := strings.Repeat("# a comment\n", 100_000)
	for fault, want := range map[string]string{
		"\tstate: x\n":             "hosts.yaml:100001:1: a tab in the indentation; YAML allows only spaces there",
		"state: *" + canary:        "hosts.yaml:100001:8: a value that begins with * needs quotes",
		"state: [*" + canary + "]": "hosts.yaml:100001:9: a value that begins with * needs quotes",
	} {
		if _, err := Parse("hosts.yaml", []byte(comments+fault)); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// allocated is how many bytes f takes from the memory.
func allocated(f func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

// The place of a fault is found by parsing again, a few times however long the file is.
func TestASyntaxErrorCostsAFewParses(t *testing.T) {
	for fault, place := range map[string]string{
		"\n  - host: www\n   domain: x\n":                                     ":3: ",
		"\n  - host: www\n   domain: x\n# c\n\n# d\nstate: x\nverify: true\n": ":3: ",
		"\n  - host: \"www\n":                                                 ":2: ",
		"\n  - host: {www\n":                                                  ":2: ",
		"\n  - host: @\n":                                                     ":2:11: ",
		"\n\t- host: www\n":                                                   ":2:1: ",
		"\n  - {host: www, domain: *x}\n":                                     ":2:25: ",
	} {
		for _, size := range []int{25_000, 250_000} {
			sound := bytes.Repeat([]byte("  - {host: www, domain: example.com, password_env: EXAMPLE_COM}\n"), size/64)
			sound = append([]byte("records:\n"), sound...)
			broken := append(bytes.Clone(sound), fault...)
			var err error
			parse := allocated(func() { _, _, _, err = documents(sound) })
			if err != nil {
				t.Fatal(err)
			}
			search := allocated(func() { _, err = document("hosts.yaml", broken) })
			lines, _, _ := strings.Cut(place[1:], ":")
			n, _ := strconv.Atoi(lines)
			want := strings.Replace(place, lines, strconv.Itoa(bytes.Count(sound, []byte("\n"))+n), 1)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%q: got %v, want it at %s", fault, err, want)
			}
			if most := lookAhead + 2.5; search > most*parse {
				t.Errorf("%q behind %d bytes takes the memory of %.1f parses, not of %.1f at most", fault, size, search/parse, most)
			}
		}
	}
}

func TestOnlyTheFirstProblemsAreReported(t *testing.T) {
	const hosts = "records:\n- domain: example.com\n  password_env: A\n  hosts: ["
	for name, c := range map[string]struct {
		file        string
		count       int
		first, last string
	}{
		"duplicates": {hosts + strings.Repeat("a,", 20_000) + "]\n", 19_999,
			`hosts.yaml:4:13: records[0].hosts "a": "a.example.com" is the same record as on line 4`, "hosts.yaml: and 19899 more"},
		"bad hosts": {hosts + strings.Repeat("-,", 20_000) + "]\n", 20_000,
			`hosts.yaml:4:11: records[0].hosts "-": a label begins or ends with "-"`, "hosts.yaml: and 19900 more"},
		"wrong types": {hosts + strings.Repeat("1,", 20_000) + "]\n", 20_000,
			"hosts.yaml:4:11: records[0].hosts[0]: must be text; put it in quotes if it is a number or a date", "hosts.yaml: and 19900 more"},
		"what is found first stands last": {"endpoint: x\nretries: -1\n" + hosts + strings.Repeat("1,", 20_000) + "]\n", 20_002,
			"hosts.yaml:1:11: endpoint: must be a complete URL, such as https://host/path\n" +
				"hosts.yaml:2:10: retries: must be 0 or more\nhosts.yaml:6:11: records[0].hosts[0]:", "hosts.yaml: and 19902 more"},
		"as many as are said": {hosts + strings.Repeat("1,", maxProblems) + "]\n", maxProblems,
			"hosts.yaml:4:11: records[0].hosts[0]:", "hosts.yaml:4:209: records[0].hosts[99]: must be text; put it in quotes if it is a number or a date"},
		"one more": {hosts + strings.Repeat("1,", maxProblems+1) + "]\n", maxProblems + 1, "hosts.yaml:4:11: ", "hosts.yaml: and 1 more"},
		"bad entries": {"records:\n" + strings.Repeat("- {}\n", 2_000), 6_000,
			"hosts.yaml:2:3: records[0].domain: is missing", "hosts.yaml: and 5900 more"},
		"different unknown keys": {minimal + manyKeys(5_000), 5_000, "hosts.yaml:5:1: aaaa: unknown key", "hosts.yaml: and 4900 more"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("hosts.yaml", []byte(c.file))
			said, ok := err.(Problems)
			text := err.Error()
			if !ok || said.Count() != c.count || !strings.HasPrefix(text, c.first) || text[strings.LastIndexByte(text, '\n')+1:] != c.last {
				t.Errorf("%T of %d, want %d: %.300s ... %s", err, said.Count(), c.count, text, text[strings.LastIndexByte(text, '\n')+1:])
			}
			if len(said) > maxProblems+1 || len(text) > 200*maxProblems {
				t.Errorf("%d elements, %d bytes", len(said), len(text))
			}
		})
	}
}

// manyKeys are lines with different keys, none of which is close to a key that there is.
func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		for _, place := range []int{26 * 26 * 26, 26 * 26, 26, 1} {
			b.WriteByte('a' + byte(i/place%26))
		}
		b.WriteString(": x\n")
	}
	return b.String()
}

func TestALongTextIsNotQuoted(t *testing.T) {
	long := strings.Repeat("x", maxText+1)
	for field, file := range map[string]string{
		"records[0].password_env": "records:\n- {host: www, domain: example.com, password_env: " + long + "}\n",
		"records[0].host":         "records:\n- {host: " + long + ", domain: example.com, password_env: A}\n",
		"ip.bind":                 minimal + "ip: {bind: " + long + "}\n",
		"ip.sources[0]":           minimal + "ip: {sources: [interface:" + long + "], agree: 1}\n",
		"state":                   minimal + "state: " + long + "\n",
	} {
		if _, err := Parse("hosts.yaml", []byte(file)); err == nil || !strings.HasSuffix(err.Error(), ": "+field+": must be text of at most 4096 bytes") {
			t.Errorf("%s: %.300v", field, err)
		}
	}
}

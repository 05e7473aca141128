package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// program is one that is measured.
type program struct {
	name string
	path string
	// version is how it calls itself.
	version string
	// ready writes its configuration.
	ready func(program, *table) (job, error)
	// goal: a goal compares ddns-batch with it.
	goal bool
}

// job is how a program is run on a table.
type job struct {
	// send is a run in which every record has to be sent; called again, the next such run. nil if it sends none.
	send func() command
	// idle is a run after that, with nothing to do; nil if the program remembers nothing.
	idle func() command
}

const (
	ours     = "ddns-batch"
	parallel = "curl --parallel"
	asking   = "curl, one question"
)

// programs are those that are there; missing names the others.
func programs(s *site) (there []program, missing []string) {
	there = []program{{name: ours, path: s.program, version: "of this tree", ready: readyOurs, goal: true}}
	for _, p := range []struct {
		program
		file    string
		ask     string
		version *regexp.Regexp
	}{
		{program{name: parallel, ready: readyParallel, goal: true}, "curl", "--version", regexp.MustCompile(`^curl (\S+)`)},
		{program{name: asking, ready: readyAsking, goal: true}, "curl", "--version", regexp.MustCompile(`^curl (\S+)`)},
		{program{name: "curl in a loop", ready: readyLoop}, "curl", "--version", regexp.MustCompile(`^curl (\S+)`)},
		{program{name: "ddclient", ready: readyDdclient}, "ddclient", "-help", regexp.MustCompile(`ddclient version (\d\S*\d)`)},
		{program{name: "inadyn", ready: readyInadyn, goal: true}, "inadyn", "--version", regexp.MustCompile(`^v?(\d\S*)`)},
	} {
		path, err := find(p.file)
		if err != nil {
			missing = append(missing, p.name)
			continue
		}
		p.path = path
		// Some end with an error after they have said it.
		said, _ := exec.Command(path, p.ask).CombinedOutput()
		p.program.version = "of unknown version"
		if m := p.version.FindSubmatch(said); m != nil {
			p.program.version = string(m[1])
		}
		there = append(there, p.program)
	}
	return there, missing
}

// find also looks where daemons are, which is not in everybody's path.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	for _, dir := range []string{"/usr/sbin", "/usr/local/sbin"} {
		if err != nil {
			path, err = exec.LookPath(filepath.Join(dir, name))
		}
	}
	return path, err
}

// readyOurs sends after a change of the address, as in earnest, and has two sources, which are two names of the stand-in.
func readyOurs(p program, t *table) (job, error) {
	env := []string{"SSL_CERT_FILE=" + t.site.authorities}
	for i, z := range t.zones {
		env = append(env, fmt.Sprintf("D%d_PASSWORD=%s", i, z.Password))
	}
	file, err := t.write("hosts.yaml", fmt.Sprintf("endpoint: https://%s/update\nconcurrency: %d\ntimeout: 1h\n"+
		"ip:\n  sources: [https://%s/getip, https://%s/getip]\n  agree: 2\n  allow: [203.0.113.0/24]\n%s",
		t.host("127.0.0.1"), t.workers, t.host("localhost"), t.host("127.0.0.1"), t.records()))
	idle := func() command {
		c := command{args: []string{p.path, "-c", file, "--state", filepath.Join(t.state, "state.json")}, env: env, stdout: t.report}
		if t.report != "" {
			c.args = append(c.args, "-o", "json")
		}
		return c
	}
	return job{send: func() command { t.move(); return idle() }, idle: idle}, err
}

// readyDdclient uses the older way to say where the address is found: with usev4, version 3.10 forgets that it has sent
// a record at Namecheap.
func readyDdclient(p program, t *table) (job, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "daemon=0\nssl=yes\nssl_ca_file=%s\ncache=%s\nuse=web, web=https://%s/getip\n",
		t.site.authorities, filepath.Join(t.state, "ddclient.cache"), t.host("localhost"))
	for _, z := range t.zones {
		fmt.Fprintf(&b, "protocol=namecheap, server=%s, login=%s, password=%s \\\n%s\n",
			t.host("127.0.0.1"), z.Name, z.Password, strings.Join(z.Hosts, ","))
	}
	file, err := t.write("ddclient.conf", b.String())
	args := []string{p.path, "-daemon", "0", "-file", file}
	return job{
		send: func() command { return command{args: append(args[:len(args):len(args)], "-force")} },
		idle: func() command { return command{args: args} },
	}, err
}

// readyInadyn has sections of 50 records, because it skips what is beyond. Without its cache it would first ask the DNS
// for every host.
func readyInadyn(p program, t *table) (job, error) {
	cache := filepath.Join(t.state, "inadyn")
	var b strings.Builder
	fmt.Fprintf(&b, "ca-trust-file = %q\nverify-address = false\n", t.site.authorities)
	section := 0
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return job{}, err
	}
	for _, z := range t.zones {
		for _, host := range z.Hosts {
			if err := os.WriteFile(filepath.Join(cache, host+".cache"), []byte(addresses[0]), 0o600); err != nil {
				return job{}, err
			}
		}
		for from := 0; from < len(z.Hosts); from += 50 {
			section++
			fmt.Fprintf(&b, "custom namecheap:%d {\n  checkip-server = %q\n  checkip-path = \"/getip\"\n  username = %s\n  password = %s\n"+
				"  ddns-server = %q\n  ddns-path = \"/update?domain=%%u&password=%%p&host=%%h&ip=%%i\"\n  hostname = { \"%s\" }\n}\n",
				section, t.host("localhost"), z.Name, z.Password, t.host("localhost"),
				strings.Join(z.Hosts[from:min(from+50, len(z.Hosts))], `", "`))
		}
	}
	file, err := t.write("inadyn.conf", b.String())
	args := []string{p.path, "--once", "--foreground", "--no-pidfile", "--loglevel", "notice", "--cache-dir", cache, "--config", file}
	return job{
		send: func() command { return command{args: append(args[:len(args):len(args)], "--force")} },
		idle: func() command { return command{args: args} },
	}, err
}

// readyAsking is a curl that asks one source for the address, and no more.
func readyAsking(p program, t *table) (job, error) {
	return job{idle: func() command {
		return command{args: []string{p.path, "--silent", "--show-error", "--cacert", t.site.authorities, "https://" + t.host("localhost") + "/getip"}}
	}}, nil
}

// readyParallel is one curl for all records.
func readyParallel(p program, t *table) (job, error) {
	var b strings.Builder
	for _, url := range t.urls() {
		fmt.Fprintf(&b, "url = \"%sADDRESS\"\noutput = /dev/null\n", url)
	}
	file, err := t.write("curl.conf", b.String())
	return t.shell(fmt.Sprintf(`sed "s/ADDRESS/$ip/" %s | %s --silent --show-error --cacert %s --parallel --parallel-max %d --config -`,
		file, p.path, t.site.authorities, t.workers), p), err
}

// readyLoop is a curl for each record.
func readyLoop(p program, t *table) (job, error) {
	file, err := t.write("urls", strings.Join(t.urls(), "\n")+"\n")
	return t.shell(fmt.Sprintf(`while read -r url; do %s --silent --show-error --cacert %s --output /dev/null "$url$ip"; done <%s`,
		p.path, t.site.authorities, file), p), err
}

// shell is a script that first finds the address.
func (t *table) shell(script string, p program) job {
	look := fmt.Sprintf("ip=$(%s --silent --show-error --cacert %s https://%s/getip)\n", p.path, t.site.authorities, t.host("localhost"))
	return job{send: func() command { return command{args: []string{"sh", "-ec", look + script}} }}
}

// urls are the requests, to be ended by the address.
func (t *table) urls() []string {
	var all []string
	for _, z := range t.zones {
		for _, host := range z.Hosts {
			all = append(all, fmt.Sprintf("https://%s/update?host=%s&domain=%s&password=%s&ip=",
				t.host("127.0.0.1"), host, z.Name, z.Password))
		}
	}
	return all
}

package main

import (
	"net"
	"net/http"
	"regexp"
	"sync"
	"testing"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/testnet"
)

// In one run every record meets another trick. None of them keeps the others from being updated, or costs memory.
func TestWhateverTheEndpointDoesToOneRecord(t *testing.T) {
	t.Parallel()
	_ = compressed() // which may take longer than a request
	hosts := hostsUpTo(len(tricks))
	m := twoDomains(t, hosts...)
	other := testnet.Listen(t, testnet.ReadOn)
	m.dials[elsewhere] = other.Address
	m.confirmAndMove()
	var tricked []string
	for i, trick := range tricks {
		tricked = append(tricked, hosts[i]+".example.com")
		m.be(tricked[i], trick.play)
	}
	e := m.run("-o", "json", "--log-level", "trace")
	if e.status != 1 || e.document.ExitStatus != 1 {
		t.Errorf("status %d", e.status)
	}
	for i, trick := range tricks {
		got := e.document.of(tricked[i])
		matched := regexp.MustCompile("^(" + trick.message + ")").MatchString(got.Error.Message)
		if got.Reason != "moved" || got.Result != trick.result || got.Error.Class != trick.class || got.Attempts != 1 || !matched {
			t.Errorf("%s: %+v", trick.name, got)
		}
		if n := m.timesPlayed(tricked[i]); n != 1 {
			t.Errorf("%s: %d requests", trick.name, n)
		}
	}
	m.published(awayAddress, tricked...)
	if n := other.Accepted(); n != 0 {
		t.Errorf("%d connections to where a redirect pointed", n)
	}

	for _, name := range tricked {
		m.be(name, nil)
	}
	if e = m.run("-o", "json"); e.status != 0 {
		t.Errorf("when all is well again: status %d\n%s", e.status, e.stdout)
	}
	for i, trick := range tricks {
		want := map[string]string{"failed": "moved", "unconfirmed": "unknown"}[trick.result]
		if got := e.document.of(tricked[i]); got.Reason != want || got.Result != "updated" {
			t.Errorf("%s, afterwards: %+v", trick.name, got)
		}
	}
	m.published(awayAddress)
}

// One source that goes wrong is replaced by another. If all do, nothing is sent, and the run is over in time.
func TestWhateverASourceDoes(t *testing.T) {
	t.Parallel()
	_ = compressed()
	for _, c := range tricks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			m := twoDomains(t)
			m.canaries = append(m.canaries, "cAnArY-token")
			other := testnet.Listen(t, testnet.ReadOn)
			m.dials[elsewhere] = other.Address
			// What stands in the URL of a source may be a password as well.
			m.configure(map[string]string{"sources": "['https://one.sandbox.example.net/?token=cAnArY-token', " +
				"'https://two.sandbox.example.net/?token=cAnArY-token', https://three.sandbox.example.net]"})
			m.secrets = append(m.secrets, m.dir+"/hosts.yaml")
			m.be("one.sandbox.example.net", c.play)
			e := m.run("-o", "json", "--log-level", "trace")
			if e.status != 0 {
				t.Errorf("one source: status %d\n%s", e.status, e.stdout)
			}
			m.published(homeAddress)

			m.be("two.sandbox.example.net", c.play)
			m.be("three.sandbox.example.net", c.play)
			heard := len(m.server.Heard())
			problem := c.problem
			if problem == "" {
				problem = "^the run reached its timeout$"
				e = m.inTime("-o", "json", "--force", "--log-level", "trace")
			} else {
				e = m.run("-o", "json", "--force", "--log-level", "trace")
			}
			if e.status != 3 || len(m.server.Heard()) != heard {
				t.Errorf("all sources: status %d\n%s", e.status, e.stdout)
			}
			for _, s := range e.document.Sources {
				if s.Address != "" || !regexp.MustCompile(problem).MatchString(s.Error) {
					t.Errorf("all sources: %+v", s)
				}
			}
			if n := other.Accepted(); n != 0 {
				t.Errorf("%d connections to where a redirect pointed", n)
			}
		})
	}
}

// The time for the run is over when it is over, whatever the endpoint does, and however often it may be asked again.
func TestTheTimeForTheRunHolds(t *testing.T) {
	t.Parallel()
	delays := []struct {
		host    string
		play    play
		message string
	}{
		{"silent", say(""), "no answer in"},
		{"cut", say("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"), "no complete reply in"},
		{"slow", dribble(1), "no complete reply in"},
		// It is asked again and again; the time may be over in the midst of that.
		{"reset", slam, "(the connection was lost before a readable reply|no answer in|no connection in)"},
	}
	m := twoDomains(t, "silent", "cut", "slow", "reset")
	m.configure(map[string]string{"retries": "10", "request_timeout": "30s"})
	m.confirmAndMove()
	for _, d := range delays {
		m.be(d.host+".example.com", d.play)
	}
	e := m.inTime("-o", "json", "--force", "--log-level", "trace")
	for _, d := range delays {
		got := e.document.of(d.host + ".example.com")
		if got.Result != "unconfirmed" || got.Error.Class != provider.Transient || !regexp.MustCompile("^"+d.message).MatchString(got.Error.Message) {
			t.Errorf("%+v", got)
		}
	}
	if e.status != 1 {
		t.Errorf("status %d", e.status)
	}
	// The sources are not what this is about: on a busy machine they may take a second of their own.
	for _, habit := range [][]string{{"--force"}, {"--force", "-q"}} {
		if e := m.inTime(append(habit, "--ip", "203.0.113.91")...); e.status != 1 {
			t.Errorf("%q: status %d\n%s%s", habit, e.status, e.stdout, e.stderr)
		}
	}
	m.published(awayAddress, "silent.example.com", "cut.example.com", "slow.example.com", "reset.example.com")
}

// What one bad answer may cost, hundreds at the same time may cost together: each of them begins when all are asked for.
func TestHundredsOfEndlessAnswersAtOnce(t *testing.T) {
	t.Parallel()
	_ = compressed()
	const many = 250
	hosts := hostsUpTo(many)
	m := twoDomains(t, hosts...)
	m.configure(map[string]string{"concurrency": "256", "request_timeout": "20s"})
	m.confirmAndMove()
	for _, answer := range []play{endless("HTTP/1.1 200 OK\r\n\r\n", " \n"), bomb} {
		var asked sync.WaitGroup
		asked.Add(many)
		for _, host := range hosts {
			m.be(host+".example.com", func(conn net.Conn, request *http.Request, body string) {
				asked.Done()
				asked.Wait()
				answer(conn, request, body)
			})
		}
		e := m.run("-o", "json", "--force")
		if e.status != 1 {
			t.Errorf("status %d\n%s", e.status, e.stderr)
		}
		for _, host := range hosts {
			if got := e.document.of(host + ".example.com"); got.Result != "unconfirmed" || got.Error.Class != provider.Transient || got.Attempts != 1 {
				t.Errorf("%+v", got)
			}
		}
	}
}

package namecheap

import (
	"bytes"
	"net/netip"
	"os"
	"testing"
)

// today is the confirmation as Namecheap writes it, for 203.0.113.7.
func today(tb testing.TB) []byte {
	tb.Helper()
	reply, err := os.ReadFile("testdata/replies/ok-today.xml")
	if err != nil {
		tb.Fatal(err)
	}
	if _, body, ok := bytes.Cut(reply, []byte("\r\n\r\n")); ok {
		reply = body
	}
	return reply
}

func TestTodaysConfirmationIsKnown(t *testing.T) {
	body, want := today(t), netip.MustParseAddr("203.0.113.7")
	if !isConfirmation(body, want) {
		t.Errorf("not known: %q", body)
	}
	if n := testing.AllocsPerRun(10, func() { isConfirmation(body, want) }); n > 1 {
		t.Errorf("%.0f allocations", n)
	}
	for name, other := range map[string]netip.Addr{
		"another address": netip.MustParseAddr("203.0.113.70"), "a shorter one": netip.MustParseAddr("203.0.113.0"),
		"no address": {}, "the same as IPv6": netip.AddrFrom16(want.As16()),
	} {
		if isConfirmation(body, other) {
			t.Errorf("known for %s", name)
		}
	}
	for i := range body {
		if isConfirmation(append(bytes.Clone(body[:i]), body[i+1:]...), want) {
			t.Errorf("known without byte %d", i)
		}
		changed := bytes.Clone(body)
		changed[i] ^= 1
		if isConfirmation(changed, want) {
			t.Errorf("known with another byte %d", i)
		}
	}
	if isConfirmation(append(bytes.Clone(body), '\n'), want) || isConfirmation(append([]byte("\n"), body...), want) {
		t.Error("known with more around it")
	}
}

// FuzzConfirmation: nothing is known to be a confirmation that is not judged to be one.
func FuzzConfirmation(f *testing.F) {
	body := today(f)
	address := []byte("203.0.113.7")
	f.Add(body, address)
	f.Add(body, []byte{203, 0, 113, 7})
	for _, other := range []string{"", "invalid IP", "203.0.113.70", "::ffff:203.0.113.7", "203.0.113.7</IP><IP>203.0.113.7", "<![CDATA[203.0.113.7]]>", "203.0.113.07", " 203.0.113.7"} {
		f.Add(bytes.Replace(body, address, []byte(other), 1), []byte(other))
	}
	f.Add(append(bytes.Clone(body), body...), address)
	f.Fuzz(func(t *testing.T, body, address []byte) {
		want, err := netip.ParseAddr(string(address))
		if err != nil {
			want, _ = netip.AddrFromSlice(address)
		}
		if !isConfirmation(body, want) {
			return
		}
		if e := judgeDocument(body, want, redactor{[]string{canary}}); e != nil {
			t.Errorf("%q is judged %v", body, e)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	body, want := today(b), netip.MustParseAddr("203.0.113.7")
	b.ReportAllocs()
	for b.Loop() {
		if e := judgeReply(body, want, redactor{}); e != nil {
			b.Fatal(e)
		}
	}
}

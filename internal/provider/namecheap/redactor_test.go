package namecheap

import (
	"encoding/xml"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"ddns-batch/internal/provider"
)

// surroundings are texts in which a server may repeat a password.
var surroundings = []string{
	"%s", "invalid: %s", "Password %s is wrong; try again", "host=www&password=%s&ip=192.0.2.1", "(%s).",
	"not %[1]s, not %[1]s", "The request was:\n%s\nand nothing else", strings.Repeat("word ", 35) + "%s", strings.Repeat("word ", 75) + "%s end",
}

func TestNoEncodedPasswordIsShown(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 2))
	for range 20 {
		for kind, generate := range passwordKinds {
			password := generate(random)
			words := redactor{[]string{password}}
			for how, encode := range encodings {
				encoded := encode(password)
				for _, around := range surroundings {
					got := words.quote(fmt.Sprintf(around, encoded))
					if part := survivor(got, encoded, maxRun); part != "" {
						t.Fatalf("%s %q as %s came out as %q with %q", kind, password, how, got, part)
					}
					if part := survivor(got, password, runOf(len(letters(password)))); part != "" {
						t.Fatalf("%s %q as %s came out as %q with %q", kind, password, how, got, part)
					}
				}
			}
		}
	}
}

// survivor is a run of so many letters and digits of secret, in either direction, that shown has too, whatever stands
// between them.
func survivor(shown, secret string, size int) string {
	view := alphanumeric(strings.ReplaceAll(shown, hidden, " "))
	for _, whole := range []string{alphanumeric(secret), reverse(alphanumeric(secret))} {
		for i := range len(whole) - size + 1 {
			if part := whole[i : i+size]; strings.Contains(view, part) {
				return part
			}
		}
	}
	return ""
}

func alphanumeric(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func TestWordsThatMayBeShown(t *testing.T) {
	words := redactor{[]string{"0123456789abcdef0123456789abcdef"}}
	for _, text := range []string{
		"Dynamic DNS is switched off for this domain", "No updates; A record not Found;", "Validation error; not found; domain name(s)",
		"Validation error; invalid ; password", "Host is too long / Not allowed", "cannot resolve www.example.com: no such host", "Don't; (try again)!",
		"I am a teapot...", "ACCESS DENIED", "misconfigured authentication",
	} {
		if got := words.quote(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
	for text, want := range map[string]string{
		"the number 316153 is new":              "the [hidden] is new",
		"next time 12 of 15":                    "next time [hidden]",
		"must have time 3 times":                "[hidden] times",
		"mzxxezlt and hndshkxe are not words":   "[hidden] and [hidden] are not words",
		"mixed cAsE InIt":                       "mixed [hidden]",
		"as long as abecidofughapeki":           "as long as [hidden]",
		"as long as abecidofughapek":            "as long as abecidofughapek",
		"single b c letters":                    "single [hidden] letters",
		"host=www&password=x":                   "[hidden]",
		"one_two three+four five%20six seven=":  "[hidden]",
		"in groups: gayt emzu gu3d oobz and so": "in groups: [hidden] and so",
		"Grüße, 世界":                             "[hidden]",
		" go\r\naway\tnow\x00\x1b[31m ":         "go away now [hidden]",
		"\u202eevil\u200b\u00a0\u2028":          "evil",
		"bad \xff\xfe byte":                     "bad [hidden] byte",
		"":                                      "",
		" \n\u200b":                             "",
	} {
		if got := words.quote(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestAPassphraseIsHiddenHoweverItIsDivided(t *testing.T) {
	words := redactor{[]string{"correct horse battery staple"}}
	for text, want := range map[string]string{
		"no correct horse battery staple here":            "no [hidden] here",
		"no CORRECT-HORSE-BATTERY-STAPLE":                 "no [hidden]",
		"no correct.horse battery.staple":                 "no [hidden]",
		"no staple battery":                               "no staple battery",
		"no elpats yrettab esroh tcerroc":                 "no [hidden]",
		"no co rr ec th or se ba tt er ys ta pl e":        "[hidden]",
		"no corr\nect ho\nrse batt\nery sta\nple":         "no [hidden]",
		"no correct 1 horse 2 battery 3 staple":           "no [hidden]",
		"a horse is not a battery, and correct is nobody": "a horse is not a battery, and correct is nobody",
	} {
		if got := words.quote(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// What is hidden in the middle of a passphrase brings what stands around it together.
func TestSecretsSplitByHiddenWordsAreHidden(t *testing.T) {
	words := redactor{[]string{"yellow anchor silver window staple orbit"}}
	if got := words.quote("not yellow ancho r1 silver windowst aple rbit there"); got != "not [hidden] there" {
		t.Errorf("got %q", got)
	}
}

func TestMostOfAShortPasswordIsHidden(t *testing.T) {
	for _, c := range []struct{ password, text, want string }{
		{"Namecheap", "ask Namecheap, NAMECHEAP or namech", "ask [hidden] or [hidden]"},
		{"record1x", "the record is not", "the [hidden] is not"},
		{"password", "your password and pass are words", "your [hidden] and pass are words"},
		{"12345678", "nothing of 12345678 here", "nothing of [hidden] here"},
		{"1234567", "nothing of the kind", ""},
	} {
		if got := (redactor{[]string{c.password}}).quote(c.text); got != c.want {
			t.Errorf("with the password %q: %q became %q, want %q", c.password, c.text, got, c.want)
		}
	}
}

// Some passwords are words: of a refusal, or of this program's own messages. No reply must tell them from others.
func TestAPasswordThatIsAWord(t *testing.T) {
	refuse := func(text string) []byte {
		return []byte("<interface-response><ErrCount>1</ErrCount><errors><Err1>" + text + "</Err1></errors><Done>true</Done></interface-response>")
	}
	for _, password := range []string{"a", "the", "record", "domain", "hidden", "not", "hunter2", "7", ".", "Passwords do not match"} {
		words := redactor{[]string{password}}
		for _, text := range knownTexts {
			e := judgeReply(refuse(text), update().Address, words)
			if e == nil || e.Message != text || !e.Quoted {
				t.Errorf("with the password %q: %#v", password, e)
			}
		}
		if password == "Passwords do not match" {
			continue // it is long enough to be found
		}
		for _, text := range []string{"the record " + password + " is not a record", escape(password), "nothing of the kind"} {
			e := judgeReply(refuse(text), update().Address, words)
			if e == nil || e.Message != "refused; the reason is not shown, because it could contain the password" || e.Quoted || e.Class != provider.Refused || !e.Unchanged {
				t.Errorf("with the password %q: %#v", password, e)
			}
		}
	}
}

func TestAnAddressInAReplyIsShownUnlessItCouldBeThePassword(t *testing.T) {
	for password, want := range map[string]string{
		canary: "203.0.113.9", "abc": "203.0.113.9", "7": hidden, "203.0.113.9": hidden, "203.113.100.200": hidden, "12345678901234567890": hidden,
	} {
		words := redactor{[]string{password}}
		if got := words.address(netip.MustParseAddr("203.0.113.9")); got != want {
			t.Errorf("with the password %q: %q, want %q", password, got, want)
		}
	}
}

func TestAWordThatIsCutOffIsNoWord(t *testing.T) {
	text := strings.Repeat("0 ", maxForeign/2-5) + "abecidofughapekilom"
	if got := (redactor{}).quote(text); got != hidden {
		t.Errorf("got %q", got)
	}
}

// What stands behind the beginning of a text changes neither what is shown nor what it costs.
func TestTheCostOfHidingDoesNotDependOnTheLength(t *testing.T) {
	words := redactor{[]string{"0123456789abcdef0123456789abcdef", "correct horse battery staple"}}
	for _, piece := range []string{"%", "%25", `\`, "&amp;", "a ", "word ", "0123456789abcdef", "x", "é", "\u200b", "correct horse ", "\xff"} {
		short, long := strings.Repeat(piece, 500), strings.Repeat(piece, 60<<10/len(piece))
		if a, b := words.quote(short), words.quote(long); a != b {
			t.Errorf("%q: %q, but %q", piece, a, b)
		}
		cost := func(text string) float64 { return testing.AllocsPerRun(5, func() { words.quote(text) }) }
		// A pool keeps less at some times than at others, the race detector's on purpose; the long text has up to 120 times the bytes.
		if a, b := cost(short), cost(long); b > 2*a {
			t.Errorf("%q: %.0f allocations for %d bytes, %.0f for %d", piece, a, len(short), b, len(long))
		}
	}
}

func TestAMessageHasAtMost200Characters(t *testing.T) {
	list := strings.Fields(strings.Repeat("a list of words in which no three are alike ", 6))
	for n := range list {
		text := strings.Join(list[:n], " ")
		got := redactor{}.quote(text)
		if runes := utf8.RuneCountInString(got); runes > maxMessage {
			t.Fatalf("%d characters", runes)
		}
		if whole := got == text; !whole && (len(text) < maxMessage || !strings.HasSuffix(got, "…")) {
			t.Fatalf("%q became %q", text, got)
		}
	}
}

// The server repeats the password, in every encoding and in every place that a message is made from.
func TestAnEchoingServerFindsNoWayIntoTheError(t *testing.T) {
	for how, encode := range encodings {
		t.Run(how, func(t *testing.T) {
			var echo strings.Builder
			if err := xml.EscapeText(&echo, []byte(encode(canary))); err != nil {
				t.Fatal(err)
			}
			e := echo.String()
			line := strings.ReplaceAll(encode(canary), "\n", "")
			const ok = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
			for _, answer := range []string{
				ok + "<interface-response><ErrCount>1</ErrCount><errors><Err1>no " + e + "</Err1></errors><Done>true</Done></interface-response>",
				ok + "<interface-response><ErrCount>1</ErrCount><responses><ResponseString>" + e + "</ResponseString></responses><Done>true</Done></interface-response>",
				ok + "<interface-response><ErrCount>0</ErrCount><IP>" + e + "</IP><Done>true</Done></interface-response>",
				ok + "<interface-response><ErrCount>" + e + "</ErrCount><Done>true</Done></interface-response>",
				ok + "<html>" + e, ok + "<" + e, ok + e,
				"HTTP/1.1 403 " + line + "\r\nConnection: close\r\n\r\n",
				"HTTP/1.1 302 Found\r\nLocation: //" + line + "/\r\nConnection: close\r\n\r\n",
				line + "\r\n\r\n",
			} {
				err := updateAgainst(t, []byte(answer))
				if _, ok := err.(*provider.Error); !ok {
					t.Fatalf("%T", err)
				}
				mustHide(t, err)
			}
		})
	}
}

func FuzzQuote(f *testing.F) {
	for _, encode := range encodings {
		f.Add("said "+encode(canary), canary)
	}
	f.Add("correct horse 1 battery staple", "correct horse battery staple")
	f.Add("the password", "a")
	f.Fuzz(func(t *testing.T, text, password string) {
		got := redactor{[]string{password}}.quote(text)
		if utf8.RuneCountInString(got) > maxMessage {
			t.Errorf("%d characters", utf8.RuneCountInString(got))
		}
		shown := strings.ReplaceAll(got, hidden, "")
		if strings.ContainsFunc(shown, func(r rune) bool { return !unicode.IsPrint(r) || unicode.IsDigit(r) || r > '~' && r != '…' }) {
			t.Errorf("%q", got)
		}
		if part := survivor(got, password, runOf(len(letters(password)))); part != "" {
			t.Errorf("%q shows %q", got, part)
		}
		if password != "" && strings.Contains(shown, password) {
			t.Errorf("%q shows %q", got, password)
		}
	})
}

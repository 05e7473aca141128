package main

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"ddns-batch/internal/provider"
	"ddns-batch/internal/testnet"
)

// trick is a way in which a server that was reached and proved who it is does not answer as it should.
type trick struct {
	name string
	play play
	// What an update comes to.
	result  string
	class   provider.Class
	message string
	// What a source's problem is called; empty if it never comes to an end by itself.
	problem string
}

var tricks = []trick{
	{"hangs before its header", say(""), "unconfirmed", provider.Transient, "no answer in [0-9.]+ s", ""},
	{"hangs in its header", say("HTTP/1.1 200 OK\r\nContent-Le"), "unconfirmed", provider.Transient, "no answer in [0-9.]+ s", ""},
	{"hangs after its header", say("HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"), "unconfirmed", provider.Transient, "no complete reply in [0-9.]+ s", ""},
	{"says one byte a second", dribble(0), "unconfirmed", provider.Transient, "no answer in [0-9.]+ s", ""},
	{"says one byte of its body a second", dribble(1), "unconfirmed", provider.Transient, "no complete reply in [0-9.]+ s", ""},
	{"resets the connection before its header", slam, "unconfirmed", provider.Transient, "the connection was lost before a readable reply", "reset"},
	{"resets the connection in its body", slamInBody, "unconfirmed", provider.Transient, "the reply was cut off", "reset"},
	{"hangs up in its body", hangUp, "unconfirmed", provider.Transient, "the reply was cut off", "the connection was closed before the answer was complete"},
	{"never ends its body", endless("HTTP/1.1 200 OK\r\n\r\n", " \n"), "unconfirmed", provider.Transient, "a reply longer than 64 KiB", "an answer of more than 4096 bytes"},
	{"never ends its chunks", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "8\r\n<IP></IP\r\n"), "unconfirmed", provider.Transient, "a reply longer than 64 KiB|the reply was cut off", "more than 4096 bytes"},
	{"announces a terabyte", endless("HTTP/1.1 200 OK\r\nContent-Length: 1099511627776\r\n\r\n", "<IP>"), "unconfirmed", provider.Transient, "a reply longer than 64 KiB", "an answer of more than 4096 bytes"},
	{"never ends its header", endless("HTTP/1.1 200 OK\r\n", "X-More: and more\r\n"), "unconfirmed", provider.Transient, "the connection was lost before a readable reply", "an answer that cannot be read"},
	{"never ends a line of its header", endless("HTTP/1.1 200 OK\r\nX-More: ", "and more "), "unconfirmed", provider.Transient, "the connection was lost before a readable reply", "an answer that cannot be read"},
	{"hints early for ever", endless("", "HTTP/1.1 103 Early Hints\r\nLink: </more>\r\n\r\n"), "unconfirmed", provider.Transient, "the connection was lost before a readable reply", "an answer that cannot be read"},
	{"never ends its trailer", endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X-More: and more\r\n"), "unconfirmed", provider.Transient, "the reply was cut off|an empty answer", "an answer that cannot be read"},
	{"sends a gzip bomb", bomb, "unconfirmed", provider.Transient, "a reply longer than 64 KiB", "a compressed answer, which was not asked for"},
	{"compresses a good answer", compress, "unconfirmed", provider.Transient, "the reply is cut off|answered with something that is not a reply", "a compressed answer, which was not asked for"},
	{"redirects to itself", redirect("https://ddns.example.net/update?"), "failed", provider.Redirect, "302 Found, to ddns.example.net", "302 Found, a redirect, not followed"},
	{"redirects within itself", redirect("?again&"), "failed", provider.Redirect, "302 Found", "302 Found, a redirect, not followed"},
	{"redirects to plain http", redirect("http://ddns.example.net/update?"), "failed", provider.Redirect, "302 Found, to ddns.example.net", "302 Found, a redirect, not followed"},
	{"redirects to another host", redirect("https://" + elsewhere + "/?"), "failed", provider.Redirect, "302 Found, to " + elsewhere, "302 Found, a redirect, not followed"},
	{"redirects to another host for good", redirectAs("301 Moved Permanently", "https://"+elsewhere+"/?"), "failed", provider.Redirect, "301 Moved Permanently, to " + elsewhere, "301 Moved Permanently, a redirect, not followed"},
	{"redirects to see another host", redirectAs("303 See Other", "https://"+elsewhere+"/?"), "failed", provider.Redirect, "303 See Other, to " + elsewhere, "303 See Other, a redirect, not followed"},
	{"redirects as it is to another host", redirectAs("307 Temporary Redirect", "https://"+elsewhere+"/?"), "failed", provider.Redirect, "307 Temporary Redirect, to " + elsewhere, "307 Temporary Redirect, a redirect, not followed"},
	{"redirects as it is to another host for good", redirectAs("308 Permanent Redirect", "https://"+elsewhere+"/?"), "failed", provider.Redirect, "308 Permanent Redirect, to " + elsewhere, "308 Permanent Redirect, a redirect, not followed"},
	{"refers to another host in other ways", refer, "unconfirmed", provider.Transient, "503 Service Unavailable", "503 Service Unavailable"},
	{"redirects to a user and a password", redirect("https://me:secret@" + elsewhere + "/?"), "failed", provider.Redirect, "302 Found, to " + elsewhere, "302 Found, a redirect, not followed"},
	{"switches protocols", say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n"), "unconfirmed", provider.Transient, "101 Switching Protocols", "101 Switching Protocols"},
	{"speaks another protocol", say("SSH-2.0-OpenSSH_9.9\r\n"), "unconfirmed", provider.Transient, "the connection was lost before a readable reply", "an answer that cannot be read"},
	{"repeats the request", repeat, "unconfirmed", provider.Transient, "the connection was lost before a readable reply", "an answer that cannot be read"},
	{"sends escape sequences in its status", escapes, "failed", provider.Redirect, "302 Found", "302 Found, a redirect, not followed"},
	{"sends escape sequences in its header", say("HTTP/1.1 200 OK\r\nServer: " + hostile + "\r\n\r\n"), "unconfirmed", provider.Transient, "the connection was lost before a readable reply", "an answer that cannot be read"},
	{"sends escape sequences in its body", body(hostile), "unconfirmed", provider.Transient, "the reply is cut off", "not one IPv4 address"},
	{"sends escape sequences in a refusal", body(refusal("\u202eoh\u009b31m\u2066no")), "failed", provider.Refused, `oh \[hidden\] no`, "a web page, not an address"},
}

// confirmation is the body with which the endpoint says that a record holds an address now.
func confirmation(address string) string {
	return `<interface-response><IP>` + address + `</IP><ErrCount>0</ErrCount><Done>true</Done></interface-response>`
}

// refusal is the body with which it says no.
func refusal(words string) string {
	return `<interface-response><ErrCount>1</ErrCount><errors><Err1>` + words + `</Err1></errors><Done>true</Done></interface-response>`
}

// kept is an answer on a connection that may be kept.
func kept(body string) string { return keptHeader("", body) + body }

// keptHeader is headerOf for such a connection, with further lines.
func keptHeader(more, body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n", more, len(body))
}

// headerOf begins an answer with this body. Nothing else is heard on the connection: nobody should ask again there.
func headerOf(body string) string {
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n", len(body))
}

// say says something, and nothing more.
func say(something string) play {
	return func(conn net.Conn, _ *http.Request, _ string) {
		_, _ = io.WriteString(conn, something)
		testnet.ReadOn(conn)
	}
}

// body answers with something else.
func body(something string) play {
	return say(headerOf(something) + something)
}

// dribble gives a good answer, but slowly: from the header on (0), or from the body on (1).
func dribble(from int) play {
	return func(conn net.Conn, _ *http.Request, body string) {
		rest := headerOf(body) + body
		if from == 1 {
			_, _ = io.WriteString(conn, headerOf(body))
			rest = body
		}
		for range time.Tick(time.Second) {
			if _, err := io.WriteString(conn, rest[:1]); err != nil || len(rest) == 1 {
				return
			}
			rest = rest[1:]
		}
	}
}

func slam(conn net.Conn, _ *http.Request, _ string) { testnet.Reset(conn) }

func slamInBody(conn net.Conn, _ *http.Request, body string) {
	_, _ = io.WriteString(conn, headerOf(body)+body[:len(body)/2])
	testnet.Reset(conn)
}

func hangUp(conn net.Conn, _ *http.Request, body string) {
	_, _ = io.WriteString(conn, headerOf(body)+body[:len(body)/2])
}

// endless says something, and then more of the same for ever.
func endless(first, more string) play {
	block := strings.Repeat(more, 1+16<<10/len(more))
	return func(conn net.Conn, _ *http.Request, _ string) {
		holdLittle(conn)
		_, err := io.WriteString(conn, first)
		for err == nil {
			_, err = io.WriteString(conn, block)
		}
	}
}

// holdLittle keeps the system from taking megabytes for a reader who stops soon.
func holdLittle(conn net.Conn) {
	if over, ok := conn.(*tls.Conn); ok {
		conn = over.NetConn()
	}
	_ = conn.(*net.TCPConn).SetWriteBuffer(64 << 10)
}

// compressed is a confirmation for anything followed by 64 MiB of nothing.
var compressed = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	w := mustValue(gzip.NewWriterLevel(&b, gzip.BestSpeed))
	_, _ = io.WriteString(w, "203.0.113.91")
	blank := bytes.Repeat([]byte{' '}, 1<<20)
	for range 64 {
		_, _ = w.Write(blank)
	}
	_ = w.Close()
	return b.Bytes()
})

func bomb(conn net.Conn, _ *http.Request, _ string) {
	body := compressed()
	holdLittle(conn)
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n", len(body))
	_, _ = conn.Write(body)
	testnet.ReadOn(conn)
}

// compress packs a good answer: small, whole, and not what was asked for.
func compress(conn net.Conn, _ *http.Request, body string) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", b.Len(), b.Bytes())
	testnet.ReadOn(conn)
}

// redirect sends the whole query, and so the password, along.
func redirect(to string) play { return redirectAs("302 Found", to) }

func redirectAs(status, to string) play {
	return func(conn net.Conn, r *http.Request, body string) {
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 %s\r\nConnection: close\r\nLocation: %s\r\nContent-Length: %d\r\n\r\n%s", status, to+r.URL.RawQuery, len(body), body)
		testnet.ReadOn(conn)
	}
}

// refer names the other host wherever a browser would take it from.
func refer(conn net.Conn, r *http.Request, body string) {
	to := "https://" + elsewhere + "/?" + r.URL.RawQuery
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRefresh: 0; url=%[1]s\r\nAlt-Svc: http/1.1=\"%[2]s:443\"; persist=1\r\n"+
		"Location: %[1]s\r\nContent-Location: %[1]s\r\nLink: <%[1]s>; rel=preload\r\nContent-Length: %[3]d\r\n\r\n%[4]s", to, elsewhere, len(body), body)
	testnet.ReadOn(conn)
}

// repeat sends the request back, as a misguided debugging proxy does.
func repeat(conn net.Conn, r *http.Request, _ string) {
	_ = r.Write(conn)
	testnet.ReadOn(conn)
}

// What would paint, ring, move the cursor, set the title, and turn the direction of writing on a terminal.
const hostile = "\x1b[31mred\x1b[2J\x07\x1b]0;title\x07\u202eevil\u2066\u009b31m\b\r"

func escapes(conn net.Conn, _ *http.Request, _ string) {
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 302 %s\r\nConnection: close\r\nLocation: https://%s.example.org/\r\nContent-Length: 0\r\n\r\n",
		strings.ReplaceAll(hostile, "\r", ""), url.PathEscape(hostile))
	testnet.ReadOn(conn)
}

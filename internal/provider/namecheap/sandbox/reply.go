package sandbox

import (
	"io"
	"net/http"
	"strconv"
)

// refusal is one way the endpoint says no, in its own words.
type refusal struct{ text, number, description string }

var (
	wrongPassword = refusal{"Passwords do not match", "304156", "Validation error; invalid ; password"}
	emptyPassword = refusal{"Passwords is empty", "304156", "Validation error; invalid ; password"}
	invalidIP     = refusal{"Invalid IP", "304156", "Validation error; invalid ; IP Address"}
	unknownDomain = refusal{"Domain name not found", "316153", "Validation error; not found; domain name(s)"}
	unknownRecord = refusal{"No Records updated. A record not Found;", "380091", "No updates; A record not Found;"}
)

// body is the reply as the endpoint writes it today: labelled utf-16, in UTF-8.
func (r refusal) body() string {
	return reply("  <ErrCount>1</ErrCount>\n  <errors>\n    <Err1>" + r.text + "</Err1>\n  </errors>\n" +
		"  <ResponseCount>1</ResponseCount>\n  <responses>\n    <response>\n" +
		"      <Description>" + r.text + "</Description>\n" +
		"      <ResponseNumber>" + r.number + "</ResponseNumber>\n" +
		"      <ResponseString>" + r.description + "</ResponseString>\n" +
		"    </response>\n  </responses>\n")
}

// confirmation says that ip is stored, or, with an empty ip, that all is well without saying which address is.
func confirmation(ip string) string {
	line := ""
	if ip != "" {
		line = "  <IP>" + ip + "</IP>\n"
	}
	return reply(line + "  <ErrCount>0</ErrCount>\n  <errors />\n  <ResponseCount>0</ResponseCount>\n  <responses />\n")
}

func reply(middle string) string {
	return `<?xml version="1.0" encoding="utf-16"?>` + "\n<interface-response>\n" +
		"  <Command>SETDNSHOST</Command>\n  <Language>eng</Language>\n" + middle +
		"  <Done>true</Done>\n  <debug><![CDATA[]]></debug>\n</interface-response>"
}

const (
	portalPage = `<!DOCTYPE html><html><head><title>Welcome to the guest network</title></head>` +
		`<body><form action="/login"><button>Accept the terms</button></form></body></html>`
	busyPage = `<html><head><title>503 Service Temporarily Unavailable</title></head>` +
		`<body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>`
	tooManyPage = `<html><head><title>429 Too Many Requests</title></head><body>error code: 1015</body></html>`
	badPage     = `<HTML><HEAD><TITLE>Bad Request</TITLE></HEAD><BODY><h2>Bad Request</h2></BODY></HTML>`
)

// answer is what is sent back: a status and a body, unless something less polite is in its place.
type answer struct {
	status int
	header map[string]string
	body   string
	// fault is Hang, Reset, Truncated or empty.
	fault Fault
}

func xmlAnswer(body string) answer {
	return answer{status: http.StatusOK, header: map[string]string{"Content-Type": "text/xml; charset=utf-8"}, body: body}
}

func pageAnswer(status int, body string) answer {
	return answer{status: status, header: map[string]string{"Content-Type": "text/html; charset=utf-8"}, body: body}
}

func (a answer) write(s *Server, w http.ResponseWriter, r *http.Request) {
	switch a.fault {
	case Hang:
		select {
		case <-r.Context().Done():
		case <-s.done.Done():
		}
		panic(http.ErrAbortHandler)
	case Reset:
		reset(w)
		return
	}
	for key, value := range a.header {
		w.Header().Set(key, value)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if a.fault == Truncated {
		_, _ = io.WriteString(w, a.body[:len(a.body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = io.WriteString(w, a.body)
}

// reset closes the connection so that the client meets a reset, not an end.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	abort(conn)
}

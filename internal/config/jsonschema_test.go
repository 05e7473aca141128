package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// schemaFile is the JSON schema of hosts.yaml. It is made from the types by: DDNS_BATCH_UPDATE=schema go test -run TestSchemaIsCurrent
const schemaFile = "../../docs/hosts.schema.json"

// keyDoc is what the schema says of a key beside its type.
type keyDoc struct {
	description string
	examples    []any
}

var keyDocs = map[string]keyDoc{
	"records":                 {"The records that are kept up to date, at least one.", nil},
	"records[].host":          {`One host: "@" is the domain itself, "*" every name without a record, else labels such as www or a.b. Instead of hosts.`, []any{"@", "*", "www", "a.b", "*.dev", "_acme.www", "bücher"}},
	"records[].hosts":         {"Several hosts of the domain, which share its password. Instead of host.", []any{[]any{"@", "www", "*"}}},
	"records[].domain":        {"The domain as you registered it.", []any{"example.com", "example.co.uk", "bücher.example"}},
	"records[].password_env":  {"The NAME of the variable that holds the domain's dynamic DNS password, never the password itself. Instead of password_file.", []any{"EXAMPLE_COM_DDNS_PASSWORD"}},
	"records[].password_file": {"A file that holds the domain's dynamic DNS password. Instead of password_env.", []any{"example-com", "/run/secrets/example-com"}},
	"env_file":                {"NAME=value lines with the passwords, for cron, which does not know the variables of your shell. Counts from the folder of this file.", []any{"hosts.env"}},
	"state":                   {"Where to remember what was confirmed.", []any{"/var/lib/ddns-batch/state.json"}},
	"endpoint":                {"Where updates are sent.", []any{"https://ddns.example.net/update", "http://127.0.0.1:8080/update"}},
	"concurrency":             {"How many updates may be under way at the same time.", []any{1, 256}},
	"timeout":                 {"How long the whole run may take.", []any{"2m", "1h30m"}},
	"request_timeout":         {"How long one attempt may take.", []any{"30s"}},
	"retries":                 {"How many further attempts may follow a failure that may pass.", []any{0, 10}},
	"refresh_after":           {"Send again after this time although nothing changed; 0: never.", []any{"24h", 0}},
	"verify":                  {"In every run, ask the domains' own name servers what is published.", []any{true}},
	"report_file":             {"An HTML page to write after every run.", []any{"/srv/www/ddns.html"}},
	"status_file":             {"Where to write after every run what status -o json prints.", []any{"/run/ddns-batch/status.json"}},
	"metrics_file":            {"Metrics for Prometheus's node_exporter, written after every run.", []any{"/var/lib/node_exporter/ddns.prom"}},
	"on_change":               {"A program and its arguments, run after a change of the address.", []any{[]any{"/usr/local/bin/restart-vpn"}}},
	"on_news":                 {"A program and its arguments that gets as input what a quiet run says.", []any{[]any{"/usr/bin/mail", "-s", "ddns-batch", "root"}}},
	"notify":                  {"Who is told what a quiet run says.", nil},
	"notify.urls_env":         {"The NAME of a variable that holds URLs as shoutrrr has them. Instead of urls_file.", []any{"DDNS_NOTIFY_URLS"}},
	"notify.urls_file":        {"A file with such URLs, one a line. Instead of urls_env.", []any{"notify-urls"}},
	"notify.changes":          {"Report changes of addresses too, not only trouble and its end.", []any{false}},
	"heartbeat":               {"A monitoring service that is told of every run.", nil},
	"heartbeat.url_env":       {"The NAME of a variable that holds its URL. Instead of url_file.", []any{"HEALTHCHECKS_URL"}},
	"heartbeat.url_file":      {"A file that holds its URL. Instead of url_env.", []any{"heartbeat-url"}},
	"heartbeat.style":         {"healthchecks as healthchecks.io has it, push as Uptime Kuma has it.", []any{"healthchecks", "push"}},
	"ip":                      {"How the address is found.", nil},
	"ip.sources":              {"Who says the address: https URLs, interface:NAME, command:PROGRAM, router, or static:ADDRESS.", []any{[]any{"https://api.ipify.org", "interface:ppp0"}}},
	"ip.agree":                {"How many sources must give the same address.", []any{1, 2}},
	"ip.allow":                {"Ranges; if there are any, no other address is ever published.", []any{[]any{"198.51.100.0/24"}}},
	"ip.bind":                 {"The interface or the address by which the sources are asked.", []any{"eth0", "192.0.2.7"}},
	"dns":                     {"How to find what is published; only for verify.", nil},
	"dns.resolver":            {"Finds the name servers, in place of this system's.", []any{"192.0.2.53"}},
	"dns.nameservers":         {"Are asked in place of the domains' own.", []any{[]any{"192.0.2.1"}}},
}

// Patterns of what the rules in schema.go want of a text. They may let more pass than the program, never less.
const (
	durationPattern = `^(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`
	variablePattern = `^[A-Za-z_][A-Za-z0-9_]*$`
	filePattern     = `^[^~\x00-\x1f\x7f][^\x00-\x1f\x7f]*$`
	passwordPattern = `^[0-9A-Fa-f]{16,}$`
	hostPattern     = `^(@|[^\s/:@,]+)$`
	domainPattern   = `^[^\s/:@,*]+[.。．｡][^\s/:@,*]*$`
)

type object = map[string]any

// schemaOf is the schema of a value of a type, with the rules of its tag; key is where it stands.
func schemaOf(t reflect.Type, key, rules string, preset reflect.Value) object {
	s := object{}
	doc := keyDocs[key]
	if doc.description != "" {
		s["description"] = doc.description
	}
	if doc.examples != nil {
		s["examples"] = doc.examples
	}
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	} else if preset.IsValid() && !preset.IsZero() && t.Kind() != reflect.Struct {
		s["default"] = preset.Interface()
		if d, ok := preset.Interface().(time.Duration); ok {
			s["default"] = strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
		}
	}
	switch {
	case t == reflect.TypeFor[time.Duration]():
		s["type"], s["pattern"] = []string{"string", "integer"}, durationPattern
		s["maximum"], s["minimum"] = 0, 0 // A number without a unit is 0.
	case t.Kind() == reflect.Struct:
		addFields(s, t, key, preset)
	case t.Kind() == reflect.Slice:
		s["type"], s["items"] = "array", schemaOf(t.Elem(), key+"[]", "", reflect.Value{})
	case t.Kind() == reflect.Int:
		s["type"] = "integer"
	case t.Kind() == reflect.Bool:
		s["type"] = "boolean"
	default:
		s["type"], s["maxLength"] = "string", maxText
	}
	for rule := range strings.SplitSeq(rules, ",") {
		addRule(s, rule, strings.Contains(rules, "omitempty"))
	}
	switch key {
	case "records[].host", "records[].hosts[]":
		s["pattern"] = hostPattern
	case "records[].domain":
		s["pattern"] = domainPattern
	}
	return s
}

func addFields(s object, t reflect.Type, key string, preset reflect.Value) {
	properties := object{}
	for i := range t.NumField() {
		f := t.Field(i)
		name := f.Tag.Get("yaml")
		var value reflect.Value
		if preset.IsValid() {
			value = preset.Field(i)
		}
		properties[name] = schemaOf(f.Type, strings.TrimPrefix(key+"."+name, "."), f.Tag.Get("validate"), value)
	}
	s["type"], s["properties"], s["additionalProperties"] = "object", properties, false
	either := func(a, b string) object {
		return object{"oneOf": []object{{"required": []string{a}}, {"required": []string{b}}}}
	}
	switch t {
	case reflect.TypeFor[file]():
		s["required"] = []string{"records"}
	case reflect.TypeFor[notify]():
		s["anyOf"] = []object{{"required": []string{"urls_env"}}, {"required": []string{"urls_file"}}}
	case reflect.TypeFor[heartbeat]():
		s["anyOf"] = []object{{"required": []string{"url_env"}}, {"required": []string{"url_file"}}}
	case reflect.TypeFor[entry]():
		s["required"], s["allOf"] = []string{"domain"}, []object{either("host", "hosts"), either("password_env", "password_file")}
	}
}

// addRule adds what a rule of a tag means; see rules.
func addRule(s object, rule string, orEmpty bool) {
	name, value, _ := strings.Cut(rule, "=")
	number, _ := strconv.Atoi(value)
	pattern := func(p string) {
		if orEmpty {
			p = "^$|" + p
		}
		s["pattern"] = p
	}
	switch name {
	case "min":
		s[map[bool]string{true: "minItems", false: "minimum"}[s["type"] == "array"]] = number
	case "max":
		s["maximum"] = number
	case "oneof":
		s["enum"] = strings.Fields(value)
	case "variable":
		pattern(variablePattern)
	case "filename":
		pattern(filePattern)
	case "not_a_password":
		s["not"] = object{"pattern": passwordPattern}
	case "not_a_url":
		s["not"] = object{"pattern": ":/"}
	case "gt":
		s["type"] = "string"
	}
}

func currentSchema(t testing.TB) []byte {
	t.Helper()
	s := schemaOf(reflect.TypeFor[file](), "", "", reflect.ValueOf(defaultFile()))
	s["$schema"], s["title"] = "http://json-schema.org/draft-07/schema#", "hosts.yaml of ddns-batch"
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(s); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSchemaIsCurrent(t *testing.T) {
	want := currentSchema(t)
	if os.Getenv("DDNS_BATCH_UPDATE") == "schema" {
		if err := os.WriteFile(schemaFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(schemaFile); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the types say (%v); make it anew: DDNS_BATCH_UPDATE=schema go test -run TestSchemaIsCurrent ./internal/config", schemaFile, err)
	}
}

// keysOf are all keys of a type.
func keysOf(t reflect.Type, at string) (keys []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		key := strings.TrimPrefix(at+"."+f.Tag.Get("yaml"), ".")
		keys = append(keys, key)
		switch inner := f.Type; {
		case inner.Kind() == reflect.Struct:
			keys = append(keys, keysOf(inner, key)...)
		case inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct:
			keys = append(keys, keysOf(inner.Elem(), key+"[]")...)
		}
	}
	return keys
}

func TestSchemaDescribesEveryKey(t *testing.T) {
	keys := keysOf(reflect.TypeFor[file](), "")
	for _, key := range keys {
		if keyDocs[key].description == "" {
			t.Errorf("%s has no description", key)
		}
	}
	for key := range keyDocs {
		if !slices.Contains(keys, key) {
			t.Errorf("there is no key %s", key)
		}
	}
}

// asJSON is a node as JSON has it.
func asJSON(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return asJSON(n.Content[0])
	case yaml.MappingNode:
		m := object{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = asJSON(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, asJSON(item))
		}
		return list
	case yaml.AliasNode:
		return asJSON(n.Alias)
	}
	switch n.ShortTag() {
	case "!!str":
		return n.Value
	case "!!int", "!!float":
		return json.Number(n.Value)
	case "!!bool":
		return strings.EqualFold(n.Value, "true")
	case "!!null":
		return nil
	}
	return n.Value
}

// accepts reports whether the schema takes a file; read is false where it is not even YAML.
func accepts(t testing.TB, schema *jsonschema.Schema, text string) (ok, read bool) {
	t.Helper()
	var root yaml.Node
	if yaml.Unmarshal([]byte(text), &root) != nil || root.Kind == 0 {
		return false, false
	}
	return schema.Validate(asJSON(&root)) == nil, true
}

func compiledSchema(t testing.TB) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("hosts.schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("hosts.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validFiles are files that the program accepts: all examples of the schema, those of the project, and some that are at a limit.
func validFiles(t testing.TB) map[string]string {
	files := map[string]string{"the least": minimal}
	for _, key := range slices.Sorted(maps.Keys(keyDocs)) {
		for i, example := range keyDocs[key].examples {
			value, err := json.Marshal(example)
			if err != nil {
				t.Fatal(err)
			}
			section, name, nested := strings.Cut(key, ".")
			text := fmt.Sprintf("%s%s: %s\n", minimal, key, value)
			switch {
			case section == "records[]":
				m := map[string]string{"host": "www", "domain": "example.com", "password_env": "A"}
				switch name {
				case "hosts":
					delete(m, "host")
				case "password_file":
					delete(m, "password_env")
				}
				m[name] = string(value)
				text = "records:\n  - {"
				for _, k := range slices.Sorted(maps.Keys(m)) {
					text += k + ": " + m[k] + ", "
				}
				text = strings.TrimSuffix(text, ", ") + "}\n"
			case nested:
				text = fmt.Sprintf("%s%s:\n  %s: %s\n%s", minimal, section, name, value, map[string]string{
					"notify.changes": "  urls_env: A\n", "heartbeat.style": "  url_env: A\n",
				}[key])
			}
			files[fmt.Sprint(key, " ", i)] = text
		}
	}
	for name, more := range map[string]string{
		"short durations": "timeout: .5s\nrequest_timeout: 100ms\nrefresh_after: 1h2m3.5s\n", "a quoted zero": "refresh_after: \"0\"\n",
		"empty texts": "env_file: \"\"\nstate: \"\"\nreport_file: \"\"\n", "empty lists": "on_change: []\non_news: []\nip: {allow: []}\ndns: {nameservers: []}\n",
		"sections without keys": "ip: {}\ndns: {}\n",
	} {
		files[name] = minimal + more
	}
	document, err := os.ReadFile("../../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(document), "```yaml\n")[1:] {
		block, _, _ := strings.Cut(part, "```")
		files[fmt.Sprint("docs/configuration.md ", i)] = block
	}
	return files
}

// The schema takes every file that the program takes, and of those that it refuses all but what a schema cannot know.
func TestSchemaAgreesWithTheProgram(t *testing.T) {
	schema := compiledSchema(t)
	valid := validFiles(t)
	for name, text := range valid {
		if _, err := Parse("hosts.yaml", []byte(text)); err != nil {
			t.Errorf("%s: the program refuses it: %v\n%s", name, err, text)
		}
		if ok, _ := accepts(t, schema, text); !ok {
			t.Errorf("%s: the schema refuses it\n%s", name, text)
		}
	}
	var missed []string
	refused := 0
	for _, p := range problems(t) {
		ok, read := accepts(t, schema, p.file)
		switch {
		case !read:
		case ok:
			missed = append(missed, p.name)
		default:
			refused++
		}
	}
	t.Logf("%d valid files, %d refused, %d beyond a schema", len(valid), refused, len(missed))
	if len(valid)+refused < 100 {
		t.Errorf("only %d files say something", len(valid)+refused)
	}
	if !slices.Equal(missed, beyondSchema) {
		t.Errorf("the schema lets pass\n%q", missed)
	}
}

// beyondSchema are the problems that a schema cannot see: names that are no names, what is there twice, what depends on another
// key, and what YAML itself hides.
var beyondSchema = []string{
	"a duplicate key", "a duplicate password key", "a second document", "a duplicate record", "a duplicate in one list", "a full name",
	"an alias for a password", "one source and no agree", "one host name twice", "sources that are none", "ranges that are none",
	"a fault in a second document", "an alias for a key", "sources that are no servers",
	"an address from the router and one in writing are two sources, twice the router is one", "a public suffix for a domain",
	"one file for several purposes", "commands that are none", "a heartbeat with two URLs",
}

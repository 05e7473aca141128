package config

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// The decoder is our own because yaml.v3 stops checking for unknown keys at the first Node, gives up a mapping at its
// first fault, and quotes values in its errors.

// decode fills a file from the document. The structs decide which keys there are and what they hold; whatever does not
// fit becomes a problem and keeps its default.
func (c *checker) decode() file {
	d := decoder{checker: c, fields: map[reflect.Type][]field{}}
	f := defaultFile()
	d.value(c.root, reflect.ValueOf(&f).Elem(), nil)
	return f
}

type decoder struct {
	*checker
	fields map[reflect.Type][]field
}

// field is one key of a struct.
type field struct {
	key   string
	index int
}

// step is the path to a value, spelt out only when there is something to say about it.
type step struct {
	up    *step
	key   string
	index int // of a list, if key is empty
}

func (s *step) String() string {
	switch {
	case s == nil:
		return ""
	case s.key == "":
		return s.up.String() + "[" + strconv.Itoa(s.index) + "]"
	case s.up == nil:
		return s.key
	}
	return s.up.String() + "." + s.key
}

// value sets v from n. A pointer or a list is not nil afterwards even if n does not fit: it was written.
func (d *decoder) value(n *yaml.Node, v reflect.Value, at *step) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	switch {
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.add(n, at.String(), "anchors and aliases are not supported here; write the value itself")
	case isNull(n):
		d.add(n, at.String(), "has no value; write one, or remove the key")
	case v.Kind() == reflect.Struct && n.Kind == yaml.MappingNode:
		d.mapping(n, v, at)
	case v.Kind() == reflect.Slice && n.Kind == yaml.SequenceNode:
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
		for i, element := range n.Content {
			d.value(element, v.Index(i), &step{up: at, index: i})
		}
	default:
		if wanted := scalar(n, v); wanted != "" {
			if at != nil && at.key == "host" && n.Kind == yaml.SequenceNode {
				wanted = "one host, not a list; write several as hosts: [a, b]"
			}
			d.add(n, at.String(), "must be "+wanted)
		}
	}
}

// mapping sets the fields of v from the keys of n.
func (d *decoder) mapping(n *yaml.Node, v reflect.Value, at *step) {
	fields := d.keys(v.Type())
	lines := make([]int, len(fields))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		k := slices.IndexFunc(fields, func(f field) bool { return key.Kind == yaml.ScalarNode && f.key == key.Value })
		switch {
		case k < 0:
			d.unknown(key, v, at)
		case lines[k] > 0:
			d.add(key, (&step{up: at, key: key.Value}).String(), fmt.Sprintf("is written twice, also on line %d", lines[k]))
		default:
			lines[k] = key.Line
			d.value(value, v.Field(fields[k].index), &step{up: at, key: key.Value})
		}
	}
}

// keys lists the keys of a struct in its order.
func (d *decoder) keys(t reflect.Type) []field {
	if known, ok := d.fields[t]; ok {
		return known
	}
	var fields []field
	for i := range t.NumField() {
		fields = append(fields, field{key: t.Field(i).Tag.Get("yaml"), index: i})
	}
	d.fields[t] = fields
	return fields
}

// maxText is as long as a path can be, and longer than all else that is text here. Texts are quoted in messages.
const maxText = 4 << 10

// scalar sets v from n, or says what was wanted instead. It never says what was found: that may be a password.
func scalar(n *yaml.Node, v reflect.Value) (wanted string) {
	tag := ""
	if n.Kind == yaml.ScalarNode {
		tag = n.ShortTag()
	}
	switch out := v.Addr().Interface().(type) {
	case *string:
		switch n.Kind {
		case yaml.SequenceNode:
			return "text, not a list"
		case yaml.MappingNode:
			return "text, not a mapping"
		}
		if tag != "!!str" {
			return "text; put it in quotes if it is a number or a date"
		}
		if len(n.Value) > maxText {
			return fmt.Sprintf("text of at most %d bytes", maxText)
		}
		*out = n.Value
	case *int:
		number, err := strconv.Atoi(n.Value)
		if tag != "!!int" || err != nil || strconv.Itoa(number) != n.Value {
			return "a whole number"
		}
		*out = number
	case *bool:
		if tag != "!!bool" {
			return "true or false"
		}
		*out = strings.EqualFold(n.Value, "true")
	case *time.Duration:
		duration, err := time.ParseDuration(n.Value)
		if (tag != "!!str" && n.Value != "0") || err != nil {
			return "a duration with a unit, such as 90s, 2m or 24h (only 0 goes without)"
		}
		*out = duration
	default:
		switch {
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			return `a list; begin each entry with "- ", as in: - host: www`
		case v.Kind() == reflect.Slice:
			return "a list, such as [a, b]"
		}
		return `a mapping, lines of the form "key: value"`
	}
	return ""
}

// unknown reports a key that v does not have, with the one that was probably meant.
func (d *decoder) unknown(key *yaml.Node, v reflect.Value, at *step) {
	text := "unknown key"
	if !printableKey(key) {
		d.strange(key, v, at)
		return
	}
	if meant, ok := nearest(key.Value, d.keys(v.Type())); ok {
		text += ", did you mean " + meant.key + "?"
		d.assume(v.Field(meant.index), &step{up: at, key: meant.key})
	} else if home := d.home(key.Value); home != "" {
		text += " here; it belongs " + home
	}
	d.add(key, (&step{up: at, key: key.Value}).String(), text)
}

// strange reports a key that is none: what it says is not quoted, for it may hold a value.
func (d *decoder) strange(key *yaml.Node, v reflect.Value, at *step) {
	problem := Problem{Path: d.path, Line: key.Line, Column: key.Column, Field: at.String(), Text: "unknown key; is there a space after its colon?"}
	meant, _, colon := strings.Cut(key.Value, ":")
	k := slices.IndexFunc(d.keys(v.Type()), func(f field) bool { return colon && f.key == meant })
	switch i := strings.IndexFunc(key.Value, oddSpace); {
	case key.Tag == "!!merge":
		problem.Text = "merge keys are not supported here; write the values themselves"
		d.merges[at.String()] = true
	case i >= 0:
		r, _ := utf8.DecodeRuneInString(key.Value[i:])
		problem.Column += utf8.RuneCountInString(key.Value[:i])
		problem.Field, problem.Text = "", oddSpaceText(r)
		if d.oddSpace == nil {
			d.oddSpace = Problems{problem}
		}
		return
	case k >= 0:
		s := &step{up: at, key: meant}
		d.assume(v.Field(k), s)
		problem.Field, problem.Text = s.String(), "needs a space after its colon"
	}
	d.problems.add(problem)
}

// assume takes a misspelt field as given, so that it is not reported as missing as well.
func (d *decoder) assume(v reflect.Value, at *step) {
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		v.Set(reflect.New(v.Type().Elem()))
	case v.Kind() == reflect.Slice && v.IsNil():
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	case !v.IsZero():
		return
	}
	d.reported[at.String()] = true
}

// home says where a key stands that was written in the wrong place.
func (d *decoder) home(key string) string {
	for _, place := range []struct {
		of    any
		words string
	}{{file{}, "at the top level"}, {entry{}, "in an entry of records"}, {ipSection{}, "under ip"}, {dnsSection{}, "under dns"}, {heartbeat{}, "under heartbeat"}, {notify{}, "under notify"}} {
		for _, f := range d.keys(reflect.TypeOf(place.of)) {
			if f.key == key {
				return place.words
			}
		}
	}
	return ""
}

// printableKey keeps a key out of messages that may hold a value, as in {password_env:value}: real keys are letters.
func printableKey(key *yaml.Node) bool {
	letters := func(r rune) bool { return r == '_' || r == '-' || 'a' <= r|0x20 && r|0x20 <= 'z' }
	return key.Kind == yaml.ScalarNode && len(key.Value) <= 32 && key.Value != "" &&
		strings.IndexFunc(key.Value, func(r rune) bool { return !letters(r) }) < 0
}

// nearest is the field whose key is at most two slips of the finger from key, or begins with it.
func nearest(key string, fields []field) (best field, ok bool) {
	key = strings.ToLower(key)
	least := 3
	for _, f := range fields {
		n := Distance(key, f.key)
		if len(key) >= 4 && strings.HasPrefix(f.key, key) || strings.HasPrefix(f.key, key+"_") {
			n = min(n, 2)
		}
		if n < least && n < len(f.key)-1 {
			best, least = f, n
		}
	}
	return best, least < 3
}

// Distance counts the bytes to insert, remove or replace between a and b: how near a miss is.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}

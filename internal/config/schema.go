package config

import (
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/go-playground/validator/v10"
)

// file is hosts.yaml as it is written: its keys, and what each value has to fulfil by itself.
type file struct {
	Records        []entry       `yaml:"records" validate:"min=1,dive"`
	EnvFile        string        `yaml:"env_file" validate:"omitempty,filename"`
	State          string        `yaml:"state" validate:"omitempty,filename"`
	Endpoint       string        `yaml:"endpoint"`
	Concurrency    int           `yaml:"concurrency" validate:"min=1,max=256"`
	Timeout        time.Duration `yaml:"timeout" validate:"gt=0"`
	RequestTimeout time.Duration `yaml:"request_timeout" validate:"gt=0"`
	Retries        int           `yaml:"retries" validate:"min=0,max=10"`
	RefreshAfter   time.Duration `yaml:"refresh_after" validate:"gte=0"`
	Verify         bool          `yaml:"verify"`
	ReportFile     string        `yaml:"report_file" validate:"omitempty,filename"`
	StatusFile     string        `yaml:"status_file" validate:"omitempty,filename"`
	MetricsFile    string        `yaml:"metrics_file" validate:"omitempty,filename"`
	OnChange       []string      `yaml:"on_change"`
	OnNews         []string      `yaml:"on_news"`
	Notify         notify        `yaml:"notify"`
	Heartbeat      heartbeat     `yaml:"heartbeat"`
	IP             ipSection     `yaml:"ip"`
	DNS            dnsSection    `yaml:"dns"`
}

// entry is one element of records. What its keys rule about each other is in pairs.
type entry struct {
	Host         *string  `yaml:"host"`
	Hosts        []string `yaml:"hosts" validate:"omitnil,min=1"`
	Domain       string   `yaml:"domain" validate:"required"`
	PasswordEnv  *string  `yaml:"password_env" validate:"omitnil,not_a_password,variable"`
	PasswordFile *string  `yaml:"password_file" validate:"omitnil,not_a_password,filename"`
}

// notify is the section of that name.
type notify struct {
	URLsEnv  string `yaml:"urls_env" validate:"omitempty,not_a_url,variable"`
	URLsFile string `yaml:"urls_file" validate:"omitempty,not_a_url,filename"`
	Changes  bool   `yaml:"changes"`
}

// heartbeat is the section of that name.
type heartbeat struct {
	URLEnv  string `yaml:"url_env" validate:"omitempty,not_a_url,variable"`
	URLFile string `yaml:"url_file" validate:"omitempty,not_a_url,filename"`
	Style   string `yaml:"style" validate:"oneof=healthchecks push"`
}

type ipSection struct {
	Sources []string `yaml:"sources" validate:"min=1"`
	Agree   int      `yaml:"agree" validate:"min=1"`
	Allow   []string `yaml:"allow"`
	Bind    string   `yaml:"bind"`
}

type dnsSection struct {
	Resolver    string   `yaml:"resolver"`
	Nameservers []string `yaml:"nameservers"`
}

func defaultFile() file {
	c := Defaults()
	return file{
		Endpoint:       c.Endpoint,
		Concurrency:    c.Concurrency,
		Timeout:        c.Timeout,
		RequestTimeout: c.RequestTimeout,
		Retries:        c.Retries,
		RefreshAfter:   c.RefreshAfter,
		Notify:         notify{Changes: c.Notify.Changes},
		Heartbeat:      heartbeat{Style: c.Heartbeat.Style},
		IP:             ipSection{Sources: c.IP.Sources, Agree: c.IP.Agree},
	}
}

// rules is built when the first file is checked, not when the program starts.
var rules = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("yaml") })
	v.RegisterStructValidation(pairs, entry{})
	for tag, holds := range map[string]func(string) bool{
		"variable":       isVariable,
		"not_a_password": func(s string) bool { return !looksLikePassword(s) },
		"not_a_url":      func(s string) bool { return !strings.Contains(s, ":/") },
		"filename":       func(s string) bool { return s != "" && s[0] != '~' && !hasControl(s) },
	} {
		check := func(f validator.FieldLevel) bool { return holds(f.Field().String()) }
		if err := v.RegisterValidation(tag, check); err != nil {
			panic(err) // the tags above are constants
		}
	}
	return v
})

// pairs wants one of two keys, in a quarter of the time that the tags required_without and excluded_with take.
func pairs(level validator.StructLevel) {
	e := level.Current().Interface().(entry)
	switch {
	case e.Host == nil && e.Hosts == nil:
		level.ReportError("", "host", "Host", "one_needed", "")
	case e.Host != nil && e.Hosts != nil:
		level.ReportError("", "host", "Host", "one_only", "")
	}
	switch {
	case e.PasswordEnv == nil && e.PasswordFile == nil:
		level.ReportError("", "password_env", "PasswordEnv", "one_needed", "")
	case e.PasswordEnv != nil && e.PasswordFile != nil:
		level.ReportError("", "password_env", "PasswordEnv", "one_only", "")
	}
}

// values checks each value by itself. A key may be missing only because a merge key was to bring it.
func (c *checker) values(f *file) {
	err := rules().Struct(f)
	failures, _ := err.(validator.ValidationErrors)
	for _, failure := range failures {
		field := strings.TrimPrefix(failure.Namespace(), "file.")
		n, there := c.find(field)
		if !there && c.merges[field[:max(0, strings.LastIndexByte(field, '.'))]] {
			c.reported[field] = true
			continue
		}
		c.add(n, field, ruleText(failure, there))
	}
}

const wantsVariable = "must be the name of a variable (letters, digits and _, no digit first), never the password itself"

// ruleText says what a rule wants. Only the rule is quoted, never the value.
func ruleText(failure validator.FieldError, there bool) string {
	rule := failure.Tag()
	if failure.Kind() == reflect.Slice && rule == "min" {
		rule = "filled"
	}
	switch rule {
	case "required":
		if there {
			return "is empty"
		}
		return "is missing"
	case "one_needed":
		if failure.Field() == "host" {
			return `is missing; write host: "@" for the domain itself, a host, or a list of hosts`
		}
		return "is missing; write the name of the variable that holds the password, or a password_file"
	case "one_only":
		if failure.Field() == "host" {
			return "cannot be combined with hosts; keep one of the two"
		}
		return "cannot be combined with password_file; keep one of the two"
	case "filled":
		return "needs at least one entry"
	case "min", "gte":
		return "must be " + failure.Param() + " or more"
	case "max":
		return "must be " + failure.Param() + " or less"
	case "gt":
		return "must be above " + failure.Param()
	case "variable":
		return wantsVariable
	case "not_a_url":
		return "looks like a URL, which is a secret; write where it is found, not the URL itself, and renew it if others can read this file"
	case "oneof":
		return "must be " + strings.Join(strings.Fields(failure.Param()), " or ")
	case "not_a_password":
		return "looks like a password; write where it is found, not the password itself, and change it if others can read this file"
	case "filename":
		return "must be a path, without control characters; ~ is not expanded, write the whole path"
	}
	return "does not satisfy the rule " + rule
}

func isVariable(name string) bool {
	for i, r := range []byte(name) {
		letter := r == '_' || 'a' <= r|0x20 && r|0x20 <= 'z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// looksLikePassword: 16 or more hexadecimal digits and nothing else. Real ones have 32.
func looksLikePassword(s string) bool { return len(s) >= 16 && isHex(s) }

func isHex(s string) bool { return strings.Trim(s, "0123456789abcdefABCDEF") == "" }

// hasControl reports a byte that can stand neither in a path nor in a password.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

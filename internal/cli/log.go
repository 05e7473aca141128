package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sirupsen/logrus"
	"github.com/spf13/pflag"

	"ddns-batch/internal/notices"
	"ddns-batch/internal/outfile"
)

// logOptions are the flags of the log, for the commands that keep one. The zero value is one in text, on stderr.
type logOptions struct {
	level, format, file string
	utc                 bool
}

func (o *logOptions) register(f *pflag.FlagSet) {
	f.StringVar(&o.level, "log-level", "", "the lowest `LEVEL` to log: trace, debug, info, warning, error or fatal (default: warning; info in a file)")
	f.StringVar(&o.format, "log-format", "text", "the format of the log: `text|json`")
	f.StringVar(&o.file, "log-file", "", "log to `FILE` instead of stderr")
	f.BoolVar(&o.utc, "log-utc", false, "write the times in the log in UTC")
}

// check refuses what no logger can do. changed tells a flag that was given from one that has its default.
func (o logOptions) check(changed func(flag string) bool) error {
	if changed("log-file") && o.file == "" {
		return usage("--log-file is empty", "give a file, or leave it out to log to stderr")
	}
	if _, err := logrus.ParseLevel(o.level); o.level != "" && err != nil || strings.EqualFold(o.level, "panic") {
		return usage(fmt.Sprintf("unknown --log-level %q", o.level), "use trace, debug, info, warning, error or fatal")
	}
	if changed("log-format") && o.format != "text" && o.format != "json" {
		return usage(fmt.Sprintf("unknown --log-format %q", o.format), "use text or json")
	}
	return nil
}

// open makes the logger. With quiet, nothing is logged on stderr unless a level was asked for. A log file that cannot be
// opened, or written, is no reason to update no records: warnings go to stderr then.
func (o logOptions) open(stderr Stream, zone *time.Location, quiet bool, over context.Context) (*logrus.Logger, *logFile) {
	log := logrus.New()
	log.SetOutput(stderr)
	log.SetLevel(logrus.WarnLevel)
	level := o.level
	var file *logFile
	if o.file != "" {
		file = openLogFile(o.file, over)
		if file.err == nil {
			log.SetOutput(file.outlet)
			log.SetLevel(logrus.InfoLevel)
		} else {
			level = ""
		}
	}
	if quiet && level == "" && (file == nil || file.err != nil) {
		log.SetOutput(io.Discard)
	}
	// It was checked, and where there is none the level stays.
	if parsed, err := logrus.ParseLevel(level); err == nil {
		log.SetLevel(parsed)
	}
	var formatter logrus.Formatter = &logrus.TextFormatter{FullTimestamp: true, DisableColors: true}
	if o.format == "json" {
		formatter = &logrus.JSONFormatter{}
	}
	if o.utc {
		zone = time.UTC
	}
	log.SetFormatter(inZone{formatter, zone})
	return log, file
}

// logFile is the file of --log-file.
type logFile struct {
	path   string
	file   *os.File
	outlet *outlet
	err    error // why it could not be opened
}

func openLogFile(path string, over context.Context) *logFile {
	l := &logFile{path: path}
	l.outlet = &outlet{limit: lastMoment, over: over.Done()}
	if l.file, l.err = outfile.Append(path); l.err == nil {
		l.outlet.to = l.file
	}
	return l
}

// logReader is how long the reader of a log that is a pipe may keep the lock from other runs.
const logReader = time.Second

// trouble is why not all lines so far are in the file; nil if they are.
func (l *logFile) trouble() error {
	if l.err != nil {
		return l.err
	}
	return l.outlet.settle(logReader)
}

// matter is how the log went; nil where it goes to stderr.
func (l *logFile) matter() func() notices.SideMatter {
	if l == nil {
		return nil
	}
	return func() notices.SideMatter { return notices.FileMatter("the log", l.path, l.trouble()) }
}

func (l *logFile) close() {
	if l == nil || l.err != nil {
		return
	}
	_ = l.outlet.flush()
	_ = l.file.Close()
}

// inZone writes the times of another formatter in a zone. It is the one of everything else that the program shows.
type inZone struct {
	logrus.Formatter
	zone *time.Location
}

func (f inZone) Format(e *logrus.Entry) ([]byte, error) {
	e.Time = e.Time.In(f.zone)
	return f.Formatter.Format(e)
}

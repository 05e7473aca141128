package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"

	"ddns-batch/internal/ownership"
)

// logOptions are the flags of the log.
type logOptions struct {
	level, format, file string
	utc                 bool
}

// check refuses what no logger can do.
func (o logOptions) check() error {
	if _, err := logrus.ParseLevel(o.level); o.level != "" && err != nil || strings.EqualFold(o.level, "panic") {
		return usage(fmt.Sprintf("unknown --log-level %q", o.level), "use trace, debug, info, warning, error or fatal")
	}
	if o.format != "text" && o.format != "json" {
		return usage(fmt.Sprintf("unknown --log-format %q", o.format), "use text or json")
	}
	return nil
}

// open makes the logger, and what closes it. With quiet, nothing is logged on stderr unless a level was asked for.
func (o logOptions) open(stderr io.Writer, quiet bool) (*logrus.Logger, func(), error) {
	log := logrus.New()
	log.SetOutput(stderr)
	log.SetLevel(logrus.WarnLevel)
	closeLog := func() {}
	switch {
	case o.file != "":
		if f, err := ownership.Create(o.file, 0o644); err == nil {
			_ = f.Close()
		}
		// Not waiting for somebody to read from a pipe.
		f, err := os.OpenFile(o.file, os.O_CREATE|os.O_APPEND|os.O_WRONLY|syscall.O_NONBLOCK, 0o644)
		if err != nil {
			return nil, nil, usage(fmt.Sprintf("cannot open the log file: %v", err), "give --log-file a file that this user may write")
		}
		log.SetOutput(f)
		log.SetLevel(logrus.InfoLevel)
		closeLog = func() { _ = f.Close() }
	case quiet && o.level == "":
		log.SetOutput(io.Discard)
	}
	if o.level != "" {
		level, err := logrus.ParseLevel(o.level)
		if err != nil {
			return nil, nil, err
		}
		log.SetLevel(level)
	}
	var formatter logrus.Formatter = &logrus.TextFormatter{FullTimestamp: true, DisableColors: true}
	if o.format == "json" {
		formatter = &logrus.JSONFormatter{}
	}
	log.SetFormatter(inZone{formatter, o.utc})
	return log, closeLog, nil
}

// inZone writes the times of another formatter in UTC if asked for.
type inZone struct {
	logrus.Formatter
	utc bool
}

func (f inZone) Format(e *logrus.Entry) ([]byte, error) {
	if f.utc {
		e.Time = e.Time.In(time.UTC)
	}
	return f.Formatter.Format(e)
}

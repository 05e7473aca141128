package cli

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"ddns-batch/internal/config"
	"ddns-batch/internal/outfile"
	"ddns-batch/internal/report/page"
	"ddns-batch/internal/run"
)

// sideFiles are the files that a run writes for others. The page shows all records, whichever the run was about.
func (a *app) sideFiles(o runOptions, in installation) []run.File {
	var files []run.File
	add := func(kind, path string, write func(io.Writer, run.Aftermath) error) {
		if path == "" {
			return
		}
		if o.sandbox {
			path = sandboxFile(path)
		}
		files = append(files, run.File{Kind: kind, Path: path, Write: func(after run.Aftermath) error {
			return replaceBy(path, func(w io.Writer) error { return write(w, after) })
		}})
	}
	add("the report_file", in.config.ReportFile, func(w io.Writer, after run.Aftermath) error {
		return page.Write(w, after.Records.Page(a.Local))
	})
	add("the status_file", in.config.StatusFile, func(w io.Writer, after run.Aftermath) error { return after.Records.WriteJSON(w) })
	add("the metrics_file", in.config.MetricsFile, func(w io.Writer, after run.Aftermath) error {
		return after.Records.WriteMetrics(w, after.Took)
	})
	if o.ipFile != "" {
		files = append(files, run.File{Kind: "the --ip-file", Path: o.ipFile, NeedsAddress: true, Write: func(after run.Aftermath) error {
			// In the form that the scripts know which read it.
			return outfile.Replace(o.ipFile, fmt.Appendf(nil, "%s @ %s\n", after.Address, a.Now().In(a.Local).Format("01/02/2006 - 15:04:05")))
		}})
	}
	return files
}

// replaceBy replaces a file by what write writes, once that is whole.
func replaceBy(path string, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	return outfile.Replace(path, b.Bytes())
}

// sandboxFile is the file of a sandbox run beside the one of real runs: ddns.sandbox.html beside ddns.html. The collector
// that reads ddns.prom takes every file of that ending, and would take those of a sandbox for real: ddns.prom.sandbox.
func sandboxFile(file string) string {
	extension := filepath.Ext(file)
	if extension == ".prom" {
		return file + ".sandbox"
	}
	return strings.TrimSuffix(file, extension) + ".sandbox" + extension
}

// checkFiles refuses a run that would write its state, its log or a file for others over something else. Where the YAML file
// is faulty, only the log is written.
func (a *app) checkFiles(o runOptions, in installation) error {
	var written []place
	if in.config != nil {
		for _, f := range a.sideFiles(o, in) {
			written = append(written, placeOf(f.Kind, f.Path))
		}
	}
	if o.log.file != "" {
		written = append(written, placeOf("the --log-file", o.log.file))
	}
	c := cmp.Or(in.config, in.faulty, &config.Config{Path: in.path, EnvFile: a.envFile})
	return a.checkPlaces(c, in.state, written...)
}

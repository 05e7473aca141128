package importer

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
)

// repeated is a line that is written so many times; %d in it is its number.
func repeated(line string) func(n int) string {
	return func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(line, "%d", fmt.Sprint(i)))
		}
		return b.String()
	}
}

// hardFiles are files whose reading once took a time that grew with the square of their size, or was without any bound.
var hardFiles = map[string]struct {
	format          Format
	before, between string // between stands behind the first half
	half            func(n int) string
	after           string
}{
	"lines that go on":                    {format: "ddclient", half: repeated("protocol=namecheap, \\\n"), after: "login=example.com, password=x www\n"},
	"blank lines that go on":              {format: "ddclient", half: repeated("\\ \\\n"), after: "login=example.com, password=x www\n"},
	"domains":                             {format: "ddclient", half: repeated("protocol=namecheap, login=d%d.example, password=x%d @\n")},
	"domains without a password":          {format: "ddclient", before: "protocol=namecheap\n", half: repeated("login=d%d.example.com @\nlogin=d%d.example.com, password=x www\n")},
	"passwords of one domain":             {format: "ddclient", half: repeated("protocol=namecheap, login=example.com, password=x%d h%d\n")},
	"passwords of one record":             {format: "ddclient", half: repeated("protocol=namecheap, login=example.com, password=x%d www\n")},
	"settings for many statements":        {format: "ddclient", before: "protocol=namecheap, login=example.com, password=x\n", half: repeated("key%d=x\nh%d\n")},
	"sections that are not understood":    {format: "inadyn", half: repeated("custom namecheap {")},
	"sections of one title":               {format: "inadyn", half: repeated("custom namecheap {}\n")},
	"variables without an end":            {format: "inadyn", before: "custom namecheap { username = ", half: repeated("${"), after: "\n"},
	"variables without an end, in quotes": {format: "inadyn", before: "custom namecheap { username = \"", half: repeated("${"), after: "\"\n"},
	"entries in JSON": {format: "ddns-updater", before: `{"settings":[`, half: repeated("\n{\"provider\":\"namecheap\",\"domain\":\"h%d.example.com\",\"password\":\"x\"},"),
		after: `{"provider":"x"}]}`},
	"arrays in JSON":          {format: "ddns-updater", before: `{"settings":`, half: repeated("[")},
	"elements within each":    {format: "pfsense", before: "<pfsense>", half: repeated("<dyndns>")},
	"a text in many pieces":   {format: "pfsense", before: "<pfsense><dyndns><type>", half: repeated("a<!---->"), after: "</type></dyndns></pfsense>"},
	"unfinished lists":        {format: "ddns-go", before: "dnsconf: ", half: repeated("[")},
	"URLs":                    {format: "curl", half: repeated("curl 'https://dynamicdns.park-your-domain.com/update?host=h%d&domain=example.com&password=x'\n")},
	"URLs in one command":     {format: "curl", half: repeated("curl 'https://dynamicdns.park-your-domain.com/update?host=h%d&domain=example.com&password=x' \\\n")},
	"defaults for many":       {format: "ini", half: repeated("[DEFAULT]\nkey%d = x\n[a%d]\n")},
	"options of one section":  {format: "openwrt", before: "config service 'a'\n", half: repeated("\toption o%d 'x'\n")},
	"quotes without an end":   {format: "openwrt", before: "config service 'a'\n", half: repeated("\toption o%d \"\n")},
	"variables in many lines": {format: "env", half: repeated("NAME%d=$x\n")},
}

// allocated is how many bytes were allocated meanwhile.
func allocated(do func()) float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	do()
	runtime.ReadMemStats(&after)
	return float64(after.TotalAlloc - before.TotalAlloc)
}

// What import does grows with the size of what it reads, and not with its square.
func TestWorkGrowsWithTheFile(t *testing.T) {
	const few, times = 300, 8
	for name, c := range hardFiles {
		t.Run(name, func(t *testing.T) {
			work := func(n int) float64 {
				data := []byte(c.before + c.half(n) + c.between + c.half(n) + c.after)
				return allocated(func() {
					r := Import([]File{{"file", data}}, Options{Format: c.format})
					r.Draft.YAML()
				})
			}
			work(few) // what is compiled once
			if small, large := work(few), work(times*few); large > 2*times*small {
				t.Errorf("a file %d times as large takes %.0f times as much: %.0f and %.0f bytes", times, large/small, small, large)
			}
		})
	}
}

// A file that repeats another one again and again by its name ends all the same.
func TestAliasesDoNotMultiply(t *testing.T) {
	const n = 5000
	for name, data := range map[string]string{
		"ddns-go, entries": "x: &x\n" + repeated("  k%d: x\n")(n) + "dnsconf:\n" + repeated("  - *x\n")(n),
		"ddns-go, domains": "x: &x\n" + repeated("  - h%d.example.com\n")(n) + "dnsconf:\n" + repeated("  - {ipv4: {enable: true, domains: *x}, dns: {name: namecheap, secret: x}}\n")(n/4),
		"env, a mapping":   "x: &x\n" + repeated("  k%d: x\n")(n) + "services:\n" + repeated("  s%d: {environment: *x}\n")(n),
		"env, a list":      "x: &x\n" + repeated("  - k%d=x\n")(n) + "services:\n" + repeated("  s%d: {environment: *x}\n")(n),
		"env, a long text": "x: &x " + strings.Repeat("h,", n) + "\nservices:\n" + repeated("  s%d: {environment: {NC_HOST: *x, NC_DOMAIN: example.com, NC_PASS: x}}\n")(n/4),
	} {
		t.Run(name, func(t *testing.T) {
			var r *Result
			bytes := allocated(func() {
				r = Import([]File{{"file", []byte(data)}}, Options{Format: Format(name[:strings.IndexByte(name, ',')])})
			})
			if bytes > 1<<30 || !r.Has(NeedsYou) {
				t.Errorf("%.0f bytes, %d notes", bytes, len(r.Notes))
			}
		})
	}
}

func TestLargeFilesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want string // of the first note; empty: there is none
	}{
		"ddclient": {"protocol=namecheap, login=example.com, password=" + canary + " @\n" + strings.Repeat("#", mostText),
			"file: cannot be read: it is larger than 2048 KiB, the most that import reads of such a file; split it, and name all parts in one call"},
		"a firewall's backup": {"<pfsense><rrd>" + strings.Repeat("x", mostText) + "</rrd><dyndns></dyndns></pfsense>", ""},
		"nested":              {"<pfsense>" + strings.Repeat("<dyndns>", deepestXML), "file:1: cannot be read: elements are nested more than 100 deep from here on"},
	} {
		r := Import([]File{{"file", []byte(c.text)}}, Options{})
		if got := fmt.Sprint(r.Notes); c.want == "" && len(r.Notes) > 0 || c.want != "" && got != "["+c.want+"]" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestManyRecordsAreNotAllTaken(t *testing.T) {
	text := "[DEFAULT]\napi_password = " + canary + "\nhost = " + repeated("h%d,")(500) + "\n" + repeated("[s%d]\ndomain = d%d.example.com\n")(mostRecords/500+10)
	r := Import([]File{{"file", []byte(text)}}, Options{Format: "ini"})
	if last := r.Notes[len(r.Notes)-1].String(); r.Records != mostRecords ||
		last != fmt.Sprintf("file:%d: needs you: there are more than 50000 records; the others are left out", 4+2*mostRecords/500) {
		t.Errorf("%d records; %s", r.Records, last)
	}
}

// A value that counts for many records is not copied to all of them where it is too long to be of any use.
func TestLongValuesAreNotShared(t *testing.T) {
	long := strings.Repeat("x", longestShared+1)
	for format, text := range map[Format]string{
		"ddclient": "protocol=namecheap, login=example.com\npassword=" + long + "\n@\n",
		"ini":      "[DEFAULT]\napi_password = " + long + "\n[a]\ndomain=example.com\n",
	} {
		r := Import([]File{{"file", []byte(text)}}, Options{Format: format})
		if got := fmt.Sprint(r.Notes); !strings.Contains(got, "file:2: needs you: this value is longer than 4 KiB; it is left out") || strings.Contains(got, "xxxx") {
			t.Error(got)
		}
	}
}

// opened has files by their names, and counts how many are read.
type opened struct {
	files map[string]string
	read  int
}

func (o *opened) open(path string) ([]byte, error) {
	o.read++
	if text, ok := o.files[path]; ok {
		return []byte(text), nil
	}
	return nil, os.ErrNotExist
}

func TestIncludesComeToAnEnd(t *testing.T) {
	const record = "custom namecheap { username = example.com\n password = x\n hostname = www }\n"
	for name, c := range map[string]struct {
		files map[string]string
		read  int
		note  string
	}{
		"itself": {map[string]string{"a.conf": strings.Repeat("include(\"a.conf\")\n", 6) + record}, 0,
			"a.conf:6: needs you: the file that is included here is not read: files include each other in a circle"},
		"in a circle": {map[string]string{"a.conf": "include(\"b.conf\")\n" + record, "b.conf": "include(\"./a.conf\")\n"}, 1,
			"b.conf:1: needs you: the file that is included here is not read: files include each other in a circle"},
		"too many": {map[string]string{"a.conf": strings.Repeat("include(\"b.conf\")\n", 50) + record, "b.conf": ""}, mostIncludes,
			"a.conf:21: needs you: the file that is included here is not read: import reads at most 20 included files, of 2048 KiB together"},
		"too large together": {map[string]string{"a.conf": strings.Repeat("include(\"b.conf\")\n", 10) + record, "b.conf": strings.Repeat(" ", mostText/2)}, 2,
			"a.conf:2: needs you: the file that is included here is not read: import reads at most 20"},
		"not there": {map[string]string{"a.conf": "include(\"b.conf\")\n" + record}, 1,
			"a.conf:1: needs you: the file that is included here is not read: "},
	} {
		o := &opened{files: c.files}
		r := Import([]File{{"a.conf", []byte(c.files["a.conf"])}}, Options{Format: "inadyn", Open: o.open})
		if got := recordsOf(t, r); len(got) != 1 || o.read != c.read || !strings.Contains(fmt.Sprint(r.Notes), c.note) {
			t.Errorf("%s: %d files were read: %q\n%s", name, o.read, got, r.Notes)
		}
	}
}

package importer

import (
	"slices"
	"testing"
)

var ddnsUpdaterTraps = []trap{
	{"names in one key", "{\n  \"settings\": [\n    {\n      \"provider\": \"namecheap\",\n      \"domain\": \"a.example.co.uk, example.co.uk,*.example.co.uk\",\n      \"password\": \"" + canary + "\", \"ip_version\": \"ipv4\"\n    },\n" +
		"    {\"provider\": \"duckdns\", \"token\": \"" + canary + "\"}\n  ]\n}\n",
		[]string{"@ example.co.uk " + canary, "a example.co.uk " + canary, "* example.co.uk " + canary},
		[]string{"3: taken: a.example.co.uk, example.co.uk and *.example.co.uk", "8: left out: for another provider"}},
	{"host, and owner", `{"version": 1, "settings":[{"provider":"namecheap","domain":"example.com","host":"@,www","password":"` + canary + `"},{"provider":"namecheap","domain":"example.net","owner":"git","password":"` + canary + `"}]}`,
		[]string{"@ example.com " + canary, "www example.com " + canary, "git example.net " + canary}, nil},
	{"two domains in one entry", `{"settings":[{"provider":"namecheap","domain":"a.example.com,b.example.net","password":"` + canary + `"}]}`,
		[]string{"a example.com " + canary}, []string{"1: needs you: the names in this entry have different domains"}},
	{"no JSON", "{\n\"settings\": [\n{\"provider\": \"" + canary + "\",]", nil, []string{"3: cannot be read: this is not valid JSON"}},
}

var ddnsGoTraps = []trap{
	{"the list", "dnsconf:\n    - name: home\n      ipv4:\n        enable: true\n        domains:\n            - www:example.co.uk\n            - b.example.com?ttl=1\n            - example.com\n" +
		"      ipv6:\n        enable: true\n        domains: [six.example.com]\n      dns:\n        name: namecheap\n        id: \"\"\n        secret: " + canary + "\n" +
		"    - ipv4: {enable: false, domains: [x.example.org]}\n      dns: {name: namecheap, secret: " + canary + "}\n    - dns: {name: alidns, secret: " + canary + "}\nuser:\n    password: " + canary + "\n",
		[]string{"www example.co.uk " + canary, "@ example.com " + canary, "b example.com " + canary},
		[]string{"2: left out: IPv6", "16: left out: its ipv4 section is switched off", "18: left out: for another provider"}},
	{"the older form", "ipv4:\n  enable: true\n  domains:\n    - example.com\ndns:\n  name: namecheap\n  secret: \"" + canary + "&x\"\n",
		[]string{"@ example.com " + canary + "&x"}, []string{"1: note: ddns-go sends the password without encoding it"}},
	{"aliases", "x: &x [www.example.com]\ndnsconf:\n  - ipv4: {enable: true, domains: *x}\n    dns: {name: namecheap, secret: " + canary + "}\n", []string{"www example.com " + canary}, nil},
	{"no YAML", "dnsconf:\n  - dns: [" + canary + "\n", nil, []string{": cannot be read: this is not valid YAML"}},
}

var envTraps = []trap{
	{"one record", "NC_HOST=www\nNC_DOMAIN=example.com\nexport NC_PASS='" + canary + "'\n", []string{"www example.com " + canary}, []string{"2: taken: www.example.com"}},
	{"lists side by side", "APP_HOST='a;b'\nAPP_DOMAIN='example.com;example.net'\nAPP_PASSWORD='" + canary + ";" + canary + "2'\n",
		[]string{"a example.com " + canary, "b example.net " + canary + "2"}, nil},
	{"lists of different length", "APP_HOST='a;b;c'\nAPP_DOMAIN='example.com;example.net'\nAPP_PASSWORD='" + canary + "'\n", nil,
		[]string{"2: needs you: the lists of hosts, domains and passwords"}},
	{"many hosts", "DOMAIN=example.com\nAPI_KEY=" + canary + "\nHOSTS=@,www\n", []string{"@ example.com " + canary, "www example.com " + canary}, nil},
	{"a password file", "DOMAIN=example.com\nPASSWORD_FILE=/run/secrets/nc\nHOST=www\n", []string{"www example.com @/run/secrets/nc"},
		[]string{"1: needs you: the password of example.com is in a file"}},
	{"a password file with a name that YAML cannot hold", "DOMAIN=example.com\nPASSWORD_FILE=\x9b\nHOST=www\n", []string{"www example.com $EXAMPLE_COM_DDNS_PASSWORD"},
		[]string{"1: needs you: there is no password for example.com"}},
	{"a compose file", "services:\n  nc:\n    image: namecheap-ddns\n    environment:\n      - DOMAIN=example.com\n      - HOST=www\n      - PASSWORD=${NC_PASSWORD}\n" +
		"  db:\n    image: postgres\n    environment: {DOMAIN: example.org, PASSWORD: " + canary + "}\n" +
		"  second:\n    image: other\n    env_file: nc.env\n  third:\n    image: x/namecheap\n    env_file: [/etc/nc.env]\n    environment: {NC_DOMAIN: example.net, NC_PASS: \"" + canary + "$$x\"}\n",
		[]string{"@ example.net " + canary + "$x"},
		[]string{"5: needs you: www.example.com has several passwords", "8: left out: no variables that are known", "16: needs you: this env_file is not read"}},
	{"a compose file with a mapping", "services:\n  ddns:\n    environment:\n      NC_DOMAIN: example.com\n      NC_HOST: \"@\"\n      NC_PASS:\n", []string{"@ example.com $NC_PASS"}, nil},
	{"ddns-updater's CONFIG", "services:\n  ddns:\n    environment:\n      CONFIG: '{\"settings\":[{\"provider\":\"namecheap\",\"domain\":\"www.example.com\",\"password\":\"" + canary + "\"}]}'\n",
		[]string{"www example.com " + canary}, []string{"4: note: ddns-updater reads CONFIG"}},
	{"a password that reads like a variable", "NC_DOMAIN=example.com\nNC_PASS=$" + canaryName + "\n", []string{"@ example.com $" + canaryName},
		[]string{"2: needs you: the $ is kept as part of the password"}},
	{"a password in double quotes that reads like a variable", "NC_DOMAIN=example.com\nNC_PASS=\"${" + canaryName + "}\"\n", []string{"@ example.com ${" + canaryName + "}"},
		[]string{"2: needs you: the $ is kept as part of the password"}},
	{"a $ in single quotes", "NC_DOMAIN=example.com\nNC_PASS='$" + canaryName + "'\n", []string{"@ example.com $" + canaryName}, nil},
	{"a $ in a compose file that may begin a password", "services:\n  ddns:\n    environment:\n      NC_DOMAIN: example.com\n      NC_PASS: $CANARYNAME\n  namecheap:\n    environment:\n" +
		"      NC_DOMAIN: example.net\n      NC_PASS: ${" + canaryName + "}\n",
		[]string{"@ example.com $EXAMPLE_COM_DDNS_PASSWORD", "@ example.net $EXAMPLE_NET_DDNS_PASSWORD"},
		[]string{"5: needs you: the password is in a variable, or contains one", "9: needs you: the password is in a variable, or contains one"}},
	{"a compose file with aliases and merge keys", "x-env: &env\n  NC_DOMAIN: example.com\n  NC_HOST: www\n  NC_PASS: " + canary + "\nservices:\n" +
		"  a: &a {image: namecheap, environment: *env}\n  b: {environment: {<<: *env, NC_HOST: git}}\n  c: {<<: [*a, *a], environment: {<<: [{NC_HOST: vpn}, *env]}}\n  d:\n    environment: [NC_DOMAIN=example.net, &pass NC_PASS=" + canary + "]\n" +
		"  e:\n    environment: [NC_DOMAIN=example.org, *pass]\n  f: {<<: *a}\n",
		[]string{"www example.com " + canary, "git example.com " + canary, "vpn example.com " + canary, "@ example.net " + canary, "@ example.org " + canary},
		[]string{"2: taken: www.example.com, git.example.com and vpn.example.com", "2: left out: www.example.com was already taken"}},
	{"a compose file that merges itself", "services:\n  a: &a\n    <<: *a\n    environment: {NC_DOMAIN: example.com, NC_PASS: " + canary + "}\n", []string{"@ example.com " + canary},
		[]string{"2: needs you: not all aliases and merge keys"}},
	{"a compose file that merges a text", "services:\n  a:\n    environment: {<<: text, NC_DOMAIN: example.com, NC_PASS: " + canary + "}\n", []string{"@ example.com " + canary},
		[]string{"2: needs you: not all aliases and merge keys"}},
	{"a service that extends another", "services:\n  ddns:\n    extends: {file: common.yml, service: ddns}\n", nil, []string{"2: needs you: the service that this one extends"}},
	{"host in a variable", "NC_HOST=${H}\nNC_DOMAIN=example.com\nNC_PASS=" + canary + "\n", nil, []string{"2: needs you: the host or the domain is in a variable"}},
}

const update = "https://dynamicdns.park-your-domain.com/update?"

var curlTraps = []trap{
	{"a crontab", "*/5 * * * * curl -s \"" + update + "host=@&domain=example.com&password=" + canary + "\\%21\" >/dev/null\n" +
		"@hourly wget -qO- 'http://dynamicdns.park-your-domain.com/update?password=" + canary + "\\%23&domain=example.net&host=www'\n",
		[]string{"@ example.com " + canary + "!", "www example.net " + canary + "#"}, nil},
	{"a bare percent in a crontab", "*/5 * * * * curl \"" + update + "host=@&domain=example.com&password=" + canary + "%21\"\n",
		[]string{"@ example.com " + canary + "!"}, []string{"1: note: cron cuts off a command at a % without a backslash"}},
	{"options that look like the fields of a crontab", "curl -s -o /dev/null -L \"" + update + "host=@&domain=example.com&password=" + canary + "%21\"\n",
		[]string{"@ example.com " + canary + "!"}, nil},
	{"without quotes", "curl " + update + "host=@&domain=example.com&password=" + canary + "\n", []string{"@ example.com " + canary}, []string{"1: note: without quotes a shell cuts off the URL"}},
	{"variables", "#!/bin/sh\nPW=$(cat f)\ncurl \"" + update + "host=@&domain=example.com&password=$PW&ip=$(curl x)\"\nfor HOST in a b; do curl \"" + update + "host=$HOST&domain=example.com&password=" + canary + "\"; done\n",
		[]string{"@ example.com $EXAMPLE_COM_DDNS_PASSWORD"},
		[]string{"3: needs you: the password is not written out here", "4: needs you: the host or the domain is not written out here"}},
	{"no variables in single quotes", "curl '" + update + "host=@&domain=example.com&password=" + canary + "$x'\n", []string{"@ example.com " + canary + "$x"}, nil},
	{"several in a line that goes on", "curl \"" + update + "host=a&domain=example.com&password=" + canary + "\" \\\n  \"" + update + "host=b&domain=example.com&password=" + canary + "\"\n",
		[]string{"a example.com " + canary, "b example.com " + canary}, []string{"1: taken: a.example.com and b.example.com"}},
	{"letters that are shorter in lower case", "curl # \u0130\u0130\u0130 \"" + update + "host=a&domain=example.com&password=" + canary + "\"\n", []string{"a example.com " + canary}, nil},
	{"curl -K -", "curl -K - <<END\nurl = \"" + update + "host=a&domain=example.com&password=" + canary + "\"\nEND\n", []string{"a example.com " + canary}, nil},
	{"a fragment", "curl \"" + update + "host=a&domain=example.com&password=" + canary + "#frag\"\n", []string{"a example.com " + canary},
		[]string{"1: note: a URL is sent only up to its #"}},
	{"a comment, and a URL that is put together", "# curl \"" + update + "host=a&domain=example.com&password=" + canary + "\"\nBASE=https://dynamicdns.park-your-domain.com\ncurl \"" + update + "host=b&domain=example.com&password=" + canary + "\"\n",
		[]string{"b example.com " + canary}, []string{"1: left out: a comment", "2: needs you: the URL is built from parts here"}},
	{"Python and a batch file", "requests.get(f\"" + update + "host={h}&domain=example.com&password=" + canary + "\")\ncurl \"" + update + "host=a&domain=example.com&password=%NC_PASS%\"\n",
		[]string{"a example.com $EXAMPLE_COM_DDNS_PASSWORD"}, []string{"1: needs you: the host or the domain", "2: needs you: the password is not written out"}},
}

// curlWords are endings of a command whose URL stands in it up to the password, and what the password is; empty: that is not
// certain, and somebody has to say.
var curlWords = []struct{ quote, end, password string }{
	{`"`, `a\bc&ip="`, `a\bc`},
	{`"`, `a\"bc"`, `a"bc`},
	{`"`, `a\\b\$c"`, `a\b$c`},
	{`"`, "a`b`\"", ``},
	{`"`, `abc"$SUFFIX`, ``},
	{`"`, `abc"def`, ``},
	{`"`, `abc"'def'`, `abcdef`},
	{`"`, `abc&ip="$IP`, `abc`},
	{`"`, `abc&ip="$(curl "https://example.com/")`, `abc`},
	{`"`, `abc" + suffix`, ``},
	{`"`, `abc"+suffix`, ``},
	{`"`, `abc" . $suffix;`, ``},
	{`"`, `abc", timeout=5)`, `abc`},
	{`"`, `abc"]`, `abc`},
	{`"`, `abc".format(x)`, ``},
	{`"`, `abc`, ``},
	{`"`, `abc" & sleep 5`, `abc`},
	{`"`, `abc")`, `abc`},
	{`'`, `it'\''s'`, `it's`},
	{`'`, `it'"'"'s'`, ``},
	{`'`, `abc'"$SUFFIX"`, ``},
	{`'`, `abc'$'\x41'`, ``},
	{`'`, `a\bc$d'`, `a\bc$d`},
	{`sh -c "curl '`, `abc'"`, ``},
	{`sh -c "curl `, `abc >/dev/null"`, ``},
	{`IP="$(curl "`, `abc")"`, `abc`},
	{"IP=`curl \"", "abc\"`", `abc`},
	{`"`, `!PW!"`, ``},
	{`"`, `%PASS%"`, ``},
	{`"`, `a b"`, ``},
}

func TestAPasswordIsTakenAsAShellSendsIt(t *testing.T) {
	for _, c := range curlWords {
		text := "curl " + c.quote + update + "host=www&domain=example.com&password=" + c.end + "\n"
		r := Import([]File{{"file", []byte(text)}}, Options{Format: "curl"})
		want := c.password
		if want == "" {
			want = "$EXAMPLE_COM_DDNS_PASSWORD"
		}
		if got := recordsOf(t, r); !slices.Equal(got, []string{"www example.com " + want}) || r.Has(NeedsYou) != (c.password == "") {
			t.Errorf("%s: %q, want %s\n%q", text, got, want, r.Notes)
		}
	}
}

var iniTraps = []trap{
	{"sections", "[DEFAULT]\ndomain = example.com\n\n[home]\nhost: @\napi_password = " + canary + "%%x\n; comment\n[www]\nhost=www\nDomain=example.net\napi_password=" + canary + "=y\n",
		[]string{"@ example.com " + canary + "%x", "www example.net " + canary + "=y"}, []string{"4: taken: example.com"}},
	{"the password in the environment", "[home]\nhost=@\ndomain=example.com\n", []string{"@ example.com $DDNS_API_PASSWORD"},
		[]string{"1: needs you: the password of example.com is in the variable DDNS_API_PASSWORD"}},
	{"values that go on", "[home]\nhost=@\ndomain=example.com\ncomment=a\n b\napi_password=" + canary + "\n x\n", []string{"@ example.com " + canary},
		[]string{"7: needs you: a value that continues"}},
	{"put together", "[home]\nhost=@\ndomain=example.com\nsecret=" + canary + "\napi_password=%(secret)s\n[other]\nhost=www\n", []string{"@ example.com $DDNS_API_PASSWORD"},
		[]string{"1: needs you: the password is built from other values", "6: left out: a section without a domain"}},
}

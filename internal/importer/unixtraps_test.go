package importer

var ddclientTraps = []trap{
	{"keys on lines of their own", "daemon=300\nssl=yes\nmail=root\nuse=web, web=dynamicdns.park-your-domain.com/getip\nprotocol=namecheap\n" +
		"server=dynamicdns.park-your-domain.com\nlogin=example.com\npassword=" + canary + "\n*, @\n",
		[]string{"@ example.com " + canary, "* example.com " + canary},
		[]string{"1: replaced: how often", "2: replaced: ssl", "3: replaced: mail", "4: replaced: where the address", "9: taken: *.example.com and example.com"}},
	{"one statement over several lines", "protocol=namecheap, \\\n\tlogin=example.com, \t\\\n  password='" + canary + "' \\\n@,www,\n",
		[]string{"@ example.com " + canary, "www example.com " + canary}, nil},
	{"the same host of two domains", "protocol=namecheap\nlogin=example.com, password=" + canary + " @\nlogin=example.net, password=" + canary + "2 @\n",
		[]string{"@ example.com " + canary, "@ example.net " + canary + "2"}, []string{"3: note: ddclient keeps one entry per host, whatever the domain, so it updated only one of the records with the host @"}},
	{"a comma behind the password", "protocol=namecheap, login=example.com, password=" + canary + ",   \\\n@\n",
		[]string{"@ example.com " + canary + ","}, []string{"2: note: the password ends with a comma"}},
	{"double quotes", "protocol=namecheap, login=example.com, password=\"" + canary + "\" @\n", []string{`@ example.com "` + canary + `"`}, nil},
	{"single quotes", "protocol=namecheap, login=example.com, password='" + canary + "' @\n", []string{"@ example.com " + canary}, nil},
	{"a hash and quotes inside", "protocol=namecheap, login=example.com, password='" + canary + "#&''x' @ # comment\n",
		[]string{"@ example.com " + canary + "#&''x"}, []string{"1: note: ddclient sends the password without encoding it"}},
	{"a backslash at the end of the password", "protocol=namecheap\nlogin=example.com\npassword=" + canary + "\\\n@\n",
		[]string{"@ example.com " + canary + `\`}, nil},
	{"blanks around the sign", "protocol=namecheap\nlogin=example.com\npassword = " + canary + "\n@\n", []string{"@ example.com " + canary}, nil},
	{"no blank before the password", "protocol=namecheap,login=example.com,password=" + canary + " @\n",
		[]string{"@ example.com " + canary}, []string{"1: note: without a space before password=, ddclient sends the word dummy"}},
	{"a password in a variable", "protocol=namecheap\nlogin=example.com\npassword_env=NC_PASSWORD\nwww\n",
		[]string{"www example.com $NC_PASSWORD"}, []string{"4: note: if the variable of an _env key is not set", "4: needs you: the password of example.com is in the variable NC_PASSWORD"}},
	{"a password in place of a variable's name", "protocol=namecheap\nlogin=example.com\npassword_env=" + canary + "\nwww\n",
		[]string{"www example.com $EXAMPLE_COM_DDNS_PASSWORD"}, []string{"4: needs you: there is no password for example.com here", "4: note: if the variable of an _env key is not set"}},
	{"a domain in a variable", "protocol=namecheap, login_env=NC, password=" + canary + " www\n", nil, []string{"1: needs you: the domain is in a variable"}},
	{"whole names", "protocol=namecheap, login=example.com, password=" + canary + " @.example.com,www.example.com,example.com\n",
		[]string{"@ example.com " + canary, "www example.com " + canary},
		[]string{"1: left out: example.com was already taken", "1: note: ddclient sends the whole domain as the host"}},
	{"hosts in a key, and a host that looks like a name", "protocol=namecheap, login=example.com, host='@,edge.example.com', password=" + canary + "\n",
		[]string{"@ example.com " + canary, "edge example.com " + canary}, nil},
	{"host, login and password by their places", "protocol=namecheap www example.com " + canary + "\n", []string{"www example.com " + canary}, nil},
	{"another provider", "protocol=namecheap, login=example.com, password=" + canary + " @\nprotocol=noip, login=x, password=" + canary + " foo.example.org\n",
		[]string{"@ example.com " + canary}, []string{"2: left out: for another provider"}},
	{"no password", "protocol=namecheap, login=example.com\n@\n", []string{"@ example.com $EXAMPLE_COM_DDNS_PASSWORD"},
		[]string{"2: needs you: there is no password for example.com here"}},
	{"no login", "protocol=namecheap, password=" + canary + " a.b.example.co.uk\n", []string{"a.b example.co.uk " + canary}, nil},
	{"another server", "protocol=namecheap, server=ddns.example.org, login=example.com, password=" + canary + " @\n",
		[]string{"@ example.com " + canary}, []string{"1: needs you: server= is not Namecheap's"}},
	{"no name", "protocol=namecheap, login=co.uk, password=" + canary + " @\nprotocol=namecheap, login=example.com, password=" + canary + " 0123456789abcdef0123,a_b\n",
		[]string{"a_b example.com " + canary}, []string{"1: needs you: the host or the domain of this record is not valid", "2: needs you: the host or the domain of this record"}},
	{"Windows lines and blanks behind a backslash", "protocol=namecheap, \\  \r\nlogin=example.com, password=" + canary + " \\\r\n@\r\n", []string{"@ example.com " + canary}, nil},
}

var inadynTraps = []trap{
	{"custom", "period = 300\ncustom namecheap {\n  username = example.com\n  password = \"" + canary + "\"\n  hostname = { \"@\", \"www\" }\n" +
		"  ddns-server = \"dynamicdns.park-your-domain.com\"\n  ddns-path = \"/update?domain=%u&password=%p&host=%h&ip=%i\"\n}\n",
		[]string{"@ example.com " + canary, "www example.com " + canary}, []string{"1: replaced: how often", "5: taken: example.com and www.example.com"}},
	{"the plug-in", "provider default@namecheap.com {\n  username = example.com # the domain\n  password = " + canary + "\n  hostname = www\n  alias = git\n}\n",
		[]string{"www example.com " + canary, "git example.com " + canary}, nil},
	{"domain and password in the path", "custom x {\n  hostname = www.example.com\n  ddns-server = dynamicdns.park-your-domain.com\n  // as of old\n" +
		"  ddns-path = \"/update?domain=example.com&password=" + canary + "%21&host=%h\"\n}\n", []string{"www example.com " + canary + "!"}, nil},
	{"the host in the path", "custom x {\n  hostname = none\n  ddns-server = dynamicdns.park-your-domain.com\n  ddns-path = '/update?domain=example.com&password=" + canary + "&host=git'\n}\n",
		[]string{"git example.com " + canary}, nil},
	{"a variable in double quotes", "custom namecheap {\n  username = example.com\n  password = \"${NC_PASS}\"\n  hostname = www\n}\n",
		[]string{"www example.com $NC_PASS"}, []string{"4: needs you: the password of example.com is in the variable NC_PASS"}},
	{"none in single ones", "custom namecheap {\n  username = example.com\n  password = '${" + canary + "}'\n  hostname = www\n}\n", []string{"www example.com ${" + canary + "}"}, nil},
	{"a variable as a part", "custom namecheap {\n  username = example.com\n  password = \"${A}" + canary + "\"\n  hostname = www\n}\n",
		[]string{"www example.com $EXAMPLE_COM_DDNS_PASSWORD"}, []string{"3: needs you: the password contains a variable"}},
	{"a hash without quotes", "custom namecheap {\n  username = example.com\n  password = " + canary + "#rest\n  hostname = www\n}\n", []string{"www example.com " + canary}, nil},
	{"escapes", "custom namecheap {\n  username = example.com\n  password = \"\\x63An\\101rY\\t\\\"\\q\"\n  hostname = 'ww\\w'\n  hostname = www\n}\n",
		[]string{"www example.com $EXAMPLE_COM_DDNS_PASSWORD"}, []string{"5: needs you: the password of www.example.com cannot be written to an env file (it contains a control character)"}},
	{"a title twice", "custom namecheap { username = example.com\n password = " + canary + "\n hostname = www }\ncustom namecheap { username = example.net\n password = " + canary + "\n hostname = www }\n",
		[]string{"www example.com " + canary, "www example.net " + canary},
		[]string{"1: note: inadyn reads only the last section with this title", "6: note: inadyn remembers a host without its domain, so it may have updated only one of the records with the host www"}},
	{"more with +=", "custom namecheap {\n  username = example.com\n  password = " + canary + "\n  hostname = { www }\n  hostname += { git, vpn }\n}\n",
		[]string{"www example.com " + canary, "git example.com " + canary, "vpn example.com " + canary}, nil},
	{"a file that is included", "/* mine */ include(\"more.conf\")\ninclude(\"/root/other.conf\")\ncustom namecheap { username = example.com\n password = " + canary + "\n hostname = www }\n",
		[]string{"vpn example.net " + canary, "www example.com " + canary}, []string{"2: needs you: the file that is included here is not read"}},
	{"another provider", "provider default@dyndns.org { username = x\n password = " + canary + "\n hostname = x.example.org }\ncustom namecheap { username = example.com\n password = " + canary + "\n hostname = www }\n",
		[]string{"www example.com " + canary}, []string{"1: left out: for another provider"}},
	{"a domain in a variable", "custom namecheap {\n  username = ${NC}\n  password = " + canary + "\n  hostname = www\n}\n", nil, []string{"2: needs you: the domain is in a variable"}},
	{"a path that is none", "custom namecheap {\n  username = example.com\n  password = " + canary + "\n  hostname = www\n  ddns-path = \"/update?domain=%u&host=%h.sub&password=%zz\"\n}\n",
		nil, []string{"5: needs you: ddns-path is not understood"}},
	{"an open section", "custom namecheap {\n  username = example.com\n  password = " + canary + "\n  hostname = www\n", []string{"www example.com " + canary}, nil},
}

var openWrtTraps = []trap{
	{"the username is the host", "config ddns 'global'\n\toption ddns_dateformat '%F'\n\nconfig service 'home'\n\toption enabled '1'\n\toption service_name 'namecheap.com'\n" +
		"\toption username 'www'\n\toption domain 'example.com'\n\toption password '" + canary + "'\n\toption check_interval '10'\n\toption ip_source 'web'\n",
		[]string{"www example.com " + canary}, []string{"10: replaced: how often", "11: replaced: where the address"}},
	{"quotes in the password", "config service x\n option enabled 1\n option service_name namecheap.com\n option username @ # apex\n option domain \"example.com\"\n option password '" + canary + `'\''"x"'` + "\n",
		[]string{"@ example.com " + canary + `'"x"`}, nil},
	{"switched off, and another's", "config service 'a'\n\toption service_name 'namecheap.com'\n\toption username 'a'\n\toption domain 'example.com'\n\toption password '" + canary + "'\n\toption enabled '0'\n" +
		"config service 'b'\n\toption enabled '1'\n\toption service_name 'no-ip.com'\n\toption password '" + canary + "'\n" +
		"config service 'c'\n\toption enabled '1'\n\toption use_ipv6 '1'\n\toption service_name 'namecheap.com'\n\toption domain 'example.com'\n",
		nil, []string{"1: left out: it is switched off", "7: left out: for another provider", "13: left out: IPv6"}},
	{"an older URL", "config service 'a'\n\toption enabled '1'\n\toption update_url 'http://dynamicdns.park-your-domain.com/update?host=[USERNAME]&domain=[DOMAIN]&password=[PASSWORD]&ip=[IP]'\n" +
		"\toption username '@'\n\toption domain 'example.com'\n\toption password '" + canary + "'\n", []string{"@ example.com " + canary}, nil},
	{"all in the URL", "config service 'a'\n\toption enabled '1'\n\toption update_url 'http://dynamicdns.park-your-domain.com/update?host=git&domain=example.com&password=" + canary + "%21&ip=[IP]'\n",
		[]string{"git example.com " + canary + "!"}, nil},
	{"a URL that is not understood", "config service 'a'\n\toption enabled '1'\n\toption update_url 'http://dynamicdns.park-your-domain.com/update?host=x[USERNAME]&domain=example.com&password=" + canary + "'\n",
		nil, []string{"3: needs you: update_url is not understood"}},
}

var pfSenseTraps = []trap{
	{"base64, disabled and others", "<?xml version=\"1.0\"?>\n<pfsense>\n<dyndnses>\n<dyndns>\n<type>namecheap</type><username/><host>www</host><domainname>example.com</domainname>" +
		"<password>Y0FuQXJZLTAxMjM0NTY3ODk=</password><enable/></dyndns>\n<dyndns><type>namecheap</type><host>@</host><domainname>example.com</domainname><password>eA==</password></dyndns>\n" +
		"<dyndns><type>dyndns</type><enable/></dyndns>\n<dyndns><type>namecheap</type><host>git</host><domainname>example.com</domainname><password>" + canary + "</password><enable/></dyndns>\n</dyndnses></pfsense>\n",
		[]string{"www example.com " + canary, "git example.com " + canary},
		[]string{"6: left out: it is switched off", "7: left out: for another provider", "8: needs you: the password is not in base64"}},
	{"broken", "<pfsense><dyndnses><dyndns><type>namecheap</type><host>www</host></dyndnses>\n", nil, []string{"1: cannot be read: this is not valid XML"}},
}

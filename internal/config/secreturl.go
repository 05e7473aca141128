package config

import "errors"

// secretURL is where the URL of a section is found, by its keys name_env and name_file; the zero value where there is none.
func (c *checker) secretURL(section, name, env, file string) PasswordRef {
	n, written := c.find(section)
	if !written {
		return PasswordRef{}
	}
	byEnv, byFile := name+"_env", name+"_file"
	if env != "" && file != "" {
		c.fail(section+"."+byEnv, errors.New("cannot be combined with "+byFile+"; keep one of the two"))
		return PasswordRef{}
	}
	ref, key := PasswordRef{Env: env, File: file}, byEnv
	if file != "" {
		key = byFile
	}
	if at := child(n, key); at != nil {
		ref.Line, ref.Column = at.Line, at.Column
	} else if child(n, byFile) == nil && !c.merges[section] && !c.reported[section+"."+byEnv] && !c.reported[section+"."+byFile] {
		c.add(n, section, "needs "+byEnv+", the name of the variable that holds the URL, or "+byFile)
	}
	if env == "" && file == "" {
		return PasswordRef{}
	}
	return ref
}

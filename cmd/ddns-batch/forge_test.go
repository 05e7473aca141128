package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// issueForm is what a forge makes a form of.
type issueForm struct {
	Name        string
	Description string
	Body        []struct {
		Type       string
		ID         string
		Attributes struct {
			Label, Description, Placeholder, Render, Value string
			Options                                        []string
		}
		Validations struct{ Required bool }
	}
}

// TestIssueFormsAskForDoctor: whoever has a problem is asked for what doctor prints, and no form has a key that no forge knows.
func TestIssueFormsAskForDoctor(t *testing.T) {
	forms, err := filepath.Glob(filepath.Join("..", "..", ".github", "ISSUE_TEMPLATE", "*.yml"))
	if err != nil || len(forms) < 3 {
		t.Fatalf("%q, %v", forms, err)
	}
	for _, path := range forms {
		if filepath.Base(path) == "config.yml" {
			continue
		}
		name := ".github/ISSUE_TEMPLATE/" + filepath.Base(path)
		d := yaml.NewDecoder(bytes.NewReader([]byte(readProject(t, name))))
		d.KnownFields(true)
		var form issueForm
		if err := d.Decode(&form); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		asks := false
		for _, field := range form.Body {
			if field.Type != "markdown" && (field.ID == "" || field.Attributes.Label == "") {
				t.Errorf("%s: a field has no id or no label: %+v", name, field)
			}
			asks = asks || strings.Contains(field.Attributes.Label, "ddns-batch doctor -o json")
		}
		if form.Name == "" || form.Description == "" || !asks {
			t.Errorf("%s does not ask for what doctor prints", name)
		}
	}
}

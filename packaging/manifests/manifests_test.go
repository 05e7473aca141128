package manifests

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const folder = "../../examples/kubernetes"

// kinds are the objects that the examples may have.
var kinds = map[metav1.TypeMeta]func() any{
	{APIVersion: "v1", Kind: "ConfigMap"}:             func() any { return new(corev1.ConfigMap) },
	{APIVersion: "v1", Kind: "Secret"}:                func() any { return new(corev1.Secret) },
	{APIVersion: "v1", Kind: "PersistentVolumeClaim"}: func() any { return new(corev1.PersistentVolumeClaim) },
	{APIVersion: "batch/v1", Kind: "CronJob"}:         func() any { return new(batchv1.CronJob) },
	{APIVersion: "apps/v1", Kind: "Deployment"}:       func() any { return new(appsv1.Deployment) },
}

// objects reads a file with several of them. A field that Kubernetes does not know, or one that is there twice, fails the test.
func objects(t *testing.T, name string) []any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	var all []any
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		var kind metav1.TypeMeta
		if err := yaml.Unmarshal(document, &kind); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		make, known := kinds[kind]
		if !known {
			t.Fatalf("%s: there is no kind %+v", name, kind)
		}
		object := make()
		if err := yaml.UnmarshalStrict(document, object); err != nil {
			t.Errorf("%s: %s: %v", name, kind.Kind, err)
		}
		all = append(all, object)
	}
	return all
}

// TestPodsHaveNoRights and find what config.yaml makes.
func TestPodsHaveNoRights(t *testing.T) {
	pods := map[string]corev1.PodSpec{}
	for _, o := range append(objects(t, "cronjob.yaml"), objects(t, "watch.yaml")...) {
		switch o := o.(type) {
		case *batchv1.CronJob:
			pods["cronjob.yaml"] = o.Spec.JobTemplate.Spec.Template.Spec
			if o.Spec.ConcurrencyPolicy != batchv1.ForbidConcurrent || *o.Spec.JobTemplate.Spec.BackoffLimit != 0 {
				t.Errorf("runs may meet: %+v", o.Spec)
			}
		case *appsv1.Deployment:
			pods["watch.yaml"] = o.Spec.Template.Spec
			if *o.Spec.Replicas != 1 || o.Spec.Strategy.Type != appsv1.RecreateDeploymentStrategyType {
				t.Errorf("two may be there at once: %+v", o.Spec)
			}
			if !slices.Equal(o.Spec.Template.Spec.Containers[0].Args, []string{"watch"}) {
				t.Error("it does not watch")
			}
			for label, value := range o.Spec.Selector.MatchLabels {
				if o.Spec.Template.Labels[label] != value {
					t.Errorf("its pods do not have the label %s=%s", label, value)
				}
			}
		}
	}
	if len(pods) != 2 {
		t.Fatalf("%d pods", len(pods))
	}
	for name, pod := range pods {
		t.Run(name, func(t *testing.T) {
			restricted(t, pod)
			mounted(t, pod)
		})
	}
}

// restricted wants what Kubernetes calls the restricted standard, and more: a root folder that cannot be written, and no token.
func restricted(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	s := pod.SecurityContext
	if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || *s.RunAsUser != 65532 || *s.RunAsGroup != 65532 || *s.FSGroup != 65532 ||
		s.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("%+v", s)
	}
	if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
		t.Error("it gets a token")
	}
	if len(pod.Containers) != 1 {
		t.Fatalf("%d containers", len(pod.Containers))
	}
	c := pod.Containers[0].SecurityContext
	if c == nil || c.ReadOnlyRootFilesystem == nil || !*c.ReadOnlyRootFilesystem || c.AllowPrivilegeEscalation == nil || *c.AllowPrivilegeEscalation ||
		!slices.Equal(c.Capabilities.Drop, []corev1.Capability{"ALL"}) || len(c.Capabilities.Add) > 0 {
		t.Errorf("%+v", c)
	}
}

func mounted(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	made := map[string]bool{}
	for _, o := range objects(t, "config.yaml") {
		switch o := o.(type) {
		case *corev1.ConfigMap:
			made["config map "+o.Name] = o.Data["hosts.yaml"] != ""
		case *corev1.Secret:
			made["secret "+o.Name] = len(o.StringData) > 0
		case *corev1.PersistentVolumeClaim:
			made["claim "+o.Name] = true
		}
	}
	named := map[string]string{}
	for _, v := range pod.Volumes {
		switch {
		case v.ConfigMap != nil:
			named[v.Name] = "config map " + v.ConfigMap.Name
		case v.Secret != nil:
			named[v.Name] = "secret " + v.Secret.SecretName
		case v.PersistentVolumeClaim != nil:
			named[v.Name] = "claim " + v.PersistentVolumeClaim.ClaimName
		}
	}
	paths := map[string]bool{}
	for _, m := range pod.Containers[0].VolumeMounts {
		paths[m.MountPath] = true
		if !made[named[m.Name]] {
			t.Errorf("%s is %q, which config.yaml does not make", m.MountPath, named[m.Name])
		}
		if m.ReadOnly != (m.MountPath != "/state") {
			t.Errorf("%s: read only is %v", m.MountPath, m.ReadOnly)
		}
	}
	for _, path := range []string{"/etc/ddns-batch", "/run/secrets", "/state"} {
		if !paths[path] {
			t.Errorf("%s is not mounted", path)
		}
	}
}

func TestComposeFileIsSound(t *testing.T) {
	if _, err := exec.LookPath("docker-compose"); err != nil {
		if os.Getenv("DDNS_BATCH_COMPOSE") == "required" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	if out, err := exec.Command("docker-compose", "--file", "../../examples/compose/compose.yaml", "config", "--quiet").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

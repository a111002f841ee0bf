package deploy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	apps "k8s.io/api/apps/v1"
	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"sigs.k8s.io/yaml"

	"wardroom/server/cmd/wardroom/assembly"
)

// manifests are what kustomization.yaml names, each decoded into Kubernetes'
// own type for it: a field that there is not is an error.
type manifests struct {
	sets      []*apps.StatefulSet
	jobs      []*batch.Job
	settings  map[string]*core.ConfigMap
	services  map[string]*core.Service
	policies  map[string]*networking.NetworkPolicy
	budgets   []*policy.PodDisruptionBudget
	ingresses []*networking.Ingress
}

func decoded(t *testing.T) *manifests {
	t.Helper()
	dir := filepath.Join(repo(t), "deploy", "kubernetes")
	var list struct {
		Resources []string `json:"resources"`
	}
	b, err := os.ReadFile(filepath.Join(dir, "kustomization.yaml"))
	if err == nil {
		err = yaml.Unmarshal(b, &list)
	}
	if err != nil || len(list.Resources) == 0 {
		t.Fatalf("kustomization.yaml names nothing: %v", err)
	}
	m := &manifests{settings: map[string]*core.ConfigMap{}, services: map[string]*core.Service{}, policies: map[string]*networking.NetworkPolicy{}}
	for _, file := range append(list.Resources, "secrets.example.yaml") {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range regexp.MustCompile(`(?m)^---$`).Split(string(text), -1) {
			m.take(t, file, []byte(doc))
		}
	}
	return m
}

func (m *manifests) take(t *testing.T, file string, doc []byte) {
	t.Helper()
	var head struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
	}
	if err := yaml.Unmarshal(doc, &head); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	into := func(as any) {
		if err := yaml.UnmarshalStrict(doc, as); err != nil {
			t.Errorf("%s: %s %s: %v", file, head.APIVersion, head.Kind, err)
		}
	}
	switch head.APIVersion + " " + head.Kind {
	case "apps/v1 StatefulSet":
		v := &apps.StatefulSet{}
		into(v)
		m.sets = append(m.sets, v)
	case "batch/v1 Job":
		v := &batch.Job{}
		into(v)
		m.jobs = append(m.jobs, v)
	case "v1 ConfigMap":
		v := &core.ConfigMap{}
		into(v)
		m.settings[v.Name] = v
	case "v1 Service":
		v := &core.Service{}
		into(v)
		m.services[v.Name] = v
	case "networking.k8s.io/v1 NetworkPolicy":
		v := &networking.NetworkPolicy{}
		into(v)
		m.policies[v.Name] = v
	case "networking.k8s.io/v1 Ingress":
		v := &networking.Ingress{}
		into(v)
		m.ingresses = append(m.ingresses, v)
	case "policy/v1 PodDisruptionBudget":
		v := &policy.PodDisruptionBudget{}
		into(v)
		m.budgets = append(m.budgets, v)
	case "v1 Namespace":
		into(&core.Namespace{})
	case "v1 ServiceAccount":
		into(&core.ServiceAccount{})
	case "v1 Secret":
		into(&core.Secret{})
	default:
		t.Errorf("%s: %s %s is of a kind that nobody reads", file, head.APIVersion, head.Kind)
	}
}

func TestEachPodIsOfTheRestrictedKind(t *testing.T) {
	m := decoded(t)
	if len(m.sets) != 1 || len(m.jobs) != 1 {
		t.Fatalf("%d sets and %d jobs", len(m.sets), len(m.jobs))
	}
	for what, pod := range map[string]core.PodSpec{"nodes": m.sets[0].Spec.Template.Spec, "migrate": m.jobs[0].Spec.Template.Spec} {
		s := pod.SecurityContext
		if s == nil || s.RunAsNonRoot == nil || !*s.RunAsNonRoot || s.SeccompProfile == nil || s.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault {
			t.Errorf("%s: the pod may run as root, or without seccomp", what)
		}
		if pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken {
			t.Errorf("%s: the pod holds a token of the cluster's", what)
		}
		for _, c := range append(pod.InitContainers, pod.Containers...) {
			s := c.SecurityContext
			if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
				s.Capabilities == nil || len(s.Capabilities.Drop) != 1 || s.Capabilities.Drop[0] != "ALL" || len(s.Capabilities.Add) > 0 {
				t.Errorf("%s: %s may do more than it needs", what, c.Name)
			}
			if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
				t.Errorf("%s: %s says nothing of its size", what, c.Name)
			}
			for _, e := range c.Env {
				if strings.HasSuffix(e.Name, "_URL") || strings.Contains(e.Name, "SECRET") && !strings.HasSuffix(e.Name, "_FILE") {
					t.Errorf("%s: %s stands in the pod's environment", what, e.Name)
				}
			}
		}
	}
}

func TestANodeInAPodStartsWithItsSettingsAndHasTimeToLeave(t *testing.T) {
	m := decoded(t)
	set := m.sets[0]
	pod := set.Spec.Template.Spec
	node := pod.Containers[0]
	settings := map[string]string{}
	for _, from := range node.EnvFrom {
		for k, v := range m.settings[from.ConfigMapRef.Name].Data {
			settings[k] = v
		}
	}
	for _, e := range node.Env {
		settings[e.Name] = e.Value
	}
	serves(t, "nodes", settings)

	before := time.Duration(node.Lifecycle.PreStop.Sleep.Seconds) * time.Second
	if has := time.Duration(*pod.TerminationGracePeriodSeconds) * time.Second; has < before+assembly.LongestStop+5*time.Second {
		t.Errorf("a node is killed after %v, and may need %v after %v", has, assembly.LongestStop, before)
	}
	if p := node.ReadinessProbe; p.HTTPGet.Path != "/readyz" || p.HTTPGet.Port.StrVal != "operator" {
		t.Error("readiness is not asked at /readyz of the operator's port")
	}
	if p := node.LivenessProbe; p.HTTPGet.Path != "/healthz" {
		t.Error("a database that is down would restart every node: liveness is /healthz alone")
	}
	// What the ledger and the checkpoints are written to outlives the pod.
	mounted := map[string]string{}
	for _, v := range node.VolumeMounts {
		mounted[v.MountPath] = v.Name
	}
	for _, name := range []string{"WARDROOM_LEDGER", "WARDROOM_CHECKPOINTS"} {
		if volume := mounted[filepath.Dir(settings[name])]; volume == "" || volume != set.Spec.VolumeClaimTemplates[0].Name {
			t.Errorf("%s is on the volume %q, which does not outlive the pod", name, volume)
		}
	}
}

func TestTheManifestsFitTogether(t *testing.T) {
	m := decoded(t)
	set := m.sets[0]
	labels := set.Spec.Template.Labels
	chosen := func(what string, want map[string]string) {
		t.Helper()
		if len(want) == 0 {
			t.Errorf("%s chooses every pod", what)
		}
		for k, v := range want {
			if labels[k] != v {
				t.Errorf("%s does not choose the nodes: %s=%s", what, k, v)
			}
		}
	}
	chosen("the set", set.Spec.Selector.MatchLabels)
	chosen("the budget", m.budgets[0].Spec.Selector.MatchLabels)
	chosen("their policy", m.policies["nodes"].Spec.PodSelector.MatchLabels)
	for name, s := range m.services {
		chosen("the service "+name, s.Spec.Selector)
	}
	if m.services[set.Spec.ServiceName] == nil {
		t.Errorf("there is no service %s", set.Spec.ServiceName)
	}
	if b := m.budgets[0].Spec; b.MaxUnavailable == nil || b.MaxUnavailable.IntValue() != 1 || *set.Spec.Replicas < 2 {
		t.Error("two nodes may leave at once, or there is one only")
	}
	for _, c := range set.Spec.Template.Spec.TopologySpreadConstraints {
		chosen("the spread", c.LabelSelector.MatchLabels)
	}
	deny := m.policies["nobody"]
	if deny == nil || len(deny.Spec.PodSelector.MatchLabels) != 0 || len(deny.Spec.PolicyTypes) != 2 || len(deny.Spec.Ingress)+len(deny.Spec.Egress) != 0 {
		t.Error("what no policy allows is not refused")
	}
	backend := m.ingresses[0].Spec.Rules[0].HTTP.Paths[0].Backend.Service
	if s := m.services[backend.Name]; s == nil || s.Spec.Ports[0].Name != backend.Port.Name {
		t.Error("the ingress leads nowhere")
	}
	ports := map[string]bool{}
	for _, p := range set.Spec.Template.Spec.Containers[0].Ports {
		ports[p.Name] = true
	}
	for name, s := range m.services {
		if !ports[s.Spec.Ports[0].TargetPort.StrVal] {
			t.Errorf("the service %s leads to a port that no container has", name)
		}
	}
	if host := m.ingresses[0].Spec.Rules[0].Host; m.settings["wardroom-settings"].Data["WARDROOM_PUBLIC_URL"] != "https://"+host {
		t.Errorf("the ingress is for %s and the nodes for another", host)
	}
}

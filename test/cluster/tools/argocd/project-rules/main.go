// Reads documents {"project": AppProject, "questions": [...]} from standard input and answers each with one line, a list of
// booleans: whether Argo CD permits it, by its own rules. A question is {"source": REPOSITORY}, or an object that an Application of the project
// would make: {"server", "group", "kind", "namespace", "name"}, one in no namespace without "namespace".
// A project that Argo CD itself would refuse is an error.
package main

import (
	"encoding/json"
	"os"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

type question struct {
	Source, Server, Group, Kind, Namespace, Name string
}

func main() {
	in := json.NewDecoder(os.Stdin)
	in.DisallowUnknownFields()
	for in.More() {
		var asked struct {
			Project   v1alpha1.AppProject
			Questions []question
		}
		must(in.Decode(&asked))
		must(asked.Project.ValidateProject())
		answers := make([]bool, len(asked.Questions))
		for i, each := range asked.Questions {
			answers[i] = each.isPermitted(asked.Project)
		}
		must(json.NewEncoder(os.Stdout).Encode(answers))
	}
}

func (q question) isPermitted(project v1alpha1.AppProject) bool {
	if q.Source != "" {
		return project.IsSourcePermitted(v1alpha1.ApplicationSource{RepoURL: q.Source})
	}
	kind := schema.GroupKind{Group: q.Group, Kind: q.Kind}
	cluster := &v1alpha1.Cluster{Server: q.Server}
	permitted, err := project.IsResourcePermitted(kind, q.Name, q.Namespace, cluster, noClusters)
	must(err)
	return permitted
}

func noClusters(string) ([]*v1alpha1.Cluster, error) { return nil, nil }

func must(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}

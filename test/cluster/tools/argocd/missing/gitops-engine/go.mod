// What Argo CD's rules are compiled with in place of gitops-engine, a module inside Argo CD's repository that the proxy
// does not serve. The rules of a project use nothing of it: here are the names, and no more, that the packages around
// them refer to.
module github.com/argoproj/argo-cd/gitops-engine

go 1.26.0

// Resource definitions: the Prometheus operator's, MetalLB's, cert-manager's and Argo CD's, in the versions that the pinned charts bring.
module vmstation/test/cluster/tools/crds

go 1.26.0

require (
	github.com/argoproj/argo-cd/v3 v3.4.4
	github.com/cert-manager/cert-manager v1.21.1
	github.com/prometheus-operator/prometheus-operator v0.93.1
	go.universe.tf/metallb v0.16.1
)

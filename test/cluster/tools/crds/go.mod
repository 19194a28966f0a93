// Resource definitions: the Prometheus operator's, MetalLB's and cert-manager's, in the versions that the pinned charts bring.
module vmstation/test/cluster/tools/crds

go 1.26.0

require (
	github.com/cert-manager/cert-manager v1.21.1
	github.com/prometheus-operator/prometheus-operator v0.93.1
	go.universe.tf/metallb v0.16.1
)

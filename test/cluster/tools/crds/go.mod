// The Prometheus operator's resource definitions, in the version that the pinned chart of them brings.
module vmstation/test/cluster/tools/crds

go 1.26.0

require github.com/prometheus-operator/prometheus-operator v0.93.1

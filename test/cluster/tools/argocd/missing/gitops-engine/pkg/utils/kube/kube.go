// Package kube says which object is meant.
package kube

type ResourceKey struct{ Group, Kind, Namespace, Name string }

func NewResourceKey(group, kind, namespace, name string) ResourceKey {
	return ResourceKey{group, kind, namespace, name}
}

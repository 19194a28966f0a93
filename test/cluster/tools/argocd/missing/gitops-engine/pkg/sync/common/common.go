// Package common names the steps of a synchronisation, and what became of them.
package common

type (
	OperationPhase string
	ResultCode     string
	HookType       string
	SyncPhase      string
)

const ResultCodePruneSkipped ResultCode = "PruneSkipped"

const AnnotationDeletionApproved = "argocd.argoproj.io/deletion-approved"

// Package tracing logs how long a program ran; none is run in this build.
package tracing

type Tracer struct{}

type Span struct{}

func NewLoggingTracer(any) Tracer { return Tracer{} }

func (Tracer) StartSpan(string) Span { return Span{} }

func (Span) SetBaggageItem(string, any) {}

func (Span) Finish() {}

// Package ext stands in for a module inside Traefik's repository that the proxy does not serve. Traefik embeds these types
// so that other products can add fields; in Traefik itself they are empty.
package ext

type HTTP struct{}

type Router struct{}

type RouterIng struct{}

func (RouterIng) ToRouter() Router { return Router{} }

// Package withouttoken removes a stream token from a request, so that it goes no further than the proxy.
package withouttoken

import (
	"context"
	"net/http"
	"strings"
)

// Config has no settings.
type Config struct{}

// CreateConfig makes the configuration that Traefik fills.
func CreateConfig() *Config { return &Config{} }

// New makes the middleware.
func New(_ context.Context, next http.Handler, _ *Config, _ string) (http.Handler, error) {
	return http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
		request.URL.RawQuery = without(request.URL.RawQuery, "&", "token=")
		request.RequestURI = request.URL.RequestURI()
		if strings.Contains(request.Header.Get("Authorization"), "pub_tok_") {
			request.Header.Del("Authorization")
		}
		offered := strings.Join(request.Header.Values("Sec-WebSocket-Protocol"), ",")
		if rest := without(offered, ",", "stream-token."); rest != "" {
			request.Header.Set("Sec-WebSocket-Protocol", rest)
		} else {
			request.Header.Del("Sec-WebSocket-Protocol")
		}
		next.ServeHTTP(response, request)
	}), nil
}

// The elements of a list that do not begin with prefix.
func without(list, separator, prefix string) string {
	kept := []string{}
	for _, each := range strings.Split(list, separator) {
		if each = strings.TrimSpace(each); each != "" && !strings.HasPrefix(each, prefix) {
			kept = append(kept, each)
		}
	}
	return strings.Join(kept, separator)
}

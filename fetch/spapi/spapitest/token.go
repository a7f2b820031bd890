package spapitest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// token is an access token, or one for a single resource.
type token struct {
	ends time.Time
	path string // "": all
}

func or(s, d string) string {
	if s == "" {
		return d
	}
	return s
}

// login is Login with Amazon.
func (a *Amazon) login(r *http.Request, now time.Time) answer {
	if r.Header.Get("Authorization") != "" {
		a.violation("the app's secret in an Authorization header")
	}
	if r.URL.RawQuery != "" {
		a.violation("a query at Login with Amazon: %s", r.URL.RawQuery)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	form, bad := url.ParseQuery(string(body))
	if err != nil || bad != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return loginError(400, "invalid_request", "The request is missing a required parameter or otherwise malformed")
	}
	switch {
	case form.Get("grant_type") != "refresh_token":
		return loginError(400, "unsupported_grant_type", "The authorization grant type is not supported by the authorization server")
	case form.Get("client_id") != or(a.ClientID, ClientID), form.Get("client_secret") != or(a.ClientSecret, ClientSecret):
		return loginError(401, "invalid_client", "Client authentication failed")
	case form.Get("refresh_token") != or(a.RefreshToken, RefreshToken):
		return loginError(400, "invalid_grant", "The request has an invalid grant parameter : refresh_token")
	}
	life := a.TokenLife
	if life == 0 {
		life = time.Hour
	}
	ans := says(200, map[string]any{
		"access_token": a.issue("Atza", &token{ends: now.Add(life)}), "refresh_token": form.Get("refresh_token"),
		"token_type": "bearer", "expires_in": int(life.Seconds()),
	})
	ans.header.Set("Content-Type", "application/json;charset=UTF-8")
	ans.header.Set("Cache-Control", "no-cache, no-store, must-revalidate")
	return ans
}

func loginError(status int, code, description string) answer {
	ans := says(status, map[string]any{"error": code, "error_description": description, "request_id": "c0ffee00-0000-4000-8000-000000000000"})
	ans.header.Set("Content-Type", "application/json;charset=UTF-8")
	return ans
}

func (a *Amazon) issue(kind string, t *token) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens == nil {
		a.tokens = map[string]*token{}
	}
	a.issued++
	text := fmt.Sprintf("%s|invented-token-%d/+=", kind, a.issued)
	a.tokens[text] = t
	return text
}

// Revoke makes every token that was handed out unknown.
func (a *Amazon) Revoke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.tokens)
}

// restrictedToken hands out a token for one resource.
func (a *Amazon) restrictedToken(r *http.Request, now time.Time) answer {
	var q struct {
		RestrictedResources []struct {
			Method, Path string
			DataElements []string
		}
	}
	err := json.NewDecoder(r.Body).Decode(&q)
	methods := []string{"GET", "PUT", "POST", "DELETE"}
	if err != nil || len(q.RestrictedResources) != 1 || !slices.Contains(methods, q.RestrictedResources[0].Method) || q.RestrictedResources[0].Path == "" {
		return refusal(400, "InvalidRequest", "Request is missing or has invalid parameters", "Resource not provided.")
	}
	text := a.issue("Atz.sprdt", &token{ends: now.Add(time.Hour), path: q.RestrictedResources[0].Path})
	return says(200, map[string]any{"restrictedDataToken": text, "expiresIn": 3600})
}

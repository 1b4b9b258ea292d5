package emulator

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"fmt"
	"time"
)

type appOption struct{ site, clientID, secretID, secret string }

// WithTokenLifetime sets how long after it was made a personal access token ends. It ends sooner when it is not signed in
// with for 15 days. The default is a year.
func WithTokenLifetime(d time.Duration) Option {
	return func(o *options) error {
		o.tokenLifetime = d
		return positive("token lifetime", int64(d))
	}
}

// WithConnectedApp adds a connected app that a site, by its content URL, trusts: whoever has a JSON Web Token signed with
// the secret, under its id and the client id, is signed in as the token says. More can be made by the API.
func WithConnectedApp(siteContentURL, clientID, secretID, secret string) Option {
	return func(o *options) error {
		if clientID == "" || secretID == "" || secret == "" {
			return fmt.Errorf("connected app %q: it has a client id, and a secret with an id", clientID)
		}
		o.apps = append(o.apps, appOption{siteContentURL, clientID, secretID, secret})
		return nil
	}
}

// WithTokenIssuer lets people in by unified access tokens: JSON Web Tokens that an issuer has signed with the private
// part of a key, RSA or ECDSA. They are for every site.
func WithTokenIssuer(name, keyID string, key crypto.PublicKey) Option {
	return func(o *options) error {
		switch key.(type) {
		case *rsa.PublicKey, *ecdsa.PublicKey:
		default:
			return fmt.Errorf("token issuer %q: a %T is no public key of RSA or ECDSA", name, key)
		}
		if name == "" || keyID == "" {
			return fmt.Errorf("token issuer %q: an issuer has a name, and its key an id", name)
		}
		o.issuers = append(o.issuers, issuer{name, keyID, key})
		return nil
	}
}

// WithSAML makes SAML a way to sign in on a site, by its content URL: users of the site may have it as authSetting. The
// emulator itself speaks no SAML.
func WithSAML(siteContentURL string) Option {
	return func(o *options) error {
		o.saml = append(o.saml, siteContentURL)
		return nil
	}
}

package roots

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"os"
	"slices"
	"strings"
)

// readBundle reads the file in which the system has its authorities; nil if there is none that can be read.
func readBundle() []byte {
	files := bundles
	if named := os.Getenv("SSL_CERT_FILE"); named != "" && len(bundles) > 0 {
		files = []string{named}
	}
	for _, file := range files {
		// As crypto/x509 does: the first that can be read is the only one.
		if text, err := os.ReadFile(file); err == nil {
			return text
		}
	}
	return nil
}

// fingerprint names an authority among those of a bundle: the beginning of the SHA-256 of its certificate as pem.Encode
// writes it. It says nothing about whether to trust the authority: being in the bundle does.
type fingerprint [8]byte

const (
	opening = "-----BEGIN CERTIFICATE-----\n"
	closing = "-----END CERTIFICATE-----\n"
	// mostRemembered is more than the servers of a run have authorities.
	mostRemembered = 16
)

func fingerprintOf(c *x509.Certificate) fingerprint {
	return fingerprintOfText(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
}

func fingerprintOfText(block []byte) fingerprint {
	sum := sha256.Sum256(block)
	return fingerprint(sum[:len(fingerprint{})])
}

// pick is a pool of those in the bundle that are expected; nil if there are none. It decodes no others, which is most of
// the work with a bundle. A certificate that is written otherwise than pem.Encode does is not found.
func pick(bundle []byte, expected []fingerprint) *x509.CertPool {
	if len(expected) == 0 {
		return nil
	}
	pool, found := x509.NewCertPool(), false
	for {
		begin := bytes.Index(bundle, []byte(opening))
		if begin < 0 {
			break
		}
		bundle = bundle[begin:]
		end := bytes.Index(bundle, []byte(closing))
		if end < 0 {
			break
		}
		block := bundle[:end+len(closing)]
		bundle = bundle[len(block):]
		if slices.Contains(expected, fingerprintOfText(block)) {
			found = pool.AppendCertsFromPEM(block) || found
		}
	}
	if !found {
		return nil
	}
	return pool
}

// parseFingerprints reads what formatFingerprints wrote, and passes over all else.
func parseFingerprints(text string) []fingerprint {
	var all []fingerprint
	for word := range strings.FieldsSeq(text) {
		if b, err := hex.DecodeString(word); err == nil && len(b) == len(fingerprint{}) && len(all) < mostRemembered {
			all = append(all, fingerprint(b))
		}
	}
	return all
}

// formatFingerprints writes those of now in an order of their own, and then the others of before.
func formatFingerprints(now, before []fingerprint) string {
	now = slices.Clone(now)
	slices.SortFunc(now, func(a, b fingerprint) int { return bytes.Compare(a[:], b[:]) })
	for _, f := range before {
		if !slices.Contains(now, f) {
			now = append(now, f)
		}
	}
	var words []string
	for _, f := range now[:min(len(now), mostRemembered)] {
		words = append(words, hex.EncodeToString(f[:]))
	}
	return strings.Join(words, " ")
}

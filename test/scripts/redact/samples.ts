/** A key and a token, as a log may have them. */
export const KEY_BODY = "MC4CAQAwBQYDK2VwBCIEIA9fUq3vXyZQhYpU1m0bO3x2sW8tq7rKQm1nVfUo5dCe";
export const PEM = `-----BEGIN PRIVATE KEY-----\n${KEY_BODY}\n-----END PRIVATE KEY-----\n`;
export const JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlLW9mLXRoaXM";

/**
 * Every version of the wire format, oldest first, with the SHA-256 of its canonical form (RFC 8785). A released
 * line is never changed: a new format is a new version (SHP-11).
 */
export const CONTRACT_HISTORY: Readonly<Record<string, string>> = {
  '1.0.0': 'abdfb1508e27126eacd222b10b0c3b74b883551da745c7498e653d8bde7499a1',
}

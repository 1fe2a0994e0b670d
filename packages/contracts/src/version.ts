/** Semantic version of the wire format. A test pins it to a hash of every schema (see contract-history.ts). */
export const CONTRACT_VERSION = '1.3.0'

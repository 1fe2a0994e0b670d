import type { Sha256 } from '@fieldsync/domain'
import { sha256 as digest } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'

/** Synchronous and the same on every platform, unlike the platforms' own. */
export const sha256: Sha256 = (text) => bytesToHex(digest(utf8ToBytes(text)))

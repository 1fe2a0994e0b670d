import { z } from 'zod'

/** Semantic version of the wire format. A test pins it to a hash of every schema (see contract-history.ts). */
export const CONTRACT_VERSION = '1.8.0'

/**
 * Header by which client and server announce their contract version, on every request and every answer (HDR-4). A side
 * that announces none is taken to speak {@link UNANNOUNCED_CONTRACT_VERSION}.
 */
export const CONTRACT_HEADER = 'fieldsync-contract'
/** The last version without an announcement. */
export const UNANNOUNCED_CONTRACT_VERSION = '1.3.0'

/**
 * The oldest version that a server still takes from a client (HDR-9). Raised only to one that was replaced at least 24 months ago:
 * a phone may have had notes in its queue for that long (docs/upgrading.md).
 */
export const MINIMUM_CONTRACT_VERSION = '1.0.0'

/** The first version whose clients know the action `wipe`; others get `revoked` in its place (WIP-2). */
export const WIPE_CONTRACT_VERSION = '1.7.0'

/** A version of the wire format as it is announced: three numbers. */
export const ContractVersion = z
  .string()
  .max(32)
  .regex(/^\d+\.\d+\.\d+$/, 'must look like 1.4.0')
export type ContractVersion = z.infer<typeof ContractVersion>

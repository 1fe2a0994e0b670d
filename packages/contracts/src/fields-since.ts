import type { ContractReason } from './errors.ts'
import { CONTRACT_VERSION, ContractVersion, MINIMUM_CONTRACT_VERSION } from './version.ts'

/** The shapes that a client sends and a server reads strictly. */
export type SentShape = 'observation' | 'recommendation' | 'playbookPatch' | 'report'

/**
 * The fields added after version 1.3.0, by JSON Pointer, with the version that added each. A field that a server lacks
 * is omitted from requests to it (ENG-32). A test compares this with the pinned schemas of 1.3.0: it fails for a new
 * field without a line here.
 */
export const FIELDS_SINCE: Readonly<Record<SentShape, Readonly<Record<string, string>>>> = {
  observation: {
    '/notObserved': '1.4.0',
    '/location/source': '1.4.0',
    '/location/accuracyM': '1.4.0',
  },
  recommendation: {},
  playbookPatch: {},
  report: { '/localOnly': '1.4.0', '/checkpoint': '1.7.0' },
}

/** A contract version as the other side announced it; undefined for none, or one that is not a version. */
export function readContractVersion(announced: unknown): ContractVersion | undefined {
  const read = ContractVersion.safeParse(typeof announced === 'string' ? announced.trim() : announced)
  return read.success ? read.data : undefined
}

/** True if `version` came before `other`; both as {@link readContractVersion} returns them. */
export function isOlderContract(version: string, other: string): boolean {
  const others = numbersOf(other)
  const difference = numbersOf(version)
    .map((part, i) => part - (others[i] ?? 0))
    .find((each) => each !== 0)
  return difference !== undefined && difference < 0
}

/**
 * Why a server cannot serve a client of this version (HDR-9); undefined where it can. A later minor version of the same major
 * one is served: such a client omits what this server lacks (ENG-32).
 */
export function contractRefusal(announced: string | undefined): ContractReason | undefined {
  if (announced === undefined) return undefined
  if (isOlderContract(announced, MINIMUM_CONTRACT_VERSION)) return 'client_older'
  const [major = 0] = numbersOf(announced)
  return major > (numbersOf(CONTRACT_VERSION)[0] ?? 0) ? 'client_newer' : undefined
}

const numbersOf = (version: string): number[] => version.split('.').map(Number)

/** Pointers of the fields of a shape that a server of this version lacks. */
export const fieldsLackedBy = (shape: SentShape, version: string): string[] =>
  Object.entries(FIELDS_SINCE[shape]).flatMap(([pointer, since]) =>
    isOlderContract(version, since) ? [pointer] : [],
  )

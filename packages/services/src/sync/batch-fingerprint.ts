import type { SyncBatchRequest } from '@fieldsync/contracts'
import { canonicalRecord, canonicalText } from '@fieldsync/domain'
import { sha256 } from '../verb/sha256.ts'
import type { CanonicalUpserts } from './working-set.ts'

/** The canonical text of every record of a batch. */
export const canonicalUpserts = (upserts: SyncBatchRequest['upserts']): CanonicalUpserts => ({
  observations: upserts.observations.map((record) => canonicalRecord(record)),
  recommendations: upserts.recommendations.map((record) => canonicalRecord(record)),
  playbookPatches: upserts.playbookPatches.map((record) => canonicalRecord(record)),
})

/**
 * SHA-256 over the RFC 8785 form of a batch (IDM rules), put together from the texts of its records so that nothing
 * is canonicalised twice.
 */
export function batchFingerprint(input: SyncBatchRequest, upserts: CanonicalUpserts): string {
  const { upserts: _, ...frame } = input
  const members = Object.entries(frame)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]): [string, string] => [key, canonicalText(value)])
  members.push(['upserts', object([
    ['observations', texts(upserts.observations)],
    ['playbookPatches', texts(upserts.playbookPatches)],
    ['recommendations', texts(upserts.recommendations)],
  ])])
  return sha256(object(members.sort(([a], [b]) => (a < b ? -1 : 1))))
}

const texts = (records: readonly { text: string }[]): string => `[${records.map(({ text }) => text).join(',')}]`

const object = (members: readonly (readonly [string, string])[]): string =>
  `{${members.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`

import { createHmac, randomBytes } from 'node:crypto'

/** What the database keeps of a token: useless without the pepper, which is kept elsewhere (ACC rules). */
export const hashToken = (pepper: Buffer, token: string): Buffer =>
  createHmac('sha256', pepper).update(token, 'utf8').digest()

/** A new pre-shared token: 256 random bits, with a prefix by which leaked ones can be searched for. */
export const mintToken = (): string => `fsd_${randomBytes(32).toString('base64url')}`

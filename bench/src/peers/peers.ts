import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Dialect } from '../dialects.ts'

/** Another project that synchronizes documents with phones, as npm has it. */
export type Peer = {
  readonly name: string
  /** Its server, in this folder. */
  readonly script: string
  readonly packages: Readonly<Record<string, string>>
  readonly dialect: Dialect
}

const JSON_HEADERS = { 'content-type': 'application/json' }

/** For the one peer that cannot be called without a credential. */
export const PEER_SECRET = 'of-a-benchmark-on-the-loopback-alone'
const base64url = (claims: object): string => Buffer.from(JSON.stringify(claims)).toString('base64url')
const unsigned = `${base64url({ alg: 'HS256', typ: 'JWT' })}.${base64url({ 'x-triplit-token-type': 'secret', 'x-triplit-project-id': 'bench' })}`
const TRIPLIT_HEADERS = {
  ...JSON_HEADERS,
  authorization: `Bearer ${unsigned}.${createHmac('sha256', PEER_SECRET).update(unsigned).digest('base64url')}`,
}

const get = (address: string) => ({ method: 'GET', path: address, body: '' }) as const

/** Answers of pulls; those of pushes lack what is read here. */
type Fetched = readonly { readonly id: string }[]
type Changes = { readonly last_seq?: number | string }
type Pulled = { readonly documents?: readonly unknown[]; readonly checkpoint: { id: string; lwt: number } }

/** What each returns of its last pull is its cursor; a push returns none, and leaves it. */
export const PEERS: readonly Peer[] = [
  {
    name: 'Triplit (LMDB)',
    script: 'triplit-server.mjs',
    packages: { '@triplit/server': '1.1.8', lmdb: '3.5.6' },
    dialect: {
      prepare: ({ observations, maxDownstream }) => {
        const inserts = observations.map((each) => ({
          id: each.observationId,
          document: JSON.stringify(each),
        }))
        const pushed = JSON.stringify({ observations: inserts })
        if (inserts.length > 0)
          return () => ({
            method: 'POST',
            path: '/bulk-insert?noReturn=true',
            headers: TRIPLIT_HEADERS,
            body: pushed,
          })
        return (cursor) => {
          const where = [['id', '>', cursor]]
          const query = {
            collectionName: 'observations',
            where,
            order: [['id', 'ASC']],
            limit: maxDownstream,
          }
          return { method: 'POST', path: '/fetch', headers: TRIPLIT_HEADERS, body: JSON.stringify({ query }) }
        }
      },
      next: (answer, cursor) => {
        const fetched = JSON.parse(answer) as Fetched | object
        const found = Array.isArray(fetched) ? (fetched as Fetched) : []
        return { cursor: found.at(-1)?.id ?? cursor, hasMore: found.length > 0 }
      },
    },
  },
  {
    name: 'PouchDB Server (LevelDB, not flushed)',
    script: 'pouchdb-server.mjs',
    packages: { 'express-pouchdb': '4.2.0', pouchdb: '9.0.0', express: '4.22.3' },
    dialect: {
      prepare: ({ observations, maxDownstream }) => {
        const docs = observations.map((each) => ({ _id: each.observationId, ...each }))
        const pushed = JSON.stringify({ docs })
        if (docs.length > 0)
          return () => ({ method: 'POST', path: '/bench/_bulk_docs', headers: JSON_HEADERS, body: pushed })
        return (cursor) =>
          get(
            `/bench/_changes?include_docs=true&limit=${maxDownstream}&since=${cursor === '' ? '0' : cursor}`,
          )
      },
      next: (answer, cursor) => {
        const { last_seq: last } = JSON.parse(answer) as Changes
        const next = last === undefined ? cursor : String(last)
        return { cursor: next, hasMore: next !== cursor }
      },
    },
  },
  {
    name: 'RxDB Server (in memory)',
    script: 'rxdb-server.mjs',
    packages: { rxdb: '15.22.0', 'rxdb-server': '15.22.0', rxjs: '7.8.2', cors: '2.8.5', express: '4.22.3' },
    dialect: {
      prepare: ({ observations, maxDownstream }) => {
        const rows = observations.map((each) => ({
          newDocumentState: { id: each.observationId, document: each, _deleted: false },
        }))
        const pushed = JSON.stringify(rows)
        if (rows.length > 0)
          return () => ({ method: 'POST', path: '/bench/0/push', headers: JSON_HEADERS, body: pushed })
        return (cursor) => {
          const [lwt = '0', id = ''] = cursor.split('/')
          return get(`/bench/0/pull?limit=${maxDownstream}&lwt=${lwt}&id=${id}`)
        }
      },
      next: (answer, cursor) => {
        const { documents, checkpoint } = JSON.parse(answer) as Pulled
        if (documents === undefined) return { cursor, hasMore: false }
        return { cursor: `${checkpoint.lwt}/${checkpoint.id}`, hasMore: documents.length > 0 }
      },
    },
  },
]

const HERE = path.dirname(fileURLToPath(import.meta.url))

/**
 * Installs a peer's server from npm, unless it is there, into a folder that git ignores.
 * @returns its script
 */
export function installPeer({ name, script, packages }: Peer, say: (text: string) => void): string {
  const folder = path.join(HERE, '../../../.data/peers', path.basename(script, '.mjs'))
  const manifest = JSON.stringify({ private: true, type: 'module', dependencies: packages })
  const file = path.join(folder, 'package.json')
  if (!existsSync(file) || readFileSync(file, 'utf8') !== manifest) {
    say(`installing ${name}`)
    mkdirSync(folder, { recursive: true })
    // Under another name until all is there.
    writeFileSync(file, manifest)
    try {
      execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd: folder,
        stdio: 'inherit',
      })
    } catch (error) {
      writeFileSync(file, '{}')
      throw error
    }
  }
  cpSync(path.join(HERE, script), path.join(folder, script))
  return path.join(folder, script)
}

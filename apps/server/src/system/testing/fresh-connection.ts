import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'

import { CONTRACT_HEADER, CONTRACT_VERSION } from '@fieldsync/contracts'
import {
  type Caller,
  device,
  observation,
  type RestAnswer,
  syncBatch,
  type TestServer,
} from '@fieldsync/testkit'

type Sent = {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * One request on a connection of its own: a server with workers gives each connection to the next one in turn.
 * @throws Error when no whole answer comes
 */
export async function askAnew(
  url: string,
  { method = 'GET', headers = {}, body }: Sent = {},
): Promise<RestAnswer> {
  const sent = request(url, { method, headers, agent: false })
  sent.end(body)
  const [answer] = (await once(sent, 'response')) as [IncomingMessage]
  const chunks: Buffer[] = []
  for await (const chunk of answer) chunks.push(chunk as Buffer)
  const given = new Headers()
  for (const [name, value] of Object.entries(answer.headers))
    if (value !== undefined) given.set(name, String(value))
  return { status: answer.statusCode ?? 0, headers: given, text: Buffer.concat(chunks).toString('utf8') }
}

/** Sends a batch with one new observation on a connection of its own. */
export async function writeAnew({ url, deviceId, token }: Caller): Promise<RestAnswer> {
  const batch = syncBatch({ device: device({ deviceId }), observations: [observation({ deviceId })] })
  return await askAnew(`${url}/v1/sync/batch`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': batch.syncId,
      'x-device-token': token,
      [CONTRACT_HEADER]: CONTRACT_VERSION,
    },
    body: JSON.stringify(batch),
  })
}

/** The process ids of a server's workers by their number, as its log last named them. */
export function workerPids(server: TestServer): ReadonlyMap<number, number> {
  const found = logged(server, 'a worker process answers requests')
  return new Map(found.map(({ worker, pid }) => [Number(worker), Number(pid)]))
}

/** All log lines with this message. */
export const logged = (server: TestServer, message: string): Record<string, unknown>[] =>
  server
    .logs()
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter(({ msg }) => msg === message)

/** Whether a process is there; one that has ended and whose parent has not looked is not. */
export async function isRunning(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return status !== '' && !/\) [ZX] /.test(status)
}
